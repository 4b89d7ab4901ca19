/*
 * The bus: the Redis that carries events from domain to domain, and messages
 * to those who listen to a channel.
 *
 * Events of a domain are the stream events:<domain>.  A channel is
 *   channel:NAME       hash: epoch, made when it is born, and seq, its last number
 *   channel:NAME:log   stream: its last messages, with their numbers as ids
 * and what is published under channel:NAME.
 */
#ifndef EVENTS_BUS_H
#define EVENTS_BUS_H

#include <stdbool.h>
#include <stddef.h>

#include "data/redis.h"

#define BUS_TIMEOUT_MS	2000	/* no request waits for it */

/* One round trip of many commands. */
struct bus_batch {
	struct redis	*redis;
	redisContext	*connection;	/* NULL: it does not answer */
	int		 owed;		/* replies to come */
};

/* False: nobody answers. */
bool		 bus_begin(struct bus_batch *, struct redis *);
/* The next reply, which may be an error; the caller's to free. NULL: no more, or lost. */
redisReply	*bus_reply(struct bus_batch *);
/* True when every reply was taken; else the connection is given up. */
bool		 bus_end(struct bus_batch *);

/* One command, written as for redisCommand(). Its reply may be an error, as that there is no such stream; NULL: none came. */
redisReply	*bus_ask(struct redis *, const char *format, ...);

void		 bus_append_event(struct bus_batch *, const char *domain, const char *event, size_t size);
/* Numbers a message, keeps and publishes it; one with an id that came before does nothing. */
void		 bus_append_message(struct bus_batch *, const char *channel, const char *id, const char *json, size_t size);

/* Changes with each start of that Redis. False: it does not answer. */
bool		 bus_run_id(struct redis *, char run_id[48]);
/* For each group that takes in a domain's events: how many it has not confirmed. */
void		 bus_each_group(struct redis *, const char *domain,
		    void (*each)(void *arg, const char *group, long long waiting), void *arg);
/* Forgets the events of a domain that every group has taken in, and those of a week ago. */
void		 bus_trim(struct redis *, const char *domain);

#endif

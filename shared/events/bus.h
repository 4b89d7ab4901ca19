/*
 * The bus: the Redis that carries events from domain to domain, and messages
 * to those who listen to a channel.
 *
 * Events of a domain are the stream events:<domain>.  A channel is
 *   channel:NAME       hash: epoch, made when it is born, and seq, its last number
 *   channel:NAME:log   stream: its last messages, with their numbers as ids
 * and what is published under channel:NAME.
 *
 * A bus that starts anew, or is promoted, may lack what was told last, and give
 * its numbers to other messages.  The first half of an epoch is therefore the
 * `generation` of all channels, which a relay changes when something is missing:
 * each channel then begins anew with its next message.  That nothing is missing
 * it sees by told:<domain>, the last turn of its relay: a log and a replica lose
 * at their end only.
 */
#ifndef EVENTS_BUS_H
#define EVENTS_BUS_H

#include <stdbool.h>
#include <stddef.h>

#include "data/redis.h"

#define BUS_TIMEOUT_MS	2000	/* no request waits for it */
#define BUS_HISTORY	41	/* of hex digits, and a NUL */

/* One round trip of many commands. */
struct bus_batch {
	struct redis	*redis;
	redisContext	*connection;	/* NULL: it does not answer */
	int		 owed;		/* replies to come */
	bool		 is_replica;	/* another one was promoted: the address leads there, when it is asked again */
};

/* False: nobody answers. */
bool		 bus_begin(struct bus_batch *, struct redis *);
/* The next reply, which may be an error; the caller's to free. NULL: no more, or lost. */
redisReply	*bus_reply(struct bus_batch *);
/* True when every reply was taken; else, and of a replica, the connection is given up. */
bool		 bus_end(struct bus_batch *);

/* One command, written as for redisCommand(). Its reply may be an error, as that there is no such stream; NULL: none came. */
redisReply	*bus_ask(struct redis *, const char *format, ...);

void		 bus_append_event(struct bus_batch *, const char *domain, const char *event, size_t size);
/* Numbers a message, keeps and publishes it; one with an id that came before does nothing. */
void		 bus_append_message(struct bus_batch *, const char *channel, const char *id, const char *json, size_t size);

/* Where the bus is. */
struct bus_place {
	char		 history[BUS_HISTORY];	/* tells one course of its data from another */
	long long	 last_turn;		/* of the domain's relay that it was told of; 0: none */
};

/* Before anything else of a batch. False: no answer, or of a replica, or of one that still loads its files. */
bool		 bus_find_place(struct bus_batch *, const char *domain, struct bus_place *);
/* Behind all that was appended in this turn. */
void		 bus_append_turn(struct bus_batch *, const char *domain, long long turn);
/* Numbers of channels may have been lost: all begin anew, with their next message. False: no answer. */
bool		 bus_renew_channels(struct bus_batch *, const char *history);
/* For each group that takes in a domain's events: how many it has not confirmed. */
void		 bus_each_group(struct redis *, const char *domain,
		    void (*each)(void *arg, const char *group, long long waiting), void *arg);
/* Forgets the events of a domain that every group has taken in, and those of a week ago. */
void		 bus_trim(struct redis *, const char *domain);

#endif

/* What the one thread that talks to clients and to the bus owns. */
#ifndef REALTIME_GATEWAY_H
#define REALTIME_GATEWAY_H

#include <stdbool.h>
#include <stdint.h>

#include "wheel.h"

struct app_state;
struct asks;
struct bus;
struct channels;
struct client;
struct people;
struct used_tickets;

#define GATEWAY_INPUT	65536	/* bytes read in one go; a turn of one client */

/* Who is called when a descriptor is ready: stands first in what is watched. */
struct watcher {
	void		(*ready)(struct watcher *, uint32_t events);
};

/* The settings. */
struct terms {
	int		 sockets_per_user, joins_per_user, frames_per_s;
	int		 slow_s, ping_s;
};

struct counters {
	uint64_t	 connections;		/* open now */
	uint64_t	 accepted, refused;	/* sockets that were opened, and those that were not */
	uint64_t	 received, deliveries;	/* messages of the bus, and those given to clients */
	uint64_t	 catch_ups, slow, dropped;	/* subscribers that had to; clients, too */
	uint64_t	 gaps;			/* found between two messages of the bus, and filled */
	uint64_t	 reloads;		/* told to clients, as history was gone */
	uint64_t	 bus_reconnects, frames;
};

struct gateway {
	const struct app_state	*state;
	struct terms		 terms;
	int			 epoll;
	struct wheel		 wheel;
	struct channels		*channels;
	struct people		*people;
	struct used_tickets	*used_tickets;
	struct bus		*bus;
	struct asks		*asks;
	struct client		*connections;	/* all that are open */
	struct client		*dirty;		/* have something to send */
	struct client		*dead;		/* are freed at the end of the turn */
	bool			 draining;
	uint64_t		 poll_news;	/* of ended sessions, that were looked at */
	int64_t			 started_s;	/* since 1970 */
	struct counters		 counters;
	char			 input[GATEWAY_INPUT + 1];
};

/* False, with errno set. */
bool	 gateway_watch(const struct gateway *, int fd, uint32_t events, struct watcher *);
bool	 gateway_change(const struct gateway *, int fd, uint32_t events, struct watcher *);
/* Runs until SIGTERM and then until clients have gone; the exit status. */
int	 gateway_run(const struct app_state *);

#endif

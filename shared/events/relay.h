/*
 * The relay of a domain: takes what stands in its outbox to the bus, in its
 * order, and marks it.  Of several processes one does it at a time.
 *
 * What was published and not marked, because one of the three died, is
 * published again: a consumer knows an event by its id, a channel a message.
 * When the bus has another history than before, because it started anew or
 * another one was promoted, and lacks the last turn, then the minutes before it
 * went are told again, and channels begin anew (events/bus.h).
 */
#ifndef EVENTS_RELAY_H
#define EVENTS_RELAY_H

#include <stdbool.h>

struct db;
struct redis;
struct relay;
struct scope;

/* announcements: the datagram socket that wakes it (db_settings). NULL: no memory. */
struct relay	*relay_new(const char *domain, struct redis *bus, const char *announcements);
void		 relay_free(struct relay *);
/* Waits until something may be there, a tenth of a second at most, and publishes up to 1,000. True: there may be more. */
bool		 relay_step(struct relay *, struct db *, struct scope *);

#endif

/*
 * Events that a domain takes in from the bus, its own or others'.
 *
 * Each is in effect once: its id and what its handler did are one transaction.
 * Events of one aggregate come in their order.  One whose handler fails is put
 * aside and tried again, at last after two minutes, and then is dead until
 * somebody replays it (marqueectl events); it overtakes nothing, but others
 * overtake it, so a handler that keeps a state ignores versions older than
 * what it has.
 */
#ifndef EVENTS_CONSUMER_H
#define EVENTS_CONSUMER_H

#include <stdbool.h>

#include "events/event.h"

struct consumer;
struct redis;
struct statement;

/* NULL: no memory, or more domains than there is room for. Tables end with NULL. */
struct consumer	*consumer_new(const char *domain, struct redis *bus, const struct event_handler *const *tables, const struct app_state *);
void		 consumer_free(struct consumer *);
/* Waits half a second at most for events and takes them in. False: another process does it, or it failed. */
bool		 consumer_step(struct consumer *, struct db *, struct scope *);

/* What was taken in two days ago: nobody sends it again. */
extern const struct statement consumer_forget_old;

#endif

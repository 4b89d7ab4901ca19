/* Inside events/: what a handler could not take in, until it can or is dead. */
#ifndef EVENTS_FAILED_H
#define EVENTS_FAILED_H

#include <stdbool.h>
#include <stddef.h>

#include "events/consumer.h"

/* Reads what a stream or a row has; the event ends with the scope. False: it is none. */
bool		 consumer_parse(struct scope *, const char *, size_t, struct taken_event *);
/* Puts one aside for the failure that is on the scope, which it takes away. False: that failed too. */
bool		 failed_keep(struct db *, struct scope *, const struct taken_event *, const char *text);
/* Tries one that is due. */
bool		 failed_retry(struct db *, struct scope *, const struct event_handler *const *tables, const struct app_state *);

#endif

/* Inside events/: what a handler could not take in, until it can or is dead. */
#ifndef EVENTS_FAILED_H
#define EVENTS_FAILED_H

#include <stdbool.h>

#include "events/event.h"

/* The data store does not answer, or is busy: the event is not to blame and is tried again as it is. */
bool		 failed_is_passing(const struct scope *);
/* Puts one aside for the failure that is on the scope, which it takes away. False: that failed too. */
bool		 failed_keep(struct db *, struct scope *, const struct taken_event *, const char *text);
/* Tries one that is due; *tried says whether one was. False: it could neither be taken in nor be put aside again. */
bool		 failed_retry(struct db *, struct scope *, const struct event_handler *const *tables, const struct app_state *,
			bool *tried);

#endif

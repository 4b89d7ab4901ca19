/*
 * Formats of events: their first step turns lines into import_event
 * (sql/tickets/003_imports.sql), these find or make what they tell.
 */
#ifndef TICKETS_IMPORTED_H
#define TICKETS_IMPORTED_H

#include "app/imports.h"

/* Then each line has its event, old or new. */
extern const struct import_step imported_steps[];
/* The last step of a format. */
extern const struct statement imported_empty;

#endif

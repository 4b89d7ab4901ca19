/* Outbox: an event that leaves with the transaction that caused it, or not at all. */
#ifndef EVENTS_OUTBOX_H
#define EVENTS_OUTBOX_H

#include <stdint.h>

struct db;
struct writer;

/*
 * Writes one row into the domain's outbox, inside the transaction.  type is
 * "users.registered"; version rises by one for each change of the aggregate,
 * taken under its row lock; data is a JSON object; traceparent may be NULL.
 */
void	 outbox_add(struct db *, const char *type, const char *aggregate_id, int64_t version,
	    const struct writer *data, const char *traceparent);

#endif

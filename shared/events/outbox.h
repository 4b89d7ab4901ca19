/* Outbox: an event that leaves with the transaction that caused it, or not at all. */
#ifndef EVENTS_OUTBOX_H
#define EVENTS_OUTBOX_H

#include <stdint.h>

struct db;
struct scope;

struct event {
	const char	*type;			/* "users.registered" */
	const char	*aggregate_id;
	int64_t		 version;		/* rises by one for each change of the aggregate, taken under its row lock */
	const char	*traceparent;		/* may be NULL */
	struct event_member {
		const char	*key;
		const char	*text;		/* NULL: left out ... */
		const char	*json;		/* ... unless this is the value, as it is */
	}		 data[8];		/* the last one without a key */
};

/* Writes one row into the domain's outbox, inside the transaction. */
void	 outbox_add(struct db *, struct scope *, const struct event *);

#endif

/* Outbox: an event that leaves with the transaction that caused it, or not at all. */
#ifndef EVENTS_OUTBOX_H
#define EVENTS_OUTBOX_H

#include <stdint.h>

struct db;
struct scope;
struct statement;

#define EVENT_MEMBERS	10

struct event {
	const char	*type;			/* "users.registered" */
	const char	*aggregate_id;
	int64_t		 version;		/* rises by one for each change of the aggregate, taken under its row lock */
	const char	*traceparent;		/* may be NULL */
	struct event_member {
		const char	*key;
		const char	*text;		/* NULL: left out ... */
		const char	*json;		/* ... unless this is the value, as it is */
	}		 data[EVENT_MEMBERS];	/* those with a key */
};

/* Writes one row into the domain's outbox, inside the transaction. */
void	 outbox_add(struct db *, struct scope *, const struct event *);
/* Likewise a message for those who listen to a channel: "game:<id>"; json is an object with at least one member. */
void	 outbox_push(struct db *, struct scope *, const char *channel, const char *json);

/* What was published an hour ago. */
extern const struct statement outbox_forget_old;

#endif

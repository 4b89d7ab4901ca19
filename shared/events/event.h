/* An event as it came from the bus, and who takes it. */
#ifndef EVENTS_EVENT_H
#define EVENTS_EVENT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct app_state;
struct db;
struct scope;
struct statement;

struct taken_event {
	const char	*id, *type;
	const char	*aggregate_id;
	int64_t		 version;
	const char	*time;			/* RFC 3339 */
	const char	*traceparent;		/* or NULL */
	const json_t	*data;
};

/* Member of data as text; NULL when there is none. */
const char	*event_text(const struct taken_event *, const char *key);

/* Takes it in by a statement or a function, in a transaction that may run again; nothing may leave the process. */
struct event_handler {
	const char			*type;		/* "users.registered"; NULL ends the table */
	const struct statement		*statement;	/* as of event_query() */
	void				(*take)(const struct app_state *, struct db *, struct scope *, const struct taken_event *);
};
void		 event_take(const struct event_handler *, const struct app_state *, struct db *, struct scope *,
		    const struct taken_event *);
/* Of a statement $1 is the event's data, $2 its version. What it puts into the outbox is relayed at once. */
void		 event_query(struct db *, struct scope *, const struct taken_event *, const struct statement *);
/* Of tables, which end with NULL; or NULL. */
const struct event_handler *event_handler_of(const struct event_handler *const *tables, const char *type);
/* Reads what a stream or a row has; the event ends with the scope. False: it is none. */
bool		 event_parse(struct scope *, const char *, size_t, struct taken_event *);

#endif

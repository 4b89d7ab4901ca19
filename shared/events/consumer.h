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

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

struct app_state;
struct consumer;
struct db;
struct redis;
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

struct event_handler {
	const char	*type;			/* "users.registered"; NULL ends the table */
	/* In a transaction that may run again; nothing may leave the process. */
	void		(*take)(const struct app_state *, struct db *, struct scope *, const struct taken_event *);
};

/* NULL: no memory, or more domains than there is room for. Tables end with NULL. */
struct consumer	*consumer_new(const char *domain, struct redis *bus, const struct event_handler *const *tables, const struct app_state *);
/* Of tables, or NULL. */
const struct event_handler *event_handler_of(const struct event_handler *const *tables, const char *type);
void		 consumer_free(struct consumer *);
/* Waits half a second at most for events and takes them in. False: another process does it, or it failed. */
bool		 consumer_step(struct consumer *, struct db *, struct scope *);

/* What was taken in two days ago: nobody sends it again. */
extern const struct statement consumer_forget_old;

#endif

/* Events: what people go to, made by organisers, for everyone to see. */
#include <string.h>

#include "base/clock.h"
#include "base/config.h"
#include "base/id.h"
#include "base/text.h"
#include "http/money.h"
#include "tickets.h"

/* --- reading --- */

/* The order of the list, and what a cursor remembers; (starts_at, event_id) has an index. */
static const struct page_key event_order[] = {
	{ "date_time", TIME, "-infinity" },
	{ "id", ID, "00000000-0000-0000-0000-000000000000" },
	{ 0 }
};

struct filter {
	const char	*from, *to, *place, *q;
};

/* A day is its first second, in UTC. */
static const char *
moment_problem(const char *text)
{
	int64_t number;

	return text_to_date(&number, text) || text_to_time(&number, text) ? NULL :
	    "Must be a day or a time, like 2030-01-31 or 2030-01-31T18:30:00Z.";
}

static const char *
blank_problem(const char *text)
{
	return text[strspn(text, " \t\r\n")] != '\0' ? NULL : "Must not be blank.";
}

static const struct field filter_fields[] = {
	TEXT_FIELD(FROM_QUERY, filter, from, .max = 40, .check = moment_problem),
	TEXT_FIELD(FROM_QUERY, filter, to, .max = 40, .check = moment_problem),
	TEXT_FIELD(FROM_QUERY, filter, place, .min = 1, .max = 240, .check = blank_problem),
	TEXT_FIELD(FROM_QUERY, filter, q, .min = 1, .max = 200, .check = blank_problem),
	{ 0 }
};

/* From a time on, to before another. There are few venues; words have their index. */
static const struct read list_events = {
	.statement = { SQL(
		select id, name, description, "url?", date_time, "end_date?", "venue.id", "venue.name", "venue.location",
		       "venue.capacity", "venue.latitude?", "venue.longitude?", available_seats, total_seats, price_minor, currency,
		       event_status, "game_id?"
		  from listed_event
		 where date_time >= coalesce($1::timestamptz, '-infinity')
		   and date_time < coalesce($2::timestamptz, 'infinity')
		   and ($3::text is null or "venue.id" in (
		       select venue_id
		         from venue
		        where strpos(lower(name), lower($3)) > 0 or strpos(lower(location), lower($3)) > 0))
		   and ($4::text is null or id in (
		       select event_id
		         from event_text
		        where words @@ websearch_to_tsquery('simple', $4)))
		   and (date_time, id) > ($5, $6)
		 order by date_time, id
		 limit $7
	) },
	.shape = PAGE,
	.keys = event_order,
};

struct event_path {
	const char	*id;
};

static const struct field event_path_fields[] = {
	ID_FIELD(FROM_PATH, event_path, id, .required = true),
	{ 0 }
};

static const struct read read_event = {
	.statement = { SQL(
		select id, name, description, "url?", date_time, "end_date?", "venue.id", "venue.name", "venue.location",
		       "venue.capacity", "venue.latitude?", "venue.longitude?", available_seats, total_seats, price_minor, currency,
		       event_status, "game_id?"
		  from listed_event
		 where id = $1
	) },
	.shape = ONE,
	.missing = "There is no such event.",
};

/* What reminders need of it. */
static const struct read read_moment = {
	.statement = { SQL(
		select event_id, name, starts_at as date_time, state as event_status
		  from event
		 where event_id = $1
	) },
	.shape = ONE,
	.missing = "There is no such event.",
};

/* --- making --- */

struct venue {
	const char	*id;
	const char	*name, *location;
	int64_t		 capacity;
};

struct new_event {
	const char	*name, *description, *date_time;
	struct venue	 venue;
	int64_t		 total_seats;
	const char	*price, *currency;
	const char	*game_id;
};

static const struct field venue_fields[] = {
	ID_FIELD  (FROM_BODY, venue, id),
	TEXT_FIELD(FROM_BODY, venue, name, .min = 1, .max = 160, .check = blank_problem),
	TEXT_FIELD(FROM_BODY, venue, location, .min = 1, .max = 240, .check = blank_problem),
	INT_FIELD (FROM_BODY, venue, capacity, .min = 1, .max = 10000000),
	{ 0 }
};

static const struct field new_event_fields[] = {
	TEXT_FIELD  (FROM_BODY, new_event, name, .required = true, .min = 1, .max = 200, .check = blank_problem),
	TEXT_FIELD  (FROM_BODY, new_event, description, .max = 10000),
	TIME_FIELD  (FROM_BODY, new_event, date_time, .required = true),
	OBJECT_FIELD(new_event, venue, venue_fields, .required = true),
	INT_FIELD   (FROM_BODY, new_event, total_seats, .required = true, .min = 1, .max = 1000000),
	MONEY_FIELD (FROM_BODY, new_event, price, .required = true),
	TEXT_FIELD  (FROM_BODY, new_event, currency, .check = money_currency_problem),
	ID_FIELD    (FROM_BODY, new_event, game_id),
	DECIDED_FIELD(FROM_BODY, "id"),
	DECIDED_FIELD(FROM_BODY, "available_seats"),
	{ 0 }
};

static const struct statement find_venue = { SQL(
	select venue_id, capacity
	  from venue
	 where venue_id = $1
) };

/* What another transaction makes right now is waited for, and then seen by the next statement. */
static const struct statement make_venue = { SQL(
	insert into venue (name, location, capacity)
	values ($1, $2, $3)
	on conflict (lower(name), lower(location), capacity) do nothing
) };

static const struct statement find_venue_by_name = { SQL(
	select venue_id, capacity
	  from venue
	 where lower(name) = lower($1) and lower(location) = lower($2) and capacity = $3
) };

static const struct statement insert_event = { SQL(
	insert into event (event_id, name, description, starts_at, venue_id, total_seats, price_minor, currency,
	       organiser_id, game_id)
	values ($1, $2, coalesce($3, ''), $4, $5, $6, $7, $8, $9, $10)
) };

static void
require(struct request *rq, bool is_there, const char *field)
{
	if (!is_there)
		scope_bad_field(&rq->scope, field, "Is required, or the venue's id.");
}

/* One that is known, by its id, or one that may be new. */
static void
check_venue(struct request *rq, const struct venue *venue)
{
	if (venue->id == NULL) {
		require(rq, venue->name != NULL, "venue.name");
		require(rq, venue->location != NULL, "venue.location");
		require(rq, venue->capacity != 0, "venue.capacity");
	} else if (venue->name != NULL || venue->location != NULL || venue->capacity != 0) {
		scope_bad_field(&rq->scope, "venue", "Has an id, or else name, location and capacity.");
	}
}

static void
check_date(struct request *rq, const struct new_event *in)
{
	int64_t unix_us;

	if (text_to_time(&unix_us, in->date_time) && unix_us <= clock_unix_us())
		scope_bad_field(&rq->scope, "date_time", "Must be in the future.");
}

/* NULL after failing the scope. */
static const char *
venue_id_of(struct request *rq, const struct new_event *in)
{
	const struct venue *venue = &in->venue;
	struct rows *found;

	if (venue->id != NULL) {
		found = db_query(rq->db, &find_venue, p_text(venue->id));
	} else {
		db_query(rq->db, &make_venue, p_text(venue->name), p_text(venue->location), p_int(venue->capacity));
		found = db_query(rq->db, &find_venue_by_name, p_text(venue->name), p_text(venue->location), p_int(venue->capacity));
	}
	if (scope_failed(&rq->scope))
		return NULL;
	if (rows_count(found) == 0)
		scope_bad_field(&rq->scope, "venue.id", "There is no such venue.");
	else if (row_integer(found, 0, "capacity") == 0)
		scope_bad_field(&rq->scope, "venue.id", "How many it seats is not known; name one with its capacity.");
	else if (in->total_seats > row_integer(found, 0, "capacity"))
		scope_bad_field(&rq->scope, "total_seats", "Must be at most %lld, for so many the venue seats.",
		    (long long)row_integer(found, 0, "capacity"));
	return scope_failed(&rq->scope) ? NULL : row_text(found, 0, "venue_id");
}

static struct reply *
make_event(struct request *rq)
{
	const struct new_event *in = rq->input;
	const char *currency = in->currency != NULL ? in->currency : config_text(rq->state->config, "currency");
	int64_t price_minor = money_minor(&rq->scope, "price", in->price, currency);
	char event_id[ID_SIZE];
	const char *venue_id;

	check_date(rq, in);
	check_venue(rq, &in->venue);
	if (scope_failed(&rq->scope) || (venue_id = venue_id_of(rq, in)) == NULL)
		return reply_failure(rq);
	id_new(event_id);
	db_query(rq->db, &insert_event, p_text(event_id), p_text(in->name), p_text(in->description), p_text(in->date_time),
	    p_text(venue_id), p_int(in->total_seats), p_int(price_minor), p_text(currency), p_text(rq->caller.user_id),
	    p_text(in->game_id));
	if (in->game_id != NULL)
		link_add(rq->db, event_id, in->game_id);
	return reply_row(rq, &read_event.statement,
	    db_query(rq->db, &read_event.statement, p_text(event_id)), read_event.missing);
}

/* --- the table --- */

/* The schema says the rule, this table the sentence. */
const struct constraint ticket_constraints[] = {
	{ "event_game", 409, "game_taken", "game_id", "Another event admits to this game." },
	{ "event_not_oversold", 409, "sold_out", "quantity", "There are not so many left." },
	{ 0 }
};

#define EVENT	"id:id name description url? date_time:time end_date:date? " \
		"venue{id:id name location capacity:int latitude:number? longitude:number?} available_seats:int " \
		"total_seats:int price:money? currency:text? event_status game_id:id?"

/*
 * Kept a second: when a sale begins everyone looks at once, and seats that are
 * shown as free a second too long cost a refusal that tells how many there are.
 */
#define KEPT_S	1

const struct route event_routes[] = {
	{ GET, "/api/tickets/event", INPUT(filter), .read = &list_events,
	  .audience = ANYONE, .reads = REPLICA, .cache = KEPT_S,
	  .answer = EVENT, .summary = "All events by date; from and before a day or time, at a place, with words" },
	{ GET, "/api/tickets/event/{id}", INPUT(event_path), .read = &read_event,
	  .audience = ANYONE, .reads = REPLICA, .cache = KEPT_S,
	  .answer = EVENT, .summary = "One event and its free seats" },
	{ POST, "/api/tickets/event", make_event, INPUT(new_event),
	  .roles = ROLE_ORGANISER | ROLE_ADMIN, .idempotent = true, .status = 201,
	  .answer = EVENT, .summary = "Announce an event at a known or a new venue" },
	{ GET, "/internal/events/{id}", INPUT(event_path), .read = &read_moment,
	  .audience = INTERNAL,
	  .answer = "event_id:id name date_time:time event_status", .summary = "What an event is and when" },
	{ 0 }
};

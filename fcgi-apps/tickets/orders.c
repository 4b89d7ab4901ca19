/* Orders: seats set aside for a person until they are paid, never more than there are. */
#include <inttypes.h>
#include <string.h>
#include <strings.h>

#include "base/config.h"
#include "base/id.h"
#include "base/text.h"
#include "events/outbox.h"
#include "tickets.h"

/* --- reading --- */

struct order_path {
	const char	*id;
};

static const struct field order_path_fields[] = {
	ID_FIELD(FROM_PATH, order_path, id, .required = true),
	{ 0 }
};

static const struct read read_order = {
	.statement = { SQL(
		select order_id as id, user_id, event_id, quantity, total_minor as total_price_minor, currency,
		       status as order_status, payment_method as "payment_details.method",
		       payment_status as "payment_details.status", expires_at, created_at
		  from ticket_order
		 where order_id = $1
	) },
	.shape = ONE,
	.missing = "There is no such order.",
};

/* --- ordering --- */

struct new_order {
	const char	*event_id;
	int64_t		 quantity;
	const char	*user_id;
};

static const struct field new_order_fields[] = {
	ID_FIELD  (FROM_BODY, new_order, event_id, .required = true),
	INT_FIELD (FROM_BODY, new_order, quantity, .required = true, .min = 1, .max = TICKETS_ORDER_MOST),
	TEXT_FIELD(FROM_BODY, new_order, user_id, .min = 1, .max = 64),
	DECIDED_FIELD(FROM_BODY, "id"),
	DECIDED_FIELD(FROM_BODY, "order_id"),
	DECIDED_FIELD(FROM_BODY, "total_price"),
	DECIDED_FIELD(FROM_BODY, "order_status"),
	DECIDED_FIELD(FROM_BODY, "status"),
	DECIDED_FIELD(FROM_BODY, "payment_details"),
	{ 0 }
};

/* Two people may race for the last seat: the row lock lets the condition hold for exactly one. */
static const struct statement take_seats = { SQL(
	with taken as (
		update event
		   set reserved = reserved + $3
		 where event_id = $2 and state = 'on_sale' and starts_at > now() and reserved + sold + $3 <= total_seats
		returning event_id, name, price_minor, currency
	)
	insert into ticket_order (order_id, user_id, event_id, quantity, total_minor, currency, expires_at)
	select $1, $4, event_id, $3, price_minor * $3, currency, now() + $5 * interval '1 minute'
	  from taken
	returning order_id as id, user_id, event_id, quantity, total_minor as total_price_minor, currency,
	          status as order_status, payment_method as "payment_details.method",
	          payment_status as "payment_details.status", expires_at, created_at,
	          (select name from taken) as _event_name
) };

/* Locked, so that what a refusal tells is so when it is told. */
static const struct statement lock_event = { SQL(
	select state, starts_at <= now() as is_over, total_seats - reserved - sold as remaining
	  from event
	 where event_id = $1
	   for update
) };

/* Whom the order is for; NULL after failing the scope. */
static const char *
buyer_of(struct request *rq, const struct new_order *in)
{
	const struct caller *caller = &rq->caller;
	uint8_t id[16];

	if (in->user_id == NULL || strcasecmp(in->user_id, caller->user_id) == 0 || strcasecmp(in->user_id, caller->name) == 0)
		return caller->user_id;
	if (!request_has_role(rq, ROLE_ADMIN | ROLE_SERVICE))
		scope_fail(&rq->scope, 403, "not_yours", "An order is for whoever places it.");
	else if (!text_to_uuid(id, in->user_id))
		scope_bad_field(&rq->scope, "user_id", "Must be an id, a UUID.");
	return scope_failed(&rq->scope) ? NULL : in->user_id;
}

static struct rows *
take(struct request *rq, const char *order_id, const char *buyer)
{
	const struct new_order *in = rq->input;

	return db_query(rq->db, &take_seats, p_text(order_id), p_text(in->event_id), p_int(in->quantity), p_text(buyer),
	    p_int(config_integer(rq->state->config, "order_minutes")));
}

static bool
has_room(const struct rows *event, int64_t quantity)
{
	return rows_count(event) == 1 && strcmp(row_text(event, 0, "state"), "on_sale") == 0 &&
	    !row_bool(event, 0, "is_over") && row_integer(event, 0, "remaining") >= quantity;
}

static struct reply *
refuse(struct request *rq, const struct rows *event)
{
	if (!scope_failed(&rq->scope) && rows_count(event) == 0)
		scope_bad_field(&rq->scope, "event_id", "There is no such event.");
	if (scope_failed(&rq->scope))
		return reply_failure(rq);
	if (strcmp(row_text(event, 0, "state"), "cancelled") == 0)
		return problem(rq, 409, "event_cancelled", "The event is cancelled.");
	if (strcmp(row_text(event, 0, "state"), "announced") == 0)
		return problem(rq, 409, "not_on_sale", "There are no tickets for it here.");
	if (row_bool(event, 0, "is_over"))
		return problem(rq, 409, "event_over", "The event has begun.");
	return problem_with(rq, 409, "sold_out", "remaining", row_integer(event, 0, "remaining"), "There are not so many left.");
}

/* Leaves with the transaction, or not at all. */
static void
announce(struct request *rq, const struct rows *order)
{
	struct scope *scope = &rq->scope;

	if (scope_failed(scope))
		return;
	outbox_add(rq->db, scope, &(struct event){
		.type = "tickets.order_placed", .aggregate_id = row_text(order, 0, "id"), .version = 1,
		.traceparent = rq->traceparent,
		.data = {
			{ "order_id", row_text(order, 0, "id") },
			{ "user_id", row_text(order, 0, "user_id") },
			{ "event_id", row_text(order, 0, "event_id") },
			{ "event_name", row_text(order, 0, "_event_name") },
			{ "quantity", .json = scope_printf(scope, "%" PRId64, row_integer(order, 0, "quantity")) },
			{ "total_minor", .json = scope_printf(scope, "%" PRId64, row_integer(order, 0, "total_price_minor")) },
			{ "currency", row_text(order, 0, "currency") },
			{ "expires_at", row_key(order, 0, "expires_at") },
		},
	});
}

static struct reply *
place_order(struct request *rq)
{
	const struct new_order *in = rq->input;
	const char *buyer = buyer_of(rq, in);
	struct rows *order, *event;
	char order_id[ID_SIZE];

	if (buyer == NULL)
		return reply_failure(rq);
	id_new(order_id);
	order = take(rq, order_id, buyer);
	if (rows_count(order) == 0) {
		event = db_query(rq->db, &lock_event, p_text(in->event_id));
		/* Seats that came back in between are not said to be gone. */
		if (scope_failed(&rq->scope) || !has_room(event, in->quantity))
			return refuse(rq, event);
		order = take(rq, order_id, buyer);
	}
	announce(rq, order);
	return reply_row(rq, &take_seats, order, NULL);
}

/* --- giving back --- */

/*
 * Orders that somebody is paying just now are left to the next second.  Events
 * are locked in one order, and nobody who holds one waits for an order, so no
 * two wait for each other.
 */
static const struct statement give_back = { SQL(
	with due as (
		select order_id
		  from ticket_order
		 where status = 'pending_payment' and expires_at <= now()
		 order by expires_at
		 limit 2000
		   for update skip locked
	), expired as (
		update ticket_order
		   set status = 'expired', version = version + 1, updated_at = now()
		  from due
		 where ticket_order.order_id = due.order_id
		returning ticket_order.order_id, user_id, event_id, quantity, version
	), seats as (
		select event_id, sum(quantity) as quantity
		  from expired
		 group by event_id
	), locked as (
		select event.event_id, seats.quantity
		  from event
		  join seats on seats.event_id = event.event_id
		 order by event.event_id
		   for update of event
	), freed as (
		update event
		   set reserved = reserved - locked.quantity
		  from locked
		 where event.event_id = locked.event_id
		returning event.event_id, name
	)
	insert into outbox (type, aggregate_id, version, data)
	select 'tickets.order_expired', order_id, version,
	       jsonb_build_object('order_id', order_id, 'user_id', user_id, 'event_id', event_id, 'event_name', name,
	              'quantity', quantity)
	  from expired
	  join freed using (event_id)
) };

const struct timer order_timers[] = {
	{ "give back seats of unpaid orders", 1, { &give_back } },
	{ 0 }
};

/* --- the table --- */

#define ORDER	"id:id user_id:id event_id:id quantity:int total_price:money currency order_status " \
		"payment_details{method? status?} expires_at:time created_at:time"

const struct route order_routes[] = {
	{ POST, "/api/tickets/order", place_order, INPUT(new_order),
	  .idempotent = true, .status = 201,
	  .answer = ORDER, .summary = "Set seats aside until they are paid, or for a few minutes" },
	{ GET, "/api/tickets/order/{id}", INPUT(order_path), .read = &read_order,
	  .owner = "user_id",
	  .answer = ORDER, .summary = "An order of one's own" },
	{ 0 }
};

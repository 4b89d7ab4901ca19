/* What the bench adds to the example domain: a request without work, a read that waits for Postgres, one for who is signed in, an event. */
#include "demo.h"

struct item {
	const char	*item_id;
};

static const struct field item_fields[] = {
	ID_FIELD(FROM_PATH, item, item_id, .required = true),
	{ 0 }
};

static const struct statement read_item = { SQL(
	select item_id, name, description, price_minor, currency, available, starts_at
	  from item
	 where item_id = $1
) };

static struct reply *
do_nothing(struct request *rq)
{
	return reply_message(rq, "Nothing was done.");
}

static struct reply *
wait_for_item(struct request *rq)
{
	const struct item *in = rq->input;

	return reply_row(rq, &read_item, db_query(rq->db, &read_item, p_text(in->item_id)), "There is no such item.");
}

static const struct read read_signed_in = {
	.statement = { SQL(
		select item_id, name, description, price_minor, currency, available, starts_at
		  from item
		 where item_id = $1
	) },
	.shape = ONE,
	.missing = "There is no such item.",
};

/* What is measured is the way there. */
static void
take_event(const struct app_state *state, struct db *db, struct scope *scope, const struct taken_event *event)
{
	(void)state, (void)db, (void)scope, (void)event;
}

const struct event_handler bench_handlers[] = {
	{ "demo.measured", .take = take_event },
	{ 0 }
};

const struct route bench_routes[] = {
	{ GET, "/api/demo/nothing", do_nothing, .quick = true,
	  .audience = ANYONE, .answer = "message", .summary = "Nothing" },
	{ GET, "/api/demo/blocking/{item_id}", wait_for_item, INPUT(item),
	  .audience = ANYONE, .reads = REPLICA,
	  .answer = "item_id:id name description price:number price_minor:int currency available:int starts_at:time",
	  .summary = "One item, by a thread that waits for it" },
	{ GET, "/api/demo/signed_in/{item_id}", INPUT(item), .read = &read_signed_in,
	  .reads = REPLICA,
	  .answer = "item_id:id name description price:number price_minor:int currency available:int starts_at:time",
	  .summary = "One item, for who is signed in" },
	{ 0 }
};

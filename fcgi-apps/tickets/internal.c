/* What other pools ask of tickets. */
#include "tickets.h"

struct event_ref {
	const char	*event_id;
};

static const struct field event_ref_fields[] = {
	ID_FIELD(FROM_PATH, event_ref, event_id, .required = true),
	{ 0 }
};

static const struct read read_event = {
	.statement = { SQL(
		select event_id, name, starts_at as date_time, state as event_status
		  from event
		 where event_id = $1
	) },
	.shape = ONE,
	.missing = "There is no such event.",
};

const struct route internal_routes[] = {
	{ GET, "/internal/events/{event_id}", INPUT(event_ref), .read = &read_event,
	  .audience = INTERNAL,
	  .answer = "event_id:id name date_time:time event_status", .summary = "What an event is and when" },
	{ 0 }
};

/* The outbox: events as rows of the transaction that caused them. */
#include "base/scope.h"
#include "base/writer.h"
#include "data/db.h"
#include "events/outbox.h"

static const struct statement add_event = { SQL(
	insert into outbox (event_id, type, aggregate_id, version, data, traceparent)
	values (gen_random_uuid(), $1, $2::uuid, $3::bigint, $4::jsonb, nullif($5, ''))
) };

void
outbox_add(struct db *db, const char *type, const char *aggregate_id, int64_t version, const struct writer *data,
    const char *traceparent)
{
	db_query(db, &add_event, p_text(type), p_text(aggregate_id), p_int(version),
	    p_text(scope_copy(data->scope, data->data, data->length)), p_text(traceparent));
}

/* The outbox: events as rows of the transaction that caused them. */
#include "base/scope.h"
#include "base/writer.h"
#include "data/db.h"
#include "events/outbox.h"

static const struct statement add_event = { SQL(
	insert into outbox (type, aggregate_id, version, data, traceparent)
	values ($1, $2::uuid, $3::bigint, $4::jsonb, nullif($5, ''))
) };

static const struct statement add_message = { SQL(
	insert into outbox (channel, data) values ($1, $2::jsonb)
) };

/*
 * The oldest have the lowest ids: no index beside that of the key is needed.
 * While the bus is away what was published last is kept: it may be told again.
 */
const struct statement outbox_forget_old = { SQL(
	delete from outbox
	 where id in (select id from outbox order by id limit 100000)
	   and (published_at < (select published_at from outbox where published_at is not null order by id desc limit 1)
	                       - interval '1 hour'
	        or published_at < now() - interval '1 day')
) };

static const char *
data_of(struct scope *scope, const struct event *event)
{
	struct writer data;

	writer_begin(&data, scope, 128);
	writer_literal(&data, "{");
	for (const struct event_member *member = event->data; member->key != NULL; member++)
		if (member->json != NULL)
			writer_member_json(&data, member->key, member->json);
		else if (member->text != NULL)
			writer_member(&data, member->key, member->text);
	writer_literal(&data, "}");
	return writer_copy(&data);
}

void
outbox_add(struct db *db, struct scope *scope, const struct event *event)
{
	if (scope_failed(scope))
		return;
	db_query(db, &add_event, p_text(event->type), p_text(event->aggregate_id), p_int(event->version),
	    p_text(data_of(scope, event)), p_text(event->traceparent));
	db_announce(db);
}

void
outbox_push(struct db *db, struct scope *scope, const char *channel, const char *json)
{
	if (scope_failed(scope))
		return;
	db_query(db, &add_message, p_text(channel), p_text(json));
	db_announce(db);
}

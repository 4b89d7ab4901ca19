/* What a domain knows of a person: deleted, or handed to users for an export. */
#include "app/personal.h"
#include "base/log.h"
#include "remote/call.h"

#define CALL_MS	10000

/* --- gone --- */

static const struct statement forget_person = { SQL(
	select platform.forget_person($1::uuid, coalesce($2::name[], '{}')) is null as done
) };

static void
forget(const struct app_state *state, struct db *db, struct scope *scope, const struct taken_event *event)
{
	(void)scope;
	db_query(db, &forget_person, p_text(event->aggregate_id), p_text(state->app->kept));
}

/* --- wanted --- */

static const struct statement note_export = { SQL(
	insert into export_due (export_id, user_id) values ($1::uuid, $2::uuid) on conflict do nothing
) };

static void
note(const struct app_state *state, struct db *db, struct scope *scope, const struct taken_event *event)
{
	(void)state, (void)scope;
	db_query(db, &note_export, p_text(event->aggregate_id), p_text(event_text(event, "user_id")));
}

const struct event_handler personal_handlers[] = {
	{ "users.erased", forget },
	{ "users.export_requested", note },
	{ NULL }
};

/* A lease, longer than a call may take; later and later when users does not take it. */
static const struct statement lease_part = { SQL(
	update export_due
	   set attempts = attempts + 1, next_try_at = now() + least(interval '1 hour', interval '20 seconds' * (1 << least(attempts, 8)))
	 where export_id = (
	       select export_id
	         from export_due
	        where next_try_at <= now()
	        order by next_try_at
	        limit 1
	          for update skip locked)
	returning export_id, platform.tell_person(user_id)::text as part
) };

static const struct statement forget_part = { SQL(
	delete from export_due where export_id = $1::uuid
) };

struct delivery {
	struct db	*db;
	struct rows	*part;
};

static void
lease(void *arg)
{
	struct delivery *d = arg;

	d->part = db_query(d->db, &lease_part);
}

static void
forget_delivered(void *arg)
{
	const struct delivery *d = arg;

	db_query(d->db, &forget_part, p_text(row_text(d->part, 0, "export_id")));
}

static void
free_line(void *line)
{
	call_line_free(line);
}

/* The status, or 0. */
static int
put_part(const struct app_state *state, struct scope *scope, const struct rows *part)
{
	struct call_line *line = call_line_new(state->calls);
	json_t *answer;

	if (line == NULL)
		return 0;
	scope_defer(scope, free_line, line);
	return call_make(line, scope, &(struct call){
		.pool = "users", .method = "PUT", .timeout_ms = CALL_MS,
		.path = scope_printf(scope, "/internal/exports/%s/parts/%s", row_text(part, 0, "export_id"), state->app->name),
		.body = row_text(part, 0, "part"),
	}, &answer);
}

/* An export that users no longer knows, or never wanted this part of, is done with too. */
bool
personal_deliver(const struct app_state *state, struct db *db, struct scope *scope)
{
	struct delivery delivery = { .db = db };
	int status;

	if (state->app->knows_people)
		return false;
	db_tx(db, lease, &delivery);
	if (scope_failed(scope) || rows_count(delivery.part) == 0)
		return false;
	status = put_part(state, scope, delivery.part);
	if (status == 0 || (status >= 400 && status != 404))
		return false;
	db_tx(db, forget_delivered, &delivery);
	return !scope_failed(scope);
}

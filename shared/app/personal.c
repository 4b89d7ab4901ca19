/* What a domain knows of a person: deleted, or handed to users for an export. */
#include "app/personal.h"
#include "base/log.h"
#include "remote/call.h"

#define CALL_MS	10000

/* --- gone --- */

static const struct statement forget_person = { SQL(
	select platform.forget_person($1::uuid, coalesce($2::name[], '{}')) is null as done
) };

static const struct statement note_gone = { SQL(
	insert into gone_person (person) values ($1::uuid) on conflict do nothing
) };

static void
forget(const struct app_state *state, struct db *db, struct scope *scope, const struct taken_event *event)
{
	(void)scope;
	db_query(db, &note_gone, p_text(event->aggregate_id));
	db_query(db, &forget_person, p_text(event->aggregate_id), p_text(state->app->kept));
}

/* Sooner or later than the end of his session, of which the pool hears by another way: what came between goes too. */
static const struct statement forget_again = { SQL(
	select platform.forget_person(person, coalesce($1::name[], '{}')) is null as done
	  from gone_person
) };

static const struct statement forget_gone = { SQL(
	delete from gone_person where gone_at < now() - interval '1 hour'
) };

void
personal_forget_again(const struct app_state *state, struct db *db, struct scope *scope)
{
	(void)scope;
	db_query(db, &forget_again, p_text(state->app->kept));
	db_query(db, &forget_gone);
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
	{ "users.erased", .take = forget },
	{ "users.export_requested", .take = note },
	{ NULL }
};

/* A lease, longer than a call may take, and no harm when it is taken twice; later and later when users does not take it. */
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

/* The status, or 0. */
static int
put_part(const struct app_state *state, struct scope *scope, const struct rows *part)
{
	struct call_line *line = call_line_of(scope, state->calls);
	json_t *answer;

	return line == NULL ? 0 : call_make(line, scope, &(struct call){
		.pool = "users", .method = "PUT", .timeout_ms = CALL_MS,
		.path = scope_printf(scope, "/internal/exports/%s/parts/%s", row_text(part, 0, "export_id"), state->app->name),
		.body = row_text(part, 0, "part"),
	}, &answer);
}

/* An export that users no longer knows, or never wanted this part of, is done with too. */
bool
personal_deliver(const struct app_state *state, struct db *db, struct scope *scope)
{
	struct rows *part;
	int status;

	if (state->app->knows_people)
		return false;
	part = db_change(db, &lease_part);
	if (scope_failed(scope) || rows_count(part) == 0)
		return false;
	status = put_part(state, scope, part);
	if (status == 0 || (status >= 400 && status != 404))
		return false;
	db_change(db, &forget_part, p_text(row_text(part, 0, "export_id")));
	return !scope_failed(scope);
}

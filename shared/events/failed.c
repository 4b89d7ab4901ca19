/* Events that failed: kept with the reason, tried again, dead in the end. */
#include <string.h>

#include "base/log.h"
#include "base/scope.h"
#include "data/db.h"
#include "events/failed.h"

/* After 1, 2, 4 ... 64 seconds; the eighth failure is the last. */
#define MOST_ATTEMPTS	"8"

static const struct statement keep_failed = { SQL(
	with known as (insert into inbox (event_id) values ($1::uuid) on conflict do nothing)
	insert into failed_event (event_id, event, error, next_try_at)
	values ($1::uuid, $2, $3, now() + interval '1 second')
	on conflict do nothing
) };

static const struct statement take_due = { SQL(
	select event_id, event
	  from failed_event
	 where next_try_at <= now()
	 order by next_try_at
	 limit 1
	   for update skip locked
) };

static const struct statement forget = { SQL(
	delete from failed_event where event_id = $1::uuid
) };

static const struct statement fail_again = {
	"update failed_event"
	"   set attempts = attempts + 1, failed_at = now(), error = $2,"
	"       next_try_at = case when attempts + 1 < " MOST_ATTEMPTS " then now() + interval '1 second' * (1 << attempts) end"
	" where event_id = $1::uuid"
	" returning attempts, next_try_at is null as is_dead, event::json ->> 'type' as type"
};

/* One that is too slow is to blame itself. */
bool
failed_is_passing(const struct scope *scope)
{
	return scope->failure.status == 503 && strcmp(scope->failure.code, "too_slow") != 0;
}

struct keeping {
	struct db		*db;
	const char		*event_id, *text, *why;
};

static void
keep(void *arg)
{
	const struct keeping *k = arg;

	db_query(k->db, &keep_failed, p_text(k->event_id), p_text(k->text), p_text(k->why));
}

bool
failed_keep(struct db *db, struct scope *scope, const struct taken_event *event, const char *text)
{
	struct keeping keeping = { db, event->id, text, scope_printf(scope, "%s", scope->failure.detail) };

	log_event(LOG_WARNING, "event failed", LOG_TEXT("event_id", event->id), LOG_TEXT("type", event->type),
	    LOG_TEXT("error", keeping.why));
	scope_retry(scope);
	db_tx(db, keep, &keeping);
	return !scope_failed(scope);
}

/* --- trying again --- */

struct trying {
	struct db			*db;
	struct scope			*scope;
	const struct event_handler	*const *tables;
	const struct app_state		*state;
	const char			*event_id;	/* NULL: none is due */
	const char			*why;
};

static void
handle(struct trying *t, const char *text)
{
	struct taken_event event;
	const struct event_handler *handler;

	if (!event_parse(t->scope, text, strlen(text), &event)) {
		scope_fail(t->scope, 500, "internal", "it is no event");
		return;
	}
	if ((handler = event_handler_of(t->tables, event.type)) != NULL)
		event_take(handler, t->state, t->db, t->scope, &event);
}

static void
try_again(void *arg)
{
	struct trying *t = arg;
	struct rows *rows = db_query(t->db, &take_due);

	t->event_id = rows_count(rows) == 1 ? row_text(rows, 0, "event_id") : NULL;
	if (t->event_id == NULL)
		return;
	handle(t, row_text(rows, 0, "event"));
	db_query(t->db, &forget, p_text(t->event_id));
}

static void
note_failure(void *arg)
{
	const struct trying *t = arg;
	struct rows *rows = db_query(t->db, &fail_again, p_text(t->event_id), p_text(t->why));

	if (rows_count(rows) == 1 && row_bool(rows, 0, "is_dead"))
		log_event(LOG_ERROR, "event is dead", LOG_TEXT("event_id", t->event_id), LOG_TEXT("type", row_text(rows, 0, "type")),
		    LOG_TEXT("error", t->why));
}

bool
failed_retry(struct db *db, struct scope *scope, const struct event_handler *const *tables, const struct app_state *state, bool *tried)
{
	struct trying t = { .db = db, .scope = scope, .tables = tables, .state = state };

	db_tx(db, try_again, &t);
	*tried = t.event_id != NULL;
	if (!scope_failed(scope))
		return true;
	if (failed_is_passing(scope) || t.event_id == NULL)
		return false;
	t.why = scope_printf(scope, "%s", scope->failure.detail);
	scope_retry(scope);
	db_tx(db, note_failure, &t);
	return !scope_failed(scope);
}

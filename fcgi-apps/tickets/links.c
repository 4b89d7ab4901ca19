/* Links: sports is told which event admits to a game, as long as it takes. */
#include "base/log.h"
#include "remote/call.h"
#include "tickets.h"

#define CALL_MS	2000

static const struct statement insert_link = { SQL(
	insert into game_link (event_id, game_id) values ($1, $2)
) };

void
link_add(struct db *db, const char *event_id, const char *game_id)
{
	db_query(db, &insert_link, p_text(event_id), p_text(game_id));
}

/* A lease, longer than a call may take: whoever dies over it leaves the link to the next. */
static const struct statement lease_link = { SQL(
	update game_link
	   set attempts = attempts + 1, next_try_at = now() + interval '10 seconds'
	 where event_id = (
	       select event_id
	         from game_link
	        where next_try_at <= now() and told_at is null and gave_up_at is null
	        order by next_try_at
	        limit 1
	          for update skip locked)
	returning event_id, game_id, created_at < now() - interval '1 day' as is_old
) };

static const struct statement mark_told = { SQL(
	update game_link set told_at = now() where event_id = $1
) };

static const struct statement give_up = { SQL(
	update game_link set gave_up_at = now() where event_id = $1
) };

/* After two seconds, four, up to ten minutes. */
static const struct statement try_later = { SQL(
	update game_link
	   set next_try_at = now() + least(interval '10 minutes', interval '1 second' * (1 << least(attempts, 10)))
	 where event_id = $1
) };

struct telling {
	struct db		*db;
	struct rows		*link;		/* leased */
	const struct statement	*outcome;
};

static void
lease(void *arg)
{
	struct telling *telling = arg;

	telling->link = db_query(telling->db, &lease_link);
}

static void
mark(void *arg)
{
	const struct telling *telling = arg;

	db_query(telling->db, telling->outcome, p_text(row_text(telling->link, 0, "event_id")));
}

static void
free_line(void *line)
{
	call_line_free(line);
}

/* The status, or 0. Telling it again changes nothing. */
static int
tell_sports(const struct app_state *state, struct scope *scope, const struct rows *link, const char **why)
{
	struct call_line *line = call_line_new(state->calls);
	json_t *answer;
	int status;

	*why = "no memory";
	if (line == NULL)
		return 0;
	scope_defer(scope, free_line, line);
	status = call_make(line, scope, &(struct call){
		.pool = "sports", .method = "PUT", .timeout_ms = CALL_MS,
		.path = scope_printf(scope, "/internal/games/%s/event", row_text(link, 0, "game_id")),
		.body = scope_printf(scope, "{\"event_id\":\"%s\"}", row_text(link, 0, "event_id")),
	}, &answer);
	*why = status == 0 ? call_problem(line) : scope_printf(scope, "it answered %d", status);
	scope_retry(scope);
	return status;
}

/* A game may come later than its event, from an import or the feed; not a day later. */
static const struct statement *
outcome_of(int status, const struct rows *link, const char *why)
{
	bool is_over = status >= 400 && row_bool(link, 0, "is_old");

	if (status >= 200 && status < 300)
		return &mark_told;
	log_event(LOG_WARNING, is_over ? "link to a game given up" : "link to a game waits",
	    LOG_TEXT("event_id", row_text(link, 0, "event_id")), LOG_TEXT("game_id", row_text(link, 0, "game_id")),
	    LOG_TEXT("error", why));
	return is_over ? &give_up : &try_later;
}

bool
link_tell(const struct app_state *state, struct db *db, struct scope *scope)
{
	struct telling telling = { .db = db };
	const char *why;
	int status;

	db_tx(db, lease, &telling);
	if (scope_failed(scope) || rows_count(telling.link) == 0)
		return false;
	status = tell_sports(state, scope, telling.link, &why);
	telling.outcome = outcome_of(status, telling.link, why);
	db_tx(db, mark, &telling);
	return !scope_failed(scope) && status != 0;
}

/* Live: what happened in a game, and what its polls say, to those who listen to its channel. */
#include "sports.h"

#define IDLE_MS	100	/* five frames a second of one game is what the schema lets through */

static const struct statement push_games = { SQL(
	select push_games() as pushed
) };

static const struct statement push_polls = { SQL(
	select push_polls() as pushed
) };

struct push {
	struct db		*db;
	const struct statement	*statement;
	int64_t			 pushed;
};

/* May run again from its start. */
static void
push(void *arg)
{
	struct push *push = arg;
	struct rows *rows = db_query(push->db, push->statement);

	push->pushed = rows_count(rows) == 1 ? row_integer(rows, 0, "pushed") : 0;
	if (push->pushed > 0)
		db_announce(push->db);
}

static bool
push_all(struct db *db, struct scope *scope, const struct statement *statement)
{
	struct push batch = { .db = db, .statement = statement };

	db_tx(db, push, &batch);
	return !scope_failed(scope) && batch.pushed > 0;
}

static bool
tell_games(const struct app_state *state, struct db *db, struct scope *scope)
{
	(void)state;
	return push_all(db, scope, &push_games);
}

static bool
tell_polls(const struct app_state *state, struct db *db, struct scope *scope)
{
	(void)state;
	return push_all(db, scope, &push_polls);
}

const struct job live_jobs[] = {
	{ "push games", IDLE_MS, tell_games },
	{ "push polls", IDLE_MS, tell_polls },
	{ 0 }
};

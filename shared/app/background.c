/* What a worker does by the clock: new keys, and sessions that ended. */
#include <time.h>

#include "app/app.h"
#include "app/background.h"
#include "app/crew.h"
#include "app/pool.h"
#include "auth/token.h"
#include "base/log.h"
#include "base/scope.h"

#define TURN_MS		500
#define START_WAIT_MS	5000

/* TEMPORARY: until auth/token.h declares them. */
bool	 token_keys_refresh(struct token_keys *) __attribute__((weak));
void	 token_cache_clear(struct token_cache *) __attribute__((weak));

/* A token of a key that went away must not live on in the cache. */
static void
refresh_keys(const struct app_state *st)
{
	if (token_keys_refresh != NULL && token_keys_refresh(st->keys))
		token_cache_clear(st->tokens);
}

/* What the domain wants done first; Postgres may come later than this process. */
static void
start_domain(const struct app_state *st, struct db *db)
{
	struct scope scope = { 0 };

	db_attach(db, &scope, PRIMARY, START_WAIT_MS);
	st->app->start(st, db, &scope);
	if (!scope_failed(&scope))
		st->pool->started = true;
	else
		log_event(LOG_WARNING, "start is not complete", LOG_TEXT("error", scope.failure.detail));
	db_detach(db);
	if (st->pool->started)
		db_close(db);
	scope_free(&scope);
}

static void *
work(void *arg)
{
	const struct app_state *st = arg;
	struct db *db = db_new(st->source);

	for (;;) {
		struct timespec wait = { .tv_nsec = TURN_MS * 1000000L };

		refresh_keys(st);
		if (!st->pool->started && db != NULL)
			start_domain(st, db);
		log_flush();
		nanosleep(&wait, NULL);
	}
	return NULL;
}

bool
background_begin(const struct app_state *st)
{
	return crew_thread(work, (void *)st);
}

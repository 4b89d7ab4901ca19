/* Timers: each is a row that one process at a time locks while it does the work. */
#include <err.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "app/app.h"
#include "app/jobs.h"
#include "app/notify.h"
#include "app/settings.h"
#include "base/log.h"
#include "data/idempotency.h"
#include "http/audit.h"

static void
forget_keys(const struct app_state *st, struct db *db, struct scope *sc)
{
	(void)st;
	(void)sc;
	idem_forget(db);
}

static void
forget_acts(const struct app_state *st, struct db *db, struct scope *sc)
{
	(void)st;
	(void)sc;
	audit_forget(db);
}

/* Of every domain. */
static const struct timer common[] = {
	{ "forget idempotency keys", 600, forget_keys },
	{ "forget old acts", 600, forget_acts },
	{ NULL }
};

static const struct statement know_timer = { SQL(
	insert into timer (name, due_at) values ($1, now()) on conflict (name) do nothing
) };

/* Another process that is at it holds the row: then it is not ours. */
static const struct statement claim_timer = { SQL(
	select name from timer where name = $1 and due_at <= now() for update skip locked
) };

static const struct statement set_timer = { SQL(
	update timer set due_at = now() + $2 * interval '1 second', ran_at = now() where name = $1
) };

struct turn {
	const struct app_state	*state;
	const struct timer	*timer;
	struct db		*db;
	struct scope		*scope;
	bool			 ran;
};

static void
introduce(void *arg)
{
	const struct turn *t = arg;

	db_query(t->db, &know_timer, p_text(t->timer->name));
}

static void
run_if_due(void *arg)
{
	struct turn *t = arg;

	t->ran = rows_count(db_query(t->db, &claim_timer, p_text(t->timer->name))) > 0;
	if (!t->ran)
		return;
	t->timer->run(t->state, t->db, t->scope);
	db_query(t->db, &set_timer, p_text(t->timer->name), p_int(t->timer->every_s));
}

static bool
attempt(const struct app_state *st, struct db *db, const struct timer *timer, void (*fn)(void *))
{
	bool good;

	struct scope sc = { 0 };
	struct turn t = { st, timer, db, &sc, false };

	db_attach(db, &sc, PRIMARY, 60000);
	db_tx(db, fn, &t);
	if (scope_failed(&sc))
		log_event(LOG_WARNING, "timer failed", LOG_TEXT("timer", timer->name), LOG_TEXT("error", sc.failure.detail));
	else if (t.ran)
		log_event(LOG_INFO, "timer ran", LOG_TEXT("timer", timer->name));
	good = !scope_failed(&sc);
	db_detach(db);
	scope_free(&sc);
	return good;
}

static bool
attempt_all(const struct app_state *st, struct db *db, const struct timer *timers, void (*fn)(void *))
{
	bool good = true;

	for (const struct timer *t = timers; t != NULL && t->name != NULL; t++)
		good = attempt(st, db, t, fn) && good;
	return good;
}

static void
loop(const struct app_state *st, struct db *db, const sigset_t *signals)
{
	const struct timespec wait = { .tv_sec = 1 };
	bool known = false;

	notify("READY=1");
	do {
		/* Postgres may come later than this. */
		known = known || (attempt_all(st, db, common, introduce) && attempt_all(st, db, st->app->timers, introduce));
		attempt_all(st, db, common, run_if_due);
		attempt_all(st, db, st->app->timers, run_if_due);
		log_flush();
	} while (sigtimedwait(signals, NULL, &wait) < 0 && (errno == EAGAIN || errno == EINTR));
	notify("STOPPING=1");
}

int
jobs_run(const struct app *app, const struct config *config)
{
	struct app_state *st;
	char problem[256];
	struct db *db;
	sigset_t signals;

	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	if ((st = state_new(app, config, NULL, problem)) == NULL || (db = db_new(st->source)) == NULL)
		errx(1, "%s", problem);
	log_event(LOG_INFO, "jobs ready");
	loop(st, db, &signals);
	db_free(db);
	state_free(st);
	log_event(LOG_INFO, "jobs stopped");
	log_flush();
	return 0;
}

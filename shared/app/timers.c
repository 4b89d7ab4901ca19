/* Timers: those of every domain, and the turn of one that is due. */
#include <stddef.h>

#include "app/personal.h"
#include "app/timers.h"
#include "base/log.h"
#include "data/idempotency.h"
#include "events/consumer.h"
#include "events/outbox.h"
#include "http/audit.h"

#define OFTEN_S	60	/* what runs more often is not told every time */

/* Of every domain. */
static const struct timer common[] = {
	{ "forget idempotency keys", 600, { &idem_forget_old } },
	{ "forget old acts", 600, { &audit_forget_old } },
	{ "forget published events", 60, { &outbox_forget_old } },
	{ "forget events taken in", 600, { &consumer_forget_old } },
	{ "forget who is gone", 60, { NULL }, personal_forget_again },
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
	for (const struct statement *const *statement = t->timer->statements; *statement != NULL; statement++)
		db_query(t->db, *statement);
	if (t->timer->run != NULL)
		t->timer->run(t->state, t->db, t->scope);
	db_query(t->db, &set_timer, p_text(t->timer->name), p_int(t->timer->every_s));
}

static bool
attempt(const struct app_state *st, struct db *db, const struct timer *timer, void (*fn)(void *))
{
	struct scope sc = { 0 };
	struct turn t = { st, timer, db, &sc, false };
	bool good;

	db_attach(db, &sc, PRIMARY, 60000);
	db_tx(db, fn, &t);
	if (scope_failed(&sc))
		log_event(LOG_WARNING, "timer failed", LOG_TEXT("timer", timer->name), LOG_TEXT("error", sc.failure.detail));
	else if (t.ran)
		log_event(timer->every_s < OFTEN_S ? LOG_DEBUG : LOG_INFO, "timer ran", LOG_TEXT("timer", timer->name));
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

bool
timers_introduce(const struct app_state *st, struct db *db)
{
	return attempt_all(st, db, common, introduce) && attempt_all(st, db, st->app->timers, introduce);
}

void
timers_run(const struct app_state *st, struct db *db)
{
	attempt_all(st, db, common, run_if_due);
	attempt_all(st, db, st->app->timers, run_if_due);
}

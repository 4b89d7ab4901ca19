/* The jobs process: timers in its first thread, and a thread for each job. */
#include <err.h>
#include <errno.h>
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/app.h"
#include "app/jobs.h"
#include "app/notify.h"
#include "app/personal.h"
#include "app/settings.h"
#include "app/timers.h"
#include "base/clock.h"
#include "base/log.h"
#include "events/relay.h"

#define STEP_WAIT_MS	60000	/* of a step for Postgres */
#define SILENCE_MS	60000	/* then a failure that goes on is told again */

/* What ends the threads. */
struct ending {
	pthread_mutex_t	 lock;
	pthread_cond_t	 changed;
	bool		 is_near;
};

struct thread {
	const struct app_state	*state;
	const struct job	*job;
	struct ending		*ending;
	struct db		*db;
	pthread_t		 id;
	char			 failure[160];	/* told last */
	int64_t			 told_ms;
};

/* --- a job --- */

static void
tell(struct thread *t, const char *failure)
{
	int64_t now_ms = clock_ms();

	if (strncmp(t->failure, failure, sizeof(t->failure) - 1) == 0 && now_ms - t->told_ms < SILENCE_MS)
		return;
	snprintf(t->failure, sizeof(t->failure), "%s", failure);
	t->told_ms = now_ms;
	log_event(LOG_WARNING, "job failed", LOG_TEXT("job", t->job->name), LOG_TEXT("error", failure));
}

struct step {
	const struct thread	*thread;
	struct scope		*scope;
	bool			 again;
};

/* May run again from its start. */
static void
push(void *arg)
{
	struct step *step = arg;
	const struct thread *t = step->thread;
	struct rows *rows = db_query(t->db, t->job->pushes);

	step->again = rows_count(rows) == 1 && row_integer(rows, 0, "pushed") > 0;
	if (step->again)
		db_announce(t->db);
}

static void
run(void *arg)
{
	struct step *step = arg;
	const struct thread *t = step->thread;

	if (t->job->pushes != NULL)
		db_tx(t->db, push, step);
	else
		step->again = t->job->run(t->state, t->db, step->scope);
}

/* True: there may be more to do at once. */
static bool
run_step(struct thread *t)
{
	struct scope scope = { 0 };
	struct step step = { t, &scope, false };

	db_attach(t->db, &scope, PRIMARY, STEP_WAIT_MS);
	if (!scope_run(&scope, run, &step) || scope_failed(&scope)) {
		tell(t, scope.failure.detail);
		step.again = false;
	}
	db_detach(t->db);
	scope_free(&scope);
	log_flush();
	return step.again;
}

/* False after so long, or at once when the end is near: true. */
static bool
wait_for_end(struct ending *ending, int wait_ms)
{
	struct timespec until;
	bool is_near;
	int rc = 0;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += wait_ms / 1000;
	until.tv_nsec += wait_ms % 1000 * 1000000L;
	if (until.tv_nsec >= 1000000000) {
		until.tv_sec++;
		until.tv_nsec -= 1000000000;
	}
	pthread_mutex_lock(&ending->lock);
	while (!ending->is_near && rc != ETIMEDOUT)
		rc = pthread_cond_timedwait(&ending->changed, &ending->lock, &until);
	is_near = ending->is_near;
	pthread_mutex_unlock(&ending->lock);
	return is_near;
}

static void *
work(void *arg)
{
	struct thread *t = arg;

	while (!wait_for_end(t->ending, run_step(t) ? 0 : t->job->idle_ms))
		;
	db_free(t->db);
	return NULL;
}

/* --- of every domain --- */

static bool
relay_events(const struct app_state *st, struct db *db, struct scope *scope)
{
	return st->relay != NULL && relay_step(st->relay, db, scope);
}

static bool
take_events(const struct app_state *st, struct db *db, struct scope *scope)
{
	return st->consumer != NULL && consumer_step(st->consumer, db, scope);
}

static const struct job common[] = {
	{ "relay events", 500, relay_events },
	{ "take events", 500, take_events },
	{ "deliver parts of exports", 1000, personal_deliver },
	{ NULL }
};

/* --- all of them --- */

struct threads {
	struct thread	*list;
	size_t		 count;
};

static size_t
count_jobs(const struct job *jobs)
{
	size_t count = 0;

	while (jobs != NULL && jobs[count].name != NULL)
		count++;
	return count;
}

static void
prepare(struct ending *ending)
{
	pthread_condattr_t monotonic;

	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_mutex_init(&ending->lock, NULL);
	pthread_cond_init(&ending->changed, &monotonic);
	pthread_condattr_destroy(&monotonic);
}

static bool
begin(struct threads *threads, const struct app_state *st, const struct job *jobs, struct ending *ending)
{
	for (size_t i = 0; i < count_jobs(jobs); i++) {
		struct thread *t = &threads->list[threads->count];

		*t = (struct thread){ .state = st, .job = &jobs[i], .ending = ending };
		if ((t->db = db_new(st->source)) == NULL || pthread_create(&t->id, NULL, work, t) != 0)
			return false;
		threads->count++;
	}
	return true;
}

static bool
begin_all(struct threads *threads, const struct app_state *st, struct ending *ending)
{
	prepare(ending);
	threads->list = calloc(count_jobs(common) + count_jobs(st->app->jobs), sizeof(*threads->list));
	return threads->list != NULL && begin(threads, st, common, ending) && begin(threads, st, st->app->jobs, ending);
}

/* A step under way is finished first. */
static void
end(struct threads *threads, struct ending *ending)
{
	pthread_mutex_lock(&ending->lock);
	ending->is_near = true;
	pthread_cond_broadcast(&ending->changed);
	pthread_mutex_unlock(&ending->lock);
	for (size_t i = 0; i < threads->count; i++)
		pthread_join(threads->list[i].id, NULL);
	free(threads->list);
}

static void
run_timers(const struct app_state *st, struct db *db, const sigset_t *signals)
{
	const struct timespec wait = { .tv_sec = 1 };
	bool known = false;

	do {
		/* Postgres may come later than this. */
		known = known || timers_introduce(st, db);
		timers_run(st, db);
		log_flush();
	} while (sigtimedwait(signals, NULL, &wait) < 0 && (errno == EAGAIN || errno == EINTR));
}

int
jobs_run(const struct app *app, const struct config *config)
{
	struct ending ending = { .is_near = false };
	struct threads threads = { .count = 0 };
	struct app_state *st;
	char problem[256];
	struct db *db;
	sigset_t signals;

	mallopt(M_ARENA_MAX, 2);
	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	if ((st = state_new(app, config, NULL, problem)) == NULL || (db = db_new(st->source)) == NULL)
		errx(1, "%s", problem);
	if (!state_add_events(st) || !begin_all(&threads, st, &ending))
		errx(1, "no memory, or no thread, for the jobs");
	log_event(LOG_INFO, "jobs ready");
	notify("READY=1");
	run_timers(st, db, &signals);
	notify("STOPPING=1");
	end(&threads, &ending);
	db_free(db);
	state_free(st);
	log_event(LOG_INFO, "jobs stopped");
	log_flush();
	return 0;
}

/* Threads that may block, and the requests that wait for one of them. */
#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "app/crew.h"
#include "app/handle.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/scope.h"

#define LEAST_WAIT_MS	300	/* for Postgres, of who waited long for a thread */
#define STACK_SIZE	(256 * 1024)

struct thread {
	struct crew	*crew;
	struct db	*db;
};

/* --- who waits --- */

bool
crew_take(struct crew *c, struct exchange *ex)
{
	bool room;

	ex->next = NULL;
	pthread_mutex_lock(&c->lock);
	if ((room = c->waiting < c->terms.most_waiting)) {
		*c->end = ex;
		c->end = &ex->next;
		c->waiting++;
	}
	pthread_mutex_unlock(&c->lock);
	if (room)
		pthread_cond_signal(&c->ready);
	return room;
}

/* NULL after a while with nothing to do. */
static struct exchange *
next(struct crew *c)
{
	struct timespec until;
	struct exchange *ex;
	int rc = 0;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += DB_IDLE_S;
	pthread_mutex_lock(&c->lock);
	while (c->first == NULL && rc != ETIMEDOUT)
		rc = pthread_cond_timedwait(&c->ready, &c->lock, &until);
	if ((ex = c->first) != NULL) {
		if ((c->first = ex->next) == NULL)
			c->end = &c->first;
		c->waiting--;
	}
	pthread_mutex_unlock(&c->lock);
	return ex;
}

void
crew_refuse(struct exchange *ex)
{
	scope_fail(&ex->rq.scope, 503, "overloaded", "Too many requests wait; nothing was changed.");
	ex->rq.scope.failure.retry_after_s = 1;
}

/* --- who works --- */

static void
serve_now(void *arg)
{
	struct exchange *ex = arg;
	struct request *rq = &ex->rq;
	bool later;

	if (!scope_failed(&rq->scope) && handle_admit(rq, true, &later)) {
		exchange_begin_trace(ex);
		exchange_read_body(ex);
		if (!scope_failed(&rq->scope))
			rq->reply = handle_run(rq);
	}
	if (scope_failed(&rq->scope))
		rq->reply = reply_failure(rq);
}

static void
serve(const struct thread *t, struct exchange *ex)
{
	const struct crew_terms *terms = &t->crew->terms;
	int64_t waited_ms = (clock_us() - ex->start_us) / 1000, limit_ms = terms->database_wait_ms;
	bool whole;

	if (waited_ms > terms->longest_wait_ms)
		crew_refuse(ex);
	if (terms->wait_counts)
		limit_ms = waited_ms < limit_ms - LEAST_WAIT_MS ? limit_ms - waited_ms : LEAST_WAIT_MS;
	ex->rq.db = t->db;
	db_attach(t->db, &ex->rq.scope, PRIMARY, limit_ms);
	whole = scope_run(&ex->rq.scope, serve_now, ex);
	ex->database_us += db_time_us(t->db);
	db_detach(t->db);
	terms->answer(terms->arg, ex, whole ? ex->rq.reply : reply_out_of_memory());
}

static void *
work(void *arg)
{
	struct thread *t = arg;
	const struct crew_terms *terms = &t->crew->terms;
	struct exchange *ex;

	for (;;) {
		if ((ex = next(t->crew)) == NULL) {
			db_close(t->db);
			continue;
		}
		++*terms->busy;
		serve(t, ex);
		--*terms->busy;
		log_flush();
	}
	return NULL;
}

bool
crew_thread(void *(*run)(void *), void *arg)
{
	pthread_attr_t attr;
	pthread_t id;
	bool good;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK_SIZE);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	good = pthread_create(&id, &attr, run, arg) == 0;
	pthread_attr_destroy(&attr);
	return good;
}

bool
crew_begin(struct crew *c, const struct crew_terms *terms, struct db_source *source)
{
	pthread_condattr_t monotonic;
	bool good = true;

	*c = (struct crew){ .terms = *terms, .source = source };
	c->end = &c->first;
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_mutex_init(&c->lock, NULL);
	pthread_cond_init(&c->ready, &monotonic);
	pthread_condattr_destroy(&monotonic);
	for (int i = 0; i < terms->threads && good; i++) {
		struct thread *t = malloc(sizeof(*t));

		if ((good = t != NULL)) {
			*t = (struct thread){ c, db_new(source) };
			good = t->db != NULL && crew_thread(work, t);
		}
	}
	return good;
}

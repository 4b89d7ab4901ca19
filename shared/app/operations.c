/* Metrics, health and readiness, for the operations server alone. */
#include <stdio.h>
#include <stdlib.h>

#include "app/app.h"
#include "app/operations.h"
#include "app/pool.h"
#include "auth/revocations.h"
#include "base/clock.h"
#include "base/scope.h"
#include "data/limits.h"
#include "events/bus.h"

static void
gauge(struct writer *w, struct request *rq, const char *name, const char *kind, const char *text, unsigned long long value)
{
	writer_text(w, scope_printf(&rq->scope, "# HELP %s %s\n# TYPE %s %s\n%s{pool=\"%s\"} %llu\n",
	    name, text, name, kind, name, rq->state->app->name, value));
}

static void
write_pool(struct writer *w, struct request *rq)
{
	const struct pool *pool = rq->state->pool;
	unsigned long long ready = 0, busy = 0, queued = 0, waiting = 0;
	int64_t refused_s = revocations_refused_until(rq->state->revoked), now_s = clock_unix_us() / 1000000;

	for (const struct worker_slot *s = pool->slots; s < pool->slots + POOL_SLOTS; s++) {
		ready += s->state == WORKER_READY;
		busy += (unsigned)s->busy;
		queued += (unsigned)s->queued;
		waiting += (unsigned)s->waiting_commits;
	}
	gauge(w, rq, "marquee_workers_ready", "gauge", "Worker processes that take requests.", ready);
	gauge(w, rq, "marquee_threads_busy", "gauge", "Blocking threads at work.", busy);
	gauge(w, rq, "marquee_threads", "gauge", "Blocking threads there are.", ready * (unsigned)pool->threads);
	gauge(w, rq, "marquee_requests_queued", "gauge", "Requests that wait for a blocking thread.", queued);
	gauge(w, rq, "marquee_commits_waiting", "gauge", "Commits that no standby has confirmed yet.", waiting);
	gauge(w, rq, "marquee_revocations_age_seconds", "gauge", "Since users last told which sessions ended.",
	    (unsigned long long)(clock_ms() - pool->polled_ms) / 1000);
	gauge(w, rq, "marquee_revocations_overflow_seconds", "gauge",
	    "How long older tokens are refused yet, as more sessions ended than there is room for.",
	    refused_s > now_s ? (unsigned long long)(refused_s - now_s) : 0);
	gauge(w, rq, "marquee_worker_restarts_total", "counter", "Workers that died and were replaced.", pool->restarts);
	gauge(w, rq, "marquee_rolls_total", "counter", "Rolls to a new release that came through.", pool->rolls);
	gauge(w, rq, "marquee_failed_rolls_total", "counter", "Rolls that were given up.", pool->failed_rolls);
	gauge(w, rq, "marquee_redis_fallbacks_total", "counter", "Limits counted in memory because Redis did not answer.",
	    limits_fallbacks(rq->state->limits));
}

static const struct statement measure_events = { SQL(
	select (select count(*) from (select from outbox where published_at is null limit 100000) waiting) as unpublished,
	       (select coalesce(extract(epoch from now() - min(created_at)), 0)::bigint
	          from (select created_at from outbox where published_at is null order by id limit 100) oldest) as age_s,
	       (select count(*) from failed_event where next_try_at is not null) as waiting,
	       (select count(*) from failed_event where next_try_at is null) as dead
) };

/* Without a data store the others are told all the same. */
static void
write_events(struct writer *w, struct request *rq)
{
	struct rows *rows = db_query(rq->db, &measure_events);

	if (rows_count(rows) == 1) {
		gauge(w, rq, "marquee_outbox_unpublished", "gauge", "Events and messages that the bus does not have yet.",
		    (unsigned long long)row_integer(rows, 0, "unpublished"));
		gauge(w, rq, "marquee_outbox_age_seconds", "gauge", "Age of the oldest of them.",
		    (unsigned long long)row_integer(rows, 0, "age_s"));
		gauge(w, rq, "marquee_events_waiting", "gauge", "Events that failed and will be tried again.",
		    (unsigned long long)row_integer(rows, 0, "waiting"));
		gauge(w, rq, "marquee_events_dead", "gauge", "Events that failed for good: marqueectl events.",
		    (unsigned long long)row_integer(rows, 0, "dead"));
	}
	scope_retry(&rq->scope);
}

struct groups {
	struct writer	*w;
	struct request	*rq;
};

static void
write_group(void *arg, const char *group, long long waiting)
{
	const struct groups *g = arg;

	writer_text(g->w, scope_printf(&g->rq->scope, "marquee_events_unconfirmed{pool=\"%s\",group=\"%s\"} %lld\n",
	    g->rq->state->app->name, group, waiting));
}

static void
write_groups(struct writer *w, struct request *rq)
{
	struct groups groups = { w, rq };

	if (rq->state->bus == NULL)
		return;
	writer_literal(w, "# HELP marquee_events_unconfirmed Events of this pool that another has not taken in yet.\n"
	    "# TYPE marquee_events_unconfirmed gauge\n");
	bus_each_group(rq->state->bus, rq->state->app->name, write_group, &groups);
}

static void
release(void *memory)
{
	free(memory);
}

static struct reply *
show_metrics(struct request *rq)
{
	const struct pool *pool = rq->state->pool;
	struct metrics *sum = calloc(1, sizeof(*sum));
	struct writer w;

	if (sum == NULL)
		return problem(rq, 503, "out_of_memory", "There is no memory left.");
	scope_defer(&rq->scope, release, sum);
	sum->table = metrics_table(rq->state->router);
	if (pool->retired.table == sum->table)
		metrics_add(sum, &pool->retired);
	for (const struct worker_slot *s = pool->slots; s < pool->slots + POOL_SLOTS; s++)
		if (s->metrics.table == sum->table)
			metrics_add(sum, &s->metrics);
	writer_begin(&w, &rq->scope, 16384);
	metrics_write(&w, sum, rq->state->router, rq->state->app->name);
	write_pool(&w, rq);
	write_events(&w, rq);
	write_groups(&w, rq);
	return reply_bytes(rq, "text/plain; version=0.0.4", w.data, w.length);
}

static struct reply *
show_health(struct request *rq)
{
	struct writer *w = reply_begin(rq);

	writer_literal(w, "\"healthy\":true");
	return reply_end(rq, w);
}

static const struct statement ping = { SQL(select true as answers) };

/* Ready: the primary answers, no commit waits for a standby, and tokens can be trusted. */
static struct reply *
show_readiness(struct request *rq)
{
	struct writer *w = reply_begin(rq);
	int waiting = db_source_waiting_commits(rq->state->source);

	db_query(rq->db, &ping);
	if (scope_failed(&rq->scope))
		return reply_failure(rq);
	if (!rq->state->pool->started)
		return problem(rq, 503, "starting", "It is not known yet which sessions ended.");
	if (waiting > 0)
		return problem_with(rq, 503, "writes_waiting", "waiting_commits", waiting,
		    "Commits wait for a standby: none confirms.");
	writer_literal(w, "\"ready\":true");
	return reply_end(rq, w);
}

const struct route operations_routes[] = {
	{ GET, "/metrics", show_metrics, .audience = OPERATIONS,
	  .summary = "Counters for Prometheus" },
	{ GET, "/healthz", show_health, .audience = OPERATIONS, .quick = true,
	  .answer = "healthy:bool", .summary = "Whether this pool answers" },
	{ GET, "/readyz", show_readiness, .audience = OPERATIONS,
	  .answer = "ready:bool", .summary = "Whether this pool can do its work" },
	{ 0 }
};

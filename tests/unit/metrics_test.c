/* Counters, and how Prometheus reads them. */
#include <string.h>

#include "app/metrics.h"
#include "base/scope.h"
#include "base/writer.h"
#include "http/request.h"
#include "http/reply.h"
#include "unit.h"

static struct reply *
run(struct request *rq)
{
	(void)rq;
	return NULL;
}

static const struct route rows[] = {
	{ GET, "/a", run, .audience = ANYONE, .summary = "a" },
	{ POST, "/a", run, .summary = "a" },
	{ 0 }
};

static struct router *
router(void)
{
	return router_new((const struct route *const []){ rows, NULL });
}

static const char *
page(struct scope *sc, const struct metrics *m, const struct router *r)
{
	struct writer w;

	writer_begin(&w, sc, 1024);
	metrics_write(&w, m, r, "p");
	return scope_copy(sc, w.data, w.length);
}

static void
has(const char *text, const char *line)
{
	ck_assert_msg(strstr(text, line) != NULL, "no %s in:\n%s", line, text);
}

START_TEST(requests_are_counted_by_route_and_status)
{
	struct scope sc = { 0 };
	struct router *r = router();
	static struct metrics m;
	const char *text;

	memset(&m, 0, sizeof(m));
	metrics_count(&m, 0, 200, 400, 100);
	metrics_count(&m, 0, 200, 2000, 0);
	metrics_count(&m, 1, 422, 10, 0);
	metrics_count(&m, METRICS_MAX_ROUTES - 1, 404, 10, 0);
	text = page(&sc, &m, r);
	has(text, "marquee_requests_total{pool=\"p\",method=\"GET\",route=\"/a\",status=\"200\"} 2\n");
	has(text, "marquee_requests_total{pool=\"p\",method=\"POST\",route=\"/a\",status=\"422\"} 1\n");
	has(text, "marquee_requests_total{pool=\"p\",method=\"\",route=\"\",status=\"404\"} 1\n");
	has(text, "marquee_request_seconds_bucket{pool=\"p\",method=\"GET\",route=\"/a\",le=\"0.0005\"} 1\n");
	has(text, "marquee_request_seconds_bucket{pool=\"p\",method=\"GET\",route=\"/a\",le=\"0.0025\"} 2\n");
	has(text, "marquee_request_seconds_bucket{pool=\"p\",method=\"GET\",route=\"/a\",le=\"+Inf\"} 2\n");
	has(text, "marquee_request_seconds_sum{pool=\"p\",method=\"GET\",route=\"/a\"} 0.002400\n");
	has(text, "marquee_database_seconds_total{pool=\"p\",method=\"GET\",route=\"/a\"} 0.000100\n");
	scope_free(&sc);
	router_free(r);
}
END_TEST

static struct metrics sum, worker;

/* A worker that answered one request, and its sum. */
static void
add_one_of_table(uint64_t table)
{
	memset(&sum, 0, sizeof(sum));
	memset(&worker, 0, sizeof(worker));
	worker.table = table;
	metrics_count(&worker, 0, 200, 10, 0);
	metrics_add(&sum, &worker);
}

START_TEST(what_an_ended_worker_counted_goes_on_counting)
{
	add_one_of_table(7);
	metrics_add(&sum, &worker);
	ck_assert_uint_eq(sum.routes[0].statuses[0], 2);
	ck_assert_uint_eq(sum.routes[0].time_us, 20);
}
END_TEST

START_TEST(a_release_with_other_routes_begins_anew)
{
	add_one_of_table(7);
	worker.table = 8;
	metrics_add(&sum, &worker);
	ck_assert_uint_eq(sum.table, 8);
	ck_assert_uint_eq(sum.routes[0].statuses[0], 1);
}
END_TEST

SUITE("metrics", requests_are_counted_by_route_and_status, what_an_ended_worker_counted_goes_on_counting,
    a_release_with_other_routes_begins_anew)

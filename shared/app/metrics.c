/* Counters of a pool, and how Prometheus reads them. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "app/metrics.h"
#include "base/writer.h"
#include "http/route.h"

static const int statuses[METRICS_STATUSES] = {
	200, 201, 202, 204, 400, 401, 403, 404, 405, 409, 410, 412, 413, 415, 422, 429, 500, 502, 503, 0 /* any other */
};

/* Upper bounds; the last bucket has none. */
static const int64_t bounds_us[METRICS_BUCKETS - 1] = {
	500, 1000, 2500, 5000, 10000, 25000, 50000, 100000, 250000, 500000, 1000000, 2500000
};

uint64_t
metrics_table(const struct router *router)
{
	uint64_t hash = 14695981039346656037u;	/* FNV-1a */

	for (size_t i = 0; i < router_count(router); i++) {
		hash = (hash ^ (uint64_t)router_row(router, i)->method) * 1099511628211u;
		for (const char *c = router_row(router, i)->path; *c != '\0'; c++)
			hash = (hash ^ (unsigned char)*c) * 1099511628211u;
	}
	return hash;
}

static void
count_up(_Atomic uint64_t *counter, uint64_t by)
{
	if (by > 0)
		atomic_fetch_add_explicit(counter, by, memory_order_relaxed);
}

void
metrics_count(struct metrics *m, unsigned route, int status, int64_t time_us, int64_t database_us)
{
	struct route_metrics *r = &m->routes[route < METRICS_MAX_ROUTES ? route : METRICS_MAX_ROUTES - 1];
	int s = 0, b = 0;

	while (s < METRICS_STATUSES - 1 && statuses[s] != status)
		s++;
	while (b < METRICS_BUCKETS - 1 && time_us > bounds_us[b])
		b++;
	count_up(&r->statuses[s], 1);
	count_up(&r->buckets[b], 1);
	count_up(&r->time_us, (uint64_t)time_us);
	count_up(&r->database_us, (uint64_t)database_us);
}

void
metrics_add(struct metrics *sum, const struct metrics *from)
{
	if (from->table == 0)
		return;
	if (sum->table != from->table) {
		memset(sum, 0, sizeof(*sum));
		sum->table = from->table;
	}
	count_up(&sum->lane_batches, from->lane_batches);
	count_up(&sum->lane_reads, from->lane_reads);
	count_up(&sum->lane_fallbacks, from->lane_fallbacks);
	for (int i = 0; i < METRICS_MAX_ROUTES; i++) {
		for (int s = 0; s < METRICS_STATUSES; s++)
			count_up(&sum->routes[i].statuses[s], from->routes[i].statuses[s]);
		for (int b = 0; b < METRICS_BUCKETS; b++)
			count_up(&sum->routes[i].buckets[b], from->routes[i].buckets[b]);
		count_up(&sum->routes[i].time_us, from->routes[i].time_us);
		count_up(&sum->routes[i].database_us, from->routes[i].database_us);
	}
}

/* --- printing --- */

static void
line(struct writer *w, const char *fmt, ...)
{
	char text[512];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	writer_bytes(w, text, (size_t)n < sizeof(text) ? (size_t)n : sizeof(text) - 1);
}

/* Calls each for every route that was asked for; the last place has no row. */
static void
each_route(struct writer *w, const struct metrics *m, const struct router *router, const char *pool,
    void (*each)(struct writer *, const struct route_metrics *, const char *labels))
{
	char labels[256];

	for (unsigned i = 0; i < METRICS_MAX_ROUTES; i++) {
		const struct route_metrics *r = &m->routes[i];
		uint64_t seen = 0;

		for (int b = 0; b < METRICS_BUCKETS; b++)
			seen += r->buckets[b];
		if (seen == 0)
			continue;
		if (i < router_count(router))
			snprintf(labels, sizeof(labels), "pool=\"%s\",method=\"%s\",route=\"%s\"", pool,
			    method_text(router_row(router, i)->method), router_row(router, i)->path);
		else
			snprintf(labels, sizeof(labels), "pool=\"%s\",method=\"\",route=\"\"", pool);
		each(w, r, labels);
	}
}

static void
write_statuses(struct writer *w, const struct route_metrics *r, const char *labels)
{
	for (int s = 0; s < METRICS_STATUSES; s++)
		if (r->statuses[s] > 0)
			line(w, "marquee_requests_total{%s,status=\"%d\"} %llu\n", labels, statuses[s],
			    (unsigned long long)r->statuses[s]);
}

static void
write_histogram(struct writer *w, const struct route_metrics *r, const char *labels)
{
	unsigned long long sum = 0;

	for (int b = 0; b < METRICS_BUCKETS; b++) {
		sum += r->buckets[b];
		if (b < METRICS_BUCKETS - 1)
			line(w, "marquee_request_seconds_bucket{%s,le=\"%g\"} %llu\n", labels,
			    (double)bounds_us[b] / 1e6, sum);
	}
	line(w, "marquee_request_seconds_bucket{%s,le=\"+Inf\"} %llu\n", labels, sum);
	line(w, "marquee_request_seconds_sum{%s} %.6f\n", labels, (double)r->time_us / 1e6);
	line(w, "marquee_request_seconds_count{%s} %llu\n", labels, sum);
}

static void
write_database(struct writer *w, const struct route_metrics *r, const char *labels)
{
	line(w, "marquee_database_seconds_total{%s} %.6f\n", labels, (double)r->database_us / 1e6);
}

static void
header(struct writer *w, const char *name, const char *kind, const char *text)
{
	line(w, "# HELP %s %s\n# TYPE %s %s\n", name, text, name, kind);
}

void
metrics_write(struct writer *w, const struct metrics *m, const struct router *router, const char *pool)
{
	header(w, "marquee_requests_total", "counter", "Requests answered.");
	each_route(w, m, router, pool, write_statuses);
	header(w, "marquee_request_seconds", "histogram", "From the request's arrival in the pool to its answer.");
	each_route(w, m, router, pool, write_histogram);
	header(w, "marquee_database_seconds_total", "counter", "Time spent waiting for Postgres.");
	each_route(w, m, router, pool, write_database);
	header(w, "marquee_lane_batches_total", "counter", "Round trips of the read lane.");
	line(w, "marquee_lane_batches_total{pool=\"%s\"} %llu\n", pool, (unsigned long long)m->lane_batches);
	header(w, "marquee_lane_reads_total", "counter", "Reads sent in them.");
	line(w, "marquee_lane_reads_total{pool=\"%s\"} %llu\n", pool, (unsigned long long)m->lane_reads);
	header(w, "marquee_lane_fallbacks_total", "counter", "Reads that the lane gave to the blocking threads.");
	line(w, "marquee_lane_fallbacks_total{pool=\"%s\"} %llu\n", pool, (unsigned long long)m->lane_fallbacks);
}

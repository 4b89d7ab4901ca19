/*
 * Counters of a pool, in memory that its processes share: requests by route
 * and status, their time and their time in Postgres.
 */
#ifndef APP_METRICS_H
#define APP_METRICS_H

#include <stdatomic.h>
#include <stdint.h>

#define METRICS_MAX_ROUTES	160
#define METRICS_STATUSES	20
#define METRICS_BUCKETS		13

struct router;
struct writer;

struct route_metrics {
	_Atomic uint64_t	statuses[METRICS_STATUSES];
	_Atomic uint64_t	buckets[METRICS_BUCKETS];	/* not cumulative */
	_Atomic uint64_t	time_us, database_us;
};

/* What one worker counted. */
struct metrics {
	_Atomic uint64_t	table;		/* which route table the numbers belong to */
	_Atomic uint64_t	lane_batches, lane_reads, lane_fallbacks;
	struct route_metrics	routes[METRICS_MAX_ROUTES];	/* the last one counts what found no route */
};

/* A number that changes with the route table. */
uint64_t	 metrics_table(const struct router *);
void		 metrics_count(struct metrics *, unsigned route, int status, int64_t time_us, int64_t database_us);
/* Adds from to sum when both are of one table; a sum of another is begun anew. */
void		 metrics_add(struct metrics *sum, const struct metrics *from);
/* As Prometheus reads it, text format 0.0.4. */
void		 metrics_write(struct writer *, const struct metrics *, const struct router *, const char *pool);

#endif

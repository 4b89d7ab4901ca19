/* The read lane: one pipeline of declared reads at a time, over one connection that never blocks the loop. */
#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "app/lane.h"
#include "app/metrics.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/scope.h"

#define BATCH			64
#define MAX_BACK_OFF_MS		1000
#define SLOW_ROW_MS		5000	/* a row that was too slow once stays with the threads for so long */
#define MAX_SENDS		5	/* a read behind one that failed is sent again */

enum state { CLOSED, CONNECTING, READY, BUSY };

/* One step of the pipeline: a statement being prepared, or a read. */
struct flight {
	struct exchange	*ex;		/* NULL: the preparation of the row's statement */
	size_t		 row;
};

struct row_state {
	bool			 prepared;
	struct row_shape	*shape;
	int64_t			 slow_until_ms;
};

struct lane {
	enum ready		 ready;		/* first: what epoll gives back */
	struct lane_owner	 owner;
	enum reads		 reads;
	enum state		 state;
	PGconn			*pg;
	bool			 unsent;	/* EPOLLOUT is asked for */
	int			 host;		/* of the attempt to connect, or of the connection */
	int			 hosts_tried;
	int64_t			 deadline_ms;	/* CONNECTING, BUSY */
	int64_t			 retry_ms, back_off_ms;
	int64_t			 used_ms, sent_us;
	struct exchange		*waiting, **waiting_end;
	struct flight		 flights[2 * BATCH];
	int			 flight_count, flight_done;
	struct row_state	 rows[];
};

struct lane *
lane_new(const struct lane_owner *owner, enum reads reads)
{
	size_t rows = router_count(owner->state->router);
	struct lane *lane = calloc(1, sizeof(*lane) + rows * sizeof(struct row_state));

	if (lane == NULL)
		return NULL;
	lane->ready = READY_LANE;
	lane->owner = *owner;
	lane->reads = reads;
	lane->waiting_end = &lane->waiting;
	return lane;
}

static size_t
row_count(const struct lane *lane)
{
	return router_count(lane->owner.state->router);
}

static void
enqueue(struct lane *lane, struct exchange *ex)
{
	ex->next = NULL;
	*lane->waiting_end = ex;
	lane->waiting_end = &ex->next;
}

static struct exchange *
dequeue(struct lane *lane)
{
	struct exchange *ex = lane->waiting;

	if (ex != NULL && (lane->waiting = ex->next) == NULL)
		lane->waiting_end = &lane->waiting;
	return ex;
}

static void
give_back(struct lane *lane, struct exchange *ex)
{
	atomic_fetch_add_explicit(&lane->owner.metrics->lane_fallbacks, 1, memory_order_relaxed);
	lane->owner.give_back(lane->owner.arg, ex);
}

/* --- the connection --- */

static void
watch(struct lane *lane, uint32_t events)
{
	struct epoll_event e = { .events = events, .data.ptr = lane };
	int fd = PQsocket(lane->pg);

	/* libpq may have opened another socket under the same number. */
	if (fd >= 0 && epoll_ctl(lane->owner.epoll, EPOLL_CTL_MOD, fd, &e) != 0 && errno == ENOENT)
		epoll_ctl(lane->owner.epoll, EPOLL_CTL_ADD, fd, &e);
}

/* Whatever was in flight or waits goes to the threads. */
static void
close_lane(struct lane *lane)
{
	struct exchange *ex;

	PQfinish(lane->pg);
	lane->pg = NULL;
	lane->unsent = false;
	lane->state = CLOSED;
	for (size_t i = 0; i < row_count(lane); i++) {
		row_shape_free(lane->rows[i].shape);
		lane->rows[i].shape = NULL;
		lane->rows[i].prepared = false;
	}
	for (; lane->flight_done < lane->flight_count; lane->flight_done++)
		if ((ex = lane->flights[lane->flight_done].ex) != NULL)
			give_back(lane, ex);
	lane->flight_count = lane->flight_done = 0;
	while ((ex = dequeue(lane)) != NULL)
		give_back(lane, ex);
}

static void
connect_host(struct lane *lane)
{
	const char *keywords[DB_CONNECT_PARAMS], *values[DB_CONNECT_PARAMS];
	char options[256];

	snprintf(options, sizeof(options), "%s -c default_transaction_read_only=on -c statement_timeout=%d",
	    db_source_options(lane->owner.state->source), lane->owner.statement_timeout_ms);
	db_source_params(lane->owner.state->source, lane->reads, lane->host, false, options, keywords, values);
	if ((lane->pg = PQconnectStartParams(keywords, values, 0)) != NULL)
		db_source_listen(lane->pg);
	lane->state = CONNECTING;
	lane->deadline_ms = clock_ms() + DB_CONNECT_TIMEOUT_MS;
	if (PQstatus(lane->pg) == CONNECTION_BAD)
		lane->deadline_ms = 0;		/* the next tick takes the next host */
	else
		watch(lane, EPOLLOUT);
}

static void
connect_first(struct lane *lane)
{
	lane->host = db_source_best(lane->owner.state->source, lane->reads);
	lane->hosts_tried = 0;
	connect_host(lane);
}

/* The next host, or a pause that grows when all were asked. */
static void
connect_failed(struct lane *lane)
{
	int hosts = db_source_hosts(lane->owner.state->source, lane->reads);

	log_event(LOG_WARNING, "read lane cannot connect", LOG_INT("host", lane->host),
	    LOG_TEXT("error", lane->pg != NULL ? PQerrorMessage(lane->pg) : "out of memory"));
	close_lane(lane);
	if (++lane->hosts_tried < hosts) {
		lane->host = (lane->host + 1) % hosts;
		connect_host(lane);
		return;
	}
	lane->back_off_ms = lane->back_off_ms == 0 ? 50 : 2 * lane->back_off_ms;
	if (lane->back_off_ms > MAX_BACK_OFF_MS)
		lane->back_off_ms = MAX_BACK_OFF_MS;
	lane->retry_ms = clock_ms() + lane->back_off_ms;
}

static void
connect_on(struct lane *lane)
{
	switch (PQconnectPoll(lane->pg)) {
	case PGRES_POLLING_READING:
		watch(lane, EPOLLIN);
		return;
	case PGRES_POLLING_WRITING:
		watch(lane, EPOLLOUT);
		return;
	case PGRES_POLLING_OK:
		break;
	default:
		connect_failed(lane);
		return;
	}
	if (PQsetnonblocking(lane->pg, 1) != 0 || PQenterPipelineMode(lane->pg) != 1) {
		connect_failed(lane);
		return;
	}
	db_source_answered(lane->owner.state->source, lane->reads, lane->host);
	lane->state = READY;
	lane->back_off_ms = 0;
	lane->used_ms = clock_ms();
	watch(lane, EPOLLIN);
}

static void
lost(struct lane *lane)
{
	log_event(LOG_WARNING, "read lane lost its connection", LOG_TEXT("error", PQerrorMessage(lane->pg)));
	close_lane(lane);
	connect_first(lane);
}

/* --- sending --- */

static bool
is_slow(const struct lane *lane, size_t row)
{
	return lane->rows[row].slow_until_ms > clock_ms();
}

bool
lane_takes(struct lane *lane, const struct route *r)
{
	if (lane->state == CLOSED && clock_ms() >= lane->retry_ms)
		connect_first(lane);
	return (lane->state == READY || lane->state == BUSY) && !is_slow(lane, router_index(lane->owner.state->router, r));
}

void
lane_add(struct lane *lane, struct exchange *ex)
{
	enqueue(lane, ex);
}

static bool
prepare(struct lane *lane, size_t row, const char *name, const struct read *read)
{
	if (lane->rows[row].prepared)
		return true;
	lane->rows[row].prepared = true;
	lane->flights[lane->flight_count++] = (struct flight){ NULL, row };
	return PQsendPrepare(lane->pg, name, read->statement.sql, 0, NULL) == 1;
}

static bool
send_read(struct lane *lane, struct exchange *ex)
{
	size_t row = router_index(lane->owner.state->router, ex->rq.route);
	char name[16];
	bool sent;

	snprintf(name, sizeof(name), "r%zu", row);
	sent = prepare(lane, row, name, ex->rq.route->read);
	lane->flights[lane->flight_count++] = (struct flight){ ex, row };
	ex->tries++;
	return sent && PQsendQueryPrepared(lane->pg, name, ex->value_count, ex->values, NULL, NULL, 1) == 1;
}

static void
flush(struct lane *lane)
{
	int left = PQflush(lane->pg);

	lane->unsent = left > 0;
	if (left < 0)
		lost(lane);
	else
		watch(lane, left > 0 ? EPOLLIN | EPOLLOUT : EPOLLIN);
}

void
lane_turn(struct lane *lane)
{
	struct exchange *ex;
	int reads = 0;
	bool sent = true;

	if (lane->state != READY || lane->waiting == NULL)
		return;
	lane->flight_count = lane->flight_done = 0;
	while (reads < BATCH && sent && (ex = dequeue(lane)) != NULL) {
		if (is_slow(lane, router_index(lane->owner.state->router, ex->rq.route))) {
			give_back(lane, ex);	/* slow since it came here */
			continue;
		}
		sent = send_read(lane, ex);
		reads++;
	}
	if (lane->flight_count == 0)
		return;
	lane->state = BUSY;
	lane->sent_us = clock_us();
	lane->used_ms = lane->sent_us / 1000;
	lane->deadline_ms = lane->used_ms + lane->owner.timeout_ms;
	atomic_fetch_add_explicit(&lane->owner.metrics->lane_batches, 1, memory_order_relaxed);
	atomic_fetch_add_explicit(&lane->owner.metrics->lane_reads, (unsigned)reads, memory_order_relaxed);
	if (!sent || PQpipelineSync(lane->pg) != 1)
		lost(lane);
	else if (PQflush(lane->pg) != 0)
		flush(lane);
}

/* --- receiving --- */

static bool
is_state(const PGresult *result, const char *sqlstate)
{
	const char *s = PQresultErrorField(result, PG_DIAG_SQLSTATE);

	return s != NULL && strcmp(s, sqlstate) == 0;
}

static void
prepared(struct lane *lane, size_t row, PGresult *result)
{
	/* The threads find out why; here it would abort whatever stands behind it. */
	if (PQresultStatus(result) != PGRES_COMMAND_OK) {
		lane->rows[row].prepared = false;
		if (PQresultStatus(result) != PGRES_PIPELINE_ABORTED)
			lane->rows[row].slow_until_ms = clock_ms() + SLOW_ROW_MS;
	}
	PQclear(result);
}

static const struct row_shape *
shape_of(struct row_state *row, const PGresult *result)
{
	char problem[128];

	if (row->shape == NULL && (row->shape = row_shape_new(result, problem)) == NULL)
		log_event(LOG_ERROR, "answer cannot be printed", LOG_TEXT("error", problem));
	return row->shape;
}

/*
 * A read that was too slow, and those that Postgres skipped because of one
 * that failed before them: the slow one goes to the threads, the others again.
 */
static void
read_failed(struct lane *lane, struct exchange *ex, size_t row, PGresult *result)
{
	bool aborted = PQresultStatus(result) == PGRES_PIPELINE_ABORTED;

	if (is_state(result, "57014"))
		lane->rows[row].slow_until_ms = clock_ms() + SLOW_ROW_MS;
	PQclear(result);
	if (aborted && ex->tries < MAX_SENDS && !is_slow(lane, row))
		enqueue(lane, ex);
	else
		give_back(lane, ex);
}

/* Makes the rows part of the request's scope; memory may end in it, and then rows stays NULL. */
struct arrival {
	struct exchange	*ex;
	PGresult	*result;
	struct rows	*rows;
};

static void
take_rows(void *arg)
{
	struct arrival *a = arg;

	a->rows = rows_of(&a->ex->rq.scope, a->result);
}

static void
arrived(struct lane *lane, struct flight f, PGresult *result)
{
	struct arrival a = { f.ex, result, NULL };

	if (f.ex == NULL) {
		prepared(lane, f.row, result);
	} else if (PQresultStatus(result) != PGRES_TUPLES_OK) {
		read_failed(lane, f.ex, f.row, result);
	} else {
		f.ex->database_us += clock_us() - lane->sent_us;
		scope_run(&f.ex->rq.scope, take_rows, &a);
		lane->owner.answer(lane->owner.arg, f.ex, a.rows,
		    a.rows != NULL ? shape_of(&lane->rows[f.row], result) : NULL);
	}
}

static void
receive(struct lane *lane)
{
	PGresult *result;

	if (PQconsumeInput(lane->pg) != 1) {
		lost(lane);
		return;
	}
	while (lane->state == BUSY && !PQisBusy(lane->pg)) {
		if ((result = PQgetResult(lane->pg)) == NULL)	/* the end of one step's results */
			continue;
		if (PQresultStatus(result) == PGRES_PIPELINE_SYNC) {
			PQclear(result);
			lane->flight_count = lane->flight_done = 0;
			lane->state = READY;
		} else if (db_lost(lane->pg, result) || lane->flight_done == lane->flight_count) {
			PQclear(result);
			lost(lane);
		} else {
			lane->deadline_ms = clock_ms() + lane->owner.timeout_ms;
			lane->flight_done++;
			arrived(lane, lane->flights[lane->flight_done - 1], result);
		}
	}
}

void
lane_ready(void *arg)
{
	struct lane *lane = arg;

	if (lane->state == CONNECTING) {
		connect_on(lane);
		return;
	}
	if (lane->state == BUSY && lane->unsent)
		flush(lane);
	if (lane->state == BUSY)
		receive(lane);
	else if (lane->state == READY && (PQconsumeInput(lane->pg) != 1 || PQstatus(lane->pg) != CONNECTION_OK))
		lost(lane);
	else if (lane->state == READY)
		watch(lane, EPOLLIN);
}

int
lane_tick(struct lane *lane, int64_t now_ms)
{
	int64_t left = 1000;

	if (lane->state == CONNECTING && (lane->pg == NULL || now_ms >= lane->deadline_ms))
		connect_failed(lane);
	if (lane->state == BUSY && now_ms >= lane->deadline_ms) {
		log_event(LOG_WARNING, "read lane got no answer in time");
		close_lane(lane);
		connect_first(lane);
	}
	if (lane->state == READY && lane->waiting == NULL && now_ms - lane->used_ms > DB_IDLE_S * 1000)
		close_lane(lane);
	if (lane->state == CONNECTING || lane->state == BUSY)
		left = lane->deadline_ms - now_ms;
	return left < 1 ? 1 : left > 1000 ? 1000 : (int)left;
}

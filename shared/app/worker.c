/* A worker process: the loop, its read lanes, and the threads that may block. */
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "app/handle.h"
#include "app/lane.h"
#include "app/pool.h"
#include "app/queue.h"
#include "app/worker.h"
#include "base/clock.h"
#include "base/config.h"
#include "base/log.h"
#include "base/scope.h"
#include "http/read.h"

#define EVENTS		64
#define QUEUE_LIMIT	1024
#define SLOW_QUEUE_LIMIT 256
#define MAX_WAIT_MS	2000	/* in the queue; after that nginx is about to give up */
#define LEAST_WAIT_MS	300	/* for Postgres, of who waited long in the queue */
#define MAX_SLOW_WAIT_MS 25000	/* likewise, of slow rows */
#define IDLE_S		60
#define STACK_SIZE	(256 * 1024)
#define START_WAIT_MS	5000
#define ACCEPT_PAUSE_MS	100
#define SLOW_NICENESS	5	/* hashes give way to whoever answers in a millisecond */

struct worker {
	const struct app_state	*state;
	struct worker_slot	*slot;
	int			 epoll, listener, signals;
	bool			 draining;
	bool			 log_requests;
	int64_t			 database_wait_ms;
	int64_t			 drain_until_ms;
	int64_t			 accept_ms;	/* when to accept again; 0: now */
	_Atomic int		 connections;
	struct lane		*lanes[2];
	struct queue		 plain, slow;
};

static struct { enum ready ready; } listener_ready = { READY_LISTENER }, signal_ready = { READY_SIGNAL };

/* --- ending an exchange, in whichever thread --- */

static void
forget(struct worker *w, struct exchange *ex)
{
	exchange_free(ex);
	w->connections--;
}

/* Until it is armed again a connection belongs to one thread. */
static void
arm(struct worker *w, struct exchange *ex, int operation)
{
	struct epoll_event e = { .events = EPOLLIN | EPOLLRDHUP | EPOLLONESHOT, .data.ptr = ex };

	if (epoll_ctl(w->epoll, operation, ex->fd, &e) != 0) {
		close(ex->fd);
		forget(w, ex);
	}
}

static void
answer(struct worker *w, struct exchange *ex, const struct reply *re)
{
	const struct request *rq = &ex->rq;
	unsigned row = rq->route != NULL ? (unsigned)router_index(w->state->router, rq->route) : METRICS_MAX_ROUTES - 1;
	int64_t start_us = ex->start_us, database_us = ex->database_us;
	int status = re->status;
	bool kept = exchange_answer(ex, re, w->log_requests);

	metrics_count(&w->slot->metrics, row, status, clock_us() - start_us, database_us);
	if (kept)
		arm(w, ex, EPOLL_CTL_MOD);
	else
		forget(w, ex);
}

static void
make_failure(void *arg)
{
	struct request *rq = arg;

	rq->reply = reply_failure(rq);
}

static void
answer_failure(struct worker *w, struct exchange *ex)
{
	bool whole = scope_run(&ex->rq.scope, make_failure, &ex->rq);

	answer(w, ex, whole ? ex->rq.reply : reply_out_of_memory());
}

static void
answer_overloaded(struct worker *w, struct exchange *ex)
{
	scope_fail(&ex->rq.scope, 503, "overloaded", "Too many requests wait; nothing was changed.");
	ex->rq.scope.failure.retry_after_s = 1;
	answer_failure(w, ex);
}

/* --- threads that may block --- */

struct thread {
	struct worker	*worker;
	struct queue	*queue;
	struct db	*db;
	int64_t		 max_wait_ms;
};

static void
serve_now(void *arg)
{
	struct exchange *ex = arg;
	struct request *rq = &ex->rq;
	bool later;

	if (handle_admit(rq, true, &later)) {
		exchange_begin_trace(ex);
		exchange_read_body(ex);
		if (!scope_failed(&rq->scope))
			rq->reply = handle_run(rq);
	}
	if (scope_failed(&rq->scope))
		rq->reply = reply_failure(rq);
}

static void
serve(struct thread *t, struct exchange *ex)
{
	int64_t waited_ms = (clock_us() - ex->start_us) / 1000, limit_ms = t->worker->database_wait_ms;
	bool whole;

	if (waited_ms > t->max_wait_ms) {
		answer_overloaded(t->worker, ex);
		return;
	}
	/* The time in the queue is part of what nginx waits. */
	if (t->queue == &t->worker->plain)
		limit_ms = waited_ms < limit_ms - LEAST_WAIT_MS ? limit_ms - waited_ms : LEAST_WAIT_MS;
	ex->rq.db = t->db;
	ex->rq.reply = NULL;
	db_attach(t->db, &ex->rq.scope, PRIMARY, limit_ms);
	whole = scope_run(&ex->rq.scope, serve_now, ex);
	ex->database_us += db_time_us(t->db);
	db_detach(t->db);
	answer(t->worker, ex, whole ? ex->rq.reply : reply_out_of_memory());
}

static void *
thread_run(void *arg)
{
	struct thread *t = arg;
	struct worker *w = t->worker;
	struct exchange *ex;

	if (t->queue == &w->slow)
		setpriority(PRIO_PROCESS, 0, getpriority(PRIO_PROCESS, 0) + SLOW_NICENESS);	/* Linux: of this thread */
	for (;;) {
		if ((ex = queue_take(t->queue, IDLE_S)) == NULL) {
			db_close(t->db);
			continue;
		}
		w->slot->busy++;
		serve(t, ex);
		w->slot->busy--;
		log_flush();
	}
	return NULL;
}

static bool
begin_thread(void *(*run)(void *), void *arg)
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

static bool
start_threads(struct worker *w, struct queue *q, int64_t count, int64_t max_wait_ms)
{
	bool good = true;

	for (int64_t i = 0; i < count && good; i++) {
		struct thread *t = malloc(sizeof(*t));

		if ((good = t != NULL)) {
			*t = (struct thread){ w, q, db_new(w->state->source), max_wait_ms };
			good = t->db != NULL && begin_thread(thread_run, t);
		}
	}
	return good;
}

/* --- the read lane --- */

static void
to_thread(struct worker *w, struct exchange *ex)
{
	if (!queue_put(ex->rq.route->slow ? &w->slow : &w->plain, ex))
		answer_overloaded(w, ex);
}

static void
lane_gives_back(void *arg, struct exchange *ex)
{
	to_thread(arg, ex);
}

struct lane_answer {
	struct exchange			*ex;
	const struct rows		*rows;
	const struct row_shape		*shape;
};

static void
make_lane_answer(void *arg)
{
	struct lane_answer *a = arg;

	a->ex->rq.reply = read_reply(&a->ex->rq, a->rows, a->shape);
}

/* A replica may not have it yet: what is not there is asked of the primary, once. */
static bool
ask_primary(struct worker *w, struct exchange *ex, const struct rows *rows)
{
	const struct route *r = ex->rq.route;

	if (r->reads != REPLICA || r->read->shape != ONE || rows_count(rows) > 0 || ex->asked_primary ||
	    !db_source_has_replica(w->state->source) || !lane_takes(w->lanes[PRIMARY], r))
		return false;
	ex->asked_primary = true;
	lane_add(w->lanes[PRIMARY], ex);
	return true;
}

static void
lane_answers(void *arg, struct exchange *ex, const struct rows *rows, const struct row_shape *shape)
{
	struct worker *w = arg;
	struct lane_answer a = { ex, rows, shape };

	if (rows != NULL && shape == NULL) {
		to_thread(w, ex);	/* where the same failure is answered with its reason */
		return;
	}
	if (rows != NULL && ask_primary(w, ex, rows))
		return;
	if (rows == NULL || !scope_run(&ex->rq.scope, make_lane_answer, &a))
		ex->rq.reply = reply_out_of_memory();
	answer(w, ex, ex->rq.reply);
}

/* --- requests that arrive --- */

/* Routes, admits and binds what the lane can do; leaves the rest to a thread, or fails the scope. */
struct arrival {
	struct worker	*worker;
	struct exchange	*ex;
	struct lane	*lane;		/* NULL: a thread's work, unless there is a reply already */
};

/* The thread that it would be handed to costs more than the answer. */
static void
answer_quickly(struct request *rq)
{
	bool later;

	if (!handle_admit(rq, false, &later))
		return;
	field_bind(rq);
	if (!scope_failed(&rq->scope))
		rq->reply = rq->route->run(rq);
}

static void
sort(void *arg)
{
	struct arrival *a = arg;
	struct request *rq = &a->ex->rq;
	struct lane *lane;
	bool later;

	if (!handle_route(rq) || rq->body_size > 0)
		return;
	if (rq->route->quick)
		answer_quickly(rq);
	if (rq->route->read == NULL)
		return;
	lane = a->worker->lanes[rq->route->reads];
	if (!lane_takes(lane, rq->route) || !handle_admit(rq, false, &later))
		return;
	field_bind(rq);
	if (scope_failed(&rq->scope))
		return;
	a->ex->value_count = read_params(rq, a->ex->values);
	a->lane = lane;
}

static void
arrived(struct worker *w, struct exchange *ex)
{
	struct arrival a = { w, ex, NULL };

	if (!exchange_receive(ex)) {
		forget(w, ex);
		return;
	}
	if (!scope_run(&ex->rq.scope, sort, &a))
		answer(w, ex, reply_out_of_memory());
	else if (scope_failed(&ex->rq.scope))
		answer_failure(w, ex);
	else if (ex->rq.reply != NULL)
		answer(w, ex, ex->rq.reply);
	else if (a.lane != NULL)
		lane_add(a.lane, ex);
	else
		to_thread(w, ex);
}

static void
accept_all(struct worker *w)
{
	struct exchange *ex;
	int fd;

	while (!w->draining && (fd = accept4(w->listener, NULL, NULL, SOCK_CLOEXEC)) >= 0) {
		if ((ex = exchange_new(fd, w->state)) == NULL)
			continue;
		w->connections++;
		arm(w, ex, EPOLL_CTL_ADD);
	}
	if (w->draining || errno == EAGAIN)
		return;
	/* Out of descriptors: the listener would stay ready and turn the loop for nothing. */
	log_event(LOG_ERROR, "accept", LOG_TEXT("error", strerror(errno)));
	epoll_ctl(w->epoll, EPOLL_CTL_DEL, w->listener, NULL);
	w->accept_ms = clock_ms() + ACCEPT_PAUSE_MS;
}

/* --- the loop --- */

/* Stops accepting; kept connections are served until nginx closes them: to close an idle one loses a POST on its way. */
static void
drain(struct worker *w)
{
	struct signalfd_siginfo info;

	if (read(w->signals, &info, sizeof(info)) != sizeof(info) || w->draining)
		return;
	w->draining = true;
	w->drain_until_ms = clock_ms() + 1000 * config_integer(w->state->config, "drain_s");
	w->slot->state = WORKER_DRAINING;
	epoll_ctl(w->epoll, EPOLL_CTL_DEL, w->listener, NULL);
	close(w->listener);
	log_event(LOG_INFO, "draining", LOG_INT("connections", w->connections));
}

static void
happened(struct worker *w, const struct epoll_event *e)
{
	switch (*(const enum ready *)e->data.ptr) {
	case READY_LISTENER:
		accept_all(w);
		break;
	case READY_SIGNAL:
		drain(w);
		break;
	case READY_LANE:
		lane_ready(e->data.ptr);
		break;
	case READY_EXCHANGE:
		arrived(w, e->data.ptr);
		break;
	}
}

static bool
watch(struct worker *w, int fd, void *what)
{
	struct epoll_event e = { .events = EPOLLIN, .data.ptr = what };

	return epoll_ctl(w->epoll, EPOLL_CTL_ADD, fd, &e) == 0;
}

static int
tick(struct worker *w)
{
	int64_t now_ms = clock_ms();
	int wait_ms = 1000, lane_ms;

	for (int i = 0; i < 2; i++) {
		lane_turn(w->lanes[i]);
		if ((lane_ms = lane_tick(w->lanes[i], now_ms)) < wait_ms)
			wait_ms = lane_ms;
	}
	if (w->accept_ms != 0 && now_ms >= w->accept_ms && !w->draining) {
		w->accept_ms = 0;
		watch(w, w->listener, &listener_ready);
	}
	if (now_ms - w->slot->beat_ms > 200) {
		w->slot->waiting_commits = db_source_waiting_commits(w->state->source);
		w->slot->queued = w->plain.count + w->slow.count;
		w->slot->beat_ms = now_ms;
	}
	log_flush();
	return (w->draining || w->accept_ms != 0) && wait_ms > 50 ? 50 : wait_ms;
}

static int
loop(struct worker *w)
{
	struct epoll_event events[EVENTS];
	int wait_ms = 0;

	while (!w->draining || (w->connections > 0 && clock_ms() < w->drain_until_ms)) {
		int n = epoll_wait(w->epoll, events, EVENTS, wait_ms);

		for (int i = 0; i < n; i++)
			happened(w, &events[i]);
		wait_ms = tick(w);
	}
	log_event(LOG_INFO, "drained", LOG_INT("connections", w->connections));
	log_flush();
	return 0;
}

static bool
start_lanes(struct worker *w)
{
	const struct config *c = w->state->config;
	struct lane_owner owner = {
		.epoll = w->epoll, .state = w->state, .metrics = &w->slot->metrics, .arg = w,
		.timeout_ms = (int)config_integer(c, "lane_timeout_ms"),
		.statement_timeout_ms = (int)config_integer(c, "lane_statement_timeout_ms"),
		.answer = lane_answers, .give_back = lane_gives_back,
	};

	w->lanes[PRIMARY] = lane_new(&owner, PRIMARY);
	w->lanes[REPLICA] = lane_new(&owner, REPLICA);
	return w->lanes[PRIMARY] != NULL && w->lanes[REPLICA] != NULL;
}

/* What the domain wants done first; Postgres may come later than this process. */
static void *
start_domain(void *arg)
{
	const struct app_state *st = arg;
	struct db *db = db_new(st->source);

	while (!st->pool->started && db != NULL) {
		struct scope sc = { 0 };

		db_attach(db, &sc, PRIMARY, START_WAIT_MS);
		st->app->start(st, db, &sc);
		if (!scope_failed(&sc))
			st->pool->started = true;
		else
			log_event(LOG_WARNING, "start is not complete", LOG_TEXT("error", sc.failure.detail));
		db_detach(db);
		scope_free(&sc);
		log_flush();
		if (!st->pool->started)
			sleep(1);
	}
	db_free(db);
	return NULL;
}

static bool
start(struct worker *w)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigprocmask(SIG_BLOCK, &set, NULL);
	w->epoll = epoll_create1(EPOLL_CLOEXEC);
	w->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	queue_begin(&w->plain, QUEUE_LIMIT);
	queue_begin(&w->slow, SLOW_QUEUE_LIMIT);
	return w->epoll >= 0 && w->signals >= 0 && start_lanes(w) &&
	    (w->state->pool->started || begin_thread(start_domain, (void *)w->state)) &&
	    start_threads(w, &w->plain, config_integer(w->state->config, "threads"), MAX_WAIT_MS) &&
	    start_threads(w, &w->slow, config_integer(w->state->config, "slow_threads"), MAX_SLOW_WAIT_MS) &&
	    fcntl(w->listener, F_SETFL, O_NONBLOCK) == 0 &&
	    watch(w, w->listener, &listener_ready) && watch(w, w->signals, &signal_ready);
}

int
worker_run(const struct app_state *state, int slot, int listener)
{
	static struct worker w;

	w.state = state;
	w.slot = &state->pool->slots[slot];
	w.listener = listener;
	w.log_requests = config_bool(state->config, "log_requests");
	w.database_wait_ms = config_integer(state->config, "database_wait_ms");
	w.slot->metrics.table = metrics_table(state->router);
	w.slot->beat_ms = clock_ms();
	mallopt(M_ARENA_MAX, 2);
	signal(SIGPIPE, SIG_IGN);
	FCGX_Init();
	signal(SIGUSR1, SIG_DFL);	/* FCGX_Init() takes over both */
	signal(SIGTERM, SIG_DFL);
	if (!start(&w)) {
		log_event(LOG_ERROR, "worker cannot start", LOG_TEXT("error", strerror(errno)));
		log_flush();
		return 1;
	}
	w.slot->state = WORKER_READY;
	log_event(LOG_INFO, "worker ready", LOG_INT("slot", slot));
	return loop(&w);
}

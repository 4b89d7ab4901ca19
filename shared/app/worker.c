/* A worker process: the loop, its read lanes, and the threads that may block. */
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "app/background.h"
#include "app/crew.h"
#include "app/handle.h"
#include "app/lane.h"
#include "app/pool.h"
#include "app/worker.h"
#include "base/clock.h"
#include "base/config.h"
#include "base/log.h"
#include "base/scope.h"
#include "http/read.h"

#define EVENTS		64
#define ACCEPT_PAUSE_MS	100
#define PARKED_MS	1000	/* and then it is told 503 */
#define PARKED_TURN_MS	20

struct worker {
	const struct app_state	*state;
	struct worker_slot	*slot;
	int			 epoll, listener, signals;
	bool			 draining;
	bool			 log_requests;
	int64_t			 drain_until_ms;
	int64_t			 accept_ms;	/* when to accept again; 0: now */
	_Atomic int		 connections;
	struct exchange		*parked, **parked_end;	/* in the order of their arrival */
	struct lane		*lanes[2];
	struct crew		 plain, slow;
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
	bool log = w->log_requests && (rq->route == NULL || !rq->route->unlogged || status >= 400);
	bool kept = exchange_answer(ex, re, log);

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
crew_answers(void *arg, struct exchange *ex, const struct reply *re)
{
	answer(arg, ex, re);
}

/* --- the read lane --- */

static void
to_thread(struct worker *w, struct exchange *ex)
{
	if (!crew_take(ex->rq.route->slow ? &w->slow : &w->plain, ex)) {
		crew_refuse(ex);
		answer_failure(w, ex);
	}
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
	if (rq->route->read == NULL || rq->route->remember > 0)
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
take_up(struct worker *w, struct exchange *ex)
{
	struct arrival a = { w, ex, NULL };

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

/* A pool that starts knows in a moment which sessions ended; what needs that waits for it, here and not in a thread. */
static void
park(struct worker *w, struct exchange *ex)
{
	ex->next = NULL;
	*w->parked_end = ex;
	w->parked_end = &ex->next;
}

static void
take_up_parked(struct worker *w)
{
	struct exchange *ex;

	while ((ex = w->parked) != NULL &&
	    (w->state->pool->started || clock_us() - ex->start_us > PARKED_MS * 1000)) {
		if ((w->parked = ex->next) == NULL)
			w->parked_end = &w->parked;
		take_up(w, ex);
	}
}

static void
arrived(struct worker *w, struct exchange *ex)
{
	if (!exchange_receive(ex))
		forget(w, ex);
	else if (!w->state->pool->started && ex->rq.authorization != NULL && ex->rq.server == PUBLIC_SERVER)
		park(w, ex);
	else
		take_up(w, ex);
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

	take_up_parked(w);
	if (w->parked != NULL)
		wait_ms = PARKED_TURN_MS;
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
		w->slot->queued = w->plain.waiting + w->slow.waiting;
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

/* nginx gives up after 3 s, and on slow rows after 30 s: who cannot be served by then is told so before. */
static bool
start_crews(struct worker *w)
{
	const struct config *c = w->state->config;
	struct crew_terms plain = {
		.threads = (int)config_integer(c, "threads"), .most_waiting = 1024, .longest_wait_ms = 2000,
		.database_wait_ms = config_integer(c, "database_wait_ms"), .wait_counts = true,
		.busy = &w->slot->busy, .answer = crew_answers, .arg = w,
	}, slow = plain;

	slow.threads = (int)config_integer(c, "slow_threads");
	slow.most_waiting = 256;
	slow.longest_wait_ms = 25000;
	slow.wait_counts = false;
	slow.busy = &w->slot->slow_busy;
	return crew_begin(&w->plain, &plain, w->state->source) && crew_begin(&w->slow, &slow, w->state->source);
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
	return w->epoll >= 0 && w->signals >= 0 && start_lanes(w) &&
	    background_begin(w->state) && start_crews(w) &&
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
	w.parked_end = &w.parked;
	w.log_requests = config_bool(state->config, "log_requests");
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

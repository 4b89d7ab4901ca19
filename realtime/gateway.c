/* The loop: one thread, one epoll set, and what is done by the clock. */
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "app/app.h"
#include "app/background.h"
#include "app/listener.h"
#include "app/notify.h"
#include "app/pool.h"
#include "asks.h"
#include "base/clock.h"
#include "base/config.h"
#include "base/id.h"
#include "base/log.h"
#include "bus.h"
#include "channels.h"
#include "client.h"
#include "gateway.h"
#include "people.h"
#include "presence.h"
#include "tell.h"
#include "used_tickets.h"

#define EVENTS		512
#define TURN_MS		100
#define ACCEPTS		32	/* in one turn: each may cost a signature */
#define TRUST_WAIT_MS	5000	/* until it is known which sessions ended; then who comes is told 503 */
#define DRAIN_MS	5000
#define JITTER_MS	5000	/* that clients spread their return over */

struct loop {
	struct gateway	 gateway;
	struct watcher	 listener_ready, signal_ready;
	int		 listener, signals;
	char		 path[108];	/* "" when systemd holds it */
	bool		 accepts;
	int64_t		 began_ms, accept_ms;	/* accepts again then; 0: does */
	int64_t		 drain_until_ms;
	int64_t		 watchdog_ms, barked_ms;
};

static bool
control(const struct gateway *gateway, int operation, int fd, uint32_t events, struct watcher *watcher)
{
	struct epoll_event event = { .events = events, .data.ptr = watcher };

	return epoll_ctl(gateway->epoll, operation, fd, &event) == 0;
}

bool
gateway_watch(const struct gateway *gateway, int fd, uint32_t events, struct watcher *watcher)
{
	return control(gateway, EPOLL_CTL_ADD, fd, events, watcher);
}

bool
gateway_change(const struct gateway *gateway, int fd, uint32_t events, struct watcher *watcher)
{
	return control(gateway, EPOLL_CTL_MOD, fd, events, watcher);
}

/* --- clients come --- */

static void
stop_accepting(struct loop *loop)
{
	if (loop->accepts)
		control(&loop->gateway, EPOLL_CTL_DEL, loop->listener, 0, NULL);
	loop->accepts = false;
}

static void
accept_some(struct watcher *watcher, uint32_t events)
{
	struct loop *loop = (struct loop *)((char *)watcher - offsetof(struct loop, listener_ready));
	int fd;

	(void)events;
	for (int i = 0; i < ACCEPTS; i++) {
		if ((fd = accept4(loop->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
			client_new(&loop->gateway, fd);
		} else if (errno == EMFILE || errno == ENFILE || errno == ENOMEM) {
			log_event(LOG_ERROR, "no more clients can be taken", LOG_TEXT("error", strerror(errno)));
			stop_accepting(loop);
			loop->accept_ms = clock_ms() + 1000;
			return;
		} else
			return;
	}
}

/* Until it is known which sessions ended clients wait in the backlog, but not for ever. */
static void
accept_when_due(struct loop *loop, int64_t now_ms)
{
	const struct gateway *gateway = &loop->gateway;
	bool trusted = gateway->state->pool->started || now_ms - loop->began_ms > TRUST_WAIT_MS;

	if (loop->accepts || gateway->draining || !trusted || now_ms < loop->accept_ms)
		return;
	loop->accepts = gateway_watch(gateway, loop->listener, EPOLLIN, &loop->listener_ready);
}

/* --- the end --- */

static void
send_away(struct client *c)
{
	uint16_t random;

	id_random(&random, sizeof(random));
	if (c->state == CLIENT_SOCKET)
		tell_reconnect(c, random % JITTER_MS);
	else if (c->state == CLIENT_EVENTS) {
		char text[32];
		int size = snprintf(text, sizeof(text), "retry: %d\n\n", random % JITTER_MS);

		client_give(c, packet_raw(text, (size_t)size));
	}
	client_close(c, CLOSE_GOING_AWAY, "restart");
}

static void
drain(struct watcher *watcher, uint32_t events)
{
	struct loop *loop = (struct loop *)((char *)watcher - offsetof(struct loop, signal_ready));
	struct gateway *gateway = &loop->gateway;
	struct signalfd_siginfo info;
	struct client *next;

	(void)events;
	if (read(loop->signals, &info, sizeof(info)) != (ssize_t)sizeof(info) || gateway->draining)
		return;
	notify("STOPPING=1");
	gateway->draining = true;
	loop->drain_until_ms = clock_ms() + DRAIN_MS;
	stop_accepting(loop);
	log_event(LOG_INFO, "draining", LOG_INT("connections", (int64_t)gateway->counters.connections));
	for (struct client *c = gateway->connections; c != NULL; c = next) {
		next = c->next;
		if (c->state == CLIENT_SOCKET || c->state == CLIENT_EVENTS)
			send_away(c);
	}
}

/* --- turns --- */

static void
ring(void *arg, struct alarm *alarm)
{
	(void)arg;
	client_ring((struct client *)((char *)alarm - offsetof(struct client, alarm)));
}

static void
tick(struct loop *loop)
{
	struct gateway *gateway = &loop->gateway;
	int64_t now_ms = clock_ms(), before_s = gateway->wheel.now_s;

	wheel_turn(&gateway->wheel, now_ms / 1000, ring, NULL);
	if (gateway->wheel.now_s != before_s)
		presence_tick(gateway);
	clients_check(gateway);
	bus_tick(gateway->bus);
	accept_when_due(loop, now_ms);
	if (loop->watchdog_ms > 0 && now_ms - loop->barked_ms >= loop->watchdog_ms) {
		loop->barked_ms = now_ms;
		notify("WATCHDOG=1");
	}
	log_flush();
}

static bool
goes_on(const struct loop *loop)
{
	return !loop->gateway.draining || (loop->gateway.connections != NULL && clock_ms() < loop->drain_until_ms);
}

static void
run(struct loop *loop)
{
	struct epoll_event events[EVENTS];
	int64_t ticked_ms = 0;

	while (goes_on(loop)) {
		int n = epoll_wait(loop->gateway.epoll, events, EVENTS, TURN_MS);

		for (int i = 0; i < n; i++) {
			struct watcher *watcher = events[i].data.ptr;

			watcher->ready(watcher, events[i].events);
		}
		if (clock_ms() - ticked_ms >= TURN_MS) {
			ticked_ms = clock_ms();
			tick(loop);
		}
		clients_flush(&loop->gateway);
	}
}

/* --- the beginning --- */

static bool
open_listener(struct loop *loop, const struct config *config)
{
	if (listener_given() > 0) {
		loop->listener = LISTENER_GIVEN;
	} else {
		snprintf(loop->path, sizeof(loop->path), "%s/realtime.sock", config_text(config, "sockets"));
		loop->listener = listener_open(loop->path, config_text(config, "socket_group"));
	}
	return loop->listener >= 0 && fcntl(loop->listener, F_SETFL, O_NONBLOCK) == 0;
}

static bool
open_signals(struct loop *loop)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigprocmask(SIG_BLOCK, &set, NULL);
	loop->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	loop->signal_ready.ready = drain;
	return loop->signals >= 0 && gateway_watch(&loop->gateway, loop->signals, EPOLLIN, &loop->signal_ready);
}

/* A descriptor for each client, as many as are allowed. */
static void
raise_files(void)
{
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max;
		setrlimit(RLIMIT_NOFILE, &files);
	}
}

static bool
begin(struct loop *loop, const struct app_state *state)
{
	struct gateway *gateway = &loop->gateway;
	const struct config *config = state->config;

	gateway->state = state;
	gateway->terms = (struct terms){
		.sockets_per_user = (int)config_integer(config, "sockets_per_user"),
		.joins_per_user = (int)config_integer(config, "joins_per_user"),
		.frames_per_s = (int)config_integer(config, "frames_per_s"),
		.slow_s = (int)config_integer(config, "slow_s"),
		.ping_s = (int)config_integer(config, "ping_s"),
	};
	loop->began_ms = clock_ms();
	loop->watchdog_ms = notify_watchdog_ms();
	gateway->wheel.now_s = loop->began_ms / 1000;
	gateway->started_s = clock_unix_us() / 1000000;
	loop->listener_ready.ready = accept_some;
	return (gateway->epoll = epoll_create1(EPOLL_CLOEXEC)) >= 0 && open_signals(loop) && open_listener(loop, config) &&
	    (gateway->channels = channels_new()) != NULL && (gateway->people = people_new()) != NULL &&
	    (gateway->used_tickets = used_tickets_new()) != NULL &&
	    (gateway->bus = bus_new(gateway, config_text(config, "bus"))) != NULL &&
	    (gateway->asks = asks_new(gateway)) != NULL && background_begin(state);
}

int
gateway_run(const struct app_state *state)
{
	static struct loop loop;

	mallopt(M_ARENA_MAX, 2);
	raise_files();
	if (!begin(&loop, state)) {
		log_event(LOG_ERROR, "the gateway cannot start", LOG_TEXT("error", strerror(errno)),
		    LOG_TEXT("bus", config_text(state->config, "bus")));
		log_flush();
		return 1;
	}
	log_event(LOG_INFO, "ready");
	notify("READY=1");
	run(&loop);
	if (*loop.path != '\0')
		unlink(loop.path);
	log_event(LOG_INFO, "stopped");
	log_flush();
	return 0;
}

/* The master of a pool: sockets, workers, rolls; it answers no request. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "app/listener.h"
#include "app/master.h"
#include "app/notify.h"
#include "app/pool.h"
#include "auth/password.h"
#include "base/clock.h"
#include "base/config.h"
#include "base/log.h"

#define TURN_MS			100
#define START_LIMIT_MS		10000
#define MAX_BACK_OFF_MS		1000

struct worker {
	pid_t		 pid;		/* 0: none */
	int		 slot;
	int64_t		 started_ms;
};

/* A socket and who serves it: the present worker, one that is to replace it, one that drains. */
struct place {
	int		 listener;
	char		 path[108];	/* "" when systemd holds it */
	struct worker	 present, coming, leaving;
	int64_t		 died_ms, respawn_ms, back_off_ms;
};

struct master {
	const struct app	*app;
	const struct config	*config;
	const char		*program;
	char *const		*arguments;
	int			 memory;
	struct pool		*pool;
	int			 place_count;
	struct place		 places[POOL_MAX_PROCESSES];
	bool			 stopping, was_ready;
	int			 rolling;	/* the place a roll is at; -1: none */
	bool			 roll_again;	/* SIGHUP came during a roll */
	int64_t			 stop_until_ms;
};

/* --- sockets --- */

static bool
open_sockets(struct master *m)
{
	int given = listener_given();

	m->place_count = given > 0 ? given : (int)config_integer(m->config, "processes");
	if (m->place_count > POOL_MAX_PROCESSES) {
		log_event(LOG_ERROR, "more sockets than a pool can have", LOG_INT("sockets", m->place_count),
		    LOG_INT("most", POOL_MAX_PROCESSES));
		return false;
	}
	for (int i = 0; i < m->place_count; i++) {
		struct place *p = &m->places[i];

		if (given > 0) {
			p->listener = LISTENER_GIVEN + i;
			continue;
		}
		snprintf(p->path, sizeof(p->path), "%s/%s.%d.sock", config_text(m->config, "sockets"), m->app->name, i + 1);
		if ((p->listener = listener_open(p->path, config_text(m->config, "socket_group"))) < 0)
			return false;
	}
	return true;
}

static void
close_sockets(const struct master *m)
{
	for (const struct place *p = m->places; p < m->places + m->place_count; p++)
		if (*p->path != '\0')
			unlink(p->path);
}

/* A hash keeps a CPU busy for long: half of them are for everyone else. */
static int
hashes_at_once(const struct config *config)
{
	int wanted = (int)config_integer(config, "hashes");

	return wanted > 0 ? wanted : (int)sysconf(_SC_NPROCESSORS_ONLN) / 2;
}

static bool
share_memory(struct master *m)
{
	if ((m->memory = memfd_create("marquee-pool", MFD_CLOEXEC)) < 0 || ftruncate(m->memory, (off_t)pool_size()) != 0 ||
	    (m->pool = pool_map(m->memory)) == NULL)
		return false;
	m->pool->layout = pool_layout();
	m->pool->threads = (int)config_integer(m->config, "threads");
	password_places_init(pool_password_places(m->pool), hashes_at_once(m->config));
	return true;
}

/* --- workers --- */

static struct worker_slot *
slot_of(const struct master *m, const struct worker *w)
{
	return &m->pool->slots[w->slot];
}

static int
free_slot(const struct master *m)
{
	for (int i = 0; i < POOL_SLOTS; i++)
		if (m->pool->slots[i].state == WORKER_NONE)
			return i;
	return -1;
}

/* In the child: the two descriptors lose their close-on-exec, everything else keeps it. */
static void
become_worker(const struct master *m, int slot, int listener)
{
	char *arguments[64], where[64];
	sigset_t none;
	int n = 0;

	for (; n < 60 && m->arguments[n] != NULL; n++)
		arguments[n] = m->arguments[n];
	snprintf(where, sizeof(where), "--worker=%d,%d,%d", slot, listener, m->memory);
	arguments[n++] = where;
	arguments[n] = NULL;
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	fcntl(listener, F_SETFD, 0);
	fcntl(m->memory, F_SETFD, 0);
	execv(m->program, arguments);
	_exit(127);
}

static void
spawn(struct master *m, struct place *p, struct worker *w)
{
	int slot = free_slot(m);

	*w = (struct worker){ .slot = slot, .started_ms = clock_ms() };
	if (slot < 0)
		return;
	slot_of(m, w)->beat_ms = w->started_ms;
	slot_of(m, w)->state = WORKER_STARTING;
	log_flush();
	if ((w->pid = fork()) == 0)
		become_worker(m, slot, p->listener);
	if (w->pid < 0) {
		log_event(LOG_ERROR, "fork", LOG_TEXT("error", strerror(errno)));
		slot_of(m, w)->state = WORKER_NONE;
		w->pid = 0;
	}
}

/* What it counted goes on counting. */
static void
bury(struct master *m, struct worker *w)
{
	struct worker_slot *slot = slot_of(m, w);

	slot->state = WORKER_NONE;
	metrics_add(&m->pool->retired, &slot->metrics);
	memset(slot, 0, sizeof(*slot));
	*w = (struct worker){ 0 };
}

/* The first replacement comes at once; only a worker that dies again within a second waits. */
static void
plan_respawn(struct place *p, int64_t now_ms)
{
	if (now_ms - p->died_ms < 1000)
		p->back_off_ms = p->back_off_ms == 0 ? 100 : p->back_off_ms * 2;
	else
		p->back_off_ms = 0;
	if (p->back_off_ms > MAX_BACK_OFF_MS)
		p->back_off_ms = MAX_BACK_OFF_MS;
	p->died_ms = now_ms;
	p->respawn_ms = now_ms + p->back_off_ms;
}

static void
abort_roll(struct master *m, const char *why)
{
	m->rolling = -1;
	m->pool->failed_rolls++;
	log_event(LOG_ERROR, "roll given up, the present workers stay", LOG_TEXT("error", why));
	notify("READY=1\nSTATUS=The last reload was given up: a new worker did not start.");
}

static void
died(struct master *m, pid_t pid, int status)
{
	int64_t now_ms = clock_ms();

	for (struct place *p = m->places; p < m->places + m->place_count; p++) {
		if (pid == p->leaving.pid) {
			bury(m, &p->leaving);
		} else if (pid == p->coming.pid) {
			bury(m, &p->coming);
			if (m->rolling >= 0)
				abort_roll(m, "the new worker ended");
		} else if (pid == p->present.pid) {
			bury(m, &p->present);
			if (m->stopping)
				continue;
			m->pool->restarts++;
			plan_respawn(p, now_ms);
			log_event(LOG_ERROR, "worker died", LOG_INT("worker", pid),
			    LOG_INT("signal", WIFSIGNALED(status) ? WTERMSIG(status) : 0),
			    LOG_INT("status", WIFEXITED(status) ? WEXITSTATUS(status) : 0));
		}
	}
}

static void
reap(struct master *m)
{
	pid_t pid;
	int status;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		died(m, pid, status);
}

/* A loop that stands still answers nobody. */
static void
kill_hung(struct master *m, const struct worker *w)
{
	int64_t limit_ms = 1000 * config_integer(m->config, "hung_s");
	int state = w->pid != 0 ? slot_of(m, w)->state : WORKER_NONE;

	if (state == WORKER_STARTING)
		limit_ms = START_LIMIT_MS;
	if (state == WORKER_NONE || clock_ms() - slot_of(m, w)->beat_ms < limit_ms)
		return;
	log_event(LOG_ERROR, "worker hangs, killed", LOG_INT("worker", w->pid));
	kill(w->pid, SIGKILL);
}

static bool
is_ready(const struct master *m, const struct worker *w)
{
	return w->pid != 0 && slot_of(m, w)->state == WORKER_READY;
}

/* --- the turns of the master --- */

static void
begin_roll(struct master *m)
{
	if (m->rolling >= 0 || !m->was_ready) {
		m->roll_again = true;
		return;
	}
	log_event(LOG_INFO, "rolling");
	notify("RELOADING=1\nSTATUS=Replacing the workers.");
	m->rolling = 0;
	m->roll_again = false;
}

/* One place at a time: the new worker is ready before the old one is told to drain. */
static void
roll_on(struct master *m)
{
	struct place *p = &m->places[m->rolling];

	if (p->leaving.pid != 0)	/* of an earlier roll */
		return;
	if (p->coming.pid == 0) {
		spawn(m, p, &p->coming);
		return;
	}
	if (!is_ready(m, &p->coming))
		return;
	if (p->present.pid != 0)
		kill(p->present.pid, SIGTERM);
	p->leaving = p->present;
	p->present = p->coming;
	p->coming = (struct worker){ 0 };
	if (++m->rolling < m->place_count)
		return;
	m->rolling = -1;
	m->pool->rolls++;
	log_event(LOG_INFO, "rolled");
	notify("READY=1\nSTATUS=Ready.");
}

static void
tell_ready(struct master *m)
{
	for (const struct place *p = m->places; p < m->places + m->place_count; p++)
		if (!is_ready(m, &p->present))
			return;
	m->was_ready = true;
	log_event(LOG_INFO, "ready", LOG_INT("workers", m->place_count));
	notify("READY=1\nSTATUS=Ready.");
}

static void
turn(struct master *m)
{
	int64_t now_ms = clock_ms();

	for (struct place *p = m->places; p < m->places + m->place_count; p++) {
		if (p->present.pid == 0 && !m->stopping && now_ms >= p->respawn_ms)
			spawn(m, p, &p->present);
		kill_hung(m, &p->present);
		kill_hung(m, &p->coming);
		kill_hung(m, &p->leaving);
	}
	if (!m->was_ready)
		tell_ready(m);
	if (m->rolling >= 0 && !m->stopping)
		roll_on(m);
	else if (m->roll_again && m->was_ready && !m->stopping)
		begin_roll(m);
}

static void
signal_all(const struct master *m, int signal)
{
	for (const struct place *p = m->places; p < m->places + m->place_count; p++) {
		const struct worker *all[] = { &p->present, &p->coming, &p->leaving };

		for (int i = 0; i < 3; i++)
			if (all[i]->pid != 0)
				kill(all[i]->pid, signal);
	}
}

static bool
is_empty(const struct master *m)
{
	for (const struct place *p = m->places; p < m->places + m->place_count; p++)
		if (p->present.pid != 0 || p->coming.pid != 0 || p->leaving.pid != 0)
			return false;
	return true;
}

static void
begin_stop(struct master *m)
{
	if (m->stopping)
		return;
	m->stopping = true;
	m->rolling = -1;
	m->stop_until_ms = clock_ms() + 1000 * (config_integer(m->config, "drain_s") + 2);
	log_event(LOG_INFO, "stopping");
	notify("STOPPING=1");
	signal_all(m, SIGTERM);
}

static void
loop(struct master *m, const sigset_t *signals)
{
	const struct timespec wait = { .tv_nsec = TURN_MS * 1000000 };
	int64_t watchdog_ms = notify_watchdog_ms(), fed_ms = 0;
	siginfo_t info;

	while (!m->stopping || !is_empty(m)) {
		int signal = sigtimedwait(signals, &info, &wait);

		if (signal == SIGTERM || signal == SIGINT)
			begin_stop(m);
		else if (signal == SIGHUP && !m->stopping)
			begin_roll(m);
		reap(m);
		turn(m);
		if (m->stopping && clock_ms() > m->stop_until_ms)
			signal_all(m, SIGKILL);
		if (watchdog_ms > 0 && clock_ms() - fed_ms > watchdog_ms) {
			fed_ms = clock_ms();
			notify("WATCHDOG=1");
		}
		log_flush();
	}
}

int
master_run(const struct app *app, const struct config *config, const char *program, char *const *arguments)
{
	static struct master m;
	sigset_t signals;

	m = (struct master){ .app = app, .config = config, .program = program, .arguments = arguments, .rolling = -1 };
	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGHUP);
	sigaddset(&signals, SIGCHLD);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	if (!open_sockets(&m) || !share_memory(&m)) {
		log_flush();
		return 1;
	}
	loop(&m, &signals);
	close_sockets(&m);
	log_event(LOG_INFO, "stopped");
	log_flush();
	return 0;
}

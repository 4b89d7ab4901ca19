/*
 * Hashers: processes that hash passwords for the threads of a worker.
 *
 * A hash maps, fills and unmaps 64 MiB and keeps a CPU for 60 ms.  In a thread
 * it held locks of the worker's memory meanwhile, and with less priority it
 * held them for longer: other routes waited for tenths of a second.  A process
 * shares no lock with anyone.  It is this program, started with --hash, one
 * for each thread that needs it, and ends when its worker does.
 */
#include <errno.h>
#include <linux/types.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sodium.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "auth/hasher.h"

#define NICENESS	10
#define SLICE_NS	100000000	/* the longest that sched(7) gives */

struct places {
	int		 count;
	pthread_mutex_t	 taken[PASSWORD_MOST_PLACES];
};

/* A process has one pool; set before its threads begin. NULL: it hashes itself. */
static struct places *places;

/* The thread's own hasher. */
static __thread int line = -1;
static __thread pid_t hasher;

/* --- places --- */

size_t
password_places_size(void)
{
	return sizeof(struct places);
}

void
password_places_init(void *memory, int count)
{
	struct places *made = memory;
	pthread_mutexattr_t shared;

	pthread_mutexattr_init(&shared);
	pthread_mutexattr_setpshared(&shared, PTHREAD_PROCESS_SHARED);
	pthread_mutexattr_setrobust(&shared, PTHREAD_MUTEX_ROBUST);
	made->count = count < 1 ? 1 : count > PASSWORD_MOST_PLACES ? PASSWORD_MOST_PLACES : count;
	for (int i = 0; i < made->count; i++)
		pthread_mutex_init(&made->taken[i], &shared);
	pthread_mutexattr_destroy(&shared);
}

void
password_places_use(void *memory)
{
	places = memory;
}

bool
hasher_is_used(void)
{
	return places != NULL;
}

/* The last owner died in the middle of a hash, which nobody else saw. */
static bool
took(pthread_mutex_t *place, int rc)
{
	if (rc == EOWNERDEAD)
		rc = pthread_mutex_consistent(place);
	return rc == 0;
}

/* A free one, or else one to wait for, not the same for all who wait. */
static pthread_mutex_t *
take_place(void)
{
	pthread_mutex_t *place;

	for (int i = 0; i < places->count; i++) {
		place = &places->taken[i];
		if (took(place, pthread_mutex_trylock(place)))
			return place;
	}
	place = &places->taken[randombytes_uniform((uint32_t)places->count)];
	return took(place, pthread_mutex_lock(place)) ? place : NULL;
}

/* --- who asks --- */

static void
hang_up(void)
{
	close(line);
	kill(hasher, SIGKILL);
	while (waitpid(hasher, NULL, 0) < 0 && errno == EINTR)
		;
	line = -1;
}

/* A worker blocks its signals, which are not the hasher's concern: it ends when the line does. */
static bool
start(void)
{
	char *const arguments[] = { "marquee-hasher", "--hash", NULL };
	posix_spawn_file_actions_t actions;
	int ends[2];
	bool started;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
		return false;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, ends[1], STDIN_FILENO);
	posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
	started = posix_spawn(&hasher, "/proc/self/exe", &actions, NULL, arguments, environ) == 0;
	posix_spawn_file_actions_destroy(&actions);
	close(ends[1]);
	if (!started) {
		close(ends[0]);
		return false;
	}
	line = ends[0];
	return true;
}

/* False: it is gone. */
static bool
exchange(struct hash_task *task)
{
	struct hash_task answer;
	ssize_t size;

	if (send(line, task, sizeof(*task), MSG_NOSIGNAL) != sizeof(*task))
		return false;
	while ((size = recv(line, &answer, sizeof(answer), 0)) < 0 && errno == EINTR)
		;
	if (size != sizeof(answer))
		return false;
	*task = answer;
	return true;
}

/* A hasher that was killed is replaced once. */
static bool
ask(struct hash_task *task)
{
	for (int i = 0; i < 2; i++) {
		if (line < 0 && !start())
			return false;
		if (exchange(task))
			return true;
		hang_up();
	}
	return false;
}

bool
hasher_ask(struct hash_task *task)
{
	pthread_mutex_t *place = take_place();
	bool answered = ask(task);

	if (place != NULL)
		pthread_mutex_unlock(place);
	return answered;
}

/* --- who answers --- */

/*
 * It gets its share of a busy CPU, but whoever wakes up goes first: a long
 * slice makes its deadline the last one (sched_setattr(2), Linux 6.12; older
 * ones know the niceness).
 */
static void
give_way(void)
{
	struct {
		__u32	size, policy;
		__u64	flags;
		__s32	nice;
		__u32	priority;
		__u64	runtime_ns, deadline_ns, period_ns;
	} attributes = { .size = sizeof(attributes), .policy = SCHED_OTHER, .runtime_ns = SLICE_NS };

	attributes.nice = getpriority(PRIO_PROCESS, 0) + NICENESS;
	if (syscall(SYS_sched_setattr, 0, &attributes, 0) != 0)
		setpriority(PRIO_PROCESS, 0, attributes.nice);
}

int
password_serve(int fd)
{
	struct hash_task task;

	prctl(PR_SET_NAME, "marquee-hasher");
	give_way();
	while (recv(fd, &task, sizeof(task), 0) == sizeof(task)) {
		task.hash[sizeof(task.hash) - 1] = task.password[sizeof(task.password) - 1] = '\0';
		password_compute(&task);
		sodium_memzero(task.password, sizeof(task.password));
		if (send(fd, &task, sizeof(task), MSG_NOSIGNAL) != sizeof(task))
			break;
	}
	return 0;
}

/* What the processes of one pool share: a piece of memory that the master makes and every worker maps. */
#ifndef APP_POOL_H
#define APP_POOL_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "app/metrics.h"

#define POOL_MAX_PROCESSES	8
#define POOL_SLOTS		(2 * POOL_MAX_PROCESSES)	/* while rolling, old and new stand side by side */
#define POOL_MAX_THREADS	32
#define POOL_REVOCATIONS	65536

enum worker_state { WORKER_NONE, WORKER_STARTING, WORKER_READY, WORKER_DRAINING };

struct worker_slot {
	_Atomic int		 state;
	_Atomic int64_t		 beat_ms;	/* the loop's last turn */
	_Atomic int		 busy, slow_busy;	/* threads at work */
	_Atomic int		 queued;	/* requests that wait for one */
	_Atomic int		 waiting_commits;
	struct metrics		 metrics;
};

struct pool {
	uint64_t		 layout;	/* another release with another one must not touch this memory */
	int			 threads;
	_Atomic bool		 started;	/* a poll of ended sessions came through: until then no token is trusted */
	_Atomic int64_t		 poll_ms;	/* when the last one began, by whichever worker */
	_Atomic int64_t		 polled_ms;	/* when the last good one began; 0: never */
	_Atomic int64_t		 poll_cursor;	/* where the next one goes on */
	_Atomic uint64_t	 poll_news;	/* polls that told of ended sessions: who holds on to sessions looks again then */
	_Atomic bool		 poll_failed;	/* the last one did */
	_Atomic uint64_t	 restarts, rolls, failed_rolls;
	struct metrics		 retired;	/* what ended workers had counted */
	struct worker_slot	 slots[POOL_SLOTS];
};

/* Raise it whenever something in here means another thing than before. */
#define POOL_VERSION	7

size_t		 pool_size(void);
/* NULL with errno set. */
struct pool	*pool_map(int fd);
struct revocations *pool_revocations(struct pool *);
/* Where limits_new() counts, and where the places of password.h are. */
void		*pool_limits(struct pool *);
void		*pool_password_places(struct pool *);
uint64_t	 pool_layout(void);

#endif

/*
 * A crew: threads that may block, and the requests that wait for one of them,
 * first come, first served.
 */
#ifndef APP_CREW_H
#define APP_CREW_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "app/exchange.h"

struct crew_terms {
	int		 threads;
	int		 most_waiting;		/* requests */
	int64_t		 longest_wait_ms;	/* of a request for a thread; then it is told 503 */
	int64_t		 database_wait_ms;	/* of a request for Postgres, in all */
	bool		 wait_counts;		/* the wait for a thread is part of the wait for Postgres */
	_Atomic int	*busy;			/* counts its threads at work */
	/* Sends the reply of a request, in its thread. */
	void		(*answer)(void *, struct exchange *, const struct reply *);
	void		*arg;
};

struct crew {
	struct crew_terms	 terms;
	struct db_source	*source;
	pthread_mutex_t		 lock;
	pthread_cond_t		 ready;
	struct exchange		*first, **end;
	_Atomic int		 waiting;
};

/* False: no memory, or no thread. */
bool		 crew_begin(struct crew *, const struct crew_terms *, struct db_source *);
/* The request's row is known.  False: too many wait. */
bool		 crew_take(struct crew *, struct exchange *);
/* Fails the request because too many wait. */
void		 crew_refuse(struct exchange *);
/* A detached thread with a small stack. */
bool		 crew_thread(void *(*run)(void *), void *arg);

#endif

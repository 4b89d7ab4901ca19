/*
 * A breaker stands before something that may not answer, so that only a few
 * requests pay for finding out.  It opens at once when the other side is known
 * to be gone, else after three failures in a row; open, it lets one try
 * through a second (20 % more or less, so that processes do not try together),
 * and one success closes it.
 *
 * Any number of threads may share one.  Times are clock_ms().
 */
#ifndef BASE_BREAKER_H
#define BASE_BREAKER_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

struct breaker {
	pthread_mutex_t	 mutex;
	int		 failures;	/* in a row */
	int64_t		 retry_ms;	/* 0: closed; else nobody tries before that */
};

void	 breaker_init(struct breaker *);
void	 breaker_destroy(struct breaker *);
/* True: try it, and then say how it went. */
bool	 breaker_allows(struct breaker *, int64_t now_ms);
/* True: it was open until now. */
bool	 breaker_succeeded(struct breaker *);
/* True: it has just opened. */
bool	 breaker_failed(struct breaker *, bool is_gone, int64_t now_ms);

#endif

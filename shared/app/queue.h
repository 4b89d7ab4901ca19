/* Requests that wait for a blocking thread; first come, first served. */
#ifndef APP_QUEUE_H
#define APP_QUEUE_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "app/exchange.h"

struct queue {
	pthread_mutex_t	 lock;
	pthread_cond_t	 ready;
	struct exchange	*first, **end;
	int		 count, limit;
};

void		 queue_begin(struct queue *, int limit);
/* False: it is full. */
bool		 queue_put(struct queue *, struct exchange *);
/* NULL after wait_s seconds with nothing to do. */
struct exchange	*queue_take(struct queue *, int wait_s);

#endif

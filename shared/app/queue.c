/* Requests that wait for a blocking thread. */
#include <errno.h>
#include <time.h>

#include "app/queue.h"

void
queue_begin(struct queue *q, int limit)
{
	pthread_condattr_t monotonic;

	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_mutex_init(&q->lock, NULL);
	pthread_cond_init(&q->ready, &monotonic);
	pthread_condattr_destroy(&monotonic);
	q->first = NULL;
	q->end = &q->first;
	q->count = 0;
	q->limit = limit;
}

bool
queue_put(struct queue *q, struct exchange *ex)
{
	bool room;

	ex->next = NULL;
	pthread_mutex_lock(&q->lock);
	if ((room = q->count < q->limit)) {
		*q->end = ex;
		q->end = &ex->next;
		q->count++;
	}
	pthread_mutex_unlock(&q->lock);
	if (room)
		pthread_cond_signal(&q->ready);
	return room;
}

struct exchange *
queue_take(struct queue *q, int wait_s)
{
	struct timespec until;
	struct exchange *ex;
	int rc = 0;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += wait_s;
	pthread_mutex_lock(&q->lock);
	while (q->first == NULL && rc != ETIMEDOUT)
		rc = pthread_cond_timedwait(&q->ready, &q->lock, &until);
	if ((ex = q->first) != NULL) {
		if ((q->first = ex->next) == NULL)
			q->end = &q->first;
		q->count--;
	}
	pthread_mutex_unlock(&q->lock);
	return ex;
}

/* When to leave alone what does not answer. */
#include <sodium.h>

#include "base/breaker.h"

#define FAILURES_TO_OPEN	3
#define OPEN_LEAST_MS		800
#define OPEN_SPREAD_MS		401

void
breaker_init(struct breaker *breaker)
{
	*breaker = (struct breaker){ .failures = 0 };
	pthread_mutex_init(&breaker->mutex, NULL);
}

void
breaker_destroy(struct breaker *breaker)
{
	pthread_mutex_destroy(&breaker->mutex);
}

static int64_t
next_try(int64_t now_ms)
{
	return now_ms + OPEN_LEAST_MS + randombytes_uniform(OPEN_SPREAD_MS);
}

/* Who is let through an open one puts the next try off: should he never come back, another goes. */
bool
breaker_allows(struct breaker *breaker, int64_t now_ms)
{
	bool allows;

	pthread_mutex_lock(&breaker->mutex);
	allows = now_ms >= breaker->retry_ms;
	if (allows && breaker->retry_ms != 0)
		breaker->retry_ms = next_try(now_ms);
	pthread_mutex_unlock(&breaker->mutex);
	return allows;
}

bool
breaker_succeeded(struct breaker *breaker)
{
	bool was_open;

	pthread_mutex_lock(&breaker->mutex);
	was_open = breaker->retry_ms != 0;
	breaker->retry_ms = 0;
	breaker->failures = 0;
	pthread_mutex_unlock(&breaker->mutex);
	return was_open;
}

bool
breaker_failed(struct breaker *breaker, bool is_gone, int64_t now_ms)
{
	bool was_open, is_open;

	pthread_mutex_lock(&breaker->mutex);
	was_open = breaker->retry_ms != 0;
	is_open = was_open || is_gone || ++breaker->failures >= FAILURES_TO_OPEN;
	if (is_open)
		breaker->retry_ms = next_try(now_ms);
	pthread_mutex_unlock(&breaker->mutex);
	return is_open && !was_open;
}

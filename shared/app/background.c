/* What a worker does by the clock: new keys, and sessions that ended. */
#include <time.h>
#include <unistd.h>

#include "app/app.h"
#include "app/background.h"
#include "app/crew.h"
#include "app/poll.h"
#include "app/pool.h"
#include "auth/token.h"
#include "base/log.h"
#include "remote/call.h"

#define TURN_MS		500
#define FIRST_TURN_MS	50	/* until it is known which sessions ended */

/* A token of a key that went away must not live on in the cache. */
static void
refresh_keys(const struct app_state *st)
{
	if (token_keys_refresh(st->keys))
		token_cache_clear(st->tokens);
}

static void *
work(void *arg)
{
	const struct app_state *st = arg;
	struct call_line *line;

	/* Without memory for that, worse fails first; the gauge of the poll tells. */
	while ((line = call_line_new(st->calls)) == NULL)
		sleep(1);
	for (;;) {
		struct timespec wait = { .tv_nsec = (st->pool->started ? TURN_MS : FIRST_TURN_MS) * 1000000L };

		refresh_keys(st);
		poll_revocations(st, line);
		log_flush();
		nanosleep(&wait, NULL);
	}
	return NULL;
}

bool
background_begin(const struct app_state *st)
{
	return crew_thread(work, (void *)st);
}

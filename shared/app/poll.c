/* Sessions that ended, asked of users, for the memory that a pool's workers share. */
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>

#include "app/app.h"
#include "app/poll.h"
#include "app/pool.h"
#include "auth/revocations.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/scope.h"
#include "remote/call.h"

#define PAUSE_MS	400	/* less than a turn of the background thread, or turns would be left out */
#define FIRST_PAUSE_MS	40
#define TIMEOUT_MS	2000
#define MOST_BYTES	(128 * POOL_REVOCATIONS)

/* Of the workers whose turn it is one takes it. */
static bool
take_turn(struct pool *pool, int64_t now_ms)
{
	int64_t last_ms = pool->poll_ms;

	return now_ms - last_ms >= (pool->started ? PAUSE_MS : FIRST_PAUSE_MS) &&
	    atomic_compare_exchange_strong(&pool->poll_ms, &last_ms, now_ms);
}

/* False: it is not what users answers. */
static bool
read_answer(const struct app_state *st, json_t *answer, int64_t *next)
{
	int64_t refused_s = revocations_refused_until(st->revoked);
	json_t *sessions, *session;
	json_int_t until_s;
	const char *text;
	size_t i;

	if (json_unpack(answer, "{s:s, s:I, s:o}", "next", &text, "refused_until", &until_s, "sessions", &sessions) != 0 ||
	    !json_is_array(sessions))
		return false;
	*next = strtoll(text, NULL, 10);
	revocations_refuse_until(st->revoked, until_s);
	json_array_foreach(sessions, i, session) {
		if (json_unpack(session, "{s:s, s:I}", "session_id", &text, "until", &until_s) != 0)
			return false;
		revocations_end(st->revoked, text, until_s);
	}
	if (json_array_size(sessions) > 0)
		st->pool->poll_news++;
	if (revocations_refused_until(st->revoked) > refused_s)
		log_event(LOG_ERROR, "more sessions ended than there is room for: older tokens are refused",
		    LOG_INT("until", revocations_refused_until(st->revoked)));
	return true;
}

struct asking {
	const struct app_state	*state;
	struct call_line	*line;
	struct scope		*scope;
	int64_t			 next;
	bool			 good;
};

static void
ask(void *arg)
{
	struct asking *asking = arg;
	struct call call = { .pool = "users", .timeout_ms = TIMEOUT_MS, .most_bytes = MOST_BYTES };
	json_t *answer;

	call.path = scope_printf(asking->scope, "/internal/revocations?after=%" PRId64, asking->state->pool->poll_cursor);
	asking->good = call_make(asking->line, asking->scope, &call, &answer) == 200 &&
	    read_answer(asking->state, answer, &asking->next);
}

/* Once when it begins to fail, and once when it works again. */
static void
tell(struct pool *pool, bool good, const char *why)
{
	bool failed = pool->poll_failed;

	if (failed == !good || !atomic_compare_exchange_strong(&pool->poll_failed, &failed, !good))
		return;
	if (good)
		log_event(LOG_INFO, "ended sessions are known again");
	else
		log_event(LOG_WARNING, "users does not tell which sessions ended", LOG_TEXT("error", why));
}

void
poll_revocations(const struct app_state *st, struct call_line *line)
{
	struct scope scope = { 0 };
	struct asking asking = { st, line, &scope, 0, false };
	int64_t now_ms = clock_ms();

	if (!take_turn(st->pool, now_ms))
		return;
	if (scope_run(&scope, ask, &asking) && asking.good) {
		st->pool->poll_cursor = asking.next;
		st->pool->polled_ms = now_ms;
		st->pool->started = true;
	}
	tell(st->pool, asking.good, call_problem(line));
	scope_free(&scope);
}

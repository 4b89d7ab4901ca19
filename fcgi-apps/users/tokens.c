/* Access tokens: how one is signed, and what log-in and refresh answer, each spelling with its keys. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/writer.h"
#include "users.h"

int64_t
tokens_expiry(const struct request *rq)
{
	return clock_unix_us() / 1000000 + rq->state->token_lifetime_s;
}

static unsigned
roles_of(struct scope *scope, const char *text)
{
	char *role, *rest = scope_copy(scope, text, strlen(text));
	unsigned roles = 0;

	while ((role = strsep(&rest, " ")) != NULL)
		roles |= role_from_text(role);
	return roles;
}

const char *
tokens_sign(const struct app_state *state, struct scope *scope, struct caller *caller)
{
	char *token;

	if (!token_sign(state->keys, caller, &token)) {
		scope_fail(scope, 503, "unavailable", "No token can be signed just now.");
		return "";
	}
	scope_defer(scope, free, token);
	return token;
}

static struct reply *
write_keys(struct request *rq, const char *user_id, const char *access, const char *refresh)
{
	const struct { const char *key, *value; } keys[] = {
		{ "token", access },
		{ "user_id", user_id },
		{ "access_token", access },
		{ "refresh_token", refresh },
	};
	struct writer *answer = reply_begin(rq);
	/* The shop's clients get exactly their three keys. */
	size_t first = rq->route->envelope == BARE ? 1 : 0, i;

	for (i = first; i < sizeof(keys) / sizeof(keys[0]); i++)
		writer_member(answer, keys[i].key, keys[i].value);
	return reply_end(rq, answer);
}

struct reply *
tokens_reply(struct request *rq, const struct rows *account, const char *session_id, int64_t expires_s,
    const char *refresh)
{
	struct caller caller = { .expires_s = expires_s };

	if (scope_failed(&rq->scope))
		return reply_failure(rq);
	caller.roles = roles_of(&rq->scope, row_text(account, 0, "roles"));
	snprintf(caller.user_id, sizeof(caller.user_id), "%s", row_text(account, 0, "user_id"));
	snprintf(caller.session_id, sizeof(caller.session_id), "%s", session_id);
	snprintf(caller.name, sizeof(caller.name), "%s", row_text(account, 0, "username"));
	return write_keys(rq, caller.user_id, tokens_sign(rq->state, &rq->scope, &caller), refresh);
}

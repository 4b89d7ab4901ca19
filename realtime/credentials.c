/* Tokens and tickets, as strictly as pools take them (shared/app/handle.c). */
#include <string.h>
#include <strings.h>

#include "app/app.h"
#include "app/pool.h"
#include "auth/revocations.h"
#include "auth/token.h"
#include "base/clock.h"
#include "credentials.h"
#include "gateway.h"
#include "used_tickets.h"

static bool
check_token(const struct app_state *state, const char *header, struct caller *caller)
{
	const char *token = header + 7;

	if (strncasecmp(header, "Bearer ", 7) != 0)
		return false;
	token += strspn(token, " ");
	return token_cache_find(state->tokens, token, caller) ||
	    token_cache_verify(state->tokens, state->keys, token, caller);
}

/* Which tickets were used before this gateway started, it does not know. */
static bool
check_ticket(struct gateway *gateway, const char *text, struct caller *caller)
{
	struct ticket ticket;

	if (!token_verify_ticket(gateway->state->keys, text, &ticket) || ticket.issued_s <= gateway->started_s ||
	    !used_tickets_take(gateway->used_tickets, &ticket, clock_ms() / 1000))
		return false;
	*caller = ticket.caller;
	return true;
}

void
credentials_check(struct gateway *gateway, struct request *rq, const char *ticket)
{
	const struct app_state *state = gateway->state;
	struct caller caller = { .roles = 0 };
	bool good = false;

	if (!state->pool->started) {
		scope_fail(&rq->scope, 503, "starting", "Who you are cannot be told yet; try again.");
		rq->scope.failure.retry_after_s = 1;
		return;
	}
	if (*rq->authorization != '\0')
		good = check_token(state, rq->authorization, &caller);
	else if (ticket != NULL)
		good = check_ticket(gateway, ticket, &caller);
	if (good && !revocations_refuses(state->revoked, caller.session_id, caller.expires_s))
		rq->caller = caller;
	else
		scope_fail(&rq->scope, 401, "sign_in", "Please sign in.");
}

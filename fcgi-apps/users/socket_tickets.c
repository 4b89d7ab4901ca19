/* Tickets for sockets: browsers cannot send a token when they open one. */
#include <stdlib.h>

#include "base/writer.h"
#include "data/limits.h"
#include "users.h"

static const struct limit tickets = { "socket ticket", 60, 60 };

/* It says who asks, and until when the token at hand is good: no socket outlives that. */
static struct reply *
issue_ticket(struct request *rq)
{
	struct writer *w;
	char *ticket;

	limit_count(rq->state->limits, &rq->scope, &tickets, rq->caller.user_id);
	if (!scope_failed(&rq->scope) && !token_sign_ticket(rq->state->keys, &rq->caller, &ticket))
		scope_fail(&rq->scope, 503, "unavailable", "No ticket can be signed just now.");
	if (scope_failed(&rq->scope))
		return reply_failure(rq);
	scope_defer(&rq->scope, free, ticket);
	w = reply_begin(rq);
	writer_member(w, "ticket", ticket);
	writer_member_integer(w, "expires_in", TOKEN_TICKET_LIFETIME_S);
	return reply_end(rq, w);
}

const struct route socket_ticket_routes[] = {
	{ POST, "/api/users/ws-ticket", issue_ticket,
	  .body = IGNORED, .write = SELF, .envelope = STATUS, .answer = "ticket expires_in:int",
	  .summary = "A ticket that opens one socket, as /ws?ticket=; good once, for 30 seconds" },
	{ 0 }
};

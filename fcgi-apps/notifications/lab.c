/* The beats lab's rooms: who listens hears that somebody logged in or signed up. */
#include <string.h>

#include "events/outbox.h"
#include "notifications.h"

static bool
is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Nothing, or what the lab's clients send in its place, which is no JSON. */
static bool
is_empty(const char *body, size_t size)
{
	for (; size > 0 && is_space(body[size - 1]); size--)
		;
	for (; size > 0 && is_space(*body); size--)
		body++;
	return size == 0 || (size == 2 && memcmp(body, "{}", 2) == 0) || (size == 9 && memcmp(body, "{\"empty\"}", 9) == 0);
}

static struct reply *
announce(struct request *rq)
{
	const char *room = strrchr(rq->route->path, '/') + 1;

	if (!is_empty(rq->body, rq->body_size))
		return problem(rq, 400, "unexpected_body", "The body must be empty, or {\"empty\"}.");
	outbox_push(rq->db, &rq->scope, scope_printf(&rq->scope, "lab:%s", room),
	    scope_printf(&rq->scope, "{\"type\":\"%s\",\"room\":\"%s\"}", room, room));
	return reply_message(rq, "Announced");
}

const struct route lab_routes[] = {
	{ POST, "/api/beats-lab/notify-login", announce, .body = RAW, .envelope = STATUS,
	  .answer = "message", .summary = "Tell the room notify-login that somebody logged in" },
	{ POST, "/api/beats-lab/notify-signup", announce, .body = RAW, .envelope = STATUS,
	  .answer = "message", .summary = "Tell the room notify-signup that somebody signed up" },
	{ 0 }
};

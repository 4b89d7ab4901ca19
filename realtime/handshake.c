/* From a request's head to an open socket. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "actions.h"
#include "app/app.h"
#include "client.h"
#include "credentials.h"
#include "handshake.h"
#include "head.h"
#include "http/reply.h"
#include "http/request.h"
#include "operations.h"
#include "people.h"
#include "websocket.h"
#include "wish.h"

/* What has come of a head that is not complete. */
struct part {
	size_t	 size;
	char	 text[];
};

/* --- answers --- */

static const char events_head[] = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: private, no-store\r\n"
    "X-Accel-Buffering: no\r\nConnection: close\r\n\r\nretry: 3000\n\n";

static void
answer(struct client *c, struct request *rq, const struct reply *reply)
{
	struct writer w;

	writer_begin(&w, &rq->scope, 512 + reply->size);
	writer_text(&w, scope_printf(&rq->scope, "HTTP/1.1 %d %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\nConnection: close\r\n",
	    reply->status, status_text(reply->status), reply->type, reply->size));
	for (const struct header *h = reply->headers; h != NULL; h = h->next)
		writer_text(&w, scope_printf(&rq->scope, "%s: %s\r\n", h->name, h->value));
	writer_literal(&w, "\r\n");
	writer_bytes(&w, reply->body, reply->size);
	client_give(c, packet_raw(w.data, w.length));
	client_finish(c);
}

static void
begin_socket(struct client *c, const struct head *head)
{
	char text[256], accept[HEAD_ACCEPT_SIZE];
	int size;

	head_accept(accept, head->key);
	size = snprintf(text, sizeof(text), "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
	    "Sec-WebSocket-Accept: %s\r\n\r\n", accept);
	client_give(c, packet_raw(text, (size_t)size));
	c->form = FORM_SOCKET;
	c->state = CLIENT_SOCKET;
}

static void
begin_events(struct client *c, const struct wish *wish)
{
	client_give(c, packet_raw(events_head, sizeof(events_head) - 1));
	c->form = wish->count == 1 ? FORM_EVENTS_WITH_ID : FORM_EVENTS;
	c->state = CLIENT_EVENTS;
}

/* --- what is asked for --- */

static bool
is_upgrade(const struct head *head)
{
	return head_lists(head->connection, "upgrade") && head_lists(head->upgrade, "websocket");
}

static void
check_protocol(struct request *rq, const struct head *head)
{
	if (!wish_knows(head->path)) {
		scope_fail(&rq->scope, 404, "not_found", "There is nothing at this path.");
	} else if (strcmp(head->method, "GET") != 0) {
		rq->allow = "GET";
		scope_fail(&rq->scope, 405, "method_not_allowed", "This method is not allowed here.");
	} else if (!is_upgrade(head)) {
		if (!head_lists(head->accept, "text/event-stream"))
			scope_fail(&rq->scope, 426, "upgrade_required",
			    "This is a WebSocket, or an event stream for who accepts text/event-stream.");
	} else if (strcmp(head->version, "13") != 0) {
		scope_fail(&rq->scope, 426, "upgrade_required", "Sec-WebSocket-Version must be 13.");
	} else if (!head_is_key(head->key))
		scope_fail(&rq->scope, 400, "bad_request", "Sec-WebSocket-Key must be 16 bytes in base64.");
}

static void
enter(struct client *c, struct request *rq)
{
	if ((c->person = person_enter(c->gateway, rq->caller.user_id)) == NULL) {
		scope_fail(&rq->scope, 429, "too_many", "You have as many sockets open as one may have.");
		rq->scope.failure.retry_after_s = 10;
		return;
	}
	client_belongs(c, &rq->caller);
	wheel_set(&c->gateway->wheel, &c->alarm, 1);
}

static void
begin(struct client *c, const struct head *head, const struct wish *wish)
{
	if (is_upgrade(head))
		begin_socket(c, head);
	else
		begin_events(c, wish);
	c->gateway->counters.accepted++;
	for (int i = 0; i < wish->count && c->state != CLIENT_DEAD; i++)
		actions_join(c, wish->channels[i], wish->has_after[i] ? &wish->after[i] : NULL);
}

static void
open_or_refuse(struct client *c, struct request *rq, const struct head *head)
{
	struct wish wish = { .count = 0 };
	struct reply *reply;

	check_protocol(rq, head);
	if (!scope_failed(&rq->scope))
		wish_read_query(rq, head, &wish);
	if (!scope_failed(&rq->scope))
		credentials_check(c->gateway, rq, wish.ticket);
	if (!scope_failed(&rq->scope))
		wish_read_path(rq, head, &wish);
	if (!scope_failed(&rq->scope))
		enter(c, rq);
	if (!scope_failed(&rq->scope)) {
		begin(c, head, &wish);
		return;
	}
	c->gateway->counters.refused++;
	reply = reply_failure(rq);
	if (rq->scope.failure.status == 426)
		reply_header(rq, reply, "Upgrade", "websocket");
	answer(c, rq, reply);
}

/* --- input --- */

struct handling {
	struct client		*client;
	struct request		 rq;
	char			*text;
};

static void
handle(void *arg)
{
	struct handling *handling = arg;
	struct client *c = handling->client;
	struct request *rq = &handling->rq;
	struct head head;

	if (!head_read(&head, handling->text)) {
		answer(c, rq, problem(rq, 400, "bad_request", "This is not a request that HTTP allows."));
		return;
	}
	rq->request_id = head.request_id;
	rq->authorization = head.authorization;
	if (operations_know(head.path))
		answer(c, rq, operations_answer(c->gateway, rq, head.path));
	else
		open_or_refuse(c, rq, &head);
}

static void
take(struct client *c, char *text)
{
	struct handling handling = { .client = c, .text = text,
	    .rq = { .state = c->gateway->state, .public_url = c->gateway->state->public_url } };

	if (!scope_run(&handling.rq.scope, handle, &handling))
		client_end(c);
	scope_free(&handling.rq.scope);
}

static void
keep(struct client *c, const char *bytes, size_t size)
{
	struct part *part = size <= HEAD_MAX ? malloc(sizeof(*part) + size) : NULL;

	free(c->input);
	if ((c->input = part) == NULL) {
		client_end(c);
		return;
	}
	part->size = size;
	memcpy(part->text, bytes, size);
}

/* What follows the head at once, are frames already. */
static void
split(struct client *c, char *bytes, size_t size)
{
	char *end = memmem(bytes, size, "\r\n\r\n", 4), kept;
	size_t head_size;

	if (end == NULL) {
		keep(c, bytes, size);
		return;
	}
	free(c->input);
	c->input = NULL;
	head_size = (size_t)(end + 4 - bytes);
	kept = bytes[head_size];
	bytes[head_size] = '\0';
	take(c, bytes);
	bytes[head_size] = kept;
	if (c->state == CLIENT_SOCKET && size > head_size)
		websocket_input(c, bytes + head_size, size - head_size);
}

void
handshake_input(struct client *c, char *bytes, size_t size)
{
	const struct part *part = c->input;
	char *whole;

	if (part == NULL) {
		split(c, bytes, size);
		return;
	}
	if ((whole = malloc(part->size + size + 1)) == NULL) {
		client_end(c);
		return;
	}
	memcpy(whole, part->text, part->size);
	memcpy(whole + part->size, bytes, size + 1);
	split(c, whole, part->size + size);
	free(whole);
}

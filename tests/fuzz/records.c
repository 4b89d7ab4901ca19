/*
 * Hostile parameters in well-formed FastCGI records: whatever they say, one
 * request comes out and one answer goes back.
 * The input is names and values by turns, each a length byte and its bytes;
 * after a length of 255 the rest is the body.
 */
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "app/exchange.h"
#include "base/scope.h"
#include "fuzz.h"

enum { BEGIN_REQUEST = 1, END_REQUEST = 3, PARAMS = 4, STDIN = 5, STDOUT = 6 };	/* FastCGI 1.0, 8 */

struct text {
	const char	*text;
};

static const struct field text_fields[] = { TEXT_FIELD(FROM_PATH, text, text), { 0 } };

static struct reply *
run(struct request *rq)
{
	(void)rq;
	return NULL;
}

static const struct route rows[] = {
	{ GET, "/a/{text}", run, INPUT(text), .audience = ANYONE, .summary = "s" },
	{ POST, "/a/{text}", run, INPUT(text), .audience = ANYONE, .body_limit = 64, .summary = "s" },
	{ 0 }
};

struct stream {
	uint8_t	 bytes[16384];
	size_t	 size;
};

static void
put_record(struct stream *s, int type, const void *content, size_t size)
{
	const uint8_t header[8] = { 1, (uint8_t)type, 0, 1, (uint8_t)(size >> 8), (uint8_t)size, 0, 0 };

	memcpy(s->bytes + s->size, header, sizeof(header));
	memcpy(s->bytes + s->size + 8, content, size);
	s->size += 8 + size;
}

/* One piece of the input: a length byte and so many bytes, or what is left of them. */
static size_t
take(const uint8_t **data, size_t *left, const uint8_t **piece)
{
	size_t size = *left > 0 ? **data : 0;

	*data += *left > 0;
	*left -= *left > 0;
	if (size > *left)
		size = *left;
	*piece = *data;
	*data += size;
	*left -= size;
	return size;
}

static void
put_request(struct stream *s, const uint8_t *data, size_t left)
{
	static const uint8_t responder[8] = { 0, 1, 1 };	/* keep the connection */
	uint8_t params[6000];
	const uint8_t *name, *value;
	size_t size = 0;

	put_record(s, BEGIN_REQUEST, responder, sizeof(responder));
	while (left > 0 && *data != 255 && size < 5000) {
		size_t n = take(&data, &left, &name) & 127, v = take(&data, &left, &value) & 127;

		params[size++] = (uint8_t)n;
		params[size++] = (uint8_t)v;
		memcpy(params + size, name, n);
		memcpy(params + size + n, value, v);
		size += n + v;
	}
	if (size > 0)
		put_record(s, PARAMS, params, size);
	put_record(s, PARAMS, "", 0);
	if (left > 0)
		put_record(s, STDIN, data, left);
	put_record(s, STDIN, "", 0);
}

static void
read_all(int fd, struct stream *s)
{
	ssize_t n;

	s->size = 0;
	while (s->size < sizeof(s->bytes) &&
	    (n = recv(fd, s->bytes + s->size, sizeof(s->bytes) - s->size, MSG_DONTWAIT)) > 0)
		s->size += (size_t)n;
}

static struct app_state *
state(void)
{
	static struct app_state st = { .public_url = "https://localhost" };

	if (st.router == NULL) {
		st.router = router_new((const struct route *const []){ rows, NULL });
		promise(FCGX_Init() == 0);
	}
	return &st;
}

static void
answer(void *arg)
{
	struct exchange *ex = arg;
	struct request *rq = &ex->rq;

	if (router_find(rq->state->router, rq)) {
		exchange_begin_trace(ex);
		exchange_read_body(ex);
		if (!scope_failed(&rq->scope))
			field_bind(rq);
	}
	scope_fail(&rq->scope, 404, "not_found", "There is nothing here.");
	rq->reply = reply_failure(rq);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct stream s;
	struct exchange *ex;
	int fds[2];

	s.size = 0;
	put_request(&s, data, size < 8000 ? size : 8000);
	promise(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) == 0);
	promise(write(fds[0], s.bytes, s.size) == (ssize_t)s.size);
	shutdown(fds[0], SHUT_WR);
	promise((ex = exchange_new(fds[1], state())) != NULL);
	if (exchange_receive(ex)) {
		promise(ex->rq.path != NULL && ex->rq.query != NULL && ex->rq.request_id != NULL);
		promise(scope_run(&ex->rq.scope, answer, ex));
		if (exchange_answer(ex, ex->rq.reply, true))
			close(ex->fd);
		read_all(fds[0], &s);
		promise(s.size > 16 && s.bytes[0] == 1 && s.bytes[1] == STDOUT);
		promise(memmem(s.bytes, s.size, "Status: ", 8) != NULL);
		promise(s.bytes[s.size - 15] == END_REQUEST);
	}
	exchange_free(ex);
	close(fds[0]);
	return 0;
}

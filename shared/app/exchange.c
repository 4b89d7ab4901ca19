/* A connection from nginx: FastCGI parameters in, a reply out. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "app/exchange.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/scope.h"

#define MAX_DRAIN	(1 << 20)	/* bytes of an unread body that are worth keeping the connection for */

struct exchange *
exchange_new(int fd, const struct app_state *st)
{
	/* nginx sends a request at once and takes the answer at once: longer than this, it is not well. */
	const struct timeval limit = { .tv_sec = 3 };
	struct exchange *ex = calloc(1, sizeof(*ex));

	if (ex == NULL || FCGX_InitRequest(&ex->fcgi, -1, 0) != 0) {
		free(ex);
		close(fd);
		return NULL;
	}
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
	ex->ready = READY_EXCHANGE;
	ex->fd = fd;
	ex->rq.state = st;
	return ex;
}

void
exchange_free(struct exchange *ex)
{
	scope_free(&ex->rq.scope);
	free(ex);
}

static enum method
method_of(const char *name)
{
	static const char *const names[] = { [GET] = "GET", [POST] = "POST", [PUT] = "PUT", [PATCH] = "PATCH", [DELETE] = "DELETE" };

	for (enum method m = GET; m <= DELETE; m++)
		if (strcmp(name, names[m]) == 0)
			return m;
	return strcmp(name, "HEAD") == 0 ? GET : 0;
}

static enum server
server_of(const char *name)
{
	return strcmp(name, "internal") == 0 ? INTERNAL_SERVER : strcmp(name, "operations") == 0 ? OPERATIONS_SERVER : PUBLIC_SERVER;
}

/* Cuts the address at its question mark; both live in FastCGI's own copy until the request ends. */
static void
take_address(struct request *rq, char *uri)
{
	char *mark = strchr(uri, '?');

	rq->path = uri;
	rq->query = "";
	if (mark != NULL) {
		*mark = '\0';
		rq->query = mark + 1;
	}
}

/* The value of NAME=value when it is that name. */
static char *
value_of(char *param, const char *name, size_t size)
{
	return strncmp(param, name, size) == 0 && param[size] == '=' ? param + size + 1 : NULL;
}

#define TAKE(name)	(value = value_of(param, name, sizeof(name) - 1)) != NULL

static void
take_param(struct request *rq, char *param)
{
	char *value;

	if (TAKE("REQUEST_METHOD"))
		rq->method = method_of(value);
	else if (TAKE("REQUEST_URI"))
		take_address(rq, value);
	else if (TAKE("REQUEST_ID"))
		rq->request_id = value;
	else if (TAKE("REMOTE_ADDR"))
		rq->address = value;
	else if (TAKE("MARQUEE_SERVER"))
		rq->server = server_of(value);
	else if (TAKE("CONTENT_LENGTH"))
		rq->body_size = strtoull(value, NULL, 10);
	else if (TAKE("CONTENT_TYPE"))
		rq->content_type = value;
	else if (TAKE("HTTP_AUTHORIZATION"))
		rq->authorization = value;
	else if (TAKE("HTTP_USER_AGENT"))
		rq->user_agent = value;
	else if (TAKE("HTTP_TRACEPARENT"))
		rq->traceparent = value;
	else if (TAKE("HTTP_IDEMPOTENCY_KEY"))
		rq->idempotency_key = value;
}

/* W3C Trace Context, 3.2: 00-<32 hex>-<16 hex>-<2 hex>, and not all zero. What is anything else begins anew. */
static bool
is_traceparent(const char *s)
{
	static const char shape[] = "hh-hhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhh-hhhhhhhhhhhhhhhh-hh";

	if (strlen(s) != sizeof(shape) - 1 || strncmp(s, "ff", 2) == 0)
		return false;
	for (size_t i = 0; shape[i] != '\0'; i++)
		if (shape[i] == '-' ? s[i] != '-' : strchr("0123456789abcdef", s[i]) == NULL)
			return false;
	return strspn(s + 3, "0") < 32 && strspn(s + 36, "0") < 16;
}

/* A trace of our own: nginx's request id is 16 random bytes in hex, as good a trace id as any. */
void
exchange_begin_trace(struct exchange *ex)
{
	struct request *rq = &ex->rq;

	if (*rq->traceparent == '\0' && strlen(rq->request_id) == 32)
		rq->traceparent = scope_printf(&rq->scope, "00-%s-%.16s-00", rq->request_id, rq->request_id + 8);
}

bool
exchange_receive(struct exchange *ex)
{
	struct scope scope = ex->rq.scope;
	const struct app_state *st = ex->rq.state;

	ex->fcgi.ipcFd = ex->fd;
	ex->fcgi.keepConnection = 1;
	ex->fcgi.listen_sock = -1;
	if (FCGX_Accept_r(&ex->fcgi) < 0)
		return false;
	ex->start_us = clock_us();
	ex->database_us = 0;
	ex->tries = 0;
	ex->asked_primary = false;
	ex->rq = (struct request){ .scope = scope, .state = st, .public_url = st->public_url,
	    .path = "", .query = "", .request_id = "", .traceparent = "" };
	for (char **p = ex->fcgi.envp; *p != NULL; p++)
		take_param(&ex->rq, *p);
	if (!is_traceparent(ex->rq.traceparent))
		ex->rq.traceparent = "";
	return true;
}

void
exchange_read_body(struct exchange *ex)
{
	struct request *rq = &ex->rq;
	size_t limit = route_body_limit(rq->route);
	char *body;

	if (rq->body_size == 0)
		return;
	if (rq->body_size > limit) {
		scope_fail(&rq->scope, 413, "body_too_large", "The body may have at most %zu bytes.", limit);
		return;
	}
	body = scope_alloc(&rq->scope, rq->body_size + 1);
	if ((size_t)FCGX_GetStr(body, (int)rq->body_size, ex->fcgi.in) != rq->body_size)
		scope_fail(&rq->scope, 400, "body_too_short", "The body ended before its announced length.");
	rq->body = body;
}

/* --- sending --- */

static void
put(FCGX_Stream *out, const char *text)
{
	FCGX_PutStr(text, (int)strlen(text), out);
}

static void
put_header(FCGX_Stream *out, const char *name, const char *value)
{
	put(out, name);
	put(out, ": ");
	put(out, value);
	put(out, "\r\n");
}

/* Only a 200 of a cached row may be kept by nginx: a kept 404 or 304 would be given to everyone. */
static void
put_cache_control(FCGX_Stream *out, const struct request *rq, const struct reply *re)
{
	char tag[REPLY_TAG_SIZE], kept[64];

	if (re->status != 200 || rq->route == NULL || rq->route->cache == 0) {
		put(out, "Cache-Control: private, no-store\r\n");
		return;
	}
	reply_tag(re, tag);
	snprintf(kept, sizeof(kept), "max-age=%d, stale-while-revalidate=1", rq->route->cache);
	put_header(out, "Cache-Control", kept);
	put_header(out, "ETag", tag);
}

/* nginx prints the reason phrase it is given, and none when there is none. */
static void
put_status(FCGX_Stream *out, int status)
{
	char text[64];

	if (status == 200)
		return;
	snprintf(text, sizeof(text), "Status: %d %s\r\n", status, status_text(status));
	put(out, text);
}

/* With it nginx needs no chunks. */
static void
put_length(FCGX_Stream *out, size_t size)
{
	char text[48];

	snprintf(text, sizeof(text), "Content-Length: %zu\r\n", size);
	put(out, text);
}

static void
send_reply(struct exchange *ex, const struct reply *re)
{
	FCGX_Stream *out = ex->fcgi.out;

	put_status(out, re->status);
	put_header(out, "Content-Type", re->type);
	put_length(out, re->size);
	put_cache_control(out, &ex->rq, re);
	for (const struct header *h = re->headers; h != NULL; h = h->next)
		put_header(out, h->name, h->value);
	put(out, "\r\n");
	FCGX_PutStr(re->body, (int)re->size, out);
}

static void
log_request(const struct exchange *ex, int status, int64_t time_us)
{
	const struct request *rq = &ex->rq;
	const struct route *r = rq->route;
	char trace[33];

	snprintf(trace, sizeof(trace), "%.32s", *rq->traceparent != '\0' ? rq->traceparent + 3 : rq->request_id);
	log_event(LOG_INFO, "request", LOG_TEXT("request_id", rq->request_id), LOG_TEXT("trace_id", trace),
	    LOG_TEXT("method", r != NULL ? method_text(r->method) : ""), LOG_TEXT("route", r != NULL ? r->path : ""),
	    LOG_INT("status", status), LOG_INT("us", time_us), LOG_INT("db_us", ex->database_us),
	    LOG_TEXT("user_id", rq->caller.user_id));
}

/* What is left of the body must be read, or it would be taken for the next request. */
static void
drain(struct exchange *ex)
{
	char waste[4096];
	size_t total = 0;
	int n;

	while ((n = FCGX_GetStr(waste, sizeof(waste), ex->fcgi.in)) > 0)
		if ((total += (size_t)n) > MAX_DRAIN) {
			ex->fcgi.keepConnection = 0;
			break;
		}
}

/* The log line is made while the parameters that it names still live. */
bool
exchange_answer(struct exchange *ex, const struct reply *re, bool log)
{
	drain(ex);
	send_reply(ex, re);
	if (log)
		log_request(ex, re->status, clock_us() - ex->start_us);
	FCGX_Finish_r(&ex->fcgi);
	scope_end(&ex->rq.scope);
	return ex->fcgi.ipcFd >= 0;
}

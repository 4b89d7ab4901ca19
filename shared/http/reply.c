/* Replies: rows, messages and problems in the envelope of their row. */
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "base/civil.h"
#include "base/clock.h"
#include "base/scope.h"
#include "data/db.h"
#include "http/reply.h"
#include "http/request.h"

const char *
status_text(int status)
{
	static const struct { int status; const char *text; } known[] = {
		{ 200, "OK" }, { 201, "Created" }, { 202, "Accepted" }, { 204, "No Content" },
		{ 400, "Bad Request" }, { 401, "Unauthorized" }, { 403, "Forbidden" }, { 404, "Not Found" },
		{ 405, "Method Not Allowed" }, { 409, "Conflict" }, { 410, "Gone" }, { 412, "Precondition Failed" },
		{ 413, "Content Too Large" }, { 415, "Unsupported Media Type" }, { 422, "Unprocessable Content" },
		{ 426, "Upgrade Required" }, { 429, "Too Many Requests" }, { 500, "Internal Server Error" }, { 502, "Bad Gateway" },
		{ 503, "Service Unavailable" },
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (known[i].status == status)
			return known[i].text;
	return "Unknown";
}

static struct reply *
reply_new(struct request *rq, int status, const char *type, const struct writer *w)
{
	struct reply *re = scope_alloc(&rq->scope, sizeof(*re));

	*re = (struct reply){ .status = status, .type = type, .body = w->data, .size = w->length };
	return re;
}

void
reply_header(struct request *rq, struct reply *re, const char *name, const char *value)
{
	struct header *h = scope_alloc(&rq->scope, sizeof(*h));

	*h = (struct header){ name, value, re->headers };
	re->headers = h;
}

static int
success(const struct request *rq)
{
	return rq->route != NULL && rq->route->status != 0 ? rq->route->status : 200;
}

/* --- success --- */

#define STATUS_KEY	"{\"status\":\"success\","
#define AS_OF_SIZE	(sizeof("\"as_of\":\"2026-07-01T12:30:00.000Z\",") - 1)	/* whatever time it is */
#define DATA_AT		(sizeof(STATUS_KEY) - 1 + AS_OF_SIZE)

/* What is kept for a while says how old it is. */
static bool
says_as_of(const struct request *rq)
{
	return rq->route->envelope == STATUS_DATA && rq->route->cache > 0;
}

static void
write_as_of(struct writer *w)
{
	int64_t now_ms = clock_unix_us() / 1000;
	char second[CIVIL_TIME_LENGTH], text[AS_OF_SIZE + 1];

	civil_print_time(second, now_ms / 1000);
	snprintf(text, sizeof(text), "\"as_of\":\"%.*s.%03dZ\",", CIVIL_TIME_LENGTH, second, (int)(now_ms % 1000));
	writer_text(w, text);
}

static void
open_envelope(const struct request *rq, struct writer *w)
{
	if (rq->route->envelope != STATUS_DATA)
		return;
	writer_literal(w, STATUS_KEY);
	if (says_as_of(rq))
		write_as_of(w);
	writer_literal(w, "\"data\":");
}

static struct reply *
close_envelope(struct request *rq, struct writer *w)
{
	struct reply *re;

	if (rq->route->envelope == STATUS_DATA)
		writer_literal(w, "}");
	re = reply_new(rq, success(rq), "application/json", w);
	re->data_at = says_as_of(rq) ? DATA_AT : 0;
	return re;
}

void
reply_tag(const struct reply *re, char tag[REPLY_TAG_SIZE])
{
	static const unsigned char key[crypto_shorthash_siphashx24_KEYBYTES];	/* it tells bodies apart and keeps no secret */
	unsigned char hash[crypto_shorthash_siphashx24_BYTES];
	char hex[2 * sizeof(hash) + 1];

	crypto_shorthash_siphashx24(hash, (const unsigned char *)re->body + re->data_at, re->size - re->data_at, key);
	sodium_bin2hex(hex, sizeof(hex), hash, sizeof(hash));
	snprintf(tag, REPLY_TAG_SIZE, "%s\"%s\"", re->data_at > 0 ? "W/" : "", hex);
}

struct writer *
reply_begin(struct request *rq)
{
	struct writer *w = scope_alloc(&rq->scope, sizeof(*w));

	writer_begin(w, &rq->scope, 512);
	open_envelope(rq, w);
	writer_literal(w, "{");
	if (rq->route->envelope == STATUS)
		writer_literal(w, "\"status\":\"success\",");
	return w;
}

struct reply *
reply_end(struct request *rq, struct writer *w)
{
	if (scope_failed(&rq->scope))
		return reply_failure(rq);
	writer_literal(w, "}");
	return close_envelope(rq, w);
}

struct reply *
reply_message(struct request *rq, const char *message)
{
	struct writer w;

	if (scope_failed(&rq->scope))
		return reply_failure(rq);
	writer_begin(&w, &rq->scope, 128);
	writer_text(&w, rq->route->envelope == BARE ? "{" : "{\"status\":\"success\",");
	writer_literal(&w, "\"message\":");
	writer_string(&w, message, strlen(message));
	writer_literal(&w, "}");
	return reply_new(rq, success(rq), "application/json", &w);
}

static bool
is_callers(const struct request *rq, const struct rows *rows)
{
	const char *owner = row_text(rows, 0, rq->route->owner);

	return request_has_role(rq, ROLE_ADMIN) || (owner != NULL && strcmp(owner, rq->caller.user_id) == 0);
}

struct reply *
reply_one(struct request *rq, const struct rows *rows, const struct row_shape *shape, const char *missing)
{
	struct writer w;

	if (scope_failed(&rq->scope) || shape == NULL)
		return reply_failure(rq);
	if (rows_count(rows) == 0)
		return problem(rq, 404, "not_found", "%s", missing != NULL ? missing : "There is no such thing.");
	if (rq->route->owner != NULL && !is_callers(rq, rows))
		return problem(rq, 403, "not_yours", "This belongs to someone else.");
	writer_begin(&w, &rq->scope, 512);
	if (rq->route->envelope == STATUS) {
		writer_literal(&w, "{\"status\":\"success\",");
		row_write(&w, shape, rows_result(rows), 0, true);
		writer_literal(&w, "}");
	} else {
		open_envelope(rq, &w);
		row_write(&w, shape, rows_result(rows), 0, false);
	}
	return close_envelope(rq, &w);
}

/* What a list is called, when it is in an object. */
static const char *
list_name(const struct request *rq)
{
	return rq->route->read != NULL ? rq->route->read->list : NULL;
}

static void
open_list(const struct request *rq, struct writer *w)
{
	const struct field *first = rq->route->fields;

	open_envelope(rq, w);
	if (list_name(rq) != NULL) {
		writer_literal(w, "{");
		writer_member(w, first->name, *(const char *const *)(const void *)((const char *)rq->input + first->offset));
		writer_literal(w, ",");
		writer_key(w, list_name(rq));
	}
	writer_literal(w, "[");
}

struct reply *
reply_list(struct request *rq, const struct rows *rows, const struct row_shape *shape, int count)
{
	struct writer w;

	if (scope_failed(&rq->scope) || shape == NULL)
		return reply_failure(rq);
	writer_begin(&w, &rq->scope, 4096);
	open_list(rq, &w);
	for (int i = 0; i < count; i++) {
		if (i > 0)
			writer_literal(&w, ",");
		row_write(&w, shape, rows_result(rows), i, false);
	}
	writer_text(&w, list_name(rq) != NULL ? "]}" : "]");
	return close_envelope(rq, &w);
}

struct reply *
reply_row(struct request *rq, const struct statement *st, const struct rows *rows, const char *missing)
{
	if (scope_failed(&rq->scope))
		return reply_failure(rq);
	return reply_one(rq, rows, db_shape(rq->db, st, rows), missing);
}

struct reply *
reply_bytes(struct request *rq, const char *type, const void *bytes, size_t size)
{
	struct reply *re;

	if (scope_failed(&rq->scope))
		return reply_failure(rq);
	re = scope_alloc(&rq->scope, sizeof(*re));
	*re = (struct reply){ .status = success(rq), .type = type, .body = bytes, .size = size };
	return re;
}

struct reply *
reply_again(struct request *rq, const char *body, size_t size)
{
	struct reply *re = reply_bytes(rq, "application/json", body, size);

	if (says_as_of(rq))
		re->data_at = DATA_AT;
	return re;
}

/* --- problems --- */

static void
write_errors(struct writer *w, const struct field_error *e)
{
	writer_literal(w, ",\"errors\":[");
	for (bool first = true; e != NULL; e = e->next, first = false) {
		writer_text(w, first ? "{" : ",{");
		writer_member(w, "field", e->field);
		writer_member(w, "message", e->message);
		writer_literal(w, "}");
	}
	writer_literal(w, "]");
}

/* "type" is an address of ours that names the code; it is made of the code alone and so never changes. */
static void
write_problem(const struct request *rq, struct writer *w, const struct failure *f)
{
	writer_literal(w, "{\"type\":\"");
	writer_text(w, rq->public_url);
	writer_literal(w, "/problems/");
	writer_text(w, f->code);
	writer_literal(w, "\"");
	writer_member(w, "title", status_text(f->status));
	writer_member_integer(w, "status", f->status);
	writer_member(w, "code", f->code);
	writer_member(w, "detail", f->detail);
	writer_member(w, "request_id", rq->request_id != NULL ? rq->request_id : "");
	if (f->extra_name != NULL)
		writer_member_integer(w, f->extra_name, f->extra);
	if (f->errors != NULL)
		write_errors(w, f->errors);
	writer_literal(w, "}");
}

struct reply *
reply_failure(struct request *rq)
{
	const struct failure *f = &rq->scope.failure;
	struct writer w;
	struct reply *re;

	writer_begin(&w, &rq->scope, 512);
	write_problem(rq, &w, f);
	re = reply_new(rq, f->status, "application/problem+json", &w);
	if (f->retry_after_s > 0)
		reply_header(rq, re, "Retry-After", scope_printf(&rq->scope, "%d", f->retry_after_s));
	if (f->status == 405 && rq->allow != NULL)
		reply_header(rq, re, "Allow", rq->allow);
	if (f->status == 401)
		reply_header(rq, re, "WWW-Authenticate", "Bearer");
	return re;
}

struct reply *
reply_out_of_memory(void)
{
	static const char body[] = "{\"type\":\"about:blank\",\"title\":\"Service Unavailable\",\"status\":503,"
	    "\"code\":\"out_of_memory\",\"detail\":\"There is no memory left for this.\"}";
	static struct header retry = { "Retry-After", "1", NULL };
	static struct reply re = { 503, "application/problem+json", body, sizeof(body) - 1, 0, &retry };

	return &re;
}

static void
fail(struct request *rq, int status, const char *code, const char *fmt, va_list ap)
{
	char detail[512];

	vsnprintf(detail, sizeof(detail), fmt, ap);
	scope_fail(&rq->scope, status, code, "%s", detail);
}

struct reply *
problem(struct request *rq, int status, const char *code, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fail(rq, status, code, fmt, ap);
	va_end(ap);
	return reply_failure(rq);
}

struct reply *
problem_with(struct request *rq, int status, const char *code, const char *name, long long number, const char *fmt, ...)
{
	bool first = !scope_failed(&rq->scope);
	va_list ap;

	va_start(ap, fmt);
	fail(rq, status, code, fmt, ap);
	va_end(ap);
	if (first) {
		rq->scope.failure.extra_name = name;
		rq->scope.failure.extra = number;
	}
	return reply_failure(rq);
}

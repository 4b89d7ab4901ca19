/*
 * The router: for any path a row with all its values, or 400, 404 or 405.
 * The first byte chooses server and method, the rest is the path.
 */
#include <ctype.h>
#include <string.h>

#include "base/text.h"
#include "fuzz.h"
#include "http/reply.h"
#include "http/request.h"

struct pair {
	const char	*one, *two;
};

static const struct field pair_fields[] = { TEXT_FIELD(FROM_PATH, pair, one), TEXT_FIELD(FROM_PATH, pair, two), { 0 } };

struct single {
	const char	*one;
};

static const struct field single_fields[] = { TEXT_FIELD(FROM_PATH, single, one), { 0 } };

static struct reply *
run(struct request *rq)
{
	(void)rq;
	return NULL;
}

static const struct route rows[] = {
	{ GET, "/", run, .summary = "s" },
	{ GET, "/a", run, .summary = "s" },
	{ POST, "/a", run, .summary = "s" },
	{ PUT, "/a/{one}", run, INPUT(single), .summary = "s" },
	{ GET, "/a/b", run, .summary = "s" },
	{ GET, "/a/{one}/c", run, INPUT(single), .summary = "s" },
	{ GET, "/a/b/{one}/d", run, INPUT(single), .summary = "s" },
	{ DELETE, "/{one}/{two}/d", run, INPUT(pair), .summary = "s" },
	{ PATCH, "/{one}/b/{two}/d", run, INPUT(pair), .summary = "s" },
	{ GET, "/i/{one}", run, INPUT(single), .audience = INTERNAL, .summary = "s" },
	{ GET, "/o", run, .audience = OPERATIONS, .summary = "s" },
	{ 0 }
};

static bool
belongs(const struct route *row, enum server server)
{
	switch (row->audience) {
	case INTERNAL:
	case INTERNAL_ANYONE:
		return server == INTERNAL_SERVER;
	case OPERATIONS:
		return server == OPERATIONS_SERVER;
	default:
		return server == PUBLIC_SERVER;
	}
}

/* Percent-encodes all but letters and digits. */
static char *
escape(struct scope *scope, const char *text)
{
	char *escaped = scope_alloc(scope, strlen(text) * 3 + 1), *out = escaped;

	for (; *text != '\0'; text++)
		out += sprintf(out, isalnum((unsigned char)*text) ? "%c" : "%%%02X", (unsigned char)*text);
	return escaped;
}

/* The row's path with the values in it again. */
static const char *
path_of(struct scope *scope, const struct request *rq)
{
	const char *path = "", *p = rq->route->path;
	size_t name = 0, length;

	while (*p != '\0') {
		length = strcspn(p + 1, "/") + 1;
		if (p[1] == '{')
			path = scope_printf(scope, "%s/%s", path, escape(scope, rq->segments[name++]));
		else
			path = scope_printf(scope, "%s%.*s", path, (int)length, p);
		p += length;
	}
	return path;
}

static void
check_found(const struct router *router, struct request *rq)
{
	struct request again = { .method = rq->method, .server = rq->server, .path = path_of(&rq->scope, rq) };
	size_t count = 0, length;

	promise(rq->route->method == rq->method);
	promise(belongs(rq->route, rq->server));
	promise(router_find(router, &again));
	promise(again.route == rq->route);
	for (; route_name(rq->route, count, &length) != NULL; count++) {
		promise(rq->segments[count][0] != '\0');
		promise(text_is_utf8(rq->segments[count], strlen(rq->segments[count])));
		promise(strcmp(rq->segments[count], again.segments[count]) == 0);
	}
	promise(count == MAX_SEGMENTS || rq->segments[count] == NULL);
	scope_free(&again.scope);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	static struct router *router;
	struct request rq = { .query = "" };

	if (size == 0)
		return 0;
	if (router == NULL)
		router = router_new((const struct route *const[]){ rows, NULL });
	rq.server = bytes[0] % 3;
	rq.method = bytes[0] / 3 % (DELETE + 2);
	rq.path = scope_copy(&rq.scope, (const char *)bytes + 1, size - 1);
	if (router_find(router, &rq)) {
		promise(!scope_failed(&rq.scope));
		check_found(router, &rq);
	} else {
		int status = rq.scope.failure.status;

		promise(status == 400 || status == 404 || status == 405);
		promise((status == 405) == (rq.allow != NULL));
		promise(rq.route == NULL);
	}
	scope_free(&rq.scope);
	return 0;
}

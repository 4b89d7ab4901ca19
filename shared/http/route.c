/*
 * From method and path to a row: a trie of path segments for each of the three
 * servers, made once and only read afterwards.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/scope.h"
#include "base/text.h"
#include "http/request.h"

#define MAX_DEPTH	32		/* segments of a row's path */
#define SERVERS		(OPERATIONS_SERVER + 1)

struct node {
	const char		*text;		/* the literal segment; not NUL-terminated */
	size_t			 length;
	struct node		*next;		/* the next literal of the same parent */
	struct node		*literals, *name;
	const struct route	*rows[DELETE + 1];	/* by method */
	char			 allow[48];	/* "" when no path ends here */
};

struct table {
	const struct route	*rows;
	size_t			 before, count;	/* rows in the tables before, and in this one */
};

struct router {
	struct node	 roots[SERVERS];
	size_t		 depth;			/* segments of the longest path */
	struct table	*tables;
	size_t		 table_count;
};

struct segment {
	const char	*text;		/* decoded; NUL-terminated only when it had to be */
	size_t		 length;
	bool		 is_copy;
};

/* A path on its way through the trie. */
struct walk {
	struct segment	 segments[MAX_DEPTH];
	size_t		 count;
	uint8_t		 names[MAX_DEPTH];	/* which segments were taken for {names} */
	size_t		 name_count;
};

static const char *const methods[] = {
	[GET] = "GET", [POST] = "POST", [PUT] = "PUT", [PATCH] = "PATCH", [DELETE] = "DELETE",
};

static bool
is_method(enum method method)
{
	return method >= GET && method <= DELETE;
}

const char *
method_text(enum method method)
{
	return is_method(method) ? methods[method] : "OTHER";
}

const char *
route_name(const struct route *row, size_t n, size_t *length)
{
	const char *p = strchr(row->path, '{');

	while (p != NULL && n-- > 0)
		p = strchr(p + 1, '{');
	if (p == NULL)
		return NULL;
	*length = strcspn(p + 1, "}");
	return p + 1;
}

size_t
route_body_limit(const struct route *row)
{
	return row->body_limit != 0 ? row->body_limit : BODY_LIMIT;
}

/* --- making it --- */

static void __attribute__((noreturn))
give_up(const struct route *row, const char *why)
{
	fprintf(stderr, "%s %s: %s\n", method_text(row->method), row->path, why);
	abort();
}

static void *
allocate(size_t count, size_t size)
{
	void *p = calloc(count, size);

	if (p == NULL) {
		fputs("out of memory\n", stderr);
		abort();
	}
	return p;
}

static enum server
server_of(const struct route *row)
{
	switch (row->audience) {
	case INTERNAL:
	case INTERNAL_ANYONE:
		return INTERNAL_SERVER;
	case OPERATIONS:
		return OPERATIONS_SERVER;
	default:
		return PUBLIC_SERVER;
	}
}

static struct node *
find_literal(const struct node *parent, const char *text, size_t length)
{
	struct node *child;

	for (child = parent->literals; child != NULL; child = child->next)
		if (child->length == length && memcmp(child->text, text, length) == 0)
			break;
	return child;
}

/* The child for a segment of a row's path, made when there is none. */
static struct node *
add_child(struct node *parent, const char *text, size_t length)
{
	struct node *child;

	if (*text == '{') {
		if (parent->name == NULL)
			parent->name = allocate(1, sizeof(*child));
		return parent->name;
	}
	if ((child = find_literal(parent, text, length)) != NULL)
		return child;
	child = allocate(1, sizeof(*child));
	*child = (struct node){ .text = text, .length = length, .next = parent->literals };
	return parent->literals = child;
}

static void
list_methods(struct node *node)
{
	size_t used = 0;

	for (int method = GET; method <= DELETE; method++)
		if (node->rows[method] != NULL)
			used += (size_t)snprintf(node->allow + used, sizeof(node->allow) - used, "%s%s",
			    used > 0 ? ", " : "", method == GET ? "GET, HEAD" : methods[method]);
}

static void
add_row(struct router *router, const struct route *row)
{
	struct node *node = &router->roots[server_of(row)];
	const char *segment = row->path;
	char problem[ROUTE_PROBLEM];
	size_t depth, length;

	if (!route_check(row, problem))
		give_up(row, problem);
	for (depth = 0; *segment == '/'; depth++, segment += length) {
		length = strcspn(++segment, "/");
		node = add_child(node, segment, length);
	}
	if (depth > MAX_DEPTH)
		give_up(row, "The path has too many segments.");
	if (node->rows[row->method] != NULL)
		give_up(row, "Another row has this method and path.");
	node->rows[row->method] = row;
	list_methods(node);
	if (depth > router->depth)
		router->depth = depth;
}

struct router *
router_new(const struct route *const *resources)
{
	struct router *router = allocate(1, sizeof(*router));
	struct table *table;
	size_t count = 0;

	while (resources[router->table_count] != NULL)
		router->table_count++;
	router->tables = allocate(router->table_count + 1, sizeof(*router->tables));
	for (size_t i = 0; i < router->table_count; i++, count += table->count) {
		table = &router->tables[i];
		*table = (struct table){ .rows = resources[i], .before = count };
		for (; table->rows[table->count].path != NULL; table->count++)
			add_row(router, &table->rows[table->count]);
	}
	router->tables[router->table_count].before = count;
	return router;
}

static void
free_children(struct node *node)
{
	struct node *child;

	while ((child = node->literals) != NULL) {
		node->literals = child->next;
		free_children(child);
		free(child);
	}
	if (node->name != NULL)
		free_children(node->name);
	free(node->name);
}

void
router_free(struct router *router)
{
	if (router == NULL)
		return;
	for (int server = 0; server < SERVERS; server++)
		free_children(&router->roots[server]);
	free(router->tables);
	free(router);
}

size_t
router_count(const struct router *router)
{
	return router->tables[router->table_count].before;
}

const struct route *
router_row(const struct router *router, size_t n)
{
	const struct table *table = router->tables;

	while (n >= table->before + table->count)
		table++;
	return &table->rows[n - table->before];
}

size_t
router_index(const struct router *router, const struct route *row)
{
	for (size_t i = 0; i < router->table_count; i++) {
		const struct table *table = &router->tables[i];
		const struct route *end = table->rows + table->count;

		if ((uintptr_t)row >= (uintptr_t)table->rows && (uintptr_t)row < (uintptr_t)end)
			return table->before + (size_t)(row - table->rows);
	}
	return router_count(router);
}

/* --- finding a row --- */

/* Moves *path behind the segment; false when it is malformed. */
static bool
take_segment(struct scope *scope, struct segment *segment, const char **path)
{
	const char *start = *path, *p = start;
	unsigned char seen = 0;
	bool encoded = false;

	for (; *p != '\0' && *p != '/'; p++) {
		seen |= (unsigned char)*p;
		encoded |= *p == '%';
	}
	*path = p;
	*segment = (struct segment){ .text = start, .length = (size_t)(p - start) };
	if (encoded || seen >= 0x80) {
		if ((segment->text = text_unescape(scope, start, segment->length, false)) == NULL)
			return false;
		segment->length = strlen(segment->text);
		segment->is_copy = true;
	}
	/* nginx resolved these before it chose this pool: here they would be another path. */
	return segment->length > 2 || segment->length == 0 || memcmp(segment->text, "..", segment->length) != 0;
}

/* False after failing the scope, also when the path is longer than any of ours. */
static bool
split(struct scope *scope, struct walk *walk, size_t depth, const char *path)
{
	while (*path == '/' && walk->count < depth) {
		path++;
		if (!take_segment(scope, &walk->segments[walk->count++], &path)) {
			scope_fail(scope, 400, "bad_path", "The path of this address is malformed.");
			return false;
		}
	}
	if (*path == '\0')
		return true;
	scope_fail(scope, 404, "not_found", "There is nothing at this address.");
	return false;
}

/* A literal first; when nothing ends down there, the {name}. Visits no node twice. */
static const struct node *
descend(const struct node *node, struct walk *walk, size_t depth)
{
	const struct segment *segment = &walk->segments[depth];
	const struct node *child, *end;

	if (depth == walk->count)
		return node->allow[0] != '\0' ? node : NULL;
	if ((child = find_literal(node, segment->text, segment->length)) != NULL &&
	    (end = descend(child, walk, depth + 1)) != NULL)
		return end;
	if (node->name == NULL || segment->length == 0)
		return NULL;
	walk->names[walk->name_count++] = (uint8_t)depth;
	if ((end = descend(node->name, walk, depth + 1)) == NULL)
		walk->name_count--;
	return end;
}

bool
router_find(const struct router *router, struct request *rq)
{
	struct walk walk;
	const struct node *node;

	walk.count = walk.name_count = 0;
	if (!split(&rq->scope, &walk, router->depth, rq->path))
		return false;
	if ((node = descend(&router->roots[rq->server], &walk, 0)) == NULL) {
		scope_fail(&rq->scope, 404, "not_found", "There is nothing at this address.");
		return false;
	}
	if (!is_method(rq->method) || node->rows[rq->method] == NULL) {
		rq->allow = node->allow;
		scope_fail(&rq->scope, 405, "method_not_allowed", "This address does not take that method.");
		return false;
	}
	rq->route = node->rows[rq->method];
	for (size_t i = 0; i < walk.name_count; i++) {
		const struct segment *segment = &walk.segments[walk.names[i]];

		rq->segments[i] = segment->is_copy ? segment->text :
		    scope_copy(&rq->scope, segment->text, segment->length);
	}
	return true;
}

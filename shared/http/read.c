/* Declared reads: a statement's parameters from the input, an answer from its rows. */
#include <string.h>

#include "base/scope.h"
#include "data/db.h"
#include "http/page.h"
#include "http/read.h"

static const char *
value_of(struct request *rq, const struct field *f)
{
	const char *at = (const char *)rq->input + f->offset;

	switch (f->kind) {
	case INTEGER:
		return scope_printf(&rq->scope, "%lld", (long long)*(const int64_t *)at);
	case BOOLEAN:
		return *(const bool *)at ? "t" : "f";
	default:
		return *(const char *const *)at;
	}
}

int
read_params(struct request *rq, const char *values[DB_MAX_PARAMS])
{
	const struct read *read = rq->route->read;
	int n = 0;

	for (const struct field *f = rq->route->fields; f != NULL && f->name != NULL; f++)
		if (f->kind != DECIDED)
			values[n++] = value_of(rq, f);
	if (read->shape != PAGE)
		return n;
	for (int i = 0; read->keys[i].column != NULL; i++)
		values[n++] = rq->page_after[i];
	values[n++] = scope_printf(&rq->scope, "%lld", (long long)rq->page_limit + 1);
	return n;
}

/* One row more than asked for came: there is a next page, after the last row that is shown. */
static struct reply *
read_page(struct request *rq, const struct rows *rows, const struct row_shape *shape)
{
	const struct page_key *keys = rq->route->read->keys;
	bool more = rows_count(rows) > rq->page_limit;
	int count = more ? (int)rq->page_limit : rows_count(rows);
	struct reply *re = reply_list(rq, rows, shape, count);
	const char *last[PAGE_MAX_KEYS];
	size_t n = 0;

	if (!more || scope_failed(&rq->scope))
		return re;
	for (; keys[n].column != NULL; n++)
		last[n] = row_key(rows, count - 1, keys[n].column);
	reply_header(rq, re, "Link", page_link(rq, page_encode(&rq->scope, last, n)));
	return re;
}

struct reply *
read_reply(struct request *rq, const struct rows *rows, const struct row_shape *shape)
{
	switch (rq->route->read->shape) {
	case ONE:
		return reply_one(rq, rows, shape, rq->route->read->missing);
	case LIST:
		return reply_list(rq, rows, shape, rows_count(rows));
	default:
		return read_page(rq, rows, shape);
	}
}

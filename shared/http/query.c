/* Query strings: split before they are decoded. */
#include <string.h>

#include "base/scope.h"
#include "base/text.h"
#include "http/query.h"

bool
query_next(const char **rest, struct query_piece *piece)
{
	const char *text = *rest + strspn(*rest, "&");
	const char *equals;

	piece->text = text;
	piece->size = strcspn(text, "&");
	equals = memchr(text, '=', piece->size);
	piece->name_size = equals != NULL ? (size_t)(equals - text) : piece->size;
	*rest = text + piece->size;
	return piece->size > 0;
}

char *
query_name(struct scope *scope, const struct query_piece *piece)
{
	return text_unescape(scope, piece->text, piece->name_size, true);
}

static char *
value_of(struct scope *scope, const struct query_piece *piece)
{
	size_t start = piece->name_size + (piece->name_size < piece->size);

	return text_unescape(scope, piece->text + start, piece->size - start, true);
}

bool
query_read(struct scope *scope, const char *query, struct query_pair **pairs, size_t *count)
{
	struct query_piece piece;
	struct query_pair *pair;
	const char *rest;

	*count = 0;
	for (rest = query; query_next(&rest, &piece);)
		++*count;
	*pairs = pair = scope_alloc(scope, *count * sizeof(**pairs));
	for (rest = query; query_next(&rest, &piece); pair++) {
		pair->name = query_name(scope, &piece);
		pair->value = value_of(scope, &piece);
		if (pair->name == NULL || pair->value == NULL) {
			scope_fail(scope, 400, "bad_query", "The query of this address is malformed.");
			return false;
		}
	}
	return true;
}

/* Cursors of pages, and the link to the next one. */
#include <string.h>

#include "base/text.h"
#include "base/writer.h"
#include "http/page.h"
#include "http/query.h"
#include "http/request.h"
#include "http/value.h"

#define VERSION	"\1"

static bool
is_infinity(const char *text)
{
	return strcmp(text, "infinity") == 0 || strcmp(text, "-infinity") == 0;
}

static bool
is_of_kind(enum field_kind kind, const char *text)
{
	uint8_t id[16];
	int64_t n;

	switch (kind) {
	case INTEGER:
		return value_integer(&n, text);
	case ID:
		return text_to_uuid(id, text);
	case TIME:
		return text_to_time(&n, text) || is_infinity(text);
	case DATE:
		return text_to_date(&n, text) || is_infinity(text);
	default:
		return text_is_utf8(text, strlen(text));
	}
}

/* As many texts as there are keys, each of its kind, and nothing behind. */
static bool
split(const struct page_key *key, const char *text, const char *end, const char **after)
{
	for (; key->column != NULL && text <= end; key++, after++) {
		if (!is_of_kind(key->kind, text))
			return false;
		*after = text;
		text += strlen(text) + 1;
	}
	return key->column == NULL && text == end + 1;
}

bool
page_decode(struct scope *scope, const struct page_key *keys, const char *cursor, const char **after)
{
	size_t size;
	char *bytes;
	long length;

	if (cursor == NULL) {
		for (; keys->column != NULL; keys++)
			*after++ = keys->first;
		return true;
	}
	size = strlen(cursor);
	bytes = scope_alloc(scope, size + 1);	/* room for a NUL behind whatever it decodes to */
	length = text_from_base64url(bytes, size, cursor, size);
	if (length > 0 && bytes[0] == VERSION[0] && split(keys, bytes + 1, bytes + length, after))
		return true;
	scope_bad_field(scope, "cursor", "Must be taken from the link of a page of this list.");
	return false;
}

const char *
page_encode(struct scope *scope, const char *const *keys, size_t count)
{
	struct writer w;
	char *cursor;

	writer_begin(&w, scope, 64);
	writer_literal(&w, VERSION);
	for (size_t i = 0; i < count; i++)
		writer_bytes(&w, keys[i], strlen(keys[i]) + (i + 1 < count));
	cursor = scope_alloc(scope, TEXT_BASE64URL_SIZE(w.length));
	text_to_base64url(cursor, w.data, w.length);
	return cursor;
}

/* What a client may send raw although a URI has no such character would end the link's <> early. */
static void
write_uri(struct writer *w, const char *text, size_t size)
{
	static const char hex[] = "0123456789ABCDEF";

	for (const char *end = text + size; text < end; text++) {
		unsigned char c = (unsigned char)*text;

		if (c > ' ' && c < 0x7f && strchr("\"<>\\^`{|}", c) == NULL)
			writer_bytes(w, text, 1);
		else
			writer_bytes(w, (char[]){ '%', hex[c >> 4], hex[c & 15] }, 3);
	}
}

const char *
page_link(struct request *rq, const char *cursor)
{
	const char *rest = rq->query, *name;
	struct query_piece piece;
	struct writer w;

	writer_begin(&w, &rq->scope, 256);
	writer_literal(&w, "<");
	writer_text(&w, rq->public_url);
	write_uri(&w, rq->path, strlen(rq->path));
	writer_literal(&w, "?");
	while (query_next(&rest, &piece)) {
		name = query_name(&rq->scope, &piece);
		if (name != NULL && strcmp(name, "cursor") == 0)
			continue;
		write_uri(&w, piece.text, piece.size);
		writer_literal(&w, "&");
	}
	writer_literal(&w, "cursor=");
	writer_text(&w, cursor);
	writer_literal(&w, ">; rel=\"next\"");
	return writer_copy(&w);
}

/*
 * Binding: whatever comes, a handler sees a struct that keeps every promise of
 * its table, or the client a problem.  The first byte chooses row and headers;
 * then come query, id and body with a newline between them.
 */
#include <string.h>

#include "base/text.h"
#include "fuzz.h"
#include "http/money.h"
#include "http/page.h"
#include "http/reply.h"
#include "http/request.h"

struct part {
	const char	*part_id;
	int64_t		 quantity;
	const char	*price;
	struct list	 notes;
};

static const struct field part_fields[] = {
	ID_FIELD   (FROM_BODY, part, part_id, .required = true),
	INT_FIELD  (FROM_BODY, part, quantity, .min = 1, .max = 10, .otherwise = 1),
	MONEY_FIELD(FROM_BODY, part, price),
	TEXTS_FIELD(part, notes, .max = 3),
	{ 0 }
};

struct place {
	const char	*city;
	bool		 open;
};

static const struct field place_fields[] = {
	TEXT_FIELD(FROM_BODY, place, city, .required = true, .min = 1),
	BOOL_FIELD(FROM_BODY, place, open),
	{ 0 }
};

struct everything {
	const char	*id, *user_id, *q, *since, *day, *name, *color, *at, *ref, *fee;
	int64_t		 n, number;
	bool		 all, gift;
	struct place	 place;
	struct list	 parts, tags;
};

static const struct field everything_fields[] = {
	ID_FIELD    (FROM_PATH, everything, id, .required = true),
	ID_FIELD    (FROM_CALLER, everything, user_id),
	TEXT_FIELD  (FROM_QUERY, everything, q, .max = 5),
	TIME_FIELD  (FROM_QUERY, everything, since),
	DATE_FIELD  (FROM_QUERY, everything, day),
	INT_FIELD   (FROM_QUERY, everything, n, .min = -5, .max = 5),
	BOOL_FIELD  (FROM_QUERY, everything, all),
	TEXT_FIELD  (FROM_BODY, everything, name, .min = 3, .max = 8),
	TEXT_FIELD  (FROM_BODY, everything, color, .choices = "red green"),
	TIME_FIELD  (FROM_BODY, everything, at),
	ID_FIELD    (FROM_BODY, everything, ref),
	MONEY_FIELD (FROM_BODY, everything, fee),
	INT_FIELD   (FROM_BODY, everything, number),
	BOOL_FIELD  (FROM_BODY, everything, gift, .otherwise = true),
	OBJECT_FIELD(everything, place, place_fields),
	LIST_FIELD  (everything, parts, part, .min = 1, .max = 4),
	TEXTS_FIELD (everything, tags),
	DECIDED_FIELD(FROM_BODY, "status"),
	{ 0 }
};

struct filter {
	const char	*q;
};

static const struct field filter_fields[] = { TEXT_FIELD(FROM_QUERY, filter, q), { 0 } };

static struct reply *
run(struct request *rq)
{
	(void)rq;
	return NULL;
}

static const struct page_key keys[] = {
	{ "at", TIME, "-infinity" }, { "name", TEXT, "" }, { "n", INTEGER, "0" }, { "id", ID, "" }, { 0 }
};
static const struct read page = { .statement = { "select 1" }, .shape = PAGE, .keys = keys };

static const struct route rows[] = {
	{ POST, "/{id}", run, INPUT(everything), .summary = "s" },
	{ GET, "/", .read = &page, INPUT(filter), .summary = "s" },
	{ POST, "/", run, .body = NONE, .summary = "s" },
	{ POST, "/{id}", run, INPUT(everything), .body_limit = 20, .summary = "s" },
};

static void
check_text(const struct field *f, const char *text)
{
	size_t length = text_length(text);

	promise(text_is_utf8(text, strlen(text)));
	promise(strpbrk(text, "\1\2\3\4\5\6\7\b\v\f\x0e\x0f\x10\x11\x1b\x1f\x7f") == NULL);
	promise(f == NULL || (int64_t)length >= f->min);
	promise((int64_t)length <= (f != NULL && f->max != 0 ? f->max : 10000));
}

static void
check_id(const char *id)
{
	char again[37];
	uint8_t bytes[16];

	promise(text_to_uuid(bytes, id));
	text_from_uuid(again, bytes);
	promise(strcmp(id, again) == 0);
}

static void check_struct(const struct field *, const char *);

static void
check_list(const struct field *f, const struct list *list)
{
	const char *item = list->items;

	promise(list->count == 0 || (int64_t)list->count >= f->min);
	promise((int64_t)list->count <= (f->max != 0 ? f->max : 10000));
	for (size_t i = 0; i < list->count; i++) {
		if (f->fields != NULL)
			check_struct(f->fields, item + i * f->size);
		else
			check_text(NULL, ((const char *const *)list->items)[i]);
	}
}

/* Also inside of an object that was absent, where nothing required need be. */
static void
check_field(const struct field *f, const char *at)
{
	bool is_text = f->kind == TEXT || f->kind == ID || f->kind == TIME || f->kind == DATE ||
	    f->kind == MONEY;
	const char *text = is_text ? *(const char *const *)(const void *)at : NULL;
	int64_t number = f->kind == INTEGER ? *(const int64_t *)(const void *)at : 0, time;
	bool is_any = f->min == 0 && f->max == 0;

	if (f->kind == OBJECT)
		check_struct(f->fields, at);
	else if (f->kind == LIST_OF)
		check_list(f, (const void *)at);
	else if (f->kind == INTEGER)
		promise(number == f->otherwise || is_any || (number >= f->min && number <= f->max));
	else if (text != NULL && f->kind == TEXT)
		check_text(f, text);
	else if (text != NULL && f->kind == ID)
		check_id(text);
	else if (text != NULL && f->kind == DATE)
		promise(text_to_date(&time, text));
	else if (text != NULL && f->kind == MONEY)
		promise(money_is_amount(text));
	else if (text != NULL)
		promise(text_to_time(&time, text));
}

static void
check_struct(const struct field *fields, const char *at)
{
	for (const struct field *f = fields; f->name != NULL; f++)
		if (f->kind != DECIDED)
			check_field(f, at + f->offset);
}

static void
check_page(struct request *rq)
{
	const char *cursor = page_encode(&rq->scope, rq->page_after, PAGE_MAX_KEYS);
	const char *after[PAGE_MAX_KEYS], *link;
	bool is_first = rq->page_after[3][0] == '\0';

	promise(rq->page_limit >= 1 && rq->page_limit <= 100);
	link = page_link(rq, cursor);
	promise(strncmp(link, "<https://host/", 14) == 0);
	promise(strcmp(strchr(link, '>'), ">; rel=\"next\"") == 0);
	promise(strpbrk(link, "\r\n ") == strstr(link, " rel="));
	promise(is_first || page_decode(&rq->scope, keys, cursor, after));
	for (int i = 0; i < PAGE_MAX_KEYS && !is_first; i++)
		promise(strcmp(after[i], rq->page_after[i]) == 0);
}

static void
check_failure(const struct failure *failure)
{
	int errors = 0;

	promise(failure->status == 400 || failure->status == 404 || failure->status == 413 || failure->status == 415 ||
	    failure->status == 422);
	promise((failure->status == 422) == (failure->errors != NULL));
	for (const struct field_error *e = failure->errors; e != NULL; e = e->next, errors++) {
		promise(text_is_utf8(e->field, strlen(e->field)));
		promise(e->message[0] != '\0' && e->message[strlen(e->message) - 1] == '.');
	}
	promise(errors <= 100);
}

/* Takes a line off the input. */
static const char *
take_line(struct scope *scope, const char **text, size_t *size)
{
	const char *end = memchr(*text, '\n', *size);
	size_t length = end != NULL ? (size_t)(end - *text) : *size;
	const char *line = scope_copy(scope, *text, length);

	*text += length + (end != NULL);
	*size -= length + (end != NULL);
	return line;
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	static const char *const types[] = { "application/json", "application/json; charset=utf-8", "text/plain", NULL };
	static const char known_id[] = "018f3c5e-7b2a-7c3d-8e4f-5a6b7c8d9e0f";
	struct request rq = { .public_url = "https://host", .path = "/" };
	const char *text = (const char *)bytes + 1;

	if (size-- == 0)
		return 0;
	rq.route = &rows[bytes[0] % 4];
	rq.method = rq.route->method;
	rq.content_type = types[bytes[0] / 16 % 4];
	rq.query = take_line(&rq.scope, &text, &size);
	rq.segments[0] = take_line(&rq.scope, &text, &size);
	if (rq.segments[0][0] == '\0')
		rq.segments[0] = known_id;
	rq.body = text;
	rq.body_size = size;
	field_bind(&rq);
	if (scope_failed(&rq.scope)) {
		promise(rq.input == NULL);
		check_failure(&rq.scope.failure);
	} else {
		if (rq.route->fields != NULL)
			check_struct(rq.route->fields, rq.input);
		if (rq.route->read != NULL)
			check_page(&rq);
	}
	scope_free(&rq.scope);
	return 0;
}

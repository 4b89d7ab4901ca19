/*
 * From what came to what the handler sees: values are taken from path, query
 * and body by a table, checked, and put into a struct.
 */
#include <stdio.h>
#include <string.h>

#include "http/json.h"
#include "http/page.h"
#include "http/query.h"
#include "http/request.h"
#include "http/value.h"

#define NAME_SHOWN	64	/* bytes of a name that is not ours */

/* Where a value stands, for the name of its error: "products[0].quantity". */
struct place {
	const struct place	*parent;
	const char		*name;		/* NULL: an element of the parent */
	size_t			 index;
};

/* A table of fields and, beside it, what the query has for each. */
struct table {
	const struct field	*fields;
	const char		**query;
};

struct binding {
	struct request	*rq;
	struct scope	*scope;
	struct table	 own, page;	/* the row's fields; those of a PAGE */
	json_t		*body;		/* an object, or NULL */
};

struct page_query {
	int64_t		 limit;
	const char	*cursor;
};

static const struct field page_query_fields[] = {
	INT_FIELD (FROM_QUERY, page_query, limit, .min = 1, .max = 100, .otherwise = 20),
	TEXT_FIELD(FROM_QUERY, page_query, cursor),
	{ 0 }
};

const struct field own_fields[] = {
	ID_FIELD(FROM_CALLER, own, user_id),
	{ 0 }
};

/* --- saying what is wrong --- */

static size_t
print_place(char *out, size_t room, const struct place *at)
{
	size_t used = at->parent != NULL ? print_place(out, room, at->parent) : 0, size;
	int more;

	if (at->name == NULL) {
		more = snprintf(out + used, room - used, "[%zu]", at->index);
	} else {
		if ((size = strlen(at->name)) > NAME_SHOWN)
			for (size = NAME_SHOWN; (at->name[size] & 0xc0) == 0x80; size--)
				continue;	/* never half a character */
		more = snprintf(out + used, room - used, "%s%.*s", used > 0 ? "." : "", (int)size, at->name);
	}
	return used + (size_t)more < room ? used + (size_t)more : room - 1;
}

static void
bad(struct binding *b, const struct field *f, const struct place *at, const char *sentence)
{
	char name[6 * NAME_SHOWN];

	if (f != NULL && f->source == FROM_PATH) {
		scope_fail(b->scope, 404, "not_found", "There is nothing at this address.");
		return;
	}
	print_place(name, sizeof(name), at);
	scope_bad_field(b->scope, name, "%s", sentence);
}

/* --- what has parts --- */

static void bind_members(struct binding *, const struct field *, const json_t *, const struct place *, char *);

static void
bind_object(struct binding *b, const struct field *f, const struct place *at, const json_t *object, char *out)
{
	if (json_is_object(object))
		bind_members(b, f->fields, object, at, out);
	else
		bad(b, f, at, "Must be an object.");
}

static void
bind_plain(struct binding *b, const struct field *f, const struct place *at, struct value v, char *out)
{
	const char *problem;

	/* A double would be near it; the text is it. */
	if (f->kind == MONEY && json_is_real(v.json))
		v = (struct value){ .text = json_real_text(b->scope, b->rq->body, b->rq->body_size, b->body, v.json) };
	if ((problem = value_read(b->scope, f, v, out)) != NULL)
		bad(b, f, at, problem);
}

static void
bind_list(struct binding *b, const struct field *f, const struct place *at, const json_t *array, struct list *list)
{
	const struct field text = { .source = f->source, .kind = TEXT, .choices = f->choices, .check = f->check };
	size_t size = f->fields != NULL ? f->size : sizeof(const char *), count = json_array_size(array);
	const char *problem = value_size_problem(b->scope, f, count, "element");
	char *item;

	if (!json_is_array(array) || problem != NULL) {
		bad(b, f, at, json_is_array(array) ? problem : "Must be a list.");
		return;
	}
	list->items = item = scope_alloc(b->scope, count * size);
	for (list->count = 0; list->count < count; list->count++, item += size) {
		const struct place here = { .parent = at, .index = list->count };
		const json_t *element = json_array_get(array, list->count);

		if (f->fields != NULL)
			bind_object(b, f, &here, element, item);
		else
			bind_plain(b, &text, &here, (struct value){ .json = element }, item);
	}
}

/* --- a table --- */

static void
set_absent(const struct field *f, char *out)
{
	if (f->kind == INTEGER)
		*(int64_t *)(void *)out = f->otherwise;
	else if (f->kind == BOOLEAN)
		*(bool *)out = f->otherwise != 0;
	else if (f->kind == OBJECT)
		for (const struct field *inner = f->fields; inner->name != NULL; inner++)
			set_absent(inner, out + inner->offset);
}

static void
bind_value(struct binding *b, const struct field *f, const struct place *at, struct value v, char *out)
{
	if (value_is_absent(v) && f->required)
		bad(b, f, at, "Is required.");
	else if (value_is_absent(v))
		set_absent(f, out);
	else if (f->kind == OBJECT)
		bind_object(b, f, at, v.json, out);
	else if (f->kind == LIST_OF)
		bind_list(b, f, at, v.json, (void *)out);
	else
		bind_plain(b, f, at, v, out);
}

static const struct field *
find_field(const struct field *f, enum field_source source, const char *name)
{
	for (; f != NULL && f->name != NULL; f++)
		if (f->source == source && strcmp(f->name, name) == 0)
			return f;
	return NULL;
}

/* What the body has for a table, and what it has beside it. */
static void
bind_members(struct binding *b, const struct field *fields, const json_t *object,
    const struct place *parent, char *out)
{
	json_t *members = (json_t *)object;	/* jansson's iterators know no const */
	struct value v = { 0 };

	for (const struct field *f = fields; f != NULL && f->name != NULL; f++) {
		const struct place at = { .parent = parent, .name = f->name };

		if (f->source != FROM_BODY)
			continue;
		v.json = json_object_get(object, f->name);
		bind_value(b, f, &at, v, out + f->offset);
	}
	for (void *i = json_object_iter(members); i != NULL; i = json_object_iter_next(members, i)) {
		const struct place at = { .parent = parent, .name = json_object_iter_key(i) };

		if (find_field(fields, FROM_BODY, at.name) == NULL)
			bad(b, NULL, &at, "Is not known here.");
	}
}

/* --- path, query, body --- */

static const char *
path_value(const struct request *rq, const char *wanted)
{
	const char *name;
	size_t length;

	for (size_t i = 0; (name = route_name(rq->route, i, &length)) != NULL; i++)
		if (strlen(wanted) == length && memcmp(wanted, name, length) == 0)
			return rq->segments[i];
	return NULL;
}

static const char *
of_caller(const struct caller *caller, enum field_source source)
{
	const char *id = source == FROM_SESSION ? caller->session_id : caller->user_id;

	return *id != '\0' ? id : NULL;
}

static void
bind_path_and_caller(struct binding *b, char *input)
{
	const struct caller *caller = &b->rq->caller;

	for (const struct field *f = b->own.fields; f != NULL && f->name != NULL; f++) {
		const struct place at = { .name = f->name };

		if (f->source == FROM_PATH)
			bind_value(b, f, &at, (struct value){ .text = path_value(b->rq, f->name) }, input + f->offset);
		else if (f->source == FROM_CALLER && f->kind == BOOLEAN)
			*(bool *)(void *)(input + f->offset) = request_has_role(b->rq, ROLE_ADMIN);
		else if (f->source >= FROM_CALLER)
			*(const char **)(void *)(input + f->offset) = of_caller(caller, f->source);
	}
}

/* Where the value of a parameter is kept, or NULL when no table has it. */
static const char **
parameter(struct binding *b, const char *name)
{
	const struct table *tables[] = { &b->own, &b->page };
	const struct field *f;

	for (size_t i = 0; i < 2; i++)
		if ((f = find_field(tables[i]->fields, FROM_QUERY, name)) != NULL)
			return &tables[i]->query[f - tables[i]->fields];
	return NULL;
}

static void
bind_query(struct binding *b, const struct table *table, char *out)
{
	for (const struct field *f = table->fields; f != NULL && f->name != NULL; f++) {
		const struct place at = { .name = f->name };
		const struct value v = { .text = table->query[f - table->fields] };

		if (f->source == FROM_QUERY)
			bind_value(b, f, &at, v, out + f->offset);
	}
}

/* Gives each parameter its place; of one that is there twice neither is right. */
static void
sort_query(struct binding *b, const struct query_pair *pair, const struct query_pair *end)
{
	const char **kept;

	for (; pair < end; pair++) {
		const struct place at = { .name = pair->name };

		if ((kept = parameter(b, pair->name)) == NULL)
			bad(b, NULL, &at, "Is not known here.");
		else if (*kept != NULL)
			bad(b, NULL, &at, "Is given twice.");
		else
			*kept = pair->value;
	}
}

static void
bind_page(struct binding *b)
{
	struct page_query in = { 0 };

	bind_query(b, &b->page, (char *)&in);
	b->rq->page_limit = in.limit;
	page_decode(b->scope, b->rq->route->read->keys, in.cursor, b->rq->page_after);
}

static void
read_json(struct binding *b)
{
	const struct request *rq = b->rq;
	size_t limit = route_body_limit(rq->route);

	if (rq->body_size > limit)
		scope_fail(b->scope, 413, "body_too_large", "The body may have at most %zu bytes.", limit);
	else if (!json_is_type(rq->content_type))
		scope_fail(b->scope, 415, "unsupported_media_type", "The body must be application/json in UTF-8.");
	else if (json_parse(b->scope, rq->body, rq->body_size, &b->body) && !json_is_object(b->body))
		scope_fail(b->scope, 400, "bad_json", "The body must be a JSON object.");
}

static bool
read_body(struct binding *b)
{
	if (b->rq->body == NULL || b->rq->body_size == 0)
		return true;
	if (b->rq->route->body == JSON)
		read_json(b);
	else if (b->rq->route->body == NONE)
		scope_fail(b->scope, 400, "unexpected_body", "This address takes no body.");
	return !scope_failed(b->scope);
}

static void
begin_table(struct binding *b, struct table *table, const struct field *fields)
{
	size_t count = 0;

	while (fields != NULL && fields[count].name != NULL)
		count++;
	table->fields = fields;
	table->query = scope_alloc(b->scope, count * sizeof(*table->query));
}

void
field_bind(struct request *rq)
{
	bool is_page = rq->route->read != NULL && rq->route->read->shape == PAGE;
	struct binding b = { .rq = rq, .scope = &rq->scope };
	char *input = scope_alloc(b.scope, rq->route->input_size);
	struct query_pair *pairs;
	size_t count;

	begin_table(&b, &b.own, rq->route->fields);
	begin_table(&b, &b.page, is_page ? page_query_fields : NULL);
	bind_path_and_caller(&b, input);
	/* Where the address or the JSON is at fault no list of fields would help. */
	if (scope_failed(b.scope) || !query_read(b.scope, rq->query, &pairs, &count) || !read_body(&b))
		return;
	sort_query(&b, pairs, pairs + count);
	bind_query(&b, &b.own, input);
	bind_members(&b, b.own.fields, b.body, NULL, input);
	if (is_page)
		bind_page(&b);
	if (!scope_failed(b.scope))
		rq->input = input;
}

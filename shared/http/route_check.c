/*
 * Whether a row makes sense by itself: what a slip in a table would leave open,
 * shut or unreachable is said when the program starts.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "http/route.h"

static bool
complain(char problem[ROUTE_PROBLEM], const char *, ...) __attribute__((format(printf, 2, 3)));

static bool
complain(char problem[ROUTE_PROBLEM], const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(problem, ROUTE_PROBLEM, format, arguments);
	va_end(arguments);
	return false;
}

/* --- the row --- */

static bool
is_page(const struct route *row)
{
	return row->read != NULL && row->read->shape == PAGE;
}

static bool
has_source(const struct route *row, enum field_source source)
{
	for (const struct field *f = row->fields; f != NULL && f->name != NULL; f++)
		if (f->source == source)
			return true;
	return false;
}

/* A sentence, or NULL when there is nothing to say. */
static const char *
row_problem(const struct route *row)
{
	if (row->method < GET || row->method > DELETE)
		return "It has no method.";
	if (row->summary == NULL || *row->summary == '\0')
		return "It has no summary.";
	if ((row->run != NULL) == (row->read != NULL))
		return "It needs a handler or a read, and not both.";
	if ((row->fields != NULL) != (row->input_size != 0))
		return "Fields need a struct and a struct needs fields: INPUT(name).";
	if (row->body != JSON && has_source(row, FROM_BODY))
		return "It has fields of a body that it does not read as JSON.";
	if (row->cache != 0 && row->method != GET)
		return "Only a GET can be cached.";
	if (row->remember != 0 && (row->cache == 0 || row->quick))
		return "What is remembered is cached, and not quick.";
	if (row->remember != 0 && row->read != NULL && row->read->shape == PAGE)
		return "A page's Link cannot be remembered.";
	if (row->cache != 0 && (has_source(row, FROM_CALLER) || has_source(row, FROM_SESSION)))
		return "What is cached knows no caller.";
	if (row->quick && (row->method != GET || row->run == NULL || row->slow))
		return "Only the handler of a GET can be quick.";
	if (row->unaudited && row->method == GET)
		return "A GET does nothing that could be in the audit log.";
	if (row->type != NULL && row->answer != NULL)
		return "An answer that is no JSON has no keys.";
	if ((row->idempotent || row->id_of_key) && row->method == GET)
		return "A GET takes no Idempotency-Key.";
	if (row->idempotent && row->write == SELF)
		return "The loop keeps an Idempotency-Key only with a TX.";
	if (row->id_of_key && row->write != SELF)
		return "With a TX the loop keeps the Idempotency-Key.";
	return NULL;
}

static const char *
audience_problem(const struct route *row)
{
	bool for_all = row->audience == ANYONE || row->audience == INTERNAL_ANYONE;

	if (row->cache != 0 && row->audience != ANYONE)
		return "What is cached must be for ANYONE.";
	if ((row->idempotent || row->id_of_key) && for_all)
		return "An Idempotency-Key belongs to a user, so ANYONE cannot have one.";
	if (row->roles != 0 && for_all)
		return "Roles mean nothing for ANYONE.";
	if (row->owner != NULL && for_all)
		return "An owner means nothing for ANYONE.";
	return NULL;
}

static const char *
read_problem(const struct route *row)
{
	const struct read *read = row->read;

	if (read == NULL)
		return NULL;
	if (row->method != GET)
		return "Only a GET can be a declared read.";
	if (has_source(row, FROM_BODY))
		return "A declared read has no body.";
	if (read->statement.sql == NULL)
		return "The read has no statement.";
	if (read->shape < ONE || read->shape > PAGE)
		return "The read has no shape.";
	if (row->owner != NULL && read->shape != ONE)
		return "An owner is asked of one row, not of a list.";
	if (is_page(row) && (read->keys == NULL || read->keys->column == NULL))
		return "A PAGE needs keys.";
	if (!is_page(row) && read->keys != NULL)
		return "Only a PAGE has keys.";
	if (read->list != NULL && (read->shape == ONE || row->envelope != BARE || row->fields == NULL || row->fields->kind != ID))
		return "A list is called by a name in a bare object, behind an ID that is the first field.";
	return NULL;
}

static bool
check_row(const struct route *row, char problem[ROUTE_PROBLEM])
{
	const char *(*const checks[])(const struct route *) = { row_problem, audience_problem, read_problem };
	const char *sentence;

	for (size_t i = 0; i < sizeof(checks) / sizeof(*checks); i++)
		if ((sentence = checks[i](row)) != NULL)
			return complain(problem, "%s", sentence);
	return true;
}

static bool
check_keys(const struct page_key *key, char problem[ROUTE_PROBLEM])
{
	int count = 0;

	for (; key->column != NULL; key++) {
		if (++count > PAGE_MAX_KEYS)
			return complain(problem, "A PAGE has at most %d keys.", PAGE_MAX_KEYS);
		if (key->kind != INTEGER && key->kind != TEXT && key->kind != ID && key->kind != TIME &&
		    key->kind != DATE)
			return complain(problem, "The key %s is neither INTEGER, TEXT, ID, TIME nor DATE.", key->column);
		if (key->first == NULL)
			return complain(problem, "The key %s has no first value.", key->column);
	}
	return true;
}

/* --- its path --- */

static bool
is_name(const char *text, size_t length)
{
	return length > 0 && strspn(text, "abcdefghijklmnopqrstuvwxyz_0123456789") >= length;
}

static bool
check_path(const char *path, char problem[ROUTE_PROBLEM])
{
	const char *segment = path;
	size_t names = 0, length;

	if (*path != '/')
		return complain(problem, "The path does not start with a slash.");
	for (; *segment == '/'; segment += length) {
		length = strcspn(++segment, "/");
		if (length == 0 && strcmp(path, "/") != 0)
			return complain(problem, "The path has an empty segment.");
		if (strcspn(segment, "{}") >= length)
			continue;
		if (*segment != '{' || segment[length - 1] != '}' || !is_name(segment + 1, length - 2))
			return complain(problem, "A {name} is a whole segment of lower-case letters.");
		if (++names > MAX_SEGMENTS)
			return complain(problem, "The path has more than %d {names}.", MAX_SEGMENTS);
	}
	return true;
}

/* How many {names} of the path, and how many fields of it, are called so. */
static bool
is_once(const struct route *row, const char *name, size_t length)
{
	size_t other_length, names = 0, fields = 0;
	const char *other;

	for (size_t i = 0; (other = route_name(row, i, &other_length)) != NULL; i++)
		names += other_length == length && memcmp(other, name, length) == 0;
	for (const struct field *f = row->fields; f != NULL && f->name != NULL; f++)
		fields += f->source == FROM_PATH && strlen(f->name) == length && memcmp(f->name, name, length) == 0;
	return names == 1 && fields == 1;
}

static bool
check_names(const struct route *row, char problem[ROUTE_PROBLEM])
{
	const char *name;
	size_t length;

	for (size_t i = 0; (name = route_name(row, i, &length)) != NULL; i++)
		if (!is_once(row, name, length))
			return complain(problem, "{%.*s} needs one field FROM_PATH.", (int)length, name);
	for (const struct field *f = row->fields; f != NULL && f->name != NULL; f++)
		if (f->source == FROM_PATH && !is_once(row, f->name, strlen(f->name)))
			return complain(problem, "The field %s is not once in the path.", f->name);
	return true;
}

/* --- its fields --- */

static size_t
kind_size(enum field_kind kind)
{
	static const size_t sizes[] = {
		[INTEGER] = sizeof(int64_t), [BOOLEAN] = sizeof(bool), [TEXT] = sizeof(char *), [ID] = sizeof(char *),
		[TIME] = sizeof(char *), [DATE] = sizeof(char *), [MONEY] = sizeof(char *),
		[OBJECT] = 1, [LIST_OF] = sizeof(struct list), [DECIDED] = 0,
	};

	return sizes[kind];
}

static bool check_fields(const struct field *, size_t, bool, char[ROUTE_PROBLEM]);

/* size is that of the struct it goes into; 0: not known. */
static bool
check_field(const struct field *f, size_t size, bool is_inner, char problem[ROUTE_PROBLEM])
{
	bool has_members = f->kind == OBJECT || f->kind == LIST_OF;

	if (f->source < FROM_PATH || f->source > FROM_SESSION || f->kind > DECIDED)
		return complain(problem, "The field %s comes from nowhere, or is of no kind.", f->name);
	if ((is_inner || has_members) && f->source != FROM_BODY)
		return complain(problem, "The field %s can only be FROM_BODY.", f->name);
	if (f->source >= FROM_CALLER && f->kind != ID && f->kind != TEXT && (f->kind != BOOLEAN || f->source == FROM_SESSION))
		return complain(problem, "The field %s is the caller's id or whether it is an admin.", f->name);
	if (size != 0 && f->offset + kind_size(f->kind) > size)
		return complain(problem, "The field %s is of another struct.", f->name);
	if (f->kind == OBJECT && f->fields == NULL)
		return complain(problem, "The object %s has no fields.", f->name);
	if (f->kind == LIST_OF && (f->fields != NULL) != (f->size != 0))
		return complain(problem, "The list %s needs both fields and size of its structs, or neither.", f->name);
	return !has_members || f->fields == NULL || check_fields(f->fields, f->size, true, problem);
}

static bool
check_fields(const struct field *fields, size_t size, bool is_inner, char problem[ROUTE_PROBLEM])
{
	for (const struct field *f = fields; f->name != NULL; f++) {
		if (!check_field(f, size, is_inner, problem))
			return false;
		for (const struct field *other = fields; other < f; other++)
			if (other->source == f->source && strcmp(other->name, f->name) == 0)
				return complain(problem, "The field %s is there twice.", f->name);
	}
	return true;
}

/* The loop adds the keys and the limit to the parameters. */
static bool
check_parameters(const struct route *row, char problem[ROUTE_PROBLEM])
{
	size_t count = 0;

	for (const struct field *f = row->fields; f != NULL && f->name != NULL; f++) {
		count += f->kind != DECIDED;
		if (f->source == FROM_QUERY && is_page(row) &&
		    (strcmp(f->name, "limit") == 0 || strcmp(f->name, "cursor") == 0))
			return complain(problem, "The field %s belongs to the page.", f->name);
	}
	if (count + PAGE_MAX_KEYS + 1 > DB_MAX_PARAMS)
		return complain(problem, "A statement cannot have so many parameters.");
	return true;
}

bool
route_check(const struct route *row, char problem[ROUTE_PROBLEM])
{
	return check_row(row, problem) && check_path(row->path, problem) &&
	    (row->fields == NULL || check_fields(row->fields, row->input_size, false, problem)) &&
	    check_names(row, problem) &&
	    (row->read == NULL || check_parameters(row, problem)) &&
	    (!is_page(row) || check_keys(row->read->keys, problem));
}

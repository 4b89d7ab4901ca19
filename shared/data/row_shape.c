/* How the columns of one statement print: made once, then a row is keys and values one after another. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/writer.h"
#include "data/cell.h"
#include "data/rows.h"

struct column {
	int		 number;
	enum cell_kind	 kind;
	char		*before;	/* all that stands between the last value and this one */
	size_t		 before_size;
	size_t		 closing;	/* how much of it closes what the last columns opened */
	bool		 optional, follows;	/* left out when it is null; when the column before it is */
	size_t		 inside;	/* of an optional one: how many objects are left out with it */
	char		*minor_key;	/* of MONEY: ,"price_minor": */
	int		 currency;	/* of MONEY: number of the column that tells the digits */
};

struct row_shape {
	int		 count;
	char		 after[64];	/* the closing braces */
	size_t		 after_size;
	struct column	 columns[];
};

/* --- writing --- */

static int
digits_of(const PGresult *result, int row, const struct column *c)
{
	return currency_digits(PQgetvalue(result, row, c->currency));
}

void
row_write(struct writer *w, const struct row_shape *shape, const PGresult *result, int row, bool inner)
{
	size_t skip = inner;
	bool left_out = false;

	if (shape->count == 0) {
		writer_text(w, inner ? "" : "{}");
		return;
	}
	for (const struct column *c = shape->columns; c < shape->columns + shape->count; c++) {
		const char *value = PQgetvalue(result, row, c->number);
		int size = PQgetlength(result, row, c->number);
		bool null = size == 0 && PQgetisnull(result, row, c->number);

		if (c->optional && (c->follows ? left_out : null)) {
			if (!c->follows)
				writer_bytes(w, c->before + skip, c->closing - skip);
			skip = c->inside;
			left_out = true;
			continue;
		}
		writer_bytes(w, c->before + skip, c->before_size - skip);
		skip = 0;
		left_out = false;
		if (c->kind == CELL_MONEY) {
			if (null)
				writer_literal(w, "null");
			else
				writer_decimal(w, cell_integer(value, size), digits_of(result, row, c));
			writer_text(w, c->minor_key);
		}
		if (null)
			writer_literal(w, "null");
		else
			cell_write(w, c->kind, value, size);
	}
	writer_bytes(w, shape->after, shape->after_size - inner - skip);
}

/* --- making --- */

/* How many levels of "a.b.c" two names have in common, not counting the last part. */
static int
shared_levels(const char *one, const char *other)
{
	int levels = 0;

	for (; *one != '\0' && *one == *other; one++, other++)
		levels += *one == '.';
	return levels;
}

static int
levels_of(const char *name)
{
	int levels = 0;

	for (; *name != '\0'; name++)
		levels += *name == '.';
	return levels;
}

static const char *
nth_part(const char *name, int n)
{
	for (; n > 0; n--)
		name = strchr(name, '.') + 1;
	return name;
}

/* Closes what the last column opened, opens what this one needs, and writes its key. */
static char *
text_before(const char *last, const char *name, size_t name_size)
{
	size_t room = name_size + 8 * 8 + 64, n = 0;
	char *text = malloc(room);
	int depth = levels_of(name), common = last != NULL ? shared_levels(last, name) : 0;

	if (text == NULL)
		return NULL;
	if (last == NULL)
		text[n++] = '{';
	for (int i = last != NULL ? levels_of(last) : 0; i > common; i--)
		text[n++] = '}';
	if (last != NULL)
		text[n++] = ',';
	for (int i = common; i < depth; i++) {
		const char *part = nth_part(name, i);
		n += (size_t)snprintf(text + n, room - n, "\"%.*s\":{", (int)strcspn(part, ".?"), part);
	}
	snprintf(text + n, room - n, "\"%.*s\":", (int)(name + name_size - nth_part(name, depth)), nth_part(name, depth));
	return text;
}

/* The name's length without what tells how it prints: "?", and "_minor" of money. */
static size_t
printed_size(const char *name, bool *is_minor)
{
	size_t n = strlen(name);

	n -= n > 1 && name[n - 1] == '?';
	*is_minor = n > 6 && strncmp(name + n - 6, "_minor", 6) == 0;
	return n;
}

/* The currency of "total.price_minor" is "total.currency" when there is one, else "currency". */
static int
currency_of(const PGresult *result, const char *name)
{
	const char *dot = strrchr(name, '.');
	char near[128];
	int number;

	snprintf(near, sizeof(near), "%.*scurrency", dot != NULL ? (int)(dot + 1 - name) : 0, name);
	number = PQfnumber(result, near);
	return number >= 0 ? number : PQfnumber(result, "currency");
}

/* What "a.b?.c" leaves out when it is null. False: there would be no comma to rely on. */
static bool
make_optional(struct column *c, const char *name, const char *last)
{
	const char *mark = strchr(name, '?');
	int level = 0, common = last != NULL ? shared_levels(last, name) : -1;

	for (const char *p = name; p < mark; p++)
		level += *p == '.';
	c->optional = mark != NULL;
	c->follows = c->optional && common > level;
	c->inside = c->optional ? (size_t)(levels_of(name) - level) : 0;
	c->closing = last != NULL ? (size_t)(levels_of(last) - common) : 0;
	return !c->optional || common >= level;
}

static bool
add_column(struct row_shape *shape, const PGresult *result, int number, const char *last, char problem[128])
{
	const char *name = PQfname(result, number);
	struct column *c = &shape->columns[shape->count];
	bool is_minor;
	size_t size = printed_size(name, &is_minor), level = (size_t)levels_of(name);

	*c = (struct column){ .number = number, .kind = cell_kind(PQftype(result, number)) };
	if (c->kind == CELL_NONE || level > 7) {
		snprintf(problem, 128, "column \"%.60s\" of type %u cannot be printed", name, PQftype(result, number));
		return false;
	}
	if (!make_optional(c, name, last)) {
		snprintf(problem, 128, "column \"%.60s\" may be left out, so it cannot come first", name);
		return false;
	}
	if (is_minor && c->kind == CELL_INTEGER) {
		c->kind = CELL_MONEY;
		if ((c->currency = currency_of(result, name)) < 0) {
			snprintf(problem, 128, "column \"%.60s\" is money without a currency", name);
			return false;
		}
		if (asprintf(&c->minor_key, ",\"%.*s\":", (int)(name + size - nth_part(name, (int)level)),
		    nth_part(name, (int)level)) < 0)
			c->minor_key = NULL;
		size -= strlen("_minor");
	}
	c->before = text_before(last, name, size);
	shape->count++;
	if (c->before == NULL || (c->kind == CELL_MONEY && c->minor_key == NULL)) {
		snprintf(problem, 128, "out of memory");
		return false;
	}
	c->before_size = strlen(c->before);
	return true;
}

struct row_shape *
row_shape_new(const PGresult *result, char problem[128])
{
	int fields = PQnfields(result), depth;
	struct row_shape *shape = calloc(1, sizeof(*shape) + (size_t)fields * sizeof(struct column));
	const char *last = NULL;

	if (shape == NULL) {
		snprintf(problem, 128, "out of memory");
		return NULL;
	}
	for (int i = 0; i < fields; i++) {
		if (*PQfname(result, i) == '_')
			continue;
		if (!add_column(shape, result, i, last, problem)) {
			row_shape_free(shape);
			return NULL;
		}
		last = PQfname(result, i);
	}
	depth = last != NULL ? levels_of(last) + 1 : 0;
	memset(shape->after, '}', (size_t)depth);
	shape->after_size = (size_t)depth;
	return shape;
}

void
row_shape_free(struct row_shape *shape)
{
	if (shape == NULL)
		return;
	for (int i = 0; i < shape->count; i++) {
		free(shape->columns[i].before);
		free(shape->columns[i].minor_key);
	}
	free(shape);
}

/* ISO 4217: those that differ from two digits. */
int
currency_digits(const char *code)
{
	static const char *const none[] = { "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF",
	    "UGX", "UYI", "VND", "VUV", "XAF", "XOF", "XPF" };
	static const char *const three[] = { "BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND" };
	static const char *const four[] = { "CLF", "UYW" };

	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		if (strcmp(code, none[i]) == 0)
			return 0;
	for (size_t i = 0; i < sizeof(three) / sizeof(three[0]); i++)
		if (strcmp(code, three[i]) == 0)
			return 3;
	for (size_t i = 0; i < sizeof(four) / sizeof(four[0]); i++)
		if (strcmp(code, four[i]) == 0)
			return 4;
	return 2;
}

/* Rows of binary cells: read by name, or written out as JSON by a prepared shape. */
#include <endian.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/scope.h"
#include "base/text.h"
#include "base/writer.h"
#include "data/rows.h"

/* Postgres counts time from 2000-01-01; pg_type.dat has the numbers of the types. */
#define EPOCH_2000_US	(INT64_C(946684800) * 1000000)
#define EPOCH_2000_DAYS	10957

enum {
	OID_BOOL = 16, OID_BYTEA = 17, OID_CHAR = 18, OID_NAME = 19, OID_INT8 = 20, OID_INT2 = 21, OID_INT4 = 23,
	OID_TEXT = 25, OID_JSON = 114, OID_FLOAT4 = 700, OID_FLOAT8 = 701, OID_UNKNOWN = 705, OID_INT4S = 1007,
	OID_TEXTS = 1009, OID_INT8S = 1016, OID_BPCHAR = 1042, OID_VARCHAR = 1043, OID_DATE = 1082,
	OID_TIMESTAMPTZ = 1184, OID_UUID = 2950, OID_UUIDS = 2951, OID_JSONB = 3802,
};

struct rows {
	struct scope	*scope;
	PGresult	*result;
};

enum cell_kind {
	CELL_NONE, CELL_BOOL, CELL_INTEGER, CELL_MONEY, CELL_TEXT, CELL_JSON, CELL_JSONB, CELL_FLOAT4, CELL_FLOAT8,
	CELL_TIME, CELL_DATE, CELL_UUID, CELL_ARRAY,
};

struct column {
	int		 number;
	enum cell_kind	 kind;
	char		*before;	/* all that stands between the last value and this one */
	size_t		 before_size;
	char		*minor_key;	/* of MONEY: ,"price_minor": */
	int		 currency;	/* of MONEY: number of the column that tells the digits */
};

struct row_shape {
	int		 count;
	char		 after[64];	/* the closing braces */
	size_t		 after_size;
	struct column	 columns[];
};

static void
clear(void *result)
{
	PQclear(result);
}

struct rows *
rows_of(struct scope *sc, PGresult *result)
{
	struct rows *rows;

	if (result != NULL)
		scope_defer(sc, clear, result);
	rows = scope_alloc(sc, sizeof(*rows));
	*rows = (struct rows){ sc, result };
	return rows;
}

int
rows_count(const struct rows *rows)
{
	return rows->result == NULL ? 0 : PQntuples(rows->result);
}

bool
rows_has(const struct rows *rows, const char *column)
{
	return rows->result != NULL && PQfnumber(rows->result, column) >= 0;
}

const PGresult *
rows_result(const struct rows *rows)
{
	return rows->result;
}

static int64_t
integer_of(const char *cell, int size)
{
	uint16_t two;
	uint32_t four;
	uint64_t eight;

	switch (size) {
	case 2:
		memcpy(&two, cell, sizeof(two));
		return (int16_t)be16toh(two);
	case 4:
		memcpy(&four, cell, sizeof(four));
		return (int32_t)be32toh(four);
	default:
		memcpy(&eight, cell, sizeof(eight));
		return (int64_t)be64toh(eight);
	}
}

static enum cell_kind
kind_of(Oid type)
{
	switch (type) {
	case OID_BOOL:
		return CELL_BOOL;
	case OID_INT2: case OID_INT4: case OID_INT8:
		return CELL_INTEGER;
	case OID_TEXT: case OID_VARCHAR: case OID_BPCHAR: case OID_NAME: case OID_CHAR: case OID_UNKNOWN:
		return CELL_TEXT;
	case OID_JSON:
		return CELL_JSON;
	case OID_JSONB:
		return CELL_JSONB;
	case OID_FLOAT4:
		return CELL_FLOAT4;
	case OID_FLOAT8:
		return CELL_FLOAT8;
	case OID_TIMESTAMPTZ:
		return CELL_TIME;
	case OID_DATE:
		return CELL_DATE;
	case OID_UUID:
		return CELL_UUID;
	case OID_TEXTS: case OID_INT4S: case OID_INT8S: case OID_UUIDS:
		return CELL_ARRAY;
	default:
		return CELL_NONE;
	}
}

/* A handler that asks for a cell that is not there, or of another type, is wrong for every request. */
static int
cell(const struct rows *rows, int row, const char *column)
{
	int number = rows->result != NULL ? PQfnumber(rows->result, column) : -1;

	if (number < 0 || row < 0 || row >= PQntuples(rows->result)) {
		fprintf(stderr, "no cell \"%s\" in row %d\n", column, row);
		abort();
	}
	return number;
}

static void
expect(const struct rows *rows, int number, bool fits)
{
	if (fits)
		return;
	fprintf(stderr, "column \"%s\" has type %u\n", PQfname(rows->result, number), PQftype(rows->result, number));
	abort();
}

bool
row_is_null(const struct rows *rows, int row, const char *column)
{
	return PQgetisnull(rows->result, row, cell(rows, row, column));
}

int64_t
row_integer(const struct rows *rows, int row, const char *column)
{
	int n = cell(rows, row, column);

	expect(rows, n, kind_of(PQftype(rows->result, n)) == CELL_INTEGER);
	if (PQgetisnull(rows->result, row, n))
		return 0;
	return integer_of(PQgetvalue(rows->result, row, n), PQgetlength(rows->result, row, n));
}

bool
row_bool(const struct rows *rows, int row, const char *column)
{
	int n = cell(rows, row, column);

	expect(rows, n, PQftype(rows->result, n) == OID_BOOL);
	return !PQgetisnull(rows->result, row, n) && *PQgetvalue(rows->result, row, n) != 0;
}

int64_t
row_time(const struct rows *rows, int row, const char *column)
{
	int n = cell(rows, row, column);

	expect(rows, n, PQftype(rows->result, n) == OID_TIMESTAMPTZ);
	return integer_of(PQgetvalue(rows->result, row, n), 8) + EPOCH_2000_US;
}

const void *
row_bytes(const struct rows *rows, int row, const char *column, size_t *size)
{
	int n = cell(rows, row, column);

	expect(rows, n, PQftype(rows->result, n) == OID_BYTEA);
	*size = (size_t)PQgetlength(rows->result, row, n);
	return PQgetisnull(rows->result, row, n) ? NULL : PQgetvalue(rows->result, row, n);
}

const char *
row_text(const struct rows *rows, int row, const char *column)
{
	int n = cell(rows, row, column);
	enum cell_kind kind = kind_of(PQftype(rows->result, n));
	char *text;

	expect(rows, n, kind == CELL_TEXT || kind == CELL_JSON || kind == CELL_JSONB || kind == CELL_UUID);
	if (PQgetisnull(rows->result, row, n))
		return NULL;
	if (kind != CELL_UUID)
		return PQgetvalue(rows->result, row, n) + (kind == CELL_JSONB);
	text = scope_alloc(rows->scope, 37);
	text_from_uuid(text, (const uint8_t *)PQgetvalue(rows->result, row, n));
	return text;
}

/* --- printing --- */

static double
float_of(const char *value, int size)
{
	uint64_t bits = (uint64_t)integer_of(value, size);
	uint32_t half = (uint32_t)bits;
	float single;
	double d;

	if (size == 4) {
		memcpy(&single, &half, sizeof(single));
		return single;
	}
	memcpy(&d, &bits, sizeof(d));
	return d;
}

static void
write_value(struct writer *w, enum cell_kind kind, const char *value, int size)
{
	switch (kind) {
	case CELL_BOOL:
		writer_bool(w, *value != 0);
		break;
	case CELL_INTEGER: case CELL_MONEY:
		writer_integer(w, integer_of(value, size));
		break;
	case CELL_TEXT:
		writer_string(w, value, (size_t)size);
		break;
	case CELL_JSON:
		writer_bytes(w, value, (size_t)size);
		break;
	case CELL_JSONB:	/* a version byte stands before the text */
		writer_bytes(w, value + 1, (size_t)size - 1);
		break;
	case CELL_FLOAT4: case CELL_FLOAT8:
		writer_number(w, float_of(value, size));
		break;
	case CELL_TIME:
		writer_time(w, integer_of(value, 8) + EPOCH_2000_US);
		break;
	case CELL_DATE:
		writer_date(w, integer_of(value, 4) + EPOCH_2000_DAYS);
		break;
	case CELL_UUID:
		writer_uuid(w, (const uint8_t *)value);
		break;
	default:
		writer_literal(w, "null");
	}
}

/* array_send(): dimensions, has-nulls, element type, then length and lower bound of each dimension, then the elements. */
static void
write_array(struct writer *w, const char *value)
{
	int dimensions = (int)integer_of(value, 4);
	enum cell_kind kind = kind_of((Oid)integer_of(value + 8, 4));
	int64_t count = dimensions > 0 ? integer_of(value + 12, 4) : 0;

	writer_literal(w, "[");
	value += 20;
	for (int64_t i = 0; i < count; i++) {
		int size = (int)integer_of(value, 4);

		if (i > 0)
			writer_literal(w, ",");
		write_value(w, size < 0 ? CELL_NONE : kind, value + 4, size);
		value += 4 + (size > 0 ? size : 0);
	}
	writer_literal(w, "]");
}

static int
digits_of(const PGresult *result, int row, const struct column *c)
{
	return currency_digits(PQgetvalue(result, row, c->currency));
}

void
row_write(struct writer *w, const struct row_shape *shape, const PGresult *result, int row, bool inner)
{
	size_t skip = inner;

	if (shape->count == 0) {
		writer_text(w, inner ? "" : "{}");
		return;
	}
	for (const struct column *c = shape->columns; c < shape->columns + shape->count; c++) {
		const char *value = PQgetvalue(result, row, c->number);
		int size = PQgetlength(result, row, c->number);
		bool null = size == 0 && PQgetisnull(result, row, c->number);

		writer_bytes(w, c->before + skip, c->before_size - skip);
		skip = 0;
		if (c->kind == CELL_MONEY) {
			if (null)
				writer_literal(w, "null");
			else
				writer_decimal(w, integer_of(value, size), digits_of(result, row, c));
			writer_text(w, c->minor_key);
		}
		if (null)
			writer_literal(w, "null");
		else if (c->kind == CELL_ARRAY)
			write_array(w, value);
		else
			write_value(w, c->kind, value, size);
	}
	writer_bytes(w, shape->after, shape->after_size - inner);
}

const char *
row_key(const struct rows *rows, int row, const char *column)
{
	int n = cell(rows, row, column);
	enum cell_kind kind = kind_of(PQftype(rows->result, n));
	struct writer w;

	if (PQgetisnull(rows->result, row, n))
		return "";
	if (kind == CELL_TEXT)
		return PQgetvalue(rows->result, row, n);
	writer_begin(&w, rows->scope, 48);
	write_value(&w, kind, PQgetvalue(rows->result, row, n), PQgetlength(rows->result, row, n));
	if (kind == CELL_INTEGER)
		return scope_copy(rows->scope, w.data, w.length);
	return scope_copy(rows->scope, w.data + 1, w.length - 2);	/* without the quotes */
}

/* --- shapes --- */

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
		n += (size_t)snprintf(text + n, room - n, "\"%.*s\":{", (int)strcspn(part, "."), part);
	}
	snprintf(text + n, room - n, "\"%.*s\":", (int)(name + name_size - nth_part(name, depth)), nth_part(name, depth));
	return text;
}

static bool
ends_in_minor(const char *name, size_t *size)
{
	size_t n = strlen(name);

	*size = n;
	if (n <= 6 || strcmp(name + n - 6, "_minor") != 0)
		return false;
	*size = n - 6;
	return true;
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

static bool
add_column(struct row_shape *shape, const PGresult *result, int number, const char *last, char problem[128])
{
	const char *name = PQfname(result, number);
	struct column *c = &shape->columns[shape->count];
	size_t size;

	*c = (struct column){ .number = number, .kind = kind_of(PQftype(result, number)) };
	if (c->kind == CELL_NONE || levels_of(name) > 7) {
		snprintf(problem, 128, "column \"%.60s\" of type %u cannot be printed", name, PQftype(result, number));
		return false;
	}
	if (ends_in_minor(name, &size) && c->kind == CELL_INTEGER) {
		c->kind = CELL_MONEY;
		if ((c->currency = currency_of(result, name)) < 0) {
			snprintf(problem, 128, "column \"%.60s\" is money without a currency", name);
			return false;
		}
		if (asprintf(&c->minor_key, ",\"%s\":", nth_part(name, levels_of(name))) < 0)
			c->minor_key = NULL;
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

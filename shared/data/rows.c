/* Rows of binary cells, read by column name. */
#include <stdio.h>
#include <stdlib.h>

#include "base/scope.h"
#include "base/text.h"
#include "base/writer.h"
#include "data/cell.h"
#include "data/rows.h"

#define BYTEA_OID	17	/* pg_type.dat */

struct rows {
	struct scope	*scope;
	PGresult	*result;
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
	return rows == NULL || rows->result == NULL ? 0 : PQntuples(rows->result);
}

const PGresult *
rows_result(const struct rows *rows)
{
	return rows->result;
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

	expect(rows, n, cell_kind(PQftype(rows->result, n)) == CELL_INTEGER);
	if (PQgetisnull(rows->result, row, n))
		return 0;
	return cell_integer(PQgetvalue(rows->result, row, n), PQgetlength(rows->result, row, n));
}

bool
row_bool(const struct rows *rows, int row, const char *column)
{
	int n = cell(rows, row, column);

	expect(rows, n, cell_kind(PQftype(rows->result, n)) == CELL_BOOL);
	return !PQgetisnull(rows->result, row, n) && *PQgetvalue(rows->result, row, n) != 0;
}

int64_t
row_time(const struct rows *rows, int row, const char *column)
{
	int n = cell(rows, row, column);

	expect(rows, n, cell_kind(PQftype(rows->result, n)) == CELL_TIME);
	return PQgetisnull(rows->result, row, n) ? 0 : cell_time(PQgetvalue(rows->result, row, n));
}

const void *
row_bytes(const struct rows *rows, int row, const char *column, size_t *size)
{
	int n = cell(rows, row, column);

	expect(rows, n, PQftype(rows->result, n) == BYTEA_OID);
	*size = (size_t)PQgetlength(rows->result, row, n);
	return PQgetisnull(rows->result, row, n) ? NULL : PQgetvalue(rows->result, row, n);
}

const char *
row_text(const struct rows *rows, int row, const char *column)
{
	int n = cell(rows, row, column);
	enum cell_kind kind = cell_kind(PQftype(rows->result, n));
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

const char *
row_key(const struct rows *rows, int row, const char *column)
{
	int n = cell(rows, row, column);
	enum cell_kind kind = cell_kind(PQftype(rows->result, n));
	struct writer w;

	expect(rows, n, kind == CELL_TEXT || kind == CELL_INTEGER || kind == CELL_UUID || kind == CELL_TIME ||
	    kind == CELL_DATE);
	if (PQgetisnull(rows->result, row, n))
		return "";
	if (kind == CELL_TEXT)
		return PQgetvalue(rows->result, row, n);
	writer_begin(&w, rows->scope, 48);
	cell_write(&w, kind, PQgetvalue(rows->result, row, n), PQgetlength(rows->result, row, n));
	if (kind == CELL_INTEGER)
		return writer_copy(&w);
	if (*w.data != '"')	/* a time that JSON cannot tell; its sign is the first bit */
		return *PQgetvalue(rows->result, row, n) & 0x80 ? "-infinity" : "infinity";
	return scope_copy(rows->scope, w.data + 1, w.length - 2);	/* without the quotes */
}

/* How a column's name says where its value goes, and when it is left out. */
#include <libpq-fe.h>
#include <string.h>

#include "base/scope.h"
#include "base/writer.h"
#include "data/rows.h"
#include "unit.h"

#define TEXT_OID	25	/* pg_type.dat */

static struct scope scope;

/* A row as Postgres would send it: of each column its name and its text; NULL for null. Ended by NULL. */
static PGresult *
result_of(const char *const *cells)
{
	PGresult *result = PQmakeEmptyPGresult(NULL, PGRES_TUPLES_OK);
	PGresAttDesc columns[16] = { 0 };
	int count = 0;

	for (; cells[2 * count] != NULL; count++)
		columns[count] = (PGresAttDesc){ .name = (char *)cells[2 * count], .format = 1, .typid = TEXT_OID };
	ck_assert(PQsetResultAttrs(result, count, columns));
	for (int i = 0; i < count; i++) {
		const char *value = cells[2 * i + 1];

		ck_assert(PQsetvalue(result, 0, i, (char *)value, value != NULL ? (int)strlen(value) : -1));
	}
	return result;
}

static const char *
printed(const char *const *cells, bool inner)
{
	char problem[128];
	PGresult *result = result_of(cells);
	struct row_shape *shape = row_shape_new(result, problem);
	struct writer w;

	if (shape == NULL) {
		PQclear(result);
		return scope_copy(&scope, problem, strlen(problem));
	}
	writer_begin(&w, &scope, 64);
	row_write(&w, shape, result, 0, inner);
	row_shape_free(shape);
	PQclear(result);
	return scope_copy(&scope, w.data, w.length);
}

#define CELLS(...)	(const char *const []){ __VA_ARGS__, NULL }
#define PRINTS(text, ...)	ck_assert_str_eq(printed(CELLS(__VA_ARGS__), false), text)

START_TEST(dots_nest_and_neighbours_share_the_object)
{
	PRINTS("{\"a\":\"1\",\"b\":{\"c\":\"2\",\"d\":{\"e\":null}},\"f\":\"4\"}",
	    "a", "1", "b.c", "2", "b.d.e", NULL, "f", "4");
	ck_assert_str_eq(printed(CELLS("a", "1", "b.c", "2"), true), "\"a\":\"1\",\"b\":{\"c\":\"2\"}");
}
END_TEST

START_TEST(an_optional_column_is_left_out_when_it_is_null)
{
	PRINTS("{\"a\":\"1\",\"mail\":\"2\",\"c\":\"3\"}", "a", "1", "mail?", "2", "c", "3");
	PRINTS("{\"a\":\"1\",\"c\":\"3\"}", "a", "1", "mail?", NULL, "c", "3");
	PRINTS("{\"a\":\"1\",\"mail\":\"\"}", "a", "1", "mail?", "");
	PRINTS("{\"a\":\"1\"}", "a", "1", "mail?", NULL, "phone?", NULL);
	PRINTS("{\"a\":\"1\",\"phone\":\"2\"}", "a", "1", "mail?", NULL, "phone?", "2");
	PRINTS("{\"a\":null}", "a", NULL, "mail?", NULL);
	ck_assert_str_eq(printed(CELLS("a", "1", "mail?", NULL), true), "\"a\":\"1\"");
}
END_TEST

START_TEST(one_inside_of_an_object_leaves_the_object_well_formed)
{
	PRINTS("{\"a\":{\"b\":\"1\"},\"d\":\"3\"}", "a.b", "1", "a.c?", NULL, "d", "3");
	PRINTS("{\"a\":{\"b\":\"1\",\"c\":\"2\"},\"d\":\"3\"}", "a.b", "1", "a.c?", "2", "d", "3");
	PRINTS("{\"a\":{\"b\":{\"c\":\"1\"}}}", "a.b.c", "1", "a.d?", NULL);
	PRINTS("{\"a\":{\"b\":{\"c\":\"1\"}},\"f\":\"5\"}", "a.b.c", "1", "a.d?", NULL, "e?", NULL, "f", "5");
	PRINTS("{\"a\":{\"b\":{\"c\":\"1\"}},\"e\":\"4\",\"f\":\"5\"}", "a.b.c", "1", "a.d?", NULL, "e?", "4", "f", "5");
}
END_TEST

START_TEST(an_optional_object_is_left_out_as_a_whole)
{
	PRINTS("{\"a\":\"1\",\"p\":{\"n\":{\"on\":\"2\",\"of\":\"3\"},\"q\":\"4\"},\"z\":\"5\"}",
	    "a", "1", "p?.n.on", "2", "p?.n.of", "3", "p?.q", "4", "z", "5");
	PRINTS("{\"a\":\"1\",\"z\":\"5\"}", "a", "1", "p?.n.on", NULL, "p?.n.of", "3", "p?.q", "4", "z", "5");
	PRINTS("{\"a\":\"1\"}", "a", "1", "p?.n.on", NULL, "p?.n.of", NULL);
	PRINTS("{\"a\":\"1\"}", "a", "1", "p?.n.on", NULL, "q?", NULL, "r?.s", NULL);
	PRINTS("{\"a\":\"1\",\"r\":{\"s\":\"2\"}}", "a", "1", "p?.n.on", NULL, "q?", NULL, "r?.s", "2");
	PRINTS("{\"a\":{\"b\":\"1\"},\"z\":\"5\"}", "a.b", "1", "a.p?.on", NULL, "a.p?.of", NULL, "z", "5");
	PRINTS("{\"a\":{\"b\":\"1\",\"p\":{\"on\":\"2\",\"of\":\"3\"}},\"z\":\"5\"}",
	    "a.b", "1", "a.p?.on", "2", "a.p?.of", "3", "z", "5");
}
END_TEST

START_TEST(an_optional_object_that_is_there_has_its_nulls)
{
	PRINTS("{\"a\":\"1\",\"p\":{\"on\":\"2\",\"of\":null},\"z\":\"5\"}",
	    "a", "1", "p?.on", "2", "p?.of", NULL, "z", "5");
}
END_TEST

START_TEST(what_may_be_left_out_cannot_come_first)
{
	PRINTS("column \"a?\" may be left out, so it cannot come first", "a?", "1", "b", "2");
	PRINTS("column \"a?.b\" may be left out, so it cannot come first", "a?.b", "1", "b", "2");
	PRINTS("column \"b.c?\" may be left out, so it cannot come first", "a", "1", "b.c?", "2");
}
END_TEST

/* Of a transaction that could not begin. */
START_TEST(what_was_never_asked_for_has_no_rows)
{
	ck_assert_int_eq(rows_count(NULL), 0);
}
END_TEST

SUITE("row_shape", dots_nest_and_neighbours_share_the_object, an_optional_column_is_left_out_when_it_is_null,
    one_inside_of_an_object_leaves_the_object_well_formed, an_optional_object_is_left_out_as_a_whole,
    an_optional_object_that_is_there_has_its_nulls, what_may_be_left_out_cannot_come_first,
    what_was_never_asked_for_has_no_rows)

/* Comma-separated values are read as RFC 4180 says, and one bad line costs no other. */
#include <stdio.h>
#include <string.h>

#include "base/csv.h"
#include "unit.h"

static char data[1 << 18];
static struct csv csv;

static void
given_bytes(const char *text, size_t size)
{
	memcpy(data, text, size);
	csv_begin(&csv, data, size);
}

static void
given(const char *text)
{
	given_bytes(text, strlen(text));
}

/* The next record as "line:cell|cell", or "line!problem". */
static const char *
next(void)
{
	static char text[1024];
	int n;

	if (!csv_next(&csv))
		return "end";
	n = snprintf(text, sizeof(text), "%ld%s", csv.line, csv.problem != NULL ? "!" : ":");
	if (csv.problem != NULL)
		snprintf(text + n, sizeof(text) - (size_t)n, "%s", csv.problem);
	for (int i = 0; i < csv.count; i++)
		n += snprintf(text + n, sizeof(text) - (size_t)n, "%s%s", i > 0 ? "|" : "", csv.cells[i]);
	return text;
}

START_TEST(cells_are_what_stands_between_commas)
{
	given("a,b c,\n,,\nlast, x ,\xc3\xbc");
	ck_assert_str_eq(next(), "1:a|b c|");
	ck_assert_str_eq(next(), "2:||");
	ck_assert_str_eq(next(), "3:last| x |\xc3\xbc");
	ck_assert_str_eq(next(), "end");
	ck_assert_str_eq(next(), "end");
}
END_TEST

START_TEST(quotes_hold_commas_line_ends_and_quotes)
{
	given("\"Washington, D.C.\",\"Delio \"\"Maravilla\"\" Gamboa\",\"\"\n\"a\nb\r\nc\",\"\"\"\"\nd,\"e\"");
	ck_assert_str_eq(next(), "1:Washington, D.C.|Delio \"Maravilla\" Gamboa|");
	ck_assert_str_eq(next(), "2:a\nb\r\nc|\"");
	ck_assert_str_eq(next(), "5:d|e");
	ck_assert_str_eq(next(), "end");
}
END_TEST

START_TEST(line_feeds_with_and_without_carriage_returns_end_lines)
{
	given("a,b\r\nc,d\n\"e\",\"f\"\r\ng,\r\n");
	ck_assert_str_eq(next(), "1:a|b");
	ck_assert_str_eq(next(), "2:c|d");
	ck_assert_str_eq(next(), "3:e|f");
	ck_assert_str_eq(next(), "4:g|");
	ck_assert_str_eq(next(), "end");
	given("a\r");
	ck_assert_str_eq(next(), "1:a");
	ck_assert_str_eq(next(), "end");
}
END_TEST

START_TEST(a_byte_order_mark_and_empty_lines_are_no_cells)
{
	given("\xef\xbb\xbf\n\r\nday,team\n\n\n1,2\n\n");
	ck_assert_str_eq(next(), "3:day|team");
	ck_assert_str_eq(next(), "6:1|2");
	ck_assert_str_eq(next(), "end");
	given("\xef\xbb\xbf");
	ck_assert_str_eq(next(), "end");
	given("");
	ck_assert_str_eq(next(), "end");
}
END_TEST

START_TEST(a_malformed_line_is_told_and_the_rest_is_read)
{
	static const struct {
		const char *line, *problem;
	} bad[] = {
		{ "a\"b,c", "2!a quote is inside of a cell that does not begin with one" },
		{ "\"a\"b,c", "2!text follows a closing quote" },
		{ "\"a\" ,c", "2!text follows a closing quote" },
		{ "a\rb,c", "2!a carriage return is without its line feed" },
		{ "a,\"b", "2!a quote is not closed" },
		{ "a,\xff", "2!it is not UTF-8" },
		{ "a,\"\xc3\"", "2!it is not UTF-8" },
		{ "a", "2!it has 1 cells instead of 2" },
		{ "a,b,", "2!it has 3 cells instead of 2" },
	};
	char text[200];

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		snprintf(text, sizeof(text), "1,2\n%s\n3,4\r\n", bad[i].line);
		given(text);
		csv.wanted = 2;
		ck_assert_str_eq(next(), "1:1|2");
		ck_assert_str_eq(next(), bad[i].problem);
		ck_assert_str_eq(next(), "3:3|4");
		ck_assert_str_eq(next(), "end");
	}
}
END_TEST

START_TEST(a_stray_quote_does_not_swallow_lines_up_to_the_next_quote)
{
	given("a,\"b\nc,d\ne,\"Washington, D.C.\"\n");
	csv.wanted = 2;
	ck_assert_str_eq(next(), "1!text follows a closing quote");
	ck_assert_str_eq(next(), "2:c|d");
	ck_assert_str_eq(next(), "3:e|Washington, D.C.");
	ck_assert_str_eq(next(), "end");
}
END_TEST

START_TEST(a_NUL_is_refused_and_not_the_end_of_a_cell)
{
	given_bytes("a\0b,c\nd,e", 9);
	ck_assert_str_eq(next(), "1!it is not UTF-8");
	ck_assert_str_eq(next(), "2:d|e");
}
END_TEST

START_TEST(an_open_quote_is_searched_no_further_than_a_record_may_be_long)
{
	memset(data, 'x', sizeof(data));
	data[0] = '"';
	data[CSV_MAX_RECORD - 1] = '"';
	csv_begin(&csv, data, CSV_MAX_RECORD);
	ck_assert(csv_next(&csv) && csv.problem == NULL && strlen(csv.cells[0]) == CSV_MAX_RECORD - 2);
	memset(data, 'x', sizeof(data));
	data[0] = '"';
	data[10] = '\n';
	data[CSV_MAX_RECORD] = '"';
	csv_begin(&csv, data, CSV_MAX_RECORD + 1);
	ck_assert_str_eq(next(), "1!a quote is not closed");
	ck_assert(csv_next(&csv) && csv.line == 2);
}
END_TEST

START_TEST(as_many_cells_as_there_is_room_for_are_read)
{
	memset(data, ',', CSV_MAX_CELLS);
	csv_begin(&csv, data, CSV_MAX_CELLS - 1);
	ck_assert(csv_next(&csv) && csv.problem == NULL && csv.count == CSV_MAX_CELLS);
	memset(data, ',', CSV_MAX_CELLS);
	csv_begin(&csv, data, CSV_MAX_CELLS);
	ck_assert_str_eq(next(), "1!it has more than 128 cells");
}
END_TEST

SUITE("csv",
    cells_are_what_stands_between_commas,
    quotes_hold_commas_line_ends_and_quotes,
    line_feeds_with_and_without_carriage_returns_end_lines,
    a_byte_order_mark_and_empty_lines_are_no_cells,
    a_malformed_line_is_told_and_the_rest_is_read,
    a_stray_quote_does_not_swallow_lines_up_to_the_next_quote,
    a_NUL_is_refused_and_not_the_end_of_a_cell,
    an_open_quote_is_searched_no_further_than_a_record_may_be_long,
    as_many_cells_as_there_is_room_for_are_read);

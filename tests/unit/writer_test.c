/* What is written is JSON, exact and short. */
#include <float.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/scope.h"
#include "base/writer.h"
#include "unit.h"

static struct scope scope;
static struct writer w;

static void
begin(void)
{
	scope_end(&scope);
	writer_begin(&w, &scope, 0);
}

/* What was written since begin(). */
static const char *
written(void)
{
	return writer_copy(&w);
}

#define WRITES(text, call)	do { begin(); call; ck_assert_str_eq(written(), text); } while (0)

START_TEST(an_object_is_written_from_left_to_right)
{
	begin();
	writer_literal(&w, "{");
	writer_key(&w, "name");
	writer_string(&w, "Dubliners", 9);
	writer_bytes(&w, ",", 1);
	writer_key(&w, "stock");
	writer_integer(&w, 12);
	writer_text(&w, ",\"open\":");
	writer_bool(&w, true);
	writer_literal(&w, "}");
	ck_assert_str_eq(written(), "{\"name\":\"Dubliners\",\"stock\":12,\"open\":true}");
}
END_TEST

START_TEST(members_have_a_comma_before_all_but_the_first)
{
	static const char *const roles[] = { "user", "ad\"min" };
	struct writer list;

	begin();
	writer_begin(&list, &scope, 0);
	writer_texts(&list, roles, 2);
	writer_literal(&w, "{");
	writer_member_json(&w, "roles", writer_copy(&list));
	writer_member(&w, "name", "x");
	writer_member_integer(&w, "stock", -1);
	writer_literal(&w, "}");
	ck_assert_str_eq(writer_copy(&w), "{\"roles\":[\"user\",\"ad\\\"min\"],\"name\":\"x\",\"stock\":-1}");
	WRITES("[]", writer_texts(&w, NULL, 0));
}
END_TEST

START_TEST(every_byte_below_128_is_escaped_as_JSON_wants_it_wherever_it_stands)
{
	char text[24];

	for (int byte = 1; byte < 128; byte++) {
		for (size_t size = 1; size < sizeof(text); size++) {
			for (size_t place = 0; place < size; place++) {
				json_t *read;

				memset(text, 'a', size);
				text[place] = (char)byte;
				begin();
				writer_string(&w, text, size);
				read = json_loadb(w.data, w.length, JSON_DECODE_ANY, NULL);
				ck_assert_ptr_nonnull(read);
				ck_assert_uint_eq(json_string_length(read), size);
				ck_assert_mem_eq(json_string_value(read), text, size);
				json_decref(read);
			}
		}
	}
}
END_TEST

START_TEST(escapes_are_the_short_ones_where_there_are_any)
{
	WRITES("\"\\\"\\\\/\\b\\f\\n\\r\\t\\u0000\\u001f\x7f\"", writer_string(&w, "\"\\/\b\f\n\r\t\0\x1f\x7f", 11));
	WRITES("\"\"", writer_string(&w, "", 0));
}
END_TEST

START_TEST(letters_of_every_script_stay_as_they_are)
{
	const char *text = "Zürich \u0416\u4eac \U0001f3df \u00a0\u2028";

	begin();
	writer_string(&w, text, strlen(text));
	ck_assert_uint_eq(w.length, strlen(text) + 2);
	ck_assert_mem_eq(w.data + 1, text, strlen(text));
}
END_TEST

START_TEST(a_long_string_of_quotes_is_whole)
{
	size_t size = 100000;
	char *text = malloc(size);

	memset(text, '"', size);
	begin();
	writer_string(&w, text, size);
	ck_assert_uint_eq(w.length, 2 * size + 2);
	ck_assert_mem_eq(w.data + w.length - 3, "\\\"\"", 3);
	free(text);
}
END_TEST

START_TEST(integers_have_all_their_digits)
{
	WRITES("0", writer_integer(&w, 0));
	WRITES("-1", writer_integer(&w, -1));
	WRITES("9", writer_integer(&w, 9));
	WRITES("10", writer_integer(&w, 10));
	WRITES("99", writer_integer(&w, 99));
	WRITES("100", writer_integer(&w, 100));
	WRITES("-12345", writer_integer(&w, -12345));
	WRITES("9223372036854775807", writer_integer(&w, INT64_MAX));
	WRITES("-9223372036854775808", writer_integer(&w, INT64_MIN));
}
END_TEST

START_TEST(a_number_reads_back_the_same_and_is_not_longer_than_needed)
{
	double hard[] = { 0.1 + 0.2, 1.0 / 3, 1e23, 5e-324, DBL_MIN, DBL_MAX, DBL_EPSILON, 123456789.125, -0.0 };

	WRITES("0.1", writer_number(&w, 0.1));
	WRITES("1", writer_number(&w, 1));
	WRITES("-2.5", writer_number(&w, -2.5));
	WRITES("0.30000000000000004", writer_number(&w, 0.1 + 0.2));
	WRITES("5e-324", writer_number(&w, 5e-324));
	WRITES("1e+23", writer_number(&w, 1e23));
	for (size_t i = 0; i < sizeof(hard) / sizeof(hard[0]); i++) {
		begin();
		writer_number(&w, hard[i]);
		ck_assert(strtod(written(), NULL) == hard[i]);
	}
}
END_TEST

START_TEST(what_is_no_number_is_null)
{
	WRITES("null", writer_number(&w, (double)NAN));
	WRITES("null", writer_number(&w, (double)-INFINITY));
}
END_TEST

START_TEST(money_is_an_exact_decimal)
{
	WRITES("79.97", writer_decimal(&w, 7997, 2));
	WRITES("0.05", writer_decimal(&w, 5, 2));
	WRITES("-0.05", writer_decimal(&w, -5, 2));
	WRITES("0.00", writer_decimal(&w, 0, 2));
	WRITES("7997", writer_decimal(&w, 7997, 0));
	WRITES("1.2345", writer_decimal(&w, 12345, 4));
	WRITES("12.345", writer_decimal(&w, 12345, 3));
	WRITES("92233720368547758.07", writer_decimal(&w, INT64_MAX, 2));
	WRITES("-92233720368547758.08", writer_decimal(&w, INT64_MIN, 2));
	WRITES("-9.223372036854775808", writer_decimal(&w, INT64_MIN, 18));
	WRITES("0.000000000000000001", writer_decimal(&w, 1, 18));
}
END_TEST

START_TEST(a_time_is_RFC_3339_in_UTC_with_a_fraction_only_when_there_is_one)
{
	WRITES("\"1970-01-01T00:00:00Z\"", writer_time(&w, 0));
	WRITES("\"1969-12-31T23:59:59.999999Z\"", writer_time(&w, -1));
	WRITES("\"2026-07-01T12:30:05.25Z\"", writer_time(&w, INT64_C(1782909005250000)));
	WRITES("\"2000-02-29T23:59:59Z\"", writer_time(&w, INT64_C(951868799000000)));
	WRITES("\"9999-12-31T23:59:59.000001Z\"", writer_time(&w, INT64_C(253402300799000001)));
	WRITES("\"0000-01-01T00:00:00Z\"", writer_time(&w, INT64_C(-62167219200000000)));
}
END_TEST

START_TEST(a_time_that_RFC_3339_cannot_say_is_null)
{
	WRITES("null", writer_time(&w, INT64_C(253402300800000000)));
	WRITES("null", writer_time(&w, INT64_C(-62167219200000001)));
	WRITES("null", writer_time(&w, INT64_MAX));
	WRITES("null", writer_time(&w, INT64_MIN));
	WRITES("null", writer_date(&w, 2932897));
	WRITES("null", writer_date(&w, INT64_MIN));
}
END_TEST

START_TEST(every_day_of_five_hundred_years_is_the_one_after_the_last)
{
	static const int lengths[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	int year = 1780, month = 1, day = 1;
	char wanted[64];

	for (int64_t days = -69396; year < 2280; days++) {
		bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

		snprintf(wanted, sizeof(wanted), "\"%04d-%02d-%02d\"", year, month, day);
		WRITES(wanted, writer_date(&w, days));
		if (++day > lengths[month - 1] + (leap && month == 2)) {
			day = 1;
			if (++month > 12) {
				month = 1;
				year++;
			}
		}
	}
}
END_TEST

START_TEST(an_id_is_written_in_its_canonical_form)
{
	uint8_t id[16] = { 0x01, 0x89, 0xab, 0xcd, 0xef, 0, 0x7f, 0xff, 0x80, 1, 2, 3, 4, 5, 6, 0xf0 };

	WRITES("\"0189abcd-ef00-7fff-8001-0203040506f0\"", writer_uuid(&w, id));
}
END_TEST

START_TEST(a_hundred_thousand_pieces_make_one_text)
{
	begin();
	for (int i = 0; i < 100000; i++)
		writer_integer(&w, i % 10);
	ck_assert_uint_eq(w.length, 100000);
	for (size_t i = 0; i < w.length; i++)
		ck_assert_int_eq(w.data[i], (char)('0' + i % 10));
	scope_free(&scope);
}
END_TEST

SUITE("writer",
    an_object_is_written_from_left_to_right,
    every_byte_below_128_is_escaped_as_JSON_wants_it_wherever_it_stands,
    members_have_a_comma_before_all_but_the_first,
    escapes_are_the_short_ones_where_there_are_any,
    letters_of_every_script_stay_as_they_are,
    a_long_string_of_quotes_is_whole,
    integers_have_all_their_digits,
    a_number_reads_back_the_same_and_is_not_longer_than_needed,
    what_is_no_number_is_null,
    money_is_an_exact_decimal,
    a_time_is_RFC_3339_in_UTC_with_a_fraction_only_when_there_is_one,
    a_time_that_RFC_3339_cannot_say_is_null,
    every_day_of_five_hundred_years_is_the_one_after_the_last,
    an_id_is_written_in_its_canonical_form,
    a_hundred_thousand_pieces_make_one_text);

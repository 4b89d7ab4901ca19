/* Values without parts: what each kind takes from JSON and from text, and what it says to the rest. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/scope.h"
#include "base/text.h"
#include "http/value.h"
#include "unit.h"

#define ID_UPPER	"018F3C5E-7B2A-7C3D-8E4F-5A6B7C8D9E0F"
#define ID_LOWER	"018f3c5e-7b2a-7c3d-8e4f-5a6b7c8d9e0f"
#define COUNT(array)	(sizeof(array) / sizeof(*array))

#define NUMBER		"Must be a whole number."
#define TRUTH		"Must be true or false."
#define CONTROLS	"Must not have control characters."
#define UUID		"Must be an id, a UUID."
#define INSTANT		"Must be a time like 2030-01-31T18:30:00Z."
#define DAY		"Must be a date like 2030-01-31."

static struct scope scope;
static int64_t number;
static bool truth;
static const char *text;

static const char *
read_value(const struct field *f, struct value v)
{
	void *out = f->kind == INTEGER ? (void *)&number : f->kind == BOOLEAN ? (void *)&truth : (void *)&text;
	const char *problem = value_read(&scope, f, v, out);

	return problem != NULL ? problem : "";
}

static void
release(void *value)
{
	json_decref(value);
}

/* What is said to a value of a body, "" when it is taken. */
static const char *
json(const struct field *f, const char *document)
{
	json_t *value = json_loads(document, JSON_DECODE_ANY, NULL);

	ck_assert_msg(value != NULL, "the test's own JSON: %s", document);
	scope_defer(&scope, release, value);
	return read_value(f, (struct value){ .json = value });
}

/* The same of a path or a query. */
static const char *
plain(const struct field *f, const char *value)
{
	return read_value(f, (struct value){ .text = value });
}

START_TEST(a_whole_number_in_json_has_neither_point_nor_exponent)
{
	static const char *const bad[] = { "1.0", "1e3", "\"1\"", "true", "[1]", "{}", "-0.0" };
	const struct field any = { .kind = INTEGER };

	for (size_t i = 0; i < COUNT(bad); i++)
		ck_assert_str_eq(json(&any, bad[i]), NUMBER);
	ck_assert_str_eq(json(&any, "-9223372036854775808"), "");
	ck_assert_int_eq(number, INT64_MIN);
	ck_assert_str_eq(json(&any, "9223372036854775807"), "");
	ck_assert_int_eq(number, INT64_MAX);
}
END_TEST

START_TEST(a_whole_number_in_a_text_is_a_plain_decimal)
{
	static const char *const bad[] = {
		"", "+5", " 5", "5 ", "05", "00", "1.0", "1e1", "0x5", "--5", "-", "-05", "five", "5\n",
		"9223372036854775808", "-9223372036854775809", "99999999999999999999999999",
	};
	const struct field any = { .kind = INTEGER };

	for (size_t i = 0; i < COUNT(bad); i++)
		ck_assert_str_eq(plain(&any, bad[i]), NUMBER);
	ck_assert_str_eq(plain(&any, "0"), "");
	ck_assert_int_eq(number, 0);
	ck_assert_str_eq(plain(&any, "-9223372036854775808"), "");
	ck_assert_int_eq(number, INT64_MIN);
}
END_TEST

START_TEST(a_number_keeps_to_its_limits)
{
	const struct field from_one = { .kind = INTEGER, .min = 1 }, to_ten = { .kind = INTEGER, .max = 10 };
	const struct field around = { .kind = INTEGER, .min = -5, .max = 5 };

	ck_assert_str_eq(json(&from_one, "0"), "Must be at least 1.");
	ck_assert_str_eq(json(&from_one, "1"), "");
	ck_assert_str_eq(json(&from_one, "9223372036854775807"), "");
	ck_assert_str_eq(json(&to_ten, "-1"), "Must be at least 0.");
	ck_assert_str_eq(json(&to_ten, "11"), "Must be at most 10.");
	ck_assert_str_eq(plain(&around, "-6"), "Must be at least -5.");
	ck_assert_str_eq(plain(&around, "6"), "Must be at most 5.");
	ck_assert_str_eq(plain(&around, "-5"), "");
}
END_TEST

START_TEST(a_boolean_is_true_or_false_and_nothing_like_it)
{
	static const char *const bad[] = { "", "1", "0", "TRUE", "yes", "true ", "falsey" };
	static const char *const bad_json[] = { "1", "0", "\"true\"", "[]" };
	const struct field f = { .kind = BOOLEAN };

	for (size_t i = 0; i < COUNT(bad); i++)
		ck_assert_str_eq(plain(&f, bad[i]), TRUTH);
	for (size_t i = 0; i < COUNT(bad_json); i++)
		ck_assert_str_eq(json(&f, bad_json[i]), TRUTH);
	ck_assert_str_eq(plain(&f, "true"), "");
	ck_assert(truth);
	ck_assert_str_eq(json(&f, "false"), "");
	ck_assert(!truth);
}
END_TEST

START_TEST(a_text_is_counted_in_characters)
{
	const struct field name = { .kind = TEXT, .min = 3, .max = 8 }, letter = { .kind = TEXT, .max = 1 };

	ck_assert_str_eq(json(&name, "\"ab\""), "Must have at least 3 characters.");
	ck_assert_str_eq(json(&name, "\"\xc3\xa9\xc3\xa9\""), "Must have at least 3 characters.");
	ck_assert_str_eq(json(&name, "\"\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xf0\x9f\x98\x80\""), "");
	ck_assert_str_eq(json(&name, "\"\\ud83d\\ude00234567\\ud83d\\ude00\""), "");
	ck_assert_str_eq(json(&name, "\"123456789\""), "Must have at most 8 characters.");
	ck_assert_str_eq(plain(&letter, "ab"), "Must have at most 1 character.");
	ck_assert_str_eq(json(&name, "5"), "Must be a text.");
}
END_TEST

START_TEST(a_text_without_limits_has_at_most_ten_thousand_characters)
{
	const struct field any = { .kind = TEXT };
	char long_text[10002];

	memset(long_text, 'x', sizeof(long_text));
	long_text[10001] = '\0';
	ck_assert_str_eq(plain(&any, long_text), "Must have at most 10000 characters.");
	ck_assert_str_eq(plain(&any, long_text + 1), "");
	ck_assert_str_eq(plain(&any, ""), "");
}
END_TEST

START_TEST(a_text_has_no_control_characters_but_tab_and_line_ends)
{
	const struct field any = { .kind = TEXT };
	char one[] = "a?b";

	ck_assert_str_eq(json(&any, "\"a\\tb\\r\\nc\""), "");
	ck_assert_str_eq(text, "a\tb\r\nc");
	for (char c = 1; c < 0x20; c++) {
		one[1] = c;
		ck_assert_str_eq(plain(&any, one), c == '\t' || c == '\n' || c == '\r' ? "" : CONTROLS);
	}
	ck_assert_str_eq(json(&any, "\"a\\u001bb\""), CONTROLS);
	ck_assert_str_eq(json(&any, "\"a\\u007fb\""), CONTROLS);
}
END_TEST

START_TEST(a_choice_is_one_of_the_words)
{
	const struct field color = { .kind = TEXT, .choices = "red green blue" };
	static const char *const bad[] = { "gree", "greens", "red green", "", " ", "Red" };

	for (size_t i = 0; i < COUNT(bad); i++)
		ck_assert_str_eq(plain(&color, bad[i]), "Must be one of red, green, blue.");
	ck_assert_str_eq(plain(&color, "red"), "");
	ck_assert_str_eq(plain(&color, "blue"), "");
	ck_assert_str_eq(text, "blue");
}
END_TEST

static const char *
check_mail(const char *mail)
{
	return text_is_email(mail) ? NULL : "Must be a mail address.";
}

START_TEST(a_check_of_the_row_says_its_own_sentence)
{
	const struct field mail = { .kind = TEXT, .max = 10, .check = check_mail };

	ck_assert_str_eq(plain(&mail, "a@b.org"), "");
	ck_assert_str_eq(plain(&mail, "a"), "Must be a mail address.");
	ck_assert_str_eq(plain(&mail, "aaaaaaaa@b.org"), "Must have at most 10 characters.");
}
END_TEST

START_TEST(an_id_is_given_on_in_lower_case)
{
	static const char *const bad[] = { "", "7", ID_LOWER "0", "{" ID_LOWER "}", "018f3c5e7b2a7c3d8e4f5a6b7c8d9e0f" };
	const struct field f = { .kind = ID };

	ck_assert_str_eq(json(&f, "\"" ID_UPPER "\""), "");
	ck_assert_str_eq(text, ID_LOWER);
	for (size_t i = 0; i < COUNT(bad); i++)
		ck_assert_str_eq(plain(&f, bad[i]), UUID);
	ck_assert_str_eq(json(&f, "7"), UUID);
}
END_TEST

START_TEST(a_time_is_given_on_in_utc)
{
	static const char *const bad[] = {
		"", "2030-01-31", "2030-02-30T00:00:00Z", "2030-01-31T18:30:00", "2030-01-31T18:30:00Z ", "now", "infinity",
		"0001-01-01T00:00:00+00:01", "9999-12-31T23:59:59-00:01",
	};
	const struct field f = { .kind = TIME };

	/* Postgres knows no offset beyond 16 hours. */
	ck_assert_str_eq(plain(&f, "2030-01-31T18:30:00+23:00"), "");
	ck_assert_str_eq(text, "2030-01-30T19:30:00Z");
	ck_assert_str_eq(json(&f, "\"0001-01-01T00:00:00Z\""), "");
	ck_assert_str_eq(text, "0001-01-01T00:00:00Z");
	for (size_t i = 0; i < COUNT(bad); i++)
		ck_assert_str_eq(plain(&f, bad[i]), INSTANT);
	ck_assert_str_eq(json(&f, "1700000000"), INSTANT);
}
END_TEST

START_TEST(a_date_is_a_day_of_the_calendar)
{
	static const char *const bad[] = {
		"", "2030-1-31", "2030-02-29", "2030-13-01", "0000-01-01", "2030-01-31T00:00:00Z", "20300131", "2030-01-31 ",
		"+2030-01-31", "today", "infinity",
	};
	const struct field f = { .kind = DATE };

	ck_assert_str_eq(plain(&f, "2032-02-29"), "");
	ck_assert_str_eq(text, "2032-02-29");
	ck_assert_str_eq(json(&f, "\"9999-12-31\""), "");
	for (size_t i = 0; i < COUNT(bad); i++)
		ck_assert_str_eq(plain(&f, bad[i]), DAY);
	ck_assert_str_eq(json(&f, "20300131"), DAY);
}
END_TEST

START_TEST(what_the_server_decides_may_be_anything)
{
	const struct field f = { .kind = DECIDED };

	ck_assert_str_eq(json(&f, "[{\"deep\":[1]}]"), "");
	ck_assert_str_eq(plain(&f, "\x01"), "");
}
END_TEST

START_TEST(null_is_absent_and_an_empty_text_is_not)
{
	ck_assert(value_is_absent((struct value){ 0 }));
	ck_assert(value_is_absent((struct value){ .json = json_null() }));
	ck_assert(!value_is_absent((struct value){ .json = json_false() }));
	ck_assert(!value_is_absent((struct value){ .text = "" }));
}
END_TEST

START_TEST(a_hostile_text_is_kept_as_it_is_or_refused)
{
	static const char *const hostile[] = {
		"undefined", "NULL", "null", "true", "[]", "{}", "NaN", "-0", "0x10", "1e1000", "--", "/*", "\"", "#", "?", "=", " ",
		"\\", "\\\\", "'; drop table users; --", "\" or \"\"=\"", "%s%n%x%d", "%00", "$(id)", "`id`", "{{7*7}}",
		"${jndi:ldap://x}", "<script>alert(1)</script>", "../../../etc/passwd", "file:///etc/passwd", "a&b=c", "a;b", "a+b",
		"a\r\nSet-Cookie: x=1", "  lead and trail  ", "a\x01" "b", "\x7f", "\x1b[31m",
		"\xef\xbb\xbf" "bom", "\xe2\x80\xae" "rtl", "\xe2\x80\x8b", "\xc2\x85", "\xef\xbf\xbe", "\xf4\x8f\xbf\xbf",
		"\xed\x9f\xbf", "\xee\x80\x80", "Z\xcc\xb5\xcc\x9a\xcc\x8b" "algo", "\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x92\xbb",
		"\xd8\xa7\xd9\x84\xd8\xb9", "\xe7\x94\xb0\xe4\xb8\xad",
	};
	const struct field any = { .kind = TEXT };

	for (size_t i = 0; i < COUNT(hostile); i++) {
		const char *answer = strpbrk(hostile[i], "\x01\x1b\x7f") != NULL ? CONTROLS : "";
		json_t *value = json_string(hostile[i]);

		ck_assert_str_eq(plain(&any, hostile[i]), answer);
		ck_assert_str_eq(read_value(&any, (struct value){ .json = value }), answer);
		if (*answer == '\0')
			ck_assert_str_eq(text, hostile[i]);
		json_decref(value);
	}
}
END_TEST

SUITE("value",
    a_whole_number_in_json_has_neither_point_nor_exponent,
    a_whole_number_in_a_text_is_a_plain_decimal,
    a_number_keeps_to_its_limits,
    a_boolean_is_true_or_false_and_nothing_like_it,
    a_text_is_counted_in_characters,
    a_text_without_limits_has_at_most_ten_thousand_characters,
    a_text_has_no_control_characters_but_tab_and_line_ends,
    a_choice_is_one_of_the_words,
    a_check_of_the_row_says_its_own_sentence,
    an_id_is_given_on_in_lower_case,
    a_time_is_given_on_in_utc,
    a_date_is_a_day_of_the_calendar,
    what_the_server_decides_may_be_anything,
    null_is_absent_and_an_empty_text_is_not,
    a_hostile_text_is_kept_as_it_is_or_refused);

/* JSON from outside: the vectors of JSONTestSuite, and what we refuse beside them. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/scope.h"
#include "fake.h"
#include "http/json.h"
#include "unit.h"

static struct scope scope;

static json_t *
parse(const char *text, size_t size)
{
	json_t *value = NULL;

	scope_end(&scope);
	return json_parse(&scope, text, size, &value) ? value : NULL;
}

static json_t *
parse_text(const char *text)
{
	return parse(text, strlen(text));
}

static void
refuses(const char *text, size_t size, const char *detail)
{
	ck_assert_msg(parse(text, size) == NULL, "taken: %s", text);
	ck_assert_int_eq(scope.failure.status, 400);
	ck_assert_str_eq(scope.failure.code, "bad_json");
	ck_assert_str_eq(scope.failure.detail, detail);
}

/* --- JSONTestSuite: y_ must be taken, n_ refused, i_ may be either --- */

/* NUL in a text and a key that is there twice are JSON, and refused by contract. */
static bool
is_refused_by_contract(const char *name)
{
	static const char *const names[] = {
		"y_object_duplicated_key.json", "y_object_duplicated_key_and_value.json",
		"y_object_escaped_null_in_key.json", "y_string_null_escape.json",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return false;
}

static void
check_vector(const char *folder, const char *name)
{
	static char text[1 << 20];
	char path[4096];
	size_t size;
	json_t *value;
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	ck_assert_ptr_nonnull(file = fopen(path, "rb"));
	size = fread(text, 1, sizeof(text), file);
	fclose(file);
	value = parse(text, size);
	if (value == NULL)
		ck_assert_msg(scope.failure.status == 400, "%s: %d", name, scope.failure.status);
	if (name[0] == 'y' && !is_refused_by_contract(name))
		ck_assert_msg(value != NULL, "refused: %s: %s", name, scope.failure.detail);
	else if (name[0] != 'i')
		ck_assert_msg(value == NULL, "taken: %s", name);
}

START_TEST(the_vectors_of_jsontestsuite_are_taken_and_refused_as_they_say)
{
	const char *data = getenv("MARQUEE_DATA");
	struct dirent *entry;
	char folder[3000];
	int count = 0;
	DIR *vectors;

	snprintf(folder, sizeof(folder), "%s/vectors/JSONTestSuite/test_parsing", data != NULL ? data : "");
	if (data == NULL || (vectors = opendir(folder)) == NULL) {
		printf("json: no JSONTestSuite under MARQUEE_DATA, its vectors are skipped\n");
		return;
	}
	for (; (entry = readdir(vectors)) != NULL; count++)
		if (entry->d_name[0] != '.')
			check_vector(folder, entry->d_name);
	closedir(vectors);
	ck_assert_int_gt(count, 300);
	scope_free(&scope);
}
END_TEST

/* --- what we refuse --- */

START_TEST(a_key_that_is_given_twice_is_refused)
{
	static const char text[] = "{\"a\":1,\n \"b\":{\"c\":1, \"c\":1}}";

	refuses(text, strlen(text), "Line 2, column 16 of the body: this key was given before.");
}
END_TEST

START_TEST(a_nul_is_refused_wherever_it_stands)
{
	refuses("[1\0]", 4, "Line 1, column 3 of the body: NUL is not taken.");
	refuses("[\n 1\0]", 6, "Line 2, column 3 of the body: NUL is not taken.");
	refuses("[1]\0", 4, "Line 1, column 4 of the body: NUL is not taken.");
	refuses("[\"a\0b\"]", 7, "Line 1, column 4 of the body: NUL is not taken.");
	refuses("[\"\\u0000\"]", 10, "Line 1, column 9 of the body: NUL is not taken.");
	refuses("{\"\\u0000\":1}", 12, "Line 1, column 9 of the body: NUL is not taken.");
}
END_TEST

START_TEST(more_than_32_levels_are_refused_before_anything_recurses)
{
	static char text[200001];

	for (int levels = 1; levels <= 40; levels++) {
		memset(text, '[', (size_t)levels);
		memset(text + levels, ']', (size_t)levels);
		ck_assert_msg((parse(text, 2 * (size_t)levels) != NULL) == (levels <= 32), "%d", levels);
	}
	memset(text, '[', 200000);
	refuses(text, 200000, "Line 1, column 33 of the body: there are too many levels.");
}
END_TEST

START_TEST(brackets_inside_a_text_are_no_levels)
{
	ck_assert_ptr_nonnull(parse_text("[\"[[[[\\\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\", {}]"));
	ck_assert_ptr_null(parse_text("[\"\\\\\", [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[0]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]"));
	ck_assert_ptr_nonnull(strstr(scope.failure.detail, "too many levels"));
}
END_TEST

START_TEST(a_refusal_says_where_in_characters_and_quotes_nothing)
{
	static const char text[] = "{\n\"name\": \"\xc3\xa9\xc3\xa9\", secret}";

	refuses(text, strlen(text), "Line 2, column 20 of the body: this is not JSON.");
	refuses("[1] x", 5, "Line 1, column 5 of the body: something follows the value.");
	refuses("[1", 2, "Line 1, column 2 of the body: it ends too early.");
	refuses(" ", 1, "Line 1, column 1 of the body: it ends too early.");
	refuses("[\"\xff\"]", 5, "Line 1, column 2 of the body: this is not UTF-8.");
	refuses("[\"\\ud800\"]", 10, "Line 1, column 9 of the body: this is not JSON.");
	refuses("[1e400]", 7, "Line 1, column 6 of the body: this number is too large.");
	refuses("[9223372036854775808]", 21, "Line 1, column 20 of the body: this number is too large.");
	refuses("\xef\xbb\xbf{}", 5, "Line 1, column 1 of the body: this is not JSON.");
	refuses("'a'", 3, "Line 1, column 1 of the body: this is not JSON.");
}
END_TEST

START_TEST(the_largest_whole_numbers_are_exact)
{
	ck_assert_int_eq(json_integer_value(parse_text("9223372036854775807")), INT64_MAX);
	ck_assert_int_eq(json_integer_value(parse_text("-9223372036854775808")), INT64_MIN);
}
END_TEST

/* --- memory --- */

struct parse_call {
	const char	*text;
	json_t		*value;
};

static void
call_parse(void *arg)
{
	struct parse_call *call = arg;

	call->value = NULL;
	json_parse(&scope, call->text, strlen(call->text), &call->value);
}

START_TEST(whichever_allocation_fails_the_answer_is_503_and_never_another_value)
{
	/* The quote behind the 14 characters is the byte for which jansson's first buffer must grow. */
	struct parse_call call = {
		.text = "{\"edge\":\"01234567890123\","
		    " \"long\":\"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\","
		    " \"n\":[1234567890123456789, 1.25, true, null, {}], \"another\":\"\\u00e9\"}",
	};
	unsigned n = 0;
	char *dump, *whole;

	ck_assert_ptr_nonnull(whole = json_dumps(parse_text(call.text), 0));
	do {
		scope_end(&scope);
		fake_failing_allocation(++n);
		scope_run(&scope, call_parse, &call);
		if (fake_allocation_failed()) {
			ck_assert_msg(scope.failure.status == 503, "allocation %u: %d", n, scope.failure.status);
			ck_assert_str_eq(scope.failure.code, "out_of_memory");
			ck_assert_int_eq(scope.failure.retry_after_s, 1);
		}
	} while (fake_allocation_failed());
	fake_failing_allocation(0);
	ck_assert_uint_gt(n, 20);
	ck_assert_int_eq(scope.failure.status, 0);
	ck_assert_str_eq(dump = json_dumps(call.value, 0), whole);
	free(dump);
	free(whole);
	scope_free(&scope);
}
END_TEST

START_TEST(others_who_use_jansson_have_their_memory_as_before)
{
	struct parse_call call = { .text = "[\"0123456789abcdef0123456789abcdef\"]" };
	json_t *mine;

	fake_failing_allocation(3);
	scope_run(&scope, call_parse, &call);
	ck_assert(fake_allocation_failed());
	ck_assert_ptr_nonnull(mine = json_object());
	json_decref(mine);
	scope_free(&scope);
}
END_TEST

/* --- the type of a body --- */

START_TEST(a_json_type_may_have_parameters_but_no_other_charset)
{
	static const char *const good[] = {
		"application/json", "Application/JSON", "application/json;charset=utf-8",
		"application/json; charset=UTF-8", "application/json ; charset=\"utf-8\" ", "application/json; version=1",
		"application/json; profile=\"a;b\"; charset=utf-8", "application/json;", "application/json; ;x=y",
	};
	static const char *const bad[] = {
		"", "application/jsonp", "application/json+x", "text/json", "application/problem+json",
		"application/x-www-form-urlencoded", "application/json, text/html", "application/json x",
		"application/json; =x", "application/json; x=\"y\"z", "application/json; charset",
		"application/json; charset=", "application/json; charset=utf-80", "application/json; charset=\"utf-8",
		"application/json; charset=latin1", "application/json; charset=\"utf-16\"",
		"application/json; charset=utf-8; charset=latin1",
	};

	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++)
		ck_assert_msg(json_is_type(good[i]), "%s", good[i]);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		ck_assert_msg(!json_is_type(bad[i]), "%s", bad[i]);
	ck_assert(!json_is_type(NULL));
}
END_TEST

START_TEST(a_real_is_found_as_it_is_written)
{
	static const char text[] = "[1, -0, \"2.5\\\"3.5\", {\"b\": 0.10, \"a 9.9\": [true, 1E5]}, 19.990, 7]";
	struct scope own = { 0 };
	json_t *tree, *object;

	ck_assert(json_parse(&own, text, sizeof(text) - 1, &tree));
	object = json_array_get(tree, 3);
	ck_assert_str_eq(json_real_text(&own, text, sizeof(text) - 1, tree, json_object_get(object, "b")), "0.10");
	ck_assert_str_eq(json_real_text(&own, text, sizeof(text) - 1, tree, json_array_get(json_object_get(object, "a 9.9"), 1)), "1E5");
	ck_assert_str_eq(json_real_text(&own, text, sizeof(text) - 1, tree, json_array_get(tree, 4)), "19.990");
	scope_free(&own);
}
END_TEST

SUITE("json",
    the_vectors_of_jsontestsuite_are_taken_and_refused_as_they_say,
    a_key_that_is_given_twice_is_refused,
    a_nul_is_refused_wherever_it_stands,
    more_than_32_levels_are_refused_before_anything_recurses,
    brackets_inside_a_text_are_no_levels,
    a_refusal_says_where_in_characters_and_quotes_nothing,
    the_largest_whole_numbers_are_exact,
    whichever_allocation_fails_the_answer_is_503_and_never_another_value,
    others_who_use_jansson_have_their_memory_as_before,
    a_json_type_may_have_parameters_but_no_other_charset,
    a_real_is_found_as_it_is_written);

/* What a row says of its answer, as a JSON Schema. */
#include <jansson.h>
#include <stdlib.h>

#include "app/answer.h"
#include "unit.h"

static void
expect(const char *text, const char *wanted)
{
	json_t *schema = answer_schema(text);
	char *got;

	ck_assert_msg(schema != NULL, "%s is refused", text);
	got = json_dumps(schema, JSON_COMPACT | JSON_SORT_KEYS);
	ck_assert_str_eq(got, wanted);
	free(got);
	json_decref(schema);
}

START_TEST(a_key_is_text_unless_it_says_otherwise)
{
	expect("name price_id:id n:int", "{\"properties\":{\"n\":{\"type\":\"integer\"},\"name\":{\"type\":\"string\"},"
	    "\"price_id\":{\"format\":\"uuid\",\"type\":\"string\"}},\"required\":[\"name\",\"price_id\",\"n\"],\"type\":\"object\"}");
}
END_TEST

START_TEST(money_stands_for_two_keys)
{
	expect("price:money", "{\"properties\":{\"price\":{\"type\":\"number\"},\"price_minor\":{\"type\":\"integer\"}},"
	    "\"required\":[\"price\",\"price_minor\"],\"type\":\"object\"}");
}
END_TEST

START_TEST(an_optional_key_may_be_null_and_is_not_required)
{
	expect("note?", "{\"properties\":{\"note\":{\"type\":[\"string\",\"null\"]}},\"required\":[],\"type\":\"object\"}");
}
END_TEST

START_TEST(objects_and_lists_nest)
{
	expect("a{b[c] d:[int]}",
	    "{\"properties\":{\"a\":{\"properties\":{"
	    "\"b\":{\"items\":{\"properties\":{\"c\":{\"type\":\"string\"}},\"required\":[\"c\"],\"type\":\"object\"},\"type\":\"array\"},"
	    "\"d\":{\"items\":{\"type\":\"integer\"},\"type\":\"array\"}},\"required\":[\"b\",\"d\"],\"type\":\"object\"}},"
	    "\"required\":[\"a\"],\"type\":\"object\"}");
}
END_TEST

START_TEST(what_is_not_of_that_form_is_refused)
{
	static const char *const wrong[] = { "a:", "a:colour", "a{b", "a[b", "a:[int", "a}", "{a}", "a:money:int" };

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		ck_assert_msg(answer_schema(wrong[i]) == NULL, "%s is taken", wrong[i]);
}
END_TEST

SUITE("answer", a_key_is_text_unless_it_says_otherwise, money_stands_for_two_keys,
    an_optional_key_may_be_null_and_is_not_required, objects_and_lists_nest, what_is_not_of_that_form_is_refused)

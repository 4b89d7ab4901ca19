/* Pages: what a cursor keeps, what is refused as one, and the link to the next page. */
#include <string.h>

#include "base/text.h"
#include "http/page.h"
#include "http/request.h"
#include "unit.h"

#define ITEM	"018f3c5e-7b2a-7c3d-8e4f-5a6b7c8d9e0f"

static const struct page_key keys[] = {
	{ "starts_at", TIME, "-infinity" },
	{ "item_id", ID, "00000000-0000-0000-0000-000000000000" },
	{ 0 }
};

static const struct page_key text_keys[] = { { "name", TEXT, "" }, { "number", INTEGER, "0" }, { 0 } };

static const struct page_key day_keys[] = { { "day", DATE, "infinity" }, { 0 } };

static const struct page_key four_keys[] = {
	{ "a", TEXT, "" }, { "b", TEXT, "" }, { "c", TEXT, "" }, { "d", TEXT, "" }, { 0 }
};

struct filter {
	const char	*q;
};

static const struct field filter_fields[] = { TEXT_FIELD(FROM_QUERY, filter, q), { 0 } };
static const struct read list_items = { .statement = { "select 1" }, .shape = PAGE, .keys = keys };
static const struct route row = { GET, "/api/demo/items", INPUT(filter), .read = &list_items, .summary = "Items" };

static struct request rq;
static struct scope texts;		/* what a test makes up outlives the requests it makes */

static void
request(const char *query)
{
	scope_free(&rq.scope);
	rq = (struct request){
		.method = GET, .route = &row, .path = "/api/demo/items", .query = query,
		.public_url = "https://host:8443",
	};
}

/* "" or the first bad field and why. */
static const char *
bind(const char *query)
{
	request(query);
	field_bind(&rq);
	if (!scope_failed(&rq.scope))
		return "";
	if (rq.scope.failure.errors == NULL)
		return rq.scope.failure.code;
	return scope_printf(&rq.scope, "%s: %s", rq.scope.failure.errors->field, rq.scope.failure.errors->message);
}

static const char *
cursor_of(const char *one, const char *two)
{
	return page_encode(&texts, (const char *const[]){ one, two }, 2);
}

static bool
decodes(const struct page_key *key, const char *cursor)
{
	struct scope scope = { 0 };
	const char *after[PAGE_MAX_KEYS];
	bool good = page_decode(&scope, key, cursor, after);

	ck_assert(good == !scope_failed(&scope));
	if (!good) {
		ck_assert_int_eq(scope.failure.status, 422);
		ck_assert_str_eq(scope.failure.errors->field, "cursor");
	}
	scope_free(&scope);
	return good;
}

/* base64url of bytes that no page_encode() made */
static const char *
forged(const void *bytes, size_t size)
{
	static char cursor[200];

	text_to_base64url(cursor, bytes, size);
	return cursor;
}

START_TEST(a_page_without_a_cursor_starts_before_the_first_row)
{
	ck_assert_str_eq(bind(""), "");
	ck_assert_str_eq(rq.page_after[0], "-infinity");
	ck_assert_str_eq(rq.page_after[1], "00000000-0000-0000-0000-000000000000");
	ck_assert_int_eq(rq.page_limit, 20);
}
END_TEST

START_TEST(a_cursor_brings_back_the_keys_of_the_last_row)
{
	const char *cursor = cursor_of("2030-01-31T18:30:00.25Z", ITEM);

	ck_assert_str_eq(bind(scope_printf(&texts, "limit=5&cursor=%s", cursor)), "");
	ck_assert_str_eq(rq.page_after[0], "2030-01-31T18:30:00.25Z");
	ck_assert_str_eq(rq.page_after[1], ITEM);
	ck_assert_int_eq(rq.page_limit, 5);
	ck_assert(decodes(keys, cursor_of("infinity", ITEM)));
	ck_assert(decodes(keys, cursor_of("-infinity", ITEM)));
}
END_TEST

START_TEST(any_text_of_a_row_survives_in_a_cursor)
{
	static const char *const names[] = { "", "caf\xc3\xa9", "a\x1fz\x01", "\"<>&%+/ =" };
	const char *after[PAGE_MAX_KEYS];

	request("");
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		ck_assert(page_decode(&rq.scope, text_keys, cursor_of(names[i], "-5"), after));
		ck_assert_str_eq(after[0], names[i]);
		ck_assert_str_eq(after[1], "-5");
	}
}
END_TEST

START_TEST(a_day_is_a_key_as_well)
{
	static const struct { const char *day; bool good; } days[] = {
		{ "2030-01-31", true }, { "infinity", true }, { "-infinity", true },
		{ "2030-02-30", false }, { "2030-01-31T18:30:00Z", false }, { "", false },
	};

	for (size_t i = 0; i < sizeof(days) / sizeof(*days); i++)
		ck_assert_msg(decodes(day_keys, page_encode(&texts, &days[i].day, 1)) == days[i].good, "%s", days[i].day);
}
END_TEST

START_TEST(what_is_no_cursor_of_this_list_is_a_bad_field)
{
	ck_assert(!decodes(keys, ""));
	ck_assert(!decodes(keys, "x"));
	ck_assert(!decodes(keys, "not base64url!"));
	ck_assert(!decodes(keys, cursor_of("yesterday", ITEM)));
	ck_assert(!decodes(keys, cursor_of("2030-01-31T18:30:00Z", "5")));
	ck_assert(!decodes(keys, page_encode(&texts, (const char *const[]){ "2030-01-31T18:30:00Z" }, 1)));
	ck_assert(!decodes(keys, page_encode(&texts, (const char *const[]){ "2030-01-31T18:30:00Z", ITEM, "" }, 3)));
	ck_assert(!decodes(text_keys, cursor_of("a", "1.0")));
	ck_assert(!decodes(text_keys, cursor_of("a", "9223372036854775808")));
	ck_assert(!decodes(text_keys, cursor_of("a\xff", "1")));
	ck_assert(!decodes(text_keys, forged("\2a\0" "1", 4)));
	ck_assert(!decodes(text_keys, forged("\1a", 2)));
	ck_assert(!decodes(text_keys, forged("\1", 1)));
	ck_assert(!decodes(four_keys, forged("\1", 1)));
	ck_assert(decodes(four_keys, forged("\1\0\0", 4)));
	ck_assert(decodes(text_keys, forged("\1a\0" "1", 4)));
	ck_assert(!decodes(text_keys, scope_printf(&texts, "%s=", forged("\1a\0" "1", 4))));
}
END_TEST

START_TEST(a_bad_cursor_is_told_beside_other_bad_fields)
{
	static const char taken[] = "Must be taken from the link of a page of this list.";

	bind("limit=0&cursor=AAAA&color=red");
	ck_assert_int_eq(rq.scope.failure.status, 422);
	ck_assert_str_eq(rq.scope.failure.errors->field, "color");
	ck_assert_str_eq(rq.scope.failure.errors->next->field, "limit");
	ck_assert_str_eq(rq.scope.failure.errors->next->next->field, "cursor");
	ck_assert_str_eq(rq.scope.failure.errors->next->next->message, taken);
	ck_assert_ptr_null(rq.input);
}
END_TEST

START_TEST(a_page_has_one_to_a_hundred_rows)
{
	ck_assert_str_eq(bind("limit=1"), "");
	ck_assert_str_eq(bind("limit=100"), "");
	ck_assert_int_eq(rq.page_limit, 100);
	ck_assert_str_eq(bind("limit=0"), "limit: Must be at least 1.");
	ck_assert_str_eq(bind("limit=101"), "limit: Must be at most 100.");
	ck_assert_str_eq(bind("limit=ten"), "limit: Must be a whole number.");
	ck_assert_str_eq(bind("limit="), "limit: Must be a whole number.");
	ck_assert_str_eq(bind("limit=5&limit=5"), "limit: Is given twice.");
	ck_assert_str_eq(bind("offset=5"), "offset: Is not known here.");
}
END_TEST

START_TEST(the_next_page_is_this_address_with_another_cursor)
{
	request("q=red+%C3%A9&limit=5&cursor=old");
	ck_assert_str_eq(page_link(&rq, "new"),
	    "<https://host:8443/api/demo/items?q=red+%C3%A9&limit=5&cursor=new>; rel=\"next\"");
	request("");
	ck_assert_str_eq(page_link(&rq, "new"), "<https://host:8443/api/demo/items?cursor=new>; rel=\"next\"");
	request("%63ursor=old&&cursor&q=cursor&");
	ck_assert_str_eq(page_link(&rq, "new"), "<https://host:8443/api/demo/items?q=cursor&cursor=new>; rel=\"next\"");
}
END_TEST

START_TEST(nothing_in_an_address_ends_the_link_early)
{
	request("q=<a>\"\xff\r\n &limit=5");
	rq.path = "/a>b|c";
	ck_assert_str_eq(page_link(&rq, "new"),
	    "<https://host:8443/a%3Eb%7Cc?q=%3Ca%3E%22%FF%0D%0A%20&limit=5&cursor=new>; rel=\"next\"");
}
END_TEST

SUITE("page",
    a_page_without_a_cursor_starts_before_the_first_row,
    a_cursor_brings_back_the_keys_of_the_last_row,
    any_text_of_a_row_survives_in_a_cursor,
    a_day_is_a_key_as_well,
    what_is_no_cursor_of_this_list_is_a_bad_field,
    a_bad_cursor_is_told_beside_other_bad_fields,
    a_page_has_one_to_a_hundred_rows,
    the_next_page_is_this_address_with_another_cursor,
    nothing_in_an_address_ends_the_link_early);

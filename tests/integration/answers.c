/* What Postgres gives becomes exactly this JSON, for exactly these callers. */
#include <stdio.h>
#include <string.h>

#include "harness.h"
#include "suites.h"

static const struct read every_type = { { SQL(
	select true as yes, 7::smallint as small, -8::int as medium, 9223372036854775807::bigint as big,
	       'a "quoted" \ line' || chr(10) || chr(1) || U&'\00e9' as text, null::text as nothing,
	       0.1::float8 as number, 1e300::float8 as huge, 'NaN'::float8 as nan,
	       timestamptz '2026-03-01 12:34:56.789+02' as moment, timestamptz '1969-12-31 23:59:59Z' as old,
	       date '2024-02-29' as day, '0189ABCD-0000-7000-8000-000000000001'::uuid as id,
	       '{"a": [1, 2]}'::json as plain, '{"b": null}'::jsonb as binary,
	       array['x', null, 'y,z'] as texts, '{}'::text[] as none, array[1, 2]::int[] as numbers
) }, .shape = ONE };

static const struct read nested = { { SQL(
	select 'n' as name, 1 as "venue.id", 'Hall' as "venue.name", 2.5::float8 as "venue.place.lat", 3 as "venue.place.lon",
	       true as "venue.open", 4 as rank, 'hidden' as _hidden
) }, .shape = ONE };

static const struct read money = { { SQL(
	select 7997::bigint as price_minor, 'EUR' as currency,
	       -5::bigint as "yen.total_minor", 'JPY' as "yen.currency",
	       1::bigint as "dinar.total_minor", 'KWD' as "dinar.currency", null::bigint as tip_minor
) }, .shape = ONE };

static const struct read owned_row = { { SQL(
	select '018f0000-0000-7000-8000-00000000000a'::uuid as _owner, 'secret' as text where $1::uuid is not null
) }, .shape = ONE };

static const struct read absent_row = { { SQL(
	select null::uuid as _owner, 'secret' as text where $1::uuid is null
) }, .shape = ONE, .missing = "There is no such note." };

static const struct page_key number_keys[] = { { "half", INTEGER, "-1" }, { "n", INTEGER, "-1" }, { NULL } };

/* Two rows share each first key, so that only both keys together tell them apart. */
static const struct read numbers = { { SQL(
	select n / 2 as half, n from generate_series(1, 25) as n
	 where (n / 2, n) > ($1::int, $2::int)
	 order by n / 2, n
	 limit $3::bigint
) }, .shape = PAGE, .keys = number_keys };

static const struct page_key day_keys[] = { { "day", DATE, "infinity" }, { "n", INTEGER, "1000" }, { NULL } };

/* The last first; three rows share each day, around the one from which Postgres counts, and no date is later than the last. */
static const struct read days = { { SQL(
	select n, day
	  from generate_series(1, 9) as n
	 cross join lateral (select case when n = 9 then 'infinity' else date '1999-12-30' + n / 3 end as day) as its
	 where (day, n) < ($1::date, $2::int)
	 order by day desc, n desc
	 limit $3::bigint
) }, .shape = PAGE, .keys = day_keys };

static const struct read kept = { { SQL(select 4 as goals) }, .shape = ONE };

struct note_ref {
	const char	*note_id;
};

static const struct field note_ref_fields[] = {
	ID_FIELD(FROM_PATH, note_ref, note_id, .required = true),
	{ 0 }
};

static const struct route rows[] = {
	{ GET, "/t/types", .read = &every_type, .audience = ANYONE, .summary = "Every type" },
	{ GET, "/t/nested", .read = &nested, .audience = ANYONE, .summary = "Nested" },
	{ GET, "/t/nested-in-data", .read = &nested, .audience = ANYONE, .envelope = STATUS_DATA, .summary = "Nested" },
	{ GET, "/t/nested-with-status", .read = &nested, .audience = ANYONE, .envelope = STATUS, .summary = "Nested" },
	{ GET, "/t/money", .read = &money, .audience = ANYONE, .summary = "Money" },
	{ GET, "/t/owned/{note_id}", .read = &owned_row, INPUT(note_ref), .owner = "_owner", .summary = "An owned row" },
	{ GET, "/t/absent/{note_id}", .read = &absent_row, INPUT(note_ref), .owner = "_owner", .summary = "An absent row" },
	{ GET, "/t/admins", .read = &nested, .roles = ROLE_ADMIN, .summary = "For admins" },
	{ GET, "/t/numbers", .read = &numbers, .audience = ANYONE, .summary = "Numbers" },
	{ GET, "/t/days", .read = &days, .audience = ANYONE, .cache = 1, .envelope = STATUS_DATA, .summary = "Days" },
	{ GET, "/t/kept", .read = &kept, .audience = ANYONE, .cache = 1, .envelope = STATUS_DATA, .summary = "Kept" },
	{ GET, "/t/kept-bare", .read = &kept, .audience = ANYONE, .cache = 1, .summary = "Kept, bare" },
	{ 0 }
};

static void
begin(void)
{
	harness_begin(rows, NULL);
}

static const struct answer *
get(const char *path, const char *user_id, unsigned roles)
{
	return harness_ask(GET, path, NULL, user_id, roles, NULL);
}

START_TEST(every_type_prints_as_json_has_it)
{
	const struct answer *a = get("/t/types", NULL, 0);

	ck_assert_int_eq(a->status, 200);
	ck_assert_str_eq(a->body, "{\"yes\":true,\"small\":7,\"medium\":-8,\"big\":9223372036854775807,"
	    "\"text\":\"a \\\"quoted\\\" \\\\ line\\n\\u0001\303\251\",\"nothing\":null,"
	    "\"number\":0.1,\"huge\":1e+300,\"nan\":null,"
	    "\"moment\":\"2026-03-01T10:34:56.789Z\",\"old\":\"1969-12-31T23:59:59Z\","
	    "\"day\":\"2024-02-29\",\"id\":\"0189abcd-0000-7000-8000-000000000001\","
	    "\"plain\":{\"a\": [1, 2]},\"binary\":{\"b\": null},"
	    "\"texts\":[\"x\",null,\"y,z\"],\"none\":[],\"numbers\":[1,2]}");
}
END_TEST

START_TEST(dotted_columns_nest_and_hidden_ones_do_not_show)
{
	static const char inner[] = "\"name\":\"n\",\"venue\":{\"id\":1,\"name\":\"Hall\","
	    "\"place\":{\"lat\":2.5,\"lon\":3},\"open\":true},\"rank\":4}";
	char wanted[512];

	snprintf(wanted, sizeof(wanted), "{%s", inner);
	ck_assert_str_eq(get("/t/nested", NULL, 0)->body, wanted);
	snprintf(wanted, sizeof(wanted), "{\"status\":\"success\",\"data\":{%s}", inner);
	ck_assert_str_eq(get("/t/nested-in-data", NULL, 0)->body, wanted);
	snprintf(wanted, sizeof(wanted), "{\"status\":\"success\",%s", inner);
	ck_assert_str_eq(get("/t/nested-with-status", NULL, 0)->body, wanted);
}
END_TEST

START_TEST(money_is_an_exact_decimal_with_the_digits_of_its_currency)
{
	ck_assert_str_eq(get("/t/money", NULL, 0)->body, "{\"price\":79.97,\"price_minor\":7997,\"currency\":\"EUR\","
	    "\"yen\":{\"total\":-5,\"total_minor\":-5,\"currency\":\"JPY\"},"
	    "\"dinar\":{\"total\":0.001,\"total_minor\":1,\"currency\":\"KWD\"},\"tip\":null,\"tip_minor\":null}");
}
END_TEST

START_TEST(an_owned_row_is_for_its_owner_and_admins)
{
	static const char path[] = "/t/owned/018f0000-0000-7000-8000-000000000001";

	ck_assert_int_eq(get(path, NULL, 0)->status, 401);
	ck_assert_int_eq(get(path, ALICE, ROLE_USER)->status, 200);
	ck_assert_int_eq(get(path, BOB, ROLE_USER)->status, 403);
	ck_assert_int_eq(get(path, BOB, ROLE_USER | ROLE_ADMIN)->status, 200);
	ck_assert_ptr_null(strstr(get(path, BOB, ROLE_USER)->body, "secret"));
}
END_TEST

START_TEST(an_absent_row_is_404_with_its_sentence)
{
	const struct answer *a = get("/t/absent/018f0000-0000-7000-8000-000000000001", BOB, ROLE_USER);

	ck_assert_int_eq(a->status, 404);
	ck_assert_str_eq(a->type, "application/problem+json");
	ck_assert_ptr_nonnull(strstr(a->body, "There is no such note."));
	ck_assert_int_eq(get("/t/absent/not-an-id", BOB, ROLE_USER)->status, 404);
}
END_TEST

START_TEST(a_row_for_a_role_is_closed_to_others)
{
	ck_assert_int_eq(get("/t/admins", NULL, 0)->status, 401);
	ck_assert_int_eq(get("/t/admins", BOB, ROLE_USER | ROLE_PRODUCER)->status, 403);
	ck_assert_int_eq(get("/t/admins", BOB, ROLE_ADMIN)->status, 200);
}
END_TEST

/* The path and query of the next page, or "" on the last one. */
static const char *
next_page(const struct answer *a)
{
	static char path[1024];
	const char *start = strstr(a->link, "/t/");

	snprintf(path, sizeof(path), "%s", start != NULL ? start : "");
	path[strcspn(path, ">")] = '\0';
	return path;
}

START_TEST(pages_by_cursor_show_every_row_once)
{
	const struct answer *a = get("/t/numbers?limit=4", NULL, 0);
	char seen[2048] = "", wanted[2048] = "";
	int pages = 1;

	for (int n = 1; n <= 25; n++)
		snprintf(wanted + strlen(wanted), sizeof(wanted) - strlen(wanted), "{\"half\":%d,\"n\":%d}", n / 2, n);
	for (;; pages++) {
		ck_assert_int_eq(a->status, 200);
		for (const char *c = a->body; (c = strchr(c, '{')) != NULL; c++)
			snprintf(seen + strlen(seen), sizeof(seen) - strlen(seen), "%.*s}", (int)strcspn(c, "}"), c);
		if (*next_page(a) == '\0')
			break;
		ck_assert_int_lt(pages, 10);
		a = get(next_page(a), NULL, 0);
	}
	ck_assert_str_eq(seen, wanted);
	ck_assert_int_eq(pages, 7);
}
END_TEST

START_TEST(pages_by_day_show_every_row_once)
{
	const struct answer *a = get("/t/days?limit=2", NULL, 0);
	char seen[64] = "";

	for (;;) {
		ck_assert_int_eq(a->status, 200);
		for (const char *c = a->body; (c = strstr(c, "\"n\":")) != NULL; c++)
			strncat(seen, c + 4, 1);
		if (*next_page(a) == '\0')
			break;
		ck_assert_int_lt(strlen(seen), 10);
		a = get(next_page(a), NULL, 0);
	}
	ck_assert_str_eq(seen, "987654321");
	ck_assert_ptr_nonnull(strstr(a->body, "\"day\":\"1999-12-30\""));
}
END_TEST

START_TEST(what_is_kept_in_an_envelope_says_when_it_was_read)
{
	const char *body = get("/t/kept", NULL, 0)->body;

	ck_assert_msg(strncmp(body, "{\"status\":\"success\",\"as_of\":\"20", 31) == 0, "%s", body);
	ck_assert_str_eq(body + 52, "Z\",\"data\":{\"goals\":4}}");
	ck_assert_str_eq(get("/t/kept-bare", NULL, 0)->body, "{\"goals\":4}");
}
END_TEST

START_TEST(a_cursor_that_is_none_of_ours_is_refused_by_name)
{
	const struct answer *a = get("/t/numbers?cursor=AAAA", NULL, 0);

	ck_assert_int_eq(a->status, 422);
	ck_assert_ptr_nonnull(strstr(a->body, "\"field\":\"cursor\""));
}
END_TEST

Suite *
answers_suite(void)
{
	Suite *s = suite_create("answers");
	TCase *c = tcase_create("answers");

	tcase_add_unchecked_fixture(c, begin, harness_end);
	tcase_add_test(c, every_type_prints_as_json_has_it);
	tcase_add_test(c, dotted_columns_nest_and_hidden_ones_do_not_show);
	tcase_add_test(c, money_is_an_exact_decimal_with_the_digits_of_its_currency);
	tcase_add_test(c, an_owned_row_is_for_its_owner_and_admins);
	tcase_add_test(c, an_absent_row_is_404_with_its_sentence);
	tcase_add_test(c, a_row_for_a_role_is_closed_to_others);
	tcase_add_test(c, pages_by_cursor_show_every_row_once);
	tcase_add_test(c, pages_by_day_show_every_row_once);
	tcase_add_test(c, what_is_kept_in_an_envelope_says_when_it_was_read);
	tcase_add_test(c, a_cursor_that_is_none_of_ours_is_refused_by_name);
	suite_add_tcase(s, c);
	return s;
}

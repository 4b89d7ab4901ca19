/* Text from outside is read by its standard or refused. */
#include <limits.h>
#include <stdint.h>
#include <string.h>

#include "base/scope.h"
#include "base/text.h"
#include "unit.h"

static struct scope scope;

START_TEST(utf8_is_what_RFC_3629_says)
{
	static const struct {
		const char	*text;
		bool		 good;
	} cases[] = {
		{ "", true }, { "plain ascii of some length", true }, { "Z\xc3\xbcrich", true },
		{ "\xe2\x82\xac", true }, { "\xf0\x9f\x8f\x9f", true }, { "\xf4\x8f\xbf\xbf", true },
		{ "\xed\x9f\xbf", true }, { "\xee\x80\x80", true },
		{ "\x80", false },			/* a continuation alone */
		{ "\xc0\x80", false }, { "\xc1\xbf", false }, { "\xe0\x9f\xbf", false },	/* too long */
		{ "\xf0\x8f\xbf\xbf", false },
		{ "\xed\xa0\x80", false }, { "\xed\xbf\xbf", false },	/* surrogates */
		{ "\xf4\x90\x80\x80", false }, { "\xf5\x80\x80\x80", false }, { "\xff", false },
		{ "\xc3", false }, { "\xe2\x82", false }, { "\xf0\x9f\x8f", false },	/* cut off */
		{ "\xe2\x28\xa1", false }, { "\xf0\x9f\x28\x9f", false },
		{ "eight by\xc3\x28", false }, { "\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3", false },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		ck_assert_msg(text_is_utf8(cases[i].text, strlen(cases[i].text)) == cases[i].good, "case %zu", i);
}
END_TEST

START_TEST(a_character_that_the_end_cuts_is_not_read_on)
{
	ck_assert(!text_is_utf8("\xc3\xbc", 1));
	ck_assert(!text_is_utf8("\xe2\x82\xac", 2));
	ck_assert(!text_is_utf8("\xf0\x9f\x8f\x9f", 3));
}
END_TEST

START_TEST(a_NUL_is_no_text_wherever_it_stands)
{
	char text[20];

	for (size_t place = 0; place < sizeof(text); place++) {
		memset(text, 'a', sizeof(text));
		ck_assert(text_is_utf8(text, sizeof(text)));
		text[place] = '\0';
		ck_assert(!text_is_utf8(text, sizeof(text)));
	}
}
END_TEST

START_TEST(length_counts_characters)
{
	ck_assert_uint_eq(text_length(""), 0);
	ck_assert_uint_eq(text_length("Z\xc3\xbcrich"), 6);
	ck_assert_uint_eq(text_length("\xf0\x9f\x8f\x9f\xe2\x82\xac"), 2);
}
END_TEST

static const char *
unescape(const char *text, bool plus_is_space)
{
	const char *out = text_unescape(&scope, text, strlen(text), plus_is_space);

	return out == NULL ? "(refused)" : out;
}

START_TEST(percent_signs_are_decoded_once)
{
	ck_assert_str_eq(unescape("a%20b%2Fc%2f", false), "a b/c/");
	ck_assert_str_eq(unescape("%2541", false), "%41");
	ck_assert_str_eq(unescape("%C3%BC", false), "\xc3\xbc");
	ck_assert_str_eq(unescape("a+b", false), "a+b");
	ck_assert_str_eq(unescape("a+b%2B", true), "a b+");
	ck_assert_str_eq(unescape("", true), "");
	ck_assert_str_eq(text_unescape(&scope, "ab%20cd", 5, false), "ab ");
}
END_TEST

START_TEST(malformed_percent_signs_are_refused)
{
	static const char *const bad[] = { "%", "%2", "a%2", "%2g", "%g2", "%%20", "%00", "%ff", "%C3", "%ed%a0%80", "\xff" };

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_str_eq(unescape(bad[i], true), "(refused)");
	ck_assert_ptr_null(text_unescape(&scope, "ab%20cd", 4, false));
	ck_assert_ptr_null(text_unescape(&scope, "a\0b", 3, false));
}
END_TEST

START_TEST(base64url_of_every_length_reads_back)
{
	unsigned char bytes[64], back[64];
	char text[TEXT_BASE64URL_SIZE(64)];

	for (int i = 0; i < 64; i++)
		bytes[i] = (unsigned char)(i * 37 + 200);
	for (size_t n = 0; n <= 64; n++) {
		text_to_base64url(text, bytes, n);
		ck_assert_uint_eq(strlen(text) + 1, TEXT_BASE64URL_SIZE(n));
		ck_assert_int_eq(text_from_base64url(back, n, text, strlen(text)), (long)n);
		ck_assert_mem_eq(back, bytes, n);
		if (n > 0)
			ck_assert_int_eq(text_from_base64url(back, n - 1, text, strlen(text)), -1);
	}
	text_to_base64url(text, "\xfb\xff\xfe", 3);
	ck_assert_str_eq(text, "-__-");
	text_to_base64url(text, "foob", 4);
	ck_assert_str_eq(text, "Zm9vYg");
}
END_TEST

START_TEST(a_text_has_one_base64url_form_and_no_other_is_taken)
{
	static const char *const bad[] = { "Z", "A", "AAAAA", "Zg==", "Zm9vY", "Zh", "Zm9", "Zm+v", "Zm/v", "Zm v", "Zm\n", "\xc3\xbc" };
	char out[16];

	ck_assert_int_eq(text_from_base64url(out, 16, "Zg", 2), 1);
	ck_assert_int_eq(text_from_base64url(out, 16, "Zm8", 3), 2);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_msg(text_from_base64url(out, 16, bad[i], strlen(bad[i])) == -1, "%s", bad[i]);
	ck_assert_int_eq(text_from_base64url(out, 16, "Zm\0v", 4), -1);
}
END_TEST

START_TEST(an_id_is_read_in_either_case_and_only_whole)
{
	static const char *const bad[] = {
		"", "0189abcd-ef00-7fff-8001-0203040506f", "0189abcd-ef00-7fff-8001-0203040506f00",
		"0189abcdef007fff80010203040506f0", "{0189abcd-ef00-7fff-8001-0203040506f0}",
		"0189abcg-ef00-7fff-8001-0203040506f0", "0189abcd-ef00-7fff-80010-203040506f0",
		"0189abcd-ef00-7fff-8001-0203040506f ", "0189abcd_ef00-7fff-8001-0203040506f0",
	};
	uint8_t id[16];
	char text[37];

	ck_assert(text_to_uuid(id, "0189ABcd-ef00-7FFF-8001-0203040506f0"));
	text_from_uuid(text, id);
	ck_assert_str_eq(text, "0189abcd-ef00-7fff-8001-0203040506f0");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_msg(!text_to_uuid(id, bad[i]), "%s", bad[i]);
}
END_TEST

START_TEST(a_time_of_any_offset_is_read_to_the_microsecond)
{
	static const struct {
		const char	*text;
		int64_t		 unix_us;
	} cases[] = {
		{ "1970-01-01T00:00:00Z", 0 },
		{ "1970-01-01t00:00:00.000001z", 1 },
		{ "2026-07-01T12:30:05.25Z", INT64_C(1782909005250000) },
		{ "2026-07-01T14:30:05.25+02:00", INT64_C(1782909005250000) },
		{ "2026-07-01T12:30:05.250000999-00:00", INT64_C(1782909005250000) },
		{ "2026-06-30T23:00:05.25-13:30", INT64_C(1782909005250000) },
		{ "1969-12-31T23:59:59.999999Z", -1 },
		{ "2000-02-29T00:00:00Z", INT64_C(951782400000000) },
		{ "0001-01-01T00:00:00Z", INT64_C(-62135596800000000) },
		{ "9999-12-31T23:59:59.999999Z", INT64_C(253402300799999999) },
	};
	int64_t us;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		ck_assert_msg(text_to_time(&us, cases[i].text), "%s", cases[i].text);
		ck_assert_int_eq(us, cases[i].unix_us);
	}
}
END_TEST

START_TEST(a_leap_second_is_the_second_after_it_and_stands_at_the_end_of_a_day)
{
	int64_t us, after;

	ck_assert(text_to_time(&after, "2017-01-01T00:00:00.5Z"));
	ck_assert(text_to_time(&us, "2016-12-31T23:59:60.5Z"));
	ck_assert_int_eq(us, after);
	ck_assert(text_to_time(&us, "2017-01-01T01:59:60.5+02:00"));
	ck_assert_int_eq(us, after);
	ck_assert(!text_to_time(&us, "2016-12-31T23:58:60Z"));
	ck_assert(!text_to_time(&us, "2016-12-31T23:59:60+02:00"));
	ck_assert(!text_to_time(&us, "2016-12-31T23:59:61Z"));
}
END_TEST

START_TEST(what_is_no_time_is_refused)
{
	static const char *const bad[] = {
		"", "2026", "2026-07-01", "2026-07-01T12:30:05", "2026-07-01 12:30:05Z", "2026-07-01T12:30Z",
		"2026-07-01T12:30:05.Z", "2026-07-01T12:30:05+0200", "2026-07-01T12:30:05+02", "2026-07-01T12:30:05Z ",
		" 2026-07-01T12:30:05Z", "2026-7-01T12:30:05Z", "2026-13-01T12:30:05Z", "2026-00-01T12:30:05Z",
		"2026-02-29T12:30:05Z", "1900-02-29T12:30:05Z", "2026-06-31T12:30:05Z", "2026-06-00T12:30:05Z",
		"2026-07-01T24:00:00Z", "2026-07-01T12:60:05Z", "2026-07-01T12:30:05+24:00", "2026-07-01T12:30:05+02:60",
		"0000-01-01T00:00:00Z", "0001-01-01T00:00:00+00:01", "9999-12-31T23:59:59-00:01", "12026-07-01T12:30:05Z",
		"+026-07-01T12:30:05Z", "2026-07-01T12:30:05ZZ", "-infinity", "now", "2026-07-01T12:30:05,5Z",
	};
	int64_t us;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_msg(!text_to_time(&us, bad[i]), "%s", bad[i]);
}
END_TEST

START_TEST(mail_addresses_as_people_have_them_are_taken)
{
	static const char *const good[] = {
		"a@b.de", "jane.doe+tickets@mail.example.org", "o'neill@example.ie", "x_y-z@sub.do-main.co.uk",
		"j\xc3\xbcrgen@m\xc3\xbcller.example", "1@2.example", "a/b=c@example.com",
		"\xe5\xb1\xb1@\xe4\xbe\x8b.jp", "\xf0\x9f\x90\x98@b.de", "\xc3\xa0@b.de",
	};

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		ck_assert_msg(text_is_email(good[i]), "%s", good[i]);
}
END_TEST

START_TEST(what_is_no_mail_address_is_refused)
{
	static const char *const bad[] = {
		"", "@", "a", "a@", "@b.de", "a@b", "a@@b.de", "a@b@c.de", "a b@c.de", "a@b c.de", "a@.de", "a@b..de",
		"a@b.de.", "a@-b.de", "a@b-.de", "a@b_c.de", "a@b.de\n", "a\r\nBcc: x@b.de", "\"a\"@b.de", "a,b@c.de",
		"<a@b.de>", "a;b@c.de", "a\\b@c.de", "a@[127.0.0.1]", "a\xff@b.de", "a\x7f@b.de", "a:b@c.de",
		"a234567890123456789012345678901234567890123456789012345678901234x@b.de",
		"a@b234567890123456789012345678901234567890123456789012345678901234.de",
		"a\xc2\x85@b.de", "a\xc2\xa0z@b.de", "a\xc2\xad@b.de", "a@b\xe2\x80\xa8.de", "\xe2\x80\xae@b.de",
		"a\xe1\x9a\x80@b.de", "a@b.de\xe3\x80\x80", "a\xe2\x80\x8b@b.de", "\xef\xbb\xbf" "a@b.de",
		"a\xf3\xa0\x80\xa0@b.de",
	};
	char large[300];

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_msg(!text_is_email(bad[i]), "%s", bad[i]);
	memset(large, 'a', sizeof(large));
	memcpy(large, "x@", 2);
	for (size_t i = 50; i < 250; i += 50)
		large[i] = '.';
	memcpy(large + 251, ".de", 4);
	ck_assert_uint_eq(strlen(large), 254);
	ck_assert(text_is_email(large));
	memcpy(large + 251, "a.de", 5);
	ck_assert(!text_is_email(large));
	scope_free(&scope);
}
END_TEST

SUITE("text",
    utf8_is_what_RFC_3629_says,
    a_character_that_the_end_cuts_is_not_read_on,
    a_NUL_is_no_text_wherever_it_stands,
    length_counts_characters,
    percent_signs_are_decoded_once,
    malformed_percent_signs_are_refused,
    base64url_of_every_length_reads_back,
    a_text_has_one_base64url_form_and_no_other_is_taken,
    an_id_is_read_in_either_case_and_only_whole,
    a_time_of_any_offset_is_read_to_the_microsecond,
    a_leap_second_is_the_second_after_it_and_stands_at_the_end_of_a_day,
    what_is_no_time_is_refused,
    mail_addresses_as_people_have_them_are_taken,
    what_is_no_mail_address_is_refused);

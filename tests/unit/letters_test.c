/* Bits as letters, as the RFC has them. */
#include <string.h>

#include "letters.h"
#include "unit.h"

/* Section 10, without the padding. */
START_TEST(base32_is_that_of_rfc_4648)
{
	static const struct { const char *bytes, *letters; } known[] = {
		{ "", "" }, { "f", "MY" }, { "fo", "MZXQ" }, { "foo", "MZXW6" }, { "foob", "MZXW6YQ" },
		{ "fooba", "MZXW6YTB" }, { "foobar", "MZXW6YTBOI" }, { "\377\377\377\377\377", "77777777" },
	};
	char out[LETTERS_BASE32_SIZE(6)];

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		letters_base32(out, (const uint8_t *)known[i].bytes, strlen(known[i].bytes));
		ck_assert_str_eq(out, known[i].letters);
	}
}
END_TEST

START_TEST(random_letters_do_not_look_alike)
{
	char text[4001], seen[256] = { 0 };
	int different = 0;

	letters_random(text, 4000);
	ck_assert_uint_eq(strlen(text), 4000);
	for (const char *p = text; *p != '\0'; p++)
		different += !seen[(unsigned char)*p]++;
	ck_assert_int_eq(different, 32);
	ck_assert_ptr_null(strpbrk(text, "ilo1"));
}
END_TEST

SUITE("letters", base32_is_that_of_rfc_4648, random_letters_do_not_look_alike)

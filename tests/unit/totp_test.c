/* Codes of an authenticator, as the RFC has them. */
#include "totp.h"
#include "unit.h"

static const uint8_t secret[TOTP_SECRET_BYTES + 1] = "12345678901234567890";

/* RFC 6238, appendix B, SHA-1: the last six of their eight digits. */
static const struct { int64_t at_s; const char *code; } known[] = {
	{ 59, "287082" }, { 1111111109, "081804" }, { 1111111111, "050471" }, { 1234567890, "005924" },
	{ 2000000000, "279037" }, { 20000000000, "353130" },
};

START_TEST(codes_are_those_of_rfc_6238)
{
	char code[TOTP_CODE_SIZE];

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		ck_assert(totp_code(code, secret, known[i].at_s / 30));
		ck_assert_str_eq(code, known[i].code);
	}
}
END_TEST

START_TEST(clocks_may_differ_by_one_step)
{
	for (size_t i = 1; i < sizeof(known) / sizeof(known[0]); i++) {
		int64_t step = known[i].at_s / 30;

		ck_assert_int_eq(totp_find(secret, known[i].code, step * 30, 0), step);
		ck_assert_int_eq(totp_find(secret, known[i].code, step * 30 + 29, 0), step);
		ck_assert_int_eq(totp_find(secret, known[i].code, step * 30 - 30, 0), step);
		ck_assert_int_eq(totp_find(secret, known[i].code, step * 30 + 59, 0), step);
		ck_assert_int_eq(totp_find(secret, known[i].code, step * 30 - 31, 0), 0);
		ck_assert_int_eq(totp_find(secret, known[i].code, step * 30 + 60, 0), 0);
	}
}
END_TEST

START_TEST(a_code_is_of_use_only_after_the_last_one)
{
	int64_t step = known[1].at_s / 30;

	ck_assert_int_eq(totp_find(secret, known[1].code, known[1].at_s, step - 1), step);
	ck_assert_int_eq(totp_find(secret, known[1].code, known[1].at_s, step), 0);
	ck_assert_int_eq(totp_find(secret, known[1].code, known[1].at_s, step + 1), 0);
}
END_TEST

START_TEST(what_is_not_six_digits_is_no_code)
{
	static const char *const wrong[] = { "", "28708", "2870822", "0287082", " 287082", "287083", "94287082" };

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		ck_assert_int_eq(totp_find(secret, wrong[i], 59, 0), 0);
}
END_TEST

SUITE("totp", codes_are_those_of_rfc_6238, clocks_may_differ_by_one_step, a_code_is_of_use_only_after_the_last_one,
    what_is_not_six_digits_is_no_code)

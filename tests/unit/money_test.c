/* Money from outside: digits of the currency, and nothing rounded. */
#include <string.h>

#include "base/scope.h"
#include "http/money.h"
#include "unit.h"

#define COUNT(array)	(sizeof(array) / sizeof(*array))

static struct scope scope;

/* -1: refused. */
static int64_t
minor(const char *amount, const char *currency)
{
	int64_t n;

	scope_free(&scope);
	ck_assert(money_is_amount(amount));
	n = money_minor(&scope, "price", amount, currency);
	return scope_failed(&scope) ? -1 : n;
}

START_TEST(an_amount_is_a_plain_decimal)
{
	static const char *const bad[] = {
		"", ".", "1.", ".5", "-1", "+1", "01", "00", "1e2", "1,5", " 1", "1 ", "0x1", "1.2.3", "NaN", "Infinity",
		"1000000000000", "1.0000000000000",
	};

	for (size_t i = 0; i < COUNT(bad); i++)
		ck_assert_msg(!money_is_amount(bad[i]), "%s", bad[i]);
	ck_assert(money_is_amount("0"));
	ck_assert(money_is_amount("0.00"));
	ck_assert(money_is_amount("999999999999.999999999999"));
}
END_TEST

START_TEST(minor_units_have_the_digits_of_the_currency)
{
	ck_assert_int_eq(minor("19.99", "EUR"), 1999);
	ck_assert_int_eq(minor("19.9", "EUR"), 1990);
	ck_assert_int_eq(minor("19", "EUR"), 1900);
	ck_assert_int_eq(minor("0.01", "EUR"), 1);
	ck_assert_int_eq(minor("1050", "JPY"), 1050);
	ck_assert_int_eq(minor("1.234", "KWD"), 1234);
	ck_assert_int_eq(minor("999999999999.9999", "CLF"), INT64_C(9999999999999999));
}
END_TEST

START_TEST(a_decimal_that_the_currency_has_not_is_refused_unless_it_is_zero)
{
	ck_assert_int_eq(minor("19.999", "EUR"), -1);
	ck_assert_str_eq(scope.failure.errors->message, "Has at most 2 decimals in EUR.");
	ck_assert_int_eq(minor("10.5", "JPY"), -1);
	ck_assert_str_eq(scope.failure.errors->message, "Has no decimals in JPY.");
	ck_assert_int_eq(minor("0.000000000001", "EUR"), -1);
	ck_assert_int_eq(minor("19.9900", "EUR"), 1999);
	ck_assert_int_eq(minor("10.0", "JPY"), 10);
}
END_TEST

START_TEST(a_currency_is_three_capitals)
{
	ck_assert_ptr_null(money_currency_problem("EUR"));
	ck_assert_ptr_nonnull(money_currency_problem("eur"));
	ck_assert_ptr_nonnull(money_currency_problem("EURO"));
	ck_assert_ptr_nonnull(money_currency_problem("EU"));
	ck_assert_ptr_nonnull(money_currency_problem(""));
}
END_TEST

SUITE("money",
    an_amount_is_a_plain_decimal,
    minor_units_have_the_digits_of_the_currency,
    a_decimal_that_the_currency_has_not_is_refused_unless_it_is_zero,
    a_currency_is_three_capitals);

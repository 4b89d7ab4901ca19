/* Amounts of money from outside: decimals in minor units, digit by digit. */
#include <string.h>

#include "base/scope.h"
#include "data/rows.h"
#include "http/money.h"

#define DIGITS	"0123456789"

bool
money_is_amount(const char *text)
{
	size_t whole = strspn(text, DIGITS), decimals;

	if (whole == 0 || whole > MONEY_WHOLE_DIGITS || (*text == '0' && whole > 1))
		return false;
	if (text[whole] == '\0')
		return true;
	decimals = strspn(text + whole + 1, DIGITS);
	return text[whole] == '.' && decimals > 0 && decimals <= MONEY_DECIMALS && text[whole + 1 + decimals] == '\0';
}

static int64_t
too_exact(struct scope *scope, const char *field, int digits, const char *currency)
{
	if (digits == 0)
		scope_bad_field(scope, field, "Has no decimals in %s.", currency);
	else
		scope_bad_field(scope, field, "Has at most %d decimals in %s.", digits, currency);
	return 0;
}

int64_t
money_minor(struct scope *scope, const char *field, const char *amount, const char *currency)
{
	int digits = currency_digits(currency);
	int64_t minor = 0;

	for (; *amount != '\0' && *amount != '.'; amount++)
		minor = 10 * minor + (*amount - '0');
	amount += *amount == '.';
	for (int i = 0; i < digits; i++) {
		minor = 10 * minor + (*amount != '\0' ? *amount - '0' : 0);
		amount += *amount != '\0';
	}
	return amount[strspn(amount, "0")] == '\0' ? minor : too_exact(scope, field, digits, currency);
}

const char *
money_currency_problem(const char *text)
{
	bool good = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == 3 && text[3] == '\0';

	return good ? NULL : "Must be an ISO 4217 code like EUR.";
}

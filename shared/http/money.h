/*
 * Amounts of money from outside: exact decimals, never a double.  Inside they
 * are whole minor units beside an ISO 4217 code.
 */
#ifndef HTTP_MONEY_H
#define HTTP_MONEY_H

#include <stdbool.h>
#include <stdint.h>

struct scope;

#define MONEY_WHOLE_DIGITS	12	/* before the point: with four decimals 10^16, a hundredth of what an int64_t holds */
#define MONEY_DECIMALS		12	/* behind it, as written; what the currency has not must be zeros */

/* "19.99", "0", "5.0": digits and perhaps a point between them; no sign, exponent or leading zeros. */
bool		 money_is_amount(const char *);
/* Such an amount in minor units; one with more decimals than the currency has is a bad field of that name, and 0. */
int64_t		 money_minor(struct scope *, const char *field, const char *amount, const char *currency);
/* A sentence unless it has the form of an ISO 4217 code; a .check of fields. */
const char	*money_currency_problem(const char *);

#endif

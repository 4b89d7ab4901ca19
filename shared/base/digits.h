/* Decimal digits, two at a time: half the divisions of one at a time. */
#ifndef BASE_DIGITS_H
#define BASE_DIGITS_H

#include <string.h>

static const char digits_pairs[] =
	"00010203040506070809" "10111213141516171819"
	"20212223242526272829" "30313233343536373839"
	"40414243444546474849" "50515253545556575859"
	"60616263646566676869" "70717273747576777879"
	"80818283848586878889" "90919293949596979899";

/* Of a value below 100; both are written. */
static inline void
digits_two(char *out, unsigned value)
{
	memcpy(out, digits_pairs + 2 * value, 2);
}

#endif

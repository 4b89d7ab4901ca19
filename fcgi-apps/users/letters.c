/* Bits as letters: five at a time. */
#include "base/id.h"
#include "letters.h"

void
letters_base32(char *out, const uint8_t *bytes, size_t n)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
	unsigned bits = 0, kept = 0;

	for (size_t i = 0; i < n; i++) {
		bits = bits << 8 | bytes[i];
		for (kept += 8; kept >= 5; kept -= 5)
			*out++ = alphabet[bits >> (kept - 5) & 31];
	}
	if (kept > 0)
		*out++ = alphabet[bits << (5 - kept) & 31];
	*out = '\0';
}

void
letters_random(char *out, size_t count)
{
	static const char alphabet[] = "abcdefghjkmnpqrstuvwxyz023456789";	/* neither i, l, o nor 1 */
	uint8_t byte;

	for (; count > 0; count--) {
		id_random(&byte, sizeof(byte));
		*out++ = alphabet[byte & 31];
	}
	*out = '\0';
}

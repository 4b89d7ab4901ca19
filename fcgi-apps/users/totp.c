/* One-time codes by time. */
#include <endian.h>
#include <openssl/hmac.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "totp.h"

#define STEP_S	30

bool
totp_code(char out[TOTP_CODE_SIZE], const uint8_t secret[TOTP_SECRET_BYTES], int64_t step)
{
	const uint64_t counter = htobe64((uint64_t)step);
	uint8_t mac[EVP_MAX_MD_SIZE] = { 0 };
	unsigned size = 0;
	uint32_t number;

	if (HMAC(EVP_sha1(), secret, TOTP_SECRET_BYTES, (const uint8_t *)&counter, sizeof(counter), mac, &size) == NULL)
		return false;
	memcpy(&number, mac + (mac[19] & 15), sizeof(number));
	snprintf(out, TOTP_CODE_SIZE, "%06u", (be32toh(number) & 0x7fffffff) % 1000000);
	return true;
}

int64_t
totp_find(const uint8_t secret[TOTP_SECRET_BYTES], const char *code, int64_t now_s, int64_t used)
{
	int64_t now = now_s / STEP_S, found = 0;
	char wanted[TOTP_CODE_SIZE];

	if (strlen(code) != TOTP_CODE_SIZE - 1)
		return 0;
	for (int64_t step = now - 1; step <= now + 1; step++) {
		if (totp_code(wanted, secret, step) && sodium_memcmp(wanted, code, TOTP_CODE_SIZE) == 0 &&
		    step > used && found == 0)
			found = step;
	}
	return found;
}

/* One-time codes of an authenticator: six digits of HMAC-SHA-1, a new code every 30 seconds (RFC 6238, RFC 4226 5). */
#ifndef TOTP_H
#define TOTP_H

#include <stdbool.h>
#include <stdint.h>

#define TOTP_SECRET_BYTES	20
#define TOTP_CODE_SIZE		7

/* The code of one step; steps are counted from 1970. False: no memory. */
bool	 totp_code(char out[TOTP_CODE_SIZE], const uint8_t secret[TOTP_SECRET_BYTES], int64_t step);
/*
 * The step whose code this is, among that of now, the one before and the one
 * after, as clocks differ (RFC 6238, 5.2); only one later than used, the step of
 * the last code that was taken.  0: none.
 */
int64_t	 totp_find(const uint8_t secret[TOTP_SECRET_BYTES], const char *code, int64_t now_s, int64_t used);

#endif

/* Passwords: Argon2id by libsodium, 64 MiB and two passes (RFC 9106, 4; OWASP 2023 asks for 19 MiB or more). */
#ifndef AUTH_PASSWORD_H
#define AUTH_PASSWORD_H

#include <stdbool.h>

#define PASSWORD_HASH_SIZE	128	/* crypto_pwhash_STRBYTES */

/* About 60 ms and 64 MiB; a route that calls these is .slow. False: no memory. */
bool	 password_hash(char out[PASSWORD_HASH_SIZE], const char *password);
/* hash NULL: verifies against a dummy and is false, so that an unknown user costs as much. */
bool	 password_matches(const char *hash, const char *password);

#endif

/* Passwords: Argon2id by libsodium, 64 MiB and two passes (RFC 9106, 4; OWASP 2023 asks for 19 MiB or more). */
#ifndef AUTH_PASSWORD_H
#define AUTH_PASSWORD_H

#include <stdbool.h>
#include <stddef.h>

#define PASSWORD_HASH_SIZE	128	/* crypto_pwhash_STRBYTES */

/*
 * How many hashes may be under way at once in the processes that share some
 * memory, so that a rush of log-ins leaves CPU and memory to others.  Whoever
 * makes the memory sets their number; every process that hashes says where
 * they are, before its threads begin.  One that dies with a place gives it back.
 */
#define PASSWORD_MOST_PLACES	8
size_t	 password_places_size(void);
void	 password_places_init(void *memory, int count);
void	 password_places_use(void *memory);

/* Waits for a place, then takes about 60 ms and 64 MiB; a route that calls these is .slow. False: no memory. */
bool	 password_hash(char out[PASSWORD_HASH_SIZE], const char *password);
/* hash NULL: verifies against a dummy and is false, so that an unknown user costs as much. */
bool	 password_matches(const char *hash, const char *password);

#endif

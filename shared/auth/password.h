/* Passwords: Argon2id by libsodium, 64 MiB and two passes (RFC 9106, 4; OWASP 2023 asks for 19 MiB or more). */
#ifndef AUTH_PASSWORD_H
#define AUTH_PASSWORD_H

#include <stdbool.h>
#include <stddef.h>

#define PASSWORD_HASH_SIZE	128	/* crypto_pwhash_STRBYTES */

#define PASSWORD_ROOM		1025	/* 256 characters of UTF-8 */

/* About 60 ms and 64 MiB; a route that calls these is .slow. False: no memory, or it is too long. */
bool	 password_hash(char out[PASSWORD_HASH_SIZE], const char *password);
/* hash NULL: verifies against a dummy and is false, so that an unknown user costs as much. */
bool	 password_matches(const char *hash, const char *password);

/*
 * In a pool a hash is made by a process of its own (hasher.c), and only so many
 * at once, so that a rush of log-ins leaves CPU and memory to others.  Whoever
 * makes the memory that the pool's processes share sets their number; each
 * says where the places are, before its threads begin.  One that dies with a
 * place gives it back.
 */
#define PASSWORD_MOST_PLACES	8
size_t	 password_places_size(void);
void	 password_places_init(void *memory, int count);
void	 password_places_use(void *memory);
/* What the program does that is started with --hash: answers until nobody asks; the exit status. */
int	 password_serve(int fd);

#endif

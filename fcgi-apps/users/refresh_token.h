/*
 * Refresh tokens: base64url of a session's id (16 bytes), a generation (4,
 * big-endian) and a secret (32).
 *
 * The first secret is random; each further one is HMAC-SHA256 (RFC 2104) of
 * the whole token before it, under a key of the server.  So a session row that
 * keeps the current generation and the hash of its secret is enough to know
 * every token that ever came before it, and nobody else can make the next one.
 */
#ifndef REFRESH_TOKEN_H
#define REFRESH_TOKEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define REFRESH_SECRET_BYTES	32
#define REFRESH_HASH_BYTES	32
#define REFRESH_TOKEN_BYTES	(16 + 4 + REFRESH_SECRET_BYTES)
#define REFRESH_TOKEN_SIZE	71	/* in base64url, NUL included */
/* Older ancestors are not told from strangers: 34 days of ten minutes, under 2 ms to walk. */
#define REFRESH_MOST_STEPS	5000

struct refresh_token {
	uint8_t		 session_id[16];
	uint32_t	 generation;	/* less than 2^31 - 1: Postgres counts one further */
	uint8_t		 secret[REFRESH_SECRET_BYTES];
};

/* The first one of a session. */
void	 refresh_token_new(struct refresh_token *, const char *session_id);
/* False for what is not of that form. */
bool	 refresh_token_read(struct refresh_token *, const char *text);
void	 refresh_token_write(char out[REFRESH_TOKEN_SIZE], const struct refresh_token *);
/* SHA-256 of the secret. */
void	 refresh_token_hash(uint8_t out[REFRESH_HASH_BYTES], const struct refresh_token *);
void	 refresh_token_next(struct refresh_token *next, const struct refresh_token *, const uint8_t key[32]);
/* Whether the chain that goes through it comes to a secret of that hash at that generation. */
bool	 refresh_token_leads_to(const struct refresh_token *, const uint8_t key[32], uint32_t generation,
	    const void *hash, size_t hash_size);

#endif

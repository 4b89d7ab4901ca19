/* The keys of a process at one time, for token_keys.c: never changed once read, but replaced whole. */
#ifndef AUTH_TOKEN_KEY_SET_H
#define AUTH_TOKEN_KEY_SET_H

#include <openssl/types.h>
#include <stdbool.h>
#include <stddef.h>

#include "auth/token.h"

#define TOKEN_PROBLEM_SIZE	256

struct token_key {
	struct token_public_key	 public;
	char			*pem;		/* public, as libcrypto writes it; libjwt parses it each time */
	int			 pem_size;
	EVP_PKEY		*private;	/* NULL: verifies only */
};

struct token_key_set {
	struct token_key	 keys[TOKEN_KEYS_MAX];	/* by their ids */
	size_t			 count;
	const struct token_key	*signing;		/* one of them; NULL: signs nothing */
};

/*
 * Reads both places of the settings.  With a set from before, a file that
 * cannot be read leaves the key that was read from it then, and the one that
 * signed goes on when the active one cannot; *problem says so, else it is "".
 * NULL and *problem: nothing could be read; without a set from before: some
 * key could not.
 */
struct token_key_set *token_key_set_read(const struct token_settings *, const struct token_key_set *before,
	    char problem[TOKEN_PROBLEM_SIZE]);
void		 token_key_set_free(struct token_key_set *);
/* NULL: no such key. */
const struct token_key *token_key_set_find(const struct token_key_set *, const char *id);
/* Whether every key of the first is in the second, too, unchanged. */
bool		 token_key_set_within(const struct token_key_set *, const struct token_key_set *);

#endif

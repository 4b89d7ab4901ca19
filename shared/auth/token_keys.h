/* The keys of a process, for token.c alone; never changed once loaded, but replaced whole. */
#ifndef AUTH_TOKEN_KEYS_H
#define AUTH_TOKEN_KEYS_H

#include <openssl/types.h>
#include <stddef.h>

#define TOKEN_KEY_ID_SIZE	65		/* kid: 1 to 64 of [A-Za-z0-9_-] */
#define TOKEN_MAX_LIFETIME_S	(24 * 60 * 60)	/* service tokens; people's run ten minutes */

struct token_key {
	char		 id[TOKEN_KEY_ID_SIZE];
	char		*pem;		/* public, as libcrypto writes it; libjwt parses it each time */
	int		 pem_size;
};

struct token_keys {
	char			*issuer, *audience;
	int			 lifetime_s;
	struct token_key	 signing;
	EVP_PKEY		*signing_key;	/* private; NULL: verifies only */
	struct token_key	*keys;
	size_t			 count;
};

/* NULL: no such key. */
const struct token_key	*token_keys_find(const struct token_keys *, const char *id);

#endif

/*
 * Access tokens: JWT (RFC 7519) signed ES256, verified by libjwt behind strict
 * checks of our own, since jwt_decode() checks neither algorithm nor claims.
 */
#ifndef AUTH_TOKEN_H
#define AUTH_TOKEN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/id.h"

enum role {
	ROLE_USER	= 1 << 0,
	ROLE_ORGANISER	= 1 << 1,
	ROLE_PRODUCER	= 1 << 2,
	ROLE_ADMIN	= 1 << 3,
	ROLE_SERVICE	= 1 << 4,
};

#define TOKEN_MAX_SIZE	4096		/* bytes; longer ones are refused unread */
#define TOKEN_NAME_SIZE	65

/* Who calls; all zero for a stranger. */
struct caller {
	char		 user_id[ID_SIZE];	/* sub */
	char		 session_id[ID_SIZE];	/* sid */
	char		 name[TOKEN_NAME_SIZE];	/* username, or the name of a service */
	unsigned	 roles;			/* bits of enum role */
	int64_t		 expires_s;		/* seconds since 1970 */
};

/* "user", "admin" ...; 0 when there is no such role. */
unsigned	 role_from_text(const char *);
/* Of a single bit. */
const char	*role_text(enum role);

struct token_settings {
	const char	*issuer;		/* iss */
	const char	*audience;		/* aud */
	const char	*keys;			/* folder of <kid>.pem, public keys; "" refuses every token */
	const char	*signing_key;		/* <kid>.pem, private; "" where tokens are only verified */
	int		 lifetime_s;
};

struct token_keys;
/* NULL and *problem when a key cannot be read or is not P-256, or nobody could verify what the signing key signs. */
struct token_keys *token_keys_load(const struct token_settings *, char problem[256]);
void		 token_keys_free(struct token_keys *);

/* caller->expires_s of 0 is set from the lifetime. False: no signing key, or no memory. out is malloc'ed. */
bool		 token_sign(const struct token_keys *, struct caller *, char **out);
/* False for whatever is not exactly a token of ours in its time; tells nobody why. */
bool		 token_verify(const struct token_keys *, const char *token, struct caller *);

/*
 * Tokens that were verified, remembered until they expire: a hit costs no
 * signature.  Shared by the threads of a process.
 */
struct token_cache;
struct token_cache *token_cache_new(unsigned entries);	/* rounded up to a power of two */
void		 token_cache_free(struct token_cache *);
bool		 token_cache_find(struct token_cache *, const char *token, struct caller *);
void		 token_cache_add(struct token_cache *, const char *token, const struct caller *);

#endif

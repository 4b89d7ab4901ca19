/*
 * Access tokens: JWT (RFC 7519) signed ES256, verified by libjwt behind strict
 * checks of our own, since jwt_decode() checks neither algorithm nor claims.
 */
#ifndef AUTH_TOKEN_H
#define AUTH_TOKEN_H

#include <stdbool.h>
#include <stddef.h>
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
#define TOKEN_KEY_ID_SIZE	65	/* kid: 1 to 64 of [A-Za-z0-9_-] */
#define TOKEN_KEYS_MAX	128		/* a folder with more is not read; marqueectl stops at 100 */
#define TOKEN_COORDINATE_SIZE	32	/* of a point on P-256 */

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
	/* Folder of <kid>.pem, public keys, and of "states", which tells the active one; "" refuses every token. */
	const char	*keys;
	/* Private keys: a folder of <kid>.pem, or what is before _<kid>.pem in their paths; "" where tokens are only verified. */
	const char	*signing_keys;
	int		 lifetime_s;
};

/* The keys of a process, for all of its threads. */
struct token_keys;
/* NULL and *problem when a key cannot be read or is not P-256, or none of the private ones has its public half there. */
struct token_keys *token_keys_load(const struct token_settings *, char problem[256]);
void		 token_keys_free(struct token_keys *);
/*
 * Reads them again if their folder changed; a stat() if not.  What cannot be
 * read stays as it was, and is logged once.  True: a key went away since the
 * last call, so tokens that were verified before may be good no longer; the
 * token cache is to be cleared.  To be called twice a second.
 */
bool		 token_keys_refresh(struct token_keys *);

/* Big-endian, as a JWK has them (RFC 7518, 6.2.1). */
struct token_public_key {
	char		 id[TOKEN_KEY_ID_SIZE];
	uint8_t		 x[TOKEN_COORDINATE_SIZE], y[TOKEN_COORDINATE_SIZE];
};
/* All that tokens are verified with, by their ids; how many. */
size_t		 token_keys_list(struct token_keys *, struct token_public_key out[TOKEN_KEYS_MAX]);

/*
 * With the key that is active now.  caller->expires_s of 0 is set from the
 * lifetime.  False: no signing key, or no memory. out is malloc'ed.
 */
bool		 token_sign(struct token_keys *, struct caller *, char **out);
/* False for whatever is not exactly a token of ours in its time; tells nobody why. An unknown kid is looked for anew. */
bool		 token_verify(struct token_keys *, const char *token, struct caller *);

/*
 * A ticket opens one socket and nothing else, for who cannot send a token
 * there: typ "ws", good for 30 seconds.  Who takes tickets takes each id once.
 */
#define TOKEN_TICKET_LIFETIME_S	30

struct ticket {
	struct caller	 caller;	/* expires_s: of the token that asked for it */
	char		 id[ID_SIZE];	/* jti */
	int64_t		 issued_s, expires_s;
};

bool		 token_sign_ticket(struct token_keys *, const struct caller *, char **out);
bool		 token_verify_ticket(struct token_keys *, const char *token, struct ticket *);

/*
 * Tokens that were verified, remembered until they expire: a hit costs no
 * signature.  Shared by the threads of a process.
 */
struct token_cache;
struct token_cache *token_cache_new(unsigned entries);	/* rounded up to a power of two */
void		 token_cache_free(struct token_cache *);
bool		 token_cache_find(struct token_cache *, const char *token, struct caller *);
/*
 * Forgets all of them.  A token that is verified meanwhile, perhaps by the key
 * that went away, is not remembered: its age was asked for before.
 */
void		 token_cache_clear(struct token_cache *);
unsigned	 token_cache_age(const struct token_cache *);	/* how often it was cleared */
/* The age is what it was before the token was verified. */
void		 token_cache_add(struct token_cache *, const char *token, const struct caller *, unsigned age);
/* As token_verify(), of one that was not found; remembers it. */
bool		 token_cache_verify(struct token_cache *, struct token_keys *, const char *token, struct caller *);

#endif

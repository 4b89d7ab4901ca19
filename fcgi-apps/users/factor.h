/* What proves a second factor: a code of the authenticator or a recovery code, each good once. */
#ifndef FACTOR_H
#define FACTOR_H

#include <stdbool.h>
#include <stdint.h>

#include "totp.h"

struct request;

/* The secret for the database: encrypted, and of no use in another account's row. Fails the scope with 503. */
#define FACTOR_SEALED_BYTES	60
void	 factor_seal(struct request *, const char *user_id, const uint8_t secret[TOTP_SECRET_BYTES],
	    uint8_t out[FACTOR_SEALED_BYTES]);

#define FACTOR_HASH_BYTES	32
/* An account's factor, and what a code of it proves. */
struct factor {
	bool	exists, counts;		/* begun; confirmed */
	int64_t	step;			/* of the authenticator's code; 0: it is none */
	bool	may_recover;		/* it may be a recovery code, of this hash */
	uint8_t	hash[FACTOR_HASH_BYTES];
	uint8_t	sealed[FACTOR_SEALED_BYTES];	/* the secret that step is of */
};

/*
 * Reads it, outside of a transaction.  A code is counted before it is looked
 * at: after ten wrong ones in 15 minutes the scope fails with 429.
 */
void	 factor_read(struct request *, const char *user_id, const char *code, struct factor *);
/* Takes the code, inside a transaction: of two at once one is false, and so is one that proves nothing. */
bool	 factor_take(struct request *, const char *user_id, const struct factor *);
/* The codes went well: forgets how many were tried. */
void	 factor_forget_tries(struct request *, const char *user_id);

#define FACTOR_CODES		10
#define FACTOR_CODE_SIZE	12	/* "xxxxx-xxxxx": 50 random bits */
struct factor_codes {
	char	text[FACTOR_CODES][FACTOR_CODE_SIZE];
	uint8_t	hash[FACTOR_CODES][FACTOR_HASH_BYTES];
};
/* New recovery codes. Fails the scope with 503. */
void	 factor_codes_new(struct request *, const char *user_id, struct factor_codes *);
/* Stores them instead of all that there were, inside a transaction. */
void	 factor_codes_store(struct request *, const char *user_id, const struct factor_codes *);

#endif

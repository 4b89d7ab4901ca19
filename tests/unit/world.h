/* What tests of access tokens share: a key pair, a good token of it, and ways to spoil that. */
#ifndef WORLD_H
#define WORLD_H

#include <jansson.h>
#include <openssl/evp.h>
#include <stdbool.h>
#include <stdint.h>

#define WORLD_HEADER	"{\"alg\":\"ES256\",\"kid\":\"k1\",\"typ\":\"JWT\"}"
#define WORLD_USER	"0190a2b4-5c6d-7e8f-9a0b-1c2d3e4f5a6b"
#define WORLD_SESSION	"0190a2b4-5c6d-7e8f-9a0b-1c2d3e4f5a6c"

struct world {
	EVP_PKEY		*key;
	struct token_keys	*keys;
	json_t			*claims;	/* of a good token */
	char			*good;		/* that token */
};

void	 world_begin(struct world *);
void	 world_end(struct world *);
int64_t	 world_now_s(void);

/* Rightly signed, malloc'ed. */
char	*world_token(const struct world *, const char *header, const json_t *claims);
/* Also checks that one who is refused is a stranger. */
bool	 world_accepts(const struct world *, const char *token);
/* Releases the token. */
bool	 world_accepts_made(const struct world *, char *token);
bool	 world_accepts_header(const struct world *, const char *header);
/* A claim takes this JSON for its value, or none at all when that is NULL; rightly signed. */
bool	 world_accepts_claim(const struct world *, const char *name, const char *value);

#endif

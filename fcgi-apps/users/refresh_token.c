/* Refresh tokens: their form, their chain. */
#include <assert.h>
#include <sodium.h>
#include <string.h>

#include "base/id.h"
#include "base/text.h"
#include "refresh_token.h"

static_assert(REFRESH_TOKEN_SIZE == TEXT_BASE64URL_SIZE(REFRESH_TOKEN_BYTES), "its characters and a NUL");
static_assert(REFRESH_SECRET_BYTES == crypto_auth_hmacsha256_BYTES, "a secret is what HMAC-SHA256 gives");
static_assert(REFRESH_HASH_BYTES == crypto_hash_sha256_BYTES, "a hash is what SHA-256 gives");

static void
to_bytes(uint8_t out[REFRESH_TOKEN_BYTES], const struct refresh_token *token)
{
	memcpy(out, token->session_id, 16);
	for (int i = 0; i < 4; i++)
		out[16 + i] = (uint8_t)(token->generation >> (24 - 8 * i));
	memcpy(out + 20, token->secret, REFRESH_SECRET_BYTES);
}

void
refresh_token_new(struct refresh_token *token, const char *session_id)
{
	*token = (struct refresh_token){ .generation = 0 };
	text_to_uuid(token->session_id, session_id);
	id_random(token->secret, sizeof(token->secret));
}

bool
refresh_token_read(struct refresh_token *token, const char *text)
{
	uint8_t bytes[REFRESH_TOKEN_BYTES];

	if (text_from_base64url(bytes, sizeof(bytes), text, strlen(text)) != sizeof(bytes))
		return false;
	token->generation = 0;
	for (int i = 0; i < 4; i++)
		token->generation = token->generation << 8 | bytes[16 + i];
	memcpy(token->session_id, bytes, 16);
	memcpy(token->secret, bytes + 20, REFRESH_SECRET_BYTES);
	return token->generation < INT32_MAX;
}

void
refresh_token_write(char out[REFRESH_TOKEN_SIZE], const struct refresh_token *token)
{
	uint8_t bytes[REFRESH_TOKEN_BYTES];

	to_bytes(bytes, token);
	text_to_base64url(out, bytes, sizeof(bytes));
}

void
refresh_token_hash(uint8_t out[REFRESH_HASH_BYTES], const struct refresh_token *token)
{
	crypto_hash_sha256(out, token->secret, REFRESH_SECRET_BYTES);
}

/* keyed has taken in the key: half of the work of a step, done once for a whole walk. */
static void
step(struct refresh_token *token, const crypto_auth_hmacsha256_state *keyed)
{
	crypto_auth_hmacsha256_state state = *keyed;
	uint8_t bytes[REFRESH_TOKEN_BYTES];

	to_bytes(bytes, token);
	crypto_auth_hmacsha256_update(&state, bytes, sizeof(bytes));
	crypto_auth_hmacsha256_final(&state, token->secret);
	token->generation++;
}

void
refresh_token_next(struct refresh_token *next, const struct refresh_token *token, const uint8_t key[32])
{
	crypto_auth_hmacsha256_state keyed;

	crypto_auth_hmacsha256_init(&keyed, key, 32);
	*next = *token;
	step(next, &keyed);
}

bool
refresh_token_leads_to(const struct refresh_token *token, const uint8_t key[32], uint32_t generation,
    const void *hash, size_t hash_size)
{
	struct refresh_token walker = *token;
	crypto_auth_hmacsha256_state keyed;
	uint8_t reached[REFRESH_HASH_BYTES];

	if (generation < token->generation || generation - token->generation > REFRESH_MOST_STEPS ||
	    hash_size != sizeof(reached))
		return false;
	crypto_auth_hmacsha256_init(&keyed, key, 32);
	while (walker.generation < generation)
		step(&walker, &keyed);
	refresh_token_hash(reached, &walker);
	return sodium_memcmp(reached, hash, sizeof(reached)) == 0;
}

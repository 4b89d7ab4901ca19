/* Mailed tokens: whoever shows one reads the mails of that address. */
#include <sodium.h>
#include <string.h>

#include "base/id.h"
#include "base/text.h"
#include "users.h"

struct param
mail_token_hash(struct scope *scope, const char *token)
{
	uint8_t digest[crypto_hash_sha256_BYTES];

	crypto_hash_sha256(digest, (const uint8_t *)token, strlen(token));
	return p_bytes(scope, digest, sizeof(digest));
}

void
mail_token_new(struct mail_token *token)
{
	uint8_t bytes[MAIL_TOKEN_BYTES];

	id_random(bytes, sizeof(bytes));
	text_to_base64url(token->text, bytes, sizeof(bytes));
}

/* The server's own key, and those that are made of it, one for each purpose. */
#include <sodium.h>
#include <string.h>

#include "base/config.h"
#include "users.h"

#define SECRET_LEAST	32	/* characters: 192 random bits in base64 */

bool
secret_key(const struct app_state *state, const char *purpose, uint8_t key[SECRET_KEY_BYTES])
{
	const char *secret = config_text(state->config, "secret");

	if (strlen(secret) < SECRET_LEAST)
		return false;
	crypto_generichash(key, SECRET_KEY_BYTES, (const uint8_t *)purpose, strlen(purpose),
	    (const uint8_t *)secret, strlen(secret) > crypto_generichash_KEYBYTES_MAX ?
	    crypto_generichash_KEYBYTES_MAX : strlen(secret));
	return true;
}

/* Password hashes by libsodium's Argon2id; the parameters stand in each hash. */
#include <assert.h>
#include <string.h>

#include <sodium.h>

#include "auth/password.h"

#define TEXT_OF(number)	#number
#define TEXT(number)	TEXT_OF(number)

#define PASSES		2
#define MEMORY_KIB	65536

/*
 * Costs what a real hash costs and is that of no known password.  A constant:
 * made at first use, the first unknown user would cost twice as much.
 */
#define DUMMY	"$argon2id$v=19$m=" TEXT(MEMORY_KIB) ",t=" TEXT(PASSES) ",p=1" \
		"$TWFycXVlZSBubyB1c2VyIQ$QSBkdW1teSBvZiAzMiBieXRlcywgbm8gcGFzc3dvcmQ"

static_assert(PASSWORD_HASH_SIZE == crypto_pwhash_STRBYTES, "as libsodium writes them");

bool
password_hash(char out[PASSWORD_HASH_SIZE], const char *password)
{
	return sodium_init() >= 0 && crypto_pwhash_str_alg(out, password, strlen(password), PASSES,
	    MEMORY_KIB * 1024UL, crypto_pwhash_ALG_ARGON2ID13) == 0;
}

bool
password_matches(const char *hash, const char *password)
{
	bool same = sodium_init() >= 0 &&
	    crypto_pwhash_str_verify(hash != NULL ? hash : DUMMY, password, strlen(password)) == 0;

	return same && hash != NULL;
}

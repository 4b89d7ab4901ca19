/* Password hashes by libsodium's Argon2id; the parameters stand in each hash. */
#include <assert.h>
#include <string.h>

#include <sodium.h>

#include "auth/hasher.h"

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

void
password_compute(struct hash_task *task)
{
	size_t size = strlen(task->password);

	if (sodium_init() < 0)
		task->is_good = false;
	else if (task->is_check)
		task->is_good = crypto_pwhash_str_verify(task->hash, task->password, size) == 0;
	else
		task->is_good = crypto_pwhash_str_alg(task->hash, task->password, size, PASSES, MEMORY_KIB * 1024UL,
		    crypto_pwhash_ALG_ARGON2ID13) == 0;
}

/* False as well when nothing could be found out. */
static bool
run(struct hash_task *task, const char *password)
{
	bool good = memccpy(task->password, password, '\0', sizeof(task->password)) != NULL;

	if (good && hasher_is_used())
		good = hasher_ask(task);
	else if (good)
		password_compute(task);
	sodium_memzero(task->password, sizeof(task->password));
	return good && task->is_good;
}

bool
password_hash(char out[PASSWORD_HASH_SIZE], const char *password)
{
	struct hash_task task = { .is_check = false };

	if (!run(&task, password))
		return false;
	memcpy(out, task.hash, sizeof(task.hash));
	return true;
}

bool
password_matches(const char *hash, const char *password)
{
	struct hash_task task = { .is_check = true };

	if (memccpy(task.hash, hash != NULL ? hash : DUMMY, '\0', sizeof(task.hash)) == NULL)
		return false;
	return run(&task, password) && hash != NULL;
}

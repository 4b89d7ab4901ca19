/* Password hashes by libsodium's Argon2id; the parameters stand in each hash. */
#include <assert.h>
#include <errno.h>
#include <pthread.h>
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

struct places {
	int		 count;
	pthread_mutex_t	 taken[PASSWORD_MOST_PLACES];
};

/* A process has one pool; set before its threads begin. NULL: nobody waits. */
static struct places *places;

size_t
password_places_size(void)
{
	return sizeof(struct places);
}

void
password_places_init(void *memory, int count)
{
	struct places *made = memory;
	pthread_mutexattr_t shared;

	pthread_mutexattr_init(&shared);
	pthread_mutexattr_setpshared(&shared, PTHREAD_PROCESS_SHARED);
	pthread_mutexattr_setrobust(&shared, PTHREAD_MUTEX_ROBUST);
	made->count = count < 1 ? 1 : count > PASSWORD_MOST_PLACES ? PASSWORD_MOST_PLACES : count;
	for (int i = 0; i < made->count; i++)
		pthread_mutex_init(&made->taken[i], &shared);
	pthread_mutexattr_destroy(&shared);
}

void
password_places_use(void *memory)
{
	places = memory;
}

/* The last owner died in the middle of a hash, which nobody else saw. */
static bool
took(pthread_mutex_t *place, int rc)
{
	if (rc == EOWNERDEAD)
		rc = pthread_mutex_consistent(place);
	return rc == 0;
}

/* A free one, or else one to wait for, not the same for all who wait. */
static pthread_mutex_t *
take_place(void)
{
	pthread_mutex_t *place;

	if (places == NULL)
		return NULL;
	for (int i = 0; i < places->count; i++) {
		place = &places->taken[i];
		if (took(place, pthread_mutex_trylock(place)))
			return place;
	}
	place = &places->taken[randombytes_uniform((uint32_t)places->count)];
	return took(place, pthread_mutex_lock(place)) ? place : NULL;
}

static void
leave_place(pthread_mutex_t *place)
{
	if (place != NULL)
		pthread_mutex_unlock(place);
}

bool
password_hash(char out[PASSWORD_HASH_SIZE], const char *password)
{
	pthread_mutex_t *place;
	bool made;

	if (sodium_init() < 0)
		return false;
	place = take_place();
	made = crypto_pwhash_str_alg(out, password, strlen(password), PASSES, MEMORY_KIB * 1024UL,
	    crypto_pwhash_ALG_ARGON2ID13) == 0;
	leave_place(place);
	return made;
}

bool
password_matches(const char *hash, const char *password)
{
	pthread_mutex_t *place;
	bool same;

	if (sodium_init() < 0)
		return false;
	place = take_place();
	same = crypto_pwhash_str_verify(hash != NULL ? hash : DUMMY, password, strlen(password)) == 0;
	leave_place(place);
	return same && hash != NULL;
}

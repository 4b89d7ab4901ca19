/*
 * Verified tokens of a process: a table of fixed size, four ways a set, found
 * by a keyed hash of the whole token.  No token lies in memory, and nobody
 * outside can aim at a set, or at the hash of a token that is remembered.
 */
#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "auth/token.h"
#include "base/clock.h"

#define WAYS	4
#define LOCKS	64		/* a power of two; each guards every 64th set */
#define LINE	64		/* bytes that two processors do not share without cost */

struct tag {
	uint64_t	 half[2];
};

static_assert(sizeof(struct tag) == crypto_shorthash_siphashx24_BYTES, "the hash is the tag");

struct entry {
	struct tag	 tag;
	struct caller	 caller;	/* expires_s 0: free */
};

struct guard {
	pthread_mutex_t	 mutex;
} __attribute__((aligned(LINE)));

struct token_cache {
	struct guard	 guards[LOCKS];
	unsigned char	 key[crypto_shorthash_siphashx24_KEYBYTES];
	_Atomic unsigned age;
	size_t		 sets;		/* a power of two */
	struct entry	(*set)[WAYS];
};

struct token_cache *
token_cache_new(unsigned entries)
{
	struct token_cache *cache;
	size_t sets = 1;

	while (sets * WAYS < entries)
		sets *= 2;
	if (sodium_init() < 0 || (cache = aligned_alloc(LINE, sizeof(*cache))) == NULL)
		return NULL;
	cache->sets = sets;
	atomic_init(&cache->age, 0);
	if ((cache->set = calloc(sets, sizeof(*cache->set))) == NULL) {
		free(cache);
		return NULL;
	}
	randombytes_buf(cache->key, sizeof(cache->key));
	for (int i = 0; i < LOCKS; i++)
		pthread_mutex_init(&cache->guards[i].mutex, NULL);
	return cache;
}

void
token_cache_free(struct token_cache *cache)
{
	if (cache == NULL)
		return;
	for (int i = 0; i < LOCKS; i++)
		pthread_mutex_destroy(&cache->guards[i].mutex);
	sodium_memzero(cache->key, sizeof(cache->key));
	free(cache->set);
	free(cache);
}

/* SipHash-2-4 of 128 bits takes 0.16 us where BLAKE2b takes 1.07. False: too long to be a token of ours. */
static bool
tag_of(struct tag *tag, const struct token_cache *cache, const char *token)
{
	size_t size = strnlen(token, TOKEN_MAX_SIZE + 1);

	return size <= TOKEN_MAX_SIZE && crypto_shorthash_siphashx24((unsigned char *)tag,
	    (const unsigned char *)token, size, cache->key) == 0;
}

/* Locks the set of a tag; its mutex is to be unlocked. */
static struct entry *
lock_set(struct token_cache *cache, const struct tag *tag, pthread_mutex_t **mutex)
{
	size_t set = tag->half[0] & (cache->sets - 1);

	*mutex = &cache->guards[set & (LOCKS - 1)].mutex;
	pthread_mutex_lock(*mutex);
	return cache->set[set];
}

static bool
is_tag(const struct entry *entry, const struct tag *tag)
{
	return ((entry->tag.half[0] ^ tag->half[0]) | (entry->tag.half[1] ^ tag->half[1])) == 0;
}

bool
token_cache_find(struct token_cache *cache, const char *token, struct caller *caller)
{
	int64_t now_s = clock_unix_us() / 1000000;
	pthread_mutex_t *mutex;
	const struct entry *set;
	struct tag tag;
	bool found = false;

	if (!tag_of(&tag, cache, token))
		return false;
	set = lock_set(cache, &tag, &mutex);
	for (int way = 0; way < WAYS && !found; way++)
		if (is_tag(&set[way], &tag) && set[way].caller.expires_s > now_s) {
			*caller = set[way].caller;
			found = true;
		}
	pthread_mutex_unlock(mutex);
	return found;
}

unsigned
token_cache_age(const struct token_cache *cache)
{
	return cache->age;
}

/* Who adds looks at the age with the set locked: either that is seen here, or the new age is seen there. */
void
token_cache_clear(struct token_cache *cache)
{
	cache->age++;
	for (size_t set = 0; set < cache->sets; set++) {
		pthread_mutex_t *mutex = &cache->guards[set & (LOCKS - 1)].mutex;

		pthread_mutex_lock(mutex);
		memset(cache->set[set], 0, sizeof(cache->set[set]));
		pthread_mutex_unlock(mutex);
	}
}

/* A free or expired entry is the soonest to expire there is; among live ones that choice drops the oldest. */
static struct entry *
place_of(struct entry *set, const struct tag *tag)
{
	struct entry *place = set;

	for (int way = 0; way < WAYS; way++) {
		if (is_tag(&set[way], tag))
			return &set[way];
		if (set[way].caller.expires_s < place->caller.expires_s)
			place = &set[way];
	}
	return place;
}

void
token_cache_add(struct token_cache *cache, const char *token, const struct caller *caller, unsigned age)
{
	pthread_mutex_t *mutex;
	struct entry *set;
	struct tag tag;

	if (!tag_of(&tag, cache, token))
		return;
	set = lock_set(cache, &tag, &mutex);
	if (cache->age == age)
		*place_of(set, &tag) = (struct entry){ tag, *caller };
	pthread_mutex_unlock(mutex);
}

bool
token_cache_verify(struct token_cache *cache, struct token_keys *keys, const char *token, struct caller *caller)
{
	unsigned age = token_cache_age(cache);

	if (!token_verify(keys, token, caller))
		return false;
	token_cache_add(cache, token, caller, age);
	return true;
}

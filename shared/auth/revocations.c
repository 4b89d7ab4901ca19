/*
 * Revoked sessions in shared memory, without any lock: each is one word that is
 * only ever swapped as a whole, so a process may be killed between any two
 * instructions and the others lose nothing.
 *
 * A session has its place in one of two buckets of 16 words and is put into
 * the emptier one.  With half of all words in use no bucket ever fills up, so
 * nothing is moved and no chain grows: a look-up reads two buckets at most.
 *
 * A word has 32 bits of a session's hash.  When as many have ended as the table
 * is made for, one of 270 million others is taken for one of them, until its
 * tokens expire; nobody can aim at that, since ids are random.
 */
#include <assert.h>
#include <stdatomic.h>
#include <string.h>

#include "auth/revocations.h"
#include "base/clock.h"
#include "base/text.h"

#define BUCKET		16

/*
 * A word: tag (32 bits), seconds since 1970 when the session's last token
 * expires (32).  0: never used, and so are those behind it in the bucket.
 */
#define TAG_SHIFT	32

struct revocations {
	_Atomic uint64_t buckets;	/* a power of two */
	_Atomic int64_t	 refused_until_s;
	uint64_t	 unused[6];	/* so that buckets start on a cache line */
	_Atomic uint64_t words[];
};

struct key {
	uint64_t	 tag;
	size_t		 bucket[2];
};

static_assert(ATOMIC_LLONG_LOCK_FREE == 2, "a word that several processes swap");

static size_t
buckets_for(unsigned entries)
{
	size_t buckets = 2;

	while (buckets * BUCKET < entries * 2ULL)
		buckets *= 2;
	return buckets;
}

size_t
revocations_size(unsigned entries)
{
	return sizeof(struct revocations) + buckets_for(entries) * BUCKET * sizeof(uint64_t);
}

/* All who come write the same number, and an empty table is all zero: there is no first one to wait for. */
struct revocations *
revocations_at(void *memory, unsigned entries)
{
	struct revocations *table = memory;

	atomic_store(&table->buckets, buckets_for(entries));
	return table;
}

static int64_t
now_s(void)
{
	return clock_unix_us() / 1000000;
}

static int64_t
end_of(uint64_t word)
{
	return (uint32_t)word;
}

/* False: not an id. */
static bool
key_of(struct key *key, const struct revocations *table, const char *session_id)
{
	uint8_t id[16];
	uint64_t half[2], mask = atomic_load_explicit(&table->buckets, memory_order_relaxed) - 1, mixed;

	if (!text_to_uuid(id, session_id))
		return false;
	memcpy(half, id, sizeof(id));
	/* The last step of SplitMix64: ids made in the same millisecond share their first half. */
	mixed = half[0] * 0x9e3779b97f4a7c15 ^ half[1];
	mixed = (mixed ^ mixed >> 30) * 0xbf58476d1ce4e5b9;
	mixed = (mixed ^ mixed >> 27) * 0x94d049bb133111eb;
	mixed ^= mixed >> 31;
	key->tag = mixed >> TAG_SHIFT;
	key->bucket[0] = mixed & mask;
	key->bucket[1] = mixed >> 16 & mask;
	key->bucket[1] ^= key->bucket[0] == key->bucket[1];
	return true;
}

/* The word of a session whose tokens still run, and what it is; NULL: none. */
static _Atomic uint64_t *
find(struct revocations *table, const struct key *key, int64_t now, uint64_t *seen)
{
	for (int b = 0; b < 2; b++) {
		_Atomic uint64_t *word = &table->words[key->bucket[b] * BUCKET];

		for (int i = 0; i < BUCKET; i++, word++) {
			if ((*seen = atomic_load_explicit(word, memory_order_acquire)) == 0)
				break;
			if (*seen >> TAG_SHIFT == key->tag && end_of(*seen) > now)
				return word;
		}
	}
	return NULL;
}

/* The first free word of the emptier bucket, and what it is; NULL: both are full. */
static _Atomic uint64_t *
choose(struct revocations *table, const struct key *key, int64_t now, uint64_t *seen)
{
	_Atomic uint64_t *best = NULL;
	int most_free = 0;

	for (int b = 0; b < 2; b++) {
		_Atomic uint64_t *word = &table->words[key->bucket[b] * BUCKET], *first = NULL;
		uint64_t first_seen = 0, here;
		int free_words = 0;

		for (int i = BUCKET - 1; i >= 0; i--) {
			if (end_of(here = atomic_load(&word[i])) > now)
				continue;
			free_words++;
			first = &word[i];
			first_seen = here;
		}
		if (free_words > most_free) {
			most_free = free_words;
			best = first;
			*seen = first_seen;
		}
	}
	return best;
}

bool
revocations_add(struct revocations *table, const char *session_id, int64_t expires_s)
{
	_Atomic uint64_t *word;
	uint64_t seen;
	struct key key;

	if (!key_of(&key, table, session_id))
		return false;
	if (expires_s > UINT32_MAX)
		expires_s = UINT32_MAX;
	/* Each turn that fails is one in which another process got on. */
	do {
		int64_t now = now_s();

		if (expires_s <= now)
			return true;
		if ((word = find(table, &key, now, &seen)) != NULL && end_of(seen) >= expires_s)
			return true;
		if (word == NULL && (word = choose(table, &key, now, &seen)) == NULL)
			return false;
	} while (!atomic_compare_exchange_strong(word, &seen, key.tag << TAG_SHIFT | (uint64_t)expires_s));
	return true;
}

void
revocations_end(struct revocations *table, const char *session_id, int64_t expires_s)
{
	if (!revocations_add(table, session_id, expires_s))
		revocations_refuse_until(table, expires_s);
}

bool
revocations_has(struct revocations *table, const char *session_id)
{
	struct key key;
	uint64_t seen;

	/* What is no id is no session that could still run. */
	return !key_of(&key, table, session_id) || find(table, &key, now_s(), &seen) != NULL;
}

void
revocations_refuse_until(struct revocations *table, int64_t until_s)
{
	int64_t seen = atomic_load(&table->refused_until_s);

	while (seen < until_s && !atomic_compare_exchange_weak(&table->refused_until_s, &seen, until_s))
		;
}

int64_t
revocations_refused_until(const struct revocations *table)
{
	return atomic_load_explicit(&table->refused_until_s, memory_order_acquire);
}

bool
revocations_refuses(struct revocations *table, const char *session_id, int64_t expires_s)
{
	return revocations_has(table, session_id) || expires_s <= revocations_refused_until(table);
}

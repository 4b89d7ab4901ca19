/*
 * Counts in shared memory, each one word that is only ever swapped as a whole.
 *
 * All who begin the same count must take the same place, or it would be begun
 * twice.  So the place is chosen by the words alone, never by the clock: that
 * of the earliest end, the first one of several; a place never used ends in
 * 1970.  Words only move on: a count that is cleared keeps its end, and what
 * comes into a place ends later than what was there.  Hence whoever else chose
 * otherwise has seen an older word, and his swap fails.  (When the whole
 * bucket is taken by longer windows, a new one does end earlier; then
 * two at that very moment may begin it twice.)
 */
#include <assert.h>
#include <sodium.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "base/clock.h"
#include "data/tally.h"

#define BUCKETS		2048		/* a power of two */
#define PLACES		8		/* a bucket is a cache line */

/* A word: tag (20 bits), count (12), seconds since 1970 of the window's end (32). */
#define TAG_SHIFT	44
#define COUNT_SHIFT	32
#define ONE		(1ULL << COUNT_SHIFT)

struct bucket {
	_Atomic uint64_t	 word[PLACES];
};

struct tally {
	/* Made by the first who comes, so that nobody outside can aim at a bucket or at another's tag. */
	_Atomic uint64_t	 secret[2];
	uint64_t		 unused[6];
	struct bucket		 buckets[BUCKETS];
};

static_assert(ATOMIC_LLONG_LOCK_FREE == 2, "a word that several processes swap");
static_assert(crypto_shorthash_KEYBYTES == 2 * sizeof(uint64_t), "the secret is the key of the hash");

size_t
tally_size(void)
{
	return sizeof(struct tally);
}

static uint64_t
tag_of(uint64_t word)
{
	return word >> TAG_SHIFT;
}

static int
count_of(uint64_t word)
{
	return (int)(word >> COUNT_SHIFT & TALLY_MOST);
}

static int64_t
end_of(uint64_t word)
{
	return (uint32_t)word;
}

static uint64_t
word_of(uint64_t tag, int count, int64_t end_s)
{
	return tag << TAG_SHIFT | (uint64_t)count << COUNT_SHIFT | (uint32_t)end_s;
}

/* Whoever is second takes what the first one made. */
static uint64_t
secret_part(_Atomic uint64_t *part)
{
	uint64_t present = atomic_load(part), fresh;

	if (present != 0)
		return present;
	randombytes_buf(&fresh, sizeof(fresh));
	return atomic_compare_exchange_strong(part, &present, fresh) ? fresh : present;
}

static struct bucket *
bucket_of(struct tally *tally, const uint8_t key[TALLY_KEY_BYTES], uint64_t *tag)
{
	uint64_t secret[2] = { secret_part(&tally->secret[0]), secret_part(&tally->secret[1]) }, hash;

	crypto_shorthash((unsigned char *)&hash, key, TALLY_KEY_BYTES, (const unsigned char *)secret);
	*tag = tag_of(hash);
	*tag += *tag == 0;	/* that of a place never used */
	return &tally->buckets[hash & (BUCKETS - 1)];
}

/* The place that has the tag, else the one whose window ends first; and its word. */
static _Atomic uint64_t *
find(struct bucket *bucket, uint64_t tag, uint64_t *word)
{
	_Atomic uint64_t *first = &bucket->word[0];

	*word = atomic_load(first);
	for (int i = 1; i < PLACES && tag_of(*word) != tag; i++) {
		uint64_t seen = atomic_load(&bucket->word[i]);

		if (tag_of(seen) == tag || end_of(seen) < end_of(*word)) {
			first = &bucket->word[i];
			*word = seen;
		}
	}
	return first;
}

int64_t
tally_count(struct tally *tally, const uint8_t key[TALLY_KEY_BYTES], int most, int window_s)
{
	uint64_t tag, seen, next;
	struct bucket *bucket = bucket_of(tally, key, &tag);
	_Atomic uint64_t *place;

	/* Each turn that fails is one in which another process got on. */
	do {
		int64_t now = clock_unix_us() / 1000000, left;

		place = find(bucket, tag, &seen);
		left = end_of(seen) - now;
		/* More is left than a window has: the clock was set back. */
		if (tag_of(seen) != tag || count_of(seen) == 0 || left <= 0 || left > window_s + 1)
			next = word_of(tag, 1, now + window_s + 1);
		else if (count_of(seen) >= most || count_of(seen) == TALLY_MOST)
			return left;
		else
			next = seen + ONE;
	} while (!atomic_compare_exchange_strong(place, &seen, next));
	return 0;
}

void
tally_clear(struct tally *tally, const uint8_t key[TALLY_KEY_BYTES])
{
	uint64_t tag, seen;
	struct bucket *bucket = bucket_of(tally, key, &tag);
	_Atomic uint64_t *place;

	do
		place = find(bucket, tag, &seen);
	while (tag_of(seen) == tag && !atomic_compare_exchange_strong(place, &seen, word_of(tag, 0, end_of(seen))));
}

/*
 * Revoked sessions in shared memory, without any lock: a process may be killed
 * between any two instructions and the others lose nothing but, for a moment,
 * one slot.
 *
 * A session has its place in one of two buckets of 16 slots and is put into
 * the emptier one.  With half of all slots in use no bucket ever fills up, so
 * nothing is moved and no chain grows: a look-up reads two buckets at most.
 *
 * A slot is taken by a compare-and-swap of its state to the next generation,
 * "claimed"; then the four parts of the key are swapped in, each beside that
 * generation; then the state is swapped to the time the session's last token
 * expires.  A claim whose owner died may be taken from it.  Should the owner
 * have been only slow, all its later swaps fail: no word it expects ever comes
 * back.  A reader trusts a part only when its generation is the state's.
 */
#include <assert.h>
#include <stdatomic.h>
#include <string.h>

#include "auth/revocations.h"
#include "base/clock.h"
#include "base/text.h"

#define BUCKET		16
#define PARTS		4
#define CLAIM_S		2	/* a claim older than this was left behind */

/* A state: generation (29 bits), claimed (1), seconds since 1970 (34: of the expiry or the claim). */
#define TIME_BITS	34
#define TIME_MAX	((1LL << TIME_BITS) - 1)
#define CLAIMED		(1ULL << TIME_BITS)
#define GENERATION_BITS	29
#define GENERATION_MASK	((1ULL << GENERATION_BITS) - 1)

struct slot {
	_Atomic uint64_t state;		/* 0: never used, and so are those behind it in the bucket */
	_Atomic uint64_t part[PARTS];	/* generation above, 32 bits of the session's id below */
};

struct revocations {
	_Atomic uint64_t buckets;	/* a power of two */
	_Atomic int64_t	 refused_until_s;
	uint64_t	 unused[6];	/* so that buckets start on a cache line */
	struct slot	 slots[];
};

struct key {
	uint32_t	 part[PARTS];
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
	return sizeof(struct revocations) + buckets_for(entries) * BUCKET * sizeof(struct slot);
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

static uint64_t
generation_of(uint64_t state)
{
	return state >> (TIME_BITS + 1);
}

static int64_t
time_of(uint64_t state)
{
	return (int64_t)(state & TIME_MAX);
}

static uint64_t
state_of(uint64_t generation, uint64_t claimed, int64_t time_s)
{
	return generation << (TIME_BITS + 1) | claimed | (uint64_t)time_s;
}

static bool
is_live(uint64_t state, int64_t now)
{
	return (state & CLAIMED) == 0 && time_of(state) > now;
}

/* A clock set back does not keep a dead claim alive. */
static bool
is_free(uint64_t state, int64_t now)
{
	if ((state & CLAIMED) == 0)
		return time_of(state) <= now;
	return time_of(state) < now - CLAIM_S || time_of(state) > now + CLAIM_S;
}

/* False: not an id. */
static bool
key_of(struct key *key, const struct revocations *table, const char *session_id)
{
	uint8_t id[16];
	uint64_t half[2], mask = atomic_load_explicit(&table->buckets, memory_order_relaxed) - 1, mixed;

	if (!text_to_uuid(id, session_id))
		return false;
	memcpy(key->part, id, sizeof(id));
	memcpy(half, id, sizeof(id));
	/* The last step of SplitMix64: ids made in the same millisecond share their first half. */
	mixed = half[0] * 0x9e3779b97f4a7c15 ^ half[1];
	mixed = (mixed ^ mixed >> 30) * 0xbf58476d1ce4e5b9;
	mixed = (mixed ^ mixed >> 27) * 0x94d049bb133111eb;
	mixed ^= mixed >> 31;
	key->bucket[0] = mixed & mask;
	key->bucket[1] = mixed >> 32 & mask;
	key->bucket[1] ^= key->bucket[0] == key->bucket[1];
	return true;
}

static bool
holds(const struct slot *slot, uint64_t state, const struct key *key)
{
	uint64_t generation = generation_of(state) << 32;

	for (int i = 0; i < PARTS; i++)
		if (atomic_load_explicit(&slot->part[i], memory_order_acquire) != (generation | key->part[i]))
			return false;
	return true;
}

/* The live slot of a session, and its state; NULL: none. */
static struct slot *
find(struct revocations *table, const struct key *key, int64_t now, uint64_t *state)
{
	for (int b = 0; b < 2; b++) {
		struct slot *slot = &table->slots[key->bucket[b] * BUCKET];

		for (int i = 0; i < BUCKET; i++, slot++) {
			if ((*state = atomic_load_explicit(&slot->state, memory_order_acquire)) == 0)
				break;
			if (is_live(*state, now) && holds(slot, *state, key))
				return slot;
		}
	}
	return NULL;
}

/* The first free slot of the emptier bucket, and its state; NULL: both are full. */
static struct slot *
choose(struct revocations *table, const struct key *key, int64_t now, uint64_t *state)
{
	struct slot *best = NULL;
	int most_free = 0;

	for (int b = 0; b < 2; b++) {
		struct slot *slot = &table->slots[key->bucket[b] * BUCKET], *first = NULL;
		uint64_t first_state = 0;
		int free_slots = 0;

		for (int i = BUCKET - 1; i >= 0; i--) {
			uint64_t seen = atomic_load(&slot[i].state);

			if (!is_free(seen, now))
				continue;
			free_slots++;
			first = &slot[i];
			first_state = seen;
		}
		if (free_slots > most_free) {
			most_free = free_slots;
			best = first;
			*state = first_state;
		}
	}
	return best;
}

/* False: somebody else was quicker, or took the claim away. */
static bool
fill(struct slot *slot, uint64_t state, const struct key *key, int64_t expires_s, int64_t now)
{
	uint64_t generation = (generation_of(state) + 1) & GENERATION_MASK;
	uint64_t claim = state_of(generation, CLAIMED, now);

	if (!atomic_compare_exchange_strong(&slot->state, &state, claim))
		return false;
	for (int i = 0; i < PARTS; i++) {
		uint64_t seen = atomic_load(&slot->part[i]);

		/* In this order: what was seen while the claim held is of an older generation or our own. */
		do {
			if (atomic_load(&slot->state) != claim)
				return false;
		} while (!atomic_compare_exchange_strong(&slot->part[i], &seen, generation << 32 | key->part[i]));
	}
	return atomic_compare_exchange_strong(&slot->state, &claim, state_of(generation, 0, expires_s));
}

bool
revocations_add(struct revocations *table, const char *session_id, int64_t expires_s)
{
	struct key key;

	if (!key_of(&key, table, session_id))
		return false;
	if (expires_s > TIME_MAX)
		expires_s = TIME_MAX;
	/* Each turn that fails is one in which another process got on. */
	for (;;) {
		int64_t now = now_s();
		uint64_t state, longer;
		struct slot *slot;

		if (expires_s <= now)
			return true;
		if ((slot = find(table, &key, now, &state)) != NULL) {
			longer = state_of(generation_of(state), 0, expires_s);
			if (time_of(state) >= expires_s || atomic_compare_exchange_strong(&slot->state, &state, longer))
				return true;
		} else if ((slot = choose(table, &key, now, &state)) == NULL)
			return false;
		else if (fill(slot, state, &key, expires_s, now))
			return true;
	}
}

bool
revocations_has(struct revocations *table, const char *session_id)
{
	struct key key;
	uint64_t state;

	/* What is no id is no session that could still run. */
	return !key_of(&key, table, session_id) || find(table, &key, now_s(), &state) != NULL;
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

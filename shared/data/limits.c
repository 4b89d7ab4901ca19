/* Limits, counted in Redis or in shared memory. */
#include <sodium.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/scope.h"
#include "base/text.h"
#include "data/limits.h"
#include "data/redis.h"
#include "data/tally.h"

#define LINE	64	/* what every request may count must not share a cache line with the first bucket */

struct limits {
	struct redis		*redis;		/* NULL: none */
	struct tally		*tally;
	_Atomic uint64_t	*fallbacks;
};

struct key {
	uint8_t	 hash[TALLY_KEY_BYTES];
	char	 name[64 + TEXT_BASE64URL_SIZE(TALLY_KEY_BYTES)];	/* in Redis */
};

size_t
limits_size(void)
{
	return LINE + tally_size();
}

struct limits *
limits_new(const char *redis, int timeout_ms, void *memory)
{
	struct limits *limits = calloc(1, sizeof(*limits));

	if (limits == NULL)
		return NULL;
	limits->fallbacks = memory;
	limits->tally = (struct tally *)((char *)memory + LINE);
	if (*redis != '\0' && (limits->redis = redis_new(redis, timeout_ms)) == NULL) {
		free(limits);
		return NULL;
	}
	return limits;
}

void
limits_free(struct limits *limits)
{
	if (limits == NULL)
		return;
	redis_free(limits->redis);
	free(limits);
}

uint64_t
limits_fallbacks(const struct limits *limits)
{
	return atomic_load_explicit(limits->fallbacks, memory_order_relaxed);
}

/*
 * Of 128 bits, so that no two keys are ever one.  It has no secret, as pools
 * and machines would have to share one: who reads this Redis can try out which
 * address is meant, for as long as a window lasts.
 */
static void
make_key(struct key *key, const struct limit *limit, const char *text)
{
	crypto_generichash_state state;
	char hash[TEXT_BASE64URL_SIZE(TALLY_KEY_BYTES)];

	crypto_generichash_init(&state, NULL, 0, sizeof(key->hash));
	crypto_generichash_update(&state, (const unsigned char *)limit->name, strlen(limit->name) + 1);
	crypto_generichash_update(&state, (const unsigned char *)text, strlen(text));
	crypto_generichash_final(&state, key->hash, sizeof(key->hash));
	text_to_base64url(hash, key->hash, sizeof(key->hash));
	snprintf(key->name, sizeof(key->name), "limit:%s:%s", limit->name, hash);
}

/* One step in Redis: nobody sees a count without an end. */
static const char count_script[] =
    "local n = redis.call('incr', KEYS[1]) "
    "if n == 1 then redis.call('expire', KEYS[1], ARGV[1]) end "
    "return {n, redis.call('pttl', KEYS[1])}";

/* False: Redis does not answer. *left_s is as tally_count() says it. */
static bool
count_in_redis(struct redis *redis, const struct key *key, const struct limit *limit, int64_t *left_s)
{
	redisReply *reply = redis_command(redis, "EVAL %s 1 %s %d", count_script, key->name, limit->window_s);
	bool good = reply != NULL && reply->type == REDIS_REPLY_ARRAY && reply->elements == 2;

	if (good)
		*left_s = reply->element[0]->integer <= limit->most ? 0 : reply->element[1]->integer / 1000 + 1;
	freeReplyObject(reply);
	return good;
}

static void
refuse(struct scope *sc, int64_t left_s)
{
	bool in_minutes = left_s >= 120;

	scope_fail(sc, 429, "too_many", "That was too often. Please try again in %lld %s.",
	    (long long)(in_minutes ? (left_s + 59) / 60 : left_s), in_minutes ? "minutes" : left_s == 1 ? "second" : "seconds");
	sc->failure.retry_after_s = (int)left_s;
}

void
limit_count(struct limits *limits, struct scope *sc, const struct limit *limit, const char *text)
{
	int64_t left_s = 0;
	struct key key;

	if (scope_failed(sc))
		return;
	make_key(&key, limit, text);
	if (limits->redis == NULL || !count_in_redis(limits->redis, &key, limit, &left_s)) {
		if (limits->redis != NULL)
			atomic_fetch_add_explicit(limits->fallbacks, 1, memory_order_relaxed);
		left_s = tally_count(limits->tally, key.hash, limit->most, limit->window_s);
	}
	if (left_s > 0)
		refuse(sc, left_s);
}

/* In both: a count from before Redis went or came back is forgotten too. */
void
limit_clear(struct limits *limits, const struct limit *limit, const char *text)
{
	struct key key;

	make_key(&key, limit, text);
	tally_clear(limits->tally, key.hash);
	if (limits->redis != NULL)
		freeReplyObject(redis_command(limits->redis, "DEL %s", key.name));
}

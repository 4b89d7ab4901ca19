/* The cache: a ring of Redis servers. */
#include <stdlib.h>
#include <string.h>

#include "base/scope.h"
#include "data/cache.h"
#include "data/redis.h"
#include "data/ring.h"

#define MOST_NODES	16
#define TRIED		2	/* of the ring: the key's own, and the next one */

struct node {
	struct redis	*primary, *replica;	/* the latter may be NULL */
};

struct cache {
	struct ring	*ring;			/* NULL: nothing is kept */
	struct node	 nodes[MOST_NODES];
	size_t		 count;
};

/* Cuts the word in place; what stays of it is the node's name. */
static bool
add_node(struct cache *cache, char *word, int timeout_ms)
{
	struct node *node = &cache->nodes[cache->count];
	char *replica = strchr(word, ',');

	if (cache->count == MOST_NODES)
		return false;
	cache->count++;
	if (replica != NULL)
		*replica++ = '\0';
	node->primary = redis_new(word, timeout_ms);
	node->replica = replica != NULL ? redis_new(replica, timeout_ms) : NULL;
	return node->primary != NULL && (replica == NULL || node->replica != NULL);
}

static bool
add_nodes(struct cache *cache, char *list, int timeout_ms)
{
	const char *names[MOST_NODES];
	char *rest, *word;

	for (word = strtok_r(list, " ", &rest); word != NULL; word = strtok_r(NULL, " ", &rest)) {
		if (!add_node(cache, word, timeout_ms))
			return false;
		names[cache->count - 1] = word;
	}
	return cache->count == 0 || (cache->ring = ring_new(names, cache->count)) != NULL;
}

struct cache *
cache_new(const char *nodes, int timeout_ms)
{
	struct cache *cache = calloc(1, sizeof(*cache));
	char *list = strdup(nodes);
	bool good = cache != NULL && list != NULL && add_nodes(cache, list, timeout_ms);

	free(list);
	if (good)
		return cache;
	cache_free(cache);
	return NULL;
}

void
cache_free(struct cache *cache)
{
	if (cache == NULL)
		return;
	for (size_t i = 0; i < cache->count; i++) {
		redis_free(cache->nodes[i].primary);
		redis_free(cache->nodes[i].replica);
	}
	ring_free(cache->ring);
	free(cache);
}

static size_t
nodes_of(const struct cache *cache, const char *key, size_t nodes[TRIED])
{
	return cache->ring != NULL ? ring_find(cache->ring, key, nodes, TRIED) : 0;
}

/* True: it answered, though perhaps that it has nothing. */
static bool
ask(struct redis *redis, struct scope *scope, const char *key, const char **value, size_t *size)
{
	redisReply *reply = redis != NULL ? redis_command(redis, "GET cache:%s", key) : NULL;
	bool answered = reply != NULL;

	if (answered && reply->type == REDIS_REPLY_STRING) {
		*size = reply->len;
		*value = scope_copy(scope, reply->str, reply->len);
	}
	freeReplyObject(reply);
	return answered;
}

bool
cache_get(struct cache *cache, struct scope *scope, const char *key, const char **value, size_t *size)
{
	size_t nodes[TRIED], count = nodes_of(cache, key, nodes);

	*value = NULL;
	for (size_t i = 0; i < count && *value == NULL; i++) {
		const struct node *node = &cache->nodes[nodes[i]];

		if (ask(node->primary, scope, key, value, size))
			break;
		ask(node->replica, scope, key, value, size);
	}
	return *value != NULL;
}

void
cache_set(struct cache *cache, const char *key, const char *value, size_t size, int for_s)
{
	size_t nodes[TRIED], count = nodes_of(cache, key, nodes);

	for (size_t i = 0; i < count; i++) {
		redisReply *reply = redis_command(cache->nodes[nodes[i]].primary, "SET cache:%s %b EX %d", key, value, size, for_s);
		bool kept = reply != NULL;

		freeReplyObject(reply);
		if (kept)
			break;
	}
}

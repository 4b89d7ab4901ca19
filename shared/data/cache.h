/*
 * What is dear to compute, kept for a while in a ring of Redis servers, each
 * with a replica.  Nothing is at home here: without any of them it is computed.
 *
 * A node that does not answer is asked by its replica at once, and what is
 * computed meanwhile is kept by the node that follows.
 */
#ifndef DATA_CACHE_H
#define DATA_CACHE_H

#include <stdbool.h>
#include <stddef.h>

struct cache;
struct scope;

/*
 * Nodes are "PRIMARY" or "PRIMARY,REPLICA", with spaces between, each as for
 * redis_new(); none: nothing is kept.  NULL: malformed, or no memory.
 */
struct cache	*cache_new(const char *nodes, int timeout_ms);
void		 cache_free(struct cache *);
/* False: it is not there. The value ends with the scope. */
bool		 cache_get(struct cache *, struct scope *, const char *key, const char **value, size_t *size);
void		 cache_set(struct cache *, const char *key, const char *value, size_t size, int for_s);

#endif

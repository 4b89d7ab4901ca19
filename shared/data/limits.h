/*
 * Limits: how often something may be done in a while, counted in Redis for all
 * pools and machines; or, while Redis does not answer, in memory that the
 * pool's processes share, so that a limit never stands in the way and never
 * goes away.  The two do not know of each other: when Redis goes or comes back
 * a count may begin again, so at worst twice as many are let through.
 */
#ifndef DATA_LIMITS_H
#define DATA_LIMITS_H

#include <stddef.h>
#include <stdint.h>

struct limits;
struct scope;

struct limit {
	const char	*name;		/* "log-in" */
	int		 most;		/* so often, at most 4,095, ... */
	int		 window_s;	/* ... in so many seconds, counted from the first time */
};

/* Bytes of shared, zeroed memory that limits take. */
size_t	 limits_size(void);
/* redis: as redis_new() takes it, or "" for none. NULL: it is malformed, or there is no memory. */
struct limits *limits_new(const char *redis, int timeout_ms, void *memory);
void	 limits_free(struct limits *);

/*
 * Counts one more of key before it is done, so that a hundred at once are a
 * hundred.  When it is too many the scope fails with 429 "too_many" and
 * Retry-After.  key may be long and secret: its hash is what is kept.  Blocks
 * on Redis for redis_timeout_ms, or twice that for a new connection: not in
 * the loop, then, and better not inside a transaction.
 */
void	 limit_count(struct limits *, struct scope *, const struct limit *, const char *key);
/* Forgets what was counted: it went well. */
void	 limit_clear(struct limits *, const struct limit *, const char *key);
/* How often memory had to do because Redis did not answer. */
uint64_t limits_fallbacks(const struct limits *);

#endif

/*
 * Limits: how often something may be done in a while, counted in Redis, or in
 * memory that the pool's processes share while Redis does not answer.
 */
#ifndef DATA_LIMITS_H
#define DATA_LIMITS_H

#include <stdbool.h>

struct limits;
struct scope;

struct limit {
	const char	*name;		/* "log-in" */
	int		 most;		/* so often ... */
	int		 window_s;	/* ... in so many seconds, counted from the first time */
};

/*
 * Counts one more of key before it is done, so that a hundred at once are a
 * hundred.  When it is too many the scope fails with 429 "too_many" and
 * Retry-After.  key may be long and secret: its hash is what is kept.
 */
void	 limit_count(struct limits *, struct scope *, const struct limit *, const char *key);
/* Forgets what was counted: it went well. */
void	 limit_clear(struct limits *, const struct limit *, const char *key);

#endif

/* Limits, counted in Redis or in shared memory. */
#include "data/limits.h"

void
limit_count(struct limits *limits, struct scope *scope, const struct limit *limit, const char *key)
{
	(void)limits, (void)scope, (void)limit, (void)key;
}

void
limit_clear(struct limits *limits, const struct limit *limit, const char *key)
{
	(void)limits, (void)limit, (void)key;
}

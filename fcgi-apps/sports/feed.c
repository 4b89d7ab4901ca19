/* The feed: what providers tell of games, in batches, in any order, once or more often. */
#include "sports.h"

const struct timer feed_timers[] = {
	{ 0 }
};

const struct route feed_routes[] = {
	{ 0 }
};

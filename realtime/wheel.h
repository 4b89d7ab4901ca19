/* Alarms to the second, at a cost that does not grow with their number. */
#ifndef REALTIME_WHEEL_H
#define REALTIME_WHEEL_H

#include <stdbool.h>
#include <stdint.h>

#define WHEEL_SLOTS	64	/* a power of two */
#define WHEEL_MOST_S	(WHEEL_SLOTS - 1)

/* Inside of what it is for; all zero: not set. */
struct alarm {
	struct alarm	*next, **at;
};

struct wheel {
	int64_t		 now_s;		/* of the monotonic clock */
	struct alarm	*slots[WHEEL_SLOTS];
};

/* In so many seconds, 1 to WHEEL_MOST_S; what was set before is not. */
void	 wheel_set(struct wheel *, struct alarm *, int in_s);
void	 wheel_unset(struct alarm *);
/* Calls ring for what is due, which is unset by then; it may set and unset any. */
void	 wheel_turn(struct wheel *, int64_t now_s, void (*ring)(void *arg, struct alarm *), void *arg);

#endif

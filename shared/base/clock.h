/* Time: a monotonic clock for durations, a wall clock for dates. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>

int64_t	 clock_us(void);	/* monotonic microseconds */
int64_t	 clock_ms(void);	/* monotonic milliseconds */
int64_t	 clock_unix_us(void);	/* microseconds since 1970, UTC */

#endif

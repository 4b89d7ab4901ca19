/* What a test cannot wait for: another hour, and a machine without memory. */
#ifndef FAKE_H
#define FAKE_H

#include <stdbool.h>
#include <stdint.h>

/* From now on the wall clock of this process is so far ahead. */
void	 fake_clock_ahead(int64_t seconds);
/* The n-th allocation of this thread from now on fails, those after it do not; 0: none fails. */
void	 fake_failing_allocation(unsigned n);
/* Whether it came to that. */
bool	 fake_allocation_failed(void);

#endif

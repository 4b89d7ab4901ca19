/*
 * How often something was done, counted in memory that processes share,
 * without any lock: a process may be killed between any two instructions.
 *
 * A count is one word in one of 2,048 buckets of eight.  In a full bucket the
 * one whose window ends first gives way, so at worst a count begins again.
 */
#ifndef DATA_TALLY_H
#define DATA_TALLY_H

#include <stddef.h>
#include <stdint.h>

#define TALLY_KEY_BYTES		16	/* of a good hash */
#define TALLY_MOST		4095

struct tally;

/* Bytes of shared, zeroed memory that one takes; it needs no other preparation. */
size_t	 tally_size(void);
/*
 * Counts one more, at most `most` times in a window that begins with the first
 * one and lasts window_s seconds or up to one more.  0: counted; else not, and
 * so many seconds are left.
 */
int64_t	 tally_count(struct tally *, const uint8_t key[TALLY_KEY_BYTES], int most, int window_s);
void	 tally_clear(struct tally *, const uint8_t key[TALLY_KEY_BYTES]);

#endif

/*
 * Consistent hashing: which of several nodes a key belongs to, such that a
 * node more or less moves the keys of its own share and no others.  As in
 * ketama (R. Jones, last.fm, 2007): every node has 160 points on a circle, and
 * a key belongs to the next one.
 */
#ifndef DATA_RING_H
#define DATA_RING_H

#include <stddef.h>

#define RING_POINTS	160	/* of a node: shares differ by some 8 % */

struct ring;

/* Names tell the points, so they must stay what they are; at least one. NULL: no memory. */
struct ring	*ring_new(const char *const *names, size_t count);
void		 ring_free(struct ring *);
/* The nodes for a key in the order in which they are asked: its own, then those that follow. At most room; how many. */
size_t		 ring_find(const struct ring *, const char *key, size_t *nodes, size_t room);

#endif

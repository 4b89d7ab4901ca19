/* A circle of points, sorted, searched by halves. */
#include <sodium.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "data/ring.h"

struct point {
	uint64_t	 place;
	size_t		 node;
};

struct ring {
	size_t		 count, nodes;
	struct point	 points[];
};

/* The key of the hash is a number, so that a node has many places. */
static uint64_t
place_of(const char *text, uint64_t number)
{
	unsigned char key[crypto_shorthash_KEYBYTES] = { 0 };
	uint64_t place;

	memcpy(key, &number, sizeof(number));
	crypto_shorthash((unsigned char *)&place, (const unsigned char *)text, strlen(text), key);
	return place;
}

static int
compare(const void *a, const void *b)
{
	const struct point *x = a, *y = b;

	return (x->place > y->place) - (x->place < y->place);
}

struct ring *
ring_new(const char *const *names, size_t count)
{
	struct ring *ring = calloc(1, sizeof(*ring) + count * RING_POINTS * sizeof(ring->points[0]));

	if (ring == NULL)
		return NULL;
	ring->nodes = count;
	for (size_t node = 0; node < count; node++)
		for (uint64_t i = 0; i < RING_POINTS; i++)
			ring->points[ring->count++] = (struct point){ place_of(names[node], i + 1), node };
	qsort(ring->points, ring->count, sizeof(ring->points[0]), compare);
	return ring;
}

void
ring_free(struct ring *ring)
{
	free(ring);
}

/* The first point at the place or behind it. */
static size_t
point_at(const struct ring *ring, uint64_t place)
{
	size_t low = 0, high = ring->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (ring->points[middle].place < place)
			low = middle + 1;
		else
			high = middle;
	}
	return low == ring->count ? 0 : low;
}

static bool
is_among(const size_t *nodes, size_t count, size_t node)
{
	for (size_t i = 0; i < count; i++)
		if (nodes[i] == node)
			return true;
	return false;
}

size_t
ring_find(const struct ring *ring, const char *key, size_t *nodes, size_t room)
{
	size_t at = point_at(ring, place_of(key, 0)), found = 0;

	for (size_t i = 0; i < ring->count && found < room && found < ring->nodes; i++) {
		size_t node = ring->points[(at + i) % ring->count].node;

		if (!is_among(nodes, found, node))
			nodes[found++] = node;
	}
	return found;
}

/* A ring of nodes: what belongs where, and what moves when one goes. */
#include <stdio.h>

#include "data/ring.h"
#include "unit.h"

enum { KEYS = 10000 };

static size_t
node_of(const struct ring *ring, int number)
{
	char key[32];
	size_t node;

	snprintf(key, sizeof(key), "standings:%d", number);
	ck_assert_uint_eq(ring_find(ring, key, &node, 1), 1);
	return node;
}

START_TEST(each_node_has_about_its_share)
{
	static const char *const names[] = { "a", "b", "c" };
	struct ring *ring = ring_new(names, 3);
	int shares[3] = { 0 };

	for (int i = 0; i < KEYS; i++)
		shares[node_of(ring, i)]++;
	for (int node = 0; node < 3; node++)
		ck_assert_msg(shares[node] > KEYS / 4 && shares[node] < KEYS * 5 / 12, "%d of %d", shares[node], KEYS);
	ring_free(ring);
}
END_TEST

START_TEST(without_a_node_only_its_own_keys_move)
{
	static const char *const names[] = { "a", "b", "c" }, *const others[] = { "a", "c" };
	struct ring *before = ring_new(names, 3), *after = ring_new(others, 2);
	int moved = 0;

	for (int i = 0; i < KEYS; i++) {
		size_t old = node_of(before, i), new = node_of(after, i);

		if (old == 1)
			moved++;
		else
			ck_assert_uint_eq(new, old / 2);
	}
	ck_assert_int_gt(moved, 0);
	ring_free(before);
	ring_free(after);
}
END_TEST

START_TEST(the_next_node_is_where_its_keys_move_to)
{
	static const char *const names[] = { "a", "b", "c" }, *const others[] = { "a", "c" };
	struct ring *before = ring_new(names, 3), *after = ring_new(others, 2);

	for (int i = 0; i < KEYS; i++) {
		char key[32];
		size_t nodes[3];

		snprintf(key, sizeof(key), "standings:%d", i);
		ck_assert_uint_eq(ring_find(before, key, nodes, 3), 3);
		ck_assert(nodes[0] != nodes[1] && nodes[1] != nodes[2] && nodes[0] != nodes[2]);
		if (nodes[0] == 1)
			ck_assert_uint_eq(node_of(after, i), nodes[1] / 2);
	}
	ring_free(before);
	ring_free(after);
}
END_TEST

SUITE("ring",
    each_node_has_about_its_share,
    without_a_node_only_its_own_keys_move,
    the_next_node_is_where_its_keys_move_to)

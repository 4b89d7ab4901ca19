/* What waits for a client: in its order, to the byte. */
#include <stdio.h>
#include <string.h>

#include "packet.h"
#include "queue.h"
#include "unit.h"

#define MANY	20	/* more than two blocks have */

static struct queue queue;
static struct packet *packets[MANY];

/* "00,", "01,", and so on. */
static void
fill(int count)
{
	char text[8];

	for (int i = 0; i < count; i++) {
		snprintf(text, sizeof(text), "%02d,", i);
		packets[i] = packet_raw(text, 3);
		ck_assert(queue_add(&queue, packets[i]));
	}
	ck_assert_uint_eq(queue.count, (unsigned)count);
	ck_assert_uint_eq(queue.bytes, 3 * (unsigned)count);
}

/* Nobody else holds what has left. */
static void
release(int count)
{
	for (int i = 0; i < count; i++) {
		ck_assert_uint_eq(packets[i]->references, 1);
		packet_release(packets[i]);
	}
	ck_assert_uint_eq(queue.count, 0);
	ck_assert_uint_eq(queue.bytes, 0);
	ck_assert_ptr_null(queue.first);
}

static void
expect(int most, const char *wanted)
{
	struct iovec vectors[MANY];
	char text[3 * MANY + 1] = "";
	size_t bytes, at = 0;
	int count = queue_vectors(&queue, vectors, most, &bytes);

	for (int i = 0; i < count; i++) {
		memcpy(text + at, vectors[i].iov_base, vectors[i].iov_len);
		at += vectors[i].iov_len;
	}
	ck_assert_str_eq(text, wanted);
	ck_assert_uint_eq(at, bytes);
}

START_TEST(packets_leave_in_the_order_they_came)
{
	expect(4, "");
	fill(MANY);
	expect(4, "00,01,02,03,");
	queue_drop(&queue, 3 * 5 + 1);
	expect(4, "5,06,07,08,");
	queue_drop(&queue, 1);
	expect(2, ",06,");
	queue_drop(&queue, 1 + 3 * 13);
	expect(4, "19,");
	queue_drop(&queue, 3);
	expect(4, "");
	release(MANY);
}
END_TEST

START_TEST(of_what_is_given_up_a_begun_packet_stays)
{
	fill(MANY);
	queue_drop(&queue, 3 * 7 + 2);
	queue_give_up(&queue);
	ck_assert_uint_eq(queue.count, 1);
	expect(4, ",");
	queue_drop(&queue, 1);
	release(MANY);
	fill(3);
	queue_drop(&queue, 3);
	queue_give_up(&queue);
	release(3);
}
END_TEST

START_TEST(a_queue_is_cleared_wherever_it_is)
{
	fill(MANY);
	queue_drop(&queue, 3 * 6 + 1);
	queue_clear(&queue);
	release(MANY);
	fill(1);
	expect(4, "00,");
	queue_clear(&queue);
	release(1);
}
END_TEST

SUITE("queue", packets_leave_in_the_order_they_came, of_what_is_given_up_a_begun_packet_stays, a_queue_is_cleared_wherever_it_is)

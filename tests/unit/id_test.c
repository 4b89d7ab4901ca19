/* New ids: unique, of version 7, rising. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/id.h"
#include "base/text.h"
#include "unit.h"

enum { COUNT = 20000, THREADS = 4 };

static char ids[THREADS][COUNT][ID_SIZE];

static void *
make_ids(void *out)
{
	char *id = out;

	for (int i = 0; i < COUNT; i++, id += ID_SIZE)
		id_new(id);
	return NULL;
}

static int
compare(const void *a, const void *b)
{
	return strcmp(a, b);
}

START_TEST(an_id_has_version_7_variant_2_and_the_time_it_was_made)
{
	int64_t before = clock_unix_us() / 1000, ms = 0;
	uint8_t bytes[16];
	char id[ID_SIZE];

	id_new(id);
	ck_assert(text_to_uuid(bytes, id));
	ck_assert_int_eq(bytes[6] >> 4, 7);
	ck_assert_int_eq(bytes[8] >> 6, 2);
	for (int i = 0; i < 6; i++)
		ms = ms << 8 | bytes[i];
	ck_assert_int_ge(ms, before);
	ck_assert_int_le(ms, clock_unix_us() / 1000);
}
END_TEST

START_TEST(ids_of_one_thread_rise)
{
	make_ids(ids[0]);
	for (int i = 1; i < COUNT; i++)
		ck_assert_int_lt(strcmp(ids[0][i - 1], ids[0][i]), 0);
}
END_TEST

START_TEST(threads_never_make_the_same_id_nor_the_same_time)
{
	pthread_t threads[THREADS];
	const char *all = ids[0][0];

	for (int i = 0; i < THREADS; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, make_ids, ids[i]), 0);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	qsort(ids, COUNT * THREADS, ID_SIZE, compare);
	for (int i = 1; i < COUNT * THREADS; i++)
		ck_assert_int_ne(strncmp(all + (i - 1) * ID_SIZE, all + i * ID_SIZE, 18), 0);
}
END_TEST

START_TEST(two_ids_of_the_same_time_differ_in_every_part_that_is_random)
{
	uint8_t bytes[16], ones[8] = { 0 }, zeros[8] = { 0 };
	char id[ID_SIZE];

	for (int n = 0; n < 200; n++) {
		id_new(id);
		text_to_uuid(bytes, id);
		for (int i = 0; i < 8; i++) {
			ones[i] |= bytes[8 + i];
			zeros[i] |= (uint8_t)~bytes[8 + i];
		}
	}
	ck_assert_int_eq(ones[0] & zeros[0], 0x3f);
	for (int i = 1; i < 8; i++)
		ck_assert_int_eq(ones[i] & zeros[i], 0xff);
}
END_TEST

START_TEST(random_bytes_fill_what_they_are_asked_to_and_no_more)
{
	unsigned char bytes[1002] = { 0 }, seen = 0;

	id_random(bytes + 1, 1000);
	ck_assert_int_eq(bytes[0] | bytes[1001], 0);
	for (int i = 1; i <= 1000; i++)
		seen |= bytes[i];
	ck_assert_int_eq(seen, 0xff);
}
END_TEST

SUITE("id",
    an_id_has_version_7_variant_2_and_the_time_it_was_made,
    ids_of_one_thread_rise,
    threads_never_make_the_same_id_nor_the_same_time,
    two_ids_of_the_same_time_differ_in_every_part_that_is_random,
    random_bytes_fill_what_they_are_asked_to_and_no_more);

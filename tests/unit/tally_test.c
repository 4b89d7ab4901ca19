/* Counts in shared memory: exact, whoever races and whoever dies. */
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sodium.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "data/tally.h"
#include "fake.h"
#include "unit.h"

enum { MOST = 5, WINDOW_S = 900, PLACES = 2048 * 8 };

static void *
shared_memory(size_t size)
{
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	ck_assert_ptr_ne(memory, MAP_FAILED);
	return memory;
}

static struct tally *
new_tally(void)
{
	return shared_memory(tally_size());
}

static const uint8_t *
key(unsigned n)
{
	static __thread uint8_t hash[TALLY_KEY_BYTES];

	crypto_generichash(hash, sizeof(hash), (const unsigned char *)&n, sizeof(n), NULL, 0);
	return hash;
}

static bool
passes(struct tally *tally, unsigned n)
{
	return tally_count(tally, key(n), MOST, WINDOW_S) == 0;
}

START_TEST(so_many_pass_and_then_nobody)
{
	struct tally *tally = new_tally();

	for (int i = 0; i < MOST; i++)
		ck_assert(passes(tally, 1));
	for (int i = 0; i < 100; i++)
		ck_assert(!passes(tally, 1));
	ck_assert(passes(tally, 2));
}
END_TEST

START_TEST(who_is_refused_is_told_how_long)
{
	struct tally *tally = new_tally();
	int64_t left;

	for (int i = 0; i < MOST; i++)
		ck_assert(passes(tally, 1));
	left = tally_count(tally, key(1), MOST, WINDOW_S);
	ck_assert_int_ge(left, WINDOW_S);
	ck_assert_int_le(left, WINDOW_S + 1);
	fake_clock_ahead(600);
	ck_assert_int_le(tally_count(tally, key(1), MOST, WINDOW_S), WINDOW_S - 600 + 1);
}
END_TEST

START_TEST(a_window_begins_with_the_first_and_ends)
{
	struct tally *tally = new_tally();

	ck_assert(passes(tally, 1));
	fake_clock_ahead(WINDOW_S - 10);
	for (int i = 1; i < MOST; i++)
		ck_assert(passes(tally, 1));
	ck_assert(!passes(tally, 1));
	fake_clock_ahead(WINDOW_S + 2);
	for (int i = 0; i < MOST; i++)
		ck_assert(passes(tally, 1));
	ck_assert(!passes(tally, 1));
}
END_TEST

START_TEST(what_is_cleared_begins_again)
{
	struct tally *tally = new_tally();

	tally_clear(tally, key(1));
	for (int i = 0; i < MOST; i++)
		ck_assert(passes(tally, 1) && passes(tally, 2));
	tally_clear(tally, key(1));
	ck_assert(!passes(tally, 2));
	fake_clock_ahead(100);
	for (int i = 0; i < MOST; i++)
		ck_assert(passes(tally, 1));
	ck_assert_int_ge(tally_count(tally, key(1), MOST, WINDOW_S), WINDOW_S);
}
END_TEST

START_TEST(a_clock_set_back_locks_nobody_out)
{
	struct tally *tally = new_tally();

	fake_clock_ahead(86400);
	for (int i = 0; i < MOST; i++)
		ck_assert(passes(tally, 1));
	ck_assert(!passes(tally, 1));
	fake_clock_ahead(0);
	ck_assert(passes(tally, 1));
}
END_TEST

START_TEST(the_largest_limit_holds)
{
	struct tally *tally = new_tally();

	for (int i = 0; i < TALLY_MOST; i++)
		ck_assert_int_eq(tally_count(tally, key(1), TALLY_MOST, WINDOW_S), 0);
	ck_assert_int_gt(tally_count(tally, key(1), TALLY_MOST, WINDOW_S), 0);
	ck_assert_int_gt(tally_count(tally, key(1), TALLY_MOST + 1, WINDOW_S), 0);
}
END_TEST

START_TEST(a_thousand_at_once_are_each_counted_for_themselves)
{
	struct tally *tally = new_tally();

	for (int i = 0; i <= MOST; i++)
		for (unsigned n = 0; n < 1000; n++)
			ck_assert(passes(tally, n) == (i < MOST));
}
END_TEST

/* Nothing is refused because there is no room, and who tries now is limited. */
START_TEST(a_full_table_forgets_the_oldest)
{
	struct tally *tally = new_tally();
	unsigned remembered = 0;

	for (unsigned n = 0; n < 4 * PLACES; n++) {
		fake_clock_ahead(n / PLACES * 100);
		ck_assert(passes(tally, n));
	}
	for (unsigned n = 4 * PLACES; n < 4 * PLACES + 100; n++) {
		for (int i = 0; i < MOST; i++)
			ck_assert(passes(tally, n));
		ck_assert(!passes(tally, n));
	}
	for (unsigned n = 3 * PLACES; n < 4 * PLACES; n++)
		remembered += tally_count(tally, key(n), 1, WINDOW_S) != 0;
	ck_assert_uint_gt(remembered, PLACES / 2);
}
END_TEST

/* --- races --- */

enum { RACERS = 8, KEYS = 300, TRIES = 20000 };

struct race {
	struct tally	*tally;
	_Atomic int	 ready;
	_Atomic int	 passed[KEYS];
};

/* Each in an order of his own, so that the same places are begun by several at once. */
static void *
run_race(void *arg)
{
	struct race *race = arg;
	unsigned me = (unsigned)atomic_fetch_add(&race->ready, 1), random = me * 2654435761u + 1;

	while (atomic_load(&race->ready) < RACERS)
		sched_yield();
	for (int i = 0; i < TRIES; i++) {
		unsigned n = (random = random * 1664525 + 1013904223) >> 8;

		n = i < KEYS ? (unsigned)i : n % KEYS;
		if (passes(race->tally, n))
			atomic_fetch_add(&race->passed[n], 1);
	}
	return NULL;
}

static struct race *
new_race(void)
{
	struct race *race = shared_memory(sizeof(*race));

	race->tally = new_tally();
	return race;
}

static void
check_race(const struct race *race)
{
	for (int n = 0; n < KEYS; n++)
		ck_assert_int_eq(race->passed[n], MOST);
}

START_TEST(of_many_threads_exactly_so_many_pass)
{
	for (int round = 0; round < 10; round++) {
		struct race *race = new_race();
		pthread_t racer[RACERS];

		for (int i = 0; i < RACERS; i++)
			ck_assert_int_eq(pthread_create(&racer[i], NULL, run_race, race), 0);
		for (int i = 0; i < RACERS; i++)
			pthread_join(racer[i], NULL);
		check_race(race);
	}
}
END_TEST

static void
wait_for_all(const pid_t *child, int count)
{
	int status;

	for (int i = 0; i < count; i++) {
		ck_assert_int_eq(waitpid(child[i], &status, 0), child[i]);
		ck_assert_int_eq(status, 0);
	}
}

START_TEST(of_many_processes_exactly_so_many_pass)
{
	struct race *race = new_race();
	pid_t child[RACERS];

	for (int i = 0; i < RACERS; i++)
		if ((child[i] = fork()) == 0) {
			run_race(race);
			_exit(0);
		}
	wait_for_all(child, RACERS);
	check_race(race);
}
END_TEST

/* One bucket after the other is begun anew while all race: places are taken over, never doubled. */
START_TEST(places_that_are_taken_over_are_counted_exactly)
{
	struct race *race = new_race();

	for (int round = 0; round < 20; round++) {
		pthread_t racer[RACERS];

		fake_clock_ahead(round * (WINDOW_S + 2));
		/* Strangers of the time before hold every place. */
		for (unsigned n = 0; n < 4 * PLACES; n++)
			tally_count(race->tally, key(1000000 + n), 1, 1);
		fake_clock_ahead(round * (WINDOW_S + 2) + 10);
		race->ready = 0;
		memset(race->passed, 0, sizeof(race->passed));
		for (int i = 0; i < RACERS; i++)
			ck_assert_int_eq(pthread_create(&racer[i], NULL, run_race, race), 0);
		for (int i = 0; i < RACERS; i++)
			pthread_join(racer[i], NULL);
		check_race(race);
	}
}
END_TEST

/* What a killed process had counted stays counted, and nobody waits for it. */
START_TEST(a_process_may_be_killed_anywhere)
{
	struct race *race = new_race();
	unsigned after = 0;

	srandom(20260101);
	for (int round = 0; round < 50; round++) {
		int status, least = (int)(random() % 200);
		pid_t child;

		memset(race->passed, 0, sizeof(race->passed));
		if ((child = fork()) == 0)
			for (unsigned n = 0;; n = (n + 1) % KEYS) {
				tally_clear(race->tally, key(n));
				for (int i = 0; i < MOST + 1; i++)
					passes(race->tally, n);
				atomic_fetch_add(&race->passed[0], 1);
			}
		while (atomic_load(&race->passed[0]) < least)
			sched_yield();
		kill(child, SIGKILL);
		ck_assert_int_eq(waitpid(child, &status, 0), child);
		for (unsigned n = 0; n < KEYS; n++) {
			tally_clear(race->tally, key(n));
			for (int i = 0; i <= MOST; i++)
				after += passes(race->tally, n);
		}
	}
	ck_assert_uint_eq(after, 50 * KEYS * MOST);
}
END_TEST

SUITE("tally",
    so_many_pass_and_then_nobody,
    who_is_refused_is_told_how_long,
    a_window_begins_with_the_first_and_ends,
    what_is_cleared_begins_again,
    a_clock_set_back_locks_nobody_out,
    the_largest_limit_holds,
    a_thousand_at_once_are_each_counted_for_themselves,
    a_full_table_forgets_the_oldest,
    of_many_threads_exactly_so_many_pass,
    of_many_processes_exactly_so_many_pass,
    places_that_are_taken_over_are_counted_exactly,
    a_process_may_be_killed_anywhere)

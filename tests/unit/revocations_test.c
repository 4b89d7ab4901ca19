/* Revoked sessions: known to all processes, kept until their tokens end, whoever dies while writing. */
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include "auth/revocations.h"
#include "base/clock.h"
#include "base/text.h"
#include "fake.h"
#include "unit.h"

static int64_t
soon(void)
{
	return clock_unix_us() / 1000000 + 600;
}

static void *
shared_memory(size_t size)
{
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	ck_assert_ptr_ne(memory, MAP_FAILED);
	return memory;
}

static struct revocations *
new_table(unsigned entries)
{
	return revocations_at(shared_memory(revocations_size(entries)), entries);
}

/* The n-th session of a group: looks like a UUIDv7, rises within the group, is the same in each run. */
static const char *
session(unsigned group, unsigned n)
{
	static char text[37];
	uint64_t random = (group * 0x100000000ULL + n + 1) * 0x9e3779b97f4a7c15;
	uint8_t id[16] = { 1, 0x90, (uint8_t)group, (uint8_t)(n >> 16), (uint8_t)(n >> 8), (uint8_t)n, 0x70, 0 };

	random = (random ^ random >> 29) * 0xbf58476d1ce4e5b9;
	random ^= random >> 32;
	memcpy(id + 8, &random, 8);
	id[8] = 0x80 | (id[8] & 0x3f);
	text_from_uuid(text, id);
	return text;
}

START_TEST(an_ended_session_is_known_at_once)
{
	struct revocations *table = new_table(100);

	ck_assert(!revocations_has(table, session(1, 1)));
	ck_assert(revocations_add(table, session(1, 1), soon()));
	ck_assert(revocations_has(table, session(1, 1)));
	ck_assert(!revocations_has(table, session(1, 2)));
}
END_TEST

START_TEST(an_ended_session_is_known_to_other_processes)
{
	unsigned entries = 100;
	void *memory = shared_memory(revocations_size(entries));
	pid_t child = fork();
	int status;

	if (child == 0)
		_exit(!revocations_add(revocations_at(memory, entries), session(1, 1), soon()));
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert_int_eq(status, 0);
	ck_assert(revocations_has(revocations_at(memory, entries), session(1, 1)));
}
END_TEST

START_TEST(as_many_sessions_fit_as_were_asked_for)
{
	static const unsigned sizes[] = { 1, 2, 15, 16, 17, 100, 1000, 65536, 262144 };

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct revocations *table = new_table(sizes[i]);

		for (unsigned n = 0; n < sizes[i]; n++)
			ck_assert_msg(revocations_add(table, session(1, n), soon()), "%u of %u", n, sizes[i]);
		for (unsigned n = 0; n < sizes[i]; n++) {
			ck_assert(revocations_has(table, session(1, n)));
			ck_assert(!revocations_has(table, session(2, n)));
		}
	}
}
END_TEST

START_TEST(a_full_table_says_so_and_forgets_nobody)
{
	struct revocations *table = new_table(100);
	unsigned n = 0;

	while (revocations_add(table, session(1, n), soon()))
		ck_assert_uint_lt(n++, 10000);
	ck_assert(!revocations_has(table, session(1, n)));
	for (unsigned i = 0; i < n; i++)
		ck_assert(revocations_has(table, session(1, i)));
}
END_TEST

START_TEST(a_session_is_forgotten_when_its_tokens_have_expired)
{
	struct revocations *table = new_table(10);

	ck_assert(revocations_add(table, session(1, 1), soon()));
	fake_clock_ahead(590);
	ck_assert(revocations_has(table, session(1, 1)));
	fake_clock_ahead(601);
	ck_assert(!revocations_has(table, session(1, 1)));
	/* What has expired already needs no place. */
	ck_assert(revocations_add(table, session(1, 2), clock_unix_us() / 1000000));
	ck_assert(!revocations_has(table, session(1, 2)));
}
END_TEST

START_TEST(the_table_never_wears_out)
{
	enum { ENTRIES = 500, ROUNDS = 100 };
	struct revocations *table = new_table(ENTRIES);

	for (unsigned round = 0; round < ROUNDS; round++) {
		fake_clock_ahead(round * 601);
		for (unsigned n = 0; n < ENTRIES; n++)
			ck_assert(revocations_add(table, session(round, n), soon()));
		for (unsigned n = 0; n < ENTRIES; n++)
			ck_assert(revocations_has(table, session(round, n)));
		for (unsigned n = 0; round > 0 && n < ENTRIES; n++)
			ck_assert(!revocations_has(table, session(round - 1, n)));
	}
}
END_TEST

START_TEST(the_later_end_of_a_session_counts)
{
	struct revocations *table = new_table(1);
	int64_t end = soon();

	/* The same session takes one place however often it ends. */
	for (int i = 0; i < 1000; i++)
		ck_assert(revocations_add(table, session(1, 1), end - i % 500));
	ck_assert(revocations_add(table, session(1, 1), end + 600));
	ck_assert(revocations_add(table, session(1, 1), end));
	fake_clock_ahead(1190);
	ck_assert(revocations_has(table, session(1, 1)));
	fake_clock_ahead(1202);
	ck_assert(!revocations_has(table, session(1, 1)));
	fake_clock_ahead(0);
	ck_assert(revocations_add(table, session(1, 2), INT64_MAX));
	ck_assert(revocations_has(table, session(1, 2)));
}
END_TEST

START_TEST(what_is_no_id_counts_as_ended)
{
	struct revocations *table = new_table(10);

	ck_assert(revocations_has(table, ""));
	ck_assert(revocations_has(table, "0190a2b4"));
	ck_assert(!revocations_add(table, "", soon()));
}
END_TEST

enum { WRITERS = 4, KILLS = 80, PER_KILL = 200, PER_WRITER = KILLS * PER_KILL };

struct writer {
	_Atomic unsigned	 done;		/* so many were acknowledged */
	_Atomic unsigned	 allowed;
};

static pid_t
start_writer(struct revocations *table, struct writer *writers, unsigned me)
{
	struct writer *writer = &writers[me];
	pid_t child = fork();

	ck_assert_int_ge(child, 0);
	if (child != 0)
		return child;
	for (unsigned n = atomic_load(&writer->done); n < PER_WRITER; n++) {
		while (n >= atomic_load(&writer->allowed))
			sched_yield();
		if (!revocations_add(table, session(me, n), soon()))
			_exit(1);
		atomic_store(&writer->done, n + 1);
	}
	_exit(0);
}

/* False: it had ended by itself, and not well. */
static bool
kill_writer(pid_t child)
{
	int status;

	ck_assert_int_eq(kill(child, SIGKILL), 0);
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	return WIFSIGNALED(status) || WEXITSTATUS(status) == 0;
}

/* One of several writers after the other is killed, wherever it is, and another goes on where it was. */
START_TEST(killed_writers_lose_nothing_that_was_acknowledged)
{
	struct revocations *table = new_table(WRITERS * PER_WRITER);
	struct writer *writers = shared_memory(WRITERS * sizeof(*writers));
	pid_t child[WRITERS];

	srandom(20260101);
	for (unsigned i = 0; i < WRITERS; i++)
		child[i] = start_writer(table, writers, i);
	for (unsigned round = 1; round <= KILLS; round++) {
		unsigned victim = (unsigned)random() % WRITERS;
		unsigned until = (round - 1) * PER_KILL + (unsigned)random() % PER_KILL;

		for (unsigned i = 0; i < WRITERS; i++)
			atomic_store(&writers[i].allowed, round * PER_KILL);
		while (atomic_load(&writers[victim].done) < until)
			sched_yield();
		ck_assert(kill_writer(child[victim]));
		child[victim] = start_writer(table, writers, victim);
	}
	for (unsigned i = 0; i < WRITERS; i++) {
		int status;

		ck_assert_int_eq(waitpid(child[i], &status, 0), child[i]);
		ck_assert_int_eq(status, 0);
		for (unsigned n = 0; n < PER_WRITER; n++)
			ck_assert_msg(revocations_has(table, session(i, n)), "%u of writer %u", n, i);
	}
	for (unsigned n = 0; n < PER_WRITER; n++)
		ck_assert(!revocations_has(table, session(WRITERS, n)));
	/* And it takes as many again, once these have expired. */
	fake_clock_ahead(601);
	for (unsigned n = 0; n < WRITERS * PER_WRITER; n++)
		ck_assert(revocations_add(table, session(WRITERS, n), soon()));
}
END_TEST

/* A child that adds one session, stopped before its first instruction there. */
static pid_t
start_traced(struct revocations *table, const char *id)
{
	pid_t child = fork();
	int status;

	ck_assert_int_ge(child, 0);
	if (child == 0) {
		if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) != 0)
			_exit(77);
		raise(SIGSTOP);
		_exit(!revocations_add(table, id, soon()));
	}
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert_msg(WIFSTOPPED(status), "a child cannot be traced here");
	return child;
}

/* False once it has ended; *status is how. */
static bool
step(pid_t child, int *status)
{
	ck_assert_int_eq(ptrace(PTRACE_SINGLESTEP, child, NULL, NULL), 0);
	ck_assert_int_eq(waitpid(child, status, 0), child);
	return WIFSTOPPED(*status);
}

/* What the others would have if the writer died now. */
static void
check_left_behind(const void *memory, size_t size, unsigned entries, unsigned before)
{
	void *copy = shared_memory(size);
	struct revocations *table = revocations_at(memcpy(copy, memory, size), entries);
	unsigned more = 0;

	for (unsigned n = 0; n < before; n++)
		ck_assert(revocations_has(table, session(1, n)));
	fake_clock_ahead(10);
	while (revocations_add(table, session(3, more), soon()))
		more++;
	/* Two buckets of 16: no place is lost but that of the writer's session, if it made it. */
	ck_assert_uint_eq(more, 32 - before - revocations_has(table, session(2, 0)));
	for (unsigned n = 0; n < before; n++)
		ck_assert(revocations_has(table, session(1, n)));
	for (unsigned n = 0; n < more; n++)
		ck_assert(revocations_has(table, session(3, n)));
	fake_clock_ahead(0);
	munmap(copy, size);
}

START_TEST(a_writer_may_die_at_any_instruction)
{
	enum { ENTRIES = 10, BEFORE = 7 };
	size_t size = revocations_size(ENTRIES);
	void *memory = shared_memory(size), *seen = malloc(size);
	struct revocations *table = revocations_at(memory, ENTRIES);
	unsigned changes = 0;
	pid_t child;
	int status;

	for (unsigned n = 0; n < BEFORE; n++)
		ck_assert(revocations_add(table, session(1, n), soon()));
	memcpy(seen, memory, size);
	child = start_traced(table, session(2, 0));
	while (step(child, &status)) {
		if (memcmp(seen, memory, size) == 0)
			continue;
		memcpy(seen, memory, size);
		changes++;
		check_left_behind(memory, size, ENTRIES, BEFORE);
	}
	ck_assert_int_eq(status, 0);
	ck_assert_uint_eq(changes, 1);
	ck_assert(revocations_has(table, session(2, 0)));
	free(seen);
}
END_TEST

/*
 * Stopped after so many changes and taken for dead, while the others fill the
 * table; then it goes on.  False: it had fewer changes to make.
 */
static bool
outlive_claim(unsigned changes)
{
	enum { ENTRIES = 10 };
	size_t size = revocations_size(ENTRIES);
	void *memory = shared_memory(size), *seen = malloc(size);
	struct revocations *table = revocations_at(memory, ENTRIES);
	pid_t child = start_traced(table, session(2, 0));
	unsigned others = 0;
	bool running = true;
	int status;

	memcpy(seen, memory, size);
	while (running && changes > 0 && (running = step(child, &status)))
		if (memcmp(seen, memory, size) != 0) {
			memcpy(seen, memory, size);
			changes--;
		}
	free(seen);
	if (!running)
		return false;
	fake_clock_ahead(10);
	while (revocations_add(table, session(1, others), soon()))
		others++;
	fake_clock_ahead(0);
	ck_assert_int_eq(ptrace(PTRACE_CONT, child, NULL, NULL), 0);
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert(WIFEXITED(status));
	/* It says whether it has its place; nobody lost theirs. */
	ck_assert_int_eq(revocations_has(table, session(2, 0)), WEXITSTATUS(status) == 0);
	ck_assert_uint_eq(others + (WEXITSTATUS(status) == 0), 32);
	for (unsigned n = 0; n < others; n++)
		ck_assert(revocations_has(table, session(1, n)));
	munmap(memory, size);
	return true;
}

START_TEST(a_writer_that_was_only_slow_harms_nobody)
{
	for (unsigned changes = 0; outlive_claim(changes); changes++)
		continue;
}
END_TEST

/* How many instructions it is to the first change of the table; 0: where tracing is not allowed. */
static unsigned
steps_to_claim(void)
{
	enum { ENTRIES = 10 };
	size_t size = revocations_size(ENTRIES);
	void *memory = shared_memory(size), *seen = malloc(size);
	pid_t child = start_traced(revocations_at(memory, ENTRIES), session(2, 0));
	unsigned steps = 0;
	int status;

	memcpy(seen, memory, size);
	while (memcmp(seen, memory, size) == 0) {
		ck_assert(step(child, &status));
		steps++;
	}
	free(seen);
	if (child != 0)
		kill(child, SIGKILL);
	return steps;
}

/* One has chosen its place; before its next instruction the other takes all but one. */
START_TEST(two_writers_never_take_the_same_place)
{
	unsigned steps = steps_to_claim();

	for (unsigned before = 1; before <= 3 && steps > 0; before++) {
		struct revocations *table = new_table(10);
		pid_t child = start_traced(table, session(2, 0));
		int status;

		for (unsigned i = 0; i < steps - before; i++)
			ck_assert(step(child, &status));
		for (unsigned n = 0; n < 31; n++)
			ck_assert(revocations_add(table, session(1, n), soon()));
		ck_assert_int_eq(ptrace(PTRACE_CONT, child, NULL, NULL), 0);
		ck_assert_int_eq(waitpid(child, &status, 0), child);
		ck_assert_int_eq(status, 0);
		ck_assert(revocations_has(table, session(2, 0)));
		for (unsigned n = 0; n < 31; n++)
			ck_assert(revocations_has(table, session(1, n)));
	}
}
END_TEST

START_TEST(when_there_is_no_room_older_tokens_are_refused_as_long_as_any_may_have_ended)
{
	struct revocations *table = new_table(100);

	ck_assert_int_eq(revocations_refused_until(table), 0);
	revocations_refuse_until(table, 5000);
	revocations_refuse_until(table, 4000);
	ck_assert_int_eq(revocations_refused_until(table), 5000);
	ck_assert_int_eq(revocations_refused_until(revocations_at(table, 100)), 5000);
}
END_TEST

SUITE("revocations",
    an_ended_session_is_known_at_once,
    an_ended_session_is_known_to_other_processes,
    as_many_sessions_fit_as_were_asked_for,
    a_full_table_says_so_and_forgets_nobody,
    a_session_is_forgotten_when_its_tokens_have_expired,
    the_table_never_wears_out,
    the_later_end_of_a_session_counts,
    what_is_no_id_counts_as_ended,
    when_there_is_no_room_older_tokens_are_refused_as_long_as_any_may_have_ended,
    killed_writers_lose_nothing_that_was_acknowledged,
    a_writer_may_die_at_any_instruction,
    a_writer_that_was_only_slow_harms_nobody,
    two_writers_never_take_the_same_place)

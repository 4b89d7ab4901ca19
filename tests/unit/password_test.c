/* Passwords: theirs match, others do not, and an unknown user takes as long as a known one. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "auth/password.h"
#include "fake.h"
#include "unit.h"

static int64_t
cpu_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

START_TEST(a_password_matches_its_own_hash_only)
{
	char hash[PASSWORD_HASH_SIZE];

	ck_assert(password_hash(hash, "correct horse"));
	ck_assert(password_matches(hash, "correct horse"));
	ck_assert(!password_matches(hash, "correct horsf"));
	ck_assert(!password_matches(hash, "correct hors"));
	ck_assert(!password_matches(hash, ""));
}
END_TEST

START_TEST(a_hash_is_argon2id_with_our_costs_and_a_salt_of_its_own)
{
	char first[PASSWORD_HASH_SIZE], second[PASSWORD_HASH_SIZE];
	const char *prefix = "$argon2id$v=19$m=65536,t=2,p=1$";

	ck_assert(password_hash(first, "same"));
	ck_assert(password_hash(second, "same"));
	ck_assert_int_eq(strncmp(first, prefix, strlen(prefix)), 0);
	ck_assert_str_ne(first, second);
}
END_TEST

START_TEST(a_broken_hash_matches_nothing)
{
	ck_assert(!password_matches("", ""));
	ck_assert(!password_matches("plain", "plain"));
	ck_assert(!password_matches("$argon2id$v=19$m=65536,t=2,p=1$", ""));
	ck_assert(!password_matches("$2b$12$abcdefghijklmnopqrstuv", "x"));
}
END_TEST

START_TEST(an_unknown_user_costs_as_much_and_never_gets_in)
{
	char hash[PASSWORD_HASH_SIZE];
	int64_t start, known, unknown;

	ck_assert(password_hash(hash, "secret"));
	start = cpu_us();
	ck_assert(!password_matches(hash, "guess"));
	known = cpu_us() - start;
	start = cpu_us();
	ck_assert(!password_matches(NULL, "guess"));
	unknown = cpu_us() - start;
	ck_assert_msg(unknown < known * 2 && known < unknown * 2, "%lld us known, %lld us unknown", (long long)known,
	    (long long)unknown);
}
END_TEST

START_TEST(without_memory_nobody_gets_in)
{
	char hash[PASSWORD_HASH_SIZE], again[PASSWORD_HASH_SIZE];
	bool failed;
	unsigned n = 0;

	ck_assert(password_hash(hash, "secret"));
	do {
		bool made, wrong, unknown;

		fake_failing_allocation(++n);
		made = password_hash(again, "secret");
		failed = fake_allocation_failed();
		fake_failing_allocation(n);
		wrong = password_matches(hash, "guess");
		fake_failing_allocation(n);
		unknown = password_matches(NULL, "guess");
		fake_failing_allocation(0);
		ck_assert(made != failed && !wrong && !unknown);
	} while (failed);
	ck_assert(password_matches(hash, "secret"));
}
END_TEST

/* A process that says when it begins to hash, and does nothing else. */
static pid_t
hasher(int *begun)
{
	char hash[PASSWORD_HASH_SIZE];
	int ends[2];
	pid_t pid;

	ck_assert_int_eq(pipe(ends), 0);
	if ((pid = fork()) == 0)
		for (;;)
			if (write(ends[1], "", 1) != 1 || !password_hash(hash, "secret"))
				_exit(1);
	close(ends[1]);
	*begun = ends[0];
	return pid;
}

START_TEST(a_process_that_is_killed_while_it_hashes_keeps_nobody_waiting)
{
	void *memory = mmap(NULL, password_places_size(), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	char hash[PASSWORD_HASH_SIZE], byte;

	ck_assert_ptr_ne(memory, MAP_FAILED);
	password_places_init(memory, 1);
	password_places_use(memory);
	for (int i = 0; i < 5; i++) {
		int begun;
		pid_t pid = hasher(&begun);

		/* The second time it has hashed once: its place is taken from then on, but for an instant. */
		ck_assert(read(begun, &byte, 1) == 1 && read(begun, &byte, 1) == 1);
		kill(pid, SIGKILL);
		ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
		close(begun);
		ck_assert(password_hash(hash, "secret") && password_matches(hash, "secret"));
	}
	password_places_use(NULL);
}
END_TEST

/* The only child that this process has. */
static pid_t
only_child(void)
{
	char path[64];
	FILE *file;
	int pid = 0;

	snprintf(path, sizeof(path), "/proc/self/task/%d/children", (int)getpid());
	ck_assert_ptr_nonnull(file = fopen(path, "r"));
	ck_assert_int_eq(fscanf(file, "%d", &pid), 1);
	fclose(file);
	return pid;
}

START_TEST(a_hasher_that_was_killed_is_replaced)
{
	void *memory = mmap(NULL, password_places_size(), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	char hash[PASSWORD_HASH_SIZE];
	pid_t first;

	ck_assert_ptr_ne(memory, MAP_FAILED);
	password_places_init(memory, 2);
	password_places_use(memory);
	ck_assert(password_hash(hash, "secret"));
	first = only_child();
	ck_assert(password_matches(hash, "secret") && !password_matches(hash, "guess") && !password_matches(NULL, "secret"));
	ck_assert_int_eq(only_child(), first);
	kill(first, SIGKILL);
	ck_assert(password_matches(hash, "secret"));
	ck_assert_int_ne(only_child(), first);
	password_places_use(NULL);
}
END_TEST

START_TEST(what_is_longer_than_any_password_matches_nothing)
{
	char hash[PASSWORD_HASH_SIZE], longest[PASSWORD_ROOM + 1];

	memset(longest, 'a', sizeof(longest));
	longest[PASSWORD_ROOM] = '\0';
	ck_assert(!password_hash(hash, longest));
	longest[PASSWORD_ROOM - 1] = '\0';
	ck_assert(password_hash(hash, longest));
	ck_assert(password_matches(hash, longest));
	longest[PASSWORD_ROOM - 2] = '\0';
	ck_assert(!password_matches(hash, longest));
}
END_TEST

SUITE("password",
    a_hasher_that_was_killed_is_replaced,
    what_is_longer_than_any_password_matches_nothing,
    a_process_that_is_killed_while_it_hashes_keeps_nobody_waiting,
    a_password_matches_its_own_hash_only,
    a_hash_is_argon2id_with_our_costs_and_a_salt_of_its_own,
    a_broken_hash_matches_nothing,
    an_unknown_user_costs_as_much_and_never_gets_in,
    without_memory_nobody_gets_in)

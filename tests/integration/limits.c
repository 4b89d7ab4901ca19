/* Limits with a Redis of the test's own, which is killed, stopped and started again. */
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/id.h"
#include "base/log.h"
#include "base/scope.h"
#include "data/limits.h"
#include "data/redis.h"
#include "redis_server.h"
#include "suites.h"

static const struct limit five = { "log-in", 5, 900 }, brief = { "brief", 1, 1 };
static struct redis_server server;

static struct limits *
limits_with(int timeout_ms)
{
	void *memory = mmap(NULL, limits_size(), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct limits *limits = limits_new(server.path, timeout_ms, memory);

	ck_assert_ptr_ne(limits, NULL);
	return limits;
}

/* Nobody is given up because this machine is busy. */
static struct limits *
new_limits(void)
{
	return limits_with(1000);
}

/* Seconds to wait; 0: it passes. */
static int
count(struct limits *limits, const struct limit *limit, const char *key)
{
	struct scope sc = { 0 };
	int wait_s;

	limit_count(limits, &sc, limit, key);
	ck_assert_int_eq(sc.failure.status, scope_failed(&sc) ? 429 : 0);
	wait_s = sc.failure.retry_after_s;
	scope_free(&sc);
	return wait_s;
}

static int
passes_of(struct limits *limits, const char *key, int tries)
{
	int passed = 0;

	while (tries-- > 0)
		passed += count(limits, &five, key) == 0;
	return passed;
}

static bool
is_counted_in_redis(struct limits *limits)
{
	uint64_t before = limits_fallbacks(limits);
	char key[ID_SIZE];

	id_new(key);
	count(limits, &five, key);
	return limits_fallbacks(limits) == before;
}

static void
until_redis_counts(struct limits *limits)
{
	int64_t until_ms = clock_ms() + 10000;

	while (!is_counted_in_redis(limits)) {
		ck_assert_msg(clock_ms() < until_ms, "Redis is not used again");
		sched_yield();
	}
}

static void
begin(void)
{
	signal(SIGPIPE, SIG_IGN);
	log_open("probe", LOG_ERROR);
	redis_server_make(&server);
	redis_server_start(&server, NULL);
}

static void
end(void)
{
	redis_server_remove(&server);
}

START_TEST(redis_counts_for_all_pools)
{
	struct limits *one = new_limits(), *other = new_limits();

	ck_assert_int_eq(passes_of(one, "alice", 3), 3);
	ck_assert_int_eq(passes_of(other, "alice", 3), 2);
	ck_assert_int_eq(passes_of(one, "bob", 1), 1);
	ck_assert_int_gt(count(one, &five, "alice"), 890);
	ck_assert_uint_eq(limits_fallbacks(one) + limits_fallbacks(other), 0);
	limits_free(one);
	limits_free(other);
}
END_TEST

START_TEST(what_went_well_is_forgotten_in_redis)
{
	struct limits *limits = new_limits();

	ck_assert_int_eq(passes_of(limits, "alice", 6), 5);
	limit_clear(limits, &five, "alice");
	ck_assert_int_eq(passes_of(limits, "alice", 6), 5);
	limits_free(limits);
}
END_TEST

START_TEST(a_window_in_redis_ends)
{
	struct limits *limits = new_limits();
	int64_t until_ms = clock_ms() + 10000;

	ck_assert_int_eq(count(limits, &brief, "alice"), 0);
	ck_assert_int_gt(count(limits, &brief, "alice"), 0);
	while (count(limits, &brief, "alice") != 0)
		ck_assert_int_lt(clock_ms(), until_ms);
	limits_free(limits);
}
END_TEST

/* Eight processes, each with connections of its own. */
START_TEST(of_many_at_once_exactly_so_many_pass)
{
	pid_t child[8];
	int passed = 0, status;

	for (int i = 0; i < 8; i++)
		if ((child[i] = fork()) == 0) {
			struct limits *own = new_limits();
			int here = passes_of(own, "alice", 100);

			_exit(limits_fallbacks(own) == 0 ? here : 100);
		}
	for (int i = 0; i < 8; i++) {
		ck_assert_int_eq(waitpid(child[i], &status, 0), child[i]);
		passed += WEXITSTATUS(status);
	}
	ck_assert_int_eq(passed, 5);
}
END_TEST

START_TEST(nothing_secret_stands_in_redis)
{
	struct limits *limits = new_limits();
	struct redis *redis = redis_new(server.path, 1000);
	redisReply *keys, *left;

	freeReplyObject(redis_command(redis, "FLUSHALL"));
	count(limits, &five, "alice@example.com 192.0.2.1");
	keys = redis_command(redis, "KEYS *");
	ck_assert_uint_eq(keys->elements, 1);
	ck_assert_uint_eq(keys->element[0]->len, strlen("limit:log-in:") + 22);
	ck_assert_int_eq(strncmp(keys->element[0]->str, "limit:log-in:", 13), 0);
	left = redis_command(redis, "TTL %s", keys->element[0]->str);
	ck_assert_int_gt(left->integer, 890);
	freeReplyObject(left);
	freeReplyObject(keys);
	redis_free(redis);
	limits_free(limits);
}
END_TEST

START_TEST(memory_counts_while_redis_is_gone)
{
	struct limits *limits = new_limits();

	ck_assert_int_eq(passes_of(limits, "alice", 6), 5);
	redis_server_end(&server);
	ck_assert_int_eq(passes_of(limits, "alice", 1000), 5);
	ck_assert_uint_ge(limits_fallbacks(limits), 1000);
	redis_server_start(&server, NULL);
	until_redis_counts(limits);
	/* It came back empty; the count begins again. */
	ck_assert_int_eq(passes_of(limits, "alice", 6), 5);
	limits_free(limits);
}
END_TEST

START_TEST(a_hung_redis_costs_a_bounded_time)
{
	struct limits *limits = limits_with(20);
	int64_t began_ms;

	until_redis_counts(limits);
	kill(server.pid, SIGSTOP);
	began_ms = clock_ms();
	ck_assert_int_eq(passes_of(limits, "bob", 1000), 5);
	ck_assert_int_lt(clock_ms() - began_ms, 3000);
	kill(server.pid, SIGCONT);
	until_redis_counts(limits);
	limits_free(limits);
}
END_TEST

/* Its idle connections died with the old one. */
START_TEST(a_restart_between_two_counts_is_not_noticed)
{
	struct limits *limits = new_limits();

	count(limits, &five, "alice");
	redis_server_end(&server);
	redis_server_start(&server, NULL);
	ck_assert_int_eq(passes_of(limits, "alice", 6), 5);
	ck_assert_uint_eq(limits_fallbacks(limits), 0);
	limits_free(limits);
}
END_TEST

Suite *
limits_suite(void)
{
	Suite *s = suite_create("limits");
	TCase *c = tcase_create("limits");

	tcase_set_timeout(c, 60);
	tcase_add_checked_fixture(c, begin, end);
	tcase_add_test(c, redis_counts_for_all_pools);
	tcase_add_test(c, what_went_well_is_forgotten_in_redis);
	tcase_add_test(c, a_window_in_redis_ends);
	tcase_add_test(c, of_many_at_once_exactly_so_many_pass);
	tcase_add_test(c, nothing_secret_stands_in_redis);
	tcase_add_test(c, memory_counts_while_redis_is_gone);
	tcase_add_test(c, a_hung_redis_costs_a_bounded_time);
	tcase_add_test(c, a_restart_between_two_counts_is_not_noticed);
	suite_add_tcase(s, c);
	return s;
}

/* Limits where Redis is gone, hangs or was never there; with a real one: tests/integration/limits.c. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/scope.h"
#include "data/limits.h"
#include "unit.h"

static const struct limit five = { "log-in", 5, 900 };

static struct limits *
new_limits(const char *redis)
{
	void *memory = mmap(NULL, limits_size(), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	ck_assert_ptr_ne(memory, MAP_FAILED);
	log_open("test", LOG_ERROR);
	signal(SIGPIPE, SIG_IGN);
	return limits_new(redis, 20, memory);
}

static bool
passes(struct limits *limits, const struct limit *limit, const char *key)
{
	struct scope sc = { 0 };
	bool passed;

	limit_count(limits, &sc, limit, key);
	passed = !scope_failed(&sc);
	scope_free(&sc);
	return passed;
}

static void
check_five(struct limits *limits, const char *key)
{
	for (int i = 0; i < 7; i++)
		ck_assert(passes(limits, &five, key) == (i < 5));
}

START_TEST(without_redis_each_pool_counts_for_itself)
{
	struct limits *limits = new_limits("");

	check_five(limits, "alice 192.0.2.1");
	check_five(limits, "bob 192.0.2.1");
	limit_clear(limits, &five, "bob 192.0.2.1");
	check_five(limits, "bob 192.0.2.1");
	ck_assert_uint_eq(limits_fallbacks(limits), 0);
	limits_free(limits);
}
END_TEST

START_TEST(limits_of_another_name_count_apart)
{
	static const struct limit resets = { "password-reset", 5, 900 };
	struct limits *limits = new_limits("");

	check_five(limits, "alice");
	ck_assert(passes(limits, &resets, "alice"));
	limits_free(limits);
}
END_TEST

START_TEST(too_many_says_when_to_come_back)
{
	struct limits *limits = new_limits("");
	struct scope sc = { 0 };

	check_five(limits, "alice");
	limit_count(limits, &sc, &five, "alice");
	ck_assert_int_eq(sc.failure.status, 429);
	ck_assert_str_eq(sc.failure.code, "too_many");
	ck_assert_int_ge(sc.failure.retry_after_s, 899);
	ck_assert_ptr_ne(strstr(sc.failure.detail, "minutes"), NULL);
	scope_free(&sc);
	limits_free(limits);
}
END_TEST

START_TEST(what_failed_already_is_not_counted)
{
	struct limits *limits = new_limits("");
	struct scope sc = { 0 };

	scope_fail(&sc, 401, "wrong", "No.");
	for (int i = 0; i < 20; i++)
		limit_count(limits, &sc, &five, "alice");
	ck_assert_int_eq(sc.failure.status, 401);
	check_five(limits, "alice");
	scope_free(&sc);
	limits_free(limits);
}
END_TEST

START_TEST(redis_that_is_gone_is_made_up_for_by_memory)
{
	struct limits *limits = new_limits("/nonexistent/redis.sock");

	check_five(limits, "alice");
	ck_assert_uint_eq(limits_fallbacks(limits), 7);
	limits_free(limits);
	limits = new_limits("127.0.0.1:1");
	check_five(limits, "alice");
	limits_free(limits);
}
END_TEST

/* Connections are taken by the kernel, and nobody answers. */
START_TEST(redis_that_hangs_costs_a_bounded_time)
{
	char path[] = "/tmp/marquee-hung.XXXXXX";
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	struct limits *limits;
	int64_t began_ms;

	close(mkstemp(path));
	unlink(path);
	strcpy(address.sun_path, path);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	ck_assert_int_eq(listen(fd, 100), 0);
	limits = new_limits(path);
	began_ms = clock_ms();
	for (int i = 0; i < 1000; i++)
		ck_assert(passes(limits, &five, "alice") == (i < 5));
	/* Three times 20 ms, and one more for each second of a slow machine. */
	ck_assert_int_lt(clock_ms() - began_ms, 3000);
	ck_assert_uint_eq(limits_fallbacks(limits), 1000);
	limits_free(limits);
	close(fd);
	unlink(path);
}
END_TEST

START_TEST(an_address_of_redis_is_a_path_or_a_host_and_a_port)
{
	static const char *const good[] = { "/run/redis.sock", "localhost:6379", "192.0.2.1:1", "[::1]:65535" };
	static const char *const bad[] = { "localhost", "localhost:", ":6379", "localhost:0", "localhost:65536", "localhost:6379x",
		"run/redis.sock", "[::1:6379" };

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		struct limits *limits = new_limits(good[i]);

		ck_assert_msg(limits != NULL, "%s", good[i]);
		limits_free(limits);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_msg(new_limits(bad[i]) == NULL, "%s", bad[i]);
}
END_TEST

SUITE("limits",
    without_redis_each_pool_counts_for_itself,
    limits_of_another_name_count_apart,
    too_many_says_when_to_come_back,
    what_failed_already_is_not_counted,
    redis_that_is_gone_is_made_up_for_by_memory,
    redis_that_hangs_costs_a_bounded_time,
    an_address_of_redis_is_a_path_or_a_host_and_a_port)

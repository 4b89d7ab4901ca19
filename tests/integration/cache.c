/* The cache ring with servers of the test's own: three nodes, each with a replica, killed one by one. */
#include <err.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/scope.h"
#include "data/cache.h"
#include "data/redis.h"
#include "redis_server.h"
#include "suites.h"

enum { NODES = 3, KEYS = 600 };

static struct redis_server primaries[NODES], replicas[NODES];
static struct cache *cache;

/* Replication wants a port; those behind the stack's own are free. */
static void
start_node(int number)
{
	char port[8];
	const char *primary[] = { "--port", port, "--bind", "127.0.0.1", NULL };
	const char *replica[] = { "--replicaof", "127.0.0.1", port, "--repl-diskless-sync-delay", "0", NULL };

	snprintf(port, sizeof(port), "%d", atoi(getenv("MARQUEE_TEST_PORT")) + 20 + number);
	redis_server_make(&primaries[number]);
	redis_server_make(&replicas[number]);
	redis_server_start(&primaries[number], primary);
	redis_server_start(&replicas[number], replica);
}

static struct cache *
new_cache(int count)
{
	char nodes[1024] = "";
	struct cache *made;

	for (int i = 0; i < count; i++)
		snprintf(nodes + strlen(nodes), sizeof(nodes) - strlen(nodes), "%s,%s ", primaries[i].path, replicas[i].path);
	made = cache_new(nodes, 1000);
	ck_assert_ptr_ne(made, NULL);
	return made;
}

static void
begin(void)
{
	signal(SIGPIPE, SIG_IGN);
	log_open("probe", LOG_ERROR);
	for (int i = 0; i < NODES; i++)
		start_node(i);
	cache = new_cache(NODES);
}

static void
end(void)
{
	cache_free(cache);
	for (int i = 0; i < NODES; i++) {
		redis_server_remove(&primaries[i]);
		redis_server_remove(&replicas[i]);
	}
}

static void
set(int number)
{
	char key[32], value[32];

	snprintf(key, sizeof(key), "key %d", number);
	snprintf(value, sizeof(value), "value %d", number);
	cache_set(cache, key, value, strlen(value), 600);
}

static bool
has(int number)
{
	struct scope scope = { 0 };
	char key[32], wanted[32];
	const char *value;
	size_t size;
	bool found;

	snprintf(key, sizeof(key), "key %d", number);
	snprintf(wanted, sizeof(wanted), "value %d", number);
	found = cache_get(cache, &scope, key, &value, &size);
	if (found)
		ck_assert_str_eq(value, wanted);
	scope_free(&scope);
	return found;
}

static int
misses(void)
{
	int count = 0;

	for (int i = 0; i < KEYS; i++)
		count += !has(i);
	return count;
}

/* How many keys a server has. */
static long long
keys_of(const struct redis_server *server)
{
	struct redis *redis = redis_new(server->path, 1000);
	redisReply *reply = redis_command(redis, "DBSIZE");
	long long count = reply != NULL ? reply->integer : -1;

	freeReplyObject(reply);
	redis_free(redis);
	return count;
}

static void
until_replicated(void)
{
	int64_t until_ms = clock_ms() + 20000;

	for (int i = 0; i < NODES; i++)
		while (keys_of(&replicas[i]) != keys_of(&primaries[i])) {
			ck_assert_msg(clock_ms() < until_ms, "the replica does not follow");
			sched_yield();
		}
}

static void
fill(void)
{
	for (int i = 0; i < KEYS; i++)
		set(i);
	ck_assert_int_eq(misses(), 0);
	until_replicated();
}

START_TEST(every_node_has_a_share)
{
	fill();
	for (int i = 0; i < NODES; i++)
		ck_assert_msg(keys_of(&primaries[i]) > KEYS / 5 && keys_of(&primaries[i]) < KEYS / 2, "%lld", keys_of(&primaries[i]));
}
END_TEST

START_TEST(a_dead_node_costs_no_miss_while_its_replica_lives)
{
	fill();
	redis_server_end(&primaries[1]);
	ck_assert_int_eq(misses(), 0);
}
END_TEST

START_TEST(with_its_replica_it_costs_its_own_keys_and_no_others)
{
	long long share;

	fill();
	share = keys_of(&primaries[1]);
	redis_server_end(&primaries[1]);
	redis_server_end(&replicas[1]);
	ck_assert_int_eq(misses(), share);
}
END_TEST

START_TEST(what_is_computed_without_a_node_is_kept_by_the_next)
{
	fill();
	redis_server_end(&primaries[1]);
	redis_server_end(&replicas[1]);
	for (int i = 0; i < KEYS; i++)
		if (!has(i))
			set(i);
	ck_assert_int_eq(misses(), 0);
}
END_TEST

START_TEST(one_node_less_moves_its_own_keys_and_no_others)
{
	long long share;

	fill();
	share = keys_of(&primaries[NODES - 1]);
	cache_free(cache);
	cache = new_cache(NODES - 1);
	ck_assert_int_eq(misses(), share);
}
END_TEST

Suite *
cache_suite(void)
{
	Suite *s = suite_create("cache");
	TCase *c = tcase_create("cache");

	tcase_set_timeout(c, 60);
	tcase_add_checked_fixture(c, begin, end);
	tcase_add_test(c, every_node_has_a_share);
	tcase_add_test(c, a_dead_node_costs_no_miss_while_its_replica_lives);
	tcase_add_test(c, with_its_replica_it_costs_its_own_keys_and_no_others);
	tcase_add_test(c, what_is_computed_without_a_node_is_kept_by_the_next);
	tcase_add_test(c, one_node_less_moves_its_own_keys_and_no_others);
	suite_add_tcase(s, c);
	return s;
}

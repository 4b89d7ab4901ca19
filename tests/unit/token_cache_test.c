/* The memory of verified tokens: it never says more than was put in, and it forgets in time. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auth/token.h"
#include "base/clock.h"
#include "fake.h"
#include "unit.h"

enum { ENTRIES = 64, MANY = 4000, THREADS = 4 };

/* The n-th token of these tests, and who has it. */
static void
make(char token[128], struct caller *caller, int n)
{
	snprintf(token, 128, "header.body-of-%d.signature", n);
	*caller = (struct caller){ .roles = (unsigned)n, .expires_s = clock_unix_us() / 1000000 + 600 };
	snprintf(caller->name, sizeof(caller->name), "%d", n);
}

/* Whether the n-th token is remembered; then its caller is right. */
static bool
knows(struct token_cache *cache, int n)
{
	char token[128];
	struct caller expected, caller;

	make(token, &expected, n);
	if (!token_cache_find(cache, token, &caller))
		return false;
	ck_assert_str_eq(caller.name, expected.name);
	ck_assert_uint_eq(caller.roles, expected.roles);
	return true;
}

static void
add(struct token_cache *cache, int n)
{
	char token[128];
	struct caller caller;

	make(token, &caller, n);
	token_cache_add(cache, token, &caller, token_cache_age(cache));
}

START_TEST(a_token_is_known_once_it_was_verified)
{
	struct token_cache *cache = token_cache_new(ENTRIES);

	ck_assert(!knows(cache, 1));
	add(cache, 1);
	ck_assert(knows(cache, 1));
	ck_assert(!knows(cache, 2));
	token_cache_free(cache);
}
END_TEST

START_TEST(a_token_that_differs_in_one_byte_is_not_known)
{
	struct token_cache *cache = token_cache_new(ENTRIES);
	struct caller caller;
	char token[128];

	make(token, &caller, 1);
	token_cache_add(cache, token, &caller, token_cache_age(cache));
	for (char *p = token; *p != '\0'; p++)
		for (int bit = 0; bit < 8; bit++) {
			*p ^= (char)(1 << bit);
			ck_assert(!token_cache_find(cache, token, &caller));
			*p ^= (char)(1 << bit);
		}
	ck_assert(token_cache_find(cache, token, &caller));
	token_cache_free(cache);
}
END_TEST

START_TEST(a_token_is_forgotten_when_it_expires)
{
	struct token_cache *cache = token_cache_new(ENTRIES);

	add(cache, 1);
	fake_clock_ahead(590);
	ck_assert(knows(cache, 1));
	fake_clock_ahead(601);
	ck_assert(!knows(cache, 1));
	token_cache_free(cache);
}
END_TEST

START_TEST(a_full_memory_makes_room_for_the_newest)
{
	struct token_cache *cache = token_cache_new(ENTRIES);
	int known = 0;

	for (int n = 1; n <= MANY; n++) {
		add(cache, n);
		ck_assert(knows(cache, n));
	}
	for (int n = 1; n <= MANY; n++)
		known += knows(cache, n);
	ck_assert_int_eq(known, ENTRIES);
	token_cache_free(cache);
}
END_TEST

START_TEST(expired_tokens_make_room_before_others)
{
	struct token_cache *cache = token_cache_new(4);		/* one set */
	struct caller caller;
	char token[128];

	make(token, &caller, 1);
	caller.expires_s -= 590;
	token_cache_add(cache, token, &caller, token_cache_age(cache));
	for (int n = 2; n <= 4; n++)
		add(cache, n);
	fake_clock_ahead(20);
	add(cache, 5);
	ck_assert(!knows(cache, 1));
	for (int n = 2; n <= 5; n++)
		ck_assert(knows(cache, n));
	token_cache_free(cache);
}
END_TEST

START_TEST(what_is_too_long_for_a_token_is_not_remembered)
{
	struct token_cache *cache = token_cache_new(ENTRIES);
	struct caller caller;
	char *token = malloc(TOKEN_MAX_SIZE + 2), other[128];

	make(other, &caller, 1);
	memset(token, 'x', TOKEN_MAX_SIZE + 1);
	token[TOKEN_MAX_SIZE + 1] = '\0';
	token_cache_add(cache, token, &caller, token_cache_age(cache));
	ck_assert(!token_cache_find(cache, token, &caller));
	token[TOKEN_MAX_SIZE] = '\0';
	ck_assert(!token_cache_find(cache, token, &caller));
	make(other, &caller, 1);
	token_cache_add(cache, token, &caller, token_cache_age(cache));
	ck_assert(token_cache_find(cache, token, &caller));
	free(token);
	token_cache_free(cache);
}
END_TEST

START_TEST(a_memory_that_was_cleared_knows_nothing)
{
	struct token_cache *cache = token_cache_new(1024);

	for (int n = 1; n <= 100; n++)
		add(cache, n);
	token_cache_clear(cache);
	for (int n = 1; n <= 100; n++)
		ck_assert(!knows(cache, n));
	add(cache, 1);
	ck_assert(knows(cache, 1));
	token_cache_free(cache);
}
END_TEST

START_TEST(what_was_verified_before_a_clearing_is_not_remembered_after_it)
{
	struct token_cache *cache = token_cache_new(ENTRIES);
	unsigned age = token_cache_age(cache);
	struct caller caller;
	char token[128];

	make(token, &caller, 1);
	token_cache_clear(cache);
	token_cache_add(cache, token, &caller, age);
	ck_assert(!knows(cache, 1));
	token_cache_free(cache);
}
END_TEST

static void *
use(void *cache)
{
	for (int round = 0; round < 5000; round++)
		for (int n = 1; n <= 16; n++)
			if (!knows(cache, n))
				add(cache, n);
	return NULL;
}

START_TEST(threads_that_share_it_never_get_each_others_caller)
{
	struct token_cache *cache = token_cache_new(4);		/* one set, for all to meet in */
	pthread_t threads[THREADS];

	for (int i = 0; i < THREADS; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, use, cache), 0);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	token_cache_free(cache);
}
END_TEST

SUITE("token_cache",
    a_token_is_known_once_it_was_verified,
    a_token_that_differs_in_one_byte_is_not_known,
    a_token_is_forgotten_when_it_expires,
    a_full_memory_makes_room_for_the_newest,
    expired_tokens_make_room_before_others,
    what_is_too_long_for_a_token_is_not_remembered,
    a_memory_that_was_cleared_knows_nothing,
    what_was_verified_before_a_clearing_is_not_remembered_after_it,
    threads_that_share_it_never_get_each_others_caller)

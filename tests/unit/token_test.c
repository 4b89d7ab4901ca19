/* Access tokens: what we sign is taken, in its time, and only with every claim it should have. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auth/token.h"
#include "fake.h"
#include "forge.h"
#include "unit.h"
#include "world.h"

static bool
accepts_time(const struct world *world, const char *name, int64_t seconds)
{
	char value[32];

	snprintf(value, sizeof(value), "%lld", (long long)seconds);
	return world_accepts_claim(world, name, value);
}

static struct caller
somebody(void)
{
	return (struct caller){ .user_id = WORLD_USER, .session_id = WORLD_SESSION, .name = "alice",
	    .roles = ROLE_USER | ROLE_ORGANISER | ROLE_PRODUCER | ROLE_ADMIN | ROLE_SERVICE };
}

START_TEST(a_token_we_signed_says_who_calls)
{
	struct world world;
	struct caller alice = somebody(), caller;
	char *token;

	world_begin(&world);
	ck_assert(token_sign(world.keys, &alice, &token));
	ck_assert_int_le(llabs(alice.expires_s - world_now_s() - 600), 2);
	ck_assert(token_verify(world.keys, token, &caller));
	ck_assert_str_eq(caller.user_id, WORLD_USER);
	ck_assert_str_eq(caller.session_id, WORLD_SESSION);
	ck_assert_str_eq(caller.name, "alice");
	ck_assert_uint_eq(caller.roles, alice.roles);
	ck_assert_int_eq(caller.expires_s, alice.expires_s);
	free(token);
	world_end(&world);
}
END_TEST

START_TEST(every_token_we_sign_is_taken)
{
	struct world world;
	struct caller alice = somebody(), caller;
	char *token;

	world_begin(&world);
	/* One in 128 signatures has a number that starts with a zero byte. */
	for (int i = 0; i < 500; i++) {
		ck_assert(token_sign(world.keys, &alice, &token));
		ck_assert(token_verify(world.keys, token, &caller));
		free(token);
	}
	memset(alice.name, '\x01', TOKEN_NAME_SIZE - 1);	/* six characters each in JSON */
	ck_assert(token_sign(world.keys, &alice, &token));
	ck_assert(token_verify(world.keys, token, &caller));
	ck_assert_str_eq(caller.name, alice.name);
	free(token);
	world_end(&world);
}
END_TEST

START_TEST(a_token_made_by_hand_to_the_rules_is_taken)
{
	struct world world;

	world_begin(&world);
	ck_assert(world_accepts(&world, world.good));
	/* So that a later release may add a claim while this one still runs. */
	ck_assert(world_accepts_claim(&world, "device", "\"phone\""));
	world_end(&world);
}
END_TEST

START_TEST(nothing_is_signed_that_would_be_refused)
{
	struct world world;
	struct caller broken[] = { somebody(), somebody(), somebody(), somebody(), somebody(), somebody(), somebody() };
	char *token;

	world_begin(&world);
	broken[0].user_id[3] = 'x';
	broken[1].session_id[0] = '\0';
	broken[2].name[0] = '\0';
	broken[3].roles = 0;
	broken[4].roles = 1 << 5;
	broken[5].expires_s = world_now_s() + 24 * 60 * 60 + 2;
	strcpy(broken[6].user_id, "0190A2B4-5C6D-7E8F-9A0B-1C2D3E4F5A6B");
	for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
		ck_assert_msg(!token_sign(world.keys, &broken[i], &token), "%zu", i);
		ck_assert_ptr_null(token);
	}
	world_end(&world);
}
END_TEST

START_TEST(every_claim_is_needed_and_has_its_kind)
{
	static const struct {
		const char	*name, *wrong[12];
	} cases[] = {
		{ "typ", { "\"ws\"", "\"JWT\"", "\"AT+JWT\"", "\"at+jwt \"", "1", "[\"at+jwt\"]" } },
		{ "iss", { "\"https://other\"", "\"https://host/\"", "\"\"", "1", "[\"https://host\"]" } },
		{ "aud", { "\"other\"", "\"marquee2\"", "\"\"", "[\"marquee\"]", "{\"marquee\":1}" } },
		{ "sub", { "\"\"", "\"alice\"", "\"0190A2B4-5C6D-7E8F-9A0B-1C2D3E4F5A6B\"", "7",
		    "\"0190a2b45c6d7e8f9a0b1c2d3e4f5a6b\"", "\"" WORLD_USER " \"", "[\"" WORLD_USER "\"]" } },
		{ "sid", { "\"\"", "\"0190a2b4-5c6d-7e8f-9a0b-1c2d3e4f5a6\"", "0", "null", "{}" } },
		{ "jti", { "\"\"", "\"1\"", "1", "null", "[]" } },
		{ "name", { "\"\"", "1", "null", "[\"alice\"]",
		    "\"a234567890b234567890c234567890d234567890e234567890f234567890g2345\"" } },
		{ "roles", { "[]", "\"admin\"", "\"user\"", "[\"root\"]", "[\"user\",\"root\"]", "[\"Admin\"]", "[1]",
		    "[null]", "[[\"user\"]]", "{\"user\":\"user\"}", "31" } },
		{ "iat", { "\"1\"", "1.5", "1e9", "true", "-1", "[]" } },
		{ "nbf", { "\"1\"", "1.5", "1e9", "true", "-1", "[]" } },
		{ "exp", { "\"99999999999\"", "1.5", "9e9", "true", "-1", "0", "9223372036854775807" } },
	};
	struct world world;

	world_begin(&world);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		ck_assert_msg(!world_accepts_claim(&world, cases[i].name, NULL), "no %s", cases[i].name);
		ck_assert_msg(!world_accepts_claim(&world, cases[i].name, "null"), "%s null", cases[i].name);
		for (const char *const *wrong = cases[i].wrong; *wrong != NULL; wrong++)
			ck_assert_msg(!world_accepts_claim(&world, cases[i].name, *wrong), "%s %s", cases[i].name, *wrong);
	}
	world_end(&world);
}
END_TEST

START_TEST(a_body_that_is_not_one_plain_object_is_refused)
{
	struct world world;
	char *body, *twice;

	world_begin(&world);
	ck_assert(!world_accepts_made(&world, forge_token(world.key, WORLD_HEADER, "")));
	ck_assert(!world_accepts_made(&world, forge_token(world.key, WORLD_HEADER, "[]")));
	ck_assert(!world_accepts_made(&world, forge_token(world.key, WORLD_HEADER, "{}")));
	body = json_dumps(world.claims, 0);
	ck_assert_int_gt(asprintf(&twice, "{\"sub\":\"%s\",%s", WORLD_SESSION, body + 1), 0);
	ck_assert(!world_accepts_made(&world, forge_token(world.key, WORLD_HEADER, twice)));
	free(twice);
	ck_assert_int_gt(asprintf(&twice, "%s{}", body), 0);
	ck_assert(!world_accepts_made(&world, forge_token(world.key, WORLD_HEADER, twice)));
	free(twice);
	free(body);
	world_end(&world);
}
END_TEST

static void *
verify_deep(void *argument)
{
	const struct world *world = argument;
	char deep[2900];

	memset(deep, '[', sizeof(deep) - 1);
	deep[sizeof(deep) - 1] = '\0';
	ck_assert(!world_accepts_made(world, forge_token(world->key, WORLD_HEADER, deep)));
	ck_assert(!world_accepts_made(world, forge_token(world->key, deep, "{}")));
	return NULL;
}

/* Two thousand levels would take 200 kB of it. */
START_TEST(a_deep_token_does_not_use_up_the_stack)
{
	struct world world;
	pthread_attr_t small;
	pthread_t thread;

	world_begin(&world);
	pthread_attr_init(&small);
	pthread_attr_setstacksize(&small, 128 * 1024);
	ck_assert_int_eq(pthread_create(&thread, &small, verify_deep, &world), 0);
	pthread_join(thread, NULL);
	pthread_attr_destroy(&small);
	world_end(&world);
}
END_TEST

START_TEST(a_token_is_taken_only_in_its_time)
{
	struct world world;
	int64_t now;

	world_begin(&world);
	now = world_now_s();
	ck_assert(!accepts_time(&world, "exp", now));
	ck_assert(!accepts_time(&world, "exp", now - 3600));
	ck_assert(accepts_time(&world, "exp", now + 30));
	ck_assert(!accepts_time(&world, "nbf", now + 30));
	ck_assert(accepts_time(&world, "nbf", now + 4));
	ck_assert(!accepts_time(&world, "iat", now + 30));
	ck_assert(accepts_time(&world, "iat", now + 4));
	ck_assert(!accepts_time(&world, "iat", 0));
	/* Not longer than a day. */
	ck_assert(!accepts_time(&world, "exp", now + 24 * 60 * 60 + 30));
	ck_assert(accepts_time(&world, "exp", now + 24 * 60 * 60 - 30));
	ck_assert(world_accepts(&world, world.good));
	fake_clock_ahead(601);
	ck_assert(!world_accepts(&world, world.good));
	fake_clock_ahead(-30);
	ck_assert(!world_accepts(&world, world.good));
	world_end(&world);
}
END_TEST

START_TEST(what_is_too_long_is_refused_unread)
{
	struct world world;
	struct caller caller;
	char *huge, padding[TOKEN_MAX_SIZE];
	bool taken = false, refused = false;

	world_begin(&world);
	huge = malloc(1 << 20);
	for (const char *p = "A.{ "; *p != '\0'; p++) {
		memset(huge, *p, 1 << 20);
		huge[(1 << 20) - 1] = '\0';
		ck_assert(!token_verify(world.keys, huge, &caller));
	}
	free(huge);
	/* Good ones, longer and longer. */
	for (size_t size = 2400; size < 2700; size += 2) {
		json_t *claims = json_copy(world.claims);
		char *token;

		memset(padding, 'x', size);
		padding[size] = '\0';
		json_object_set_new(claims, "padding", json_string(padding));
		token = world_token(&world, WORLD_HEADER, claims);
		ck_assert_int_eq(world_accepts(&world, token), strlen(token) <= TOKEN_MAX_SIZE);
		*(strlen(token) <= TOKEN_MAX_SIZE ? &taken : &refused) = true;
		free(token);
		json_decref(claims);
	}
	ck_assert(taken && refused);
	world_end(&world);
}
END_TEST

START_TEST(a_failed_allocation_signs_a_whole_token_or_none)
{
	struct world world;
	struct caller alice = somebody(), caller;
	unsigned n = 0;
	bool failed;

	world_begin(&world);
	do {
		char *token;
		bool made;

		fake_failing_allocation(++n);
		made = token_sign(world.keys, &alice, &token);
		failed = fake_allocation_failed();
		fake_failing_allocation(0);
		ck_assert_int_eq(made, token != NULL);
		if (made) {
			ck_assert_msg(token_verify(world.keys, token, &caller), "allocation %u: %s", n, token);
			ck_assert_uint_eq(caller.roles, alice.roles);
			ck_assert_str_eq(caller.name, alice.name);
			free(token);
		}
	} while (failed);
	world_end(&world);
}
END_TEST

START_TEST(a_role_has_one_name)
{
	ck_assert_uint_eq(role_from_text("user"), ROLE_USER);
	ck_assert_uint_eq(role_from_text("organiser"), ROLE_ORGANISER);
	ck_assert_uint_eq(role_from_text("producer"), ROLE_PRODUCER);
	ck_assert_uint_eq(role_from_text("admin"), ROLE_ADMIN);
	ck_assert_uint_eq(role_from_text("service"), ROLE_SERVICE);
	ck_assert_uint_eq(role_from_text("Admin"), 0);
	ck_assert_uint_eq(role_from_text(""), 0);
	ck_assert_str_eq(role_text(ROLE_ORGANISER), "organiser");
	ck_assert_ptr_null(role_text(0));
}
END_TEST

SUITE("token",
    a_token_we_signed_says_who_calls,
    every_token_we_sign_is_taken,
    a_token_made_by_hand_to_the_rules_is_taken,
    nothing_is_signed_that_would_be_refused,
    every_claim_is_needed_and_has_its_kind,
    a_body_that_is_not_one_plain_object_is_refused,
    a_deep_token_does_not_use_up_the_stack,
    a_token_is_taken_only_in_its_time,
    what_is_too_long_is_refused_unread,
    a_failed_allocation_signs_a_whole_token_or_none,
    a_role_has_one_name)

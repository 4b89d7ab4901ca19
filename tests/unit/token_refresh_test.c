/* Token keys that come and go while a process uses them. */
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/core_names.h>

#include "auth/token.h"
#include "fake.h"
#include "forge.h"
#include "unit.h"

#define SINCE	"2026-11-20T12:00:00Z"

enum { THREADS = 4, ROTATIONS = 60 };

/* Keys on disk: two of them from the start, of which k1 is active. */
struct place {
	char			*public, *private;
	struct token_settings	 settings;
	struct token_keys	*keys;
	EVP_PKEY		*pairs[3];
};

/* So that what comes is not in the tick that was read already. */
static void
next_tick(const char *folder)
{
	char path[512];
	struct stat before, now;

	snprintf(path, sizeof(path), "%s/tick", folder);
	ck_assert_int_eq(stat(folder, &before), 0);
	do {
		forge_file(folder, "tick", "");
		ck_assert_int_eq(unlink(path), 0);
		ck_assert_int_eq(stat(folder, &now), 0);
	} while (now.st_mtim.tv_sec == before.st_mtim.tv_sec && now.st_mtim.tv_nsec == before.st_mtim.tv_nsec);
}

/* As marqueectl does: written beside it, then renamed. */
static void
put_text(const char *folder, const char *name, const char *text)
{
	char new[64], from[512], to[512];

	next_tick(folder);
	snprintf(new, sizeof(new), "%s.new", name);
	forge_file(folder, new, text);
	snprintf(from, sizeof(from), "%s/%s", folder, new);
	snprintf(to, sizeof(to), "%s/%s", folder, name);
	ck_assert_int_eq(rename(from, to), 0);
}

static void
put(const char *folder, const char *name, EVP_PKEY *key, bool private)
{
	char *pem = forge_pem(key, private);

	put_text(folder, name, pem);
	free(pem);
}

static void
put_both(struct place *place, const char *name, EVP_PKEY *key)
{
	put(place->public, name, key, false);
	put(place->private, name, key, true);
}

static void
put_states(struct place *place, const char *text)
{
	put_text(place->public, "states", text);
}

static void
take_away(const char *folder, const char *name)
{
	char path[512];

	next_tick(folder);
	snprintf(path, sizeof(path), "%s/%s", folder, name);
	ck_assert_int_eq(unlink(path), 0);
}

static void
place_begin(struct place *place)
{
	char problem[256];

	place->public = forge_folder();
	place->private = forge_folder();
	place->settings = (struct token_settings){ "https://host", "marquee", place->public, place->private, 600 };
	for (int i = 0; i < 3; i++)
		place->pairs[i] = forge_key("P-256");
	put_both(place, "k1.pem", place->pairs[0]);
	put_both(place, "k2.pem", place->pairs[1]);
	put_states(place, "k1 active " SINCE "\nk2 next " SINCE "\n");
	place->keys = token_keys_load(&place->settings, problem);
	ck_assert_msg(place->keys != NULL, "%s", problem);
}

static void
place_end(struct place *place)
{
	token_keys_free(place->keys);
	for (int i = 0; i < 3; i++)
		EVP_PKEY_free(place->pairs[i]);
	forge_remove(place->public);
	forge_remove(place->private);
}

static char *
sign(struct token_keys *keys)
{
	struct caller caller = { .name = "alice", .roles = ROLE_USER };
	char *token;

	id_new(caller.user_id);
	id_new(caller.session_id);
	return token_sign(keys, &caller, &token) ? token : NULL;
}

static bool
verifies(struct token_keys *keys, const char *token)
{
	struct caller caller;

	return token_verify(keys, token, &caller);
}

/* "k2", when that signs now; "" when none does. */
static const char *
signer(struct place *place)
{
	static const char *const names[] = { "k1", "k2", "k3" };
	char *token = sign(place->keys), *header;
	const char *found = "";

	for (int i = 0; i < 3 && token != NULL; i++) {
		char text[128];

		snprintf(text, sizeof(text), "{\"alg\":\"ES256\",\"kid\":\"%s\",\"typ\":\"JWT\"}", names[i]);
		header = forge_part(text, strlen(text));
		if (strncmp(token, header, strlen(header)) == 0)
			found = names[i];
		free(header);
	}
	free(token);
	return found;
}

START_TEST(the_key_that_becomes_active_signs_at_once)
{
	struct place place;

	place_begin(&place);
	ck_assert_str_eq(signer(&place), "k1");
	put_states(&place, "k1 retiring " SINCE "\nk2 active " SINCE "\n");
	ck_assert_str_eq(signer(&place), "k2");
	ck_assert(!token_keys_refresh(place.keys));
	place_end(&place);
}
END_TEST

START_TEST(a_token_of_a_brand_new_key_is_taken_before_any_refresh)
{
	struct place place;
	struct token_keys *other;
	char problem[256], *token;

	place_begin(&place);
	place.settings.signing_keys = "";
	other = token_keys_load(&place.settings, problem);
	put_both(&place, "k3.pem", place.pairs[2]);
	put_states(&place, "k1 retiring " SINCE "\nk3 active " SINCE "\n");
	token = sign(place.keys);
	ck_assert_str_eq(signer(&place), "k3");
	ck_assert(verifies(other, token));
	ck_assert(!token_keys_refresh(other));
	free(token);
	token_keys_free(other);
	place_end(&place);
}
END_TEST

START_TEST(tokens_of_a_removed_key_end_and_that_is_told_once)
{
	struct place place;
	char *token;

	place_begin(&place);
	token = sign(place.keys);
	ck_assert(verifies(place.keys, token));
	put_states(&place, "k2 active " SINCE "\n");
	take_away(place.public, "k1.pem");
	ck_assert(token_keys_refresh(place.keys));
	ck_assert(!token_keys_refresh(place.keys));
	ck_assert(!verifies(place.keys, token));
	free(token);
	place_end(&place);
}
END_TEST

/* The cache is emptied by who calls twice a second, not by whoever found out. */
START_TEST(a_loss_found_while_verifying_is_told_by_the_next_refresh)
{
	struct place place;
	char *token;

	place_begin(&place);
	put_states(&place, "k2 active " SINCE "\n");
	take_away(place.public, "k1.pem");
	token = sign(place.keys);
	ck_assert(verifies(place.keys, token));
	ck_assert(token_keys_refresh(place.keys));
	free(token);
	place_end(&place);
}
END_TEST

START_TEST(a_key_replaced_by_another_of_its_name_is_a_key_lost)
{
	struct place place;
	char *token;

	place_begin(&place);
	token = sign(place.keys);
	put_both(&place, "k1.pem", place.pairs[2]);
	ck_assert(token_keys_refresh(place.keys));
	ck_assert(!verifies(place.keys, token));
	ck_assert_str_eq(signer(&place), "k1");
	free(token);
	place_end(&place);
}
END_TEST

START_TEST(what_cannot_be_read_stays_as_it_was)
{
	struct place place;
	char *token, away[512];

	place_begin(&place);
	token = sign(place.keys);
	/* One bad file does not keep another key alive. */
	put(place.public, "k1.pem", place.pairs[0], true);
	take_away(place.public, "k2.pem");
	ck_assert(token_keys_refresh(place.keys));
	ck_assert(verifies(place.keys, token));
	ck_assert(!token_keys_refresh(place.keys));

	/* Nor does a folder that is not there, or empty. */
	snprintf(away, sizeof(away), "%s.away", place.public);
	ck_assert_int_eq(rename(place.public, away), 0);
	ck_assert(!token_keys_refresh(place.keys));
	ck_assert(verifies(place.keys, token));
	ck_assert_int_eq(mkdir(place.public, 0700), 0);
	ck_assert(!token_keys_refresh(place.keys));
	ck_assert(verifies(place.keys, token));
	ck_assert_int_eq(rmdir(place.public), 0);
	ck_assert_int_eq(rename(away, place.public), 0);
	ck_assert(!token_keys_refresh(place.keys));
	ck_assert_str_eq(signer(&place), "k1");
	free(token);
	place_end(&place);
}
END_TEST

START_TEST(states_that_cannot_be_read_leave_the_signer)
{
	static const char *const wrong[] = {
		"", "k2 acti", "k2 active " SINCE, "k1 active " SINCE "\nk2 active " SINCE "\n", "\n", "k3 active " SINCE "\n",
	};
	struct place place;

	place_begin(&place);
	put_states(&place, "k1 retiring " SINCE "\nk2 active " SINCE "\n");
	ck_assert_str_eq(signer(&place), "k2");
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		put_states(&place, wrong[i]);
		ck_assert(!token_keys_refresh(place.keys));
		ck_assert_str_eq(signer(&place), "k2");
	}
	take_away(place.public, "states");
	ck_assert(!token_keys_refresh(place.keys));
	ck_assert_str_eq(signer(&place), "k2");
	put_states(&place, "k1 active " SINCE "\n");
	ck_assert_str_eq(signer(&place), "k1");
	place_end(&place);
}
END_TEST

/* Opened as a file it would be waited for until somebody writes. */
START_TEST(a_pipe_in_the_folder_keeps_nobody_waiting)
{
	static const char *const names[] = { "k2.pem", "k9.pem", "states" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct place place;
		char path[512];

		place_begin(&place);
		next_tick(place.public);
		snprintf(path, sizeof(path), "%s/%s", place.public, names[i]);
		unlink(path);
		ck_assert_int_eq(mkfifo(path, 0600), 0);
		token_keys_refresh(place.keys);
		ck_assert_str_eq(signer(&place), "k1");
		place_end(&place);
	}
}
END_TEST

START_TEST(an_active_key_without_its_private_half_leaves_the_signer)
{
	struct place place;

	place_begin(&place);
	put(place.public, "k3.pem", place.pairs[2], false);
	put_states(&place, "k1 retiring " SINCE "\nk3 active " SINCE "\n");
	ck_assert_str_eq(signer(&place), "k1");
	/* It may come later, as after a restart; the refresh looks for it again. */
	put(place.private, "k3.pem", place.pairs[2], true);
	ck_assert(!token_keys_refresh(place.keys));
	ck_assert_str_eq(signer(&place), "k3");
	place_end(&place);
}
END_TEST

START_TEST(a_dropped_signer_signs_no_more_even_when_no_other_can)
{
	struct place place;

	place_begin(&place);
	take_away(place.public, "k1.pem");
	ck_assert_str_eq(signer(&place), "k2");
	put(place.public, "k3.pem", place.pairs[2], false);
	take_away(place.public, "k2.pem");
	ck_assert_str_eq(signer(&place), "");
	place_end(&place);
}
END_TEST

/* As systemd hands over the files of a folder: in one folder with others, under its name. */
START_TEST(private_keys_may_lie_beside_others)
{
	struct place place;
	char prefix[512], problem[256];
	struct token_keys *keys;
	char *token;

	place_begin(&place);
	put(place.private, "token_k1.pem", place.pairs[0], true);
	put(place.private, "token_k2.pem", place.pairs[1], true);
	take_away(place.private, "k1.pem");
	take_away(place.private, "k2.pem");
	snprintf(prefix, sizeof(prefix), "%s/token", place.private);
	place.settings.signing_keys = prefix;
	keys = token_keys_load(&place.settings, problem);
	ck_assert_msg(keys != NULL, "%s", problem);
	token = sign(keys);
	ck_assert(token != NULL && verifies(keys, token));
	free(token);
	token_keys_free(keys);
	place_end(&place);
}
END_TEST

START_TEST(a_failed_allocation_loses_no_key)
{
	struct place place;
	char *first, *second;
	unsigned n = 1;
	bool failed;

	/* libcrypto allocates by the thousand to read a key: the first are tried one by one, later ones in steps. */
	place_begin(&place);
	first = sign(place.keys);
	put_states(&place, "k1 retiring " SINCE "\nk2 active " SINCE "\n");
	second = sign(place.keys);
	for (failed = true; failed; n += 1 + n / 16) {
		put_states(&place, "k1 active " SINCE "\nk2 next " SINCE "\n");
		fake_failing_allocation(n);
		token_keys_refresh(place.keys);
		failed = fake_allocation_failed();
		fake_failing_allocation(0);
		ck_assert_msg(verifies(place.keys, first), "allocation %u", n);
		ck_assert_msg(verifies(place.keys, second), "allocation %u", n);
		token_keys_refresh(place.keys);
		ck_assert_str_eq(signer(&place), "k1");
	}
	ck_assert_uint_gt(n, 20);
	free(first);
	free(second);
	place_end(&place);
}
END_TEST

struct crowd {
	struct token_keys	*keys;
	const char		*old;		/* a token good for as long as it runs */
	_Atomic bool		 over;
	_Atomic long		 done;
};

static void *
use(void *arg)
{
	struct crowd *crowd = arg;

	while (!crowd->over) {
		char *token = sign(crowd->keys);

		ck_assert(token != NULL && verifies(crowd->keys, token) && verifies(crowd->keys, crowd->old));
		free(token);
		crowd->done++;
	}
	return NULL;
}

START_TEST(threads_sign_and_verify_while_keys_come_and_go)
{
	static const char *const states[] = {
		"k1 active " SINCE "\nk2 next " SINCE "\n", "k1 retiring " SINCE "\nk2 active " SINCE "\n",
	};
	struct place place;
	struct crowd crowd = { .over = false };
	pthread_t threads[THREADS];
	char *old;
	long seen = 0;

	place_begin(&place);
	old = sign(place.keys);
	crowd.keys = place.keys;
	crowd.old = old;
	for (int i = 0; i < THREADS; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, use, &crowd), 0);
	for (int round = 0; round < ROTATIONS; round++) {
		put_both(&place, "k3.pem", place.pairs[2]);
		put_states(&place, states[round % 2]);
		token_keys_refresh(place.keys);
		take_away(place.public, "k3.pem");
		while (token_keys_refresh(place.keys) || crowd.done <= seen)
			sched_yield();
		seen = crowd.done;
	}
	crowd.over = true;
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	free(old);
	place_end(&place);
}
END_TEST

/* One in 256 has an x that begins with a zero byte: shorter as a number, not in the list. */
START_TEST(coordinates_keep_the_zeros_in_front)
{
	struct place place;
	struct token_public_key list[TOKEN_KEYS_MAX];
	EVP_PKEY *key = NULL;
	uint8_t point[65];
	size_t size, count;

	place_begin(&place);
	do {
		EVP_PKEY_free(key);
		key = forge_key("P-256");
		ck_assert_int_eq(EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY, point, sizeof(point), &size), 1);
	} while (point[1] != 0);
	put(place.public, "a0.pem", key, false);
	token_keys_refresh(place.keys);
	count = token_keys_list(place.keys, list);
	ck_assert_uint_eq(count, 3);
	ck_assert_str_eq(list[0].id, "a0");
	ck_assert_str_eq(list[1].id, "k1");
	ck_assert_str_eq(list[2].id, "k2");
	/* Uncompressed: 4, x, y (SEC 1, 2.3.3). */
	ck_assert_mem_eq(list[0].x, point + 1, 32);
	ck_assert_mem_eq(list[0].y, point + 33, 32);
	EVP_PKEY_free(key);
	place_end(&place);
}
END_TEST

SUITE("token_refresh",
    the_key_that_becomes_active_signs_at_once,
    a_token_of_a_brand_new_key_is_taken_before_any_refresh,
    tokens_of_a_removed_key_end_and_that_is_told_once,
    a_loss_found_while_verifying_is_told_by_the_next_refresh,
    a_key_replaced_by_another_of_its_name_is_a_key_lost,
    what_cannot_be_read_stays_as_it_was,
    states_that_cannot_be_read_leave_the_signer,
    a_pipe_in_the_folder_keeps_nobody_waiting,
    an_active_key_without_its_private_half_leaves_the_signer,
    a_dropped_signer_signs_no_more_even_when_no_other_can,
    private_keys_may_lie_beside_others,
    a_failed_allocation_loses_no_key,
    threads_sign_and_verify_while_keys_come_and_go,
    coordinates_keep_the_zeros_in_front)

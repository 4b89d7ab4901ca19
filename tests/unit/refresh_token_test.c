/* Refresh tokens: a chain that only the server can go on with. */
#include <string.h>

#include "base/id.h"
#include "base/text.h"
#include "refresh_token.h"
#include "unit.h"

#define SESSION	"0190a2b4-5c6d-7e8f-9a0b-1c2d3e4f5a6b"

static const uint8_t key[32] = "a key that nobody else has, ever";
static const uint8_t other_key[32] = "a key that somebody else has too";

/* The so-manyth token of a new session's chain; out[0] is the first. */
static void
chain(struct refresh_token *out, uint32_t count)
{
	refresh_token_new(&out[0], SESSION);
	for (uint32_t i = 1; i < count; i++)
		refresh_token_next(&out[i], &out[i - 1], key);
}

START_TEST(a_token_reads_back_as_it_was_written)
{
	struct refresh_token token, back;
	char text[REFRESH_TOKEN_SIZE], id[ID_SIZE];

	refresh_token_new(&token, SESSION);
	token.generation = 0x01020304;
	refresh_token_write(text, &token);
	ck_assert_uint_eq(strlen(text), REFRESH_TOKEN_SIZE - 1);
	ck_assert(refresh_token_read(&back, text));
	text_from_uuid(id, back.session_id);
	ck_assert_str_eq(id, SESSION);
	ck_assert_uint_eq(back.generation, 0x01020304);
	ck_assert_mem_eq(back.secret, token.secret, sizeof(token.secret));
}
END_TEST

START_TEST(what_is_longer_shorter_or_of_a_generation_too_high_is_no_token)
{
	struct refresh_token token;
	char text[2 * REFRESH_TOKEN_SIZE];

	refresh_token_new(&token, SESSION);
	refresh_token_write(text, &token);
	strcat(text, "A");
	ck_assert(!refresh_token_read(&token, text));
	text[REFRESH_TOKEN_SIZE - 2] = '\0';
	ck_assert(!refresh_token_read(&token, text));
	ck_assert(!refresh_token_read(&token, ""));
	for (uint32_t high = 0x7fffffff; high != 0; high = high == 0x7fffffff ? 0x80000000 : high == 0x80000000 ? 0xffffffff : 0) {
		token.generation = high;
		refresh_token_write(text, &token);
		ck_assert(!refresh_token_read(&token, text));
	}
}
END_TEST

START_TEST(no_two_sessions_begin_alike_and_a_successor_is_always_the_same)
{
	struct refresh_token first, second, next, again;

	refresh_token_new(&first, SESSION);
	refresh_token_new(&second, SESSION);
	ck_assert_mem_ne(first.secret, second.secret, sizeof(first.secret));
	refresh_token_next(&next, &first, key);
	refresh_token_next(&again, &first, key);
	ck_assert_uint_eq(next.generation, 1);
	ck_assert_mem_eq(next.secret, again.secret, sizeof(next.secret));
	ck_assert_mem_ne(next.secret, first.secret, sizeof(next.secret));
	refresh_token_next(&again, &first, other_key);
	ck_assert_mem_ne(next.secret, again.secret, sizeof(next.secret));
}
END_TEST

START_TEST(every_ancestor_leads_to_the_current_token)
{
	struct refresh_token tokens[40];
	uint8_t current[REFRESH_HASH_BYTES];

	chain(tokens, 40);
	refresh_token_hash(current, &tokens[39]);
	for (int i = 0; i < 40; i++)
		ck_assert(refresh_token_leads_to(&tokens[i], key, 39, current, sizeof(current)));
}
END_TEST

START_TEST(a_forged_ancestor_leads_nowhere)
{
	struct refresh_token tokens[5], forged;
	uint8_t current[REFRESH_HASH_BYTES];

	chain(tokens, 5);
	refresh_token_hash(current, &tokens[4]);
	for (int byte = 0; byte < REFRESH_SECRET_BYTES; byte++) {
		forged = tokens[2];
		forged.secret[byte] ^= 1;
		ck_assert(!refresh_token_leads_to(&forged, key, 4, current, sizeof(current)));
	}
	forged = tokens[2];
	forged.session_id[15] ^= 1;
	ck_assert(!refresh_token_leads_to(&forged, key, 4, current, sizeof(current)));
	/* A true secret under another generation. */
	forged = tokens[3];
	forged.generation = 2;
	ck_assert(!refresh_token_leads_to(&forged, key, 4, current, sizeof(current)));
	ck_assert(!refresh_token_leads_to(&tokens[2], other_key, 4, current, sizeof(current)));
	ck_assert(!refresh_token_leads_to(&tokens[4], key, 3, current, sizeof(current)));
	ck_assert(!refresh_token_leads_to(&tokens[2], key, 4, current, 0));
}
END_TEST

START_TEST(an_ancestor_from_too_long_ago_is_not_walked_to)
{
	static struct refresh_token tokens[REFRESH_MOST_STEPS + 2];
	uint8_t current[REFRESH_HASH_BYTES];

	chain(tokens, REFRESH_MOST_STEPS + 2);
	refresh_token_hash(current, &tokens[REFRESH_MOST_STEPS + 1]);
	ck_assert(!refresh_token_leads_to(&tokens[0], key, REFRESH_MOST_STEPS + 1, current, sizeof(current)));
	ck_assert(refresh_token_leads_to(&tokens[1], key, REFRESH_MOST_STEPS + 1, current, sizeof(current)));
	ck_assert(!refresh_token_leads_to(&tokens[0], key, UINT32_MAX, current, sizeof(current)));
}
END_TEST

SUITE("refresh_token",
    a_token_reads_back_as_it_was_written,
    what_is_longer_shorter_or_of_a_generation_too_high_is_no_token,
    no_two_sessions_begin_alike_and_a_successor_is_always_the_same,
    every_ancestor_leads_to_the_current_token,
    a_forged_ancestor_leads_nowhere,
    an_ancestor_from_too_long_ago_is_not_walked_to);

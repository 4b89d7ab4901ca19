/* The file that tells which key signs: taken whole or not at all. */
#include <stdlib.h>
#include <string.h>

#include "auth/token_states.h"
#include "unit.h"

#define SINCE	"2026-11-20T12:00:00Z"
#define GOOD	"k1 retiring " SINCE "\nk2 active " SINCE "\nk3 next " SINCE "\n"

/* A copy of its own size, so that a byte read too many is noticed. */
static bool
reads(const char *text, size_t size, char id[TOKEN_KEY_ID_SIZE])
{
	char *copy = malloc(size > 0 ? size : 1);
	bool good;

	memcpy(copy, text, size);
	good = token_states_active(id, copy, size);
	free(copy);
	return good;
}

static bool
takes(const char *text)
{
	char id[TOKEN_KEY_ID_SIZE];

	return reads(text, strlen(text), id);
}

START_TEST(the_active_key_is_told)
{
	char id[TOKEN_KEY_ID_SIZE];

	ck_assert(reads(GOOD, strlen(GOOD), id));
	ck_assert_str_eq(id, "k2");
	ck_assert(takes("k2 active 2026-11-20T12:00:00.5+01:00\n"));
	ck_assert(takes("a234567890b234567890c234567890d234567890e234567890f234567890g234 active " SINCE "\n"));
}
END_TEST

/* Only where a line ends it may have ended; what is left must still name the active one. */
START_TEST(half_a_file_is_none)
{
	char id[TOKEN_KEY_ID_SIZE];

	for (size_t size = 0; size < strlen(GOOD); size++) {
		bool whole = size > 0 && GOOD[size - 1] == '\n' && memmem(GOOD, size, "active", 6) != NULL;

		ck_assert_msg(reads(GOOD, size, id) == whole, "of %zu bytes", size);
	}
}
END_TEST

START_TEST(what_is_not_of_that_form_is_none)
{
	static const char *const wrong[] = {
		"", "\n", "k1 active\n", "k1 active \n", "k1 active yesterday\n", "k1  active " SINCE "\n",
		" k1 active " SINCE "\n", "k1 active " SINCE " \n", "k1 active " SINCE "\r\n", "k1 Active " SINCE "\n",
		"k1 next " SINCE "\n", "k1 active " SINCE "\nk2 active " SINCE "\n", "k1 active " SINCE "\n\n",
		"k/1 active " SINCE "\n", "../k active " SINCE "\n", "k1 active " SINCE "\nk2 gone " SINCE "\n",
		"a234567890b234567890c234567890d234567890e234567890f234567890g2345 active " SINCE "\n",
		"k1\tactive\t" SINCE "\n",
	};
	char id[TOKEN_KEY_ID_SIZE], *line = malloc(4096);

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		ck_assert_msg(!takes(wrong[i]), "%s is taken", wrong[i]);
	ck_assert(!reads("k1 active " SINCE "\n\0\n", strlen(GOOD) / 3 + 3, id));
	memset(line, 'x', 4096);
	ck_assert(!reads(line, 4096, id));
	line[4095] = '\n';
	ck_assert(!reads(line, 4096, id));
	free(line);
}
END_TEST

SUITE("token_states", the_active_key_is_told, half_a_file_is_none, what_is_not_of_that_form_is_none)

/* Who may join which channel. */
#include "rights.h"
#include "unit.h"

#define ME	"0190a2b4-5c6d-7e8f-9a0b-1c2d3e4f5a6b"
#define OTHER	"0190a2b4-5c6d-7e8f-9a0b-1c2d3e4f5a6c"

START_TEST(ones_own_channels_are_nobody_elses)
{
	ck_assert_int_eq(right_to_join("notifications:" ME, ME), MAY_JOIN);
	ck_assert_int_eq(right_to_join("chat:" ME, ME), MAY_JOIN);
	ck_assert_int_eq(right_to_join("notifications:" OTHER, ME), MAY_NOT_JOIN);
	ck_assert_int_eq(right_to_join("chat:" OTHER, ME), MAY_NOT_JOIN);
}
END_TEST

START_TEST(public_facts_are_for_all_and_rooms_for_members)
{
	ck_assert_int_eq(right_to_join("game:" OTHER, ME), MAY_JOIN);
	ck_assert_int_eq(right_to_join("event:" OTHER, ME), MAY_JOIN);
	ck_assert_int_eq(right_to_join("sport:" OTHER, ME), MAY_JOIN);
	ck_assert_int_eq(right_to_join("lab:notify-upload", ME), MAY_JOIN);
	ck_assert_int_eq(right_to_join("room:" OTHER, ME), ASK_CHAT);
}
END_TEST

START_TEST(what_is_no_channel_is_told_apart)
{
	static const char *const wrong[] = {
		"", ":", "game", "game:", "game:1", "games:" ME, "lab:notify-all", "lab:" ME, "game:" ME ":log", "chat:" ME "x",
		"game:0190A2B4-5c6d-7e8f-9a0b-1c2d3e4f5a6b",
	};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		ck_assert_msg(right_to_join(wrong[i], ME) == NO_CHANNEL, "%s is taken", wrong[i]);
}
END_TEST

SUITE("rights", ones_own_channels_are_nobody_elses, public_facts_are_for_all_and_rooms_for_members,
    what_is_no_channel_is_told_apart)

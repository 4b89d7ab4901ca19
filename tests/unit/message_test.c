/* Messages of the bus, and places in a channel. */
#include <string.h>

#include "message.h"
#include "unit.h"

#define EPOCH	"00000000000000ab"

static bool
reads(struct message *message, const char *text)
{
	return message_read(message, "game:1", text, strlen(text));
}

START_TEST(a_place_is_read_as_it_is_written)
{
	struct place place;
	char text[PLACE_SIZE];

	ck_assert(place_read(&place, EPOCH ".17"));
	ck_assert_uint_eq(place.epoch, 0xab);
	ck_assert_uint_eq(place.number, 17);
	place_write(text, &place);
	ck_assert_str_eq(text, EPOCH ".17");
	ck_assert(place_read(&place, ".0"));
	place_write(text, &place);
	ck_assert_str_eq(text, ".0");
}
END_TEST

START_TEST(what_is_no_place_is_refused)
{
	static const char *const wrong[] = {
		"", ".", ".1", EPOCH, EPOCH ".", EPOCH ".x", EPOCH ".1x", EPOCH ".-1", "ab.1", "00000000000000AB.1",
		"0000000000000000.1", EPOCH ".9999999999999999999",
	};
	struct place place;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		ck_assert_msg(!place_read(&place, wrong[i]), "%s is taken", wrong[i]);
}
END_TEST

START_TEST(only_the_very_next_one_follows)
{
	struct place nothing = { 0, 0 }, first = { 7, 1 }, second = { 7, 2 }, third = { 7, 3 }, other = { 8, 2 };

	ck_assert(place_follows(&nothing, &first));
	ck_assert(place_follows(&first, &second));
	ck_assert(!place_follows(&nothing, &second));
	ck_assert(!place_follows(&first, &first));
	ck_assert(!place_follows(&first, &third));
	ck_assert(!place_follows(&first, &other));
}
END_TEST

START_TEST(a_message_says_its_place)
{
	struct message message;

	ck_assert(reads(&message, "{\"channel\":\"game:1\",\"epoch\":\"" EPOCH "\",\"seq\":12,\"type\":\"x\"}"));
	ck_assert_uint_eq(message.place.epoch, 0xab);
	ck_assert_uint_eq(message.place.number, 12);
	ck_assert(reads(&message, "{\"channel\":\"game:1\",\"epoch\":\"" EPOCH "\",\"seq\":12}"));
}
END_TEST

START_TEST(a_message_of_another_form_or_channel_is_refused)
{
	static const char *const wrong[] = {
		"", "{}", "{\"channel\":\"game:1\"", "{\"channel\":\"game:1\",\"epoch\":\"" EPOCH "\",\"seq\":",
		"{\"channel\":\"game:2\",\"epoch\":\"" EPOCH "\",\"seq\":12}",
		"{\"channel\":\"game:12\",\"epoch\":\"" EPOCH "\",\"seq\":12}",
		"{\"channel\":\"game:1\",\"epoch\":\"\",\"seq\":12}",
		"{\"channel\":\"game:1\",\"epoch\":\"" EPOCH "\",\"seq\":0}",
		"{\"channel\":\"game:1\",\"epoch\":\"" EPOCH "\",\"seq\":1x}",
		"{\"channel\":\"game:1\",\"epoch\":\"" EPOCH "\",\"seq\":1,\n\"type\":\"x\"}",
	};
	struct message message;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		ck_assert_msg(!reads(&message, wrong[i]), "%s is taken", wrong[i]);
}
END_TEST

START_TEST(a_packet_of_a_message_is_made_once)
{
	const char *text = "{\"channel\":\"game:1\",\"epoch\":\"" EPOCH "\",\"seq\":12}";
	struct message message;
	struct packet *packet;

	ck_assert(reads(&message, text));
	packet = message_packet(&message, FORM_EVENTS_WITH_ID);
	ck_assert_ptr_eq(message_packet(&message, FORM_EVENTS_WITH_ID), packet);
	ck_assert_mem_eq(packet->data, "id: " EPOCH ".12\n", 24);
	message_end(&message);
}
END_TEST

SUITE("message", a_place_is_read_as_it_is_written, what_is_no_place_is_refused, only_the_very_next_one_follows,
    a_message_says_its_place, a_message_of_another_form_or_channel_is_refused, a_packet_of_a_message_is_made_once)

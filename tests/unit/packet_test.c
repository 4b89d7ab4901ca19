/* Frames and events as they go over the wire. */
#include <string.h>

#include "packet.h"
#include "unit.h"

static void
expect_head(uint64_t size, const char *wanted, size_t wanted_size)
{
	uint8_t head[PACKET_HEAD_MAX];

	ck_assert_uint_eq(packet_head(head, OPCODE_TEXT, size), wanted_size);
	ck_assert_mem_eq(head, wanted, wanted_size);
}

static void
expect_packet(struct packet *packet, const char *wanted, size_t size)
{
	ck_assert_uint_eq(packet->size, size);
	ck_assert_mem_eq(packet->data, wanted, size);
	packet_release(packet);
}

START_TEST(a_head_has_its_length_in_the_fewest_bytes)
{
	expect_head(0, "\x81\x00", 2);
	expect_head(125, "\x81\x7d", 2);
	expect_head(126, "\x81\x7e\x00\x7e", 4);
	expect_head(65535, "\x81\x7e\xff\xff", 4);
	expect_head(65536, "\x81\x7f\x00\x00\x00\x00\x00\x01\x00\x00", 10);
}
END_TEST

START_TEST(a_close_frame_says_code_and_reason)
{
	struct packet *packet;
	char reason[200];

	expect_packet(packet_close(4001, "gone"), "\x88\x06\x0f\xa1gone", 8);
	memset(reason, 'r', sizeof(reason) - 1);
	reason[sizeof(reason) - 1] = '\0';
	packet = packet_close(1000, reason);
	ck_assert_uint_eq(packet->size, 2 + 125);
	packet_release(packet);
}
END_TEST

START_TEST(an_event_bears_its_place_if_it_is_wanted)
{
	expect_packet(packet_new(FORM_SOCKET, "{}", 2, "a.1"), "\x81\x02{}", 4);
	expect_packet(packet_new(FORM_EVENTS, "{}", 2, "a.1"), "data: {}\n\n", 10);
	expect_packet(packet_new(FORM_EVENTS_WITH_ID, "{}", 2, "a.1"), "id: a.1\ndata: {}\n\n", 18);
	expect_packet(packet_new(FORM_EVENTS_WITH_ID, "{}", 2, NULL), "data: {}\n\n", 10);
}
END_TEST

START_TEST(a_packet_lives_as_long_as_someone_holds_it)
{
	struct packet *packet = packet_raw("x", 1);

	ck_assert_ptr_eq(packet_hold(packet), packet);
	packet_release(packet);
	ck_assert_uint_eq(packet->references, 1);
	packet_release(packet);
	packet_release(NULL);
	ck_assert_ptr_null(packet_hold(NULL));
}
END_TEST

SUITE("packet", a_head_has_its_length_in_the_fewest_bytes, a_close_frame_says_code_and_reason,
    an_event_bears_its_place_if_it_is_wanted, a_packet_lives_as_long_as_someone_holds_it)

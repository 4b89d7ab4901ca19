/* Heads of requests as nginx passes them on, and the key of a WebSocket. */
#include <string.h>

#include "head.h"
#include "unit.h"

static bool
reads(struct head *head, const char *text)
{
	static char copy[1024];

	return head_read(head, strcpy(copy, text));
}

START_TEST(a_head_is_taken_apart)
{
	struct head head;

	ck_assert(reads(&head, "GET /ws?channels=a&after=b HTTP/1.1\r\nHost: realtime\r\nupgrade: websocket\r\n"
	    "Sec-WebSocket-Key:  dGhlIHNhbXBsZSBub25jZQ== \t\r\nAuthorization: Bearer x y\r\n\r\n"));
	ck_assert_str_eq(head.method, "GET");
	ck_assert_str_eq(head.path, "/ws");
	ck_assert_str_eq(head.query, "channels=a&after=b");
	ck_assert_str_eq(head.upgrade, "websocket");
	ck_assert_str_eq(head.key, "dGhlIHNhbXBsZSBub25jZQ==");
	ck_assert_str_eq(head.authorization, "Bearer x y");
	ck_assert_str_eq(head.accept, "");
}
END_TEST

START_TEST(a_head_of_another_form_is_refused)
{
	static const char *const wrong[] = {
		"GET /ws HTTP/1.0\r\n\r\n", "GET ws HTTP/1.1\r\n\r\n", "GET /ws\r\n\r\n", "\r\n\r\n",
		"GET /ws HTTP/1.1\r\nno colon\r\n\r\n", "GET /ws HTTP/1.1\r\n: no name\r\n\r\n",
		"GET /ws HTTP/1.1\r\nHost: a\r\n", "GET /ws HTTP/1.1\nHost: a\r\n\r\n",
		"GET /ws HTTP/1.1\r\nUpgrade: a\r\nUpgrade: b\r\n\r\n",
	};
	struct head head;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		ck_assert_msg(!reads(&head, wrong[i]), "%s is taken", wrong[i]);
}
END_TEST

START_TEST(a_word_is_found_in_a_list)
{
	ck_assert(head_lists("keep-alive, Upgrade", "upgrade"));
	ck_assert(head_lists("text/html;q=0.5, text/event-stream;q=1", "text/event-stream"));
	ck_assert(!head_lists("upgrades", "upgrade"));
	ck_assert(!head_lists("text/html;upgrade", "upgrade"));
	ck_assert(!head_lists("", "upgrade"));
	ck_assert(!head_lists(", ,", "upgrade"));
}
END_TEST

/* RFC 6455, 1.3 */
START_TEST(the_key_is_answered_as_the_standard_says)
{
	char accept[HEAD_ACCEPT_SIZE];

	head_accept(accept, "dGhlIHNhbXBsZSBub25jZQ==");
	ck_assert_str_eq(accept, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
	ck_assert(head_is_key("dGhlIHNhbXBsZSBub25jZQ=="));
	ck_assert(!head_is_key("dGhlIHNhbXBsZSBub25jZQ="));
	ck_assert(!head_is_key("dGhlIHNhbXBsZSBub25jZQ=x"));
	ck_assert(!head_is_key("dGhlIHNhbXBsZSBub25j-Q=="));
	ck_assert(!head_is_key(""));
}
END_TEST

SUITE("head", a_head_is_taken_apart, a_head_of_another_form_is_refused, a_word_is_found_in_a_list,
    the_key_is_answered_as_the_standard_says)

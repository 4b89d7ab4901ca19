/*
 * Fuzzes what the gateway of WebSockets reads from strangers, and from the bus:
 * the first byte says whether the rest is a request's head, a place or a message.
 */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "../../realtime/head.c"	/* a target is one source */
#include "../../realtime/message.c"
#include "../../realtime/packet.c"

/* Every text of a head is inside of it. */
static void
read_head(char *text, size_t size)
{
	struct head head;
	char accept[HEAD_ACCEPT_SIZE];

	if (!head_read(&head, text))
		return;
	promise(head.path >= text && head.path + strlen(head.path) <= text + size);
	head_lists(head.connection, "upgrade");
	if (head_is_key(head.key))
		head_accept(accept, head.key);
}

/* One that is taken is written as it was, but for zeros before its number. */
static void
read_place(const char *text)
{
	struct place place, again;
	char written[PLACE_SIZE];

	if (!place_read(&place, text))
		return;
	place_write(written, &place);
	promise(place_read(&again, written) && again.epoch == place.epoch && again.number == place.number);
}

static void
read_message(const char *text, size_t size)
{
	struct message message;

	if (!message_read(&message, "game:1", text, size))
		return;
	promise(message.place.epoch != 0 && message.place.number != 0);
	promise(message_packet(&message, FORM_SOCKET)->size > size);
	promise(message_packet(&message, FORM_EVENTS_WITH_ID)->size > size);
	message_end(&message);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text;

	if (size == 0 || (text = malloc(size)) == NULL)
		return 0;
	memcpy(text, data + 1, size - 1);
	text[size - 1] = '\0';
	switch (data[0] % 3) {
	case 0:
		read_head(text, size - 1);
		break;
	case 1:
		read_place(text);
		break;
	default:
		read_message(text, size - 1);
	}
	free(text);
	return 0;
}

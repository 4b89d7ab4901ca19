/* Packets: frames of WebSockets, server-sent events, HTTP. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "packet.h"

#define REASON_MAX	123	/* of a close frame, whose payload has 125 bytes */

static struct packet *
packet_room(size_t size)
{
	struct packet *packet = malloc(sizeof(*packet) + size);

	if (packet != NULL) {
		packet->references = 1;
		packet->size = (uint32_t)size;
	}
	return packet;
}

struct packet *
packet_raw(const void *bytes, size_t size)
{
	struct packet *packet = packet_room(size);

	if (packet != NULL)
		memcpy(packet->data, bytes, size);
	return packet;
}

size_t
packet_head(uint8_t out[PACKET_HEAD_MAX], enum opcode opcode, uint64_t size)
{
	int bytes = size < 126 ? 0 : size < 65536 ? 2 : 8;

	out[0] = (uint8_t)(0x80 | opcode);
	out[1] = (uint8_t)(bytes == 0 ? size : bytes == 2 ? 126 : 127);
	for (int i = 0; i < bytes; i++)
		out[2 + i] = (uint8_t)(size >> (8 * (bytes - 1 - i)));
	return 2 + (size_t)bytes;
}

struct packet *
packet_frame(enum opcode opcode, const void *bytes, size_t size)
{
	uint8_t head[PACKET_HEAD_MAX];
	size_t head_size = packet_head(head, opcode, size);
	struct packet *packet = packet_room(head_size + size);

	if (packet != NULL) {
		memcpy(packet->data, head, head_size);
		memcpy(packet->data + head_size, bytes, size);
	}
	return packet;
}

struct packet *
packet_close(int code, const char *reason)
{
	char payload[2 + REASON_MAX] = { (char)(code >> 8), (char)code };
	size_t size = strnlen(reason, REASON_MAX);

	memcpy(payload + 2, reason, size);
	return packet_frame(OPCODE_CLOSE, payload, 2 + size);
}

static struct packet *
packet_event(const char *text, size_t size, const char *place)
{
	char id[64] = "";
	struct packet *packet;
	size_t id_size;
	char *at;

	if (place != NULL)
		snprintf(id, sizeof(id), "id: %s\n", place);
	id_size = strlen(id);
	if ((packet = packet_room(id_size + 6 + size + 2)) == NULL)
		return NULL;
	at = mempcpy(packet->data, id, id_size);
	at = mempcpy(at, "data: ", 6);
	at = mempcpy(at, text, size);
	memcpy(at, "\n\n", 2);
	return packet;
}

struct packet *
packet_new(enum form form, const char *text, size_t size, const char *place)
{
	if (form == FORM_SOCKET)
		return packet_frame(OPCODE_TEXT, text, size);
	return packet_event(text, size, form == FORM_EVENTS_WITH_ID ? place : NULL);
}

struct packet *
packet_hold(struct packet *packet)
{
	if (packet != NULL)
		packet->references++;
	return packet;
}

void
packet_release(struct packet *packet)
{
	if (packet != NULL && --packet->references == 0)
		free(packet);
}

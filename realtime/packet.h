/* What clients get, as it goes over the wire: made once, counted, shared by all who get it. */
#ifndef REALTIME_PACKET_H
#define REALTIME_PACKET_H

#include <stddef.h>
#include <stdint.h>

/* A WebSocket's frame, or a server-sent event, which bears the place where its client goes on if it has one channel. */
enum form { FORM_SOCKET, FORM_EVENTS, FORM_EVENTS_WITH_ID, FORMS };

enum opcode { OPCODE_TEXT = 1, OPCODE_CLOSE = 8, OPCODE_PING = 9 };

#define PACKET_HEAD_MAX		10

struct packet {
	unsigned	 references;
	uint32_t	 size;
	char		 data[];
};

/* All of these give one reference; NULL: no memory. */
struct packet	*packet_raw(const void *, size_t);
/* One line of text; the place is for FORM_EVENTS_WITH_ID, NULL: none. */
struct packet	*packet_new(enum form, const char *text, size_t, const char *place);
struct packet	*packet_frame(enum opcode, const void *, size_t);
struct packet	*packet_close(int code, const char *reason);
struct packet	*packet_hold(struct packet *);
void		 packet_release(struct packet *);	/* NULL is nothing */

/* The head of an unmasked frame that is whole (RFC 6455, 5.2); its size. */
size_t		 packet_head(uint8_t out[PACKET_HEAD_MAX], enum opcode, uint64_t size);

#endif

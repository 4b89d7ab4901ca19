/*
 * Frames from clients.  wslay's context takes 8 kB and more, so a client has
 * one only while it has something in flight.
 */
#include <stdlib.h>
#include <string.h>
#include <wslay/wslay.h>

#include "actions.h"
#include "client.h"
#include "people.h"
#include "websocket.h"

struct decoder {
	wslay_event_context_ptr	 context;
	const char		*input;		/* what was read and not taken yet */
	size_t			 size;
	uint64_t		 taken, announced;	/* bytes; those of all frames that have begun */
	bool			 is_open;	/* a message goes on in another frame */
};

static ssize_t
take(wslay_event_context_ptr context, uint8_t *out, size_t room, int flags, void *arg)
{
	struct decoder *decoder = ((struct client *)arg)->input;

	(void)flags;
	if (decoder->size == 0) {
		wslay_event_set_error(context, WSLAY_ERR_WOULDBLOCK);
		return -1;
	}
	if (room > decoder->size)
		room = decoder->size;
	memcpy(out, decoder->input, room);
	decoder->input += room;
	decoder->size -= room;
	decoder->taken += room;
	return (ssize_t)room;
}

/* Of wslay's own: pongs, and what it answers to a close frame or a breach. */
static ssize_t
put(wslay_event_context_ptr context, const uint8_t *bytes, size_t size, int flags, void *arg)
{
	(void)context;
	(void)flags;
	client_give(arg, packet_raw(bytes, size));
	return (ssize_t)size;
}

/* Bytes of a frame from a client: its head, a mask of four, and what it carries. */
static uint64_t
frame_size(uint64_t payload)
{
	return 6 + (payload > 65535 ? 8 : payload > 125 ? 2 : 0) + payload;
}

static void
begin(wslay_event_context_ptr context, const struct wslay_event_on_frame_recv_start_arg *frame, void *arg)
{
	struct client *c = arg;
	struct decoder *decoder = c->input;

	decoder->announced += frame_size(frame->payload_length);
	if (!wslay_is_ctrl_frame(frame->opcode))
		decoder->is_open = !frame->fin;
	c->gateway->counters.frames++;
	if (c->state == CLIENT_SOCKET && !person_may_speak(c->gateway, c->person)) {
		client_close(c, CLOSE_POLICY, "too many frames");
		/* Or it would owe a pong for each ping that was read along with these: a megabyte in one go. */
		wslay_event_shutdown_read(context);
	}
}

static void
end(wslay_event_context_ptr context, const struct wslay_event_on_msg_recv_arg *message, void *arg)
{
	struct client *c = arg;

	if (c->state != CLIENT_SOCKET || wslay_is_ctrl_frame(message->opcode))
		return;
	/* Pongs that are owed go before what the message is answered with. */
	wslay_event_send(context);
	if (message->opcode == WSLAY_BINARY_FRAME)
		client_close(c, CLOSE_BINARY, "text only");
	else
		actions_take(c, message->msg_length > 0 ? (const char *)message->msg : "", message->msg_length);
}

static bool
make(struct client *c)
{
	static const struct wslay_event_callbacks callbacks = {
		.recv_callback = take, .send_callback = put, .on_frame_recv_start_callback = begin, .on_msg_recv_callback = end,
	};
	struct decoder *decoder = calloc(1, sizeof(*decoder));

	if (decoder == NULL || wslay_event_context_server_init(&decoder->context, &callbacks, c) != 0) {
		free(decoder);
		return false;
	}
	wslay_event_config_set_max_recv_msg_length(decoder->context, WEBSOCKET_MESSAGE_MAX);
	c->input = decoder;
	c->decodes = true;
	return true;
}

void
websocket_release(struct client *c)
{
	if (!c->decodes)
		return;
	wslay_event_context_free(((struct decoder *)c->input)->context);
	free(c->input);
	c->input = NULL;
	c->decodes = false;
}

/* What comes in, and what wslay owes for it. */
static bool
exchange(const struct client *c, const struct decoder *decoder)
{
	if (wslay_event_recv(decoder->context) != 0)
		return false;
	return c->state != CLIENT_SOCKET || wslay_event_send(decoder->context) == 0;
}

void
websocket_input(struct client *c, const char *bytes, size_t size)
{
	struct decoder *decoder;
	bool good;

	if (!c->decodes && !make(c)) {
		client_end(c);
		return;
	}
	decoder = c->input;
	decoder->input = bytes;
	decoder->size = size;
	good = exchange(c, decoder);
	if (c->state != CLIENT_SOCKET)
		return;		/* its decoder goes with it */
	if (!good)
		client_end(c);
	else if (wslay_event_get_close_sent(decoder->context) || !wslay_event_want_read(decoder->context))
		client_finish(c);
	else if (decoder->taken == decoder->announced && !decoder->is_open)
		websocket_release(c);
}

/* What clients send on a WebSocket: frames, read by wslay. */
#ifndef REALTIME_WEBSOCKET_H
#define REALTIME_WEBSOCKET_H

#include <stddef.h>

struct client;

#define WEBSOCKET_MESSAGE_MAX	4096	/* bytes a client may say at once */

/* Answers pings and close frames, closes what breaks the protocol, hands texts to actions_take(). */
void	 websocket_input(struct client *, const char *, size_t);
/* Frees what it was read with. */
void	 websocket_release(struct client *);

#endif

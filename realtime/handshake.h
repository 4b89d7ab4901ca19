/* Requests: a WebSocket is opened, an event stream begins, or there is an answer and the end. */
#ifndef REALTIME_HANDSHAKE_H
#define REALTIME_HANDSHAKE_H

#include <stddef.h>

struct client;

/* Bytes of a client whose request is not complete yet. */
void	 handshake_input(struct client *, char *, size_t);

#endif

/* The head of a request, as nginx passes it on. */
#ifndef REALTIME_HEAD_H
#define REALTIME_HEAD_H

#include <stdbool.h>

#define HEAD_MAX	16384	/* bytes; nginx refuses more than 8 kB in a line */

/* What is not there is "". */
struct head {
	const char	*method, *path, *query;
	const char	*accept, *authorization, *connection, *key, *last_event_id, *request_id, *upgrade, *version;
};

/* Takes the text apart, up to the empty line that ends it. False: it is no HTTP/1.1, or a line of ours comes twice. */
bool	 head_read(struct head *, char *text);
/* Whether a list, with commas between, has that word in any case. */
bool	 head_lists(const char *list, const char *word);
/* What Sec-WebSocket-Accept answers to a key (RFC 6455, 4.2.2). */
#define HEAD_ACCEPT_SIZE	29
void	 head_accept(char out[HEAD_ACCEPT_SIZE], const char *key);
/* 16 bytes in base64. */
bool	 head_is_key(const char *key);

#endif

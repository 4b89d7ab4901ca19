/* Questions to chat, who alone knows the members of a room: asked by a thread of their own. */
#ifndef REALTIME_ASKS_H
#define REALTIME_ASKS_H

#include <stdbool.h>

struct asks;
struct client;
struct gateway;
struct place;

/* NULL: no memory, or no thread. */
struct asks	*asks_new(struct gateway *);
/* May this client join it? If so it does, else it is told why not. after: as channel_join() takes it. */
void		 asks_join(struct asks *, struct client *, const char *channel, const struct place *after);
/* That person was put out of the channel: what is asked for him just now is answered no. */
void		 asks_refuse(struct asks *, const char *channel, const char *user_id);
/* The client is gone: nobody wants to know. */
void		 asks_forget(struct asks *, const struct client *);

#endif

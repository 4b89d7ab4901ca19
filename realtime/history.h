/* Catching up: a channel's messages from where a subscriber is, read from its stream on the bus. */
#ifndef REALTIME_HISTORY_H
#define REALTIME_HISTORY_H

struct client;
struct gateway;
struct subscriber;

/* Of one who has just joined: LIVE at once when nothing can be missing. */
void	 history_begin(struct subscriber *);
/* It falls BEHIND, and a page is asked for. */
void	 history_read(struct subscriber *);
/* The client has room again. */
void	 history_resume(struct client *);
/* It leaves. */
void	 history_forget(struct subscriber *);

#endif

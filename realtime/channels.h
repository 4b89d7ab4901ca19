/* Channels that someone listens to, and who does. */
#ifndef REALTIME_CHANNELS_H
#define REALTIME_CHANNELS_H

#include <stdbool.h>
#include <stddef.h>

#include "message.h"

struct client;
struct gateway;
struct reading;

struct channel {
	struct channel		*next;		/* in its bucket */
	struct subscriber	*subscribers;
	struct reading		*readings;	/* of its history, under way; it lives as long */
	uint32_t		 hash;
	bool			 is_known;	/* place is where the bus is, as far as it has told us */
	bool			 is_room;	/* who is there is told (presence.h) */
	struct place		 place;		/* the highest that was seen */
	char			 name[];
};

/*
 * One client in one channel.  It is LIVE, and gets each message that comes; or
 * it is BEHIND, and gets none that comes but the channel's history from where
 * it is, until nothing is missing.  So no number comes twice, and none is left
 * out but by a `reload`.
 */
struct subscriber {
	struct client		*client;
	struct channel		*channel;
	struct subscriber	*next_of_client;
	struct subscriber	*next, **at;	/* of the channel */
	struct reading		*reading;	/* that it waits for, or NULL */
	struct subscriber	*next_reader, **reader_at;
	struct place		 place;		/* the last it got */
	enum { BEHIND, LIVE }	 state;
	bool			 is_new;	/* was not told yet that it has joined */
	bool			 is_fresh;	/* wants nothing of what was before, and has no place yet */
};

struct channels	*channels_new(void);	/* NULL: no memory */
/* Who may is for the caller to know. after: the last message it has; NULL: none. Twice is once. */
void		 channel_join(struct client *, const char *name, const struct place *after);
/* Tells it with that reason. False: it was not in it. */
bool		 channel_leave(struct client *, const char *name, const char *reason);
void		 channels_leave_all(struct client *);
/* A message from the bus, for those who listen. */
void		 channels_publish(struct gateway *, const char *name, const char *text, size_t);
/* That person's sockets are put out of it. */
void		 channels_kick(struct gateway *, const char *name, const char *user_id, const char *reason);
/* NULL: nobody listens. */
struct channel	*channel_find(struct channels *, const char *name);
/* Forgets one that nobody listens to and nothing is read of. */
void		 channel_let_go(struct channels *, struct channel *);
/* The bus was away: nobody knows what was missed. */
void		 channels_resume(struct gateway *);
void		 channels_each(struct channels *, void (*each)(void *, struct channel *), void *arg);
unsigned	 channels_count(const struct channels *);

#endif

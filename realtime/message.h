/* A message of a channel as the bus carries it: its place in the channel, and what clients get of it. */
#ifndef REALTIME_MESSAGE_H
#define REALTIME_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "packet.h"

/*
 * A place in a channel.  Numbers of one epoch follow each other; another epoch
 * means that they began anew.  All zero: before anything was told.
 */
struct place {
	uint64_t	 epoch, number;
};

#define PLACE_SIZE	40	/* "<epoch>.<number>", 16 hex digits and decimal */
/* False: it is no place. */
bool		 place_read(struct place *, const char *);
/* An epoch alone, as it stands in frames; "" is 0. */
bool		 place_read_epoch(uint64_t *, const char *, size_t);
void		 place_write(char out[PLACE_SIZE], const struct place *);
/* The very next one. */
bool		 place_follows(const struct place *, const struct place *next);

struct message {
	struct place	 place;
	const char	*text;		/* JSON, one line; not NUL-terminated */
	size_t		 size;
	struct packet	*packets[FORMS];	/* made when first wanted */
};

/* Reads {"channel":"NAME","epoch":"...","seq":N,...}; false: it is not of that form, or of another channel. */
bool		 message_read(struct message *, const char *channel, const char *text, size_t);
/* It stays the message's own. NULL: no memory. */
struct packet	*message_packet(struct message *, enum form);
void		 message_end(struct message *);

#endif

/* What waits for a client: packets, in blocks of a cache line, for a message goes to thousands of queues in a turn. */
#ifndef REALTIME_QUEUE_H
#define REALTIME_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

struct packet;
struct queue_block;

/* All zero is an empty one. */
struct queue {
	struct queue_block	*first, *last;
	uint32_t		 bytes;
	uint32_t		 sent_of_first;
	uint16_t		 count;		/* of packets */
};

/* Takes a reference of its own. False: no memory. */
bool	 queue_add(struct queue *, struct packet *);
/* What comes next, in at most so many vectors; how many, and their bytes. */
int	 queue_vectors(const struct queue *, struct iovec *, int most, size_t *bytes);
/* So many bytes went out. */
void	 queue_drop(struct queue *, size_t bytes);
/* All but the packet of which a part went out. */
void	 queue_give_up(struct queue *);
void	 queue_clear(struct queue *);

#endif

/* What waits for a client. Blocks that no queue needs are kept: malloc() and free() were a fifth of what a delivery cost. */
#include <stdlib.h>

#include "packet.h"
#include "queue.h"

#define LINE		64		/* bytes of a cache line */
#define PACKETS		6		/* of a block */
#define MOST_SPARE	32768

struct queue_block {
	struct queue_block	*next;
	uint32_t		 begin, end;
	struct packet		*packets[PACKETS];
};
_Static_assert(sizeof(struct queue_block) == LINE, "a block is a line");

static struct queue_block *spare;
static int spare_count;

static struct queue_block *
take_block(void)
{
	struct queue_block *block = spare;

	if (block == NULL)
		return aligned_alloc(LINE, sizeof(*block));
	spare = block->next;
	spare_count--;
	return block;
}

static void
give_block(struct queue_block *block)
{
	if (spare_count >= MOST_SPARE) {
		free(block);
		return;
	}
	block->next = spare;
	spare = block;
	spare_count++;
}

bool
queue_add(struct queue *queue, struct packet *packet)
{
	struct queue_block *block = queue->last;

	if (block == NULL || block->end == PACKETS) {
		if ((block = take_block()) == NULL)
			return false;
		block->next = NULL;
		block->begin = block->end = 0;
		*(queue->last == NULL ? &queue->first : &queue->last->next) = block;
		queue->last = block;
	}
	block->packets[block->end++] = packet_hold(packet);
	queue->count++;
	queue->bytes += packet->size;
	return true;
}

int
queue_vectors(const struct queue *queue, struct iovec *vectors, int most, size_t *bytes)
{
	int count = 0;

	*bytes = 0;
	for (const struct queue_block *block = queue->first; block != NULL && count < most; block = block->next)
		for (uint32_t i = block->begin; i < block->end && count < most; i++) {
			struct packet *packet = block->packets[i];

			vectors[count++] = (struct iovec){ packet->data, packet->size };
			*bytes += packet->size;
		}
	if (count > 0) {
		vectors->iov_base = (char *)vectors->iov_base + queue->sent_of_first;
		vectors->iov_len -= queue->sent_of_first;
		*bytes -= queue->sent_of_first;
	}
	return count;
}

static void
drop_first(struct queue *queue)
{
	struct queue_block *block = queue->first;
	struct packet *packet = block->packets[block->begin++];

	queue->count--;
	queue->bytes -= packet->size;
	queue->sent_of_first = 0;
	packet_release(packet);
	if (block->begin < block->end)
		return;
	queue->first = block->next;
	if (queue->first == NULL)
		queue->last = NULL;
	give_block(block);
}

void
queue_drop(struct queue *queue, size_t bytes)
{
	while (queue->count > 0) {
		size_t left = queue->first->packets[queue->first->begin]->size - queue->sent_of_first;

		if (bytes < left)
			break;
		bytes -= left;
		drop_first(queue);
	}
	queue->sent_of_first += (uint32_t)bytes;
}

void
queue_clear(struct queue *queue)
{
	while (queue->count > 0)
		drop_first(queue);
}

void
queue_give_up(struct queue *queue)
{
	uint32_t sent = queue->sent_of_first;
	struct packet *begun = sent > 0 ? packet_hold(queue->first->packets[queue->first->begin]) : NULL;

	queue_clear(queue);
	/* A block is spare now. */
	if (begun != NULL && queue_add(queue, begun))
		queue->sent_of_first = sent;
	packet_release(begun);
}

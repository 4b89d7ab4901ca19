/* Used tickets in two generations; the older one is forgotten when all in it have expired. */
#include <stdlib.h>
#include <string.h>

#include "auth/token.h"
#include "used_tickets.h"

#define BUCKETS		4096	/* a power of two */
#define GENERATION_S	(TOKEN_TICKET_LIFETIME_S + 10)	/* clocks of two machines differ a little */

struct used {
	struct used	*next;
	char		 id[ID_SIZE];
};

struct generation {
	struct used	*buckets[BUCKETS];
};

struct used_tickets {
	struct generation	 now, before;
	int64_t			 began_s;
};

struct used_tickets *
used_tickets_new(void)
{
	return calloc(1, sizeof(struct used_tickets));
}

static void
forget(struct generation *generation)
{
	for (int i = 0; i < BUCKETS; i++)
		for (struct used *used = generation->buckets[i], *next; used != NULL; used = next) {
			next = used->next;
			free(used);
		}
	memset(generation, 0, sizeof(*generation));
}

void
used_tickets_free(struct used_tickets *tickets)
{
	if (tickets == NULL)
		return;
	forget(&tickets->now);
	forget(&tickets->before);
	free(tickets);
}

static void
turn(struct used_tickets *tickets, int64_t now_s)
{
	if (now_s - tickets->began_s < GENERATION_S)
		return;
	forget(&tickets->before);
	if (now_s - tickets->began_s < 2 * GENERATION_S) {
		tickets->before = tickets->now;
		memset(&tickets->now, 0, sizeof(tickets->now));
	} else
		forget(&tickets->now);
	tickets->began_s = now_s;
}

static bool
has(const struct used *used, const char *id)
{
	while (used != NULL && strcmp(used->id, id) != 0)
		used = used->next;
	return used != NULL;
}

bool
used_tickets_take(struct used_tickets *tickets, const struct ticket *ticket, int64_t now_s)
{
	/* The end of an id is random. */
	unsigned long bucket = strtoul(ticket->id + ID_SIZE - 1 - 8, NULL, 16) & (BUCKETS - 1);
	struct used *used;

	turn(tickets, now_s);
	if (has(tickets->now.buckets[bucket], ticket->id) || has(tickets->before.buckets[bucket], ticket->id) ||
	    (used = calloc(1, sizeof(*used))) == NULL)
		return false;
	memcpy(used->id, ticket->id, ID_SIZE);
	used->next = tickets->now.buckets[bucket];
	tickets->now.buckets[bucket] = used;
	return true;
}

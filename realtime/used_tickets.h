/* Tickets that have opened a socket: each does so once. */
#ifndef REALTIME_USED_TICKETS_H
#define REALTIME_USED_TICKETS_H

#include <stdbool.h>
#include <stdint.h>

struct ticket;
struct used_tickets;

struct used_tickets *used_tickets_new(void);	/* NULL: no memory */
/* False: it was used before, or there is no memory to remember it. now_s never goes back. */
bool		 used_tickets_take(struct used_tickets *, const struct ticket *, int64_t now_s);
void		 used_tickets_free(struct used_tickets *);

#endif

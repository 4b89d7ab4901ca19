/* What a request's address asks for: channels, from where on, and with which ticket. */
#ifndef REALTIME_WISH_H
#define REALTIME_WISH_H

#include <stdbool.h>

#include "message.h"
#include "rights.h"

struct head;
struct request;

#define WISH_MOST	32	/* channels in one address */

struct wish {
	int		 count;
	const char	*channels[WISH_MOST];
	struct place	 after[WISH_MOST];
	bool		 has_after[WISH_MOST];
	const char	*ticket;	/* NULL: none */
};

/* Whether it is a path of ours. */
bool	 wish_knows(const char *path);
/* Fails with what is wrong with the address, or with 403 or 404 for a channel that rq->caller may not join. */
void	 wish_read_query(struct request *, const struct head *, struct wish *);
void	 wish_read_path(struct request *, const struct head *, struct wish *);

#endif

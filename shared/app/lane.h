/*
 * The read lane: declared reads that are ready together share one round trip
 * to Postgres, as one pipeline.
 *
 * The thread that runs the loop never waits for it: the connection's
 * descriptor is in the epoll set, one batch is in flight, the next one
 * gathers.  What the lane cannot do quickly is given back.
 */
#ifndef APP_LANE_H
#define APP_LANE_H

#include <stdbool.h>
#include <stdint.h>

#include "app/exchange.h"
#include "data/db.h"

struct lane;

struct lane_owner {
	int			 epoll;
	const struct app_state	*state;
	int			 timeout_ms;		/* without any answer the batch goes back */
	int			 statement_timeout_ms;	/* a slower read goes back, and its row stays away for a while */
	struct metrics		*metrics;
	/* The rows of a read: answer it. */
	void			(*answer)(void *, struct exchange *, const struct rows *, const struct row_shape *);
	/* A read that blocking threads have to do. */
	void			(*give_back)(void *, struct exchange *);
	void			*arg;
};

struct lane	*lane_new(const struct lane_owner *, enum reads);
/* True when it takes reads of that row now; if it is closed, it begins to connect. */
bool		 lane_takes(struct lane *, const struct route *);
/* ex->values are set.  Sent at the next lane_turn(). */
void		 lane_add(struct lane *, struct exchange *);
/* After each turn of the loop. */
void		 lane_turn(struct lane *);
/* Its descriptor is ready; lane is what epoll kept. */
void		 lane_ready(void *lane);
/* Time-outs, reconnects, closing when idle; the milliseconds until it has to be called again. */
int		 lane_tick(struct lane *, int64_t now_ms);

#endif

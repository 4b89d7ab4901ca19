/* Tickets: events, their seats, and who sets them aside. */
#ifndef TICKETS_H
#define TICKETS_H

#include "app/app.h"

#define TICKETS_ORDER_MOST	100	/* seats of one order */

/* In the transaction that makes the event: sports will be told that it admits to the game. */
void	 link_add(struct db *, const char *event_id, const char *game_id);

/* Jobs. */
bool	 link_tell(const struct app_state *, struct db *, struct scope *);
extern const struct statement seats_push;

extern const struct route event_routes[];
extern const struct route order_routes[];
extern const struct constraint ticket_constraints[];
extern const struct timer order_timers[];
extern const struct import_format import_conferences;
extern const struct import_format import_events;
extern const struct import_format import_stadiums;

#endif

/* Tickets: events, their seats, and who sets them aside. */
#ifndef TICKETS_H
#define TICKETS_H

#include "app/app.h"

extern const struct route event_routes[];
extern const struct route order_routes[];
extern const struct constraint ticket_constraints[];
extern const struct timer order_timers[];
extern const struct job link_jobs[];
extern const struct verb import_verbs[];

#endif

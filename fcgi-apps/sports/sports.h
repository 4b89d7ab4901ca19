/* Live sport: who plays whom, what happens, and how it ends. */
#ifndef SPORTS_H
#define SPORTS_H

#include "app/app.h"

/*
 * How long answers may be kept, in seconds, and why.  All are the same for
 * everyone and read from a replica: who asks for what a replica does not have
 * yet is answered by the primary.
 */
#define LIVE_S		1	/* a goal is seen within a second, and a million who watch are one query a second */
#define SEARCH_S	5	/* dear, and rows rarely change; who waits for a goal asks for the game */
#define STANDINGS_S	10	/* they change when a game ends; kept in the cache ring and by nginx, one after the other */
#define CATALOGUE_S	60	/* changes with imports, and nobody waits for that */

extern const struct route catalogue_routes[];
extern const struct route game_routes[];
extern const struct route standing_routes[];
extern const struct route feed_routes[];
extern const struct route link_routes[];
extern const struct route follow_routes[];
extern const struct route poll_routes[];
extern const struct constraint poll_constraints[];
extern const struct timer feed_timers[];
extern const struct job live_jobs[];
extern const struct import_format import_intl;
extern const struct import_format import_openfootball;
extern const struct import_format import_wcdb;

#endif

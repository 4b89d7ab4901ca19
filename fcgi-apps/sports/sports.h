/* Live sport: who plays whom, what happens, and how it ends. */
#ifndef SPORTS_H
#define SPORTS_H

#include "app/app.h"

extern const struct route catalogue_routes[];
extern const struct route game_routes[];
extern const struct route standing_routes[];
extern const struct route feed_routes[];
extern const struct route link_routes[];
extern const struct timer feed_timers[];
extern const struct import_format import_intl;
extern const struct import_format import_openfootball;
extern const struct import_format import_wcdb;

#endif

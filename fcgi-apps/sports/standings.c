/* Standings: of the games of a season, computed. */
#include "sports.h"

const struct route standing_routes[] = {
	{ 0 }
};

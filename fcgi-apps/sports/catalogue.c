/* Sports, competitions, seasons, teams and venues. */
#include "sports.h"

const struct route catalogue_routes[] = {
	{ 0 }
};

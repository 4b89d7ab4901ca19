/* Games: those that are on, one with all that happened, and the list to search in. */
#include "sports.h"

const struct route game_routes[] = {
	{ 0 }
};

/* Links: the event of the ticket shop that admits to a game. */
#include "sports.h"

const struct route link_routes[] = {
	{ 0 }
};

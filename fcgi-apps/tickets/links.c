/* Links: sports is told which event admits to a game, as long as it takes. */
#include "tickets.h"

const struct job link_jobs[] = {
	{ 0 }
};

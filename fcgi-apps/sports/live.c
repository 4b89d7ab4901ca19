/* Live: what happened in a game, and what its polls say, to those who listen to its channel. */
#include "sports.h"

#define IDLE_MS	100	/* five frames a second of one game is what the schema lets through */

static const struct statement push_games = { SQL(
	select push_games() as pushed
) };

static const struct statement push_polls = { SQL(
	select push_polls() as pushed
) };

const struct job live_jobs[] = {
	{ "push games", IDLE_MS, .pushes = &push_games },
	{ "push polls", IDLE_MS, .pushes = &push_polls },
	{ 0 }
};

/* The sports pool. */
#include "app/imports.h"
#include "base/config.h"
#include "sports.h"

static const struct setting settings[] = {
	{ "feed_silence_s", SETTING_INTEGER, "60",
	  "A provider that told nothing of a live game for so long gives way to another one.", 1, 86400 },
	{ "feed_abandon_s", SETTING_INTEGER, "10800",
	  "A live game that nobody told anything of for so long is abandoned, until somebody does.", 60, 604800 },
	{ 0 }
};

static const struct app sports = {
	.name = "sports",
	.summary = "Games, live and past",
	.resources = (const struct route *const []){
		catalogue_routes,
		game_routes,
		standing_routes,
		feed_routes,
		link_routes,
		follow_routes,
		poll_routes,
		NULL
	},
	.constraints = poll_constraints,
	.settings = settings,
	.timers = feed_timers,
	.jobs = live_jobs,
	.verbs = import_verbs,
	.imports = (const struct import_format *const []){ &import_intl, &import_openfootball, &import_wcdb, NULL },
};

int
main(int argc, char **argv)
{
	return app_main(&sports, argc, argv);
}

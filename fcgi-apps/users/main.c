/* The users pool: accounts, log-in, preferences. */
#include "users.h"

static const struct app users = {
	.name = "users",
	.summary = "Accounts, sessions and preferences",
	.resources = (const struct route *const []){
		account_routes,
		login_routes,
		session_routes,
		profile_routes,
		NULL
	},
	.constraints = account_constraints,
	.settings = session_settings,
	.timers = session_timers,
	.verbs = command_verbs,
	.start = session_load_ended,
};

int
main(int argc, char **argv)
{
	return app_main(&users, argc, argv);
}

/* The tickets pool. */
#include "app/imports.h"
#include "base/config.h"
#include "tickets.h"

static const struct setting settings[] = {
	{ "order_minutes", SETTING_INTEGER, "15", "Seats of an order that is not paid by then go back.", 1, 1440 },
	{ "currency", SETTING_TEXT, "EUR", "ISO 4217 code of prices that name none." },
	{ 0 }
};

static const struct job jobs[] = {
	{ "tell sports of events", 500, link_tell },
	{ "push seats", 250, .pushes = &seats_push },
	{ 0 }
};

static const struct app tickets = {
	.name = "tickets",
	.summary = "Events and their tickets",
	.resources = (const struct route *const []){
		event_routes,
		order_routes,
		NULL
	},
	.constraints = ticket_constraints,
	.settings = settings,
	.timers = order_timers,
	.jobs = jobs,
	.kept = "{ticket_order}",
	.verbs = import_verbs,
	.imports = (const struct import_format *const []){ &import_conferences, &import_events, &import_stadiums, NULL },
};

int
main(int argc, char **argv)
{
	return app_main(&tickets, argc, argv);
}

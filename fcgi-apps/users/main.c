/* The users pool: accounts, log-in, preferences. */
#include "users.h"

static const struct setting settings[] = {
	{ "session_lifetime_days", SETTING_INTEGER, "30",
	  "Days after which a session that was not renewed is over.", 1, 3650 },
	{ "login_failures", SETTING_INTEGER, "5",
	  "Failed log-ins to an account from an address, before more are refused for a while.", 1, 4095 },
	{ "login_window_s", SETTING_INTEGER, "900",
	  "Seconds after the first failed log-in until they are forgotten.", 1, 86400 },
	{ "places", SETTING_TEXT, "",
	  "Database that tells where an address is (.mmdb, GeoLite2 or DB-IP, City or Country); empty: nobody knows." },
	{ "secret", SETTING_FILE, "",
	  "File with at least 32 random characters, of which refresh tokens and second factors are made." },
	{ "smtp", SETTING_TEXT, "", "Server that takes our mails, smtp://host:port or smtps://host:port; empty: they wait." },
	{ "smtp_user", SETTING_TEXT, "", "Name to log in with there; empty: no log-in." },
	{ "smtp_password", SETTING_FILE, "", "File with its password." },
	{ "smtp_tls", SETTING_BOOL, "true", "Mails go to another machine by TLS alone." },
	{ "mail_from", SETTING_TEXT, "", "Address that mails come from; empty: no-reply at the host of public_url." },
	{ "mail_folder", SETTING_TEXT, "", "For development: mails become files in this folder and go nowhere else." },
	{ "export_domains", SETTING_TEXT, "users",
	  "Domains whose parts an export is made of, separated by spaces." },
	{ 0 }
};

static const struct timer timers[] = {
	{ "forget old sessions", 600, { &session_forget_old } },
	{ "forget old exports", 600, { &export_expire_old, &export_forget_old } },
	{ "forget old mails", 600, { &mail_give_up_old, &mail_forget_old } },
	{ "forget old resets", 600, { &reset_forget_old } },
	{ "forget old addresses", 600, { &address_forget_old } },
	{ 0 }
};

static const struct job jobs[] = {
	{ "make exports", 1000, export_make },
	{ "answer requests for a reset", 500, reset_answer },
	{ "deliver mail", 500, mail_deliver },
	{ 0 }
};

static const struct app users = {
	.name = "users",
	.summary = "Accounts, sessions and preferences",
	.resources = (const struct route *const []){
		account_routes,
		login_routes,
		session_routes,
		refresh_routes,
		profile_routes,
		password_routes,
		reset_routes,
		address_routes,
		second_factor_routes,
		administration_routes,
		export_routes,
		erasure_routes,
		service_routes,
		revocation_routes,
		people_routes,
		key_routes,
		socket_ticket_routes,
		notice_routes,
		NULL
	},
	.constraints = account_constraints,
	.settings = settings,
	.knows_people = true,
	.timers = timers,
	.jobs = jobs,
	.verbs = command_verbs,
};

int
main(int argc, char **argv)
{
	return app_main(&users, argc, argv);
}

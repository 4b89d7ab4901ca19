/* The notifications pool. */
#include "base/config.h"
#include "notifications.h"

static const struct setting settings[] = {
	{ "keep_read_days", SETTING_INTEGER, "30", "Days after which a notification that was read is forgotten.", 1, 3650 },
	{ "keep_unread_days", SETTING_INTEGER, "365", "Days after which one that nobody read is.", 1, 3650 },
	{ 0 }
};

static const struct timer timers[] = {
	{ "remind of events", 20, { &remind_day_before, &remind_hour_before } },
	{ "forget old notifications", 600, .run = notification_forget_old },
	{ "forget old reminders", 600, { &reminder_forget_old, &source_forget_old } },
	{ "forget old mails", 600, { &mail_give_up_old } },
	{ 0 }
};

static const struct app notifications = {
	.name = "notifications",
	.summary = "What people are told, and what they want to be told",
	.resources = (const struct route *const []){
		notification_routes,
		preference_routes,
		reminder_routes,
		lab_routes,
		NULL
	},
	.settings = settings,
	.timers = timers,
	.jobs = mail_jobs,
	.handlers = source_handlers,
};

int
main(int argc, char **argv)
{
	return app_main(&notifications, argc, argv);
}

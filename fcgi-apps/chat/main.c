/* The chat pool. */
#include "base/config.h"
#include "chat.h"

static const struct setting settings[] = {
	{ "room_messages", SETTING_INTEGER, "60", "Messages to rooms that one person may send in a minute.", 1, 4095 },
	{ "direct_messages", SETTING_INTEGER, "60", "Direct messages that one person may send in a minute.", 1, 4095 },
	{ 0 }
};

static const struct timer timers[] = {
	{ "count who is in rooms", 1, { NULL }, presence_count },
	{ "close rooms of silent games", 600, { &room_close_silent } },
	{ "forget deleted messages", 600, { &room_message_forget_deleted } },
	{ 0 }
};

static const struct job jobs[] = {
	{ "ask users for names", 1000, people_ask },
	{ 0 }
};

static const struct app chat = {
	.name = "chat",
	.summary = "Chatrooms and direct messages",
	.resources = (const struct route *const []){
		room_routes,
		room_message_routes,
		moderation_routes,
		report_routes,
		direct_routes,
		block_routes,
		NULL
	},
	.constraints = chat_constraints,
	.settings = settings,
	.timers = timers,
	.jobs = jobs,
	.handlers = source_handlers,
};

int
main(int argc, char **argv)
{
	return app_main(&chat, argc, argv);
}

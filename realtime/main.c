/* The WebSocket gateway: one process beside the pools. */
#include "app/app.h"
#include "base/config.h"
#include "gateway.h"

static const struct setting settings[] = {
	{ "sockets_per_user", SETTING_INTEGER, "20", "Sockets and event streams that one account may have open.", 1, 100000 },
	{ "joins_per_user", SETTING_INTEGER, "500", "Channels that all of them may be in together.", 1, 100000 },
	{ "frames_per_s", SETTING_INTEGER, "50", "Frames that one account may send in a second.", 1, 100000 },
	{ "slow_s", SETTING_INTEGER, "20", "A client that does not take what waits for it in so many seconds is given up.", 1, 60 },
	{ "ping_s", SETTING_INTEGER, "25", "Seconds of silence after which a client is pinged.", 1, 50 },
	{ 0 }
};

static const struct app realtime = {
	.name = "realtime",
	.summary = "WebSockets and event streams",
	.resources = (const struct route *const []){ NULL },
	.settings = settings,
	.serve = gateway_run,
};

int
main(int argc, char **argv)
{
	return app_main(&realtime, argc, argv);
}

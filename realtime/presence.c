/* Presence: told by the gateway, read by chat. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/id.h"
#include "bus.h"
#include "channels.h"
#include "client.h"
#include "gateway.h"
#include "people.h"
#include "presence.h"

#define EVERY_S		10
#define LIFETIME_S	30
#define BATCH		64	/* members told at once */

struct told {
	char		 key[128], until[24];
	const char	*argv[2 + 2 * BATCH];
	int		 argc;
};

static void
begin(struct told *told, const struct channel *channel)
{
	snprintf(told->key, sizeof(told->key), "presence:%s", channel->name);
	snprintf(told->until, sizeof(told->until), "%" PRId64, clock_unix_us() / 1000000 + LIFETIME_S);
	told->argv[0] = "ZADD";
	told->argv[1] = told->key;
	told->argc = 2;
}

static void
flush(struct told *told, struct gateway *gateway)
{
	if (told->argc > 2)
		bus_tell(gateway->bus, told->argc, told->argv);
	told->argc = 2;
}

static void
add(struct told *told, struct gateway *gateway, const char *user_id)
{
	told->argv[told->argc++] = told->until;
	told->argv[told->argc++] = user_id;
	if (told->argc == 2 + 2 * BATCH)
		flush(told, gateway);
}

/* A room that all have left ends by itself, and so do members whose gateway died. */
static void
forget_old(struct gateway *gateway, const char *key)
{
	char now[24], lifetime[24];

	snprintf(now, sizeof(now), "%" PRId64, clock_unix_us() / 1000000);
	snprintf(lifetime, sizeof(lifetime), "%d", 2 * LIFETIME_S);
	bus_tell(gateway->bus, 4, (const char *[]){ "ZREMRANGEBYSCORE", key, "0", now });
	bus_tell(gateway->bus, 3, (const char *[]){ "EXPIRE", key, lifetime });
}

void
presence_enter(struct gateway *gateway, struct channel *channel, const char *user_id)
{
	struct told told;

	if (!channel->is_room)
		return;
	begin(&told, channel);
	add(&told, gateway, user_id);
	flush(&told, gateway);
	forget_old(gateway, told.key);
}

void
presence_leave(struct gateway *gateway, struct channel *channel, const char *user_id)
{
	char key[128];

	if (!channel->is_room)
		return;
	for (const struct subscriber *s = channel->subscribers; s != NULL; s = s->next)
		if (strcmp(s->client->person->user_id, user_id) == 0)
			return;
	snprintf(key, sizeof(key), "presence:%s", channel->name);
	bus_tell(gateway->bus, 3, (const char *[]){ "ZREM", key, user_id });
}

static void
tell_room(void *arg, struct channel *channel)
{
	struct gateway *gateway = arg;
	struct told told;

	if (!channel->is_room || channel->subscribers == NULL)
		return;
	begin(&told, channel);
	for (const struct subscriber *s = channel->subscribers; s != NULL; s = s->next)
		add(&told, gateway, s->client->person->user_id);
	flush(&told, gateway);
	forget_old(gateway, told.key);
}

void
presence_tick(struct gateway *gateway)
{
	if (gateway->wheel.now_s % EVERY_S == 0)
		channels_each(gateway->channels, tell_room, gateway);
}

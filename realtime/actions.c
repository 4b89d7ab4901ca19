/* Messages of clients: JSON objects with an action. */
#include <jansson.h>
#include <string.h>

#include "actions.h"
#include "asks.h"
#include "base/scope.h"
#include "channels.h"
#include "client.h"
#include "http/json.h"
#include "people.h"
#include "rights.h"
#include "tell.h"

struct taking {
	struct client		*client;
	struct scope		*scope;
	const char		*text;
	size_t			 size;
};

void
actions_join(struct client *c, const char *channel, const struct place *after)
{
	switch (right_to_join(channel, c->person->user_id)) {
	case MAY_JOIN:
		channel_join(c, channel, after);
		break;
	case ASK_CHAT:
		asks_join(c->gateway->asks, c, channel, after);
		break;
	case MAY_NOT_JOIN:
		tell_error(c, "forbidden", "This channel is somebody else's.", channel);
		break;
	case NO_CHANNEL:
		tell_error(c, "not_found", "There is no such channel.", channel);
		break;
	}
}

/* By its own name, as a room of the lab or of chat, or as the event of a subscription; NULL: none is named. */
static const char *
channel_of(struct scope *scope, const json_t *message)
{
	const char *channel = json_string_value(json_object_get(message, "channel"));
	const char *room = json_string_value(json_object_get(message, "room"));
	const char *event = json_string_value(json_object_get(message, "event_id"));

	if (channel == NULL && room != NULL)
		channel = scope_printf(scope, "%s:%s", strncmp(room, "notify-", 7) == 0 ? "lab" : "room", room);
	else if (channel == NULL && event != NULL)
		channel = scope_printf(scope, "event:%s", event);
	return channel;
}

static void
join(struct client *c, const char *channel, const json_t *after)
{
	struct place place;

	if (after == NULL || json_is_null(after))
		actions_join(c, channel, NULL);
	else if (json_is_string(after) && place_read(&place, json_string_value(after)))
		actions_join(c, channel, &place);
	else
		tell_error(c, "invalid", "after is what a message said: its epoch, a point, its seq.", channel);
}

static void
leave(struct client *c, const char *channel)
{
	if (!channel_leave(c, channel, "asked"))
		tell_error(c, "not_joined", "You are not in this channel.", channel);
}

static void
act(struct client *c, struct scope *scope, const json_t *message)
{
	const char *action = json_string_value(json_object_get(message, "action"));
	const char *channel = channel_of(scope, message);

	if (action == NULL && json_object_get(message, "event_id") != NULL)
		action = "join";
	if (action != NULL && strcmp(action, "ping") == 0)
		tell_pong(c);
	else if (action == NULL || (strcmp(action, "join") != 0 && strcmp(action, "leave") != 0))
		tell_error(c, "invalid", "action is join, leave or ping.", NULL);
	else if (channel == NULL || strlen(channel) > CHANNEL_NAME_MAX)
		tell_error(c, "invalid", "channel names what to join or to leave.", NULL);
	else if (*action == 'j')
		join(c, channel, json_object_get(message, "after"));
	else
		leave(c, channel);
}

static void
take(void *arg)
{
	const struct taking *taking = arg;
	json_t *message;

	if (!json_parse(taking->scope, taking->text, taking->size, &message))
		tell_error(taking->client, "bad_json", taking->scope->failure.detail, NULL);
	else
		act(taking->client, taking->scope, message);
}

void
actions_take(struct client *c, const char *text, size_t size)
{
	struct scope scope = { 0 };
	struct taking taking = { c, &scope, text, size };

	scope_run(&scope, take, &taking);
	scope_free(&scope);
}

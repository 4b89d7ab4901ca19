/* The table of channels, and how a message reaches all who listen. */
#include <stdlib.h>
#include <string.h>

#include "base/scope.h"
#include "base/writer.h"
#include "channels.h"
#include "client.h"
#include "gateway.h"
#include "history.h"
#include "people.h"
#include "presence.h"
#include "tell.h"

#define BUCKETS	16384	/* a power of two */

struct channels {
	struct channel	*buckets[BUCKETS];
	unsigned	 count;
};

struct channels *
channels_new(void)
{
	return calloc(1, sizeof(struct channels));
}

unsigned
channels_count(const struct channels *channels)
{
	return channels->count;
}

/* FNV-1a */
static uint32_t
hash_of(const char *name)
{
	uint32_t hash = 2166136261u;

	for (; *name != '\0'; name++)
		hash = (hash ^ (unsigned char)*name) * 16777619u;
	return hash;
}

struct channel *
channel_find(struct channels *channels, const char *name)
{
	uint32_t hash = hash_of(name);
	struct channel *channel = channels->buckets[hash & (BUCKETS - 1)];

	while (channel != NULL && (channel->hash != hash || strcmp(channel->name, name) != 0))
		channel = channel->next;
	return channel;
}

static struct channel *
channel_new(struct channels *channels, const char *name)
{
	size_t size = strlen(name) + 1;
	struct channel *channel = calloc(1, sizeof(*channel) + size), **bucket;

	if (channel == NULL)
		return NULL;
	channel->hash = hash_of(name);
	channel->is_room = strncmp(name, "room:", 5) == 0;
	memcpy(channel->name, name, size);
	bucket = &channels->buckets[channel->hash & (BUCKETS - 1)];
	channel->next = *bucket;
	*bucket = channel;
	channels->count++;
	return channel;
}

void
channel_let_go(struct channels *channels, struct channel *channel)
{
	struct channel **at = &channels->buckets[channel->hash & (BUCKETS - 1)];

	if (channel->subscribers != NULL || channel->readings != NULL)
		return;
	while (*at != channel)
		at = &(*at)->next;
	*at = channel->next;
	channels->count--;
	free(channel);
}

void
channels_each(struct channels *channels, void (*each)(void *, struct channel *), void *arg)
{
	for (int i = 0; i < BUCKETS; i++)
		for (struct channel *channel = channels->buckets[i]; channel != NULL; channel = channel->next)
			each(arg, channel);
}

/* --- who listens --- */

static struct subscriber **
find_subscriber(struct client *c, const char *name)
{
	struct subscriber **at = &c->subscribers;

	while (*at != NULL && strcmp((*at)->channel->name, name) != 0)
		at = &(*at)->next_of_client;
	return at;
}

static struct subscriber *
subscriber_new(struct client *c, struct channel *channel, const struct place *after)
{
	struct subscriber *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return NULL;
	*s = (struct subscriber){ .client = c, .channel = channel, .next_of_client = c->subscribers,
	    .next = channel->subscribers, .at = &channel->subscribers, .is_new = true, .is_fresh = after == NULL };
	if (after != NULL)
		s->place = *after;
	if (s->next != NULL)
		s->next->at = &s->next;
	channel->subscribers = s;
	c->subscribers = s;
	c->person->joins++;
	return s;
}

void
channel_join(struct client *c, const char *name, const struct place *after)
{
	struct channels *channels = c->gateway->channels;
	struct subscriber *s = *find_subscriber(c, name);
	struct channel *channel;

	if (s != NULL) {
		if (!s->is_new)
			tell_place(c, "joined", name, &s->place);
		return;
	}
	if (c->person->joins >= c->gateway->terms.joins_per_user) {
		tell_error(c, "too_many", "You are in as many channels as one may be.", name);
		return;
	}
	if ((channel = channel_find(channels, name)) == NULL && (channel = channel_new(channels, name)) == NULL) {
		client_end(c);
		return;
	}
	if ((s = subscriber_new(c, channel, after)) == NULL) {
		channel_let_go(channels, channel);
		client_end(c);
		return;
	}
	presence_enter(c->gateway, channel, c->person->user_id);
	history_begin(s);
}

static void
leave(struct client *c, struct subscriber **at)
{
	struct subscriber *s = *at;
	struct channel *channel = s->channel;

	*at = s->next_of_client;
	history_forget(s);
	*s->at = s->next;
	if (s->next != NULL)
		s->next->at = s->at;
	free(s);
	c->person->joins--;
	presence_leave(c->gateway, channel, c->person->user_id);
	channel_let_go(c->gateway->channels, channel);
}

bool
channel_leave(struct client *c, const char *name, const char *reason)
{
	struct subscriber **at = find_subscriber(c, name);

	if (*at == NULL)
		return false;
	leave(c, at);
	tell_left(c, name, reason);
	return true;
}

void
channels_leave_all(struct client *c)
{
	while (c->subscribers != NULL)
		leave(c, &c->subscribers);
}

void
channels_kick(struct gateway *gateway, const char *name, const char *user_id, const char *reason)
{
	struct channel *channel = channel_find(gateway->channels, name);
	struct subscriber *next;

	for (struct subscriber *s = channel != NULL ? channel->subscribers : NULL; s != NULL; s = next) {
		next = s->next;		/* before the channel may go with its last one */
		if (strcmp(s->client->person->user_id, user_id) == 0)
			channel_leave(s->client, name, reason);
	}
}

/* --- messages --- */

static void
give(struct subscriber *s, struct message *message)
{
	struct gateway *gateway = s->client->gateway;

	if (s->state != LIVE || (s->place.epoch == message->place.epoch && s->place.number >= message->place.number))
		return;
	if (!place_follows(&s->place, &message->place)) {
		gateway->counters.gaps++;
		history_read(s);
	} else if (client_is_behind(s->client)) {
		gateway->counters.slow++;
		s->state = BEHIND;
		s->client->catches_up = true;
	} else {
		s->place = message->place;
		gateway->counters.deliveries++;
		client_send(s->client, message_packet(message, s->client->form));
	}
}

void
channels_publish(struct gateway *gateway, const char *name, const char *text, size_t size)
{
	struct channel *channel = channel_find(gateway->channels, name);
	struct subscriber *next;
	struct message message;

	gateway->counters.received++;
	if (channel == NULL || !message_read(&message, name, text, size))
		return;
	if (channel->place.epoch != message.place.epoch || channel->place.number < message.place.number)
		channel->place = message.place;
	channel->is_known = true;
	for (struct subscriber *s = channel->subscribers; s != NULL; s = next) {
		next = s->next;		/* s goes if its client ends; one client is in a channel once */
		give(s, &message);
	}
	message_end(&message);
}

static void
resume(void *arg, struct channel *channel)
{
	(void)arg;
	channel->is_known = false;
	channel->place = (struct place){ 0, 0 };
	for (struct subscriber *s = channel->subscribers; s != NULL; s = s->next)
		history_read(s);
}

void
channels_resume(struct gateway *gateway)
{
	channels_each(gateway->channels, resume, NULL);
}

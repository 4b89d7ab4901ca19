/*
 * Catching up.  Whoever is BEHIND asks for one page, and gets the next one
 * when the client has room for it.  Subscribers of one channel that are at the
 * same place share a reading: when the bus comes back, ten thousand clients of
 * a game cost one.
 *
 * A page is HMGET (where the channel is) and XRANGE (what follows), sent
 * together.  What is published between the two, or meanwhile, is seen in
 * channel->place, and read as the next page.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "bus.h"
#include "channels.h"
#include "client.h"
#include "gateway.h"
#include "history.h"
#include "tell.h"

#define PAGE	64
#define AT_ONCE	2	/* pages that a client waits for as it catches up: more would not find room, and be read again */

struct reading {
	struct reading		*next;		/* of the channel */
	struct gateway		*gateway;
	struct channel		*channel;
	struct subscriber	*readers;
	struct place		 from;
	bool			 is_fresh;	/* of those who want to know the place only */
	struct place		 now;		/* where the channel is */
	bool			 has_now;
	int			 owed;		/* replies */
	bool			 is_over;	/* nobody may wait for it any more */
};

/* --- who waits for what --- */

static struct reading *
find_reading(const struct subscriber *s)
{
	struct reading *reading = s->channel->readings;

	while (reading != NULL && (reading->is_over || reading->is_fresh != s->is_fresh ||
	    reading->from.epoch != s->place.epoch || reading->from.number != s->place.number))
		reading = reading->next;
	return reading;
}

static void
attach(struct subscriber *s, struct reading *reading)
{
	s->reading = reading;
	s->next_reader = reading->readers;
	s->reader_at = &reading->readers;
	if (s->next_reader != NULL)
		s->next_reader->reader_at = &s->next_reader;
	reading->readers = s;
}

static void
detach(struct subscriber *s)
{
	*s->reader_at = s->next_reader;
	if (s->next_reader != NULL)
		s->next_reader->reader_at = s->reader_at;
	s->reading = NULL;
}

static void
reading_end(struct reading *reading)
{
	struct channel *channel = reading->channel;
	struct reading **at = &channel->readings;

	while (reading->readers != NULL)
		detach(reading->readers);
	while (*at != reading)
		at = &(*at)->next;
	*at = reading->next;
	channel_let_go(reading->gateway->channels, channel);
	free(reading);
}

void
history_forget(struct subscriber *s)
{
	if (s->reading != NULL)
		detach(s);
}

static void	 took_place(void *arg, const redisReply *);
static void	 took_page(void *arg, const redisReply *);

/* False: nothing was sent. */
static bool
ask(struct reading *reading)
{
	const char *name = reading->channel->name;
	struct bus *bus = reading->gateway->bus;
	/* Nobody wants a page of what was before him: one without any entry. */
	uint64_t from = reading->is_fresh ? UINT64_MAX / 2 : reading->from.number;

	reading->owed += bus_command(bus, took_place, reading, "HMGET channel:%s epoch seq", name);
	reading->owed += bus_command(bus, took_page, reading, "XRANGE channel:%s:log (%llu-0 + COUNT %d", name,
	    (unsigned long long)from, PAGE);
	return reading->owed > 0;
}

/* While the bus is away nothing is asked: channels_resume() does when it is back. */
void
history_read(struct subscriber *s)
{
	struct gateway *gateway = s->client->gateway;
	struct reading *reading;

	s->state = BEHIND;
	if (s->reading != NULL || !bus_is_up(gateway->bus))
		return;
	if ((reading = find_reading(s)) == NULL) {
		if ((reading = calloc(1, sizeof(*reading))) == NULL) {
			s->client->catches_up = true;
			return;
		}
		*reading = (struct reading){ .next = s->channel->readings, .gateway = gateway, .channel = s->channel,
		    .from = s->place, .is_fresh = s->is_fresh };
		s->channel->readings = reading;
		if (!ask(reading)) {
			reading_end(reading);
			return;
		}
	}
	gateway->counters.catch_ups += !s->is_fresh;
	attach(s, reading);
}

void
history_resume(struct client *c)
{
	int pages = 0;

	c->catches_up = false;
	for (struct subscriber *s = c->subscribers; s != NULL && !c->catches_up; s = s->next_of_client) {
		if (s->state != BEHIND)
			continue;
		if (pages++ < AT_ONCE)
			history_read(s);
		else
			c->catches_up = true;
	}
}

/* --- where it is --- */

static void
greet(struct subscriber *s)
{
	if (s->is_new)
		tell_place(s->client, "joined", s->channel->name, &s->place);
	s->is_new = false;
}

void
history_begin(struct subscriber *s)
{
	const struct channel *channel = s->channel;

	/* All that the bus has told since it came back went through here. */
	if (channel->is_known && bus_is_up(s->client->gateway->bus) && (s->is_fresh ||
	    (s->place.epoch == channel->place.epoch && s->place.number == channel->place.number))) {
		s->place = channel->place;
		s->is_fresh = false;
		s->state = LIVE;
		greet(s);
	} else
		history_read(s);
}

/* What was between is told no more: the client reads the state anew, and goes on from here. */
static void
reload(struct subscriber *s, const struct place *now)
{
	s->place = *now;
	s->client->gateway->counters.reloads++;
	greet(s);
	tell_place(s->client, "reload", s->channel->name, &s->place);
}

/* Before any message: whether there is a history from its place to now. */
static void
settle(struct subscriber *s, const struct place *now)
{
	bool is_lost = s->place.epoch != 0 && (s->place.epoch != now->epoch || s->place.number > now->number);

	if (s->is_fresh) {
		s->place = *now;
		s->is_fresh = false;
	} else if (is_lost) {
		reload(s, now);
	} else if (s->place.epoch == 0)
		s->place.epoch = now->epoch;
	greet(s);
}

static void
went_on(struct subscriber *s, const struct place *now)
{
	const struct place *seen = &s->channel->place;
	uint64_t end = seen->epoch == s->place.epoch && seen->number > now->number ? seen->number : now->number;

	if (s->place.number >= end)
		s->state = LIVE;
	else if (client_has_room(s->client))
		history_read(s);
	else
		s->client->catches_up = true;
	/* Its other channels go on, even if this page brought nothing that is to be sent first. */
	if (s->client->catches_up)
		client_wake(s->client);
}

/* --- answers --- */

static bool
read_now(struct place *now, const redisReply *reply)
{
	const redisReply *epoch, *number;

	if (reply == NULL || reply->type != REDIS_REPLY_ARRAY || reply->elements != 2)
		return false;
	epoch = reply->element[0];
	number = reply->element[1];
	*now = (struct place){ 0, 0 };
	if (epoch->type == REDIS_REPLY_NIL || number->type == REDIS_REPLY_NIL)
		return true;
	now->number = strtoull(number->str, NULL, 10);
	return epoch->type == REDIS_REPLY_STRING && place_read_epoch(&now->epoch, epoch->str, epoch->len);
}

static void
took_place(void *arg, const redisReply *reply)
{
	struct reading *reading = arg;
	struct channel *channel = reading->channel;

	if ((reading->has_now = read_now(&reading->now, reply))) {
		if (channel->place.epoch != reading->now.epoch || channel->place.number < reading->now.number)
			channel->place = reading->now;
		channel->is_known = true;
	}
	if (--reading->owed == 0)
		reading_end(reading);
}

/* One entry is [id, [name, value]]. */
static const redisReply *
frame_of(const redisReply *entry)
{
	const redisReply *fields = entry->elements == 2 ? entry->element[1] : NULL;

	if (fields == NULL || fields->type != REDIS_REPLY_ARRAY || fields->elements != 2)
		return NULL;
	return fields->element[1];
}

/* To all who still wait for it and have room, for a client may wait for many pages at once; each goes on from its own place. */
static void
give(struct reading *reading, struct message *message)
{
	struct subscriber *next;

	for (struct subscriber *s = reading->readers; s != NULL; s = next) {
		next = s->next_reader;
		if (!place_follows(&s->place, &message->place) || client_is_full(s->client))
			continue;
		s->place = message->place;
		reading->gateway->counters.deliveries++;
		client_send(s->client, message_packet(message, s->client->form));
	}
}

static void
give_page(struct reading *reading, const redisReply *page)
{
	struct message message;

	for (size_t i = 0; i < page->elements; i++) {
		const redisReply *frame = frame_of(page->element[i]);

		if (frame == NULL || !message_read(&message, reading->channel->name, frame->str, frame->len) ||
		    message.place.epoch != reading->now.epoch)
			continue;
		give(reading, &message);
		message_end(&message);
	}
}

static void
took_page(void *arg, const redisReply *reply)
{
	struct reading *reading = arg;
	struct bus *bus = reading->gateway->bus;
	struct subscriber *s, *next;

	if (!reading->has_now || reply == NULL || reply->type != REDIS_REPLY_ARRAY) {
		reading_end(reading);
		if (reply != NULL)
			bus_give_up(bus, "it does not tell a channel's history");
		return;
	}
	reading->is_over = true;
	for (s = reading->readers; s != NULL; s = next) {
		next = s->next_reader;
		settle(s, &reading->now);
	}
	give_page(reading, reply);
	while ((s = reading->readers) != NULL) {
		detach(s);
		/* A page that brings nothing, though something is missing: it was trimmed away. */
		if (s->place.epoch == reading->now.epoch && s->place.number < reading->now.number &&
		    s->place.number == reading->from.number && !client_is_full(s->client))
			reload(s, &reading->now);
		went_on(s, &reading->now);
	}
	reading_end(reading);
}

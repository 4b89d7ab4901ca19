/* Who may join a room: GET http://chat/internal/rooms/{chatroom_id}/access. */
#include <jansson.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "app/app.h"
#include "app/crew.h"
#include "asks.h"
#include "base/scope.h"
#include "channels.h"
#include "client.h"
#include "people.h"
#include "remote/call.h"
#include "rights.h"
#include "tell.h"

#define TIMEOUT_MS	1000
#define MOST		1024	/* that wait; more are told to try again */

struct ask {
	struct ask		*next;		/* to be asked, or answered */
	struct ask		*next_of_all;
	struct client		*client;	/* NULL: it is gone */
	char			 channel[CHANNEL_NAME_MAX + 1];
	char			 user_id[ID_SIZE];
	struct place		 after;
	bool			 has_after;
	bool			 is_refused;	/* he was put out meanwhile; of the loop alone */
	enum { UNAVAILABLE, ALLOWED, REFUSED, ABSENT } answer;
};

struct asks {
	struct watcher		 watcher;
	struct gateway		*gateway;
	struct ask		*all;		/* of the loop alone */
	int			 count;
	int			 event;		/* descriptor: something was answered */
	pthread_mutex_t		 lock;		/* of what follows */
	pthread_cond_t		 asked;
	struct ask		*to_ask, **to_ask_end, *answered;
};

/* --- the thread --- */

struct asking {
	struct call_line	*line;
	struct scope		*scope;
	struct ask		*ask;
};

static void
ask_chat(void *arg)
{
	struct asking *asking = arg;
	struct ask *ask = asking->ask;
	struct call call = { .pool = "chat", .timeout_ms = TIMEOUT_MS };
	int allowed = 0, status;
	json_t *answer;

	call.path = scope_printf(asking->scope, "/internal/rooms/%s/access?user_id=%s", strchr(ask->channel, ':') + 1,
	    ask->user_id);
	status = call_make(asking->line, asking->scope, &call, &answer);
	if (status == 404)
		ask->answer = ABSENT;
	else if (status == 200 && json_unpack(answer, "{s:b}", "allowed", &allowed) == 0)
		ask->answer = allowed ? ALLOWED : REFUSED;
}

static struct ask *
next_to_ask(struct asks *asks)
{
	struct ask *ask;

	pthread_mutex_lock(&asks->lock);
	while (asks->to_ask == NULL)
		pthread_cond_wait(&asks->asked, &asks->lock);
	ask = asks->to_ask;
	if ((asks->to_ask = ask->next) == NULL)
		asks->to_ask_end = &asks->to_ask;
	pthread_mutex_unlock(&asks->lock);
	return ask;
}

static void
hand_back(struct asks *asks, struct ask *ask)
{
	pthread_mutex_lock(&asks->lock);
	ask->next = asks->answered;
	asks->answered = ask;
	pthread_mutex_unlock(&asks->lock);
	eventfd_write(asks->event, 1);
}

static void *
work(void *arg)
{
	struct asks *asks = arg;
	struct call_line *line;

	while ((line = call_line_new(asks->gateway->state->calls)) == NULL)
		sleep(1);
	for (;;) {
		struct scope scope = { 0 };
		struct asking asking = { line, &scope, next_to_ask(asks) };

		scope_run(&scope, ask_chat, &asking);
		hand_back(asks, asking.ask);
		scope_free(&scope);
	}
	return NULL;
}

/* --- the loop --- */

static void
tell(const struct ask *ask)
{
	struct client *c = ask->client;

	switch (ask->is_refused ? REFUSED : ask->answer) {
	case ALLOWED:
		channel_join(c, ask->channel, ask->has_after ? &ask->after : NULL);
		break;
	case REFUSED:
		tell_error(c, "forbidden", "You are not a member of this room.", ask->channel);
		break;
	case ABSENT:
		tell_error(c, "not_found", "There is no such room.", ask->channel);
		break;
	case UNAVAILABLE:
		tell_error(c, "unavailable", "Nobody can tell just now whether you may; try again.", ask->channel);
		break;
	}
}

static void
settle(struct asks *asks, struct ask *ask)
{
	struct ask **at = &asks->all;

	if (ask->client != NULL) {
		ask->client->asks--;
		if (ask->client->state != CLIENT_CLOSING)
			tell(ask);
	}
	while (*at != ask)
		at = &(*at)->next_of_all;
	*at = ask->next_of_all;
	asks->count--;
	free(ask);
}

static void
ready(struct watcher *watcher, uint32_t events)
{
	struct asks *asks = (struct asks *)watcher;
	struct ask *answered, *next;
	eventfd_t count;

	(void)events;
	eventfd_read(asks->event, &count);
	pthread_mutex_lock(&asks->lock);
	answered = asks->answered;
	asks->answered = NULL;
	pthread_mutex_unlock(&asks->lock);
	for (; answered != NULL; answered = next) {
		next = answered->next;
		settle(asks, answered);
	}
}

static struct ask *
ask_new(struct asks *asks, struct client *c, const char *channel, const struct place *after)
{
	struct ask *ask = calloc(1, sizeof(*ask));

	if (ask == NULL)
		return NULL;
	*ask = (struct ask){ .next_of_all = asks->all, .client = c, .has_after = after != NULL };
	if (after != NULL)
		ask->after = *after;
	snprintf(ask->channel, sizeof(ask->channel), "%s", channel);
	memcpy(ask->user_id, c->person->user_id, ID_SIZE);
	asks->all = ask;
	asks->count++;
	c->asks++;
	return ask;
}

void
asks_join(struct asks *asks, struct client *c, const char *channel, const struct place *after)
{
	struct ask *ask = asks->count < MOST ? ask_new(asks, c, channel, after) : NULL;

	if (ask == NULL) {
		tell_error(c, "unavailable", "Too many ask for rooms just now; try again.", channel);
		return;
	}
	pthread_mutex_lock(&asks->lock);
	*asks->to_ask_end = ask;
	asks->to_ask_end = &ask->next;
	pthread_cond_signal(&asks->asked);
	pthread_mutex_unlock(&asks->lock);
}

/* Chat may have answered before it put him out, and the order came first. */
void
asks_refuse(struct asks *asks, const char *channel, const char *user_id)
{
	for (struct ask *ask = asks->all; ask != NULL; ask = ask->next_of_all)
		if (strcmp(ask->channel, channel) == 0 && strcmp(ask->user_id, user_id) == 0)
			ask->is_refused = true;
}

void
asks_forget(struct asks *asks, const struct client *c)
{
	for (struct ask *ask = asks->all; ask != NULL; ask = ask->next_of_all)
		if (ask->client == c)
			ask->client = NULL;
}

struct asks *
asks_new(struct gateway *gateway)
{
	struct asks *asks = calloc(1, sizeof(*asks));

	if (asks == NULL)
		return NULL;
	asks->watcher.ready = ready;
	asks->gateway = gateway;
	asks->to_ask_end = &asks->to_ask;
	pthread_mutex_init(&asks->lock, NULL);
	pthread_cond_init(&asks->asked, NULL);
	asks->event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (asks->event < 0 || !gateway_watch(gateway, asks->event, EPOLLIN, &asks->watcher) || !crew_thread(work, asks)) {
		if (asks->event >= 0)
			close(asks->event);
		free(asks);
		return NULL;
	}
	return asks;
}

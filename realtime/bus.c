/* The bus, by hiredis on the gateway's own epoll set. */
#include <hiredis/async.h>
#include <hiredis/hiredis.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/scope.h"
#include "bus.h"
#include "channels.h"
#include "data/redis.h"
#include "gateway.h"
#include "http/json.h"

#define CHANNELS	"channel:"
#define CONTROL		"channel:control"	/* orders to us, which nobody else hears */
#define PING_MS		1000
#define SILENCE_MS	3000	/* then it hangs */
#define FIRST_WAIT_MS	50
#define MOST_WAIT_MS	1000

struct line {
	struct watcher		 watcher;
	struct bus		*bus;
	redisAsyncContext	*context;	/* NULL: none */
	uint32_t		 events;	/* that it waits for */
};

struct bus {
	struct gateway	*gateway;
	char		*host;
	int		 port;			/* 0: host is the path of a socket */
	struct line	 hearing, asking;
	bool		 hears, answers, is_up, was_up, was_told;
	int64_t		 pinged_ms, answered_ms;
	int64_t		 retry_ms, wait_ms;
};

struct bus *
bus_new(struct gateway *gateway, const char *address)
{
	struct bus *bus = calloc(1, sizeof(*bus));

	if (bus == NULL || !redis_address(address, &bus->host, &bus->port)) {
		free(bus);
		return NULL;
	}
	bus->gateway = gateway;
	bus->wait_ms = FIRST_WAIT_MS;
	return bus;
}

bool
bus_is_up(const struct bus *bus)
{
	return bus->is_up;
}

/* --- up and down --- */

static void
drop(struct line *line)
{
	redisAsyncContext *context = line->context;

	line->context = NULL;
	if (context != NULL)
		redisAsyncFree(context);
}

/* One of the two is of no use without the other: they would tell of different times. */
void
bus_give_up(struct bus *bus, const char *why)
{
	if (bus->is_up || !bus->was_told)
		log_event(LOG_WARNING, "the bus does not answer", LOG_TEXT("address", bus->host), LOG_TEXT("error", why));
	bus->is_up = false;
	bus->was_told = true;
	drop(&bus->hearing);
	drop(&bus->asking);
	bus->retry_ms = clock_ms() + bus->wait_ms;
	bus->wait_ms = bus->wait_ms * 2 < MOST_WAIT_MS ? bus->wait_ms * 2 : MOST_WAIT_MS;
}

static void
up_if_complete(struct bus *bus)
{
	if (bus->is_up || !bus->hears || !bus->answers)
		return;
	bus->is_up = true;
	bus->wait_ms = FIRST_WAIT_MS;
	bus->was_told = false;
	bus->gateway->counters.bus_reconnects += bus->was_up;
	bus->was_up = true;
	log_event(LOG_INFO, "the bus answers", LOG_TEXT("address", bus->host));
	channels_resume(bus->gateway);
}

/* --- what hiredis wants of an event loop --- */

static void
change(struct line *line, uint32_t events)
{
	if (line->context == NULL || line->events == events)
		return;
	line->events = events;
	gateway_change(line->bus->gateway, line->context->c.fd, events, &line->watcher);
}

static void
add_read(void *arg)
{
	struct line *line = arg;

	change(line, line->events | EPOLLIN);
}

static void
delete_read(void *arg)
{
	struct line *line = arg;

	change(line, line->events & ~(uint32_t)EPOLLIN);
}

static void
add_write(void *arg)
{
	struct line *line = arg;

	change(line, line->events | EPOLLOUT);
}

static void
delete_write(void *arg)
{
	struct line *line = arg;

	change(line, line->events & ~(uint32_t)EPOLLOUT);
}

static void
ready(struct watcher *watcher, uint32_t events)
{
	struct line *line = (struct line *)watcher;

	if (line->context != NULL && (events & EPOLLOUT) != 0)
		redisAsyncHandleWrite(line->context);
	if (line->context != NULL && (events & ~(uint32_t)EPOLLOUT) != 0)
		redisAsyncHandleRead(line->context);
}

/* hiredis frees the context of a connection that ended or did not come about. */
static void
ended(const redisAsyncContext *context)
{
	struct line *line = context->data;

	if (line->context != context)
		return;
	line->context = NULL;
	bus_give_up(line->bus, context->errstr != NULL && *context->errstr != '\0' ? context->errstr : "it hung up");
}

static void
on_connect(const redisAsyncContext *context, int status)
{
	if (status != REDIS_OK)
		ended(context);
}

static void
on_disconnect(const redisAsyncContext *context, int status)
{
	(void)status;
	ended(context);
}

static bool
open_line(struct bus *bus, struct line *line)
{
	redisAsyncContext *context = bus->port == 0 ? redisAsyncConnectUnix(bus->host) :
	    redisAsyncConnect(bus->host, bus->port);

	*line = (struct line){ .watcher.ready = ready, .bus = bus, .context = context };
	if (context == NULL || context->err != 0 || !gateway_watch(bus->gateway, context->c.fd, 0, &line->watcher))
		return false;
	context->data = line;
	context->ev.data = line;
	context->ev.addRead = add_read;
	context->ev.delRead = delete_read;
	context->ev.addWrite = add_write;
	context->ev.delWrite = delete_write;
	redisAsyncSetConnectCallback(context, on_connect);
	redisAsyncSetDisconnectCallback(context, on_disconnect);
	return true;
}

/* --- hearing --- */

static void
kick(struct gateway *gateway, json_t *order)
{
	const char *channel, *user_id, *reason = "removed";

	if (json_unpack(order, "{s:{s:s, s:s, s?s}}", "kick", "channel", &channel, "user_id", &user_id, "reason", &reason) == 0)
		channels_kick(gateway, channel, user_id, reason);
	else
		log_event(LOG_WARNING, "an order on the bus is not understood");
}

struct order {
	struct gateway	*gateway;
	struct scope	*scope;
	const char	*text;
	size_t		 size;
};

static void
obey(void *arg)
{
	const struct order *order = arg;
	json_t *json;

	if (json_parse(order->scope, order->text, order->size, &json))
		kick(order->gateway, json);
}

static void
take_order(struct gateway *gateway, const char *text, size_t size)
{
	struct scope scope = { 0 };
	struct order order = { gateway, &scope, text, size };

	scope_run(&scope, obey, &order);
	scope_free(&scope);
}

/* "psubscribe", pattern, count; or "pmessage", pattern, channel, text. */
static void
heard(redisAsyncContext *context, void *answer, void *arg)
{
	const redisReply *reply = answer;
	struct bus *bus = ((struct line *)context->data)->bus;
	const char *channel;

	(void)arg;
	if (reply == NULL || reply->type != REDIS_REPLY_ARRAY || reply->elements < 3)
		return;
	if (reply->elements == 3) {
		bus->hears = true;
		up_if_complete(bus);
		return;
	}
	channel = reply->element[2]->str;
	if (strcmp(channel, CONTROL) == 0)
		take_order(bus->gateway, reply->element[3]->str, reply->element[3]->len);
	else
		channels_publish(bus->gateway, channel + sizeof(CHANNELS) - 1, reply->element[3]->str, reply->element[3]->len);
}

/* --- asking --- */

struct question {
	void	(*took)(void *arg, const redisReply *);
	void	*arg;
};

static void
answered(redisAsyncContext *context, void *answer, void *arg)
{
	struct question question = *(struct question *)arg;

	free(arg);
	if (answer != NULL)
		((struct line *)context->data)->bus->answered_ms = clock_ms();
	question.took(question.arg, answer);
}

bool
bus_command(struct bus *bus, void (*took)(void *, const redisReply *), void *arg, const char *format, ...)
{
	struct question *question;
	va_list ap;
	int rc;

	if (bus->asking.context == NULL || (question = malloc(sizeof(*question))) == NULL)
		return false;
	*question = (struct question){ took, arg };
	va_start(ap, format);
	rc = redisvAsyncCommand(bus->asking.context, answered, question, format, ap);
	va_end(ap);
	if (rc != REDIS_OK)
		free(question);
	return rc == REDIS_OK;
}

void
bus_tell(struct bus *bus, int argc, const char **argv)
{
	if (bus->is_up && bus->asking.context != NULL)
		redisAsyncCommandArgv(bus->asking.context, NULL, NULL, argc, argv, NULL);
}

/* A Redis that still loads its files refuses: not up yet. */
static void
ponged(void *arg, const redisReply *reply)
{
	struct bus *bus = arg;

	if (reply == NULL || reply->type != REDIS_REPLY_STATUS)
		return;
	bus->answers = true;
	up_if_complete(bus);
}

/* Another one was promoted: the address leads there, when it is asked again. */
static void
told_role(void *arg, const redisReply *reply)
{
	if (reply != NULL && reply->type == REDIS_REPLY_ARRAY && reply->elements > 0 &&
	    strcmp(reply->element[0]->str, "master") != 0)
		bus_give_up(arg, "it is a replica");
}

/* Its role first: one that is no master is never up. */
static void
ping(struct bus *bus, int64_t now_ms)
{
	bus->pinged_ms = now_ms;
	bus_command(bus, told_role, bus, "ROLE");
	bus_command(bus, ponged, bus, "PING");
}

static void
connect_both(struct bus *bus, int64_t now_ms)
{
	bus->hears = false;
	bus->answers = false;
	bus->answered_ms = now_ms;
	if (!open_line(bus, &bus->hearing) || !open_line(bus, &bus->asking)) {
		bus_give_up(bus, bus->hearing.context != NULL ? bus->hearing.context->errstr : "out of memory");
		return;
	}
	redisAsyncCommand(bus->hearing.context, heard, NULL, "PSUBSCRIBE " CHANNELS "*");
	ping(bus, now_ms);
}

void
bus_tick(struct bus *bus)
{
	int64_t now_ms = clock_ms();

	if (bus->asking.context == NULL) {
		if (now_ms >= bus->retry_ms)
			connect_both(bus, now_ms);
	} else if (now_ms - bus->answered_ms > SILENCE_MS)
		bus_give_up(bus, "no answer in time");
	else if (now_ms - bus->pinged_ms >= PING_MS)
		ping(bus, now_ms);
}

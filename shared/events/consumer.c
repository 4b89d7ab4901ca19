/* A domain's consumer: from the bus, by its handlers, into its schema. */
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/scope.h"
#include "data/db.h"
#include "events/bus.h"
#include "events/consumer.h"
#include "events/failed.h"

#define MOST_STREAMS	12
#define MOST_EVENTS	1000	/* of one transaction */
#define WAIT_MS		500
#define LEASE_MS	10000
#define LOOK_MS		1000	/* for those that are to be tried again ... */
#define RETRY_MS	500	/* ... which leave time for the others */

struct consumer {
	const char			*domain;
	struct redis			*bus;
	const struct event_handler	*const *tables;
	const struct app_state		*state;
	char				 holder[17];	/* of the lease */
	char				 streams[MOST_STREAMS][40];
	int				 stream_count;
	bool				 is_ours;	/* we hold the lease, and the groups are there */
	bool				 recovers;	/* what was delivered and not confirmed comes first */
	int64_t				 looked_ms;
};

/* --- what comes from where --- */

/* "users.registered" comes in events:users. */
static bool
add_stream(struct consumer *c, const char *type)
{
	char name[40];

	snprintf(name, sizeof(name), "events:%.*s", (int)strcspn(type, "."), type);
	for (int i = 0; i < c->stream_count; i++)
		if (strcmp(c->streams[i], name) == 0)
			return true;
	if (c->stream_count == MOST_STREAMS)
		return false;
	strcpy(c->streams[c->stream_count++], name);
	return true;
}

struct consumer *
consumer_new(const char *domain, struct redis *bus, const struct event_handler *const *tables, const struct app_state *state)
{
	struct consumer *c = calloc(1, sizeof(*c));
	uint64_t holder;

	if (c == NULL)
		return NULL;
	*c = (struct consumer){ .domain = domain, .bus = bus, .tables = tables, .state = state };
	randombytes_buf(&holder, sizeof(holder));
	snprintf(c->holder, sizeof(c->holder), "%016" PRIx64, holder);
	for (; *tables != NULL; tables++)
		for (const struct event_handler *h = *tables; h->type != NULL; h++)
			if (!add_stream(c, h->type)) {
				free(c);
				return NULL;
			}
	return c;
}

void
consumer_free(struct consumer *c)
{
	if (c == NULL)
		return;
	/* Another process need not wait for the end of the lease. */
	if (c->is_ours)
		freeReplyObject(bus_ask(c->bus, "EVAL %s 1 lease:%s %s",
		    "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end return 0", c->domain, c->holder));
	free(c);
}

/* --- the lease: one process reads for a domain, so that events stay in their order --- */

/* On a bus that is full too, which is emptied by taking in. */
static const char lease_script[] =
    "#!lua flags=allow-oom\n"
    "local holder = redis.call('get', KEYS[1]) "
    "if holder and holder ~= ARGV[1] then return 0 end "
    "redis.call('set', KEYS[1], ARGV[1], 'px', ARGV[2]) "
    "return holder and 2 or 1";

/* A group begins with all that is there. A bus that is full makes none, be it there or not; the reading will show. */
static bool
make_groups(const struct consumer *c)
{
	bool good = true;

	for (int i = 0; i < c->stream_count && good; i++) {
		redisReply *reply = bus_ask(c->bus, "XGROUP CREATE %s %s 0 MKSTREAM", c->streams[i], c->domain);

		good = reply != NULL && (reply->type != REDIS_REPLY_ERROR || strncmp(reply->str, "BUSYGROUP", 9) == 0 ||
		    strncmp(reply->str, "OOM", 3) == 0);
		freeReplyObject(reply);
	}
	return good;
}

static bool
hold_lease(struct consumer *c)
{
	redisReply *reply = bus_ask(c->bus, "EVAL %s 1 lease:%s %s %d", lease_script, c->domain, c->holder, LEASE_MS);
	long long answer = reply != NULL && reply->type == REDIS_REPLY_INTEGER ? reply->integer : 0;

	freeReplyObject(reply);
	if (answer != 2 || !c->is_ours) {
		c->recovers = true;
		c->is_ours = answer != 0 && make_groups(c);
	}
	return c->is_ours;
}

/* --- reading --- */

struct message {
	const char			*stream, *entry;	/* where it stands, to be confirmed */
	const char			*text;			/* the event as it came */
	struct taken_event		 event;
	const struct event_handler	*handler;		/* NULL: it is not for us, or no event */
};

struct batch {
	struct consumer	*consumer;
	struct db	*db;
	struct scope	*scope;
	redisReply	*reply;
	struct message	*messages;
	int		 count;
	int		 first, end;	/* of those that a transaction takes */
};

static redisReply *
read_streams(const struct consumer *c)
{
	char count[8], wait[8];
	const char *words[9 + 2 * MOST_STREAMS] = { "XREADGROUP", "GROUP", c->domain, "one", "COUNT", count, "BLOCK", wait, "STREAMS" };
	struct bus_batch bus;
	redisReply *reply;
	int n = 9;

	snprintf(count, sizeof(count), "%d", MOST_EVENTS / c->stream_count);
	snprintf(wait, sizeof(wait), "%d", WAIT_MS);
	for (int i = 0; i < c->stream_count; i++)
		words[n++] = c->streams[i];
	for (int i = 0; i < c->stream_count; i++)
		words[n++] = c->recovers ? "0" : ">";
	if (!bus_begin(&bus, c->bus))
		return NULL;
	redisAppendCommandArgv(bus.connection, n, words, NULL);
	bus.owed = 1;
	reply = bus_reply(&bus);
	bus_end(&bus);
	return reply;
}

static void
release_reply(void *reply)
{
	freeReplyObject(reply);
}

/* An entry that was trimmed away while it waited has no fields. */
static void
add_message(struct batch *batch, const char *stream, const redisReply *entry)
{
	const redisReply *fields = entry->element[1];
	struct message *m = &batch->messages[batch->count++];

	*m = (struct message){ .stream = stream, .entry = entry->element[0]->str };
	if (fields->type != REDIS_REPLY_ARRAY || fields->elements < 2)
		return;
	m->text = fields->element[1]->str;
	if (event_parse(batch->scope, m->text, fields->element[1]->len, &m->event))
		m->handler = event_handler_of(batch->consumer->tables, m->event.type);
	else
		log_event(LOG_ERROR, "what is no event is left out", LOG_TEXT("stream", stream), LOG_TEXT("entry", m->entry));
}

static void
collect(struct batch *batch)
{
	const redisReply *streams = batch->reply;

	batch->messages = scope_alloc(batch->scope, MOST_EVENTS * sizeof(*batch->messages));
	for (size_t s = 0; s < streams->elements; s++) {
		const redisReply *entries = streams->element[s]->element[1];

		for (size_t e = 0; e < entries->elements && batch->count < MOST_EVENTS; e++)
			add_message(batch, streams->element[s]->element[0]->str, entries->element[e]);
	}
}

/* --- taking in --- */

/* Also keeps two processes, of which one believes in a lease that has run out, from working at once. */
static const struct statement lock_inbox = { SQL(
	select pg_advisory_xact_lock(hashtext(current_schema() || ' inbox'))
) };

static const struct statement know_events = { SQL(
	insert into inbox (event_id)
	select distinct event_id from unnest($1::uuid[]) e (event_id)
	on conflict do nothing
	returning event_id
) };

const struct statement consumer_forget_old = { SQL(
	delete from inbox where received_at < now() - interval '2 days'
) };

/* The fresh ones by their ids; NULL: all are, as mostly, and need not be looked for. */
static const char **
fresh_ids(struct scope *scope, const struct rows *fresh, int asked)
{
	int count = rows_count(fresh);
	const char **ids = count < asked ? scope_alloc(scope, ((size_t)count + 1) * sizeof(*ids)) : NULL;

	for (int row = 0; ids != NULL && row < count; row++)
		ids[row] = row_text(fresh, row, "event_id");
	if (ids != NULL)
		ids[count] = NULL;
	return ids;
}

static bool
take_from(const char **ids, const char *id)
{
	for (; *ids != NULL; ids++)
		if (strcmp(*ids, id) == 0) {
			*ids = "";
			return true;
		}
	return false;
}

/* May run again from its start. One that stands in the batch twice is taken once. */
static void
take(void *arg)
{
	struct batch *batch = arg;
	const char *ids[MOST_EVENTS], **fresh;
	int count = 0;

	for (int i = batch->first; i < batch->end; i++)
		if (batch->messages[i].handler != NULL)
			ids[count++] = batch->messages[i].event.id;
	if (count == 0)
		return;
	db_query(batch->db, &lock_inbox);
	fresh = fresh_ids(batch->scope, db_query(batch->db, &know_events, p_texts(batch->scope, ids, (size_t)count)), count);
	for (int i = batch->first; i < batch->end && !scope_failed(batch->scope); i++) {
		const struct message *m = &batch->messages[i];

		if (m->handler != NULL && (fresh == NULL || take_from(fresh, m->event.id)))
			m->handler->take(batch->consumer->state, batch->db, batch->scope, &m->event);
	}
}

/* True: these are done. A data store that does not answer is nobody's fault: they are tried again as they are. */
static bool
take_between(struct batch *batch, int first, int end)
{
	batch->first = first;
	batch->end = end;
	db_tx(batch->db, take, batch);
	return !scope_failed(batch->scope);
}

static bool
take_one_by_one(struct batch *batch)
{
	for (int i = 0; i < batch->count; i++) {
		const struct message *m = &batch->messages[i];

		if (take_between(batch, i, i + 1))
			continue;
		if (failed_is_passing(batch->scope))
			return false;
		if (!failed_keep(batch->db, batch->scope, &m->event, m->text))
			return false;
	}
	return true;
}

static bool
take_all(struct batch *batch)
{
	if (take_between(batch, 0, batch->count))
		return true;
	if (failed_is_passing(batch->scope))
		return false;
	scope_retry(batch->scope);
	return take_one_by_one(batch);
}

/* Those of one stream together. */
static int
append_confirmation(struct bus_batch *bus, const struct batch *batch, int first)
{
	const char *words[3 + MOST_EVENTS] = { "XACK", batch->messages[first].stream, batch->consumer->domain };
	int next = first, n = 3;

	while (next < batch->count && strcmp(batch->messages[next].stream, words[1]) == 0)
		words[n++] = batch->messages[next++].entry;
	redisAppendCommandArgv(bus->connection, n, words, NULL);
	bus->owed++;
	return next;
}

/* What is not confirmed comes again, and is known by its id. */
static void
confirm(const struct batch *batch)
{
	struct bus_batch bus;

	if (!bus_begin(&bus, batch->consumer->bus)) {
		batch->consumer->is_ours = false;
		return;
	}
	for (int next = 0; next < batch->count;)
		next = append_confirmation(&bus, batch, next);
	for (redisReply *reply; (reply = bus_reply(&bus)) != NULL;)
		freeReplyObject(reply);
	batch->consumer->is_ours = bus_end(&bus) && batch->consumer->is_ours;
}

static bool
take_reply(struct batch *batch)
{
	struct consumer *c = batch->consumer;

	collect(batch);
	if (batch->count == 0) {
		c->recovers = false;
		return true;
	}
	if (!take_all(batch)) {
		c->recovers = true;
		return false;
	}
	confirm(batch);
	return true;
}

/* --- steps --- */

static bool
retry_failed(struct consumer *c, struct db *db, struct scope *scope)
{
	bool good = true, tried = true;

	if (clock_ms() - c->looked_ms < LOOK_MS)
		return true;
	c->looked_ms = clock_ms();
	while (good && tried && clock_ms() - c->looked_ms < RETRY_MS)
		good = failed_retry(db, scope, c->tables, c->state, &tried);
	return good;
}

bool
consumer_step(struct consumer *c, struct db *db, struct scope *scope)
{
	struct batch batch = { .consumer = c, .db = db, .scope = scope };

	if (!hold_lease(c) || !retry_failed(c, db, scope))
		return false;
	if ((batch.reply = read_streams(c)) == NULL) {
		scope_fail(scope, 503, "unavailable", "the bus does not answer");
		return false;
	}
	scope_defer(scope, release_reply, batch.reply);
	/* The groups went with a bus that was lost. */
	if (batch.reply->type == REDIS_REPLY_ERROR)
		c->is_ours = false;
	if (batch.reply->type == REDIS_REPLY_NIL) {
		c->recovers = false;
		return true;
	}
	return batch.reply->type == REDIS_REPLY_ARRAY && take_reply(&batch);
}

/* The bus: commands to the Redis that carries events. */
#include <inttypes.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "events/bus.h"

#define KEPT_MS		3600000		/* events that nobody takes in */
#define MOST_MS		604800000	/* events that somebody has not taken in: a domain that is gone must not fill the bus */

bool
bus_begin(struct bus_batch *batch, struct redis *redis)
{
	*batch = (struct bus_batch){ .redis = redis, .connection = redis_take(redis) };
	return batch->connection != NULL;
}

redisReply *
bus_reply(struct bus_batch *batch)
{
	void *reply = NULL;

	if (batch->owed == 0 || redisGetReply(batch->connection, &reply) != REDIS_OK)
		return NULL;
	batch->owed--;
	batch->is_replica |= ((redisReply *)reply)->type == REDIS_REPLY_ERROR &&
	    strncmp(((redisReply *)reply)->str, "READONLY", 8) == 0;
	return reply;
}

bool
bus_end(struct bus_batch *batch)
{
	bool whole = batch->owed == 0;
	const char *problem = batch->is_replica ? "it is a replica" : whole ? NULL :
	    *batch->connection->errstr != '\0' ? batch->connection->errstr : "replies were left";

	redis_give_back(batch->redis, batch->connection, problem);
	return whole;
}

void
bus_append_event(struct bus_batch *batch, const char *domain, const char *event, size_t size)
{
	char stream[64];
	const char *words[] = { "XADD", stream, "*", "event", event };
	size_t sizes[] = { 4, (size_t)snprintf(stream, sizeof(stream), "events:%s", domain), 1, 5, size };

	redisAppendCommandArgv(batch->connection, 5, words, sizes);
	batch->owed++;
}

/*
 * In one step, so that nobody sees a number without its message.  That an id
 * came before is known for ten minutes, twice as long as a relay looks back.
 * A log has the messages of this third of a day and of the one before: no word
 * stays for more than a day where people speak without end.
 */
static const char push_script[] =
    "if not redis.call('set', KEYS[3], '', 'nx', 'ex', 600) then return 0 end "
    "local generation = redis.call('get', KEYS[4]) or '00000000' "
    "local epoch = redis.call('hget', KEYS[1], 'epoch') "
    "if not epoch or string.sub(epoch, 1, 8) ~= generation then "
    "epoch = generation .. ARGV[2] "
    "redis.call('del', KEYS[1], KEYS[2]) "
    "redis.call('hset', KEYS[1], 'epoch', epoch) "
    "end "
    "local seq = redis.call('hincrby', KEYS[1], 'seq', 1) "
    "local frame = '{\"channel\":\"' .. ARGV[1] .. '\",\"epoch\":\"' .. epoch .. "
    "'\",\"seq\":' .. string.format('%d', seq) .. ',' .. string.sub(ARGV[3], 2) "
    "redis.call('xadd', KEYS[2], 'maxlen', '~', 1000, string.format('%d', seq) .. '-0', 'frame', frame) "
    "local third = string.format('%d', math.floor(redis.call('time')[1] / 28800)) "
    "local known = redis.call('hmget', KEYS[1], 'third', 'first') "
    "if known[1] ~= third then "
    "redis.call('xtrim', KEYS[2], 'minid', (known[2] or '0') .. '-0') "
    "redis.call('hset', KEYS[1], 'third', third, 'first', string.format('%d', seq)) "
    "end "
    "redis.call('expire', KEYS[1], 86400) "
    "redis.call('expire', KEYS[2], 28800) "
    "redis.call('publish', KEYS[1], frame) "
    "return seq";

void
bus_append_message(struct bus_batch *batch, const char *channel, const char *id, const char *json, size_t size)
{
	char digits[9];

	snprintf(digits, sizeof(digits), "%08" PRIx32, randombytes_random());
	redisAppendCommand(batch->connection, "EVAL %s 4 channel:%s channel:%s:log seen:%s generation %s %s %b", push_script,
	    channel, channel, id, channel, digits, json, size);
	batch->owed++;
}

/* One command; an error is an answer too, as that there is no such stream yet. NULL: none. */
redisReply *
bus_ask(struct redis *redis, const char *format, ...)
{
	struct bus_batch batch;
	redisReply *reply;
	va_list ap;

	if (!bus_begin(&batch, redis))
		return NULL;
	va_start(ap, format);
	redisvAppendCommand(batch.connection, format, ap);
	va_end(ap);
	batch.owed = 1;
	reply = bus_reply(&batch);
	bus_end(&batch);
	return reply;
}

/* --- what it may have lost --- */

static bool
read_history(struct bus_batch *batch, struct bus_place *place)
{
	redisReply *reply = bus_reply(batch);
	const char *id;
	bool good = reply != NULL && reply->type == REDIS_REPLY_STRING;

	batch->is_replica = good && strstr(reply->str, "role:master") == NULL;
	good = good && !batch->is_replica && (id = strstr(reply->str, "master_replid:")) != NULL &&
	    sscanf(id, "master_replid:%40[0-9a-f]", place->history) == 1;
	freeReplyObject(reply);
	return good;
}

static bool
read_last_turn(struct bus_batch *batch, struct bus_place *place)
{
	redisReply *reply = bus_reply(batch);
	bool good = reply != NULL && reply->type != REDIS_REPLY_ERROR;

	place->last_turn = good && reply->type == REDIS_REPLY_STRING ? strtoll(reply->str, NULL, 10) : 0;
	freeReplyObject(reply);
	return good;
}

bool
bus_find_place(struct bus_batch *batch, const char *domain, struct bus_place *place)
{
	bool good;

	redisAppendCommand(batch->connection, "INFO replication");
	redisAppendCommand(batch->connection, "GET told:%s", domain);
	batch->owed = 2;
	good = read_history(batch, place);
	return read_last_turn(batch, place) && good;
}

void
bus_append_turn(struct bus_batch *batch, const char *domain, long long turn)
{
	redisAppendCommand(batch->connection, "SET told:%s %lld", domain, turn);
	batch->owed++;
}

/* The same for all relays that miss something in one history. On a bus that is full too: till then they tell it nothing. */
static const char renew_script[] =
    "#!lua flags=allow-oom\n"
    "return redis.call('set', KEYS[1], ARGV[1])";

bool
bus_renew_channels(struct bus_batch *batch, const char *history)
{
	redisReply *reply;
	bool good;

	redisAppendCommand(batch->connection, "EVAL %s 1 generation %b", renew_script, history, (size_t)8);
	batch->owed++;
	reply = bus_reply(batch);
	good = reply != NULL && reply->type != REDIS_REPLY_ERROR;
	freeReplyObject(reply);
	return good;
}

/* --- what every group has taken in --- */

/* An id of a stream: milliseconds, and a number within one. */
struct stream_id {
	uint64_t	 ms, number;
};

static bool
read_id(struct stream_id *id, const redisReply *text)
{
	return text->type == REDIS_REPLY_STRING && sscanf(text->str, "%" SCNu64 "-%" SCNu64, &id->ms, &id->number) == 2;
}

static const redisReply *
member_of(const redisReply *map, const char *name)
{
	for (size_t i = 0; i + 1 < map->elements; i += 2)
		if (strcmp(map->element[i]->str, name) == 0)
			return map->element[i + 1];
	return NULL;
}

/*
 * Which a group was not given yet.  Redis counts what it has given, but forgets
 * that when it dies after it has written its log anew: so it is none for whoever
 * has the last one, and no more than there are.  When the next one was trimmed
 * away nobody knows.
 */
static long long
ungiven(const redisReply *stream, const redisReply *group)
{
	const redisReply *last = member_of(stream, "last-generated-id"), *length = member_of(stream, "length");
	const redisReply *given = member_of(group, "last-delivered-id"), *lag = member_of(group, "lag");

	if (last == NULL || length == NULL || given == NULL || lag == NULL || lag->type != REDIS_REPLY_INTEGER ||
	    strcmp(last->str, given->str) == 0)
		return 0;
	return lag->integer < length->integer ? lag->integer : length->integer;
}

void
bus_each_group(struct redis *redis, const char *domain, void (*each)(void *arg, const char *group, long long waiting), void *arg)
{
	redisReply *stream = bus_ask(redis, "XINFO STREAM events:%s", domain);
	redisReply *groups = bus_ask(redis, "XINFO GROUPS events:%s", domain);
	bool good = stream != NULL && stream->type == REDIS_REPLY_ARRAY && groups != NULL && groups->type == REDIS_REPLY_ARRAY;

	for (size_t i = 0; good && i < groups->elements; i++) {
		const redisReply *name = member_of(groups->element[i], "name"), *pending = member_of(groups->element[i], "pending");

		if (name != NULL && pending != NULL)
			each(arg, name->str, pending->integer + ungiven(stream, groups->element[i]));
	}
	freeReplyObject(stream);
	freeReplyObject(groups);
}

/* The first event that a group still wants, be it there or to come. */
static bool
wanted_by(struct redis *redis, const char *domain, const redisReply *group, struct stream_id *wanted)
{
	const redisReply *name = member_of(group, "name"), *pending = member_of(group, "pending");
	const redisReply *last = member_of(group, "last-delivered-id");
	redisReply *reply;
	bool good;

	if (name == NULL || pending == NULL || last == NULL)
		return false;
	if (pending->integer == 0) {
		good = read_id(wanted, last);
		wanted->number++;
		return good;
	}
	reply = bus_ask(redis, "XPENDING events:%s %s", domain, name->str);
	good = reply != NULL && reply->type == REDIS_REPLY_ARRAY && reply->elements == 4 && read_id(wanted, reply->element[1]);
	freeReplyObject(reply);
	return good;
}

void
bus_trim(struct redis *redis, const char *domain)
{
	redisReply *groups = bus_ask(redis, "XINFO GROUPS events:%s", domain);
	struct stream_id least = { .ms = UINT64_MAX }, wanted;
	uint64_t oldest_ms;
	bool good = groups != NULL && groups->type == REDIS_REPLY_ARRAY;

	for (size_t i = 0; good && i < groups->elements; i++) {
		good = wanted_by(redis, domain, groups->element[i], &wanted);
		if (good && (wanted.ms < least.ms || (wanted.ms == least.ms && wanted.number < least.number)))
			least = wanted;
	}
	oldest_ms = (uint64_t)(clock_unix_us() / 1000 - (good && groups->elements == 0 ? KEPT_MS : MOST_MS));
	if (least.ms == UINT64_MAX || least.ms < oldest_ms)
		least = (struct stream_id){ .ms = oldest_ms };
	if (good)
		freeReplyObject(bus_ask(redis, "XTRIM events:%s MINID %" PRIu64 "-%" PRIu64, domain, least.ms, least.number));
	freeReplyObject(groups);
}

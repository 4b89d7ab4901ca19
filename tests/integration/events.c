/* Events on the bus of the test stack: relayed by the jobs of its probe, taken in by a consumer of this process. */
#include <err.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "base/id.h"
#include "base/scope.h"
#include "events/bus.h"
#include "events/consumer.h"
#include "events/outbox.h"
#include "harness.h"
#include "suites.h"

#define NOTE	"018f0000-0000-7000-8000-0000000000e1"

static struct consumer *consumer;
static char group[ID_SIZE];
static char seen[4096];		/* what the handler was given, in its order */
static const char *refused;	/* an event's text that the handler fails for */
static int refused_status;

static void
take(const struct app_state *state, struct db *db, struct scope *scope, const struct taken_event *event)
{
	const char *text = event_text(event, "text");

	(void)state, (void)db;
	if (refused != NULL && strcmp(text, refused) == 0) {
		scope_fail(scope, refused_status, "no", "not this one");
		return;
	}
	snprintf(seen + strlen(seen), sizeof(seen) - strlen(seen), "%s%lld:%s", *seen != '\0' ? " " : "",
	    (long long)event->version, text);
}

static const struct event_handler handlers[] = {
	{ "probe.tested", take },
	{ NULL }
};
static const struct event_handler *const tables[] = { handlers, NULL };

/* A group of its own for each test; the probe's own consumer is kept away, for it would try again what failed here. */
static void
set_up(void)
{
	harness_begin(NULL, NULL);
	harness_run("delete from inbox; delete from failed_event; delete from outbox");
	freeReplyObject(bus_ask(harness_state()->bus, "DEL events:probe"));
	freeReplyObject(bus_ask(harness_state()->bus, "SET lease:probe test EX 60"));
	id_new(group);
	consumer = consumer_new(group, harness_state()->bus, tables, harness_state());
	ck_assert_ptr_ne(consumer, NULL);
	*seen = '\0';
	refused = NULL;
}

static void
tear_down(void)
{
	consumer_free(consumer);
	freeReplyObject(bus_ask(harness_state()->bus, "XGROUP DESTROY events:probe %s", group));
	freeReplyObject(bus_ask(harness_state()->bus, "DEL lease:probe"));
	harness_end();
}

/* True unless it failed. */
static bool
step(void)
{
	struct scope scope = { 0 };
	bool good;

	db_attach(harness_db(), &scope, PRIMARY, 10000);
	good = consumer_step(consumer, harness_db(), &scope);
	db_detach(harness_db());
	scope_free(&scope);
	return good;
}

struct telling {
	struct scope	*scope;
	const char	*text;
	int		 version;
};

static void
tell_in_transaction(void *arg)
{
	const struct telling *t = arg;

	outbox_add(harness_db(), t->scope, &(struct event){ "probe.tested", NOTE, t->version, "", { { "text", t->text } } });
}

static void
tell_event(int version, const char *text)
{
	struct scope scope = { 0 };
	struct telling telling = { &scope, text, version };

	db_attach(harness_db(), &scope, PRIMARY, 10000);
	db_tx(harness_db(), tell_in_transaction, &telling);
	ck_assert(!scope_failed(&scope));
	db_detach(harness_db());
	scope_free(&scope);
}

static void
until(const char *sql, long number)
{
	for (int tries = 0; harness_number(sql) != number; tries++)
		if (tries == 60)
			ck_abort_msg("%s stays %ld", sql, harness_number(sql));
		else
			step();
}

static void
until_seen(const char *wanted)
{
	for (int tries = 0; strcmp(seen, wanted) != 0; tries++)
		if (tries == 20)
			ck_abort_msg("'%s' instead of '%s'", seen, wanted);
		else
			step();
}

START_TEST(events_come_in_their_order)
{
	for (int i = 1; i <= 5; i++)
		tell_event(i, "x");
	until_seen("1:x 2:x 3:x 4:x 5:x");
}
END_TEST

START_TEST(an_event_that_is_published_again_counts_once)
{
	tell_event(1, "a");
	until_seen("1:a");
	harness_run("update outbox set published_at = null");
	tell_event(2, "b");
	until_seen("1:a 2:b");
	ck_assert_int_eq(harness_number("select count(*) from outbox where published_at is null"), 0);
}
END_TEST

START_TEST(what_was_not_confirmed_comes_again)
{
	refused = "a";
	refused_status = 503;
	tell_event(1, "a");
	for (int tries = 0; step(); tries++)
		ck_assert_int_lt(tries, 20);
	ck_assert_int_eq(harness_number("select count(*) from inbox"), 0);
	refused = NULL;
	until_seen("1:a");
}
END_TEST

START_TEST(one_that_fails_is_put_aside_and_the_others_go_on)
{
	refused = "bad";
	refused_status = 500;
	tell_event(1, "a");
	tell_event(2, "bad");
	tell_event(3, "b");
	until("select count(*) from failed_event", 1);
	ck_assert_str_eq(seen + strlen(seen) - 3, "3:b");
	ck_assert_int_eq(harness_number("select count(*) from failed_event where error = 'not this one' and next_try_at > now()"), 1);
	refused = NULL;
	harness_run("update failed_event set next_try_at = now()");
	until("select count(*) from failed_event", 0);
	ck_assert_str_eq(seen + strlen(seen) - 5, "2:bad");
}
END_TEST

START_TEST(one_that_fails_for_good_is_dead_until_it_is_replayed)
{
	refused = "bad";
	refused_status = 500;
	tell_event(1, "bad");
	until("select count(*) from failed_event", 1);
	for (int attempts = 2; attempts <= 8; attempts++) {
		char sql[80];

		harness_run("update failed_event set next_try_at = now()");
		snprintf(sql, sizeof(sql), "select count(*) from failed_event where attempts = %d", attempts);
		until(sql, 1);
	}
	ck_assert_int_eq(harness_number("select count(*) from failed_event where next_try_at is null"), 1);
	ck_assert_str_eq(seen, "");
	refused = NULL;
	harness_run("update failed_event set next_try_at = now()");
	until_seen("1:bad");
}
END_TEST

START_TEST(many_that_are_replayed_do_not_wait_for_each_other)
{
	refused = "bad";
	refused_status = 500;
	for (int i = 1; i <= 5; i++)
		tell_event(i, "bad");
	until("select count(*) from failed_event", 5);
	refused = NULL;
	harness_run("update failed_event set next_try_at = now()");
	for (int tries = 0; harness_number("select count(*) from failed_event") == 5; tries++) {
		ck_assert_int_lt(tries, 20);
		step();
	}
	ck_assert_int_eq(harness_number("select count(*) from failed_event"), 0);
}
END_TEST

START_TEST(what_is_no_event_is_left_out_and_the_others_go_on)
{
	static const char *const poison[] = {
		"not json", "[]", "{\"id\":\"018f0000-0000-7000-8000-0000000000e2\",\"type\":\"probe.tested\"}",
		"{\"id\":\"none\",\"type\":\"probe.tested\",\"subject\":\"x\",\"time\":\"t\",\"version\":1,\"data\":{\"text\":\"x\"}}",
	};

	for (size_t i = 0; i < sizeof(poison) / sizeof(*poison); i++)
		freeReplyObject(bus_ask(harness_state()->bus, "XADD events:probe * event %s", poison[i]));
	tell_event(1, "a");
	until_seen("1:a");
	ck_assert_int_eq(harness_number("select count(*) from failed_event"), 0);
}
END_TEST

/* Less than it holds already, until it is set right again. */
static void
fill_bus(bool is_full)
{
	freeReplyObject(bus_ask(harness_state()->bus, "CONFIG SET maxmemory %s", is_full ? "1" : "256mb"));
}

static bool
holds_lease(void)
{
	redisReply *reply = bus_ask(harness_state()->bus, "EXISTS lease:%s", group);
	bool holds = reply->integer == 1;

	freeReplyObject(reply);
	return holds;
}

START_TEST(a_bus_that_is_full_is_emptied_by_taking_in)
{
	tell_event(1, "a");
	until_seen("1:a");
	tell_event(2, "b");
	until_seen("1:a 2:b");
	until("select count(*) from outbox where published_at is null", 0);
	freeReplyObject(bus_ask(harness_state()->bus, "XGROUP SETID events:probe %s 0", group));
	harness_run("delete from inbox");
	fill_bus(true);
	freeReplyObject(bus_ask(harness_state()->bus, "DEL lease:%s", group));
	for (int tries = 0; tries < 20 && strcmp(seen, "1:a 2:b 1:a 2:b") != 0; tries++)
		step();
	fill_bus(false);
	ck_assert_str_eq(seen, "1:a 2:b 1:a 2:b");
	ck_assert(holds_lease());
}
END_TEST

START_TEST(two_processes_of_a_domain_take_turns)
{
	struct consumer *other = consumer_new(group, harness_state()->bus, tables, harness_state()), *first = consumer;

	tell_event(1, "a");
	until_seen("1:a");
	consumer = other;
	ck_assert(!step());
	consumer = first;
	tell_event(2, "b");
	until_seen("1:a 2:b");
	consumer_free(first);
	consumer = other;
	tell_event(3, "c");
	until_seen("1:a 2:b 3:c");
}
END_TEST

/* --- channels --- */

static long long
push(const char *id, const char *json)
{
	struct bus_batch bus;
	redisReply *reply;
	long long seq;

	ck_assert(bus_begin(&bus, harness_state()->bus));
	bus_append_message(&bus, "test:push", id, json, strlen(json));
	reply = bus_reply(&bus);
	ck_assert_int_eq(reply->type, REDIS_REPLY_INTEGER);
	seq = reply->integer;
	freeReplyObject(reply);
	ck_assert(bus_end(&bus));
	return seq;
}

START_TEST(a_message_of_a_channel_has_the_next_number_and_a_repeat_none)
{
	char one[ID_SIZE], two[ID_SIZE];
	redisReply *log;

	freeReplyObject(bus_ask(harness_state()->bus, "DEL channel:test:push channel:test:push:log"));
	id_new(one);
	id_new(two);
	ck_assert_int_eq(push(one, "{\"a\":1}"), 1);
	ck_assert_int_eq(push(one, "{\"a\":1}"), 0);
	ck_assert_int_eq(push(two, "{\"a\":2}"), 2);
	log = bus_ask(harness_state()->bus, "XRANGE channel:test:push:log - +");
	ck_assert_int_eq(log->elements, 2);
	ck_assert_str_eq(log->element[1]->element[0]->str, "2-0");
	ck_assert_ptr_ne(strstr(log->element[1]->element[1]->element[1]->str, "\"seq\":2,\"a\":2}"), NULL);
	freeReplyObject(log);
}
END_TEST

static void
last_epoch(char epoch[17])
{
	redisReply *reply = bus_ask(harness_state()->bus, "HGET channel:test:push epoch");

	ck_assert_int_eq(reply->type, REDIS_REPLY_STRING);
	snprintf(epoch, 17, "%s", reply->str);
	freeReplyObject(reply);
}

static void
renew_channels(const char *history)
{
	struct bus_batch bus;

	ck_assert(bus_begin(&bus, harness_state()->bus));
	ck_assert(bus_renew_channels(&bus, history));
	ck_assert(bus_end(&bus));
}

START_TEST(a_channel_begins_anew_once_when_numbers_may_have_been_lost)
{
	char ids[3][ID_SIZE], epochs[3][17], history[BUS_HISTORY];

	freeReplyObject(bus_ask(harness_state()->bus, "DEL channel:test:push channel:test:push:log"));
	for (int i = 0; i < 3; i++)
		id_new(ids[i]);
	push(ids[0], "{\"a\":1}");
	ck_assert_int_eq(push(ids[1], "{\"a\":2}"), 2);
	last_epoch(epochs[0]);
	snprintf(history, sizeof(history), "%08x%032x", randombytes_random(), 0);
	fill_bus(true);
	renew_channels(history);
	fill_bus(false);
	ck_assert_int_eq(push(ids[0], "{\"a\":1}"), 0);
	ck_assert_int_eq(push(ids[2], "{\"a\":3}"), 1);
	last_epoch(epochs[1]);
	ck_assert_str_ne(epochs[0], epochs[1]);
	id_new(ids[0]);
	ck_assert_int_eq(push(ids[0], "{\"a\":4}"), 2);
	last_epoch(epochs[2]);
	ck_assert_str_eq(epochs[1], epochs[2]);
	freeReplyObject(bus_ask(harness_state()->bus, "DEL generation"));
}
END_TEST

Suite *
events_suite(void)
{
	Suite *suite = suite_create("events");
	TCase *consuming = tcase_create("consuming"), *channels = tcase_create("channels");

	tcase_set_timeout(consuming, 60);
	tcase_add_checked_fixture(consuming, set_up, tear_down);
	tcase_add_test(consuming, events_come_in_their_order);
	tcase_add_test(consuming, an_event_that_is_published_again_counts_once);
	tcase_add_test(consuming, what_was_not_confirmed_comes_again);
	tcase_add_test(consuming, one_that_fails_is_put_aside_and_the_others_go_on);
	tcase_add_test(consuming, one_that_fails_for_good_is_dead_until_it_is_replayed);
	tcase_add_test(consuming, many_that_are_replayed_do_not_wait_for_each_other);
	tcase_add_test(consuming, what_is_no_event_is_left_out_and_the_others_go_on);
	tcase_add_test(consuming, a_bus_that_is_full_is_emptied_by_taking_in);
	tcase_add_test(consuming, two_processes_of_a_domain_take_turns);
	suite_add_tcase(suite, consuming);
	tcase_add_checked_fixture(channels, set_up, tear_down);
	tcase_add_test(channels, a_message_of_a_channel_has_the_next_number_and_a_repeat_none);
	tcase_add_test(channels, a_channel_begins_anew_once_when_numbers_may_have_been_lost);
	suite_add_tcase(suite, channels);
	return suite;
}

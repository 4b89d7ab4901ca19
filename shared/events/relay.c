/* The relay: from the outbox to the bus. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/scope.h"
#include "base/writer.h"
#include "data/db.h"
#include "events/bus.h"
#include "events/relay.h"

#define LOOK_MS		100	/* when nobody wakes it */
#define CHECK_MS	1000	/* whether the bus is still the same */
#define TRIM_MS		10000
#define TRIMS		400		/* after the last event: more than an hour, when those that nobody wants may go */

struct relay {
	const char	*domain;
	struct redis	*bus;
	int		 announcements;		/* -1: another process hears them */
	char		 history[BUS_HISTORY];	/* of the bus; "" is not known */
	bool		 is_compared;		/* with the one that was published to last */
	int64_t		 checked_ms, trimmed_ms;
	bool		 idle;			/* nothing was there */
	int		 untrimmed;		/* trims to come, for others take their time to take it in */
};

/* The path is taken from whoever has it: the last one that starts is woken, the others look by themselves. */
static int
listen_at(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	unlink(path);
	if (fd >= 0 && bind(fd, (struct sockaddr *)&address, sizeof(address)) == 0)
		return fd;
	log_event(LOG_WARNING, "the relay is not woken and looks by itself", LOG_TEXT("path", path), LOG_TEXT("error", strerror(errno)));
	if (fd >= 0)
		close(fd);
	return -1;
}

struct relay *
relay_new(const char *domain, struct redis *bus, const char *announcements)
{
	struct relay *relay = calloc(1, sizeof(*relay));

	if (relay != NULL)
		*relay = (struct relay){ .domain = domain, .bus = bus, .announcements = listen_at(announcements) };
	return relay;
}

void
relay_free(struct relay *relay)
{
	if (relay == NULL)
		return;
	if (relay->announcements >= 0)
		close(relay->announcements);
	free(relay);
}

/* True: something was committed. */
static bool
wait_for_announcement(const struct relay *relay)
{
	struct pollfd fd = { .fd = relay->announcements, .events = POLLIN };
	char datagram[1];
	bool heard = false;

	poll(&fd, 1, LOOK_MS);
	while (relay->announcements >= 0 && recv(relay->announcements, datagram, sizeof(datagram), 0) >= 0)
		heard = true;
	return heard;
}

/* --- one batch --- */

/* A mark that is lost is made again: it need not wait for a disk. */
static const struct statement try_lock = { SQL(
	select locked, case when locked then nextval('bus_turn') end as turn, set_config('synchronous_commit', 'off', true)
	  from (select pg_try_advisory_xact_lock(hashtext(current_schema() || ' relay')) as locked) try
) };

static const struct statement find_bus = { SQL(
	select history from bus
) };

static const struct statement know_bus = { SQL(
	insert into bus (history) values ($1) on conflict ((true)) do update set history = excluded.history
) };

/* Counted from the last one: the bus may have been away for hours. */
static const struct statement publish_again = { SQL(
	update outbox
	   set published_at = null
	 where published_at > (select published_at from outbox where published_at is not null order by id desc limit 1)
	                      - interval '5 minutes'
) };

static const struct statement take_unpublished = { SQL(
	select id, event_id, type, aggregate_id, version, channel, data::text as data, traceparent, created_at
	  from outbox
	 where published_at is null
	 order by id
	 limit 2000
) };

static const struct statement mark_published = { SQL(
	update outbox set published_at = now() where id = any ($1::bigint[])
) };

/* As CloudEvents 1.0 has it in JSON; version and traceparent are extensions of it. */
static void
write_event(struct writer *w, const char *domain, const struct rows *rows, int row)
{
	const char *traceparent = row_text(rows, row, "traceparent");

	writer_literal(w, "{\"specversion\":\"1.0\"");
	writer_member(w, "id", row_text(rows, row, "event_id"));
	writer_literal(w, ",\"source\":\"/marquee/");
	writer_text(w, domain);
	writer_literal(w, "\"");
	writer_member(w, "type", row_text(rows, row, "type"));
	writer_member(w, "subject", row_text(rows, row, "aggregate_id"));
	writer_literal(w, ",\"time\":");
	writer_time(w, row_time(rows, row, "created_at"));
	writer_literal(w, ",\"datacontenttype\":\"application/json\"");
	writer_member_integer(w, "version", row_integer(rows, row, "version"));
	if (traceparent != NULL)
		writer_member(w, "traceparent", traceparent);
	writer_member_json(w, "data", row_text(rows, row, "data"));
	writer_literal(w, "}");
}

struct batch {
	struct relay	*relay;
	struct db	*db;
	struct scope	*scope;
	struct bus_batch bus;		/* one connection: its place holds for all that is told by it */
	struct bus_place place;
	bool		 is_ours;	/* no other process is at it */
	int64_t		 turn;
	int		 count;
	const char	*refusal;	/* of the bus, for one of them at least; those that it took are marked */
};

static void
append(struct batch *batch, const struct rows *rows, int row, struct writer *w)
{
	const char *channel = row_text(rows, row, "channel"), *data = row_text(rows, row, "data");

	if (channel != NULL) {
		bus_append_message(&batch->bus, channel, row_text(rows, row, "event_id"), data, strlen(data));
		return;
	}
	w->length = 0;
	write_event(w, batch->relay->domain, rows, row);
	bus_append_event(&batch->bus, batch->relay->domain, w->data, w->length);
}

/*
 * Marks those that the bus has taken.  One that it refuses waits, and is not a
 * reason to tell it the others again and again.
 */
static void
publish(struct batch *batch, const struct rows *rows)
{
	struct writer event, ids;
	redisReply *reply;

	writer_begin(&event, batch->scope, 4096);
	writer_begin(&ids, batch->scope, 8192);
	for (int row = 0; row < batch->count; row++)
		append(batch, rows, row, &event);
	bus_append_turn(&batch->bus, batch->relay->domain, batch->turn);
	for (int row = 0; (reply = bus_reply(&batch->bus)) != NULL; row++) {
		if (reply->type == REDIS_REPLY_ERROR) {
			batch->refusal = scope_copy(batch->scope, reply->str, reply->len);
		} else if (row < batch->count) {
			writer_text(&ids, ids.length == 0 ? "{" : ",");
			writer_integer(&ids, row_integer(rows, row, "id"));
		}
		freeReplyObject(reply);
	}
	if (ids.length > 0) {
		writer_literal(&ids, "}");
		db_query(batch->db, &mark_published, p_text(writer_copy(&ids)));
	}
}

/* --- a bus that has another history --- */

static void
make_good(struct batch *batch)
{
	log_event(LOG_WARNING, "the bus may have lost something: what it was told last is told again, and channels begin anew");
	db_query(batch->db, &publish_again);
	if (!bus_renew_channels(&batch->bus, batch->relay->history))
		scope_fail(batch->scope, 503, "unavailable", "the bus does not answer");
}

/* One that was never published to lacks nothing, nor does one that was told of the turn before this one. */
static void
compare_bus(struct batch *batch)
{
	struct rows *known = db_query(batch->db, &find_bus);

	if (rows_count(known) == 1 && strcmp(row_text(known, 0, "history"), batch->relay->history) == 0)
		return;
	if (rows_count(known) == 1 && batch->place.last_turn != batch->turn - 1)
		make_good(batch);
	db_query(batch->db, &know_bus, p_text(batch->relay->history));
}

/* --- one turn --- */

static void
note_history(struct relay *relay, const char *history)
{
	if (strcmp(history, relay->history) == 0)
		return;
	strcpy(relay->history, history);
	relay->is_compared = false;
}

static void
relay_rows(struct batch *batch)
{
	struct rows *rows = db_query(batch->db, &try_lock);

	batch->is_ours = rows_count(rows) == 1 && row_bool(rows, 0, "locked");
	if (!batch->is_ours)
		return;
	batch->turn = row_integer(rows, 0, "turn");
	if (!batch->relay->is_compared)
		compare_bus(batch);
	rows = db_query(batch->db, &take_unpublished);
	batch->count = rows_count(rows);
	if (!scope_failed(batch->scope))
		publish(batch, rows);
}

/* May run again from its start. No turn is taken as long as the bus is away: it would look like one that was lost. */
static void
take_batch(void *arg)
{
	struct batch *batch = arg;
	bool good;

	batch->count = 0;
	batch->refusal = NULL;
	if ((good = bus_begin(&batch->bus, batch->relay->bus))) {
		good = bus_find_place(&batch->bus, batch->relay->domain, &batch->place);
		if (good) {
			note_history(batch->relay, batch->place.history);
			relay_rows(batch);
		}
		good = bus_end(&batch->bus) && good;
	}
	if (!good)
		scope_fail(batch->scope, 503, "unavailable", "the bus does not answer");
}

/* --- steps --- */

static const struct statement find_unpublished = { SQL(
	select exists (select from outbox where published_at is null) as found
) };

/* False: the bus does not answer. */
static bool
check_bus(struct relay *relay, int64_t now_ms)
{
	struct bus_place place;
	struct bus_batch bus;
	bool good;

	if (relay->history[0] != '\0' && now_ms - relay->checked_ms < CHECK_MS)
		return true;
	if (!bus_begin(&bus, relay->bus))
		return false;
	if ((good = bus_find_place(&bus, relay->domain, &place)))
		note_history(relay, place.history);
	relay->checked_ms = now_ms;
	return bus_end(&bus) && good;
}

static bool
has_work(struct relay *relay, struct db *db)
{
	struct rows *rows;

	if (relay->idle && wait_for_announcement(relay))
		return true;
	if (!relay->is_compared)
		return true;
	rows = db_query(db, &find_unpublished);
	return rows_count(rows) == 1 && row_bool(rows, 0, "found");
}

/* Also when the bus refuses: that it is full ends when what was taken in goes. */
static void
trim(struct relay *relay, bool is_needed, int64_t now_ms)
{
	if (is_needed)
		relay->untrimmed = TRIMS;
	if (relay->untrimmed == 0 || now_ms - relay->trimmed_ms < TRIM_MS)
		return;
	bus_trim(relay->bus, relay->domain);
	relay->trimmed_ms = now_ms;
	relay->untrimmed--;
}

bool
relay_step(struct relay *relay, struct db *db, struct scope *scope)
{
	struct batch batch = { .relay = relay, .db = db, .scope = scope };
	bool works = has_work(relay, db);
	int64_t now_ms = clock_ms();

	relay->idle = true;
	if (!scope_failed(scope) && !check_bus(relay, now_ms))
		scope_fail(scope, 503, "unavailable", "the bus does not answer");
	if (works)
		db_tx(db, take_batch, &batch);
	if (scope_failed(scope))
		return false;
	if (batch.is_ours)
		relay->is_compared = true;
	relay->idle = batch.count == 0;
	trim(relay, batch.count > 0, now_ms);
	if (batch.refusal != NULL)
		scope_fail(scope, 503, "unavailable", "the bus refuses: %s", batch.refusal);
	return batch.refusal == NULL;
}

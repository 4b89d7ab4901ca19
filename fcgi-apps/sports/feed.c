/*
 * The feed: what providers tell of games, in batches, in any order, once or
 * more often.
 *
 * Who sends something that is not the document (another type, a key that is
 * not known, a text too long, a time that is none, an event without an id) is
 * told so of the whole, for nobody can say what was meant.  What is well-formed
 * is judged event by event, named by its id: the impossible ones are refused
 * with a reason and the others are kept.  An event may supersede one that is
 * still to come.
 */
#include <string.h>

#include "app/imports.h"
#include "base/config.h"
#include "sports.h"

#define MOST_EVENTS	1000
#define FEED_LIMIT	(2 * 1024 * 1024)	/* bytes; nginx/apps/sports.conf says the same */

struct told_game {
	const char	*sport_category, *competition, *team_1, *team_2, *start_time, *venue;
};

static const struct field told_game_fields[] = {
	TEXT_FIELD(FROM_BODY, told_game, sport_category, .min = 1, .max = 80),
	TEXT_FIELD(FROM_BODY, told_game, competition, .min = 1, .max = 160),
	TEXT_FIELD(FROM_BODY, told_game, team_1, .min = 1, .max = 120),
	TEXT_FIELD(FROM_BODY, told_game, team_2, .min = 1, .max = 120),
	TIME_FIELD(FROM_BODY, told_game, start_time),
	TEXT_FIELD(FROM_BODY, told_game, venue, .min = 1, .max = 160),
	{ 0 }
};

struct told_event {
	const char	*provider_event_id, *provider_game_id, *type, *occurred_at, *clock, *team, *player, *text,
			*supersedes;
	struct told_game game;
};

static const struct field told_event_fields[] = {
	TEXT_FIELD(FROM_BODY, told_event, provider_event_id, .required = true, .min = 1, .max = 128),
	TEXT_FIELD(FROM_BODY, told_event, provider_game_id, .min = 1, .max = 128),
	TEXT_FIELD(FROM_BODY, told_event, type, .min = 1, .max = 40),
	TIME_FIELD(FROM_BODY, told_event, occurred_at),
	TEXT_FIELD(FROM_BODY, told_event, clock, .min = 1, .max = 16),
	TEXT_FIELD(FROM_BODY, told_event, team, .min = 1, .max = 120),
	TEXT_FIELD(FROM_BODY, told_event, player, .min = 1, .max = 120),
	TEXT_FIELD(FROM_BODY, told_event, text, .min = 1, .max = 1000),
	TEXT_FIELD(FROM_BODY, told_event, supersedes, .min = 1, .max = 128),
	OBJECT_FIELD(told_event, game, told_game_fields),
	{ 0 }
};

struct feed {
	const char	*provider;
	struct list	 events;
};

static const struct field feed_fields[] = {
	TEXT_FIELD(FROM_BODY, feed, provider, .required = true, .min = 1, .max = 64),
	LIST_FIELD(feed, events, told_event, .required = true, .min = 1, .max = MOST_EVENTS),
	{ 0 }
};

/* What was bound, by its table, with its times in UTC; an object without members is left out. */
static bool
write_members(struct writer *w, const struct field *f, const char *in)
{
	struct writer inner;
	bool any = false;

	for (; f->name != NULL; f++) {
		const char *const *text = (const void *)(in + f->offset);

		if (f->kind == OBJECT) {
			writer_begin(&inner, w->scope, 256);
			writer_literal(&inner, "{");
			if (write_members(&inner, f->fields, in + f->offset)) {
				writer_literal(&inner, "}");
				writer_member_json(w, f->name, writer_copy(&inner));
			}
		} else if (*text != NULL) {
			writer_member(w, f->name, *text);
			any = true;
		}
	}
	return any;
}

static const char *
events_of(struct scope *scope, const struct list *events)
{
	const struct told_event *event = events->items;
	struct writer w;

	writer_begin(&w, scope, events->count * 256);
	for (size_t i = 0; i < events->count; i++) {
		writer_text(&w, i == 0 ? "[{" : ",{");
		write_members(&w, told_event_fields, (const char *)&event[i]);
		writer_literal(&w, "}");
	}
	writer_literal(&w, "]");
	return writer_copy(&w);
}

/* What an import brought is known by the name of its format. */
static bool
is_import(const struct app *app, const char *provider)
{
	for (const struct import_format *const *format = app->imports; *format != NULL; format++)
		if (strcmp((*format)->name, provider) == 0)
			return true;
	return false;
}

/* One call for the batch: sql/sports/005_feed.sql says how. An administrator may tell as any provider. */
static const struct statement take_feed = { SQL(
	select provider_event_id, outcome, reason
	  from take_feed($1, $2, $3::jsonb, make_interval(secs => $4), $5)
) };

static int64_t
count_outcome(const struct rows *taken, const char *outcome)
{
	int64_t count = 0;

	for (int row = 0; row < rows_count(taken); row++)
		count += strcmp(row_text(taken, row, "outcome"), outcome) == 0;
	return count;
}

static void
write_refused(struct writer *w, const struct rows *taken)
{
	const char *before = "";

	writer_literal(w, ",\"refused\":[");
	for (int row = 0; row < rows_count(taken); row++) {
		if (strcmp(row_text(taken, row, "outcome"), "refused") != 0)
			continue;
		writer_text(w, before);
		writer_literal(w, "{");
		writer_member(w, "provider_event_id", row_text(taken, row, "provider_event_id"));
		writer_member(w, "reason", row_text(taken, row, "reason"));
		writer_literal(w, "}");
		before = ",";
	}
	writer_literal(w, "]");
}

static struct reply *
take_batch(struct request *rq)
{
	const struct feed *in = rq->input;
	const char *service = request_has_role(rq, ROLE_ADMIN) ? NULL : rq->caller.user_id;
	struct rows *taken;
	struct writer *w;

	if (is_import(rq->state->app, in->provider)) {
		scope_bad_field(&rq->scope, "provider", "Is the name of an import.");
		return reply_failure(rq);
	}
	taken = db_query(rq->db, &take_feed, p_text(service), p_text(in->provider), p_text(events_of(&rq->scope, &in->events)),
	    p_int(config_integer(rq->state->config, "feed_silence_s")), p_text(rq->traceparent));
	if (!scope_failed(&rq->scope) && rows_count(taken) == 0)
		return problem(rq, 403, "not_yours", "The name of this provider is another service's.");
	db_announce(rq->db);
	w = reply_begin(rq);
	writer_member_integer(w, "accepted", count_outcome(taken, "accepted"));
	writer_member_integer(w, "repeated", count_outcome(taken, "repeated"));
	write_refused(w, taken);
	return reply_end(rq, w);
}

static const struct statement abandon = { SQL(
	select abandon_silent(make_interval(secs => $1)) is null as done
) };

static void
abandon_silent(const struct app_state *state, struct db *db, struct scope *scope)
{
	(void)scope;
	db_query(db, &abandon, p_int(config_integer(state->config, "feed_abandon_s")));
}

const struct timer feed_timers[] = {
	{ "abandon games that nobody tells of", 10, .run = abandon_silent },
	{ 0 }
};

const struct route feed_routes[] = {
	{ POST, "/api/sports/feed", take_batch, INPUT(feed), .roles = ROLE_SERVICE | ROLE_ADMIN, .body_limit = FEED_LIMIT,
	  .unaudited = true,
	  .answer = "accepted:int repeated:int refused[provider_event_id reason]",
	  .summary = "Tell what happened in games, in batches; each event counts once, however often it is told" },
	{ 0 }
};

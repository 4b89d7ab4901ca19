/* Reminders of events of the ticket shop: a day before, and an hour before. */
#include <string.h>

#include "base/text.h"
#include "remote/call.h"
#include "notifications.h"

#define CALL_MS	1500

struct event_ref {
	const char	*event_id;
};

static const struct field event_ref_fields[] = {
	ID_FIELD(FROM_BODY, event_ref, event_id, .required = true),
	{ 0 }
};

static const struct field event_path_fields[] = {
	ID_FIELD(FROM_PATH, event_ref, event_id, .required = true),
	{ 0 }
};

/* --- asking for one --- */

/* What tickets knows of the event; NULL after failing the scope. */
static const json_t *
ask_tickets(struct request *rq, const char *event_id)
{
	struct call_line *line = call_line_of(&rq->scope, rq->state->calls);
	json_t *event = NULL;
	int status;

	if (line == NULL) {
		scope_fail(&rq->scope, 503, "unavailable", "There is no memory to ask for the event.");
		return NULL;
	}
	status = call_make(line, &rq->scope, &(struct call){
		.pool = "tickets", .timeout_ms = CALL_MS, .traceparent = rq->traceparent,
		.path = scope_printf(&rq->scope, "/internal/events/%s", event_id),
	}, &event);
	if (status == 404)
		scope_fail(&rq->scope, 404, "not_found", "There is no such event.");
	else if (status != 200)
		scope_fail(&rq->scope, 503, "unavailable", "The event could not be asked for; try again.");
	return status == 200 ? event : NULL;
}

static const char *
text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text != NULL ? text : "";
}

/* Who asks on the last day is told an hour before. What was told stays told, unless the event was moved. */
static const struct statement insert_reminder = { SQL(
	insert into reminder as old (user_id, event_id, name, starts_at, told_day_before)
	select $1, $2, $3, $4, $4 <= now() + interval '1 day'
	 where $4 > now()
	on conflict (user_id, event_id) do update
	   set name = excluded.name, starts_at = excluded.starts_at,
	       told_day_before = case when old.starts_at = excluded.starts_at then old.told_day_before else excluded.told_day_before end,
	       told_hour_before = old.told_hour_before and old.starts_at = excluded.starts_at
	returning user_id, event_id, name, starts_at as date_time,
	          'You will be reminded of ' || name || ' on ' || say_time(starts_at) as message
) };

struct subscription {
	struct request	*rq;
	const json_t	*event;
	struct rows	*reminder;
};

static void
subscribe(void *arg)
{
	struct subscription *s = arg;
	const struct event_ref *in = s->rq->input;

	s->reminder = db_query(s->rq->db, &insert_reminder, p_text(s->rq->caller.user_id), p_text(in->event_id),
	    p_text(text_of(s->event, "name")), p_text(text_of(s->event, "date_time")));
}

/* Tickets is asked before the transaction begins. */
static struct reply *
subscribe_event(struct request *rq)
{
	const struct event_ref *in = rq->input;
	struct subscription s = { .rq = rq, .event = ask_tickets(rq, in->event_id) };

	if (scope_failed(&rq->scope))
		return reply_failure(rq);
	if (strcmp(text_of(s.event, "event_status"), "cancelled") == 0)
		return problem(rq, 409, "event_cancelled", "The event is cancelled.");
	db_tx(rq->db, subscribe, &s);
	if (!scope_failed(&rq->scope) && rows_count(s.reminder) == 0)
		return problem(rq, 409, "event_over", "The event has begun.");
	return reply_row(rq, &insert_reminder, s.reminder, NULL);
}

static const struct statement delete_reminder = { SQL(
	delete from reminder where user_id = $1 and event_id = $2 returning event_id
) };

static struct reply *
unsubscribe_event(struct request *rq)
{
	const struct event_ref *in = rq->input;
	struct rows *deleted = db_query(rq->db, &delete_reminder, p_text(rq->caller.user_id), p_text(in->event_id));

	if (!scope_failed(&rq->scope) && rows_count(deleted) == 0)
		return problem(rq, 404, "not_found", "You are not reminded of that event.");
	return reply_message(rq, "You will not be reminded");
}

/* --- by the clock --- */

/* Of jobs that come back late the day's reminder is left out where the hour's is due. */
const struct statement remind_day_before = { SQL(
	with due as (
		update reminder
		   set told_day_before = true
		 where not told_day_before and starts_at > now() + interval '1 hour' and starts_at <= now() + interval '1 day'
		returning user_id, event_id, name, starts_at
	)
	select notify_people(array_agg(user_id), 'reminder', name || ' begins on ' || say_time(starts_at),
	       jsonb_build_object('event_id', event_id), format('day before:%s:%s', event_id, starts_at))
	  from due
	 group by event_id, name, starts_at
) };

const struct statement remind_hour_before = { SQL(
	with due as (
		update reminder
		   set told_hour_before = true
		 where not told_hour_before and starts_at > now() and starts_at <= now() + interval '1 hour'
		returning user_id, event_id, name, starts_at
	)
	select notify_people(array_agg(user_id), 'reminder', name || ' begins soon, on ' || say_time(starts_at),
	       jsonb_build_object('event_id', event_id), format('hour before:%s:%s', event_id, starts_at))
	  from due
	 group by event_id, name, starts_at
) };

const struct statement reminder_forget_old = { SQL(
	delete from reminder where starts_at < now() - interval '1 day'
) };

#define PATH		"/api/tickets/subscribe/event"

const struct route reminder_routes[] = {
	{ POST, PATH, subscribe_event, INPUT(event_ref), .write = SELF,
	  .answer = "user_id:id event_id:id name date_time:time message",
	  .summary = "Be reminded of an event, a day and an hour before" },
	{ DELETE, PATH "/{event_id}", unsubscribe_event, .fields = event_path_fields, .input_size = sizeof(struct event_ref),
	  .envelope = STATUS, .answer = "message", .summary = "Not to be reminded of it any more" },
	{ 0 }
};

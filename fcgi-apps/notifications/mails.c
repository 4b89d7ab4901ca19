/* Mails: notifications that are wanted by mail too, handed to users, who knows the address. */
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "remote/call.h"
#include "notifications.h"

#define CALL_MS		2000
#define STEP_MS		2000	/* a step must end soon when the process has to */

/* A lease, longer than a call may take; taken twice it leaves a mail to the next step. In quiet hours it waits until they end. */
static const struct statement lease_mail = { SQL(
	with due as (
		select mail.notification_id, n.user_id, n.kind, n.message,
		       after_quiet(now(), p.quiet_from, p.quiet_until, p.time_zone) as may_at
		  from mail
		  join notification n on n.notification_id = mail.notification_id
		  left join preference p on p.user_id = n.user_id
		 where mail.next_try_at <= now()
		 order by mail.next_try_at
		 limit 1
		   for update of mail skip locked
	)
	update mail
	   set attempts = attempts + (may_at <= now())::integer, next_try_at = greatest(may_at, now() + interval '10 seconds')
	  from due
	 where mail.notification_id = due.notification_id
	returning due.notification_id, user_id, kind, message, may_at > now() as is_quiet
) };

static const struct statement mark_handed_over = { SQL(
	delete from mail where notification_id = $1
) };

/* After two seconds, four, up to ten minutes. */
static const struct statement try_later = { SQL(
	update mail
	   set next_try_at = now() + least(interval '10 minutes', interval '1 second' * (1 << least(attempts, 10)))
	 where notification_id = $1
) };

const struct statement mail_give_up_old = { SQL(
	delete from mail where created_at < now() - interval '3 days'
) };

static const char *
subject_of(const char *kind)
{
	static const struct { const char *kind, *subject; } subjects[] = {
		{ "score_update", "News of a game" },
		{ "payment", "A payment is open" },
		{ "order", "Your order" },
		{ "reminder", "Soon: what you wanted to be reminded of" },
		{ "message", "You have a new message" },
		{ "security", "Your account" },
	};

	for (size_t i = 0; i < sizeof(subjects) / sizeof(*subjects); i++)
		if (strcmp(subjects[i].kind, kind) == 0)
			return subjects[i].subject;
	return "News for you";
}

static const char *
body_of(const struct app_state *state, struct scope *scope, const struct rows *mail)
{
	struct writer w;

	writer_begin(&w, scope, 512);
	writer_literal(&w, "{");
	writer_member(&w, "user_id", row_text(mail, 0, "user_id"));
	writer_member(&w, "key", row_text(mail, 0, "notification_id"));
	writer_member(&w, "subject", subject_of(row_text(mail, 0, "kind")));
	writer_member(&w, "text", scope_printf(scope, "%s\n\n"
	    "You get this because you chose mails of that kind: %s.\nTo change it: PUT %s/api/notifications/preferences\n",
	    row_text(mail, 0, "message"), row_text(mail, 0, "kind"), state->public_url));
	writer_literal(&w, "}");
	return writer_copy(&w);
}

/* Users takes each key once, so handing it over again changes nothing. 429 and silence: later; other refusals are for good. */
static const struct statement *
hand_over(const struct app_state *state, struct scope *scope, struct call_line *line, const struct rows *mail)
{
	json_t *answer;
	int status;

	status = call_make(line, scope, &(struct call){
		.pool = "users", .path = "/internal/mails", .timeout_ms = CALL_MS, .body = body_of(state, scope, mail),
	}, &answer);
	scope_retry(scope);
	if (status >= 200 && status < 300)
		return &mark_handed_over;
	log_event(LOG_WARNING, status == 0 || status == 429 ? "mail waits" : "mail given up",
	    LOG_TEXT("notification_id", row_text(mail, 0, "notification_id")),
	    LOG_TEXT("error", status == 0 ? call_problem(line) : scope_printf(scope, "users answered %d", status)));
	return status == 0 || status == 429 ? &try_later : &mark_handed_over;
}

/* True: there may be another one that can go at once. */
static bool
deliver_one(const struct app_state *state, struct db *db, struct scope *scope, struct call_line *line)
{
	struct rows *mail = db_change(db, &lease_mail);
	const struct statement *outcome;

	if (scope_failed(scope) || rows_count(mail) == 0)
		return false;
	if (row_bool(mail, 0, "is_quiet"))
		return true;
	outcome = hand_over(state, scope, line, mail);
	db_change(db, outcome, p_text(row_text(mail, 0, "notification_id")));
	return !scope_failed(scope) && outcome == &mark_handed_over;
}

static bool
deliver(const struct app_state *state, struct db *db, struct scope *scope)
{
	struct call_line *line = call_line_of(scope, state->calls);
	int64_t until_ms = clock_ms() + STEP_MS;
	bool more = line != NULL;

	while (more && clock_ms() < until_ms)
		more = deliver_one(state, db, scope, line);
	return more;
}

const struct job mail_jobs[] = {
	{ "hand over mails", 500, deliver },
	{ 0 }
};

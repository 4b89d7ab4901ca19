/* Mails: written with the change that causes them, delivered by a job. */
#include "base/clock.h"
#include "base/id.h"
#include "base/log.h"
#include "remote/mail.h"
#include "users.h"

#define CONNECTION_MS	2000	/* one connection is used so long: a step must end soon when the process has to */

/* An address may be a stranger's who never asked for the account: what anyone can cause by a log-in has an end. */
#define NOTICES_AN_HOUR	12

static const struct statement insert_mail = { SQL(
	insert into mail (mail_id, user_id, recipient, subject, text)
	select $1::uuid, user_id, coalesce($3::text, email), $4::text,
	       'Hello ' || username || ',' || repeat(chr(10), 2) || $5::text
	  from account
	 where user_id = $2
	   and ($6::boolean or (select count(*) from mail
	                         where mail.user_id = $2 and created_at > now() - interval '1 hour') < $7)
) };

void
mail_add(struct db *db, struct scope *scope, const struct mail *mail)
{
	char mail_id[ID_SIZE];

	if (scope_failed(scope))
		return;
	id_new(mail_id);
	db_query(db, &insert_mail, p_text(mail_id), p_text(mail->user_id), p_text(mail->recipient),
	    p_text(mail->subject), p_text(mail->text), p_bool(mail->is_asked_for), p_int(NOTICES_AN_HOUR));
}

/* A lease, longer than a server may take: whoever dies over it, or asked twice for one, leaves the mail to the next. */
static const struct statement lease_mail = { SQL(
	update mail
	   set attempts = attempts + 1, next_try_at = now() + interval '60 seconds'
	 where mail_id = (
	       select mail_id
	         from mail
	        where next_try_at <= now() and sent_at is null and gave_up_at is null
	        order by next_try_at
	        limit 1
	          for update skip locked)
	returning mail_id, recipient, subject, text, created_at
) };

/* Even when its lease was over and somebody gave it up. */
static const struct statement mark_sent = { SQL(
	update mail
	   set sent_at = now(), gave_up_at = null, last_error = null, text = left(text, 0)
	 where mail_id = $1
) };

/* The first try counted as one: a minute later, two, four, up to six hours. */
static const struct statement mark_failed = { SQL(
	update mail
	   set last_error = left($2, 200),
	       next_try_at = now() + least(interval '6 hours', interval '1 minute' * (1 << least(attempts - 1, 9))),
	       gave_up_at = case when $3 then now() end,
	       text = case when $3 then left(text, 0) else text end
	 where mail_id = $1 and sent_at is null and gave_up_at is null
) };

static enum mail_outcome
send_leased(struct mail_server *server, const struct rows *mail, char why[MAIL_PROBLEM])
{
	const char *mail_id = row_text(mail, 0, "mail_id");
	enum mail_outcome outcome = mail_send(server, &(struct message){
		.message_id = mail_id,
		.recipient = row_text(mail, 0, "recipient"),
		.subject = row_text(mail, 0, "subject"),
		.text = row_text(mail, 0, "text"),
		.written_us = row_time(mail, 0, "created_at"),
	}, why);

	if (outcome != MAIL_SENT)
		log_event(LOG_WARNING, outcome == MAIL_NEVER ? "mail given up" : "mail waits",
		    LOG_TEXT("mail_id", mail_id), LOG_TEXT("error", why));
	return outcome;
}

/* True: one was sent, and there may be another. */
static bool
deliver_one(struct mail_server *server, struct db *db, struct scope *scope)
{
	struct rows *mail = db_change(db, &lease_mail);
	enum mail_outcome outcome;
	char why[MAIL_PROBLEM];

	if (scope_failed(scope) || rows_count(mail) == 0)
		return false;
	outcome = send_leased(server, mail, why);
	if (outcome == MAIL_SENT)
		db_change(db, &mark_sent, p_text(row_text(mail, 0, "mail_id")));
	else
		db_change(db, &mark_failed, p_text(row_text(mail, 0, "mail_id")), p_text(why), p_bool(outcome == MAIL_NEVER));
	return !scope_failed(scope) && outcome != MAIL_LATER;
}

static void
say_once_that_mails_wait(void)
{
	static __thread bool said;

	if (!said)
		log_event(LOG_WARNING, "mails wait: neither smtp nor mail_folder is set");
	said = true;
}

bool
mail_deliver(const struct app_state *state, struct db *db, struct scope *scope)
{
	struct mail_server *server = mail_open(scope, state->config);
	int64_t until_ms = clock_ms() + CONNECTION_MS;
	bool more = server != NULL;

	if (server == NULL)
		say_once_that_mails_wait();
	while (more && clock_ms() < until_ms)
		more = deliver_one(server, db, scope);
	return more;
}

/* What could not be sent in three days is of no use any more, its tokens least of all. */
const struct statement mail_give_up_old = { SQL(
	update mail
	   set gave_up_at = now(), text = left(text, 0)
	 where sent_at is null and gave_up_at is null
	   and created_at < now() - interval '3 days'
) };

const struct statement mail_forget_old = { SQL(
	delete from mail
	 where mail_id in (
	       select mail_id
	         from mail
	        where least(sent_at, gave_up_at) < now() - interval '7 days'
	          and (sent_at is not null or gave_up_at is not null)
	        limit 5000)
) };

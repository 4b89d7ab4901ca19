/* Mail addresses: changed once the new one is confirmed, and told to the old one. */
#include "data/limits.h"
#include "events/outbox.h"
#include "users.h"

#define MAILS_AN_HOUR	12	/* nobody floods strangers through us */

/* From many accounts neither. */
static const struct limit per_address = { "new address", 5, 60 * 60 };

/* The row's lock makes two changes at once follow each other. */
static const struct statement find_account = { SQL(
	select lower($2) as address, lower(email) = lower($2) as is_own,
	       exists (
		select
		  from account as other
		 where lower(other.email) = lower($2) and other.user_id <> $1) as is_taken,
	       exists (
		select
		  from email_change
		 where user_id = $1 and lower(email_change.email) = lower($2)
		   and created_at > now() - interval '1 minute') as is_asked,
	       (select count(*) from mail
	         where mail.user_id = $1 and mail.created_at > now() - interval '1 hour') as mails
	  from account
	 where user_id = $1 and status = 'active'
	   for no key update
) };

static const struct statement put_change = { SQL(
	insert into email_change (user_id, email, token_hash, expires_at)
	values ($1, $2, $3, now() + interval '24 hours')
	on conflict (user_id) do update
	   set email = excluded.email, token_hash = excluded.token_hash,
	       created_at = excluded.created_at, expires_at = excluded.expires_at
) };

static void
ask_new_address(struct request *rq, const char *user_id, const char *email, const char *token)
{
	mail_add(rq->db, &rq->scope, &(struct mail){
		.user_id = user_id,
		.recipient = email,
		.is_asked_for = true,
		.subject = "Confirm your new address",
		.text = scope_printf(&rq->scope,
		    "this will be the address of your account once you confirm it, within a day:\n\n"
		    "    %s/confirm-address?token=%s\n\n"
		    "Or give this token to the program that asks for it:\n\n"
		    "    %s\n\n"
		    "If it was not you, do nothing: somebody mistook this address for theirs.\n",
		    rq->public_url, token, token),
	});
}

static void
warn_old_address(struct request *rq, const char *user_id)
{
	mail_add(rq->db, &rq->scope, &(struct mail){
		.user_id = user_id,
		.subject = "Your address is about to change",
		.text = scope_printf(&rq->scope,
		    "somebody, most likely you, gave your account another mail address. "
		    "It changes when that one is confirmed.\n\n"
		    "If it was not you, set a new password now. It stops the change and logs out everybody else:\n\n"
		    "    %s/reset-password\n",
		    rq->public_url),
	});
}

static const struct statement withdraw_change = { SQL(
	delete from email_change where user_id = $1
) };

static void
fail_too_many(struct scope *scope)
{
	scope_fail(scope, 429, "too_many", "The address was changed too often; try again in an hour.");
	scope->failure.retry_after_s = 60 * 60;
}

/* Asked for twice within a minute is once; later it is a mail that got lost. */
void
address_change(struct request *rq, const char *user_id, const char *email)
{
	struct rows *account = db_query(rq->db, &find_account, p_text(user_id), p_text(email));
	struct mail_token token;

	if (rows_count(account) == 0)
		scope_fail(&rq->scope, 404, "not_found", "There is no such user.");
	else if (row_bool(account, 0, "is_own"))
		db_query(rq->db, &withdraw_change, p_text(user_id));
	else if (row_bool(account, 0, "is_taken"))
		/* As the constraint will say it once the address is confirmed. */
		scope_fail_field(&rq->scope, 409, "email_taken", "email", "There is an account with this address.");
	else if (!row_bool(account, 0, "is_asked") && row_integer(account, 0, "mails") >= MAILS_AN_HOUR)
		fail_too_many(&rq->scope);
	else if (!row_bool(account, 0, "is_asked"))
		limit_count(rq->state->limits, &rq->scope, &per_address, row_text(account, 0, "address"));
	if (scope_failed(&rq->scope) || row_bool(account, 0, "is_own") || row_bool(account, 0, "is_asked"))
		return;
	mail_token_new(&token);
	db_query(rq->db, &put_change, p_text(user_id), p_text(email),
	    mail_token_hash(&rq->scope, token.text));
	ask_new_address(rq, user_id, email, token.text);
	warn_old_address(rq, user_id);
}

struct confirm_address {
	const char	*token;
};

static const struct field confirm_address_fields[] = {
	TEXT_FIELD(FROM_BODY, confirm_address, token, .required = true, .min = 1, .max = MAIL_TOKEN_MAX, .secret = true),
	{ 0 }
};

/* Together with the resets that were mailed to the old address: who reads it may be somebody else now. */
static const struct statement use_change = { SQL(
	with used as (
		delete from email_change
		 where token_hash = $1 and expires_at > now()
		returning user_id, email
	), resets as (
		delete from reset_token
		 where user_id = (select user_id from used)
	)
	select user_id, email from used
) };

static const struct statement update_address = { SQL(
	with before as (
		select user_id, email
		  from account
		 where user_id = $1 and status = 'active'
		   for no key update
	)
	update account
	   set email = $2, version = version + 1, updated_at = now()
	  from before
	 where account.user_id = before.user_id
	returning account.version, before.email as old_email
) };

static void
announce(struct request *rq, const char *user_id, const struct rows *account)
{
	outbox_add(rq->db, &rq->scope, &(struct event){
		.type = "users.email_changed", .aggregate_id = user_id, .version = row_integer(account, 0, "version"),
		.traceparent = rq->traceparent, .data = { { "user_id", user_id } },
	});
	mail_add(rq->db, &rq->scope, &(struct mail){
		.user_id = user_id,
		.recipient = row_text(account, 0, "old_email"),
		.subject = "Your address was changed",
		.text = scope_printf(&rq->scope,
		    "your account has another mail address now. This was the last mail to the old one.\n\n"
		    "If it was not you, write at once to those who run %s: somebody else is in your account.\n",
		    rq->public_url),
	});
}

static struct reply *
confirm_address(struct request *rq)
{
	const struct confirm_address *in = rq->input;
	struct rows *used, *account;
	const char *user_id;

	used = db_query(rq->db, &use_change, mail_token_hash(&rq->scope, in->token));
	if (rows_count(used) == 0) {
		scope_bad_field(&rq->scope, "token", MAIL_TOKEN_PROBLEM);
		return reply_failure(rq);
	}
	user_id = row_text(used, 0, "user_id");
	account = db_query(rq->db, &update_address, p_text(user_id), p_text(row_text(used, 0, "email")));
	if (rows_count(account) == 0) {
		scope_bad_field(&rq->scope, "token", MAIL_TOKEN_PROBLEM);
		return reply_failure(rq);
	}
	announce(rq, user_id, account);
	return reply_message(rq, "Address changed");
}

const struct statement address_forget_old = { SQL(
	delete from email_change where expires_at < now()
) };

const struct route address_routes[] = {
	{ POST, "/api/users/email/confirm", confirm_address, INPUT(confirm_address),
	  .audience = ANYONE, .envelope = STATUS, .answer = "message",
	  .summary = "Confirm a new mail address with the token mailed to it" },
	{ 0 }
};

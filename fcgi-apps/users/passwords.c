/* Passwords: changed by who knows the old one; all other sessions end. */
#include <string.h>

#include "auth/password.h"
#include "data/limits.h"
#include "events/outbox.h"
#include "users.h"

struct change_password {
	const char	*current_password, *password;
};

static const struct field change_password_fields[] = {
	TEXT_FIELD(FROM_BODY, change_password, current_password, .required = true, .min = 1,
	    .max = ACCOUNT_PASSWORD_MAX, .secret = true),
	NEW_PASSWORD_FIELD(change_password),
	{ 0 }
};

void
password_confirm(struct request *rq, const char *hash, const char *password, const char *sentence)
{
	static const struct limit wrong_passwords = { "wrong password", 5, 15 * 60 };
	const char *user_id = rq->caller.user_id;

	limit_count(rq->state->limits, &rq->scope, &wrong_passwords, user_id);
	if (scope_failed(&rq->scope))
		return;
	if (password_matches(hash, password))
		limit_clear(rq->state->limits, &wrong_passwords, user_id);
	else
		scope_fail(&rq->scope, 403, "wrong_password", "%s", sentence);
}

static const struct statement update_password = { SQL(
	update account
	   set password_hash = $2, version = version + 1, updated_at = now()
	 where user_id = $1 and status = 'active' and ($3::text is null or password_hash = $3)
	returning version
) };

/* What was mailed on behalf of who knew the old password is void: a thief may have asked for it. */
static const struct statement void_tokens = { SQL(
	with resets as (
		delete from reset_token where user_id = $1
	)
	delete from email_change where user_id = $1
) };

static void
announce(struct request *rq, const char *user_id, const struct rows *account)
{
	outbox_add(rq->db, &rq->scope, &(struct event){
		.type = "users.password_changed", .aggregate_id = user_id, .version = row_integer(account, 0, "version"),
		.traceparent = rq->traceparent, .data = { { "user_id", user_id } },
	});
	mail_add(rq->db, &rq->scope, &(struct mail){
		.user_id = user_id,
		.subject = "Your password was changed",
		.text = scope_printf(&rq->scope,
		    "the password of your account was changed, and you were logged out everywhere else.\n\n"
		    "If it was not you, set a new one at once:\n\n"
		    "    %s/reset-password\n",
		    rq->public_url),
	});
}

struct rows *
password_set(struct request *rq, const struct password *password)
{
	struct rows *account = db_query(rq->db, &update_password, p_text(password->user_id), p_text(password->hash),
	    p_text(password->old_hash));

	if (rows_count(account) == 0) {
		scope_fail(&rq->scope, 409, "password_changed", "The password was changed meanwhile.");
		return account;
	}
	db_query(rq->db, &void_tokens, p_text(password->user_id));
	announce(rq, password->user_id, account);
	return session_end_all(rq->db, password->user_id, password->kept);
}

static const struct statement find_own = { SQL(
	select username, email, password_hash
	  from account
	 where user_id = $1 and status = 'active'
) };

/* The hash of the password that was right; fails the scope otherwise. */
static const char *
check(struct request *rq, const struct change_password *in)
{
	struct rows *account = db_query(rq->db, &find_own, p_text(rq->caller.user_id));
	const char *hash, *problem;

	if (rows_count(account) == 0) {
		scope_fail(&rq->scope, 403, "no_account", "Only who has an account has a password.");
		return NULL;
	}
	problem = account_password_problem_for(in->password, row_text(account, 0, "username"),
	    row_text(account, 0, "email"));
	if (problem == NULL && strcmp(in->current_password, in->password) == 0)
		problem = "Is the present one.";
	if (problem != NULL)
		scope_bad_field(&rq->scope, "password", "%s", problem);

	hash = row_text(account, 0, "password_hash");
	password_confirm(rq, hash, in->current_password, "The current password is wrong.");
	return hash;
}

struct change {
	struct request	*rq;
	const char	*old_hash;
	char		 hash[PASSWORD_HASH_SIZE];
	struct rows	*ended;
};

static void
change(void *arg)
{
	struct change *change = arg;
	const struct caller *caller = &change->rq->caller;

	change->ended = password_set(change->rq, &(struct password){
		.user_id = caller->user_id, .hash = change->hash,
		.old_hash = change->old_hash, .kept = caller->session_id,
	});
}

static struct reply *
change_password(struct request *rq)
{
	const struct change_password *in = rq->input;
	struct change work = { .rq = rq };

	work.old_hash = check(rq, in);
	if (scope_failed(&rq->scope))
		return reply_failure(rq);
	if (!password_hash(work.hash, in->password))
		return problem(rq, 503, "unavailable", "There is no memory for this just now.");
	db_tx(rq->db, change, &work);
	session_tell_ended(rq, work.ended);
	return reply_message(rq, "Password changed");
}

const struct route password_routes[] = {
	{ PUT, "/api/users/password", change_password, INPUT(change_password),
	  .write = SELF, .slow = true, .envelope = STATUS, .answer = "message",
	  .summary = "Change one's own password" },
	{ 0 }
};

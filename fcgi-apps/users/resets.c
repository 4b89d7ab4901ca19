/* Resets: a new password for who reads the account's mails, by a token that is good once. */
#include <ctype.h>

#include "auth/password.h"
#include "base/id.h"
#include "data/limits.h"
#include "devices.h"
#include "users.h"

struct ask_reset {
	const char	*email;
};

static const struct field ask_reset_fields[] = {
	EMAIL_FIELD(ask_reset, .required = true),
	{ 0 }
};

/* Counted for addresses that nobody has, too. */
static const struct limit per_email = { "reset", 3, 60 * 60 };
static const struct limit per_client = { "reset by client", 20, 60 * 60 };

static const struct statement insert_request = { SQL(
	insert into reset_request (reset_request_id, email) values ($1, $2)
) };

static void
write_down(void *arg)
{
	struct request *rq = arg;
	const struct ask_reset *in = rq->input;
	char reset_request_id[ID_SIZE];

	id_new(reset_request_id);
	db_query(rq->db, &insert_request, p_text(reset_request_id), p_text(in->email));
}

static const char *
lower_case(struct scope *scope, const char *text)
{
	char *lower = scope_printf(scope, "%s", text);

	for (char *p = lower; *p != '\0'; p++)
		*p = tolower((unsigned char)*p);
	return lower;
}

/* Whether there is such an account is found out by a job, so that nobody can tell by the answer or its time. */
static struct reply *
ask_reset(struct request *rq)
{
	const struct ask_reset *in = rq->input;
	char network[DEVICE_NETWORK_SIZE];

	device_network(network, rq->address, 32, 64);
	if (*network != '\0')
		limit_count(rq->state->limits, &rq->scope, &per_client, network);
	limit_count(rq->state->limits, &rq->scope, &per_email, lower_case(&rq->scope, in->email));
	db_tx(rq->db, write_down, rq);
	return reply_message(rq, "If there is an account with this address, a mail is on its way to it");
}

static const struct statement take_request = { SQL(
	delete from reset_request
	 where reset_request_id = (
	       select reset_request_id
	         from reset_request
	        order by reset_request_id
	        limit 1
	          for update skip locked)
	returning email
) };

/*
 * The limit once more: addresses that differ to a machine may be one account's.
 * Who is being erased is waited for, and gone then.  No token for what no mail can be sent to: its request would fail again and
 * again, and keep all others waiting.
 */
static const struct statement insert_token = { SQL(
	insert into reset_token (token_hash, user_id, expires_at)
	select $2::bytea, user_id, now() + interval '1 hour'
	  from account
	 where lower(email) = lower($1) and status = 'active' and email !~ '[[:cntrl:][:space:]]'
	   and (select count(*) from reset_token where reset_token.user_id = account.user_id) < 3
	   for no key update of account
	returning user_id
) };

struct answering {
	const struct app_state	*state;
	struct db		*db;
	struct scope		*scope;
	bool			 found;
};

static void
answer(void *arg)
{
	struct answering *answering = arg;
	struct scope *scope = answering->scope;
	struct rows *request = db_query(answering->db, &take_request), *account;
	const char *url = answering->state->public_url;
	struct mail_token token;

	answering->found = rows_count(request) > 0;
	if (!answering->found)
		return;
	mail_token_new(&token);
	account = db_query(answering->db, &insert_token, p_text(row_text(request, 0, "email")), mail_token_hash(scope, token.text));
	if (rows_count(account) == 0)
		return;
	mail_add(answering->db, scope, &(struct mail){
		.user_id = row_text(account, 0, "user_id"),
		.is_asked_for = true,
		.subject = "Set a new password",
		.text = scope_printf(scope,
		    "somebody, most likely you, asked for a new password for your account. Set it here, within an hour:\n\n"
		    "    %s/reset-password?token=%s\n\n"
		    "Or give this token to the program that asks for it:\n\n"
		    "    %s\n\n"
		    "If it was not you, do nothing: without this mail nobody can use it. Show it to nobody.\n",
		    url, token.text, token.text),
	});
}

bool
reset_answer(const struct app_state *state, struct db *db, struct scope *scope)
{
	struct answering answering = { .state = state, .db = db, .scope = scope };

	db_tx(db, answer, &answering);
	return answering.found && !scope_failed(scope);
}

struct reset_password {
	const char	*token, *password;
};

static const struct field reset_password_fields[] = {
	TEXT_FIELD(FROM_BODY, reset_password, token, .required = true, .min = 1, .max = MAIL_TOKEN_MAX, .secret = true),
	NEW_PASSWORD_FIELD(reset_password),
	{ 0 }
};

static const struct statement find_account = { SQL(
	select username, email
	  from reset_token
	  join account using (user_id)
	 where token_hash = $1 and expires_at > now() and status = 'active'
) };

/* Of two that show it at once the second finds it gone. */
static const struct statement use_token = { SQL(
	delete from reset_token
	 where token_hash = $1 and expires_at > now()
	returning user_id
) };

struct reset {
	struct request	*rq;
	struct param	 token_hash;
	char		 hash[PASSWORD_HASH_SIZE];
	const char	*user_id;
	struct rows	*ended;
};

/* Before anything is hashed: a token that nobody has costs us nothing. */
static void
check(struct request *rq, const struct reset *reset)
{
	const struct reset_password *in = rq->input;
	struct rows *account = db_query(rq->db, &find_account, reset->token_hash);
	const char *problem;

	if (scope_failed(&rq->scope))
		return;
	if (rows_count(account) == 0)
		scope_bad_field(&rq->scope, "token", MAIL_TOKEN_PROBLEM);
	else if ((problem = account_password_problem_for(in->password, row_text(account, 0, "username"),
	    row_text(account, 0, "email"))) != NULL)
		scope_bad_field(&rq->scope, "password", "%s", problem);
}

static void
reset(void *arg)
{
	struct reset *reset = arg;
	struct request *rq = reset->rq;
	struct rows *used = db_query(rq->db, &use_token, reset->token_hash);

	if (scope_failed(&rq->scope))
		return;
	if (rows_count(used) == 0) {
		scope_bad_field(&rq->scope, "token", MAIL_TOKEN_PROBLEM);
		return;
	}
	reset->user_id = row_text(used, 0, "user_id");
	reset->ended = password_set(rq, &(struct password){ .user_id = reset->user_id, .hash = reset->hash });
}

/* It signs nobody in: the second factor, where there is one, is still asked for. */
static struct reply *
reset_password(struct request *rq)
{
	const struct reset_password *in = rq->input;
	struct reset work = { .rq = rq };

	work.token_hash = mail_token_hash(&rq->scope, in->token);
	check(rq, &work);
	if (scope_failed(&rq->scope))
		return reply_failure(rq);
	if (!password_hash(work.hash, in->password))
		return problem(rq, 503, "unavailable", "There is no memory for this just now.");
	db_tx(rq->db, reset, &work);
	session_tell_ended(rq, work.ended);
	if (!scope_failed(&rq->scope))
		login_forget_failures(rq, work.user_id);
	return reply_message(rq, "Password changed");
}

const struct statement reset_forget_old = { SQL(
	delete from reset_token where expires_at < now()
) };

const struct route reset_routes[] = {
	{ POST, "/api/users/password/reset", ask_reset, INPUT(ask_reset),
	  .audience = ANYONE, .write = SELF, .envelope = STATUS, .status = 202, .answer = "message",
	  .summary = "Ask for a token to set a new password, by mail" },
	{ POST, "/api/users/password/reset/confirm", reset_password, INPUT(reset_password),
	  .audience = ANYONE, .write = SELF, .slow = true, .envelope = STATUS, .answer = "message",
	  .summary = "Set a new password with the mailed token" },
	{ 0 }
};

/* Erasure: a person goes, what the law makes us keep stays without a name. */
#include <sodium.h>
#include <string.h>

#include "base/id.h"
#include "events/outbox.h"
#include "http/audit.h"
#include "users.h"

#define MISSING		"There is no such user."
#define NAME_BYTES	8

struct erasure {
	const char	*user_id, *password, *code, *reason;
};

static const struct field erasure_fields[] = {
	ID_FIELD(FROM_PATH, erasure, user_id, .required = true),
	TEXT_FIELD(FROM_BODY, erasure, password, .min = 1, .max = ACCOUNT_PASSWORD_MAX, .secret = true),
	TEXT_FIELD(FROM_BODY, erasure, code, .min = 1, .max = 32, .secret = true),
	TEXT_FIELD(FROM_BODY, erasure, reason, .min = 1, .max = 500),
	{ 0 }
};

/* --- may it be? --- */

static const struct statement find_account = { SQL(
	select username, email, password_hash from account where user_id = $1 and status <> 'erased'
) };

static void
check_person(struct request *rq, const struct erasure *in, const struct rows *account)
{
	if (in->reason != NULL)
		scope_bad_field(&rq->scope, "reason", "Nobody needs one for their own account.");
	if (in->password == NULL)
		scope_bad_field(&rq->scope, "password", "Is required.");
	password_confirm(rq, row_text(account, 0, "password_hash"), in->password, "The password is wrong.");
	if (!scope_failed(&rq->scope))
		second_factor_check(rq, in->user_id, in->code);
}

/* It stays in the log, where no name may stay. */
static void
check_reason(struct request *rq, const struct erasure *in, const struct rows *account)
{
	if (in->password != NULL)
		scope_bad_field(&rq->scope, "password", "Is for one's own account.");
	if (in->reason == NULL)
		scope_bad_field(&rq->scope, "reason", "Is required.");
	else if (strcasestr(in->reason, row_text(account, 0, "username")) != NULL ||
	    strcasestr(in->reason, row_text(account, 0, "email")) != NULL)
		scope_bad_field(&rq->scope, "reason", "Names neither the person nor the address.");
}

/* --- what goes --- */

/* A log-in that is about to begin a session waits for this lock, and then finds nobody. */
static const struct statement lock_account = { SQL(
	select email, 'admin' = any (roles) as is_admin
	  from account
	 where user_id = $1 and status <> 'erased'
	   for update
) };

static const struct statement erase_account = { SQL(
	update account
	   set username = 'erased-' || $2, email = user_id || '@erased.invalid', password_hash = null, roles = '{user}',
	       notifications_enabled = false, notification_types = '{}', status = 'erased',
	       version = version + 1, updated_at = now()
	 where user_id = $1
	returning version
) };

/* They stay a while, so that other pools learn that they ended. */
static const struct statement strip_sessions = { SQL(
	update session
	   set refresh_hash = null, address = null, user_agent = null, device = null, network = null, place = null
	 where user_id = $1
) };

/* One that nobody has answered yet; there are never many. */
static const struct statement forget_requests = { SQL(
	delete from reset_request where lower(email) = lower($1)
) };

static const struct statement forget_person = { SQL(
	select platform.forget_person($1::uuid, '{account, session}') is null as done
) };

/* The last one, while there still is a name: it is gone as soon as it was sent. */
static void
say_farewell(struct request *rq, const char *user_id)
{
	mail_add(rq->db, &rq->scope, &(struct mail){
		.user_id = user_id,
		.is_asked_for = true,
		.subject = "Your account is gone",
		.text = "your account was erased, and with it all that told of you. What the law makes us keep, as payments,\n"
		    "is kept without your name. This is our last mail to you.\n",
	});
}

struct removal {
	struct request	*rq;
	const char	*user_id;
	struct rows	*ended;
};

static void
erase(void *arg)
{
	struct removal *removal = arg;
	struct request *rq = removal->rq;
	const char *user_id = removal->user_id;
	char name[2 * NAME_BYTES + 1];
	struct rows *account, *erased;
	uint8_t bytes[NAME_BYTES];

	id_random(bytes, sizeof(bytes));
	sodium_bin2hex(name, sizeof(name), bytes, sizeof(bytes));
	admins_lock(rq->db);
	account = db_query(rq->db, &lock_account, p_text(user_id));
	if (rows_count(account) == 0) {
		scope_fail(&rq->scope, 404, "not_found", MISSING);
		return;
	}
	removal->ended = session_end_all(rq->db, user_id, NULL);
	db_query(rq->db, &strip_sessions, p_text(user_id));
	db_query(rq->db, &forget_person, p_text(user_id));
	db_query(rq->db, &forget_requests, p_text(row_text(account, 0, "email")));
	say_farewell(rq, user_id);
	erased = db_query(rq->db, &erase_account, p_text(user_id), p_text(name));
	if (!scope_failed(&rq->scope) && row_bool(account, 0, "is_admin"))
		admins_check(rq->db, &rq->scope);
	if (scope_failed(&rq->scope))
		return;
	outbox_add(rq->db, &rq->scope, &(struct event){
		.type = "users.erased", .aggregate_id = user_id, .version = row_integer(erased, 0, "version"),
		.traceparent = rq->traceparent, .data = { { "user_id", user_id } },
	});
	audit_request(rq);
}

static struct reply *
erase_user(struct request *rq)
{
	const struct erasure *in = rq->input;
	struct removal removal = { .rq = rq, .user_id = in->user_id };
	bool own = strcmp(rq->caller.user_id, in->user_id) == 0;
	struct rows *account;

	if (!own && !request_has_role(rq, ROLE_ADMIN))
		return problem(rq, 403, "not_yours", "This is the account of someone else.");
	account = db_query(rq->db, &find_account, p_text(in->user_id));
	if (!scope_failed(&rq->scope) && rows_count(account) == 0)
		return problem(rq, 404, "not_found", MISSING);
	if (scope_failed(&rq->scope))
		return reply_failure(rq);
	if (own)
		check_person(rq, in, account);
	else
		check_reason(rq, in, account);
	if (scope_failed(&rq->scope))
		return reply_failure(rq);
	if (in->reason != NULL)
		audit_note(rq, "reason", in->reason);
	db_tx(rq->db, erase, &removal);
	session_tell_ended(rq, removal.ended);
	return reply_message(rq, "Account erased");
}

const struct route erasure_routes[] = {
	{ POST, "/api/users/{user_id}/erasure", erase_user, INPUT(erasure),
	  .write = SELF, .slow = true, .envelope = STATUS, .answer = "message",
	  .summary = "Erase a person: one's own account by password, another's as administrator with a reason" },
	{ 0 }
};

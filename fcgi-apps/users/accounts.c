/* Accounts: how one is made, and what a name, an address and a password must be. */
#include <string.h>

#include "auth/password.h"
#include "base/id.h"
#include "base/text.h"
#include "base/writer.h"
#include "events/outbox.h"
#include "http/audit.h"
#include "users.h"

struct sign_up {
	const char	*username, *email, *password;
};

static const struct field sign_up_fields[] = {
	TEXT_FIELD(FROM_BODY, sign_up, username, .required = true, .min = ACCOUNT_USERNAME_MIN,
	    .max = ACCOUNT_USERNAME_MAX, .check = account_username_problem),
	TEXT_FIELD(FROM_BODY, sign_up, email, .required = true, .max = 254, .check = account_email_problem),
	TEXT_FIELD(FROM_BODY, sign_up, password, .required = true, .min = ACCOUNT_PASSWORD_MIN,
	    .max = ACCOUNT_PASSWORD_MAX, .secret = true),
	{ 0 }
};

/* Shorter than an id and without '@': never mistaken for an id or an address. */
const char *
account_username_problem(const char *name)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

	if (name[0] == '\0' || strchr(letters, name[0]) == NULL)
		return "Begins with a letter or a digit.";
	for (; *name != '\0'; name++)
		if (strchr(letters, *name) == NULL && strchr("._-", *name) == NULL)
			return "Has only letters A to Z, digits, dots, hyphens and underscores.";
	return NULL;
}

const char *
account_email_problem(const char *email)
{
	return text_is_email(email) ? NULL : "Is not a mail address.";
}

static const struct statement insert_account = { SQL(
	insert into account (user_id, username, email, password_hash, roles)
	values ($1, $2, $3, $4, $5)
) };

struct insertion {
	struct db		*db;
	struct scope		*scope;
	const struct account	*account;
	char			 hash[PASSWORD_HASH_SIZE];
};

static void
insert(void *arg)
{
	const struct insertion *insertion = arg;
	const struct account *account = insertion->account;
	struct writer event;

	db_query(insertion->db, &insert_account, p_text(account->user_id), p_text(account->username),
	    p_text(account->email), p_text(insertion->hash),
	    p_texts(insertion->scope, account->roles, account->roles_count));

	writer_begin(&event, insertion->scope, 128);
	writer_literal(&event, "{");
	writer_member(&event, "user_id", account->user_id);
	writer_member(&event, "username", account->username);
	writer_literal(&event, "}");
	outbox_add(insertion->db, "users.registered", account->user_id, 1, &event, account->traceparent);
	if (account->verb != NULL)
		audit_verb(insertion->db, account->verb, account->user_id);
}

void
account_add(struct db *db, struct scope *scope, struct account *account)
{
	struct insertion insertion = { .db = db, .scope = scope, .account = account };

	id_new(account->user_id);
	/* Before the transaction: a hash takes longer than anything that should hold one open. */
	if (!scope_failed(scope) && !password_hash(insertion.hash, account->password))
		scope_fail(scope, 503, "unavailable", "There is no memory for this just now.");
	db_tx(db, insert, &insertion);
}

static struct reply *
sign_up(struct request *rq, const char *done)
{
	const struct sign_up *in = rq->input;

	account_add(rq->db, &rq->scope, &(struct account){
		.username = in->username, .email = in->email, .password = in->password,
		.roles = { role_text(ROLE_USER) }, .roles_count = 1,
		.traceparent = rq->traceparent,
	});
	return reply_message(rq, done);
}

static struct reply *
sign_up_anywhere(struct request *rq)
{
	return sign_up(rq, "Registration successful");
}

static struct reply *
sign_up_in_shop(struct request *rq)
{
	return sign_up(rq, "Registration successful.");
}

const struct constraint account_constraints[] = {
	{ "account_username_key", 409, "username_taken", "username", "This username is taken." },
	{ "account_email_key", 409, "email_taken", "email", "There is an account with this address." },
	{ 0 }
};

const struct route account_routes[] = {
	{ POST, "/api/users/register", sign_up_anywhere, INPUT(sign_up),
	  .audience = ANYONE, .write = SELF, .slow = true, .envelope = STATUS, .status = 201,
	  .answer = "message", .summary = "Open an account" },
	{ POST, "/api/users/signup", sign_up_anywhere, INPUT(sign_up),
	  .audience = ANYONE, .write = SELF, .slow = true, .envelope = STATUS, .status = 201,
	  .answer = "message", .summary = "Open an account, as the beats market spells it" },
	{ POST, "/api/shop/register", sign_up_in_shop, INPUT(sign_up),
	  .audience = ANYONE, .write = SELF, .slow = true, .status = 201,
	  .answer = "message", .summary = "Open an account, as the shop spells it" },
	{ 0 }
};

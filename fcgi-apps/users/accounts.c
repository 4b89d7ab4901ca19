/* Accounts: how one is made, and what a name, an address and a password must be. */
#include <string.h>

#include "auth/password.h"
#include "base/id.h"
#include "base/text.h"
#include "base/writer.h"
#include "events/outbox.h"
#include "http/audit.h"
#include "letters.h"
#include "users.h"

struct sign_up {
	const char	*username, *email, *password;
};

static const struct field sign_up_fields[] = {
	USERNAME_FIELD(sign_up, .required = true),
	EMAIL_FIELD(sign_up, .required = true),
	NEW_PASSWORD_FIELD(sign_up),
	{ 0 }
};

/* The name may be left out: it is made of the address then. */
static const struct field ticket_sign_up_fields[] = {
	USERNAME_FIELD(sign_up),
	EMAIL_FIELD(sign_up, .required = true),
	NEW_PASSWORD_FIELD(sign_up),
	DECIDED_FIELD(FROM_BODY, "id"),
	{ 0 }
};

#define LETTERS	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

/* Shorter than an id and without '@': never mistaken for an id or an address. */
const char *
account_username_problem(const char *name)
{
	if (name[0] == '\0' || strchr(LETTERS, name[0]) == NULL)
		return "Begins with a letter or a digit.";
	for (; *name != '\0'; name++)
		if (strchr(LETTERS "._-", *name) == NULL)
			return "May have only letters A to Z, digits, dots, hyphens and underscores.";
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

/* No row when the name is taken; another one is tried then. */
static const struct statement insert_if_free = { SQL(
	insert into account (user_id, username, email, password_hash, roles)
	values ($1, $2, $3, $4, $5)
	on conflict (lower(username)) do nothing
	returning user_id
) };

struct insertion {
	struct db	*db;
	struct scope	*scope;
	struct account	*account;
	bool		 makes_name;
	char		 hash[PASSWORD_HASH_SIZE];
};

static struct rows *
insert_as(const struct insertion *insertion, const struct statement *statement, const char *username)
{
	const struct account *account = insertion->account;

	return db_query(insertion->db, statement, p_text(account->user_id), p_text(username),
	    p_text(account->email), p_text(insertion->hash),
	    p_texts(insertion->scope, account->roles, account->roles_count));
}

#define NAME_TAIL	6	/* 30 random bits */
#define NAME_TRIES	8

/* What of an address can be a name: its local part without a "+tag" and without what no name may have. */
static size_t
reduce_address(char name[ACCOUNT_USERNAME_MAX + 1], const char *email)
{
	size_t size = 0;

	for (; *email != '@' && *email != '\0' && size < ACCOUNT_USERNAME_MAX; email++) {
		if (*email == '+' && size > 0)
			break;
		if (strchr(LETTERS, *email) != NULL || (size > 0 && strchr("._-", *email) != NULL))
			name[size++] = *email;
	}
	name[size] = '\0';
	return size;
}

/* The name of the address where it is free, else the same with a tail that nobody else has. */
static void
insert_with_made_name(struct insertion *insertion)
{
	char *name = scope_alloc(insertion->scope, ACCOUNT_USERNAME_MAX + 1);
	size_t size = reduce_address(name, insertion->account->email), room = ACCOUNT_USERNAME_MAX - NAME_TAIL - 1;
	int tries = 0;

	insertion->account->username = name;
	if (size >= ACCOUNT_USERNAME_MIN && rows_count(insert_as(insertion, &insert_if_free, name)) > 0)
		return;
	if (size > room)
		size = room;
	else if (size == 0)
		size = strlen(strcpy(name, "user"));
	name[size++] = '-';
	do {
		letters_random(name + size, NAME_TAIL);
	} while (!scope_failed(insertion->scope) && rows_count(insert_as(insertion, &insert_if_free, name)) == 0 &&
	    ++tries < NAME_TRIES);
	if (tries == NAME_TRIES)
		scope_fail(insertion->scope, 503, "unavailable", "No free name was found.");
}

static void
announce(const struct insertion *insertion)
{
	const struct account *account = insertion->account;

	outbox_add(insertion->db, insertion->scope, &(struct event){
		.type = "users.registered", .aggregate_id = account->user_id, .version = 1,
		.traceparent = account->traceparent,
		.data = { { "user_id", account->user_id }, { "username", account->username } },
	});
	if (account->verb != NULL)
		audit_verb(insertion->db, account->verb, account->user_id);
}

static void
insert(void *arg)
{
	struct insertion *insertion = arg;

	if (insertion->makes_name)
		insert_with_made_name(insertion);
	else
		insert_as(insertion, &insert_account, insertion->account->username);
	announce(insertion);
}

void
account_add(struct db *db, struct scope *scope, struct account *account)
{
	struct insertion insertion = {
		.db = db, .scope = scope, .account = account, .makes_name = account->username == NULL,
	};

	id_new(account->user_id);
	/* Before the transaction: a hash takes longer than anything that should hold one open. */
	if (!scope_failed(scope) && !password_hash(insertion.hash, account->password))
		scope_fail(scope, 503, "unavailable", "There is no memory for this just now.");
	db_tx(db, insert, &insertion);
}

/* What the account of the input became; refuses a password that others could tell from its name. */
static struct account
add_account(struct request *rq)
{
	const struct sign_up *in = rq->input;
	const char *problem = account_password_problem_for(in->password,
	    in->username != NULL ? in->username : "", in->email);
	struct account account = {
		.username = in->username, .email = in->email, .password = in->password,
		.roles = { role_text(ROLE_USER) }, .roles_count = 1,
		.traceparent = rq->traceparent,
	};

	if (problem != NULL)
		scope_bad_field(&rq->scope, "password", "%s", problem);
	else
		account_add(rq->db, &rq->scope, &account);
	return account;
}

static struct reply *
sign_up_anywhere(struct request *rq)
{
	add_account(rq);
	return reply_message(rq, "Registration successful");
}

static struct reply *
sign_up_in_shop(struct request *rq)
{
	add_account(rq);
	return reply_message(rq, "Registration successful.");
}

static struct reply *
sign_up_for_tickets(struct request *rq)
{
	struct account account = add_account(rq);
	struct writer *answer;

	if (scope_failed(&rq->scope))
		return reply_failure(rq);
	answer = reply_begin(rq);
	writer_member(answer, "id", account.user_id);
	writer_member(answer, "email", account.email);
	writer_member(answer, "username", account.username);
	return reply_end(rq, answer);
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
	{ POST, "/api/beats-lab/user/signup", sign_up_anywhere, INPUT(sign_up),
	  .audience = ANYONE, .write = SELF, .slow = true, .envelope = STATUS, .status = 201,
	  .answer = "message", .summary = "Open an account, as the beats market's lab spells it" },
	{ POST, "/api/tickets/user/signup", sign_up_anywhere, INPUT(sign_up),
	  .audience = ANYONE, .write = SELF, .slow = true, .envelope = STATUS, .status = 201,
	  .answer = "message", .summary = "Open an account, as the lab spells it for tickets" },
	{ POST, "/api/tickets/user/register", sign_up_for_tickets,
	  .fields = ticket_sign_up_fields, .input_size = sizeof(struct sign_up),
	  .audience = ANYONE, .write = SELF, .slow = true, .status = 201,
	  .answer = "id:id email username", .summary = "Open an account with an address alone" },
	{ POST, "/api/shop/register", sign_up_in_shop, INPUT(sign_up),
	  .audience = ANYONE, .write = SELF, .slow = true, .status = 201,
	  .answer = "message", .summary = "Open an account, as the shop spells it" },
	{ 0 }
};

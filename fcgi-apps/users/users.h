/* Accounts and their sessions: the one identity that every domain trusts. */
#ifndef USERS_H
#define USERS_H

#include <stddef.h>

#include "app/app.h"
#include "base/config.h"
#include "base/text.h"

/* What a new account is made of; user_id is filled by account_add(), and a username of NULL by a free one like the address. */
struct account {
	const char	*username, *email, *password;
	const char	*roles[2];
	size_t		 roles_count;
	const char	*traceparent;		/* of the request, or "" */
	const char	*verb;			/* that makes it, for the audit log; NULL: a person signs up */
	char		 user_id[ID_SIZE];
};

/* Hashes, then writes the account and its event; blocks for a hash. Fails the scope with 409 when taken. */
void		 account_add(struct db *, struct scope *, struct account *);
/* A sentence when the text will not do, else NULL. */
const char	*account_username_problem(const char *);
const char	*account_email_problem(const char *);

#define ACCOUNT_USERNAME_MIN	3
#define ACCOUNT_USERNAME_MAX	32
#define ACCOUNT_PASSWORD_MIN	8
#define ACCOUNT_PASSWORD_MAX	256	/* characters: at most 1,024 bytes */

/*
 * Ends a person's sessions, all but the kept one (or NULL), inside a
 * transaction; their ids, for session_tell_ended() once it is committed.
 */
struct rows	*session_end_all(struct db *, const char *user_id, const char *kept);
/* After one has begun: the same for those that are more than an account may have, the longest unused. */
struct rows	*session_end_surplus(struct db *, const char *user_id);
/* Ends one in a transaction of its own, then tells; twice is once. */
void		 session_end(struct request *, const char *session_id);
/* The pool refuses their tokens from now on; others learn it within half a second. Does nothing on a failed scope. */
void		 session_tell_ended(struct request *, const struct rows *ended);

/*
 * When a token made now ends, in seconds since 1970.  Asked before the
 * transaction that gives a session its right to one: who ends the session
 * after that refuses tokens for as long again, and none outlives it.
 */
int64_t		 tokens_expiry(const struct request *);
/* Signs one, kept as long as the scope; "" after failing it with 503. */
const char	*tokens_sign(const struct app_state *, struct scope *, struct caller *);
/* What log-in and refresh answer; of the account: user_id, username, and roles with a space between them. */
struct reply	*tokens_reply(struct request *, const struct rows *account, const char *session_id, int64_t expires_s,
		    const char *refresh);

/* After a reset: who had mistyped too often may log in from here at once. */
void		 login_forget_failures(struct request *, const char *user_id);

/* What people are called and log in with, in the input of whatever takes it. */
#define USERNAME_FIELD(in, ...)		TEXT_FIELD(FROM_BODY, in, username, .min = ACCOUNT_USERNAME_MIN, \
	.max = ACCOUNT_USERNAME_MAX, .check = account_username_problem, __VA_ARGS__)
#define EMAIL_FIELD(in, ...)		TEXT_FIELD(FROM_BODY, in, email, .max = 254, .check = account_email_problem, __VA_ARGS__)
#define NEW_PASSWORD_FIELD(in)		TEXT_FIELD(FROM_BODY, in, password, .required = true, .min = ACCOUNT_PASSWORD_MIN, \
	.max = ACCOUNT_PASSWORD_MAX, .check = account_password_problem, .secret = true)

/* A sentence when the password is too common, else NULL. */
const char	*account_password_problem(const char *);
/* As well when nothing good is left of it without the account's own name or address. */
const char	*account_password_problem_for(const char *, const char *username, const char *email);

/*
 * Once more the password of who is signed in, as who found a device open must
 * come no further: after five wrong ones in 15 minutes, wherever they are asked
 * for, the scope fails with 429, else with 403 wrong_password and the sentence.
 */
void		 password_confirm(struct request *, const char *hash, const char *password, const char *sentence);

/* A new password, for who knew the old one or reads the account's mails. */
struct password {
	const char	*user_id, *hash;
	const char	*old_hash;	/* it must be this still; NULL: whatever it is */
	const char	*kept;		/* the session that goes on, or NULL */
};
/*
 * Inside a transaction: sets it, ends the other sessions, voids the tokens
 * that were mailed before, and tells of it by event and mail.  The sessions
 * that ended, for session_tell_ended(); fails with 409 password_changed.
 */
struct rows	*password_set(struct request *, const struct password *);

/* A mail to a person, who is greeted by name: written inside a transaction, delivered by a job at least once. */
struct mail {
	const char	*user_id;	/* whose mails go when the person does */
	const char	*recipient;	/* NULL: the address of the account */
	const char	*subject, *text;
	bool		 is_asked_for;	/* has a limit of its own, or comes once; else it is left out after many in an hour */
};
void		 mail_add(struct db *, struct scope *, const struct mail *);
/* A job's step: sends what is due, for two seconds. */
bool		 mail_deliver(const struct app_state *, struct db *, struct scope *);

/* What proves that someone reads the mails of an address. Its hash alone is stored. */
#define MAIL_TOKEN_BYTES	32
struct mail_token {
	char		 text[TEXT_BASE64URL_SIZE(MAIL_TOKEN_BYTES)];
};
void		 mail_token_new(struct mail_token *);
/* For a statement. */
struct param	 mail_token_hash(struct scope *, const char *text);
#define MAIL_TOKEN_MAX		100	/* characters of what may be shown as one */
#define MAIL_TOKEN_PROBLEM	"Is wrong, was used before, or is too old."

/* A job's step: makes a token and a mail of one request for a reset, or nothing. */
bool		 reset_answer(const struct app_state *, struct db *, struct scope *);

/* Inside a transaction: sends a token to the new address, tells the old one; the address changes when it is confirmed. */
void		 address_change(struct request *, const char *user_id, const char *email);

/*
 * After the password was right: nothing where the account has no second
 * factor; else fails with 401 second_factor_required without a code, and with
 * 401 wrong_code for a wrong or used one.  Opens its own transaction.
 */
void		 second_factor_check(struct request *, const char *user_id, const char *code);

/* In a transaction of its own: what it was is replaced, with the secret. Fails with 422 for a name or secret that will not do. */
void		 service_add(struct db *, struct scope *, const char *name, const char *secret);
/* It gets no more tokens, and those it has are refused within a second. 404: there is no such one. */
void		 service_end(struct db *, struct scope *, const char *name);
/* A token of a day for a service or an administrator by that name, who has no secret. NULL after failing. */
const char	*service_issue(const struct app_state *, struct db *, struct scope *, const char *name, unsigned role);

/* What a domain knows of the person of an export: JSON, kept once, inside a transaction; else 404. */
struct export_part {
	const char	*export_id, *domain, *body;
};
void		 export_add_part(struct db *, struct scope *, const struct export_part *);
/* A job's step: makes a part or an archive that is due. */
bool		 export_make(const struct app_state *, struct db *, struct scope *);

/* What is done by the clock. */
extern const struct statement session_forget_old, reset_forget_old, address_forget_old;
extern const struct statement mail_give_up_old, mail_forget_old;
extern const struct statement export_expire_old, export_forget_old;

/*
 * There is always an administrator: a transaction that may take one away locks
 * first, before any row, and checks last; 409 last_admin.
 */
void		 admins_lock(struct db *);
void		 admins_check(struct db *, struct scope *);

/* A key made of the setting "secret" for that purpose. False: there is no secret of use. */
#define SECRET_KEY_BYTES	32
bool		 secret_key(const struct app_state *, const char *purpose, uint8_t key[SECRET_KEY_BYTES]);

extern const struct route account_routes[];
extern const struct route login_routes[];
extern const struct route session_routes[];
extern const struct route refresh_routes[];
extern const struct route profile_routes[];
extern const struct route password_routes[];
extern const struct route people_routes[];
extern const struct route reset_routes[];
extern const struct route address_routes[];
extern const struct route second_factor_routes[];
extern const struct route administration_routes[];
extern const struct route export_routes[];
extern const struct route erasure_routes[];
extern const struct route service_routes[];
extern const struct route revocation_routes[];
extern const struct route key_routes[];
extern const struct route socket_ticket_routes[];
extern const struct route notice_routes[];
extern const struct constraint account_constraints[];
extern const struct verb command_verbs[];

#endif

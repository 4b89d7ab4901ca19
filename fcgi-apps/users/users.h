/* Accounts and their sessions: the one identity that every domain trusts. */
#ifndef USERS_H
#define USERS_H

#include <stddef.h>

#include "app/app.h"
#include "base/config.h"

/* What a new account is made of; user_id is filled by account_add(). */
struct account {
	const char	*username, *email, *password;
	const char	*roles[2];
	size_t		 roles_count;
	const char	*traceparent;		/* of the request, or "" */
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

/* A session about to begin; one of a service has a name and no account. */
struct session {
	char		 session_id[ID_SIZE];
	const char	*user_id;		/* NULL: of a service */
	const char	*name;			/* NULL: of a person */
	const char	*refresh_hash;		/* hexadecimal; NULL: cannot be renewed */
	const char	*address;		/* textual inet, or NULL */
	const char	*user_agent;		/* or NULL */
	int64_t		 lifetime_s;
};

/* Writes its row in a transaction of its own, and sets session_id. */
void		 session_begin(struct db *, struct session *);
/* Tells the pool's memory which sessions ended while tokens of theirs may still run. */
void		 session_load_ended(const struct app_state *, struct db *, struct scope *);

extern const struct route account_routes[];
extern const struct route login_routes[];
extern const struct route session_routes[];
extern const struct route profile_routes[];
extern const struct constraint account_constraints[];
extern const struct setting session_settings[];
extern const struct timer session_timers[];
extern const struct verb command_verbs[];

#endif

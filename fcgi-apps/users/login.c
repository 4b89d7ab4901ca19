/* Log-in: a password for an access token and a refresh token, each spelling with its keys. */
#include <arpa/inet.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auth/password.h"
#include "base/id.h"
#include "base/text.h"
#include "base/writer.h"
#include "users.h"

struct log_in {
	const char	*username, *email, *password;
};

/* No rule of a good name or password is applied here: what breaks one is simply wrong. */
static const struct field log_in_fields[] = {
	TEXT_FIELD(FROM_BODY, log_in, username, .min = 1, .max = 254),
	TEXT_FIELD(FROM_BODY, log_in, email, .min = 1, .max = 254),
	TEXT_FIELD(FROM_BODY, log_in, password, .required = true, .min = 1,
	    .max = ACCOUNT_PASSWORD_MAX, .secret = true),
	{ 0 }
};

static const struct statement find_account = { SQL(
	select user_id, username, password_hash, array_to_string(roles, ' ') as roles
	  from account
	 where (lower(username) = lower($1::text) or lower(email) = lower($2::text))
	   and status = 'active'
) };

/* The account whose password this is. An unknown one, a closed one and a wrong password cost and answer the same. */
static struct rows *
authenticate(struct request *rq, const struct log_in *in)
{
	struct rows *found = db_query(rq->db, &find_account, p_text(in->username), p_text(in->email));
	const char *hash = rows_count(found) == 1 ? row_text(found, 0, "password_hash") : NULL;

	if (!scope_failed(&rq->scope) && !password_matches(hash, in->password))
		scope_fail(&rq->scope, 401, "wrong_credentials", "The name or the password is wrong.");
	return found;
}

static unsigned
roles_of(struct scope *scope, const char *text)
{
	char *role, *rest = scope_copy(scope, text, strlen(text));
	unsigned roles = 0;

	while ((role = strsep(&rest, " ")) != NULL)
		roles |= role_from_text(role);
	return roles;
}

/* NULL for a peer without one: nginx says "unix:" for its own socket. */
static const char *
address_of(const struct request *rq)
{
	uint8_t binary[16];

	if (rq->address == NULL || (inet_pton(AF_INET, rq->address, binary) != 1 &&
	    inet_pton(AF_INET6, rq->address, binary) != 1))
		return NULL;
	return rq->address;
}

static const char *
user_agent_of(const struct request *rq)
{
	if (rq->user_agent == NULL || !text_is_utf8(rq->user_agent, strlen(rq->user_agent)))
		return NULL;
	return rq->user_agent;
}

#define REFRESH_BYTES	32

/* Its hash alone is stored; so many random bytes need no salt and no slow hash. */
struct refresh_token {
	char	text[TEXT_BASE64URL_SIZE(REFRESH_BYTES)];
	char	hash[crypto_hash_sha256_BYTES * 2 + 1];
};

static void
refresh_token_new(struct refresh_token *token)
{
	uint8_t bytes[REFRESH_BYTES], digest[crypto_hash_sha256_BYTES];

	id_random(bytes, sizeof(bytes));
	text_to_base64url(token->text, bytes, sizeof(bytes));
	crypto_hash_sha256(digest, (const uint8_t *)token->text, strlen(token->text));
	sodium_bin2hex(token->hash, sizeof(token->hash), digest, sizeof(digest));
}

static const char *
sign(struct request *rq, struct caller *caller)
{
	char *token;

	if (scope_failed(&rq->scope))
		return "";
	if (!token_sign(rq->state->keys, caller, &token)) {
		scope_fail(&rq->scope, 503, "unavailable", "No token can be signed just now.");
		return "";
	}
	scope_defer(&rq->scope, free, token);
	return token;
}

static struct reply *
reply_tokens(struct request *rq, const struct caller *caller, const char *access, const char *refresh)
{
	const struct { const char *key, *value; } keys[] = {
		{ "token", access },
		{ "user_id", caller->user_id },
		{ "access_token", access },
		{ "refresh_token", refresh },
	};
	struct writer *answer = reply_begin(rq);
	/* The shop's clients get exactly their three keys. */
	size_t first = rq->route->envelope == BARE ? 1 : 0, i;

	for (i = first; i < sizeof(keys) / sizeof(keys[0]); i++)
		writer_member(answer, keys[i].key, keys[i].value);
	return reply_end(rq, answer);
}

static struct reply *
log_in(struct request *rq)
{
	const struct log_in *in = rq->input;
	struct session session;
	struct caller caller = { .expires_s = 0 };
	struct refresh_token refresh;
	struct rows *account;

	if ((in->username == NULL) == (in->email == NULL)) {
		scope_bad_field(&rq->scope, in->username == NULL ? "username" : "email",
		    "Either this or %s is given.", in->username == NULL ? "email" : "username");
		return reply_failure(rq);
	}
	account = authenticate(rq, in);
	if (scope_failed(&rq->scope))
		return reply_failure(rq);

	refresh_token_new(&refresh);
	session = (struct session){
		.user_id = row_text(account, 0, "user_id"),
		.refresh_hash = refresh.hash,
		.address = address_of(rq),
		.user_agent = user_agent_of(rq),
		.lifetime_s = config_integer(rq->state->config, "session_lifetime_days") * 24 * 60 * 60,
	};
	session_begin(rq->db, &session);

	caller.roles = roles_of(&rq->scope, row_text(account, 0, "roles"));
	snprintf(caller.user_id, sizeof(caller.user_id), "%s", session.user_id);
	snprintf(caller.session_id, sizeof(caller.session_id), "%s", session.session_id);
	snprintf(caller.name, sizeof(caller.name), "%s", row_text(account, 0, "username"));
	return reply_tokens(rq, &caller, sign(rq, &caller), refresh.text);
}

const struct route login_routes[] = {
	{ POST, "/api/users/login", log_in, INPUT(log_in),
	  .audience = ANYONE, .write = SELF, .slow = true, .envelope = STATUS,
	  .answer = "token user_id:id access_token refresh_token",
	  .summary = "Log in by username or address" },
	{ POST, "/api/shop/login", log_in, INPUT(log_in),
	  .audience = ANYONE, .write = SELF, .slow = true,
	  .answer = "user_id:id access_token refresh_token",
	  .summary = "Log in, as the shop spells it" },
	{ 0 }
};

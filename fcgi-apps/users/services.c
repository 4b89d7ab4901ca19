/* Services: who they are, and client credentials for a token. */
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/id.h"
#include "base/text.h"
#include "data/limits.h"
#include "http/audit.h"
#include "users.h"

#define SESSION_LIFETIME_S	(24 * 60 * 60)
#define SECRET_MIN_LENGTH	32
#define NAME_MAX_LENGTH		32

/* Who has no account: the id comes of the name (RFC 9562, 5.8), so that it stays from token to token. */
static struct caller
caller_of(const char *name, const char *session_id, unsigned role)
{
	struct caller caller = { .roles = role };
	uint8_t digest[crypto_hash_sha256_BYTES];
	crypto_hash_sha256_state state;

	crypto_hash_sha256_init(&state);
	crypto_hash_sha256_update(&state, (const uint8_t *)"service:", 8);
	crypto_hash_sha256_update(&state, (const uint8_t *)name, strlen(name));
	crypto_hash_sha256_final(&state, digest);
	digest[6] = (digest[6] & 0x0f) | 0x80;
	digest[8] = (digest[8] & 0x3f) | 0x80;
	text_from_uuid(caller.user_id, digest);
	snprintf(caller.session_id, sizeof(caller.session_id), "%s", session_id);
	snprintf(caller.name, sizeof(caller.name), "%s", name);
	return caller;
}

static const struct statement insert_session = { SQL(
	insert into session (session_id, kind, name, expires_at)
	values ($1, 'service', $2, now() + make_interval(secs => $3))
) };

static void
begin_session(struct db *db, char session_id[ID_SIZE], const char *name)
{
	id_new(session_id);
	db_query(db, &insert_session, p_text(session_id), p_text(name), p_int(SESSION_LIFETIME_S));
}

static void
hash_secret(uint8_t hash[crypto_hash_sha256_BYTES], const char *secret)
{
	crypto_hash_sha256(hash, (const uint8_t *)secret, strlen(secret));
}

/* --- which there are --- */

static const struct statement upsert_service = { SQL(
	insert into service (name, secret_hash)
	values ($1, $2)
	on conflict (name) do update
	   set secret_hash = excluded.secret_hash, status = 'active', updated_at = now()
	 where (service.secret_hash, service.status) is distinct from (excluded.secret_hash, 'active')
	returning name
) };

struct addition {
	struct db	*db;
	struct scope	*scope;
	const char	*name;
	uint8_t		 hash[crypto_hash_sha256_BYTES];
};

static void
add(void *arg)
{
	const struct addition *addition = arg;

	/* Each start brings them all; what is as it was is no act. */
	if (rows_count(db_query(addition->db, &upsert_service, p_text(addition->name),
	    p_bytes(addition->scope, addition->hash, sizeof(addition->hash)))) > 0)
		audit_verb(addition->db, "--add-service", addition->name);
}

void
service_add(struct db *db, struct scope *scope, const char *name, const char *secret)
{
	struct addition addition = { .db = db, .scope = scope, .name = name };

	if (strlen(name) > NAME_MAX_LENGTH || *name < 'a' || *name > 'z' ||
	    strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_-") != strlen(name))
		scope_bad_field(scope, "name", "Must be a word of lower-case letters, digits, _ and -, at most %d.", NAME_MAX_LENGTH);
	if (strlen(secret) < SECRET_MIN_LENGTH)
		scope_bad_field(scope, "secret", "Must have at least %d random characters.", SECRET_MIN_LENGTH);
	if (scope_failed(scope))
		return;
	hash_secret(addition.hash, secret);
	db_tx(db, add, &addition);
}

static const struct statement disable_service = { SQL(
	update service set status = 'ended', updated_at = now() where name = $1
	returning name
) };

/* Yesterday's session too, whose last token may run still, and those of tokens that were issued by hand. */
static const struct statement end_sessions = { SQL(
	update session
	   set ended_at = now()
	 where name = $1 and kind = 'service' and ended_at is null and expires_at > now()
) };

struct ending {
	struct db	*db;
	struct scope	*scope;
	const char	*name;
};

static void
end(void *arg)
{
	const struct ending *ending = arg;

	if (rows_count(db_query(ending->db, &disable_service, p_text(ending->name))) == 0)
		scope_fail(ending->scope, 404, "not_found", "There is no such service.");
	db_query(ending->db, &end_sessions, p_text(ending->name));
	audit_verb(ending->db, "--end-service", ending->name);
}

void
service_end(struct db *db, struct scope *scope, const char *name)
{
	db_tx(db, end, &(struct ending){ db, scope, name });
}

/* --- a token by hand --- */

struct issue {
	struct db	*db;
	const char	*name;
	char		 session_id[ID_SIZE];
};

static void
issue(void *arg)
{
	struct issue *issue = arg;

	begin_session(issue->db, issue->session_id, issue->name);
	audit_verb(issue->db, "--issue-token", issue->name);
}

const char *
service_issue(const struct app_state *state, struct db *db, struct scope *scope, const char *name, unsigned role)
{
	/* Before the session's: no token outlives what could be ended. */
	int64_t expires_s = clock_unix_us() / 1000000 + SESSION_LIFETIME_S;
	struct issue work = { .db = db, .name = name };
	struct caller caller;

	db_tx(db, issue, &work);
	caller = caller_of(name, work.session_id, role);
	caller.expires_s = expires_s;
	return scope_failed(scope) ? NULL : tokens_sign(state, scope, &caller);
}

/* --- a token for a secret (RFC 6749, 4.4) --- */

struct credentials {
	const char	*grant_type, *client_id, *client_secret;
};

static const struct field credentials_fields[] = {
	TEXT_FIELD(FROM_BODY, credentials, grant_type, .required = true, .choices = "client_credentials"),
	TEXT_FIELD(FROM_BODY, credentials, client_id, .required = true, .max = 64),
	TEXT_FIELD(FROM_BODY, credentials, client_secret, .required = true, .max = 256, .secret = true),
	{ 0 }
};

static const struct limit wrong_secrets = { "service secret", 30, 600 };

/* An ended session is remembered until it expires, so it must outlive each of its tokens. */
static const struct statement find_service = { SQL(
	select service.secret_hash, session.session_id
	  from service
	  left join session on session.session_id = service.session_id and session.ended_at is null and
	       session.expires_at > now() + make_interval(secs => $2)
	 where service.name = $1 and service.status = 'active'
) };

static const struct statement lock_service = { SQL(
	select name from service where name = $1 and status = 'active' for update
) };

static const struct statement set_session = { SQL(
	update service set session_id = $2 where name = $1
) };

static int
needed_s(const struct request *rq)
{
	return rq->state->token_lifetime_s + 60;
}

struct renewal {
	struct request	*rq;
	const char	*name;
	const char	*session_id;
};

/* Of several that come at once the first one begins the day's session. */
static void
renew_session(void *arg)
{
	struct renewal *renewal = arg;
	struct request *rq = renewal->rq;
	char session_id[ID_SIZE];
	struct rows *found;

	if (rows_count(db_query(rq->db, &lock_service, p_text(renewal->name))) == 0) {
		scope_fail(&rq->scope, 401, "wrong_credentials", "The credentials are wrong.");
		return;
	}
	found = db_query(rq->db, &find_service, p_text(renewal->name), p_int(needed_s(rq)));
	if (rows_count(found) == 0 || (renewal->session_id = row_text(found, 0, "session_id")) != NULL)
		return;
	begin_session(rq->db, session_id, renewal->name);
	db_query(rq->db, &set_session, p_text(renewal->name), p_text(session_id));
	renewal->session_id = scope_copy(&rq->scope, session_id, ID_SIZE - 1);
}

/* NULL after failing alike for a service that is not there and a secret that is wrong. */
static const char *
session_of(struct request *rq, const struct credentials *in)
{
	uint8_t shown[crypto_hash_sha256_BYTES], none[crypto_hash_sha256_BYTES] = { 0 };
	struct renewal renewal = { .rq = rq, .name = in->client_id };
	struct rows *found = db_query(rq->db, &find_service, p_text(in->client_id), p_int(needed_s(rq)));
	const void *kept = none;
	size_t size;

	if (rows_count(found) > 0)
		kept = row_bytes(found, 0, "secret_hash", &size);
	hash_secret(shown, in->client_secret);
	if (sodium_memcmp(kept, shown, sizeof(shown)) != 0)
		scope_fail(&rq->scope, 401, "wrong_credentials", "The credentials are wrong.");
	if (scope_failed(&rq->scope))
		return NULL;
	if ((renewal.session_id = row_text(found, 0, "session_id")) == NULL)
		db_tx(rq->db, renew_session, &renewal);
	return renewal.session_id;
}

static struct reply *
reply_token(struct request *rq, struct caller *caller)
{
	const char *token = tokens_sign(rq->state, &rq->scope, caller);
	struct writer *w = reply_begin(rq);

	writer_member(w, "access_token", token);
	writer_literal(w, ",\"token_type\":\"Bearer\"");
	writer_member_integer(w, "expires_in", rq->state->token_lifetime_s);
	return reply_end(rq, w);
}

static struct reply *
issue_service_token(struct request *rq)
{
	const struct credentials *in = rq->input;
	const char *session_id, *key;
	struct caller caller;

	key = scope_printf(&rq->scope, "%s %s", in->client_id, rq->address != NULL ? rq->address : "");
	limit_count(rq->state->limits, &rq->scope, &wrong_secrets, key);
	session_id = session_of(rq, in);
	if (scope_failed(&rq->scope))
		return reply_failure(rq);
	limit_clear(rq->state->limits, &wrong_secrets, key);
	caller = caller_of(in->client_id, session_id, ROLE_SERVICE);
	return reply_token(rq, &caller);
}

#define TOKEN_ANSWER	"access_token token_type expires_in:int"

const struct route service_routes[] = {
	{ POST, "/internal/token", issue_service_token, INPUT(credentials),
	  .audience = INTERNAL_ANYONE, .write = SELF,
	  .answer = TOKEN_ANSWER, .summary = "A token for a pool's secret" },
	{ POST, "/api/users/token", issue_service_token, INPUT(credentials),
	  .audience = ANYONE, .write = SELF,
	  .answer = TOKEN_ANSWER, .summary = "A token for a service's secret, by client credentials" },
	{ 0 }
};

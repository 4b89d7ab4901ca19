/* Refresh: a refresh token, once, for a new pair. */
#include "auth/token.h"
#include "base/config.h"
#include "base/log.h"
#include "base/text.h"
#include "refresh_token.h"
#include "users.h"

struct refresh {
	const char	*refresh_token;
};

static const struct field refresh_fields[] = {
	TEXT_FIELD(FROM_BODY, refresh, refresh_token, .required = true, .min = 1, .max = 1024, .secret = true),
	{ 0 }
};

/*
 * One round trip for what nearly always happens.  Run twice, it finds nothing
 * the second time, and the token is a parent of a moment ago.  That hashes are
 * compared in plain time tells nothing of a secret.
 */
static const struct statement renew_session = { SQL(
	update session
	   set refresh_generation = refresh_generation + 1, refresh_hash = $4, refreshed_at = now(),
	       expires_at = now() + make_interval(secs => $5)
	  from account
	 where session_id = $1 and refresh_generation = $2 and refresh_hash = $3
	   and ended_at is null and expires_at > now()
	   and account.user_id = session.user_id and account.status = 'active'
	returning account.user_id, username, array_to_string(roles, ' ') as roles
) };

static const struct statement find_session = { SQL(
	select account.user_id, username, array_to_string(roles, ' ') as roles,
	       refresh_generation, refresh_hash,
	       coalesce(refreshed_at > now() - interval '10 seconds', false) as just_renewed
	  from session
	  join account on account.user_id = session.user_id and account.status = 'active'
	 where session_id = $1 and ended_at is null and expires_at > now()
) };

struct renewal {
	struct request		*rq;
	char			 session_id[ID_SIZE];
	uint8_t			 key[SECRET_KEY_BYTES];
	struct refresh_token	 shown, next;
	struct rows		*account;	/* of none: refused */
};

static void
renew(struct renewal *renewal)
{
	const struct config *config = renewal->rq->state->config;
	uint8_t shown[REFRESH_HASH_BYTES], next[REFRESH_HASH_BYTES];
	struct scope *scope = &renewal->rq->scope;

	refresh_token_hash(shown, &renewal->shown);
	refresh_token_hash(next, &renewal->next);
	renewal->account = db_change(renewal->rq->db, &renew_session, p_text(renewal->session_id),
	    p_int(renewal->shown.generation), p_bytes(scope, shown, sizeof(shown)), p_bytes(scope, next, sizeof(next)),
	    p_int(config_integer(config, "session_lifetime_days") * 24 * 60 * 60));
}

/*
 * The token was not the current one.  A true parent that was renewed a moment
 * ago is a client that asked twice or lost the answer: it gets the very same
 * successor.  A true ancestor is in two hands, and one of them is a thief's:
 * nobody can tell which, so both lose the session.  All else changes nothing,
 * or whoever knows a session's id could end it.
 *
 * No lock is needed: who is an ancestor now stays one.
 */
static void
renew_again(struct renewal *renewal)
{
	struct request *rq = renewal->rq;
	struct rows *found = db_query(rq->db, &find_session, p_text(renewal->session_id));
	const void *hash;
	uint32_t current;
	size_t size;

	if (rows_count(found) == 0)
		return;
	current = (uint32_t)row_integer(found, 0, "refresh_generation");
	hash = row_bytes(found, 0, "refresh_hash", &size);
	if (current <= renewal->shown.generation ||
	    !refresh_token_leads_to(&renewal->shown, renewal->key, current, hash, size))
		return;
	if (current - renewal->shown.generation == 1 && row_bool(found, 0, "just_renewed")) {
		renewal->account = found;
		return;
	}
	log_event(LOG_WARNING, "a refresh token was used again, its session ends",
	    LOG_TEXT("session_id", renewal->session_id));
	session_end(rq, renewal->session_id);
}

static struct reply *
refresh(struct request *rq)
{
	const struct refresh *in = rq->input;
	struct renewal renewal = { .rq = rq, .account = rows_of(&rq->scope, NULL) };
	char refresh_token[REFRESH_TOKEN_SIZE];
	int64_t expires_s = tokens_expiry(rq);

	if (!secret_key(rq->state, "refresh", renewal.key))
		return problem(rq, 503, "unavailable", "No session can be renewed just now.");
	if (refresh_token_read(&renewal.shown, in->refresh_token)) {
		text_from_uuid(renewal.session_id, renewal.shown.session_id);
		refresh_token_next(&renewal.next, &renewal.shown, renewal.key);
		renew(&renewal);
		if (rows_count(renewal.account) == 0)
			renew_again(&renewal);
	}
	if (rows_count(renewal.account) == 0)
		return problem(rq, 401, "invalid_refresh_token", "Log in again: this token does not renew a session.");
	refresh_token_write(refresh_token, &renewal.next);
	return tokens_reply(rq, renewal.account, renewal.session_id, expires_s, refresh_token);
}

const struct route refresh_routes[] = {
	{ POST, "/api/users/refresh", refresh, INPUT(refresh),
	  .audience = ANYONE, .write = SELF, .envelope = STATUS,
	  .answer = "token user_id:id access_token refresh_token",
	  .summary = "A new pair of tokens for a refresh token, which is good for once" },
	{ POST, "/api/shop/refresh", refresh, INPUT(refresh),
	  .audience = ANYONE, .write = SELF,
	  .answer = "user_id:id access_token refresh_token",
	  .summary = "Renew a session, as the shop spells it" },
	{ 0 }
};

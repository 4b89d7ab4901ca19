/* Sessions: how they end, and one's own. Those of people begin in login.c, those of services in services.c. */
#include <string.h>

#include "auth/revocations.h"
#include "users.h"

/* Not now(): who waited for a renewal to commit ends later than its token was made. */
static const struct statement end_all = { SQL(
	update session
	   set ended_at = clock_timestamp()
	 where user_id = $1 and ended_at is null and expires_at > now()
	   and session_id is distinct from $2::uuid
	returning session_id
) };

struct rows *
session_end_all(struct db *db, const char *user_id, const char *kept)
{
	return db_query(db, &end_all, p_text(user_id), p_text(kept));
}

/*
 * A hundred are more than one person's devices.  Without an end, whoever has a
 * hundred thousand ends them at once and fills what all pools have room for:
 * then everyone's tokens are refused for a while.
 */
static const struct statement end_surplus = { SQL(
	update session
	   set ended_at = clock_timestamp()
	 where ended_at is null
	   and session_id in (
	       select session_id
	         from session
	        where user_id = $1 and ended_at is null and expires_at > now()
	        order by coalesce(refreshed_at, created_at) desc
	       offset 100)
	returning session_id
) };

struct rows *
session_end_surplus(struct db *db, const char *user_id)
{
	return db_query(db, &end_surplus, p_text(user_id));
}

/* A session has tokens that were made until this very moment. */
static void
tell_ended(struct request *rq, const char *session_id, int64_t until_s)
{
	int64_t youngest_s = tokens_expiry(rq);

	if (until_s < youngest_s)
		until_s = youngest_s;
	if (!scope_failed(&rq->scope))
		revocations_end(rq->state->revoked, session_id, until_s);
}

void
session_tell_ended(struct request *rq, const struct rows *ended)
{
	for (int row = 0; row < rows_count(ended); row++)
		tell_ended(rq, row_text(ended, row, "session_id"), 0);
}

static const struct statement end_session = { SQL(
	update session
	   set ended_at = clock_timestamp()
	 where session_id = $1 and ended_at is null
) };

struct ending {
	struct db	*db;
	const char	*session_id;
};

static void
end(void *arg)
{
	const struct ending *ending = arg;

	db_query(ending->db, &end_session, p_text(ending->session_id));
}

/* The database first: what the pool alone knows is forgotten when it starts again. */
static void
end_until(struct request *rq, const char *session_id, int64_t until_s)
{
	db_tx(rq->db, end, &(struct ending){ .db = rq->db, .session_id = session_id });
	tell_ended(rq, session_id, until_s);
}

void
session_end(struct request *rq, const char *session_id)
{
	end_until(rq, session_id, 0);
}

/* --- log-out --- */

struct log_out {
	const char	*token;
};

static const struct field log_out_fields[] = {
	TEXT_FIELD(FROM_BODY, log_out, token, .max = TOKEN_MAX_SIZE, .secret = true),
	{ 0 }
};

/* The caller's session, or that of a token of the same person. */
static struct caller
session_to_end(struct request *rq, const char *token)
{
	struct caller owner = rq->caller;

	if (token == NULL)
		return owner;
	if (!token_verify(rq->state->keys, token, &owner))
		scope_bad_field(&rq->scope, "token", "Is not a token, or no longer one.");
	else if (strcmp(owner.user_id, rq->caller.user_id) != 0)
		scope_fail(&rq->scope, 403, "not_yours", "This token is someone else's.");
	return owner;
}

static struct reply *
log_out(struct request *rq)
{
	const struct log_out *in = rq->input;
	struct caller owner = session_to_end(rq, in->token);

	if (scope_failed(&rq->scope))
		return reply_failure(rq);
	end_until(rq, owner.session_id, owner.expires_s);
	return reply_message(rq, "Logged out");
}

/* --- one's own sessions --- */

struct sessions {
	const char	*user_id, *session_id;
};

static const struct field sessions_fields[] = {
	ID_FIELD(FROM_CALLER, sessions, user_id),
	ID_FIELD(FROM_SESSION, sessions, session_id),
	{ 0 }
};

/* The newest first. */
static const struct page_key sessions_keys[] = {
	{ "created_at", TIME, "infinity" },
	{ "session_id", ID, "ffffffff-ffff-ffff-ffff-ffffffffffff" },
	{ 0 }
};

static const struct read list_sessions = {
	.statement = { SQL(
		select session_id, device, place, network::text as network, host(address) as address, created_at,
		       coalesce(refreshed_at, created_at) as last_used_at, expires_at, session_id = $2 as current
		  from session
		 where user_id = $1 and (created_at, session_id) < ($3, $4)
		   and ended_at is null and expires_at > now()
		 order by created_at desc, session_id desc
		 limit $5
	) },
	.shape = PAGE,
	.keys = sessions_keys,
};

struct own_session {
	const char	*user_id, *session_id;
};

static const struct field own_session_fields[] = {
	ID_FIELD(FROM_CALLER, own_session, user_id),
	ID_FIELD(FROM_PATH, own_session, session_id, .required = true),
	{ 0 }
};

/* One that is over already is as good: asking twice ends it once. */
static const struct statement find_own = { SQL(
	select session_id
	  from session
	 where session_id = $1 and user_id = $2
) };

static struct reply *
end_one(struct request *rq)
{
	const struct own_session *in = rq->input;
	struct rows *own = db_query(rq->db, &find_own, p_text(in->session_id), p_text(in->user_id));

	if (rows_count(own) == 0)
		return problem(rq, 404, "not_found", "You have no such session.");
	session_end(rq, in->session_id);
	return reply_message(rq, "Session ended");
}

struct all_sessions {
	const char	*user_id;
	bool		 others;
};

static const struct field all_sessions_fields[] = {
	ID_FIELD(FROM_CALLER, all_sessions, user_id),
	BOOL_FIELD(FROM_QUERY, all_sessions, others),
	{ 0 }
};

struct ending_all {
	struct request	*rq;
	struct rows	*ended;
};

static void
end_several(void *arg)
{
	struct ending_all *ending = arg;
	const struct all_sessions *in = ending->rq->input;

	ending->ended = session_end_all(ending->rq->db, in->user_id,
	    in->others ? ending->rq->caller.session_id : NULL);
}

static struct reply *
end_all_sessions(struct request *rq)
{
	const struct all_sessions *in = rq->input;
	struct ending_all ending = { .rq = rq };

	db_tx(rq->db, end_several, &ending);
	session_tell_ended(rq, ending.ended);
	return reply_message(rq, in->others ? "Other sessions ended" : "All sessions ended");
}

/* --- what is remembered --- */

/* Kept for a while so that a person can see where the account was used. */
const struct statement session_forget_old = { SQL(
	delete from session
	 where session_id in (
	       select session_id
	         from session
	        where least(ended_at, expires_at) < now() - interval '30 days'
	        limit 5000)
) };

const struct route session_routes[] = {
	{ POST, "/api/users/logout", log_out, INPUT(log_out),
	  .write = SELF, .envelope = STATUS, .answer = "message",
	  .summary = "End this session, or that of another token of one's own" },
	{ GET, "/api/users/sessions", INPUT(sessions), .read = &list_sessions,
	  .answer = "session_id:id device? place? network? address? created_at:time last_used_at:time expires_at:time "
	    "current:bool",
	  .summary = "One's own open sessions, the newest first" },
	{ DELETE, "/api/users/sessions/{session_id}", end_one, INPUT(own_session),
	  .write = SELF, .envelope = STATUS, .answer = "message",
	  .summary = "End one of one's own sessions" },
	{ DELETE, "/api/users/sessions", end_all_sessions, INPUT(all_sessions),
	  .write = SELF, .envelope = STATUS, .answer = "message",
	  .summary = "End all of one's own sessions, or with others=true all but this one" },
	{ 0 }
};

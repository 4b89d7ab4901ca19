/* Sessions: how one begins and ends, and what the pool remembers of those that ended. */
#include <string.h>

#include "auth/revocations.h"
#include "base/clock.h"
#include "base/id.h"
#include "users.h"

#define MICROSECONDS	1000000

static const struct statement insert_session = { SQL(
	insert into session (session_id, user_id, kind, name, refresh_hash, address, user_agent, expires_at)
	values ($1, $2, $3, $4, decode($5, 'hex'), $6, left($7, 256), now() + make_interval(secs => $8))
) };

void
session_insert(struct db *db, struct session *session)
{
	id_new(session->session_id);
	db_query(db, &insert_session, p_text(session->session_id), p_text(session->user_id),
	    p_text(session->user_id != NULL ? "user" : "service"), p_text(session->name),
	    p_text(session->refresh_hash), p_text(session->address), p_text(session->user_agent),
	    p_int(session->lifetime_s));
}

struct beginning {
	struct db	*db;
	struct session	*session;
};

static void
begin(void *arg)
{
	const struct beginning *beginning = arg;

	session_insert(beginning->db, beginning->session);
}

void
session_begin(struct db *db, struct session *session)
{
	db_tx(db, begin, &(struct beginning){ .db = db, .session = session });
}

static const struct statement end_all = { SQL(
	update session
	   set ended_at = now()
	 where user_id = $1 and ended_at is null and expires_at > now()
	   and session_id is distinct from $2::uuid
	returning session_id
) };

struct rows *
session_end_all(struct db *db, const char *user_id, const char *kept)
{
	return db_query(db, &end_all, p_text(user_id), p_text(kept));
}

void
session_tell_ended(struct request *rq, const struct rows *ended)
{
	int64_t until_s = clock_unix_us() / MICROSECONDS + rq->state->token_lifetime_s;

	for (int row = 0; row < rows_count(ended) && !scope_failed(&rq->scope); row++)
		if (!revocations_add(rq->state->revoked, row_text(ended, row, "session_id"), until_s))
			scope_fail(&rq->scope, 503, "unavailable", "The sessions could not be ended everywhere.");
}

struct log_out {
	const char	*token;
};

static const struct field log_out_fields[] = {
	TEXT_FIELD(FROM_BODY, log_out, token, .max = TOKEN_MAX_SIZE, .secret = true),
	{ 0 }
};

static const struct statement end_session = { SQL(
	update session
	   set ended_at = now()
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
	int64_t until_s = clock_unix_us() / MICROSECONDS + rq->state->token_lifetime_s;

	if (scope_failed(&rq->scope))
		return reply_failure(rq);
	/* A session may have younger tokens than the one shown. */
	if (until_s < owner.expires_s)
		until_s = owner.expires_s;
	/* The pool first: a session that ended in the database alone would go on here. */
	if (!revocations_add(rq->state->revoked, owner.session_id, until_s))
		return problem(rq, 503, "unavailable", "The session could not be ended everywhere.");
	db_tx(rq->db, end, &(struct ending){ .db = rq->db, .session_id = owner.session_id });
	return reply_message(rq, "Logged out");
}

/* Kept for a while so that a person can see where the account was used. */
static const struct statement delete_old = { SQL(
	delete from session
	 where session_id in (
	       select session_id
	         from session
	        where least(ended_at, expires_at) < now() - interval '30 days'
	        limit 5000)
) };

void
session_forget_old(const struct app_state *state, struct db *db, struct scope *scope)
{
	(void)state;
	(void)scope;
	db_query(db, &delete_old);
}

const struct route session_routes[] = {
	{ POST, "/api/users/logout", log_out, INPUT(log_out),
	  .write = SELF, .envelope = STATUS, .answer = "message",
	  .summary = "End this session, or that of another token of one's own" },
	{ 0 }
};

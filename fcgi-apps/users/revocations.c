/* Sessions that ended while their tokens may run, as other pools ask for them. */
#include "app/pool.h"
#include "users.h"

/*
 * A poll goes on at the oldest transaction that was still under way at the
 * last one: what it had ended is told once it is visible, even if its COMMIT
 * hung.  Numbers of transactions may come again on a promoted standby, so the
 * timeline stands above them, and a place on another one means all.
 */
struct poll {
	int64_t	 after;
};

static const struct field poll_fields[] = {
	INT_FIELD(FROM_QUERY, poll, after, .min = 0, .max = INT64_MAX),
	{ 0 }
};

static const struct statement find_place = { SQL(
	select timeline << 40 | pg_snapshot_xmin(pg_current_snapshot())::text::bigint as next,
	       case $1::bigint >> 40 when timeline then ($1 & ((1::bigint << 40) - 1))::text end as after
	  from (select ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::bigint as timeline) as server
) };

/*
 * A service's token runs as long as its session; a person's may have been
 * signed just before the end.  Those that run longest first: a pool without
 * room for all refuses every token that runs no longer than the rest.
 */
static const struct statement find_ended = { SQL(
	select session_id, tokens_end
	  from (select session_id,
	               case kind when 'service' then expires_at
	                         else ended_at + make_interval(secs => $1) end as tokens_end
	          from session
	         where ended_at > now() - interval '1 day') as ended
	 where tokens_end > now()
	 order by tokens_end desc
	 limit $2
) };

static const struct statement find_ended_since = { SQL(
	select session_id, tokens_end
	  from (select session_id,
	               case kind when 'service' then expires_at
	                         else ended_at + make_interval(secs => $1) end as tokens_end
	          from session
	         where changed_xid >= $3::xid8 and ended_at is not null) as ended
	 where tokens_end > now()
	 order by tokens_end desc
	 limit $2
) };

/* The place first: what ends between the two statements is told twice rather than never. */
static struct rows *
ended_after(struct request *rq, int64_t after, int64_t *next)
{
	struct rows *place = db_query(rq->db, &find_place, p_int(after));
	const char *since;

	if (rows_count(place) == 0)
		return place;
	*next = row_integer(place, 0, "next");
	if ((since = row_text(place, 0, "after")) == NULL)
		return db_query(rq->db, &find_ended, p_int(rq->state->token_lifetime_s), p_int(POOL_REVOCATIONS));
	return db_query(rq->db, &find_ended_since, p_int(rq->state->token_lifetime_s), p_int(POOL_REVOCATIONS),
	    p_text(since));
}

/* In whole seconds, rounded up as expiries are compared. */
static int64_t
tokens_end_s(const struct rows *ended, int row)
{
	return row_time(ended, row, "tokens_end") / 1000000 + 1;
}

static struct reply *
list_revocations(struct request *rq)
{
	const struct poll *in = rq->input;
	int64_t next = 0;
	struct rows *ended = ended_after(rq, in->after, &next);
	int count = rows_count(ended);
	struct writer *w = reply_begin(rq);

	writer_member(w, "next", scope_printf(&rq->scope, "%lld", (long long)next));
	/* As many as a pool has room for: there are more, and they end no later. */
	writer_member_integer(w, "refused_until", count < POOL_REVOCATIONS ? 0 : tokens_end_s(ended, count - 1));
	writer_literal(w, ",\"sessions\":[");
	for (int row = 0; row < count; row++) {
		writer_text(w, row > 0 ? ",{" : "{");
		writer_member(w, "session_id", row_text(ended, row, "session_id"));
		writer_member_integer(w, "until", tokens_end_s(ended, row));
		writer_literal(w, "}");
	}
	writer_literal(w, "]");
	return reply_end(rq, w);
}

const struct route revocation_routes[] = {
	{ GET, "/internal/revocations", list_revocations, INPUT(poll),
	  .audience = INTERNAL, .unlogged = true,
	  .answer = "next refused_until:int sessions[session_id:id until:int]",
	  .summary = "Sessions that ended while their tokens may run" },
	{ 0 }
};

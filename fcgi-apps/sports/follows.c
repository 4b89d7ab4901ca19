/* Follows: the teams, games, competitions and sports that somebody wants to hear of. */
#include <string.h>

#include "events/outbox.h"
#include "sports.h"

#define MOST_FOLLOWS	1000	/* of one person */

struct target {
	const char	*target_kind, *target_id;
};

static const struct field target_fields[] = {
	TEXT_FIELD(FROM_BODY, target, target_kind, .required = true, .choices = "team game competition sport"),
	ID_FIELD  (FROM_BODY, target, target_id, .required = true),
	{ 0 }
};

static const struct statement change_follow = { SQL(
	select c.outcome as _outcome, c.name as _name, c.version as _version,
	       $2::text as target_kind, $3::uuid as target_id, c.name, c.followed_at
	  from change_follow($1, $2, $3, $4, $5::integer) c
) };

static void
announce(struct request *rq, const char *type, const struct rows *changed)
{
	const struct target *in = rq->input;

	outbox_add(rq->db, &rq->scope, &(struct event){
		.type = type, .aggregate_id = rq->caller.user_id, .version = row_integer(changed, 0, "_version"),
		.traceparent = rq->traceparent,
		.data = {
			{ "user_id", rq->caller.user_id },
			{ "target_kind", in->target_kind },
			{ "target_id", in->target_id },
			{ "name", row_text(changed, 0, "_name") },
		},
	});
}

/* NULL after failing the scope. */
static struct rows *
change(struct request *rq, bool follows)
{
	const struct target *in = rq->input;
	struct rows *changed = db_query(rq->db, &change_follow, p_text(rq->caller.user_id), p_text(in->target_kind),
	    p_text(in->target_id), p_bool(follows), p_int(MOST_FOLLOWS));

	if (!scope_failed(&rq->scope) && strcmp(row_text(changed, 0, "_outcome"), "changed") == 0)
		announce(rq, follows ? "sports.followed" : "sports.unfollowed", changed);
	return scope_failed(&rq->scope) ? NULL : changed;
}

static struct reply *
follow(struct request *rq)
{
	struct rows *changed = change(rq, true);
	const char *outcome;

	if (changed == NULL)
		return reply_failure(rq);
	outcome = row_text(changed, 0, "_outcome");
	if (strcmp(outcome, "unknown") == 0)
		return problem(rq, 404, "not_found", "There is no such %s.", ((const struct target *)rq->input)->target_kind);
	if (strcmp(outcome, "too_many") == 0)
		return problem(rq, 409, "too_many_follows", "Nobody follows more than %d.", MOST_FOLLOWS);
	return reply_row(rq, &change_follow, changed, NULL);
}

static struct reply *
unfollow(struct request *rq)
{
	struct rows *changed = change(rq, false);

	if (changed != NULL && strcmp(row_text(changed, 0, "_outcome"), "same") == 0)
		return problem(rq, 404, "not_found", "You do not follow it.");
	return reply_message(rq, "Not followed any more");
}

static const struct page_key follow_order[] = {
	{ "_follow_id", ID, "ffffffff-ffff-ffff-ffff-ffffffffffff" },
	{ 0 }
};

static const struct read list_follows = {
	.statement = { SQL(
		select follow_id as _follow_id, target_kind, target_id, target_name(target_kind, target_id) as name,
		       created_at as followed_at
		  from follow
		 where user_id = $1 and follow_id < $2
		 order by follow_id desc
		 limit $3::bigint
	) },
	.shape = PAGE,
	.keys = follow_order,
};

#define FOLLOW	"target_kind target_id:id name followed_at:time"

const struct route follow_routes[] = {
	{ GET, "/api/sports/follows", INPUT(own), .read = &list_follows,
	  .envelope = STATUS_DATA,
	  .answer = FOLLOW, .summary = "What one follows, the latest first" },
	{ POST, "/api/sports/follows", follow, INPUT(target),
	  .envelope = STATUS_DATA, .status = 201, .unaudited = true,
	  .answer = FOLLOW, .summary = "Follow a team, a game, a competition or a sport; twice is once" },
	{ DELETE, "/api/sports/follows", unfollow, INPUT(target),
	  .envelope = STATUS, .unaudited = true,
	  .answer = "message", .summary = "Follow it no more" },
	{ 0 }
};

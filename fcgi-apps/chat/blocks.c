/* Blocks: from whom somebody takes no messages. */
#include "chat.h"

#define BLOCK	"user_id:id username blocked_at:time"

struct block {
	const char	*user;
};

static const struct field block_fields[] = {
	TEXT_FIELD(FROM_PATH, block, user, .required = true, .min = 1, .max = 64),
	{ 0 }
};

static const struct statement add_block = { SQL(
	insert into block (user_id, blocked_id)
	values ($1, $2)
	on conflict (user_id, blocked_id) do update set blocked_id = excluded.blocked_id
	returning blocked_id as user_id, name_of(blocked_id) as username, created_at as blocked_at
) };

static struct reply *
block_person(struct request *rq)
{
	const struct block *in = rq->input;
	const char *blocked;

	if (people_is_caller(rq, in->user))
		return problem(rq, 409, "yourself", "Nobody blocks himself.");
	if ((blocked = people_find(rq, NULL, in->user)) == NULL)
		return reply_failure(rq);
	return reply_row(rq, &add_block, db_change(rq->db, &add_block, p_text(rq->caller.user_id), p_text(blocked)), NULL);
}

static const struct statement remove_block = { SQL(
	delete from block
	 where user_id = $1 and blocked_id = $2
	returning blocked_id
) };

static struct reply *
unblock_person(struct request *rq)
{
	const struct block *in = rq->input;
	const char *blocked = people_find(rq, NULL, in->user);
	struct rows *removed;

	if (blocked == NULL)
		return reply_failure(rq);
	removed = db_change(rq->db, &remove_block, p_text(rq->caller.user_id), p_text(blocked));
	if (rows_count(removed) == 0 && !scope_failed(&rq->scope))
		return problem(rq, 404, "not_found", "You do not block this person.");
	return reply_message(rq, "Unblocked");
}

static const struct page_key block_order[] = {
	{ "user_id", ID, "00000000-0000-0000-0000-000000000000" },
	{ 0 }
};

static const struct read list_blocks = {
	.statement = { SQL(
		select blocked_id as user_id, name_of(blocked_id) as username, created_at as blocked_at
		  from block
		 where user_id = $1 and blocked_id > $2
		 order by blocked_id
		 limit $3
	) },
	.shape = PAGE,
	.keys = block_order,
};

const struct route block_routes[] = {
	{ GET, "/api/chat/blocks", INPUT(own), .read = &list_blocks,
	  .answer = BLOCK, .summary = "Whom one takes no messages from" },
	{ POST, "/api/chat/blocks/{user}", block_person, INPUT(block),
	  .write = SELF, .answer = BLOCK, .summary = "Take no more messages from somebody; a name or an id" },
	{ DELETE, "/api/chat/blocks/{user}", unblock_person, INPUT(block),
	  .write = SELF, .answer = "message", .summary = "Take messages from somebody again" },
	{ 0 }
};

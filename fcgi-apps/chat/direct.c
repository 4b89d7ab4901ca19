/* Direct messages: what two people write to each other. */
#include <string.h>

#include "base/config.h"
#include "chat.h"
#include "data/limits.h"

/* --- sending --- */

struct letter {
	const char	*sender, *receiver, *message;
};

static const struct field letter_fields[] = {
	TEXT_FIELD(FROM_BODY, letter, sender, .required = true, .min = 1, .max = 64),
	TEXT_FIELD(FROM_BODY, letter, receiver, .required = true, .min = 1, .max = 64),
	TEXT_FIELD(FROM_BODY, letter, message, .required = true, .min = 1, .max = 4000),
	DECIDED_FIELD(FROM_BODY, "chat_id"),
	{ 0 }
};

/* One round trip: sql/chat/004_direct.sql. It may run twice, for the id is ours. */
static const struct statement send_direct = { SQL(
	select refusal as "_refusal", chat as chat_id, $1::uuid as message_id
	  from send_direct($1, $2, $3, $4, $5, $6)
) };

/* Whom it is for; NULL after failing the scope. */
static const char *
receiver_of(struct request *rq, const struct letter *in)
{
	const struct limit limit = { "direct messages", (int)config_integer(rq->state->config, "direct_messages"), 60 };
	const char *receiver;

	if (!people_is_caller(rq, in->sender)) {
		scope_fail(&rq->scope, 403, "not_yours", "The sender is whoever is signed in.");
		return NULL;
	}
	limit_count(rq->state->limits, &rq->scope, &limit, rq->caller.user_id);
	receiver = scope_failed(&rq->scope) ? NULL : people_find(rq, "receiver", in->receiver);
	if (receiver != NULL && strcmp(receiver, rq->caller.user_id) == 0) {
		scope_bad_field(&rq->scope, "receiver", "Must be somebody else.");
		return NULL;
	}
	return receiver;
}

/* Who is blocked learns that it was not taken, not by what. */
static struct reply *
refuse(struct request *rq, const char *refusal)
{
	if (strcmp(refusal, "idempotency_key_reused") == 0)
		return problem(rq, 422, refusal, "This Idempotency-Key was used for another request.");
	if (strcmp(refusal, "blocked") == 0)
		return problem(rq, 409, refusal, "You block this person.");
	return problem(rq, 403, refusal, "The message was not accepted.");
}

static struct reply *
send_message(struct request *rq)
{
	const struct letter *in = rq->input;
	const char *receiver = receiver_of(rq, in), *refusal;
	char message_id[ID_SIZE];
	struct rows *sent;

	if (receiver == NULL)
		return reply_failure(rq);
	request_new_id(rq, message_id);
	db_announce(rq->db);
	sent = db_change(rq->db, &send_direct, p_text(message_id), p_text(rq->caller.user_id), p_text(rq->caller.name),
	    p_text(receiver), p_text(in->message), p_text(rq->traceparent));
	if (rows_count(sent) == 1 && (refusal = row_text(sent, 0, "_refusal")) != NULL)
		return refuse(rq, refusal);
	return reply_row(rq, &send_direct, sent, NULL);
}

/* --- reading --- */

struct chat_ref {
	const char	*chat_id, *caller_id;
};

static const struct field chat_ref_fields[] = {
	ID_FIELD(FROM_PATH, chat_ref, chat_id, .required = true),
	ID_FIELD(FROM_CALLER, chat_ref, caller_id),
	{ 0 }
};

static const struct page_key newest_first[] = {
	{ "_position", INTEGER, "9223372036854775807" },
	{ 0 }
};

static const struct read list_messages = {
	.statement = { SQL(
		select message_id, name_of(user_id) as sender, content, sent_at, position as "_position"
		  from direct_message
		 where may_read_chat($1, $2) and chat_id = $1 and position < $3
		 order by position desc
		 limit $4
	) },
	.shape = PAGE,
	.keys = newest_first,
	.list = "messages",
};

struct chats {
	const char	*user_id, *caller_id;
};

static const struct field chats_fields[] = {
	ID_FIELD(FROM_PATH, chats, user_id, .required = true),
	ID_FIELD(FROM_CALLER, chats, caller_id),
	{ 0 }
};

static const struct page_key last_first[] = {
	{ "last_message_at", TIME, "infinity" },
	{ "chat_id", ID, "ffffffff-ffff-ffff-ffff-ffffffffffff" },
	{ 0 }
};

static const struct read list_chats = {
	.statement = { SQL(
		select c.chat_id, array[name_of(low_id), name_of(high_id)] as participants,
		       last_position - read_position as unread, last_message_at
		  from participant p
		  join direct_chat c on c.chat_id = p.chat_id
		 where may_read_history($1, $2) and p.user_id = $1 and (last_message_at, c.chat_id) < ($3, $4)
		 order by last_message_at desc, c.chat_id desc
		 limit $5
	) },
	.shape = PAGE,
	.keys = last_first,
	.list = "chats",
};

/* --- marking --- */

struct mark {
	const char	*chat_id, *message_id;
};

static const struct field mark_fields[] = {
	ID_FIELD(FROM_PATH, mark, chat_id, .required = true),
	ID_FIELD(FROM_BODY, mark, message_id),
	{ 0 }
};

/* What was read stays read. */
static const struct statement mark_read = { SQL(
	update participant p
	   set read_position = greatest(p.read_position, coalesce(m.position, c.last_position))
	  from direct_chat c
	  left join direct_message m on m.chat_id = c.chat_id and m.message_id = $3
	 where may_read_chat($1, $2) and p.chat_id = $1 and p.user_id = $2 and c.chat_id = $1
	   and ($3::uuid is null or m.message_id is not null)
	returning p.chat_id, c.last_position - p.read_position as unread
) };

static struct reply *
mark_as_read(struct request *rq)
{
	const struct mark *in = rq->input;
	struct rows *marked = db_query(rq->db, &mark_read, p_text(in->chat_id), p_text(rq->caller.user_id), p_text(in->message_id));

	if (rows_count(marked) == 0 && !scope_failed(&rq->scope))
		scope_bad_field(&rq->scope, "message_id", "There is no such message in this chat.");
	return reply_row(rq, &mark_read, marked, NULL);
}

const struct route direct_routes[] = {
	{ POST, "/api/chat/send", send_message, INPUT(letter),
	  .write = SELF, .id_of_key = true, .unaudited = true,
	  .answer = "chat_id:id message_id:id", .summary = "Write to somebody; names or ids" },
	{ GET, "/api/chat/messages/{chat_id}", INPUT(chat_ref), .read = &list_messages,
	  .answer = "chat_id:id messages[message_id:id sender content sent_at:time]",
	  .summary = "What two people wrote, the last first; for them alone" },
	{ GET, "/api/chat/history/{user_id}", INPUT(chats), .read = &list_chats,
	  .answer = "user_id:id chats[chat_id:id participants:[text] unread:int last_message_at:time]",
	  .summary = "One's own chats, the last used first" },
	{ POST, "/api/chat/{chat_id}/read", mark_as_read, INPUT(mark),
	  .answer = "chat_id:id unread:int", .summary = "Say that a chat was read, up to a message or all of it" },
	{ 0 }
};

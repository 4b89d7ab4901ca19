/* What is said in rooms. */
#include <string.h>

#include "base/civil.h"
#include "base/config.h"
#include "chat.h"
#include "data/limits.h"

/* --- speaking --- */

struct words {
	const char	*chatroom_id, *message;
};

static const struct field words_fields[] = {
	ID_FIELD  (FROM_PATH, words, chatroom_id, .required = true),
	TEXT_FIELD(FROM_BODY, words, message, .required = true, .min = 1, .max = 2000),
	{ 0 }
};

/* All of it is one round trip: sql/chat/003_room_messages.sql says in which order. It may run twice, for the id is ours. */
static const struct statement say = { SQL(
	select refusal as "_refusal", refused_until as "_refused_until", wait_s as "_wait_s",
	       $1::uuid as message_id, $2::uuid as chatroom_id, name_of($3) as sender, $4::text as content, sent_at
	  from say($1, $2, $3, $4)
) };

static struct reply *
refuse_until(struct request *rq, const char *refusal, const struct rows *said)
{
	const char *what = strcmp(refusal, "banned") == 0 ? "kept out of this chatroom" : "to be silent in this chatroom";
	char text[CIVIL_TIME_LENGTH];

	if (!civil_print_time(text, row_time(said, 0, "_refused_until") / 1000000))
		return problem(rq, 403, refusal, "You are %s.", what);
	return problem(rq, 403, refusal, "You are %s until %.*sZ.", what, CIVIL_TIME_LENGTH, text);
}

static struct reply *
refuse_words(struct request *rq, const struct rows *said)
{
	const char *refusal = row_text(said, 0, "_refusal");

	if (strcmp(refusal, "not_found") == 0)
		return problem(rq, 404, refusal, "There is no such chatroom.");
	if (strcmp(refusal, "idempotency_key_reused") == 0)
		return problem(rq, 422, refusal, "This Idempotency-Key was used for another request.");
	if (strcmp(refusal, "room_closed") == 0)
		return problem(rq, 409, refusal, "The game is over, and so is its chatroom.");
	if (strcmp(refusal, "not_a_member") == 0)
		return problem(rq, 403, refusal, "This is for those who joined the chatroom.");
	if (strcmp(refusal, "slow_mode") != 0)
		return refuse_until(rq, refusal, said);
	scope_fail(&rq->scope, 429, refusal, "Everyone speaks slowly here just now; please wait.");
	rq->scope.failure.retry_after_s = (int)row_integer(said, 0, "_wait_s");
	return reply_failure(rq);
}

static struct reply *
speak(struct request *rq)
{
	const struct words *in = rq->input;
	const struct limit limit = { "room messages", (int)config_integer(rq->state->config, "room_messages"), 60 };
	char message_id[ID_SIZE];
	struct rows *said;

	limit_count(rq->state->limits, &rq->scope, &limit, rq->caller.user_id);
	request_new_id(rq, message_id);
	db_announce(rq->db);
	said = db_change(rq->db, &say, p_text(message_id), p_text(in->chatroom_id), p_text(rq->caller.user_id), p_text(in->message));
	if (rows_count(said) == 1 && row_text(said, 0, "_refusal") != NULL)
		return refuse_words(rq, said);
	return reply_row(rq, &say, said, NULL);
}

/* --- reading --- */

struct history {
	const char	*chatroom_id, *caller_id;
	bool		 is_admin;
};

static const struct field history_fields[] = {
	ID_FIELD  (FROM_PATH, history, chatroom_id, .required = true),
	ID_FIELD  (FROM_CALLER, history, caller_id),
	BOOL_FIELD(FROM_CALLER, history, is_admin),
	{ 0 }
};

static const struct page_key newest_first[] = {
	{ "_position", INTEGER, "9223372036854775807" },
	{ 0 }
};

/* In the order in which they came over the channel, the last one first. */
static const struct read list_messages = {
	.statement = { SQL(
		select message_id, user_id, name_of(user_id) as sender, content, sent_at, position as "_position"
		  from room_message
		 where may_read_room($1, $2, $3) and chatroom_id = $1 and position < $4 and deleted_at is null
		 order by position desc
		 limit $5
	) },
	.shape = PAGE,
	.keys = newest_first,
};

/* --- taking back --- */

struct message_ref {
	const char	*chatroom_id, *message_id;
};

static const struct field message_ref_fields[] = {
	ID_FIELD(FROM_PATH, message_ref, chatroom_id, .required = true),
	ID_FIELD(FROM_PATH, message_ref, message_id, .required = true),
	{ 0 }
};

static const struct statement find_message = { SQL(
	select user_id
	  from room_message
	 where message_id = $1 and chatroom_id = $2 and deleted_at is null
	   for update
) };

static const struct statement delete_message = { SQL(
	with deleted as (
		update room_message
		   set deleted_at = now()
		 where message_id = $1
		returning chatroom_id, message_id
	)
	select tell_room(chatroom_id, jsonb_build_object('type', 'deleted', 'message_id', message_id)) is null as done
	  from deleted
) };

static struct reply *
take_back(struct request *rq)
{
	const struct message_ref *in = rq->input;
	struct rows *message = db_query(rq->db, &find_message, p_text(in->message_id), p_text(in->chatroom_id));

	if (scope_failed(&rq->scope))
		return reply_failure(rq);
	if (rows_count(message) == 0)
		return problem(rq, 404, "not_found", "There is no such message.");
	if (strcmp(row_text(message, 0, "user_id"), rq->caller.user_id) != 0 && !request_has_role(rq, ROLE_ADMIN))
		return problem(rq, 403, "not_yours", "Others' messages are not yours to delete.");
	db_query(rq->db, &delete_message, p_text(in->message_id));
	db_announce(rq->db);
	return reply_message(rq, "Message deleted");
}

const struct statement room_message_forget_deleted = { SQL(
	delete from room_message
	 where message_id in (
	       select message_id
	         from room_message
	        where deleted_at < now() - interval '7 days'
	        limit 5000)
) };

/* --- the table --- */

const struct route room_message_routes[] = {
	{ POST, "/api/sports/chatrooms/{chatroom_id}/messages", speak, INPUT(words),
	  .write = SELF, .id_of_key = true, .unaudited = true, .envelope = STATUS_DATA, .status = 201,
	  .answer = "message_id:id chatroom_id:id sender content sent_at:time",
	  .summary = "Say something in a chatroom that one has joined" },
	{ GET, "/api/sports/chatrooms/{chatroom_id}/messages", INPUT(history), .read = &list_messages,
	  .envelope = STATUS_DATA,
	  .answer = "message_id:id user_id:id sender content sent_at:time",
	  .summary = "What was said in a chatroom, the last first" },
	{ DELETE, "/api/sports/chatrooms/{chatroom_id}/messages/{message_id}", take_back, INPUT(message_ref),
	  .envelope = STATUS, .answer = "message",
	  .summary = "Take back one's own message; anyone's as an administrator" },
	{ 0 }
};

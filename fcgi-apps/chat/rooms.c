/* Rooms: one for each sport, one for each game while it is on; who comes and who goes. */
#include <string.h>

#include "base/text.h"
#include "chat.h"

/* --- the list --- */

static const struct page_key room_order[] = {
	{ "chatroom_id", ID, "00000000-0000-0000-0000-000000000000" },
	{ 0 }
};

/* lchatroom_id is how the source spells it. */
static const struct read list_rooms = {
	.statement = { SQL(
		select r.chatroom_id as lchatroom_id, r.chatroom_id, category_id, game_id as "game_id?", name as chatroom_name,
		       description, coalesce(active_users, 0) as active_users, slow_s as slow_mode_s
		  from room r
		  left join room_presence p on p.chatroom_id = r.chatroom_id
		 where closed_at is null and r.chatroom_id > $1
		 order by r.chatroom_id
		 limit $2
	) },
	.shape = PAGE,
	.keys = room_order,
};

/* --- joining --- */

struct joining {
	const char	*category_id, *body_category_id, *chatroom_id, *user_id;
};

static const struct field joining_fields[] = {
	ID_FIELD(FROM_PATH, joining, category_id, .required = true),
	{ FROM_BODY, ID, "category_id", FIELD_AT(joining, body_category_id, const char *) },
	ID_FIELD(FROM_BODY, joining, chatroom_id, .required = true),
	TEXT_FIELD(FROM_BODY, joining, user_id, .min = 1, .max = 64),
	{ 0 }
};

static const struct statement find_room = { SQL(
	select closed_at is not null as is_closed, standing(chatroom_id, $3) = 'banned' as is_banned
	  from room
	 where chatroom_id = $1 and category_id = $2
) };

static const struct statement enter = { SQL(
	insert into member (chatroom_id, user_id)
	values ($1, $2)
	on conflict (chatroom_id, user_id) do update set joined_at = now(), left_at = null
	 where member.left_at is not null
) };

static const struct statement know_caller = { SQL(
	select know_person($1, $2) is null as done
) };

/* Of thousands those who came last are enough to see whom one meets. */
static const struct statement show_joined = { SQL(
	select 'Joined the chatroom successfully' as message, chatroom_id as "chatroom_details.chatroom_id",
	       category_id as "chatroom_details.category_id", name as "chatroom_details.chatroom_name",
	       array(select name_of(user_id)
	               from member
	              where member.chatroom_id = room.chatroom_id and left_at is null
	              order by joined_at desc
	              limit 100) as "chatroom_details.current_users"
	  from room
	 where chatroom_id = $1
) };

/* Who joins; NULL after failing the scope. */
static const char *
newcomer(struct request *rq, const char *who)
{
	uint8_t id[16];

	if (who == NULL || people_is_caller(rq, who))
		return rq->caller.user_id;
	if (!request_has_role(rq, ROLE_ADMIN | ROLE_SERVICE))
		scope_fail(&rq->scope, 403, "not_yours", "Everyone joins for himself.");
	else if (!text_to_uuid(id, who))
		scope_bad_field(&rq->scope, "user_id", "Must be an id, a UUID.");
	return scope_failed(&rq->scope) ? NULL : who;
}

static struct reply *
refuse_entry(struct request *rq, const struct rows *room)
{
	if (scope_failed(&rq->scope))
		return reply_failure(rq);
	if (rows_count(room) == 0)
		return problem(rq, 404, "not_found", "There is no such chatroom in this category.");
	if (row_bool(room, 0, "is_banned"))
		return problem(rq, 403, "banned", "You are kept out of this chatroom.");
	return problem(rq, 409, "room_closed", "The game is over, and so is its chatroom.");
}

static struct reply *
join_room(struct request *rq)
{
	const struct joining *in = rq->input;
	const char *person = newcomer(rq, in->user_id);
	struct rows *room;

	if (person == NULL)
		return reply_failure(rq);
	if (in->body_category_id != NULL && strcmp(in->body_category_id, in->category_id) != 0) {
		scope_bad_field(&rq->scope, "category_id", "Is another one in the path.");
		return reply_failure(rq);
	}
	room = db_query(rq->db, &find_room, p_text(in->chatroom_id), p_text(in->category_id), p_text(person));
	if (rows_count(room) == 0 || row_bool(room, 0, "is_banned") || row_bool(room, 0, "is_closed"))
		return refuse_entry(rq, room);
	db_query(rq->db, &know_caller, p_text(person), p_text(person == rq->caller.user_id ? rq->caller.name : NULL));
	db_query(rq->db, &enter, p_text(in->chatroom_id), p_text(person));
	return reply_row(rq, &show_joined, db_query(rq->db, &show_joined, p_text(in->chatroom_id)), NULL);
}

/* --- leaving --- */

struct leaving {
	const char	*chatroom_id;
};

static const struct field leaving_fields[] = {
	ID_FIELD(FROM_PATH, leaving, chatroom_id, .required = true),
	{ 0 }
};

/* His sockets hear no more of it either. */
static const struct statement leave = { SQL(
	with gone as (
		update member
		   set left_at = now()
		 where chatroom_id = $1 and user_id = $2 and left_at is null
		returning chatroom_id, user_id
	)
	select kick(chatroom_id, user_id, 'left') is null as done from gone
) };

static struct reply *
leave_room(struct request *rq)
{
	const struct leaving *in = rq->input;
	struct rows *gone = db_query(rq->db, &leave, p_text(in->chatroom_id), p_text(rq->caller.user_id));

	if (rows_count(gone) == 0 && !scope_failed(&rq->scope))
		return problem(rq, 404, "not_found", "You are in no such chatroom.");
	db_announce(rq->db);
	return reply_message(rq, "Left the chatroom successfully");
}

/* --- who may listen --- */

struct listener {
	const char	*chatroom_id, *user_id;
};

static const struct field listener_fields[] = {
	ID_FIELD(FROM_PATH, listener, chatroom_id, .required = true),
	ID_FIELD(FROM_QUERY, listener, user_id, .required = true),
	{ 0 }
};

static const struct read read_access = {
	.statement = { SQL(
		select standing = 'member' as allowed, nullif(standing, 'member') as "reason?"
		  from standing($1, $2)
		 where standing is not null
	) },
	.shape = ONE,
	.missing = "There is no such chatroom.",
};

/* --- the table --- */

/* The schema says the rule, this table the sentence. */
const struct constraint chat_constraints[] = {
	{ "room_is_there", 404, "not_found", NULL, "There is no such chatroom." },
	{ "room_members_only", 403, "not_a_member", NULL, "This is for those who joined the chatroom." },
	{ "chat_is_there", 404, "not_found", NULL, "There is no such chat." },
	{ "chat_participants_only", 403, "not_yours", NULL, "This is a chat of others." },
	{ "history_is_own", 403, "not_yours", NULL, "These are the chats of someone else." },
	{ 0 }
};

const struct route room_routes[] = {
	{ GET, "/api/sports/chatrooms", .read = &list_rooms,
	  .audience = ANYONE, .reads = REPLICA, .cache = 1, .envelope = STATUS_DATA,
	  .answer = "lchatroom_id:id chatroom_id:id category_id:id game_id:id? chatroom_name description active_users:int "
	    "slow_mode_s:int",
	  .summary = "Chatrooms: one for each sport, one for each game that is on" },
	{ POST, "/api/sports/chatrooms/{category_id}", join_room, INPUT(joining),
	  .envelope = STATUS,
	  .answer = "message chatroom_details{chatroom_id:id category_id:id chatroom_name current_users:[text]}",
	  .summary = "Join a chatroom" },
	{ DELETE, "/api/sports/chatrooms/{chatroom_id}/members/me", leave_room, INPUT(leaving),
	  .envelope = STATUS, .answer = "message", .summary = "Leave a chatroom" },
	{ GET, "/internal/rooms/{chatroom_id}/access", INPUT(listener), .read = &read_access,
	  .audience = INTERNAL, .unlogged = true,
	  .answer = "allowed:bool reason?", .summary = "Whether somebody may listen to a room" },
	{ 0 }
};

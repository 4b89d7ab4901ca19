/* Moderation: who must be silent in a room, who is kept out of it, and how often one may speak. */
#include "base/clock.h"
#include "base/text.h"
#include "chat.h"

#define NO_ROOM	"There is no such chatroom."

/* --- sanctions --- */

struct sanction {
	const char	*chatroom_id, *user_id, *until, *reason;
};

static const struct field sanction_fields[] = {
	ID_FIELD  (FROM_PATH, sanction, chatroom_id, .required = true),
	ID_FIELD  (FROM_PATH, sanction, user_id, .required = true),
	TIME_FIELD(FROM_BODY, sanction, until),
	TEXT_FIELD(FROM_BODY, sanction, reason, .max = 500),
	{ 0 }
};

static const struct statement set_sanction = { SQL(
	insert into sanction (chatroom_id, user_id, kind, ends_at, reason, moderator_id)
	select chatroom_id, $2, $3, coalesce($4::timestamptz, 'infinity'), coalesce($5, ''), $6
	  from room
	 where chatroom_id = $1
	on conflict (chatroom_id, user_id, kind)
	   do update set ends_at = excluded.ends_at, reason = excluded.reason, moderator_id = excluded.moderator_id,
	                 created_at = now()
	returning chatroom_id, user_id, kind, ends_at as until, reason
) };

/* He is gone for those who look, and his sockets hear no more. */
static const struct statement put_out = { SQL(
	with gone as (
		update member
		   set left_at = now()
		 where chatroom_id = $1 and user_id = $2 and left_at is null
	)
	select kick($1, $2, 'banned') is null as done
) };

static struct reply *
impose(struct request *rq, const char *kind)
{
	const struct sanction *in = rq->input;
	int64_t until_us;

	if (in->until != NULL && text_to_time(&until_us, in->until) && until_us <= clock_unix_us()) {
		scope_bad_field(&rq->scope, "until", "Must be in the future.");
		return reply_failure(rq);
	}
	return reply_row(rq, &set_sanction, db_query(rq->db, &set_sanction, p_text(in->chatroom_id), p_text(in->user_id),
	    p_text(kind), p_text(in->until), p_text(in->reason), p_text(rq->caller.user_id)), NO_ROOM);
}

static struct reply *
mute(struct request *rq)
{
	return impose(rq, "mute");
}

static struct reply *
ban(struct request *rq)
{
	const struct sanction *in = rq->input;
	struct reply *re = impose(rq, "ban");

	if (re->status >= 300)
		return re;
	db_query(rq->db, &put_out, p_text(in->chatroom_id), p_text(in->user_id));
	db_announce(rq->db);
	return scope_failed(&rq->scope) ? reply_failure(rq) : re;
}

struct pardon {
	const char	*chatroom_id, *user_id;
};

static const struct field pardon_fields[] = {
	ID_FIELD(FROM_PATH, pardon, chatroom_id, .required = true),
	ID_FIELD(FROM_PATH, pardon, user_id, .required = true),
	{ 0 }
};

static const struct statement lift_sanction = { SQL(
	delete from sanction
	 where chatroom_id = $1 and user_id = $2 and kind = $3
	returning kind
) };

static struct reply *
lift(struct request *rq, const char *kind)
{
	const struct pardon *in = rq->input;
	struct rows *lifted = db_query(rq->db, &lift_sanction, p_text(in->chatroom_id), p_text(in->user_id), p_text(kind));

	if (rows_count(lifted) == 0 && !scope_failed(&rq->scope))
		return problem(rq, 404, "not_found", "There is nothing to lift.");
	return reply_message(rq, "Lifted");
}

static struct reply *
unmute(struct request *rq)
{
	return lift(rq, "mute");
}

static struct reply *
unban(struct request *rq)
{
	return lift(rq, "ban");
}

struct room_ref {
	const char	*chatroom_id;
};

static const struct field room_ref_fields[] = {
	ID_FIELD(FROM_PATH, room_ref, chatroom_id, .required = true),
	{ 0 }
};

static const struct page_key sanction_order[] = {
	{ "user_id", ID, "00000000-0000-0000-0000-000000000000" },
	{ "kind", TEXT, "" },
	{ 0 }
};

static const struct read list_sanctions = {
	.statement = { SQL(
		select user_id, name_of(user_id) as username, kind, ends_at as until, reason, moderator_id, created_at
		  from sanction
		 where chatroom_id = $1 and ends_at > now() and (user_id, kind) > ($2, $3)
		 order by user_id, kind
		 limit $4
	) },
	.shape = PAGE,
	.keys = sanction_order,
};

/* --- slow mode --- */

struct pace {
	const char	*chatroom_id;
	int64_t		 seconds;
};

static const struct field pace_fields[] = {
	ID_FIELD (FROM_PATH, pace, chatroom_id, .required = true),
	INT_FIELD(FROM_BODY, pace, seconds, .required = true, .min = 0, .max = 3600),
	{ 0 }
};

static const struct statement set_pace = { SQL(
	with slowed as (
		update room
		   set slow_s = $2
		 where chatroom_id = $1
		returning chatroom_id, slow_s
	)
	select chatroom_id, slow_s as slow_mode_s,
	       tell_room(chatroom_id, jsonb_build_object('type', 'slow_mode', 'seconds', slow_s)) is null as "_told"
	  from slowed
) };

static struct reply *
set_slow_mode(struct request *rq)
{
	const struct pace *in = rq->input;

	db_announce(rq->db);
	return reply_row(rq, &set_pace, db_query(rq->db, &set_pace, p_text(in->chatroom_id), p_int(in->seconds)), NO_ROOM);
}

/* --- the table --- */

#define SANCTION	"chatroom_id:id user_id:id kind until:time? reason"

const struct route moderation_routes[] = {
	{ PUT, "/api/sports/chatrooms/{chatroom_id}/mutes/{user_id}", mute, INPUT(sanction),
	  .roles = ROLE_ADMIN, .envelope = STATUS_DATA, .answer = SANCTION,
	  .summary = "Silence somebody in a chatroom, until a time or for good" },
	{ DELETE, "/api/sports/chatrooms/{chatroom_id}/mutes/{user_id}", unmute, INPUT(pardon),
	  .roles = ROLE_ADMIN, .envelope = STATUS, .answer = "message", .summary = "Let somebody speak again" },
	{ PUT, "/api/sports/chatrooms/{chatroom_id}/bans/{user_id}", ban, INPUT(sanction),
	  .roles = ROLE_ADMIN, .envelope = STATUS_DATA, .answer = SANCTION,
	  .summary = "Put somebody out of a chatroom, until a time or for good" },
	{ DELETE, "/api/sports/chatrooms/{chatroom_id}/bans/{user_id}", unban, INPUT(pardon),
	  .roles = ROLE_ADMIN, .envelope = STATUS, .answer = "message", .summary = "Let somebody come again" },
	{ GET, "/api/sports/chatrooms/{chatroom_id}/sanctions", INPUT(room_ref), .read = &list_sanctions,
	  .roles = ROLE_ADMIN, .envelope = STATUS_DATA,
	  .answer = "user_id:id username kind until:time? reason moderator_id:id created_at:time",
	  .summary = "Who is silenced or kept out of a chatroom" },
	{ PUT, "/api/sports/chatrooms/{chatroom_id}/slow-mode", set_slow_mode, INPUT(pace),
	  .roles = ROLE_ADMIN, .envelope = STATUS_DATA, .answer = "chatroom_id:id slow_mode_s:int",
	  .summary = "Seconds that everyone waits between two messages of his; 0: none" },
	{ 0 }
};

/* Presence: how many are in each room, counted from what the gateway keeps on the bus. */
#include <inttypes.h>

#include "base/clock.h"
#include "chat.h"
#include "events/bus.h"

static const struct statement list_open = { SQL(
	select r.chatroom_id, coalesce(p.active_users, 0) as active_users
	  from room r
	  left join room_presence p on p.chatroom_id = r.chatroom_id
	 where r.closed_at is null
	 order by r.chatroom_id
) };

/* A room that closed meanwhile is no matter; one that is gone was deleted with it. */
static const struct statement set_presence = { SQL(
	insert into room_presence (chatroom_id, active_users)
	values ($1, $2)
	on conflict (chatroom_id) do update set active_users = excluded.active_users
) };

/* All in one round trip; a gateway that died leaves members whose time has passed. */
static void
ask_all(struct bus_batch *batch, const char *const *ids, int count)
{
	for (batch->owed = 0; batch->owed < count; batch->owed++)
		redisAppendCommand(batch->connection, "ZCOUNT presence:room:%s %" PRId64 " +inf", ids[batch->owed],
		    clock_unix_us() / 1000000);
}

static void
count_answers(struct bus_batch *batch, int64_t *counts)
{
	for (redisReply *reply; (reply = bus_reply(batch)) != NULL; counts++) {
		*counts = reply->type == REDIS_REPLY_INTEGER ? reply->integer : 0;
		freeReplyObject(reply);
	}
}

/* Only what changed is written. */
void
presence_count(const struct app_state *state, struct db *db, struct scope *scope)
{
	struct rows *rooms = db_query(db, &list_open);
	int count = rows_count(rooms);
	const char **ids = scope_alloc(scope, (size_t)(count + 1) * sizeof(*ids));
	int64_t *counts = scope_alloc(scope, (size_t)(count + 1) * sizeof(*counts));
	struct bus_batch batch;

	for (int row = 0; row < count; row++)
		ids[row] = row_text(rooms, row, "chatroom_id");
	if (count > 0 && state->bus != NULL && bus_begin(&batch, state->bus)) {
		ask_all(&batch, ids, count);
		count_answers(&batch, counts);
		bus_end(&batch);
	}
	for (int row = 0; row < count; row++)
		if (counts[row] != row_integer(rooms, row, "active_users"))
			db_query(db, &set_presence, p_text(ids[row]), p_int(counts[row]));
}

/* Sources: what other domains tell chat of; sports makes rooms, users names people. */
#include <string.h>

#include "chat.h"

/* --- rooms --- */

static const struct statement open_sports_room = { SQL(
	insert into room (category_id, name, description, version)
	select (data ->> 'category_id')::uuid, data ->> 'name', 'Everything about ' || (data ->> 'name') || '.', $2::bigint
	  from (select $1::jsonb as data) event
	on conflict (category_id) where game_id is null
	   do update set name = excluded.name, description = excluded.description, version = excluded.version
	 where room.version < excluded.version
) };

/* Each time it is told, so that a room is missed for long by nobody whose first event failed. */
static const struct statement open_games_room = { SQL(
	insert into room (category_id, game_id, name, description, version)
	select $1, $2, $3::text || ' - ' || $4,
	       coalesce((select name || ', ' from room where category_id = $1 and game_id is null), '') || 'while the game is on.', $5
	on conflict (game_id) where game_id is not null
	   do update set name = excluded.name, version = excluded.version, told_at = now(), closed_at = null
	 where room.version < excluded.version
) };

static const struct statement close_games_room = { SQL(
	with closed as (
		update room
		   set closed_at = coalesce(closed_at, now()), version = $2, told_at = now()
		 where game_id = $1 and version < $2
		returning chatroom_id, closed_at = now() as is_new
	)
	select tell_room(chatroom_id, '{"type":"closed"}') from closed where is_new
) };

/* A room of a game is open as long as the game is live; members of one that closed read on. */
static void
take_game(const struct app_state *state, struct db *db, struct scope *scope, const struct taken_event *event)
{
	const char *category_id, *game_id, *team_1, *team_2, *game_state;

	(void)state;
	if (json_unpack((json_t *)event->data, "{s:s, s:s, s:s, s:{s:s}, s:{s:s}}", "game_id", &game_id, "category_id",
	    &category_id, "state", &game_state, "team_1", "name", &team_1, "team_2", "name", &team_2) != 0)
		scope_fail(scope, 422, "bad_event", "it lacks game_id, category_id, state or a team's name");
	else if (strcmp(game_state, "live") == 0)
		db_query(db, &open_games_room, p_text(category_id), p_text(game_id), p_text(team_1), p_text(team_2),
		    p_int(event->version));
	else
		db_query(db, &close_games_room, p_text(game_id), p_int(event->version));
}

/* A game that nobody tells of any more, as when its feed died, is over; longer than any game has a pause. */
const struct statement room_close_silent = { SQL(
	with closed as (
		update room
		   set closed_at = now()
		 where closed_at is null and game_id is not null and told_at < now() - interval '12 hours'
		returning chatroom_id
	)
	select tell_room(chatroom_id, '{"type":"closed"}') from closed
) };

const struct event_handler source_handlers[] = {
	{ "sports.category_added", &open_sports_room },
	{ "sports.game_changed", .take = take_game },
	{ "users.registered", &person_named },
	{ "users.profile_changed", &person_named },
	{ NULL }
};

/* Sources: events of other domains that somebody wants to hear of. Each is one statement of its data. */
#include "notifications.h"

#define GAME_MS	50000	/* two seconds for 20,000 followers; less than a step of the jobs may take */

/* --- what people want --- */

static const struct statement set_preference = { SQL(
	insert into preference as old (user_id, enabled, types, version)
	select (data ->> 'user_id')::uuid, (data ->> 'enabled')::boolean,
	       array(select jsonb_array_elements_text(data -> 'types')), $2::bigint
	  from (select $1::jsonb as data) event
	on conflict (user_id) do update
	   set enabled = excluded.enabled, types = excluded.types, version = excluded.version
	 where old.version < excluded.version
) };

static const struct statement set_follow = { SQL(
	insert into follow as old (user_id, target_kind, target_id, name, is_on, version)
	select (data ->> 'user_id')::uuid, data ->> 'target_kind', (data ->> 'target_id')::uuid,
	       coalesce(data ->> 'name', ''), true, $2::bigint
	  from (select $1::jsonb as data) event
	on conflict (user_id, target_kind, target_id) do update
	   set name = excluded.name, is_on = true, version = excluded.version
	 where old.version < excluded.version
) };

static const struct statement end_follow = { SQL(
	insert into follow as old (user_id, target_kind, target_id, is_on, version)
	select (data ->> 'user_id')::uuid, data ->> 'target_kind', (data ->> 'target_id')::uuid, false, $2::bigint
	  from (select $1::jsonb as data) event
	on conflict (user_id, target_kind, target_id) do update
	   set is_on = false, version = excluded.version
	 where old.version < excluded.version
) };

/* --- what happened --- */

static const struct statement tell_new_device = { SQL(
	select notify_people(array[(data ->> 'user_id')::uuid], 'security',
	       'New log-in: ' || concat_ws(', ', data ->> 'device', coalesce(data ->> 'place', data ->> 'network')),
	       jsonb_build_object('session_id', data ->> 'session_id'), 'device:' || (data ->> 'session_id'))
	  from (select $1::jsonb as data, $2::bigint) event
) };

/* Not when it comes too late to be of use. */
static const struct statement tell_order_placed = { SQL(
	select notify_people(array[(data ->> 'user_id')::uuid], 'payment',
	       format('Order %s (%s x %s) waits for payment until %s', data ->> 'order_id', data ->> 'quantity',
	              data ->> 'event_name', say_time((data ->> 'expires_at')::timestamptz)),
	       jsonb_build_object('order_id', data ->> 'order_id', 'event_id', data ->> 'event_id'),
	       'order placed:' || (data ->> 'order_id'))
	  from (select $1::jsonb as data, $2::bigint) event
	 where (data ->> 'expires_at')::timestamptz > now()
) };

static const struct statement tell_order_expired = { SQL(
	select notify_people(array[(data ->> 'user_id')::uuid], 'order',
	       format('Order %s (%s x %s) was not paid in time; its seats are free again', data ->> 'order_id',
	              data ->> 'quantity', data ->> 'event_name'),
	       jsonb_build_object('order_id', data ->> 'order_id', 'event_id', data ->> 'event_id'),
	       'order expired:' || (data ->> 'order_id'))
	  from (select $1::jsonb as data, $2::bigint) event
) };

static const struct statement tell_message = { SQL(
	select tell_message($1::jsonb), $2::bigint as version
) };

static const struct statement tell_game = { SQL(
	select tell_game($1::jsonb), $2::bigint as version
) };

/* A statement that was given up would be tried for ever, and hold up all that comes behind it. */
static void
take_game(const struct app_state *state, struct db *db, struct scope *scope, const struct taken_event *event)
{
	(void)state;
	db_take_time(db, GAME_MS);
	event_query(db, scope, event, &tell_game);
}

const struct event_handler source_handlers[] = {
	{ "users.preferences_changed", &set_preference },
	{ "users.new_device", &tell_new_device },
	{ "tickets.order_placed", &tell_order_placed },
	{ "tickets.order_expired", &tell_order_expired },
	{ "sports.followed", &set_follow },
	{ "sports.unfollowed", &end_follow },
	{ "sports.game_changed", .take = take_game },
	{ "chat.direct_message_sent", &tell_message },
	{ NULL }
};

/* An event and what supersedes it come within minutes. */
const struct statement source_forget_old = { SQL(
	delete from taken_back where created_at < now() - interval '2 days'
) };

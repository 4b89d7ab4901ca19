-- Rooms, who is in them, and who is kept out.

create table room (
	chatroom_id	uuid		primary key default platform.uuid_v7(),
	category_id	uuid		not null,
	-- Null: the sport's own room, which stays.
	game_id		uuid,
	name		text		not null,
	description	text		not null,
	-- Of the category or the game as it was last told.
	version		bigint		not null,
	told_at		timestamptz	not null default now(),
	closed_at	timestamptz,
	slow_s		integer		not null default 0
			constraint room_slow_counts check (slow_s between 0 and 3600),
	last_position	bigint		not null default 0,
	created_at	timestamptz	not null default now(),
	constraint room_of_sport_stays check (game_id is not null or closed_at is null)
);
create unique index room_category on room (category_id) where game_id is null;
create unique index room_game on room (game_id) where game_id is not null;
create index room_open on room (chatroom_id) where closed_at is null;

-- How many are there now, beside the room: that row is locked for every message.
create table room_presence (
	chatroom_id	uuid		primary key references room on delete cascade,
	active_users	integer		not null
);

-- One who left stays a row: coming back does not end the wait of slow mode.
create table member (
	chatroom_id	uuid		not null references room on delete cascade,
	user_id		uuid		not null,
	joined_at	timestamptz	not null default now(),
	left_at		timestamptz,
	last_sent_at	timestamptz,
	primary key (chatroom_id, user_id)
);
create index member_user on member (user_id);
create index member_present on member (chatroom_id, joined_at) where left_at is null;

create table sanction (
	chatroom_id	uuid		not null references room on delete cascade,
	user_id		uuid		not null,
	kind		text		not null
			constraint sanction_kind_known check (kind in ('mute', 'ban')),
	-- Infinity: until it is lifted.
	ends_at		timestamptz	not null default 'infinity',
	reason		text		not null default ''
			constraint sanction_reason_length check (char_length(reason) <= 500),
	moderator_id	uuid		not null,
	created_at	timestamptz	not null default now(),
	primary key (chatroom_id, user_id, kind)
);
create index sanction_user on sanction (user_id);

-- 'member', 'banned' or 'not_a_member'; null: there is no such room.
create function standing(chatroom uuid, person uuid)
returns text
language sql
stable
set search_path from current
as $$
	select case
	       when exists (
	            select
	              from sanction s
	             where s.chatroom_id = r.chatroom_id and s.user_id = $2 and kind = 'ban' and ends_at > now())
	       then 'banned'
	       when exists (
	            select
	              from member m
	             where m.chatroom_id = r.chatroom_id and m.user_id = $2 and left_at is null)
	       then 'member'
	       else 'not_a_member'
	       end
	  from room r
	 where r.chatroom_id = $1
$$;

-- True, or a constraint is said to be broken. In a where, as it reads no column, it is asked once and before all else.
create function may_read_room(chatroom uuid, person uuid, is_admin boolean)
returns boolean
language plpgsql
stable
set search_path from current
as $$
declare
	found_standing text := standing(chatroom, person);
begin
	if found_standing is null then
		raise exception using errcode = 'check_violation', message = 'no such room', constraint = 'room_is_there';
	elsif found_standing <> 'member' and not is_admin then
		raise exception using errcode = 'check_violation', message = 'not a member', constraint = 'room_members_only';
	end if;
	return true;
end
$$;

-- The frame that takes someone out of a channel leaves with what keeps him out.
create function kick(chatroom uuid, person uuid, reason text)
returns void
language sql
set search_path from current
as $$
	insert into outbox (channel, data)
	values ('control',
	       jsonb_build_object('kick', jsonb_build_object('channel', 'room:' || $1, 'user_id', $2, 'reason', $3)))
$$;

create function tell_room(chatroom uuid, message jsonb)
returns void
language sql
set search_path from current
as $$
	insert into outbox (channel, data) values ('room:' || $1, $2)
$$;

-- As frames print a time.
create function rfc3339(moment timestamptz)
returns text
language sql
stable
as $$
	select to_char($1 at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
$$;

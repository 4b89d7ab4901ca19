-- Who follows a team, a game, a competition or a sport. Others keep what they need of it by the events.

-- Its version rises with each change of what somebody follows.
create table follower (
	user_id		uuid		primary key,
	version		bigint		not null default 0
);

create table follow (
	follow_id	uuid		primary key default platform.uuid_v7(),
	user_id		uuid		not null,
	target_kind	text		not null
			constraint follow_kind_known check (target_kind in ('team', 'game', 'competition', 'sport')),
	target_id	uuid		not null,
	created_at	timestamptz	not null default now()
);
create unique index follow_once on follow (user_id, target_kind, target_id);
create unique index follow_order on follow (user_id, follow_id);

-- What it is called; null when there is no such thing.
create function target_name(kind text, id uuid)
returns text
language sql
stable
return case kind
	when 'team' then (select name from team where team_id = id)
	when 'competition' then (select name from competition where competition_id = id)
	when 'sport' then (select name from category where category_id = id)
	when 'game' then (
		select one.name || ' - ' || two.name
		  from game g
		  join team one on one.team_id = g.team_1
		  join team two on two.team_id = g.team_2
		 where g.game_id = id)
end;

-- Takes turns with what else this person follows just now.
create function change_follow(person uuid, kind text, id uuid, follows boolean, most integer)
returns table (outcome text, name text, version bigint, followed_at timestamptz)
language plpgsql
set search_path from current
as $$
#variable_conflict use_column
declare
	called text := target_name(kind, id);
	old follow;
begin
	insert into follower (user_id) values (person) on conflict do nothing;
	perform from follower where user_id = person for no key update;
	select * into old from follow f where f.user_id = person and f.target_kind = kind and f.target_id = id;
	if follows and called is null then
		return query select 'unknown', null::text, null::bigint, null::timestamptz;
	elsif follows = (old.user_id is not null) then
		return query select 'same', called, null::bigint, old.created_at;
	elsif follows and (select count(*) >= most from follow f where f.user_id = person) then
		return query select 'too_many', called, null::bigint, null::timestamptz;
	else
		if follows then
			insert into follow (user_id, target_kind, target_id) values (person, kind, id);
		else
			delete from follow f where f.follow_id = old.follow_id;
		end if;
		return query
		update follower f
		   set version = f.version + 1
		 where f.user_id = person
		returning 'changed', called, f.version, now();
	end if;
end
$$;

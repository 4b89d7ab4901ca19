-- Who follows what in sports, as sports says; and what is told of a game.

-- What is no longer followed stays, so that an older event that comes late is known to be older.
create table follow (
	user_id		uuid		not null,
	target_kind	text		not null
			constraint follow_target_kind_known check (target_kind in ('team', 'game', 'competition', 'sport')),
	target_id	uuid		not null,
	name		text		not null default '',
	is_on		boolean		not null,
	version		bigint		not null,
	primary key (user_id, target_kind, target_id)
);
create index follow_target on follow (target_kind, target_id) where is_on;

-- Goals that were taken back before we heard of them.
create table taken_back (
	game_id		uuid		not null,
	provider_event_id text		not null,
	created_at	timestamptz	not null default now(),
	primary key (game_id, provider_event_id)
);
create index taken_back_created_at on taken_back (created_at);

create function followers_of(game jsonb)
returns uuid[]
language sql
stable
set search_path from current
as $$
	select array_agg(distinct f.user_id)
	  from (values
		('game', game ->> 'game_id'),
		('team', game #>> '{team_1,id}'),
		('team', game #>> '{team_2,id}'),
		('competition', game ->> 'competition_id'),
		('sport', game ->> 'category_id')) target (kind, id)
	  join follow f on f.target_kind = target.kind and f.target_id = target.id::uuid and f.is_on
$$;

create function score_of(game jsonb)
returns text
language sql
immutable
as $$
	select format('%s %s : %s %s', game #>> '{team_1,name}', game ->> 'score_1', game ->> 'score_2', game #>> '{team_2,name}')
$$;

-- An own goal counts for the others.
create function goal_sentence(game jsonb, goal jsonb)
returns text
language sql
immutable
set search_path from current
as $$
	select concat(
		'Goal', ' for ' || (game #>> array[case
			when (goal ->> 'team' = '1') = (goal ->> 'type' <> 'own_goal') then 'team_1'
			when goal ->> 'team' is not null then 'team_2' end, 'name']),
		' (' || nullif(concat_ws(', ',
			goal ->> 'player',
			case goal ->> 'type' when 'own_goal' then 'own goal' when 'penalty_goal' then 'penalty' end,
			goal ->> 'clock' || chr(39)), '') || ')',
		': ', score_of(game))
$$;

-- Who was told of a goal, of these people.
create function told_of(people uuid[], goal text)
returns uuid[]
language sql
stable
set search_path from current
as $$
	select array(
		select user_id from notification where dedupe = goal
		intersect
		select unnest(people))
$$;

-- Kick-off, goals, their corrections, and the end, to all who follow. What they were told of before is not told again.
create function tell_game(game jsonb)
returns void
language plpgsql
set search_path from current
as $$
declare
	id text := game ->> 'game_id';
	about text := 'score_update';
	people uuid[] := followers_of(game);
	ids jsonb := jsonb_build_object('game_id', id);
	event jsonb;
	once text;
	is_goal boolean;
begin
	insert into taken_back (game_id, provider_event_id)
	select distinct id::uuid, e ->> 'supersedes'
	  from jsonb_array_elements(game -> 'events') e
	 where e ->> 'supersedes' is not null
	on conflict do nothing;

	if people is null then
		return;
	end if;
	if game ->> 'state' = 'live' and game ->> 'state_before' is distinct from 'live' then
		perform notify_people(people, about,
			format('%s - %s has begun', game #>> '{team_1,name}', game #>> '{team_2,name}'), ids, 'begin:' || id);
	end if;
	for event in select e from jsonb_array_elements(game -> 'events') e order by (e ->> 'seq')::integer loop
		is_goal := event ->> 'type' in ('goal', 'penalty_goal', 'own_goal');
		once := format('goal:%s:%s', id, event ->> 'provider_event_id');
		continue when exists (
			select from taken_back t where t.game_id = id::uuid and t.provider_event_id = event ->> 'provider_event_id');
		if event ->> 'supersedes' is not null then
			perform notify_people(told_of(people, format('goal:%s:%s', id, event ->> 'supersedes')), about,
				'Correction: ' || case when is_goal then goal_sentence(game, event) else score_of(game) end, ids, once);
		end if;
		if is_goal then
			perform notify_people(people, about, goal_sentence(game, event), ids, once);
		end if;
	end loop;
	if game ->> 'state' = 'ended' and game ->> 'state_before' is distinct from 'ended' then
		perform notify_people(people, about, concat('Full time: ', score_of(game),
			' (' || (game ->> 'shootout_1') || ' : ' || (game ->> 'shootout_2') || ' on penalties)'), ids, 'end:' || id);
	end if;
end
$$;

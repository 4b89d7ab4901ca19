-- What providers tell of games. A provider's batch is one call of take_feed(),
-- which judges each event by itself and keeps what it can.
--
-- A game's row is locked before anything in it changes, several in the order of
-- their ids, so that two providers take turns and never wait in a circle.

-- A provider's name is that service's which used it first.
create table provider (
	name		text		primary key
			constraint provider_name_length check (char_length(name) between 1 and 64),
	owner		uuid		not null,
	created_at	timestamptz	not null default now()
);

-- Null is everybody's: an administrator.
create function owns_provider(caller uuid, wanted text)
returns boolean
language plpgsql
set search_path from current
as $$
begin
	if caller is null or exists (select from provider where name = wanted and owner = caller) then
		return true;
	end if;
	insert into provider (name, owner) values (wanted, caller) on conflict do nothing;
	return exists (select from provider where name = wanted and owner = caller);
end
$$;

-- Makes a provider's game known: as one of ours, or a new one.
create function meet_game(told_by text, told_game_id text, told jsonb)
returns void
language plpgsql
set search_path from current
as $$
declare
	start timestamptz := told ->> 'start_time';
	played date := (start at time zone 'UTC')::date;
	category uuid := category_for(btrim(told ->> 'sport_category'));
	competition uuid := competition_for(category, btrim(told ->> 'competition'));
	home uuid := team_for(category, btrim(told ->> 'team_1'), played);
	away uuid := team_for(category, btrim(told ->> 'team_2'), played);
	ours uuid := find_game(told_by, competition, home, away, start);
begin
	if home = away then
		return;
	end if;
	if ours is null then
		insert into game (season_id, team_1, team_2, venue_id, day, starts_at, detail, provider)
		values (season_for(competition, played), home, away,
		        case when btrim(told ->> 'venue') <> '' then venue_for(btrim(told ->> 'venue')) end,
		        played, start, 'full', told_by)
		returning game_id into ours;
	end if;
	insert into game_source (provider, provider_game_id, game_id) values (told_by, told_game_id, ours);
end
$$;

create function can_be_met(told jsonb)
returns boolean
language sql
immutable
as $$
	select '' not in (
		btrim(coalesce(told ->> 'sport_category', '')), btrim(coalesce(told ->> 'competition', '')),
		btrim(coalesce(told ->> 'team_1', '')), btrim(coalesce(told ->> 'team_2', '')),
		coalesce(told ->> 'start_time', ''))
	   and lower(btrim(told ->> 'team_1')) <> lower(btrim(told ->> 'team_2'))
$$;

-- One at a time, for two providers may meet the same game; and before any game is locked.
create function meet_games(told_by text, events jsonb)
returns void
language plpgsql
set search_path from current
as $$
declare
	fresh record;
begin
	for fresh in
		select distinct on (told ->> 'provider_game_id') told ->> 'provider_game_id' as id, told -> 'game' as game
		  from jsonb_array_elements(events) with ordinality told_in_order (told, place)
		 where told ->> 'provider_game_id' is not null and can_be_met(told -> 'game')
		   and not exists (
			select
			  from game_source known
			 where known.provider = told_by and known.provider_game_id = told ->> 'provider_game_id'
			offset 0)
		 order by told ->> 'provider_game_id', place
	loop
		perform pg_advisory_xact_lock(hashtextextended('sports.meet_games', 0));
		if not exists (select from game_source where provider = told_by and provider_game_id = fresh.id) then
			perform meet_game(told_by, fresh.id, fresh.game);
		end if;
	end loop;
end
$$;

-- The first provider of a game is its source. It gives way when it falls silent while the game is on,
-- or when it never told more than that the game will be, as a list of fixtures does.
create function take_over(told_by text, games uuid[], silence interval)
returns uuid[]
language plpgsql
set search_path from current
as $$
declare
	taken uuid[];
begin
	with took as (
		update game
		   set provider = told_by, detail = 'full', shootout_1 = null, shootout_2 = null
		 where game_id = any (games) and provider <> told_by
		   and (state in ('scheduled', 'live', 'abandoned') and provider_seen_at < now() - silence
		     or state in ('scheduled', 'postponed') and not exists (
			select
			  from match_event e
			 where e.game_id = game.game_id and e.provider is not distinct from game.provider))
		returning game_id
	)
	select coalesce(array_agg(game_id), '{}') into taken from took;
	if taken <> '{}' then
		perform count_goals(taken);
	end if;
	return taken;
end
$$;

-- What a provider's game is now, by all that is known to have happened and in the order of its happening.
-- A goal that comes before the kick-off has begun the game; nothing but the end's correction reopens one that
-- ended. One that was abandoned because nobody told of it goes on when somebody does.
create function course_of(wanted uuid, was text)
returns table (state text, period text, clock text)
language plpgsql
stable
set search_path from current
as $$
#variable_conflict use_column
begin
	return query
	with known as (
		select e.seq, e.type, e.clock, e.text, e.occurred_at
		  from current_event e
		 where e.game_id = wanted
	), course as (
		select coalesce(bool_or(type = 'full_time'), false) as over,
		       coalesce(bool_or(type = 'abandoned'), false) as broken_off,
		       coalesce(bool_or(type in ('kick_off', 'period_start', 'period_end', 'card_yellow', 'card_red', 'substitution')
		                        or is_goal(type) or is_kick(type)), false) as begun,
		       (array_agg(case
				when is_kick(type) then 'Penalties'
				when char_length(text) <= 40 then text
				when type = 'full_time' then 'Full time'
				when type = 'period_end' then 'Break'
				else 'In play' end
			order by (type = 'full_time') desc, occurred_at desc nulls last, seq desc)
			filter (where type in ('kick_off', 'period_start', 'period_end', 'full_time') or is_kick(type)))[1] as period,
		       (array_agg(clock order by occurred_at desc nulls last, seq desc)
			filter (where clock is not null))[1] as clock
		  from known
	)
	select case
		when was = 'cancelled' then was
		when over then 'ended'
		when broken_off then 'abandoned'
		when was = 'ended' and exists (
			select
			  from match_event e
			  join game g on g.game_id = e.game_id and g.provider is not distinct from e.provider
			 where e.game_id = wanted and e.type = 'full_time') then 'live'
		when was in ('scheduled', 'postponed', 'abandoned') and begun then 'live'
		else was end,
	       period, clock
	  from course;
end
$$;

-- Keeps what a provider told, and says of each event what became of it.
create function take_events(told_by text, events jsonb, games uuid[])
returns table (provider_event_id text, outcome text, reason text)
language plpgsql
set search_path from current
as $$
#variable_conflict use_column
begin
	return query
	with playing as materialized (
		select game_id, state, last_seq, names_of(team_1) as names_1, names_of(team_2) as names_2
		  from game
		 where game_id = any (games)
	), told as (
		select e.place, t.*, playing.game_id, playing.state, playing.last_seq,
		       case
			when lower(btrim(t.team)) = any (playing.names_1) then 1
			when lower(btrim(t.team)) = any (playing.names_2) then 2 end::smallint as side
		  from jsonb_array_elements(events) with ordinality e (event, place)
		 cross join lateral jsonb_to_record(e.event) t (
			provider_event_id text, provider_game_id text, type text, occurred_at timestamptz, clock text,
			team text, player text, text text, supersedes text, game jsonb)
		  left join lateral (
			select s.game_id
			  from game_source s
			 where s.provider = told_by and s.provider_game_id = t.provider_game_id
			offset 0) source on true
		  left join playing on playing.game_id = source.game_id
	), compared as (
		select told.*, old.seq is not null as known,
		       row(told.game_id, told.type, told.clock, told.occurred_at, told.side, told.player, told.text,
		           told.supersedes)::text as content,
		       row(old.game_id, old.type, old.clock, old.occurred_at, old.team, old.player, old.text,
		           old.supersedes)::text as old_content
		  from told
		  left join lateral (
			select e.seq, e.game_id, e.type, e.clock, e.occurred_at, e.team, e.player, e.text, e.supersedes
			  from match_event e
			 where e.provider = told_by and e.provider_event_id = told.provider_event_id
			offset 0) old on true
	), judged as (
		select compared.*, case
			when known and content = old_content then null
			when known then 'It was told before with other content.'
			when provider_game_id is null then 'provider_game_id is missing.'
			when type is null then 'type is missing.'
			when type !~ '^[a-z][a-z0-9_]{0,39}$' then 'type must be a word of a-z, 0-9 and _.'
			when occurred_at is null then 'occurred_at is missing.'
			when game_id is null and can_be_met(game) then 'team_1 and team_2 of game are the same team.'
			when game_id is null and game is not null
			then 'game needs sport_category, competition, two teams and start_time.'
			when game_id is null then 'The game is not known; its first mention carries game.'
			when state = 'cancelled' then 'The game is cancelled.'
			when team is not null and side is null then 'The team does not play in this game.'
			when is_goal(type) and side is null then 'A goal needs team.'
			when is_kick(type) and side is null then 'A kick needs team.'
			when type = 'correction' and supersedes is null then 'A correction needs supersedes.'
			when supersedes = provider_event_id then 'It supersedes itself.'
			when exists (
				select
				  from match_event target
				 where target.provider = told_by and target.provider_event_id = compared.supersedes
				   and target.game_id <> compared.game_id) then 'It supersedes an event of another game.'
			end as fault
		  from compared
	), ranked as (
		select judged.*, row_number() over same as turn, first_value(content) over same as first_content
		  from judged
		window same as (partition by provider_event_id, fault is null order by place)
	), decided as (
		select ranked.*, case
			when fault is not null or (turn > 1 and content <> first_content) then 'refused'
			when known or turn > 1 then 'repeated'
			else 'accepted' end as outcome
		  from ranked
	), added as (
		insert into match_event (game_id, seq, provider, provider_event_id, type, clock, minute, stoppage,
		                         occurred_at, team, player, text, supersedes)
		select game_id, last_seq + row_number() over (partition by game_id order by place), told_by,
		       provider_event_id, type, clock, (at.number)[1]::integer, (at.number)[2]::integer,
		       occurred_at, side, player, text, supersedes
		  from decided
		 cross join lateral (select regexp_match(clock, '^(\d{1,4})(?:\+(\d{1,3}))?''?$') as number) at
		 where outcome = 'accepted'
	)
	select provider_event_id, outcome,
	       case when outcome = 'refused' then coalesce(fault, 'It was told before with other content.') end
	  from decided
	 order by place;
end
$$;

-- Games whose channel is to be told something: a row is locked by who writes and by who tells, so nothing is
-- committed between what a frame says and what is noted here as said.
create table game_push (
	game_id		uuid		primary key references game,
	-- When the next frame leaves; null: nothing new.
	due_at		timestamptz	default now(),
	-- Up to which event of which provider the last frame went, and when it left.
	pushed_seq	integer		not null default 0,
	provider	text,
	pushed_at	timestamptz
);
create index game_push_due on game_push (due_at) where due_at is not null;

-- Five frames a second.
create function next_push(pushed_at timestamptz)
returns timestamptz
language sql
stable
return greatest(now(), coalesce(pushed_at + interval '200 milliseconds', now()));

-- Who plays, and in what.
create view game_setting as
select g.game_id,
       jsonb_build_object('team_1', jsonb_build_object('id', one.team_id, 'name', one.name),
		'team_2', jsonb_build_object('id', two.team_id, 'name', two.name),
		'competition_id', c.competition_id, 'category_id', c.category_id) as facts
  from game g
  join season s on s.season_id = g.season_id
  join competition c on c.competition_id = s.competition_id
  join team one on one.team_id = g.team_1
  join team two on two.team_id = g.team_2;

-- Brings games up to what was told of them, and tells the other domains. Written here and not by the
-- caller: it is a row a game, of what this transaction alone knows, and costs no round trip.
create function note_changes(told_by text, games uuid[], taken uuid[], trace text)
returns void
language plpgsql
set search_path from current
as $$
#variable_conflict use_column
begin
	-- What another than the source tells is kept for the day when it takes over.
	update game
	   set last_seq = newest.seq
	  from (select game_id, max(seq) as seq from match_event where game_id = any (games) group by game_id) newest
	 where game.game_id = newest.game_id and game.provider <> told_by and game.last_seq < newest.seq;

	with fresh as (
		select g.game_id, g.state as was, coalesce(max(e.seq), g.last_seq) as seq,
		       count(e.seq) > 0 or g.game_id = any (taken) as changed,
		       coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
				'seq', e.seq, 'provider_event_id', e.provider_event_id, 'type', e.type, 'clock', e.clock,
				'minute', e.minute, 'stoppage', e.stoppage,
				'occurred_at', to_char(e.occurred_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
				'team', e.team, 'player', e.player, 'text', e.text, 'supersedes', e.supersedes)) order by e.seq)
			filter (where e.seq is not null), '[]') as events
		  from game g
		  left join match_event e on e.game_id = g.game_id and e.seq > g.last_seq
		 where g.game_id = any (games) and g.provider = told_by
		 group by g.game_id
	), changed as (
		update game
		   set state = case when fresh.changed then course.state else game.state end, period = coalesce(course.period, game.period),
		       clock = coalesce(course.clock, game.clock), last_seq = fresh.seq,
		       provider_seen_at = greatest(provider_seen_at, now()),
		       version = game.version + fresh.changed::integer,
		       updated_at = case when fresh.changed then now() else game.updated_at end
		  from fresh
		 cross join lateral course_of(fresh.game_id, fresh.was) course
		 where game.game_id = fresh.game_id
		returning game.game_id, game.version, game.score_1, game.score_2, game.shootout_1, game.shootout_2,
		          game.state, fresh.was, game.period, game.clock, game.last_seq, fresh.changed, fresh.events
	), due as (
		insert into game_push (game_id)
		select game_id from changed where changed order by game_id
		on conflict (game_id) do update set due_at = next_push(game_push.pushed_at) where game_push.due_at is null
	)
	insert into outbox (type, aggregate_id, version, data, traceparent)
	select 'sports.game_changed', game_id, version,
	       setting.facts || jsonb_build_object('game_id', game_id, 'score_1', score_1, 'score_2', score_2,
			'shootout_1', shootout_1, 'shootout_2', shootout_2, 'state', state, 'state_before', was,
			'period', period, 'clock', clock, 'seq', last_seq, 'events', events),
	       nullif(trace, '')
	  from changed
	  join game_setting setting using (game_id)
	 where changed;
end
$$;

-- A batch of a provider, of which each event is answered by a row; none when the provider's name is another's.
-- The same id told at once of two games is a race that the unique index decides;
-- the loser runs again and then sees what the winner kept.
--
-- Each of its statements looks up a few rows in tables that grow: its plans, which are kept, must not
-- be those that suited the tables while they were small. "offset 0" makes it one look-up for each row.
create function take_feed(caller uuid, told_by text, events jsonb, silence interval, trace text)
returns table (provider_event_id text, outcome text, reason text)
language plpgsql
set search_path from current
set enable_seqscan = off
set enable_bitmapscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set plan_cache_mode = force_generic_plan
as $$
declare
	games uuid[];
	taken uuid[];
begin
	if not owns_provider(caller, told_by) then
		return;
	end if;
	perform meet_games(told_by, events);
	select coalesce(array_agg(distinct s.game_id), '{}') into games
	  from game_source s
	 where s.provider = told_by
	   and s.provider_game_id = any (array(
		select told ->> 'provider_game_id' from jsonb_array_elements(events) told));
	perform from game where game_id = any (games) order by game_id for no key update;
	taken := take_over(told_by, games, silence);
	begin
		return query select e.provider_event_id, e.outcome, e.reason from take_events(told_by, events, games) e;
	exception when unique_violation then
		raise exception 'told at the same time of another game' using errcode = 'serialization_failure';
	end;
	perform note_changes(told_by, games, taken, trace);
end
$$;

-- Games that are on and of which nobody has told anything for so long. Those that are told of just now are left alone.
create function abandon_silent(silence interval)
returns void
language sql
set search_path from current
as $$
	with silent as (
		select game_id
		  from game
		 where state = 'live' and provider_seen_at < now() - silence
		 order by game_id
		   for no key update skip locked
	), abandoned as (
		update game
		   set state = 'abandoned', version = version + 1, updated_at = now()
		  from silent
		 where game.game_id = silent.game_id
		returning game.game_id, version, score_1, score_2, shootout_1, shootout_2, state, period, clock, last_seq
	), due as (
		insert into game_push (game_id)
		select game_id from abandoned order by game_id
		on conflict (game_id) do update set due_at = next_push(game_push.pushed_at) where game_push.due_at is null
	)
	insert into outbox (type, aggregate_id, version, data)
	select 'sports.game_changed', game_id, version,
	       setting.facts || jsonb_build_object('game_id', game_id, 'score_1', score_1, 'score_2', score_2,
			'shootout_1', shootout_1, 'shootout_2', shootout_2, 'state', state, 'state_before', 'live',
			'period', period, 'clock', clock, 'seq', last_seq, 'events', '[]'::jsonb)
	  from abandoned
	  join game_setting setting using (game_id)
$$;

-- Games, what happened in them, and who told us.

create table game (
	game_id		uuid		primary key default platform.uuid_v7(),
	season_id	uuid		not null references season,
	team_1		uuid		not null references team,
	team_2		uuid		not null references team,
	venue_id	uuid		references venue,
	-- The day it is played on, where it is played; the time is not known of all.
	day		date		not null,
	starts_at	timestamptz,
	neutral		boolean		not null default false,
	round		text
			constraint game_round_length check (char_length(round) between 1 and 80),
	state		text		not null default 'scheduled'
			constraint game_state_known check (
				state in ('scheduled', 'live', 'ended', 'postponed', 'abandoned', 'cancelled')),
	period		text
			constraint game_period_length check (char_length(period) between 1 and 40),
	clock		text
			constraint game_clock_length check (char_length(clock) between 1 and 16),
	score_1		integer
			constraint game_score_1_counts check (score_1 >= 0),
	score_2		integer
			constraint game_score_2_counts check (score_2 >= 0),
	-- Kicks from the penalty mark after a draw.
	shootout_1	integer
			constraint game_shootout_1_counts check (shootout_1 >= 0),
	shootout_2	integer
			constraint game_shootout_2_counts check (shootout_2 >= 0),
	-- In full: every goal is an event, and the score is their number. Else the result alone is known.
	detail		text		not null default 'result_only'
			constraint game_detail_known check (detail in ('full', 'result_only')),
	-- Whose events count; another takes its place when it was silent for long.
	provider	text		not null
			constraint game_provider_length check (char_length(provider) between 1 and 64),
	provider_seen_at timestamptz	not null default now(),
	-- The event of the ticket shop that admits to it.
	event_id	uuid,
	last_seq	integer		not null default 0,
	version		bigint		not null default 1,
	created_at	timestamptz	not null default now(),
	updated_at	timestamptz	not null default now(),
	constraint game_of_two check (team_1 <> team_2)
);
create index game_day on game (day, game_id);
create index game_season on game (season_id, day, game_id);
create index game_team_1 on game (team_1, day, game_id);
create index game_team_2 on game (team_2, day, game_id);
create index game_live on game (game_id) where state = 'live';
create index game_event on game (event_id) where event_id is not null;

-- A game as a provider knows it; several may tell of the same one. Of an import it is the row of its file.
create table game_source (
	provider	text		not null
			constraint game_source_provider_length check (char_length(provider) between 1 and 64),
	provider_game_id text		not null
			constraint game_source_id_length check (char_length(provider_game_id) between 1 and 128),
	game_id		uuid		not null references game,
	-- The result that it gave, of one that gives no more; the first team is the provider's.
	score_1		integer,
	score_2		integer,
	-- Its first team is our second.
	reversed	boolean		not null default false,
	created_at	timestamptz	not null default now(),
	primary key (provider, provider_game_id)
);
create index game_source_game on game_source (game_id);

-- What happened, in the order in which it was told; never changed. What was wrong is superseded by another row.
create table match_event (
	game_id		uuid		not null references game,
	seq		integer		not null,
	provider	text		not null,
	provider_event_id text		not null
			constraint match_event_id_length check (char_length(provider_event_id) between 1 and 128),
	type		text		not null
			constraint match_event_type_form check (type ~ '^[a-z][a-z0-9_]{0,39}$'),
	-- "45+2"; minute and stoppage are the same as numbers, where it has some.
	clock		text
			constraint match_event_clock_length check (char_length(clock) between 1 and 16),
	minute		integer,
	stoppage	integer,
	occurred_at	timestamptz,
	-- Whose it is: of an own goal, the team whose player it was.
	team		smallint
			constraint match_event_team_known check (team in (1, 2)),
	player		text
			constraint match_event_player_length check (char_length(player) between 1 and 120),
	text		text
			constraint match_event_text_length check (char_length(text) between 1 and 1000),
	supersedes	text,
	created_at	timestamptz	not null default now(),
	primary key (game_id, seq)
);
create unique index match_event_key on match_event (provider, provider_event_id);
create index match_event_superseded on match_event (provider, supersedes) where supersedes is not null;

-- What counts for a game: of the provider whose events do, those that nothing superseded, whichever came first.
-- "Is not distinct from" keeps them from being looked for among all that the provider ever told.
create view current_event as
select e.game_id, e.seq, e.provider, e.provider_event_id, e.type, e.clock, e.minute, e.stoppage, e.occurred_at,
       e.team, e.player, e.text
  from match_event e
  join game g on g.game_id = e.game_id and g.provider is not distinct from e.provider
 where e.type <> 'correction'
   and not exists (
	select
	  from match_event later
	 where later.provider = e.provider and later.supersedes = e.provider_event_id and later.game_id = e.game_id);

create function is_goal(type text)
returns boolean
language sql
immutable
return type in ('goal', 'penalty_goal', 'own_goal');

-- From the penalty mark, after a draw.
create function is_kick(type text)
returns boolean
language sql
immutable
return type in ('shootout_goal', 'shootout_miss');

-- The score of a game in full is the number of its goals, whoever writes them: an own goal counts for the others.
-- That of a shoot-out is the number of kicks that went in, once one was told of; before, it is as it was imported.
create function count_goals(games uuid[])
returns void
language plpgsql
set search_path from current
as $$
begin
	with scores as (
		select g.game_id,
		       count(e.seq) filter (where is_goal(e.type) and (e.team = 1) = (e.type <> 'own_goal')) as goals_1,
		       count(e.seq) filter (where is_goal(e.type) and (e.team = 2) = (e.type <> 'own_goal')) as goals_2,
		       case when kick.told then count(e.seq) filter (where e.type = 'shootout_goal' and e.team = 1)
			else g.shootout_1 end as kicks_1,
		       case when kick.told then count(e.seq) filter (where e.type = 'shootout_goal' and e.team = 2)
			else g.shootout_2 end as kicks_2
		  from game g
		 cross join lateral (
			select exists (
				select
				  from match_event k
				 where k.game_id = g.game_id and k.provider is not distinct from g.provider and is_kick(k.type)) as told) kick
		  left join current_event e
		    on e.game_id = g.game_id and (is_goal(e.type) or is_kick(e.type)) and e.team is not null
		 where g.game_id = any (games) and g.detail = 'full'
		 group by g.game_id, kick.told
	)
	update game
	   set score_1 = goals_1, score_2 = goals_2, shootout_1 = kicks_1, shootout_2 = kicks_2
	  from scores
	 where game.game_id = scores.game_id
	   and (score_1, score_2, shootout_1, shootout_2) is distinct from (goals_1, goals_2, kicks_1, kicks_2);
end
$$;

create function keep_score()
returns trigger
language plpgsql
set search_path from current
as $$
declare
	scored uuid[] := array(
		select distinct game_id
		  from added
		 where is_goal(type) or is_kick(type) or supersedes is not null or seq = 1);
begin
	if scored <> '{}' then
		perform count_goals(scored);
	end if;
	return null;
end
$$;
create trigger keep_score after insert on match_event
	referencing new table as added
	for each statement execute function keep_score();

create function refuse_change()
returns trigger
language plpgsql
as $$
begin
	raise exception 'what happened is not changed but superseded' using errcode = 'restrict_violation';
end
$$;
create trigger refuse_change before update on match_event
	for each row execute function refuse_change();

select platform.track_changes('game');
select platform.track_changes('match_event');

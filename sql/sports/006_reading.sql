-- What is read of games: their names, what happened in sentences, and those that somebody looks for.

-- Null of what is no id, so that a parameter may be an id or a name.
create function to_id(value text)
returns uuid
language sql
immutable
return case when value ~* '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' then value::uuid end;

-- A game as it is shown; one that did not begin stands at 0:0.
create view listed_game as
select g.game_id, k.name as sport_category, g.state as event_status,
       c.competition_id, c.name as competition, s.season_id, s.name as season, g.round,
       one.team_id as team_1_id, one.name as team_1, two.team_id as team_2_id, two.name as team_2,
       coalesce(g.score_1, 0) as score_team_1, coalesce(g.score_2, 0) as score_team_2,
       g.shootout_1 as shootout_team_1, g.shootout_2 as shootout_team_2,
       g.day, g.starts_at as start_time, coalesce(g.period, '') as current_period, g.clock,
       g.neutral, g.detail, g.venue_id, g.event_id
  from game g
  join season s on s.season_id = g.season_id
  join competition c on c.competition_id = s.competition_id
  join category k on k.category_id = c.category_id
  join team one on one.team_id = g.team_1
  join team two on two.team_id = g.team_2;

-- "Goal: Just Fontaine (France)". Free words of other sports are shown as they are: "Three pointer".
create function describe_event(type text, player text, team text)
returns text
language sql
immutable
return case type
		when 'card_yellow' then 'Yellow card'
		when 'card_red' then 'Red card'
		when 'kick_off' then 'Kick-off'
		else upper(left(type, 1)) || replace(substr(type, 2), '_', ' ')
	end || coalesce(': ' || player || coalesce(' (' || team || ')', ''), ': ' || team, '');

-- In the order in which it happened, however it was told; imports know the minute, feeds the time.
create function event_details(of_game uuid, name_1 text, name_2 text)
returns json
language sql
stable
return (
	select coalesce(json_agg(json_build_object(
			'event_time', coalesce(e.clock, e.minute || coalesce('+' || nullif(e.stoppage, 0), ''), ''),
			'event_type', e.type,
			'description', coalesce(e.text,
				describe_event(e.type, e.player, case e.team when 1 then name_1 when 2 then name_2 end)),
			'team', e.team,
			'player', e.player,
			'occurred_at', to_char(e.occurred_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
		) order by e.occurred_at nulls first, e.minute nulls first, e.stoppage nulls first, e.seq), '[]')
	  from current_event e
	 where e.game_id = of_game
);

-- A team that has the name now is meant before one that had it.
create function teams_called(id_or_name text)
returns uuid[]
language sql
stable
return (
	with bearers as (
		select t.team_id
		  from team t
		 where t.team_id = to_id(id_or_name) or lower(t.name) = lower(id_or_name)
	)
	select array(
		select team_id from bearers
		union
		select f.team_id
		  from former_name f
		 where lower(f.name) = lower(id_or_name) and not exists (select from bearers))
);

-- Any that is null makes no difference. An empty array finds nothing, null everything.
create function seasons_called(of_competition text, of_category text, of_season text)
returns uuid[]
language sql
stable
return case when coalesce(of_competition, of_category, of_season) is not null then array(
	select s.season_id
	  from season s
	  join competition c on c.competition_id = s.competition_id
	  join category k on k.category_id = c.category_id
	 where (of_season is null or s.season_id = to_id(of_season) or lower(s.name) = lower(of_season))
	   and (of_competition is null or c.competition_id = to_id(of_competition) or lower(c.name) = lower(of_competition))
	   and (of_category is null or k.category_id = to_id(of_category) or lower(k.name) = lower(of_category))
) end;

-- Planned anew for each search: which index is best depends on what is looked for.
create function find_games(of_team text, of_competition text, of_category text, of_season text, from_day date, to_day date,
	in_state text, before_day date, before_game uuid, most bigint)
returns setof uuid
language plpgsql
stable
rows 20
set search_path from current
set plan_cache_mode = force_custom_plan
as $$
declare
	teams uuid[] := case when of_team is not null then teams_called(of_team) end;
	seasons uuid[] := seasons_called(of_competition, of_category, of_season);
begin
	return query
	select g.game_id
	  from game g
	 where (teams is null or g.team_1 = any (teams) or g.team_2 = any (teams))
	   and (seasons is null or g.season_id = any (seasons))
	   and (from_day is null or g.day >= from_day)
	   and (to_day is null or g.day <= to_day)
	   and (in_state is null or g.state = in_state)
	   and (g.day, g.game_id) < (before_day, before_game)
	 order by g.day desc, g.game_id desc
	 limit most;
end
$$;

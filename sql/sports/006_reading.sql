-- What is read of games: their names, what happened in sentences, and those that somebody looks for.

-- Null of what is no id, so that a parameter may be an id or a name.
create function to_id(value text)
returns uuid
language sql
immutable
return case when value ~* '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' then value::uuid end;

-- A game as it is shown; one that did not begin stands at 0:0.
-- Of some shoot-outs nothing but the winner is known, as an event.
create view listed_game as
select g.game_id, k.name as sport_category, g.state as event_status,
       c.competition_id, c.name as competition, s.season_id, s.name as season, g.round,
       one.team_id as team_1_id, one.name as team_1, two.team_id as team_2_id, two.name as team_2,
       coalesce(g.score_1, 0) as score_team_1, coalesce(g.score_2, 0) as score_team_2,
       g.shootout_1 as shootout_team_1, g.shootout_2 as shootout_team_2,
       g.day, g.starts_at as start_time, coalesce(g.period, '') as current_period, g.clock,
       g.neutral, g.detail, g.venue_id, g.event_id,
       case
		when g.state <> 'ended' then null
		when (g.score_1, coalesce(g.shootout_1, 0)) > (g.score_2, coalesce(g.shootout_2, 0)) then 'team_1'
		when (g.score_1, coalesce(g.shootout_1, 0)) < (g.score_2, coalesce(g.shootout_2, 0)) then 'team_2'
		else (
			select 'team_' || e.team
			  from current_event e
			 where e.game_id = g.game_id and e.type = 'shootout_won' and e.team is not null
			 order by e.seq desc
			 limit 1)
	end as winner
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
		when 'shootout_won' then 'Won on penalties'
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
			'occurred_at', platform.rfc3339(e.occurred_at)
		) order by e.type = 'shootout_won', e.occurred_at nulls first, e.minute nulls first, e.stoppage nulls first, e.seq), '[]')
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

-- The table of a season in which a game counts: that of its group, '' where there are none, null of a knock-out game.
-- Rounds say "Group A", "group stage, Group A", "Matchday 2, Group A", "second group stage, Group A" and "final round".
create function table_of(round text)
returns text
language sql
immutable
return case
	when round ~* '\mplay-?off' then null
	when round ~* '\mgroup [[:alnum:]]+'
	then initcap(substring(
		regexp_replace(round, '^((first )?group stage|first round|matchday \d+), ', '', 'i')
		from '(?i)^(.*group [[:alnum:]]+)'))
	when round ~* '^final round$' then 'Final Round'
	when round ~* '\m(finals?|round of|third|replays?|preliminary|knock-?out)\M' then null
	else ''
end;

-- Football gave two points for a win until the World Cup of 1994; some leagues had three before, and say so.
create function points_of_season(points_for_win integer, sport text, season text)
returns integer
language sql
immutable
return coalesce(points_for_win,
	case when lower(sport) = 'football' and season ~ '^\d{4}\M' and left(season, 4) < '1994' then 2 else 3 end);

-- Who is ahead: by points, goal difference, goals; among those still level by the games against each other.
-- Competitions that ask for it look at these first. Games against each other are looked at once, not again for
-- those whom they leave level.
create function standings_of(of_season uuid)
returns table ("group" text, "position" bigint, team_id uuid, team_name text, played bigint, won bigint, drawn bigint, lost bigint,
	goals_for bigint, goals_against bigint, goal_difference bigint, points bigint)
language sql
stable
begin atomic
	with rule as materialized (
		select c.head_to_head_first, points_of_season(s.points_for_win, k.name, s.name) as win
		  from season s
		  join competition c on c.competition_id = s.competition_id
		  join category k on k.category_id = c.category_id
		 where s.season_id = of_season
	), game_in as materialized (
		select table_of(g.round) as in_table, g.team_1, g.team_2, g.score_1, g.score_2,
		       g.state = 'ended' and g.score_1 is not null and g.score_2 is not null as counts
		  from game g
		 where g.season_id = of_season and g.state <> 'cancelled' and table_of(g.round) is not null
	), side as materialized (
		select s.in_table, s.team_id, s.opponent, s.scored, s.conceded, s.counts,
		       case when s.scored > s.conceded then rule.win when s.scored = s.conceded then 1 else 0 end as points
		  from rule
		 cross join (
			select in_table, team_1 as team_id, team_2 as opponent, score_1 as scored, score_2 as conceded, counts from game_in
			union all
			select in_table, team_2, team_1, score_2, score_1, counts from game_in) s
		 where s.in_table <> '' or not exists (select from game_in where in_table <> '')
	), tally as (
		select in_table, team_id,
		       count(*) filter (where counts) as played,
		       count(*) filter (where counts and scored > conceded) as won,
		       count(*) filter (where counts and scored = conceded) as drawn,
		       count(*) filter (where counts and scored < conceded) as lost,
		       coalesce(sum(scored) filter (where counts), 0) as goals_for,
		       coalesce(sum(conceded) filter (where counts), 0) as goals_against,
		       coalesce(sum(scored - conceded) filter (where counts), 0) as difference,
		       coalesce(sum(points) filter (where counts), 0) as points
		  from side
		 group by in_table, team_id
	), leveled as materialized (
		select t.in_table, t.team_id, t.played, t.won, t.drawn, t.lost, t.goals_for, t.goals_against, t.difference, t.points,
		       rank() over (
			partition by t.in_table
			 order by t.points desc, case when rule.head_to_head_first then 0 else t.difference end desc,
			          case when rule.head_to_head_first then 0 else t.goals_for end desc) as level
		  from tally t
		 cross join rule
	), direct as (
		select l.in_table, l.team_id, sum(s.points) as points, sum(s.scored - s.conceded) as difference, sum(s.scored) as goals
		  from leveled l
		  join side s on s.in_table = l.in_table and s.team_id = l.team_id and s.counts
		  join leveled other on other.in_table = l.in_table and other.team_id = s.opponent and other.level = l.level
		 group by l.in_table, l.team_id
	)
	select nullif(l.in_table, ''), rank() over (
		partition by l.in_table
		 order by l.level, coalesce(d.points, 0) desc, coalesce(d.difference, 0) desc, coalesce(d.goals, 0) desc,
		          l.difference desc, l.goals_for desc),
	       l.team_id, team.name, l.played, l.won, l.drawn, l.lost, l.goals_for, l.goals_against, l.difference, l.points
	  from leveled l
	  join team on team.team_id = l.team_id
	  left join direct d on d.in_table = l.in_table and d.team_id = l.team_id
	 order by length(l.in_table), l.in_table, 2, lower(team.name);
end;

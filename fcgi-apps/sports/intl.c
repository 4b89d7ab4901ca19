/* International football since 1872: results, goals, shoot-outs and former names, as files of one line each. */
#include <string.h>

#include "app/imports.h"
#include "sports.h"

/* --- files --- */

static const struct import_column results[] = {
	{ "date", CELL_DAY },
	{ "home_team", CELL_NAME, 120 },
	{ "away_team", CELL_NAME, 120 },
	{ "home_score", CELL_NUMBER, 999 },
	{ "away_score", CELL_NUMBER, 999 },
	{ "tournament", CELL_NAME, 160 },
	{ "city", CELL_TEXT, 120 },
	{ "country", CELL_TEXT, 120 },
	{ "neutral", CELL_FLAG },
	{ 0 }
};

static const struct import_column goals[] = {
	{ "date", CELL_DAY },
	{ "home_team", CELL_NAME, 120 },
	{ "away_team", CELL_NAME, 120 },
	{ "team", CELL_NAME, 120 },
	{ "scorer", CELL_NAME, 120 },
	{ "minute", CELL_NUMBER_OR_NA, 150 },
	{ "own_goal", CELL_FLAG },
	{ "penalty", CELL_FLAG },
	{ 0 }
};

static const struct import_column shootouts[] = {
	{ "date", CELL_DAY },
	{ "home_team", CELL_NAME, 120 },
	{ "away_team", CELL_NAME, 120 },
	{ "winner", CELL_NAME, 120 },
	{ 0 }
};

static const struct import_column former_names[] = {
	{ "current", CELL_NAME, 120 },
	{ "former", CELL_NAME, 120 },
	{ "start_date", CELL_DAY },
	{ "end_date", CELL_DAY },
	{ 0 }
};

static const char *
result_problem(const char *const *cells)
{
	return strcasecmp(cells[1], cells[2]) == 0 ? "a team plays against itself" : NULL;
}

static const char *
side_problem(const char *const *cells)
{
	if (strcasecmp(cells[1], cells[2]) == 0)
		return "a team plays against itself";
	return strcmp(cells[3], cells[1]) != 0 && strcmp(cells[3], cells[2]) != 0 ? "it is of a team that does not play" : NULL;
}

static const char *
former_name_problem(const char *const *cells)
{
	return strcmp(cells[2], cells[3]) > 0 ? "it ends before it begins" : NULL;
}

static const struct import_file files[] = {
	{ "results", results, result_problem },
	{ "goals", goals, side_problem },
	{ "shootouts", shootouts, side_problem },
	{ "former_names", former_names, former_name_problem },
	{ 0 }
};

/* --- results become games --- */

static const struct statement find_results = { SQL(
	update import_line l
	   set found = s.game_id
	  from game_source s
	 where l.file = 'results' and s.provider = 'intl' and s.provider_game_id = l.line::text
) };

static const struct statement refuse_results = { SQL(
	delete from import_line l
	 using game_source s, game g, team t1, team t2
	 where l.file = 'results' and s.provider = 'intl' and s.provider_game_id = l.line::text
	   and g.game_id = s.game_id and t1.team_id = g.team_1 and t2.team_id = g.team_2
	   and (g.day, lower(t1.name), lower(t2.name), s.score_1, s.score_2) is distinct from
	       (l.cells[1]::date, lower(l.cells[2]), lower(l.cells[3]), l.cells[4]::integer, l.cells[5]::integer)
	returning l.file, l.line, 'another game was imported from this line before' as reason
) };

static const struct statement make_category = { SQL(
	insert into category (name) values ('Football') on conflict do nothing
) };

static const struct statement make_competitions = { SQL(
	insert into competition (category_id, name)
	select c.category_id, min(l.cells[6])
	  from import_line l
	  join category c on lower(c.name) = 'football'
	 where l.file = 'results' and l.found is null
	 group by c.category_id, lower(l.cells[6])
	 order by min(l.line)
	on conflict do nothing
) };

static const struct statement make_seasons = { SQL(
	insert into season (competition_id, name)
	select k.competition_id, left(l.cells[1], 4)
	  from import_line l
	  join category c on lower(c.name) = 'football'
	  join competition k on k.category_id = c.category_id and lower(k.name) = lower(l.cells[6])
	 where l.file = 'results' and l.found is null
	 group by k.competition_id, left(l.cells[1], 4)
	 order by min(l.line)
	on conflict do nothing
) };

static const struct statement make_teams = { SQL(
	insert into team (category_id, name)
	select c.category_id, min(n.name)
	  from import_line l
	 cross join unnest(l.cells[2:3]) n (name)
	  join category c on lower(c.name) = 'football'
	 where l.file = 'results' and l.found is null
	 group by c.category_id, lower(n.name)
	 order by min(l.line)
	on conflict do nothing
) };

static const struct statement make_venues = { SQL(
	insert into venue (city, country)
	select min(l.cells[7]), min(l.cells[8])
	  from import_line l
	 where l.file = 'results' and l.found is null
	 group by lower(l.cells[7]), lower(l.cells[8])
	 order by min(l.line)
	on conflict do nothing
) };

/* Each join is by all that it can be by: the planner must not be free to meet every team with every game first. */
static const struct statement make_games = { SQL(
	with football as materialized (
		select category_id from category where lower(name) = 'football'
	), edition as materialized (
		select s.season_id, lower(k.name) as competition, s.name as year
		  from season s
		  join competition k on k.competition_id = s.competition_id
		 where k.category_id = (select category_id from football)
	), side as materialized (
		select team_id, lower(name) as name from team where category_id = (select category_id from football)
	), new as materialized (
		select platform.uuid_v7() as game_id, l.line, e.season_id, t1.team_id as team_1, t2.team_id as team_2,
		       v.venue_id, l.cells[1]::date as day, l.cells[9]::boolean as neutral,
		       l.cells[4]::integer as score_1, l.cells[5]::integer as score_2
		  from import_line l
		  join edition e on e.competition = lower(l.cells[6]) and e.year = left(l.cells[1], 4)
		  join side t1 on t1.name = lower(l.cells[2])
		  join side t2 on t2.name = lower(l.cells[3])
		  join venue v on lower(v.name) = '' and lower(v.city) = lower(l.cells[7])
		              and lower(v.country) = lower(l.cells[8])
		 where l.file = 'results' and l.found is null
		 order by l.line
	), game_made as (
		insert into game (game_id, season_id, team_1, team_2, venue_id, day, neutral, state, score_1, score_2, provider)
		select game_id, season_id, team_1, team_2, venue_id, day, neutral, 'ended', score_1, score_2, 'intl' from new
	), source_made as (
		insert into game_source (provider, provider_game_id, game_id, score_1, score_2)
		select 'intl', line::text, game_id, score_1, score_2 from new
	), found as (
		update import_line l set found = new.game_id from new where l.file = 'results' and l.line = new.line
	)
	select 'results' as file, count(*) from new
) };

/* --- goals and shoot-outs become events of games --- */

static const struct statement find_games = { SQL(
	update import_line l
	   set found = p.games[1]
	  from imported_pairing p
	 where l.file in ('goals', 'shootouts') and p.provider = 'intl'
	   and p.day = l.cells[1]::date and p.name_1 = lower(l.cells[2]) and p.name_2 = lower(l.cells[3])
	   and cardinality(p.games) = 1
) };

static const struct statement refuse_ambiguous = { SQL(
	delete from import_line l
	 using imported_pairing p
	 where l.file in ('goals', 'shootouts') and l.found is null and p.provider = 'intl'
	   and p.day = l.cells[1]::date and p.name_1 = lower(l.cells[2]) and p.name_2 = lower(l.cells[3])
	   and cardinality(p.games) > 1
	returning l.file, l.line, 'these teams met twice on that day' as reason
) };

static const struct statement refuse_events = { SQL(
	delete from import_line l
	 using match_event e
	 where l.file in ('goals', 'shootouts') and e.provider = 'intl'
	   and e.provider_event_id = case l.file when 'goals' then 'goal:' else 'shootout:' end || l.line
	   and (e.game_id is distinct from l.found
	        or l.file = 'goals' and (e.player, e.minute) is distinct from
	                                (nullif(l.cells[5], 'NA'), nullif(l.cells[6], 'NA')::integer))
	returning l.file, l.line, 'another one was imported from this line before' as reason
) };

/* Of a goal the file names the team that has it, an event that of the player. */
static const struct statement make_events = { SQL(
	with told as (
		select l.found as game_id, l.line, 'goal:' || l.line as id,
		       case when l.cells[7]::boolean then 'own_goal' when l.cells[8]::boolean then 'penalty_goal' else 'goal' end as type,
		       nullif(l.cells[6], 'NA')::integer as minute,
		       case when (l.cells[4] = l.cells[2]) = l.cells[7]::boolean then 2 else 1 end as team,
		       nullif(l.cells[5], 'NA') as player
		  from import_line l
		 where l.file = 'goals' and l.found is not null
		union all
		select l.found, l.line, 'shootout:' || l.line, 'shootout_won', null,
		       case when l.cells[4] = l.cells[2] then 1 else 2 end, null
		  from import_line l
		 where l.file = 'shootouts' and l.found is not null
	), new as (
		insert into match_event (game_id, seq, provider, provider_event_id, type, clock, minute, team, player)
		select t.game_id,
		       g.last_seq + row_number() over (partition by t.game_id order by t.type = 'shootout_won', t.minute, t.line),
		       'intl', t.id, t.type, t.minute::text, t.minute, t.team, t.player
		  from told t
		  join game g on g.game_id = t.game_id
		 where not exists (select from match_event e where e.provider = 'intl' and e.provider_event_id = t.id)
		returning type
	)
	select case type when 'shootout_won' then 'shootouts' else 'goals' end as file, count(*) from new group by 1
) };

static const struct statement settle_games = { SQL(
	select settle_imported('intl', array(select found from import_line where file <> 'former_names' and found is not null))
) };

/* --- former names --- */

static const struct statement find_teams = { SQL(
	update import_line l
	   set found = t.team_id
	  from team t
	  join category c on c.category_id = t.category_id and lower(c.name) = 'football'
	 where l.file = 'former_names' and lower(t.name) = lower(l.cells[1])
) };

static const struct statement make_former_names = { SQL(
	with new as (
		insert into former_name (team_id, name, since, until)
		select l.found, l.cells[2], l.cells[3]::date, l.cells[4]::date
		  from import_line l
		 where l.file = 'former_names' and l.found is not null
		on conflict do nothing
		returning name
	)
	select 'former_names' as file, count(*) from new having count(*) > 0
) };

static const struct statement keep_waiting = { SQL(
	insert into import_waiting (provider, file, line, cells)
	select 'intl', file, line, cells
	  from import_line
	 where file <> 'results' and found is null
	on conflict do nothing
	returning file, line,
	          case file when 'former_names' then 'there is no team of that name'
	                    else 'there is no game of these teams on that day' end as reason
) };

static const struct import_step steps[] = {
	{ "looking for games that are there", &find_results },
	{ "comparing", &refuse_results, STEP_REFUSED },
	{ "making the category", &make_category },
	{ "making competitions", &make_competitions },
	{ "making seasons", &make_seasons },
	{ "making teams", &make_teams },
	{ "making venues", &make_venues },
	{ "making games", &make_games, STEP_TAKEN },
	{ "looking for the games of goals", &find_games },
	{ "comparing", &refuse_ambiguous, STEP_REFUSED },
	{ "comparing", &refuse_events, STEP_REFUSED },
	{ "making goals", &make_events, STEP_TAKEN },
	{ "settling scores", &settle_games },
	{ "looking for teams", &find_teams },
	{ "making former names", &make_former_names, STEP_TAKEN },
	{ "keeping what waits", &keep_waiting, STEP_WAITING },
	{ 0 }
};

/* --- totals --- */

static const struct statement totals = { SQL(
	with result as (
		select s.score_1, s.score_2, k.name as tournament, t1.name as team_1, t2.name as team_2
		  from game_source s
		  join game g on g.game_id = s.game_id
		  join season n on n.season_id = g.season_id
		  join competition k on k.competition_id = n.competition_id
		  join team t1 on t1.team_id = g.team_1
		  join team t2 on t2.team_id = g.team_2
		 where s.provider = 'intl'
	), side as (
		select team_1 as team, score_1 as goals from result
		union all
		select team_2, score_2 from result
	), event as (
		select type, minute, player from match_event where provider = 'intl'
	)
	select json_build_object(
	       'rows', (select count(*) from result),
	       'rows_with_score', (select count(*) from result where score_1 is not null and score_2 is not null),
	       'goals_total', (select coalesce(sum(score_1 + score_2), 0) from result),
	       'home_wins', (select count(*) from result where score_1 > score_2),
	       'draws', (select count(*) from result where score_1 = score_2),
	       'away_wins', (select count(*) from result where score_1 < score_2),
	       'tournaments', (select count(distinct tournament) from result),
	       'teams', (select count(distinct team) from side),
	       'top5_tournaments', (
		select coalesce(json_agg(json_build_array(name, games) order by games desc, name), '[]')
		  from (select tournament as name, count(*) as games from result group by 1 order by 2 desc, 1 limit 5) t),
	       'top5_goals_for', (
		select coalesce(json_agg(json_build_array(name, goals) order by goals desc, name), '[]')
		  from (select team as name, sum(goals) as goals from side group by 1 order by 2 desc, 1 limit 5) t),
	       'goal_rows', (select count(*) from event where type in ('goal', 'penalty_goal', 'own_goal')),
	       'own_goals', (select count(*) from event where type = 'own_goal'),
	       'penalties', (select count(*) from event where type = 'penalty_goal'),
	       'minute_missing', (
		select count(*) from event where type in ('goal', 'penalty_goal', 'own_goal') and minute is null),
	       'top5_scorers', (
		select coalesce(json_agg(json_build_array(name, goals) order by goals desc, name), '[]')
		  from (select player as name, count(*) as goals
		          from event
		         where type in ('goal', 'penalty_goal') and player is not null
		         group by 1 order by 2 desc, 1 limit 5) t),
	       'shootouts', (select count(*) from event where type = 'shootout_won') +
	                    (select count(*) from import_waiting where provider = 'intl' and file = 'shootouts'))::text as totals
) };

const struct import_format import_intl = {
	.name = "intl",
	.files = files,
	.steps = steps,
	.totals = &totals,
};

/* International football since 1872: results, goals, shoot-outs and former names, as files of one line each. */
#include <string.h>

#include "football.h"
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

/* --- lines become games and events --- */

static const struct statement read_results = { SQL(
	insert into import_game (file, line, provider, provider_game_id, competition, season, day, team_1, team_2, city, country,
	                         neutral, score_1, score_2)
	select file, line, 'intl', line::text, cells[6], left(cells[1], 4), cells[1]::date, cells[2], cells[3], cells[7], cells[8],
	       cells[9]::boolean, cells[4]::integer, cells[5]::integer
	  from import_line
	 where file = 'results'
) };

/* Of a goal the file names the team that has it, an event that of the player. */
static const struct statement read_goals = { SQL(
	insert into import_event (file, line, provider, provider_event_id, day, team_1, team_2, type, minute, team, player)
	select file, line, 'intl', 'goal:' || line, cells[1]::date, cells[2], cells[3],
	       case when cells[7]::boolean then 'own_goal' when cells[8]::boolean then 'penalty_goal' else 'goal' end,
	       nullif(cells[6], 'NA')::integer,
	       case when (cells[4] = cells[2]) = cells[7]::boolean then 2 else 1 end,
	       nullif(cells[5], 'NA')
	  from import_line
	 where file = 'goals'
) };

static const struct statement read_shootouts = { SQL(
	insert into import_event (file, line, provider, provider_event_id, day, team_1, team_2, type, team)
	select file, line, 'intl', 'shootout:' || line, cells[1]::date, cells[2], cells[3], 'shootout_won',
	       case when cells[4] = cells[2] then 1 else 2 end
	  from import_line
	 where file = 'shootouts'
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

static const struct statement keep_former_names = { SQL(
	insert into import_waiting (provider, file, line, cells)
	select 'intl', file, line, cells
	  from import_line
	 where file = 'former_names' and found is null
	on conflict do nothing
	returning file, line, 'there is no team of that name' as reason
) };

static const struct import_step steps[] = {
	{ "reading results", &read_results },
	{ "reading goals", &read_goals },
	{ "reading shoot-outs", &read_shootouts },
	{ .steps = football_steps },
	{ "looking for teams", &find_teams },
	{ "making former names", &make_former_names, STEP_TAKEN },
	{ "keeping what waits", &keep_former_names, STEP_WAITING },
	{ 0 }
};

/* --- totals --- */

static const struct statement totals = { SQL(
	with result as (
		select s.score_1, s.score_2, k.name as tournament,
		       case when s.reversed then t2.name else t1.name end as team_1,
		       case when s.reversed then t1.name else t2.name end as team_2
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

/*
 * World Cups, of men and of women, with goals, bookings and substitutions.
 *
 * Its rows have ids of their own.  The teams of women are teams of their own,
 * which their names say: many countries have both.
 */
#include "football.h"
#include "sports.h"

/* --- files --- */

static const struct import_column stadiums[] = {
	{ "stadium_id", CELL_NAME, 100 },
	{ "stadium_name", CELL_NAME, 160 },
	{ "city_name", CELL_TEXT, 120 },
	{ "country_name", CELL_TEXT, 120 },
	{ "stadium_capacity", CELL_NUMBER, 1000000 },
	{ 0 }
};

static const struct import_column matches[] = {
	{ "match_id", CELL_NAME, 100 },
	{ "tournament_name", CELL_NAME, 160 },
	{ "stage_name", CELL_NAME, 39 },
	{ "group_name", CELL_NAME, 39 },
	{ "match_date", CELL_DAY },
	{ "stadium_name", CELL_NAME, 160 },
	{ "city_name", CELL_TEXT, 120 },
	{ "country_name", CELL_TEXT, 120 },
	{ "home_team_name", CELL_NAME, 110 },
	{ "home_team_code", CELL_NAME, 8 },
	{ "away_team_name", CELL_NAME, 110 },
	{ "away_team_code", CELL_NAME, 8 },
	{ "home_team_score", CELL_NUMBER, 999 },
	{ "away_team_score", CELL_NUMBER, 999 },
	{ "penalty_shootout", CELL_FLAG },
	{ "home_team_score_penalties", CELL_NUMBER, 999 },
	{ "away_team_score_penalties", CELL_NUMBER, 999 },
	{ 0 }
};

/* What goals, bookings and substitutions have in common, beside their ids. */
#define EVENT_COLUMNS						\
	{ "match_id", CELL_NAME, 100 },				\
	{ "home_team", CELL_FLAG },				\
	{ "family_name", CELL_TEXT, 59 },			\
	{ "given_name", CELL_TEXT, 59 },			\
	{ "minute_regulation", CELL_NUMBER, 150 },		\
	{ "minute_stoppage", CELL_NUMBER, 60 }

static const struct import_column goals[] = {
	{ "goal_id", CELL_NAME, 100 },
	EVENT_COLUMNS,
	{ "own_goal", CELL_FLAG },
	{ "penalty", CELL_FLAG },
	{ 0 }
};

static const struct import_column bookings[] = {
	{ "booking_id", CELL_NAME, 100 },
	EVENT_COLUMNS,
	{ "sending_off", CELL_FLAG },
	{ "second_yellow_card", CELL_FLAG },
	{ 0 }
};

static const struct import_column substitutions[] = {
	{ "substitution_id", CELL_NAME, 100 },
	EVENT_COLUMNS,
	{ "going_off", CELL_FLAG },
	{ "coming_on", CELL_FLAG },
	{ 0 }
};

static const char *
tournament_problem(const char *const *cells)
{
	for (int i = 0; i < 4; i++)
		if (cells[1][i] < '0' || cells[1][i] > '9')
			return "tournament_name does not begin with a year";
	return cells[1][4] != ' ' || cells[1][5] == '\0' ? "tournament_name is nothing but a year" : NULL;
}

static const struct import_file files[] = {
	{ "goals", goals },
	{ "bookings", bookings },
	{ "substitutions", substitutions },
	{ "matches", matches, tournament_problem },
	{ "stadiums", stadiums },
	{ 0 }
};

/* --- lines become games and events --- */

static const struct statement make_stadiums = { SQL(
	with new as (
		insert into venue (name, city, country, capacity)
		select min(cells[2]), min(cells[3]), min(cells[4]), max(cells[5]::integer)
		  from import_line
		 where file = 'stadiums'
		 group by lower(cells[2]), lower(cells[3]), lower(cells[4])
		on conflict (lower(name), lower(city), lower(country)) do update
		   set capacity = excluded.capacity
		 where venue.capacity is null
		returning 1
	)
	select 'stadiums' as file, count(*) from new having count(*) > 0
) };

static const struct statement read_matches = { SQL(
	insert into import_game (file, line, provider, provider_game_id, competition, season, day, team_1, team_2, code_1, code_2,
	                         stadium, city, country, neutral, round, score_1, score_2, shootout_1, shootout_2)
	select file, line, 'wcdb', cells[1], substr(cells[2], 6), left(cells[2], 4), cells[5]::date,
	       cells[9] || of_women, cells[11] || of_women, cells[10], cells[12], cells[6], cells[7], cells[8],
	       lower(cells[8]) <> lower(cells[9]), concat_ws(', ', cells[3], nullif(cells[4], 'not applicable')),
	       cells[13]::integer, cells[14]::integer,
	       case when cells[15]::boolean then cells[16]::integer end,
	       case when cells[15]::boolean then cells[17]::integer end
	  from import_line
	 cross join lateral (select case when cells[2] ilike '% women%' then ' (women)' else '' end as of_women) w
	 where file = 'matches'
) };

/* Of a goal the file names the team that has it, an event that of the player. */
static const struct statement read_events = { SQL(
	insert into import_event (file, line, provider, provider_event_id, provider_game_id, minute, stoppage, player, team, type, text)
	select l.file, l.line, 'wcdb', l.cells[1], l.cells[2], l.cells[6]::integer, nullif(l.cells[7]::integer, 0),
	       nullif(concat_ws(' ', nullif(l.cells[5], 'not applicable'), nullif(l.cells[4], 'not applicable')), ''),
	       case when l.cells[3]::boolean = (l.file = 'goals' and l.cells[8]::boolean) then 2 else 1 end,
	       case l.file
	            when 'goals' then
	                 case when l.cells[8]::boolean then 'own_goal' when l.cells[9]::boolean then 'penalty_goal' else 'goal' end
	            when 'bookings' then
	                 case when l.cells[8]::boolean then 'card_red' else 'card_yellow' end
	            else 'substitution' end,
	       case l.file
	            when 'bookings' then
	                 case when l.cells[9]::boolean then 'second yellow card' end
	            when 'substitutions' then
	                 case when l.cells[8]::boolean then 'goes off' else 'comes on' end end
	  from import_line l
	 where l.file in ('goals', 'bookings', 'substitutions')
) };

static const struct import_step steps[] = {
	{ "making stadiums", &make_stadiums, STEP_TAKEN },
	{ "reading matches", &read_matches },
	{ "reading events", &read_events },
	{ .steps = football_steps },
	{ 0 }
};

/* --- totals --- */

static const struct statement totals = { SQL(
	with event as (
		select s.provider_game_id as match, s.score_1, s.score_2, e.type, e.stoppage,
		       ((e.team = 1) = (e.type <> 'own_goal')) <> s.reversed as is_of_1
		  from game_source s
		  join match_event e on e.game_id = s.game_id and e.provider = 'wcdb'
		 where s.provider = 'wcdb'
	), goal as (
		select match, stoppage, type, is_of_1 from event where type in ('goal', 'penalty_goal', 'own_goal')
	)
	select json_build_object(
	       'matches', (select count(*) from game_source where provider = 'wcdb'),
	       'goals', (select count(*) from goal),
	       'bookings', (select count(*) from event where type in ('card_yellow', 'card_red')),
	       'sub_rows', (select count(*) from event where type = 'substitution'),
	       'reds', (select count(*) from event where type = 'card_red'),
	       'own_goals', (select count(*) from goal where type = 'own_goal'),
	       'stoppage_goals', (select count(*) from goal where stoppage > 0),
	       'busiest_matches', (
		select coalesce(json_agg(json_build_array(match, events) order by events desc, match), '[]')
		  from (select match, count(*) as events from event group by 1 order by 2 desc, 1 limit 3) t),
	       'score_vs_goal_rows_mismatch', (
		select count(*)
		  from game_source s
		  left join (select match, count(*) filter (where is_of_1) as goals_1, count(*) filter (where not is_of_1) as goals_2
		               from goal group by 1) t on t.match = s.provider_game_id
		 where s.provider = 'wcdb'
		   and (s.score_1, s.score_2) is distinct from (coalesce(t.goals_1, 0), coalesce(t.goals_2, 0))))::text as totals
) };

const struct import_format import_wcdb = {
	.name = "wcdb",
	.files = files,
	.steps = steps,
	.totals = &totals,
};

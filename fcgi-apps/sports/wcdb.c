/*
 * World Cups, of men and of women, with goals, bookings and substitutions.
 *
 * Its rows have ids of their own.  The teams of women are teams of their own,
 * which their names say: many countries have both.
 */
#include "app/imports.h"
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

/* --- matches --- */

static const struct statement refuse_repeated = { SQL(
	delete from import_line l
	 using (select file, line, row_number() over (partition by file, cells[1] order by line) as number from import_line) n
	 where n.file = l.file and n.line = l.line and n.number > 1
	returning l.file, l.line, 'an earlier line has the same id' as reason
) };

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

static const struct statement find_matches = { SQL(
	update import_line l
	   set found = s.game_id
	  from game_source s
	 where l.file = 'matches' and s.provider = 'wcdb' and s.provider_game_id = l.cells[1]
) };

static const struct statement refuse_matches = { SQL(
	delete from import_line l
	 using game_source s, game g
	 where l.file = 'matches' and s.provider = 'wcdb' and s.provider_game_id = l.cells[1] and g.game_id = s.game_id
	   and (g.day, s.score_1, s.score_2) is distinct from (l.cells[5]::date, l.cells[13]::integer, l.cells[14]::integer)
	returning l.file, l.line, 'another match was imported with this id before' as reason
) };

static const struct statement make_category = { SQL(
	insert into category (name) values ('Football') on conflict do nothing
) };

static const struct statement make_competitions = { SQL(
	insert into competition (category_id, name)
	select c.category_id, min(substr(l.cells[2], 6))
	  from import_line l
	  join category c on lower(c.name) = 'football'
	 where l.file = 'matches' and l.found is null
	 group by c.category_id, lower(substr(l.cells[2], 6))
	 order by min(l.line)
	on conflict do nothing
) };

static const struct statement make_seasons = { SQL(
	insert into season (competition_id, name)
	select k.competition_id, left(l.cells[2], 4)
	  from import_line l
	  join category c on lower(c.name) = 'football'
	  join competition k on k.category_id = c.category_id and lower(k.name) = lower(substr(l.cells[2], 6))
	 where l.file = 'matches' and l.found is null
	 group by k.competition_id, left(l.cells[2], 4)
	 order by min(l.line)
	on conflict do nothing
) };

static const struct statement make_teams = { SQL(
	insert into team (category_id, name, code)
	select c.category_id, min(n.name), min(n.code)
	  from (select line, cells[9] || case when cells[2] ilike '% women%' then ' (women)' else '' end as name, cells[10] as code
	          from import_line where file = 'matches' and found is null
	        union all
	        select line, cells[11] || case when cells[2] ilike '% women%' then ' (women)' else '' end, cells[12]
	          from import_line where file = 'matches' and found is null) n
	  join category c on lower(c.name) = 'football'
	 group by c.category_id, lower(n.name)
	 order by min(n.line)
	on conflict do nothing
) };

static const struct statement make_venues = { SQL(
	insert into venue (name, city, country)
	select min(cells[6]), min(cells[7]), min(cells[8])
	  from import_line
	 where file = 'matches' and found is null
	 group by lower(cells[6]), lower(cells[7]), lower(cells[8])
	on conflict do nothing
) };

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
	), line as (
		select line, cells, case when cells[2] ilike '% women%' then ' (women)' else '' end as of_women
		  from import_line
		 where file = 'matches' and found is null
	), new as materialized (
		select platform.uuid_v7() as game_id, l.line, l.cells, e.season_id, t1.team_id as team_1, t2.team_id as team_2, v.venue_id
		  from line l
		  join edition e on e.competition = lower(substr(l.cells[2], 6)) and e.year = left(l.cells[2], 4)
		  join side t1 on t1.name = lower(l.cells[9] || l.of_women)
		  join side t2 on t2.name = lower(l.cells[11] || l.of_women)
		  join venue v on lower(v.name) = lower(l.cells[6]) and lower(v.city) = lower(l.cells[7])
		              and lower(v.country) = lower(l.cells[8])
		 order by l.line
	), game_made as (
		insert into game (game_id, season_id, team_1, team_2, venue_id, day, neutral, round, state, score_1, score_2,
		                  shootout_1, shootout_2, provider)
		select game_id, season_id, team_1, team_2, venue_id, cells[5]::date, lower(cells[8]) <> lower(cells[9]),
		       concat_ws(', ', cells[3], nullif(cells[4], 'not applicable')), 'ended',
		       cells[13]::integer, cells[14]::integer,
		       case when cells[15]::boolean then cells[16]::integer end,
		       case when cells[15]::boolean then cells[17]::integer end, 'wcdb'
		  from new
	), source_made as (
		insert into game_source (provider, provider_game_id, game_id, score_1, score_2)
		select 'wcdb', cells[1], game_id, cells[13]::integer, cells[14]::integer from new
	), found as (
		update import_line l set found = new.game_id from new where l.file = 'matches' and l.line = new.line
	)
	select 'matches' as file, count(*) from new
) };

/* --- what happened in them --- */

static const struct statement find_games = { SQL(
	update import_line l
	   set found = s.game_id
	  from game_source s
	 where l.file in ('goals', 'bookings', 'substitutions') and s.provider = 'wcdb' and s.provider_game_id = l.cells[2]
) };

static const struct statement refuse_events = { SQL(
	delete from import_line l
	 using match_event e
	 where l.file in ('goals', 'bookings', 'substitutions') and e.provider = 'wcdb' and e.provider_event_id = l.cells[1]
	   and (e.game_id, e.minute, e.stoppage) is distinct from
	       (l.found, l.cells[6]::integer, nullif(l.cells[7]::integer, 0))
	returning l.file, l.line, 'another one was imported with this id before' as reason
) };

/* Of a goal the file names the team that has it, an event that of the player. */
static const struct statement make_events = { SQL(
	with told as (
		select l.file, l.line, l.found as game_id, l.cells[1] as id, l.cells[6]::integer as minute,
		       nullif(l.cells[7]::integer, 0) as stoppage,
		       nullif(concat_ws(' ', nullif(l.cells[5], 'not applicable'), nullif(l.cells[4], 'not applicable')), '') as player,
		       case when l.cells[3]::boolean = (l.file = 'goals' and l.cells[8]::boolean) then 2 else 1 end as team,
		       case l.file
		            when 'goals' then
		                 case when l.cells[8]::boolean then 'own_goal' when l.cells[9]::boolean then 'penalty_goal' else 'goal' end
		            when 'bookings' then
		                 case when l.cells[8]::boolean then 'card_red' else 'card_yellow' end
		            else 'substitution' end as type,
		       case l.file
		            when 'bookings' then
		                 case when l.cells[9]::boolean then 'second yellow card' end
		            when 'substitutions' then
		                 case when l.cells[8]::boolean then 'goes off' else 'comes on' end end as text
		  from import_line l
		 where l.file in ('goals', 'bookings', 'substitutions') and l.found is not null
	), new as (
		insert into match_event (game_id, seq, provider, provider_event_id, type, clock, minute, stoppage, team, player, text)
		select t.game_id,
		       g.last_seq + row_number() over (partition by t.game_id
		                                           order by t.minute, coalesce(t.stoppage, 0), t.file, t.line),
		       'wcdb', t.id, t.type, concat_ws('+', t.minute, t.stoppage), t.minute, t.stoppage, t.team, t.player, t.text
		  from told t
		  join game g on g.game_id = t.game_id
		 where not exists (select from match_event e where e.provider = 'wcdb' and e.provider_event_id = t.id)
		returning type
	)
	select case when type like 'card%' then 'bookings' when type = 'substitution' then 'substitutions' else 'goals' end as file,
	       count(*)
	  from new
	 group by 1
) };

static const struct statement settle_games = { SQL(
	select settle_imported('wcdb', array(select found from import_line where found is not null))
) };

static const struct statement keep_waiting = { SQL(
	insert into import_waiting (provider, file, line, cells)
	select 'wcdb', file, line, cells
	  from import_line
	 where file in ('goals', 'bookings', 'substitutions') and found is null
	on conflict do nothing
	returning file, line, 'there is no match of that id' as reason
) };

static const struct import_step steps[] = {
	{ "comparing", &refuse_repeated, STEP_REFUSED },
	{ "making stadiums", &make_stadiums, STEP_TAKEN },
	{ "looking for matches that are there", &find_matches },
	{ "comparing", &refuse_matches, STEP_REFUSED },
	{ "making the category", &make_category },
	{ "making competitions", &make_competitions },
	{ "making seasons", &make_seasons },
	{ "making teams", &make_teams },
	{ "making venues", &make_venues },
	{ "making games", &make_games, STEP_TAKEN },
	{ "looking for the games of events", &find_games },
	{ "comparing", &refuse_events, STEP_REFUSED },
	{ "making events", &make_events, STEP_TAKEN },
	{ "settling scores", &settle_games },
	{ "keeping what waits", &keep_waiting, STEP_WAITING },
	{ 0 }
};

/* --- totals --- */

static const struct statement totals = { SQL(
	with event as (
		select s.provider_game_id as match, s.score_1, s.score_2, e.type, e.stoppage,
		       (e.team = 1) = (e.type <> 'own_goal') as is_of_1
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

/*
 * What the formats of football have in common: once their lines are in
 * import_game and import_event they are found or made in one way.
 *
 * Each join is by all that it can be by: the planner must not be free to meet
 * every team with every game first.
 */
#include "football.h"

/* --- names --- */

static const struct statement make_category = { SQL(
	insert into category (name) values ('Football') on conflict do nothing
) };

static const struct statement name_games = { SQL(
	update import_game n
	   set competition = name_here(c.category_id, 'competition', n.competition, n.day),
	       team_1 = team_name_here(c.category_id, n.team_1, n.day),
	       team_2 = team_name_here(c.category_id, n.team_2, n.day)
	  from category c
	 where lower(c.name) = 'football'
	   and (lower(n.competition) in (select lower(name) from other_name)
	     or lower(n.team_1) in (select lower(name) from other_name union select lower(name) from former_name)
	     or lower(n.team_2) in (select lower(name) from other_name union select lower(name) from former_name))
) };

static const struct statement name_events = { SQL(
	update import_event n
	   set team_1 = team_name_here(c.category_id, n.team_1, n.day),
	       team_2 = team_name_here(c.category_id, n.team_2, n.day)
	  from category c
	 where lower(c.name) = 'football'
	   and (lower(n.team_1) in (select lower(name) from other_name union select lower(name) from former_name)
	     or lower(n.team_2) in (select lower(name) from other_name union select lower(name) from former_name))
) };

/* --- games --- */

/* With a game that is refused go the goals that came in its line. */
static const struct statement refuse_repeated_games = { SQL(
	with repeated as (
		select file, line, row_number() over (partition by provider_game_id order by file, line) as number from import_game
	), refused as (
		delete from import_game n
		 using repeated r
		 where r.number > 1 and r.file = n.file and r.line = n.line
		returning n.file, n.line
	), goals as (
		delete from import_event n using refused r where r.file = n.file and r.line = n.line
	)
	select file, line, 'an earlier one is the same game' as reason from refused
) };

static const struct statement find_known = { SQL(
	update import_game n
	   set game_id = s.game_id, reversed = s.reversed, is_new = false, known = true
	  from game_source s
	 where s.provider = n.provider and s.provider_game_id = n.provider_game_id
) };

/* A result may come later than its game; then it stays. */
static const struct statement refuse_changed_games = { SQL(
	with refused as (
		delete from import_game n
		 using game_source s, game g, team t1, team t2
		 where n.known and s.provider = n.provider and s.provider_game_id = n.provider_game_id
		   and g.game_id = s.game_id and t1.team_id = g.team_1 and t2.team_id = g.team_2
		   and ((g.day, lower(t1.name), lower(t2.name)) is distinct from
		        (n.day, lower(case when s.reversed then n.team_2 else n.team_1 end),
		         lower(case when s.reversed then n.team_1 else n.team_2 end))
		     or (s.score_1 is not null and (s.score_1, s.score_2) is distinct from (n.score_1, n.score_2)))
		returning n.file, n.line
	), goals as (
		delete from import_event n using refused r where r.file = n.file and r.line = n.line
	)
	select file, line, 'it was another game or result when it was imported before' as reason from refused
) };

/* A game that another provider told of: in that competition, of these teams, on that day. A second one is another game. */
static const struct statement find_others = { SQL(
	with football as materialized (
		select category_id from category where lower(name) = 'football'
	), side as materialized (
		select team_id, lower(name) as name from team where category_id = (select category_id from football)
	), sought as materialized (
		select n.file, n.line, n.provider, lower(n.competition) as competition, n.day, t1.team_id as team_1, t2.team_id as team_2
		  from import_game n
		  join side t1 on t1.name = lower(n.team_1)
		  join side t2 on t2.name = lower(n.team_2)
		 where n.is_new
	), ours as materialized (
		select g.game_id, lower(k.name) as competition, g.day, g.team_1, g.team_2
		  from competition k
		  join season s on s.competition_id = k.competition_id
		  join game g on g.season_id = s.season_id
		 where k.category_id = (select category_id from football)
	), met as (
		select n.file, n.line, o.game_id, o.team_1 <> n.team_1 as reversed,
		       row_number() over (partition by o.game_id order by n.file, n.line) as of_game,
		       row_number() over (partition by n.file, n.line order by o.team_1 <> n.team_1, o.game_id) as of_line
		  from sought n
		  join ours o on o.competition = n.competition and o.day = n.day
		             and least(o.team_1, o.team_2) = least(n.team_1, n.team_2)
		             and greatest(o.team_1, o.team_2) = greatest(n.team_1, n.team_2)
		  left join game_source known on known.game_id = o.game_id and known.provider = n.provider
		 where known.game_id is null
	)
	update import_game n
	   set game_id = met.game_id, reversed = met.reversed, is_new = false
	  from met
	 where n.file = met.file and n.line = met.line and met.of_game = 1 and met.of_line = 1
) };

static const struct statement make_competitions = { SQL(
	insert into competition (category_id, name)
	select c.category_id, min(n.competition)
	  from import_game n
	  join category c on lower(c.name) = 'football'
	 where n.is_new
	 group by c.category_id, lower(n.competition)
	 order by min(n.file), min(n.line)
	on conflict do nothing
) };

static const struct statement make_seasons = { SQL(
	insert into season (competition_id, name)
	select k.competition_id, min(n.season)
	  from import_game n
	  join category c on lower(c.name) = 'football'
	  join competition k on k.category_id = c.category_id and lower(k.name) = lower(n.competition)
	 where n.is_new
	 group by k.competition_id, lower(n.season)
	 order by min(n.file), min(n.line)
	on conflict do nothing
) };

static const struct statement make_teams = { SQL(
	insert into team (category_id, name, code)
	select c.category_id, min(t.name), min(t.code)
	  from import_game n
	 cross join lateral (values (n.team_1, n.code_1), (n.team_2, n.code_2)) t (name, code)
	  join category c on lower(c.name) = 'football'
	 where n.is_new
	 group by c.category_id, lower(t.name)
	 order by min(n.file), min(n.line)
	on conflict do nothing
) };

/* What a team is called by others, so that who looks for "West Germany" finds it. */
static const struct statement make_other_names = { SQL(
	insert into former_name (team_id, name, since, until)
	select t.team_id, o.name, o.since, o.until
	  from other_name o
	  join category c on lower(c.name) = lower(o.category)
	  join team t on t.category_id = c.category_id and lower(t.name) = lower(o.means)
	 where o.kind = 'team'
	on conflict do nothing
) };

static const struct statement make_venues = { SQL(
	insert into venue (name, city, country)
	select min(stadium), min(city), min(country)
	  from import_game
	 where is_new and concat(stadium, city) <> ''
	 group by lower(stadium), lower(city), lower(country)
	 order by min(file), min(line)
	on conflict do nothing
) };

static const struct statement make_games = { SQL(
	with football as materialized (
		select category_id from category where lower(name) = 'football'
	), edition as materialized (
		select s.season_id, lower(k.name) as competition, lower(s.name) as season
		  from season s
		  join competition k on k.competition_id = s.competition_id
		 where k.category_id = (select category_id from football)
	), side as materialized (
		select team_id, lower(name) as name from team where category_id = (select category_id from football)
	), game_made as (
		insert into game (game_id, season_id, team_1, team_2, venue_id, day, starts_at, neutral, round, state, score_1, score_2,
		                  shootout_1, shootout_2, provider)
		select n.game_id, e.season_id, t1.team_id, t2.team_id, v.venue_id, n.day, n.starts_at, n.neutral, n.round, n.state,
		       n.score_1, n.score_2, n.shootout_1, n.shootout_2, n.provider
		  from import_game n
		  join edition e on e.competition = lower(n.competition) and e.season = lower(n.season)
		  join side t1 on t1.name = lower(n.team_1)
		  join side t2 on t2.name = lower(n.team_2)
		  left join venue v on lower(v.name) = lower(n.stadium) and lower(v.city) = lower(n.city)
		                   and lower(v.country) = lower(n.country)
		 where n.is_new
		 order by n.game_id
	), source_made as (
		insert into game_source (provider, provider_game_id, game_id, score_1, score_2, reversed)
		select provider, provider_game_id, game_id, score_1, score_2, reversed
		  from import_game
		 where not known
	)
	select file, count(*) from import_game where not known group by file
) };

static const struct statement take_late_results = { SQL(
	with late as (
		update game_source s
		   set score_1 = n.score_1, score_2 = n.score_2
		  from import_game n
		 where n.known and n.score_1 is not null and s.score_1 is null
		   and s.provider = n.provider and s.provider_game_id = n.provider_game_id
		returning n.file
	)
	select file, count(*) from late group by file
) };

/* What those before did not say. */
static const struct statement complete_games = { SQL(
	with told as materialized (
		select n.game_id, n.provider, n.round, n.starts_at, n.state,
		       case when n.reversed then n.shootout_2 else n.shootout_1 end as shootout_1,
		       case when n.reversed then n.shootout_1 else n.shootout_2 end as shootout_2
		  from import_game n
		 where not n.is_new
	), complete as (
		select g.game_id, coalesce(g.round, t.round) as round, coalesce(g.starts_at, t.starts_at) as starts_at,
		       coalesce(g.shootout_1, t.shootout_1) as shootout_1, coalesce(g.shootout_2, t.shootout_2) as shootout_2,
		       case when g.state in ('scheduled', 'postponed') and g.detail = 'result_only'
		             and (t.provider = g.provider or t.state = 'ended') then t.state
		            else g.state end as state
		  from told t
		  join game g on g.game_id = t.game_id
	)
	update game g
	   set round = c.round, starts_at = c.starts_at, shootout_1 = c.shootout_1, shootout_2 = c.shootout_2, state = c.state,
	       version = g.version + 1, updated_at = now()
	  from complete c
	 where g.game_id = c.game_id
	   and (g.round, g.starts_at, g.shootout_1, g.shootout_2, g.state)
	       is distinct from (c.round, c.starts_at, c.shootout_1, c.shootout_2, c.state)
) };

/* --- what happened in them --- */

static const struct statement find_by_id = { SQL(
	update import_event n
	   set game_id = s.game_id, reversed = s.reversed
	  from game_source s
	 where n.day is null and s.provider = n.provider and s.provider_game_id = n.provider_game_id
) };

static const struct statement find_by_teams = { SQL(
	update import_event n
	   set game_id = p.games[1], reversed = p.reversed
	  from imported_pairing p
	 where n.day is not null and p.provider = n.provider and p.day = n.day
	   and p.name_1 = lower(n.team_1) and p.name_2 = lower(n.team_2) and cardinality(p.games) = 1
) };

static const struct statement refuse_ambiguous = { SQL(
	delete from import_event n
	 using imported_pairing p
	 where n.day is not null and n.game_id is null and p.provider = n.provider and p.day = n.day
	   and p.name_1 = lower(n.team_1) and p.name_2 = lower(n.team_2) and cardinality(p.games) > 1
	returning n.file, n.line, 'these teams met twice on that day' as reason
) };

static const struct statement refuse_repeated_events = { SQL(
	with repeated as (
		select file, line, provider_event_id,
		       row_number() over (partition by provider_event_id order by file, line) as number
		  from import_event
	)
	delete from import_event l
	 using repeated r
	 where r.number > 1 and r.file = l.file and r.line = l.line and r.provider_event_id = l.provider_event_id
	returning l.file, l.line, 'an earlier line has the same id' as reason
) };

static const struct statement refuse_changed_events = { SQL(
	delete from import_event n
	 using match_event e
	 where e.provider = n.provider and e.provider_event_id = n.provider_event_id
	   and (e.game_id, e.type, e.minute, e.stoppage, e.player) is distinct from
	       (n.game_id, n.type, n.minute, n.stoppage, n.player)
	returning n.file, n.line, 'it was another one when it was imported before' as reason
) };

static const struct statement make_events = { SQL(
	with new as materialized (
		select n.file, n.line, n.provider, n.provider_event_id, n.game_id, n.type, n.minute, n.stoppage, n.player, n.text,
		       case when n.reversed then 3 - n.team else n.team end as team
		  from import_event n
		 where n.game_id is not null
		   and not exists (
			select
			  from match_event e
			 where e.provider = n.provider and e.provider_event_id = n.provider_event_id)
	), made as (
		insert into match_event (game_id, seq, provider, provider_event_id, type, clock, minute, stoppage, team, player, text)
		select n.game_id,
		       g.last_seq + row_number() over (partition by n.game_id
		                                           order by n.type = 'shootout_won', n.minute, coalesce(n.stoppage, 0),
		                                                    n.file, n.line, n.provider_event_id),
		       n.provider, n.provider_event_id, n.type, nullif(concat_ws('+', n.minute, n.stoppage), ''),
		       n.minute, n.stoppage, n.team, n.player, n.text
		  from new n
		  join game g on g.game_id = n.game_id
	)
	/* A goal that came with its game is no line of its own. */
	select file, count(*) from new where (file, line) not in (select file, line from import_game) group by file
) };

static const struct statement settle_games = { SQL(
	select settle_imported(provider, array_agg(game_id))
	  from (select provider, game_id from import_game
	        union all
	        select provider, game_id from import_event) told
	 where game_id is not null
	 group by provider
) };

/* --- what waits --- */

static const struct statement end_waiting = { SQL(
	update import_line l
	   set found = n.game_id
	  from import_event n
	 where n.file = l.file and n.line = l.line and n.game_id is not null
	   and exists (select from import_waiting w where w.provider = n.provider and w.file = l.file and w.line = l.line)
) };

static const struct statement keep_waiting = { SQL(
	insert into import_waiting (provider, file, line, cells)
	select n.provider, l.file, l.line, l.cells
	  from import_event n
	  join import_line l on l.file = n.file and l.line = n.line
	 where n.game_id is null
	on conflict do nothing
	returning file, line, 'its game is not there' as reason
) };

static const struct statement empty = { SQL(
	with games as (delete from import_game) delete from import_event
) };

const struct import_step football_steps[] = {
	{ "making the category", &make_category },
	{ "looking for names", &name_games },
	{ "looking for names", &name_events },
	{ "comparing", &refuse_repeated_games, STEP_REFUSED },
	{ "looking for games that are there", &find_known },
	{ "comparing", &refuse_changed_games, STEP_REFUSED },
	{ "looking for games of others", &find_others },
	{ "making competitions", &make_competitions },
	{ "making seasons", &make_seasons },
	{ "making teams", &make_teams },
	{ "making other names", &make_other_names },
	{ "making venues", &make_venues },
	{ "making games", &make_games, STEP_TAKEN },
	{ "taking results", &take_late_results, STEP_TAKEN },
	{ "completing games", &complete_games },
	{ "looking for the games of events", &find_by_id },
	{ "looking for the games of events", &find_by_teams },
	{ "comparing", &refuse_ambiguous, STEP_REFUSED },
	{ "comparing", &refuse_repeated_events, STEP_REFUSED },
	{ "comparing", &refuse_changed_events, STEP_REFUSED },
	{ "making events", &make_events, STEP_TAKEN },
	{ "settling scores", &settle_games },
	{ "ending waits", &end_waiting },
	{ "keeping what waits", &keep_waiting, STEP_WAITING },
	{ "clearing up", &empty },
	{ 0 }
};

/* Standings: of the games of a season, computed. */
#include "sports.h"

struct season_ref {
	const char	*season_id;
};

static const struct field season_ref_fields[] = {
	ID_FIELD(FROM_PATH, season_ref, season_id, .required = true),
	{ 0 }
};

/*
 * A win is three points, a draw one; games that ended count.  A season with
 * groups has a table for each, and what is played after them counts in none:
 * rounds say "Group A", "group stage, Group A" or "second group stage, Group A".
 */
static const struct read read_standings = {
	.statement = { SQL(
		with played as (
			select initcap(substring(round from '(?i)^(?:group stage, )?(.*group [[:alnum:]]+)')) as group_name,
			       team_1, team_2, score_1, score_2,
			       state = 'ended' and score_1 is not null and score_2 is not null as counts
			  from game
			 where season_id = $1 and state <> 'cancelled'
		), side as (
			select group_name, team_1 as team_id, score_1 as scored, score_2 as conceded, counts from played
			union all
			select group_name, team_2, score_2, score_1, counts from played
		), tally as (
			select group_name, team_id,
			       count(*) filter (where counts) as played,
			       count(*) filter (where counts and scored > conceded) as won,
			       count(*) filter (where counts and scored = conceded) as drawn,
			       count(*) filter (where counts and scored < conceded) as lost,
			       coalesce(sum(scored) filter (where counts), 0) as goals_for,
			       coalesce(sum(conceded) filter (where counts), 0) as goals_against
			  from side
			 where group_name is not null or not exists (select from played where group_name is not null)
			 group by group_name, team_id
		), placed as (
			select group_name, tally.team_id, team.name as team_name, played, won, drawn, lost, goals_for, goals_against,
			       goals_for - goals_against as goal_difference, 3 * won + drawn as points,
			       rank() over (partition by group_name
				order by 3 * won + drawn desc, goals_for - goals_against desc, goals_for desc) as position
			  from tally
			  join team on team.team_id = tally.team_id
		)
		select s.season_id, s.name as season_name, c.competition_id, c.name as competition_name, k.name as sport_category,
		       (select coalesce(json_agg(json_build_object(
				'group', group_name, 'position', position, 'team_id', team_id, 'team_name', team_name,
				'played', played, 'won', won, 'drawn', drawn, 'lost', lost, 'goals_for', goals_for,
				'goals_against', goals_against, 'goal_difference', goal_difference, 'points', points)
				order by length(group_name), group_name, position, lower(team_name)), '[]')
			  from placed) as standings
		  from season s
		  join competition c on c.competition_id = s.competition_id
		  join category k on k.category_id = c.category_id
		 where s.season_id = $1
	) },
	.shape = ONE,
	.missing = "There is no such season.",
};

#define STANDINGS	"season_id:id season_name competition_id:id competition_name sport_category" \
			" standings[group:text? position:int team_id:id team_name played:int won:int drawn:int lost:int" \
			" goals_for:int goals_against:int goal_difference:int points:int]"

const struct route standing_routes[] = {
	{ GET, "/api/sports/seasons/{season_id}/standings", INPUT(season_ref), .read = &read_standings,
	  .audience = ANYONE, .reads = REPLICA, .cache = 10, .envelope = STATUS_DATA,
	  .answer = STANDINGS, .summary = "The tables of a season, by points, then goal difference, then goals" },
	{ 0 }
};

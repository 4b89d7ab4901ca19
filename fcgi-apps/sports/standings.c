/* Standings: of the games of a season, computed. */
#include "sports.h"

struct season_ref {
	const char	*season_id;
};

static const struct field season_ref_fields[] = {
	ID_FIELD(FROM_PATH, season_ref, season_id, .required = true),
	{ 0 }
};

/* Who is ahead by which rule: standings_of() in sql/sports/006_reading.sql. */
static const struct read read_standings = {
	.statement = { SQL(
		select s.season_id, s.name as season_name, c.competition_id, c.name as competition_name, k.name as sport_category,
		       points_of_season(s.points_for_win, k.name, s.name) as points_for_win, c.head_to_head_first,
		       (select coalesce(json_agg(row_to_json(placed)), '[]') from standings_of(s.season_id) placed) as standings
		  from season s
		  join competition c on c.competition_id = s.competition_id
		  join category k on k.category_id = c.category_id
		 where s.season_id = $1
	) },
	.shape = ONE,
	.missing = "There is no such season.",
};

#define STANDINGS	"season_id:id season_name competition_id:id competition_name sport_category" \
			" points_for_win:int head_to_head_first:bool" \
			" standings[group:text? position:int team_id:id team_name played:int won:int drawn:int lost:int" \
			" goals_for:int goals_against:int goal_difference:int points:int]"

const struct route standing_routes[] = {
	{ GET, "/api/sports/seasons/{season_id}/standings", INPUT(season_ref), .read = &read_standings,
	  .audience = ANYONE, .reads = REPLICA, .cache = STANDINGS_S, .envelope = STATUS_DATA,
	  .answer = STANDINGS, .summary = "The tables of a season, one for each group" },
	{ 0 }
};

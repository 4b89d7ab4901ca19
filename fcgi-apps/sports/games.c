/* Games: those that are on, one with all that happened, and the list to search in. */
#include "sports.h"

/* --- those that are on --- */

/* event_id is the game here, so what admits to it has another name. */
static const struct read list_ongoing = {
	.statement = { SQL(
		select game_id as event_id, event_id as "ticket_event_id?", sport_category, team_1, team_2, score_team_1, score_team_2,
		       shootout_team_1 as "shootout_team_1?", shootout_team_2 as "shootout_team_2?",
		       event_status, start_time, current_period, clock, competition_id, competition, season_id, season, round,
		       team_1_id, team_2_id, event_details(game_id, team_1, team_2) as event_details
		  from listed_game
		 where event_status = 'live'
		 order by start_time, game_id
	) },
	.shape = LIST,
};

#define PLACE	"competition_id:id competition season_id:id season round:text? team_1_id:id team_2_id:id"
#define EVENTS	"event_details[event_time event_type description team:int? player:text? occurred_at:time?]"
#define ONGOING	"event_id:id ticket_event_id:id? sport_category team_1 team_2 score_team_1:int score_team_2:int" \
		" shootout_team_1:int? shootout_team_2:int? event_status start_time:time? current_period clock:text? " PLACE " " EVENTS

/* --- one --- */

struct game_ref {
	const char	*game_id;
};

static const struct field game_ref_fields[] = {
	ID_FIELD(FROM_PATH, game_ref, game_id, .required = true),
	{ 0 }
};

static const struct read read_game = {
	.statement = { SQL(
		select g.game_id, g.sport_category, g.team_1, g.team_2, g.score_team_1, g.score_team_2,
		       g.shootout_team_1 as "shootout_team_1?", g.shootout_team_2 as "shootout_team_2?",
		       g.winner, g.event_status, g.day, g.start_time, g.current_period, g.clock, g.neutral, g.detail,
		       g.competition_id, g.competition, g.season_id, g.season, g.round, g.team_1_id, g.team_2_id,
		       v.venue_id as "venue?.venue_id", v.name as "venue?.venue_name", v.city as "venue?.city",
		       v.country as "venue?.country", v.capacity as "venue?.capacity",
		       g.event_id as "event_id?", event_details(g.game_id, g.team_1, g.team_2) as event_details
		  from listed_game g
		  left join venue v on v.venue_id = g.venue_id
		 where g.game_id = $1
	) },
	.shape = ONE,
	.missing = "There is no such game.",
};

/* event_id is the event of the ticket shop that admits to it; winner is team_1, team_2, or null. */
#define GAME	"game_id:id sport_category team_1 team_2 score_team_1:int score_team_2:int" \
		" shootout_team_1:int? shootout_team_2:int? winner:text? event_status day:date start_time:time?" \
		" current_period clock:text? neutral:bool detail " PLACE " event_id:id?"

/* --- the list --- */

struct game_filter {
	const char	*team, *competition, *category, *season, *from, *to, *state;
};

static const struct field game_filter_fields[] = {
	TEXT_FIELD(FROM_QUERY, game_filter, team, .min = 1, .max = 160),
	TEXT_FIELD(FROM_QUERY, game_filter, competition, .min = 1, .max = 160),
	TEXT_FIELD(FROM_QUERY, game_filter, category, .min = 1, .max = 160),
	TEXT_FIELD(FROM_QUERY, game_filter, season, .min = 1, .max = 160),
	DATE_FIELD(FROM_QUERY, game_filter, from),
	DATE_FIELD(FROM_QUERY, game_filter, to),
	TEXT_FIELD(FROM_QUERY, game_filter, state, .choices = "scheduled live ended postponed abandoned cancelled"),
	{ 0 }
};

/* The last day first: most games are past, and what people look for is recent. */
static const struct page_key game_order[] = {
	{ "day", DATE, "infinity" },
	{ "game_id", ID, "ffffffff-ffff-ffff-ffff-ffffffffffff" },
	{ 0 }
};

static const struct read list_games = {
	.statement = { SQL(
		select g.game_id, g.sport_category, g.team_1, g.team_2, g.score_team_1, g.score_team_2,
		       g.shootout_team_1 as "shootout_team_1?", g.shootout_team_2 as "shootout_team_2?",
		       g.winner, g.event_status, g.day, g.start_time, g.current_period, g.clock, g.neutral, g.detail,
		       g.competition_id, g.competition, g.season_id, g.season, g.round, g.team_1_id, g.team_2_id,
		       g.event_id as "event_id?"
		  from find_games($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) as found (game_id)
		  join listed_game g on g.game_id = found.game_id
		 order by g.day desc, g.game_id desc
	) },
	.shape = PAGE,
	.keys = game_order,
};

const struct route game_routes[] = {
	{ GET, "/api/sports/ongoing-events", .read = &list_ongoing,
	  .audience = ANYONE, .reads = REPLICA, .cache = LIVE_S, .envelope = STATUS_DATA,
	  .answer = ONGOING, .summary = "Games that are on, with all that happened" },
	{ GET, "/api/sports/games", INPUT(game_filter), .read = &list_games,
	  .audience = ANYONE, .reads = REPLICA, .cache = SEARCH_S, .envelope = STATUS_DATA,
	  .answer = GAME, .summary = "Games, the last day first; team, competition, category and season by id or name" },
	{ GET, "/api/sports/games/{game_id}", INPUT(game_ref), .read = &read_game,
	  .audience = ANYONE, .reads = REPLICA, .cache = LIVE_S, .envelope = STATUS_DATA,
	  .answer = GAME " venue{venue_id:id venue_name city country capacity:int?}? " EVENTS,
	  .summary = "A game, past, live or to come, with all that happened" },
	{ 0 }
};

/* Sports, competitions, seasons, teams and venues. */
#include "sports.h"

#define NIL_ID	"00000000-0000-0000-0000-000000000000"

/* --- sports --- */

static const struct read list_categories = {
	.statement = { SQL(
		select category_id, name as category_name
		  from category
		 order by lower(name)
	) },
	.shape = LIST,
};

#define CATEGORY	"category_id:id category_name"

/* --- competitions and their seasons --- */

/* By name, which is short; what a cursor remembers is in lower case, as the index. */
static const struct page_key competition_order[] = {
	{ "_name", TEXT, "" },
	{ "competition_id", ID, NIL_ID },
	{ 0 }
};

struct competition_filter {
	const char	*category;
};

static const struct field competition_filter_fields[] = {
	TEXT_FIELD(FROM_QUERY, competition_filter, category, .min = 1, .max = 160),
	{ 0 }
};

static const struct read list_competitions = {
	.statement = { SQL(
		select c.competition_id, c.name as competition_name, k.category_id, k.name as sport_category, lower(c.name) as _name
		  from competition c
		  join category k on k.category_id = c.category_id
		 where ($1::text is null or k.category_id = to_id($1) or lower(k.name) = lower($1))
		   and (lower(c.name), c.competition_id) > ($2, $3::uuid)
		 order by lower(c.name), c.competition_id
		 limit $4::bigint
	) },
	.shape = PAGE,
	.keys = competition_order,
};

#define COMPETITION	"competition_id:id competition_name category_id:id sport_category"

struct competition_ref {
	const char	*competition_id;
};

static const struct field competition_ref_fields[] = {
	ID_FIELD(FROM_PATH, competition_ref, competition_id, .required = true),
	{ 0 }
};

static const struct read read_competition = {
	.statement = { SQL(
		select c.competition_id, c.name as competition_name, k.category_id, k.name as sport_category
		  from competition c
		  join category k on k.category_id = c.category_id
		 where c.competition_id = $1
	) },
	.shape = ONE,
	.missing = "There is no such competition.",
};

/* One row, so that a competition without seasons differs from none. */
static const struct read read_seasons = {
	.statement = { SQL(
		select c.competition_id, c.name as competition_name, k.category_id, k.name as sport_category,
		       (select coalesce(json_agg(json_build_object('season_id', s.season_id, 'season_name', s.name)
				order by lower(s.name) desc), '[]')
			  from season s
			 where s.competition_id = c.competition_id) as seasons
		  from competition c
		  join category k on k.category_id = c.category_id
		 where c.competition_id = $1
	) },
	.shape = ONE,
	.missing = "There is no such competition.",
};

/* --- teams --- */

static const struct page_key team_order[] = {
	{ "_name", TEXT, "" },
	{ "team_id", ID, NIL_ID },
	{ 0 }
};

struct team_filter {
	const char	*name, *category;
};

static const struct field team_filter_fields[] = {
	TEXT_FIELD(FROM_QUERY, team_filter, name, .min = 1, .max = 120),
	TEXT_FIELD(FROM_QUERY, team_filter, category, .min = 1, .max = 160),
	{ 0 }
};

static const struct read list_teams = {
	.statement = { SQL(
		select t.team_id, t.name as team_name, t.code, k.category_id, k.name as sport_category,
		       array(select distinct f.name from former_name f where f.team_id = t.team_id order by f.name) as former_names,
		       lower(t.name) as _name
		  from team t
		  join category k on k.category_id = t.category_id
		 where ($1::text is null or starts_with(lower(t.name), lower($1)) or exists (
			select
			  from former_name f
			 where f.team_id = t.team_id and starts_with(lower(f.name), lower($1))))
		   and ($2::text is null or k.category_id = to_id($2) or lower(k.name) = lower($2))
		   and (lower(t.name), t.team_id) > ($3, $4::uuid)
		 order by lower(t.name), t.team_id
		 limit $5::bigint
	) },
	.shape = PAGE,
	.keys = team_order,
};

struct team_ref {
	const char	*team_id;
};

static const struct field team_ref_fields[] = {
	ID_FIELD(FROM_PATH, team_ref, team_id, .required = true),
	{ 0 }
};

static const struct read read_team = {
	.statement = { SQL(
		select t.team_id, t.name as team_name, t.code, k.category_id, k.name as sport_category,
		       array(select distinct f.name from former_name f where f.team_id = t.team_id order by f.name) as former_names
		  from team t
		  join category k on k.category_id = t.category_id
		 where t.team_id = $1
	) },
	.shape = ONE,
	.missing = "There is no such team.",
};

#define TEAM	"team_id:id team_name code:text? category_id:id sport_category former_names:[text]"

/* --- venues --- */

struct venue_ref {
	const char	*venue_id;
};

static const struct field venue_ref_fields[] = {
	ID_FIELD(FROM_PATH, venue_ref, venue_id, .required = true),
	{ 0 }
};

static const struct read read_venue = {
	.statement = { SQL(
		select venue_id, name as venue_name, city, country, capacity, latitude, longitude
		  from venue
		 where venue_id = $1
	) },
	.shape = ONE,
	.missing = "There is no such venue.",
};

#define VENUE	"venue_id:id venue_name city country capacity:int? latitude:number? longitude:number?"

const struct route catalogue_routes[] = {
	{ GET, "/api/sports/categories", .read = &list_categories,
	  .audience = ANYONE, .reads = REPLICA, .cache = CATALOGUE_S, .envelope = STATUS_DATA,
	  .answer = CATEGORY, .summary = "Every sport" },
	{ GET, "/api/sports/competitions", INPUT(competition_filter), .read = &list_competitions,
	  .audience = ANYONE, .reads = REPLICA, .cache = CATALOGUE_S, .envelope = STATUS_DATA,
	  .answer = COMPETITION, .summary = "Competitions by name; of one sport, by its id or name" },
	{ GET, "/api/sports/competitions/{competition_id}", INPUT(competition_ref), .read = &read_competition,
	  .audience = ANYONE, .reads = REPLICA, .cache = CATALOGUE_S, .envelope = STATUS_DATA,
	  .answer = COMPETITION, .summary = "A competition" },
	{ GET, "/api/sports/competitions/{competition_id}/seasons", INPUT(competition_ref), .read = &read_seasons,
	  .audience = ANYONE, .reads = REPLICA, .cache = CATALOGUE_S, .envelope = STATUS_DATA,
	  .answer = COMPETITION " seasons[season_id:id season_name]", .summary = "A competition and its seasons, the last one first" },
	{ GET, "/api/sports/teams", INPUT(team_filter), .read = &list_teams,
	  .audience = ANYONE, .reads = REPLICA, .cache = CATALOGUE_S, .envelope = STATUS_DATA,
	  .answer = TEAM, .summary = "Teams whose name, or one that they had, begins so; by name" },
	{ GET, "/api/sports/teams/{team_id}", INPUT(team_ref), .read = &read_team,
	  .audience = ANYONE, .reads = REPLICA, .cache = CATALOGUE_S, .envelope = STATUS_DATA,
	  .answer = TEAM, .summary = "A team" },
	{ GET, "/api/sports/venues/{venue_id}", INPUT(venue_ref), .read = &read_venue,
	  .audience = ANYONE, .reads = REPLICA, .cache = CATALOGUE_S, .envelope = STATUS_DATA,
	  .answer = VENUE, .summary = "Where games are played" },
	{ 0 }
};

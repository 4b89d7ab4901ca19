/*
 * The openfootball project: an edition of a competition in a JSON document,
 * with goals, with results only or not played yet.
 *
 * Its games have no ids.  Here one is what nobody else can be: the day, and a
 * digest of edition and teams.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/writer.h"
#include "football.h"
#include "sports.h"

/* --- a game as cells --- */

enum {
	COMPETITION, SEASON, DAY, STARTS_AT, ROUND, TEAM_1, CODE_1, TEAM_2, CODE_2, STADIUM, CITY, STATE,
	SCORE_1, SCORE_2, SHOOTOUT_1, SHOOTOUT_2, GOALS, CELLS
};

static const struct import_column columns[] = {
	[COMPETITION]	= { "name", CELL_NAME, 160 },
	[SEASON]	= { "edition", CELL_NAME, 9 },
	[DAY]		= { "date", CELL_DAY },
	[STARTS_AT]	= { "time", CELL_TEXT, 40 },
	[ROUND]		= { "group and round", CELL_TEXT, 80 },
	[TEAM_1]	= { "team1", CELL_NAME, 120 },
	[CODE_1]	= { "code of team1", CELL_TEXT, 8 },
	[TEAM_2]	= { "team2", CELL_NAME, 120 },
	[CODE_2]	= { "code of team2", CELL_TEXT, 8 },
	[STADIUM]	= { "ground", CELL_TEXT, 160 },
	[CITY]		= { "city of ground", CELL_TEXT, 120 },
	[STATE]		= { "status", CELL_NAME, 20 },
	[SCORE_1]	= { "score of team1", CELL_NUMBER_OR_NA, 999 },
	[SCORE_2]	= { "score of team2", CELL_NUMBER_OR_NA, 999 },
	[SHOOTOUT_1]	= { "penalties of team1", CELL_NUMBER_OR_NA, 999 },
	[SHOOTOUT_2]	= { "penalties of team2", CELL_NUMBER_OR_NA, 999 },
	[GOALS]		= { "goals", CELL_NAME, 100000 },
	[CELLS]		= { 0 }
};

/* One game while it is read; the first problem is kept. */
struct match {
	struct scope	*scope;
	const json_t	*json;
	const char	*cells[CELLS];
	const char	*problem;
};

static const char *
text_or(const json_t *object, const char *key, const char *missing)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text != NULL ? text : missing;
}

/* "Brazil", or { "name": "Brazil", "code": "BRA" }. */
static void
read_team(struct match *m, const char *key, int name, int code)
{
	const json_t *team = json_object_get(m->json, key);

	m->cells[name] = json_is_string(team) ? json_string_value(team) : text_or(team, "name", "");
	m->cells[code] = text_or(team, "code", "");
}

/* "17:00 UTC-3" is a time; without a zone nobody knows which. */
static void
read_time(struct match *m)
{
	const char *time = text_or(m->json, "time", "");
	int hour, minute, zone, length;

	m->cells[DAY] = text_or(m->json, "date", "");
	m->cells[STARTS_AT] = "";
	if (sscanf(time, "%2d:%2d UTC%3d%n", &hour, &minute, &zone, &length) == 3 && time[length] == '\0' &&
	    hour >= 0 && hour < 24 && minute >= 0 && minute < 60 && abs(zone) <= 14)
		m->cells[STARTS_AT] = scope_printf(m->scope, "%s %02d:%02d:00%+03d", m->cells[DAY], hour, minute, zone);
}

/* "Luzhniki Stadium, Moscow". */
static void
read_ground(struct match *m)
{
	const char *ground = text_or(m->json, "ground", ""), *comma = strrchr(ground, ',');

	m->cells[STADIUM] = comma == NULL ? ground : scope_copy(m->scope, ground, (size_t)(comma - ground));
	m->cells[CITY] = comma == NULL ? "" : comma + 1 + strspn(comma + 1, " ");
}

static void
read_round(struct match *m, const char *round)
{
	const char *group = text_or(m->json, "group", "");

	round = text_or(m->json, "round", round);
	m->cells[ROUND] = *group == '\0' || *round == '\0' ? scope_printf(m->scope, "%s%s", group, round) :
	    scope_printf(m->scope, "%s, %s", group, round);
}

static void
read_pair(struct match *m, const json_t *pair, int cell)
{
	m->cells[cell] = m->cells[cell + 1] = "NA";
	if (pair == NULL)
		return;
	if (json_array_size(pair) != 2 || !json_is_integer(json_array_get(pair, 0)) || !json_is_integer(json_array_get(pair, 1))) {
		m->problem = "a score is not of two numbers";
		return;
	}
	for (size_t i = 0; i < 2; i++)
		m->cells[cell + (int)i] = scope_printf(m->scope, "%lld",
		    (long long)json_integer_value(json_array_get(pair, i)));
}

/* Goals of extra time are in "et", also those before it. */
static void
read_score(struct match *m)
{
	const json_t *score = json_object_get(m->json, "score"), *extra = json_object_get(score, "et");

	if (score != NULL && !json_is_object(score))
		m->problem = "score is no object";
	read_pair(m, extra != NULL ? extra : json_object_get(score, "ft"), SCORE_1);
	read_pair(m, json_object_get(score, "p"), SHOOTOUT_1);
}

static void
read_state(struct match *m)
{
	static const struct { const char *status, *state; } states[] = {
		{ "canceled", "cancelled" },
		{ "cancelled", "cancelled" },
		{ "postponed", "postponed" },
		{ "abandoned", "abandoned" },
		{ "", "scheduled" },
		{ 0 }
	};
	const char *status = text_or(m->json, "status", "");
	int i = 0;

	while (states[i].status != NULL && strcmp(states[i].status, status) != 0)
		i++;
	m->cells[STATE] = strcmp(m->cells[SCORE_1], "NA") != 0 ? "ended" : states[i].state;
	if (m->cells[STATE] == NULL)
		m->problem = "its status is not known";
}

/* An own goal stands with the team that has it, an event with that of the player. */
static void
write_goal(struct match *m, struct writer *w, const json_t *goal, int side)
{
	const json_t *minute = json_object_get(goal, "minute"), *offset = json_object_get(goal, "offset");
	bool own = json_is_true(json_object_get(goal, "owngoal"));
	const char *player = text_or(goal, "name", "");

	if (*player == '\0' || text_length(player) > 120 || !json_is_integer(minute) || json_integer_value(minute) < 0 ||
	    json_integer_value(minute) > 150 || (offset != NULL && !json_is_integer(offset)) ||
	    json_integer_value(offset) < 0 || json_integer_value(offset) > 60) {
		m->problem = "a goal has no name or no minute from 0 to 150";
		return;
	}
	writer_literal(w, "{");
	writer_member(w, "player", player);
	writer_member(w, "type", own ? "own_goal" : json_is_true(json_object_get(goal, "penalty")) ? "penalty_goal" : "goal");
	writer_member_integer(w, "team", own ? 3 - side : side);
	writer_member_integer(w, "minute", json_integer_value(minute));
	writer_member_integer(w, "stoppage", json_integer_value(offset));
	writer_literal(w, "}");
}

static void
read_goals(struct match *m)
{
	const char *comma = "";
	struct writer w;

	writer_begin(&w, m->scope, 256);
	writer_literal(&w, "[");
	for (int side = 1; side <= 2; side++) {
		const json_t *goals = json_object_get(m->json, side == 1 ? "goals1" : "goals2");

		if (goals != NULL && !json_is_array(goals))
			m->problem = "goals are no list";
		for (size_t i = 0; i < json_array_size(goals) && m->problem == NULL; i++) {
			writer_text(&w, comma);
			write_goal(m, &w, json_array_get(goals, i), side);
			comma = ",";
		}
	}
	writer_literal(&w, "]");
	m->cells[GOALS] = writer_copy(&w);
}

static const char *
match_problem(const char *const *cells)
{
	if (strcasecmp(cells[TEAM_1], cells[TEAM_2]) == 0)
		return "a team plays against itself";
	return strcmp(cells[SCORE_1], "NA") == 0 && strcmp(cells[GOALS], "[]") != 0 ? "it has goals and no score" : NULL;
}

static const struct import_file files[] = {
	{ "game", columns, match_problem },
	{ 0 }
};

/* --- documents --- */

/* "Premier League 2022/23": where the edition begins; NULL: it has none. */
static const char *
edition_of(const char *name)
{
	const char *edition = strrchr(name, ' ');
	size_t length = edition != NULL ? strlen(++edition) : 0;

	if (length < 4 || edition == name + 1 || strspn(edition, "0123456789") != 4)
		return NULL;
	return length == 4 || (edition[4] == '/' && length > 5 && 5 + strspn(edition + 5, "0123456789") == length) ? edition : NULL;
}

static long
take_matches(struct import_sheet *sheet, const char *name, const json_t *matches, const char *round, long before)
{
	struct scope *scope = sheet->import->scope;
	const char *edition = edition_of(name);

	for (size_t i = 0; i < json_array_size(matches); i++) {
		struct match m = { .scope = scope, .json = json_array_get(matches, i) };

		m.cells[COMPETITION] = scope_copy(scope, name, (size_t)(edition - name - 1));
		m.cells[SEASON] = edition;
		if (!json_is_object(m.json))
			m.problem = "it is no object";
		read_time(&m);
		read_round(&m, round);
		read_team(&m, "team1", TEAM_1, CODE_1);
		read_team(&m, "team2", TEAM_2, CODE_2);
		read_ground(&m);
		read_score(&m);
		read_state(&m);
		read_goals(&m);
		import_take(sheet, ++before, m.cells, m.problem);
	}
	return before;
}

/* Matches stand in the document, or in its rounds. */
static const char *
read_document(struct import_sheet *sheet, const json_t *document)
{
	const json_t *matches = json_object_get(document, "matches"), *rounds = json_object_get(document, "rounds");
	const char *name = text_or(document, "name", "");
	long count;

	if (!json_is_array(matches) && !json_is_array(rounds))
		return "it has no matches";
	if (edition_of(name) == NULL)
		return "its name ends in no edition, such as 2018 or 2022/23";
	count = take_matches(sheet, name, matches, "", 0);
	for (size_t i = 0; i < json_array_size(rounds); i++) {
		const json_t *round = json_array_get(rounds, i);

		count = take_matches(sheet, name, json_object_get(round, "matches"), text_or(round, "name", ""), count);
	}
	return NULL;
}

/* --- lines become games and events --- */

static const struct statement read_games = { SQL(
	insert into import_game (file, line, provider, provider_game_id, competition, season, day, starts_at, team_1, team_2,
	                         code_1, code_2, stadium, city, round, state, score_1, score_2, shootout_1, shootout_2)
	select file, line, 'openfootball',
	       cells[3] || ' ' || md5(lower(concat_ws('|', cells[1], cells[2], cells[6], cells[8]))),
	       cells[1], cells[2], cells[3]::date, nullif(cells[4], '')::timestamptz, cells[6], cells[8],
	       nullif(cells[7], ''), nullif(cells[9], ''), cells[10], cells[11], nullif(cells[5], ''), cells[12],
	       nullif(cells[13], 'NA')::integer, nullif(cells[14], 'NA')::integer,
	       nullif(cells[15], 'NA')::integer, nullif(cells[16], 'NA')::integer
	  from import_line
) };

static const struct statement read_goal_events = { SQL(
	insert into import_event (file, line, provider, provider_event_id, provider_game_id, type, minute, stoppage, team, player)
	select n.file, n.line, n.provider, n.provider_game_id || ' ' || g.place, n.provider_game_id, g.type, g.minute,
	       nullif(g.stoppage, 0), g.team, g.player
	  from import_game n
	  join import_line l on l.file = n.file and l.line = n.line
	 cross join lateral rows from (
		jsonb_to_recordset(l.cells[17]::jsonb) as (type text, minute integer, stoppage integer, team smallint, player text)
	       ) with ordinality g (type, minute, stoppage, team, player, place)
) };

static const struct import_step steps[] = {
	{ "reading games", &read_games },
	{ "reading goals", &read_goal_events },
	{ .steps = football_steps },
	{ 0 }
};

/* --- totals --- */

static const struct statement totals = { SQL(
	with told as (
		select s.game_id, s.score_1, s.score_2, s.reversed, g.state
		  from game_source s
		  join game g on g.game_id = s.game_id
		 where s.provider = 'openfootball'
	), goal as (
		select game_id, type, stoppage, (team = 1) = (type <> 'own_goal') as is_of_1
		  from match_event
		 where provider = 'openfootball'
	)
	select json_build_object(
	       'games', (select count(*) from told),
	       'without_result', (select count(*) from told where score_1 is null),
	       'goals_total', (select coalesce(sum(score_1 + score_2), 0) from told),
	       'goals', (select count(*) from goal),
	       'own_goals', (select count(*) from goal where type = 'own_goal'),
	       'penalties', (select count(*) from goal where type = 'penalty_goal'),
	       'stoppage_goals', (select count(*) from goal where stoppage > 0),
	       'score_vs_goals_mismatch', (
		select count(*)
		  from told t
		  join (select game_id, count(*) filter (where is_of_1) as goals_1, count(*) filter (where not is_of_1) as goals_2
		          from goal group by 1) e on e.game_id = t.game_id
		 where (e.goals_1, e.goals_2) is distinct from
		       (case when t.reversed then t.score_2 else t.score_1 end,
		        case when t.reversed then t.score_1 else t.score_2 end)))::text as totals
) };

const struct import_format import_openfootball = {
	.name = "openfootball",
	.files = files,
	.many = true,
	.read = read_document,
	.steps = steps,
	.totals = &totals,
};

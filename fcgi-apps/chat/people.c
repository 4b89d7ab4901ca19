/* People: names as users' events tell them; users is asked for those who are not known. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "chat.h"
#include "remote/call.h"

#define CALL_MS		1000
#define MOST_ASKED	50	/* for at once; lease_nameless says the same */

/* --- what is told --- */

const struct statement person_named = { SQL(
	insert into person (user_id, username, version)
	select (data ->> 'user_id')::uuid, data ->> 'username', $2::bigint
	  from (select $1::jsonb as data) event
	on conflict (user_id)
	   do update set username = excluded.username, version = excluded.version, asked_at = null
	 where person.version <= excluded.version
) };

/* --- what is asked --- */

/* An array of user_id, username and version, without those whom users does not know. NULL: it does not answer. */
static const json_t *
ask_users(const struct app_state *state, struct scope *scope, const char *query, const char *traceparent)
{
	struct call_line *line = call_line_of(scope, state->calls);
	json_t *answer = NULL;
	int status;

	if (line == NULL)
		return NULL;
	status = call_make(line, scope, &(struct call){
		.pool = "users", .path = scope_printf(scope, "/internal/people?%s", query),
		.traceparent = traceparent, .timeout_ms = CALL_MS,
	}, &answer);
	scope_retry(scope);
	return status == 200 ? json_object_get(answer, "people") : NULL;
}

/* One who was erased while users answered stays no longer than an answer is believed. */
static const struct statement keep_answer = { SQL(
	insert into person (user_id, username, version, asked_at)
	select user_id, username, version, now()
	  from jsonb_to_recordset($1::jsonb) as told (user_id uuid, username text, version bigint)
	on conflict (user_id)
	   do update set username = excluded.username, version = excluded.version, asked_at = excluded.asked_at
	 where person.version <= excluded.version
) };

static const char *
text_of(struct scope *scope, const json_t *people)
{
	char *dumped = json_dumps(people, JSON_COMPACT), *text;

	if (dumped == NULL)
		return "[]";
	text = scope_printf(scope, "%s", dumped);
	free(dumped);
	return text;
}

/* --- whom somebody means --- */

static const struct statement find_by_id = { SQL(
	select user_id
	  from person
	 where user_id = $1 and username is not null and coalesce(asked_at, now()) > now() - interval '1 minute'
) };

/* Two when one took the name that another gave up, and we heard only of the first. */
static const struct statement find_by_name = { SQL(
	select user_id
	  from person
	 where lower(username) = lower($1) and coalesce(asked_at, now()) > now() - interval '1 minute'
) };

static const struct statement find_by_name_at_last = { SQL(
	select user_id
	  from person
	 where lower(username) = lower($1)
) };

/* So that it stands in a query as it is. */
static bool
may_be_name(const char *text)
{
	return *text != '\0' && strlen(text) <= 64 &&
	    text[strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-")] == '\0';
}

bool
people_is_caller(const struct request *rq, const char *who)
{
	return strcasecmp(who, rq->caller.user_id) == 0 || strcasecmp(who, rq->caller.name) == 0;
}

static const char *
only_one(const struct rows *rows)
{
	return rows_count(rows) == 1 ? row_text(rows, 0, "user_id") : NULL;
}

static const char *
no_such_person(struct request *rq, const char *field)
{
	if (field != NULL)
		scope_bad_field(&rq->scope, field, "There is no such person.");
	else
		scope_fail(&rq->scope, 404, "not_found", "There is no such person.");
	return NULL;
}

static const char *
take_answer(struct request *rq, const char *field, const json_t *people)
{
	const char *user_id = json_string_value(json_object_get(json_array_get(people, 0), "user_id"));

	if (user_id == NULL)
		return no_such_person(rq, field);
	db_change(rq->db, &keep_answer, p_text(text_of(&rq->scope, people)));
	return scope_failed(&rq->scope) ? NULL : user_id;
}

static const char *
find_id(struct request *rq, const char *field, const char *id)
{
	const json_t *people;

	if (only_one(db_query(rq->db, &find_by_id, p_text(id))) != NULL || scope_failed(&rq->scope))
		return id;
	people = ask_users(rq->state, &rq->scope, scope_printf(&rq->scope, "ids=%s", id), rq->traceparent);
	return people != NULL ? take_answer(rq, field, people) : id;
}

static const char *
find_name(struct request *rq, const char *field, const char *name)
{
	const char *found = only_one(db_query(rq->db, &find_by_name, p_text(name)));
	const json_t *people;

	if (found != NULL || scope_failed(&rq->scope))
		return found;
	people = ask_users(rq->state, &rq->scope, scope_printf(&rq->scope, "names=%s", name), rq->traceparent);
	if (people != NULL)
		return take_answer(rq, field, people);
	found = only_one(db_query(rq->db, &find_by_name_at_last, p_text(name)));
	if (found == NULL)
		scope_fail(&rq->scope, 503, "unavailable", "Who is called so cannot be told just now; try again, or give an id.");
	return found;
}

const char *
people_find(struct request *rq, const char *field, const char *who)
{
	uint8_t id[16];
	char *canonical;

	if (text_to_uuid(id, who)) {
		canonical = scope_alloc(&rq->scope, 37);
		text_from_uuid(canonical, id);
		return find_id(rq, field, canonical);
	}
	return may_be_name(who) ? find_name(rq, field, who) : no_such_person(rq, field);
}

/* --- those who were written to while users was away --- */

static const struct statement lease_nameless = { SQL(
	update person
	   set asked_at = now()
	 where user_id in (
	       select user_id
	         from person
	        where username is null and coalesce(asked_at, '-infinity') < now() - interval '10 seconds'
	        limit 50
	          for update skip locked)
	returning user_id
) };

/* Whoever is not in the answer is nobody, and not asked for again. */
static const struct statement give_up_nameless = { SQL(
	update person
	   set asked_at = 'infinity'
	 where user_id = any ($1::uuid[]) and username is null
) };

bool
people_ask(const struct app_state *state, struct db *db, struct scope *scope)
{
	struct rows *nameless = db_change(db, &lease_nameless);
	const char *ids[MOST_ASKED];
	const json_t *people;
	struct writer query;

	if (rows_count(nameless) == 0)
		return false;
	writer_begin(&query, scope, 2048);
	for (int row = 0; row < rows_count(nameless); row++) {
		ids[row] = row_text(nameless, row, "user_id");
		writer_text(&query, row == 0 ? "ids=" : ",");
		writer_text(&query, ids[row]);
	}
	if ((people = ask_users(state, scope, writer_copy(&query), NULL)) == NULL)
		return false;
	db_change(db, &keep_answer, p_text(text_of(scope, people)));
	db_change(db, &give_up_nameless, p_texts(scope, ids, (size_t)rows_count(nameless)));
	return !scope_failed(scope);
}

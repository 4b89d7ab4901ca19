/* Preferences: which types come by mail too, and when none may. Which come at all is said at users, and shown here. */
#include <ctype.h>
#include <string.h>

#include "notifications.h"

static const struct read read_preferences = {
	.statement = { SQL(
		select coalesce(enabled, true) as enabled, coalesce(types, '{}') as in_app, coalesce(mail_types, '{}') as mail,
		       to_char(quiet_from, 'HH24:MI') as "quiet_hours?.from",
		       to_char(quiet_until, 'HH24:MI') as "quiet_hours?.until", time_zone as "quiet_hours?.time_zone"
		  from (select $1::uuid as user_id) owner
		  left join preference using (user_id)
	) },
	.shape = ONE,
};

/* --- changing them --- */

struct quiet_hours {
	const char	*from, *until, *time_zone;
};

struct preferences {
	struct list		 mail;
	struct quiet_hours	 quiet_hours;
};

static bool
is_below(const char *two, int limit)
{
	return isdigit((unsigned char)two[0]) && isdigit((unsigned char)two[1]) && (two[0] - '0') * 10 + two[1] - '0' < limit;
}

static const char *
hour_problem(const char *text)
{
	return strlen(text) == 5 && text[2] == ':' && is_below(text, 24) && is_below(text + 3, 60) ? NULL :
	    "Must be a time of day, as 22:30.";
}

static const struct field quiet_hours_fields[] = {
	TEXT_FIELD(FROM_BODY, quiet_hours, from, .check = hour_problem),
	TEXT_FIELD(FROM_BODY, quiet_hours, until, .check = hour_problem),
	TEXT_FIELD(FROM_BODY, quiet_hours, time_zone, .min = 1, .max = 64),
	{ 0 }
};

static const struct field preferences_fields[] = {
	TEXTS_FIELD(preferences, mail, .required = true, .max = 50, .check = kind_problem),
	OBJECT_FIELD(preferences, quiet_hours, quiet_hours_fields),
	{ 0 }
};

static const struct statement know_time_zone = { SQL(
	select is_time_zone($1) as known
) };

static void
require(struct request *rq, const char *text, const char *field)
{
	if (text == NULL)
		scope_bad_field(&rq->scope, field, "Is required.");
}

static void
check_quiet_hours(struct request *rq, const struct quiet_hours *in)
{
	struct rows *zone;

	if (in->from == NULL && in->until == NULL && in->time_zone == NULL)
		return;
	require(rq, in->from, "quiet_hours.from");
	require(rq, in->until, "quiet_hours.until");
	require(rq, in->time_zone, "quiet_hours.time_zone");
	if (scope_failed(&rq->scope))
		return;
	if (strcmp(in->from, in->until) == 0)
		scope_bad_field(&rq->scope, "quiet_hours.until", "Must be another time than from.");
	zone = db_query(rq->db, &know_time_zone, p_text(in->time_zone));
	if (rows_count(zone) == 1 && !row_bool(zone, 0, "known"))
		scope_bad_field(&rq->scope, "quiet_hours.time_zone", "Must be a time zone, as Europe/Berlin or UTC.");
}

static const struct statement set_own = { SQL(
	insert into preference (user_id, mail_types, quiet_from, quiet_until, time_zone)
	values ($1, $2, $3, $4, $5)
	on conflict (user_id) do update
	   set mail_types = excluded.mail_types, quiet_from = excluded.quiet_from, quiet_until = excluded.quiet_until,
	       time_zone = excluded.time_zone
) };

static struct reply *
set_preferences(struct request *rq)
{
	const struct preferences *in = rq->input;
	const struct quiet_hours *quiet = &in->quiet_hours;

	check_quiet_hours(rq, quiet);
	db_query(rq->db, &set_own, p_text(rq->caller.user_id), p_texts(&rq->scope, in->mail.items, in->mail.count),
	    p_text(quiet->from), p_text(quiet->until), p_text(quiet->time_zone));
	return reply_row(rq, &read_preferences.statement,
	    db_query(rq->db, &read_preferences.statement, p_text(rq->caller.user_id)), NULL);
}

#define PREFERENCES	"enabled:bool in_app:[text] mail:[text] quiet_hours{from until time_zone}?"

const struct route preference_routes[] = {
	{ GET, "/api/notifications/preferences", INPUT(own), .read = &read_preferences,
	  .answer = PREFERENCES, .summary = "Which types one gets, in the application and by mail; no types in_app are all" },
	{ PUT, "/api/notifications/preferences", set_preferences, INPUT(preferences),
	  .answer = PREFERENCES, .summary = "Choose which of them come by mail too, and when no mail may" },
	{ 0 }
};

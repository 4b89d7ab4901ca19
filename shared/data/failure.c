/* What a failure of Postgres is called: SQLSTATE and constraint become status, code and sentence. */
#include <string.h>

#include "base/log.h"
#include "data/source.h"

static bool
is_state(const PGresult *result, const char *prefix)
{
	const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);

	return state != NULL && strncmp(state, prefix, strlen(prefix)) == 0;
}

/* An error that libpq made up itself, out of memory or out of step with the server, has no SQLSTATE. */
static bool
is_of_libpq(const PGresult *result)
{
	return PQresultStatus(result) == PGRES_FATAL_ERROR && PQresultErrorField(result, PG_DIAG_SQLSTATE) == NULL;
}

/*
 * A killed backend still delivers its 57P01 while PQstatus() is OK; 25006 is a
 * write sent to what has become a standby.
 */
bool
db_lost(const PGconn *pg, const PGresult *result)
{
	return result == NULL || PQstatus(pg) == CONNECTION_BAD || is_of_libpq(result) || is_state(result, "57P") ||
	    is_state(result, "08") || is_state(result, "25006");
}

bool
db_cancelled(const PGresult *result)
{
	return is_state(result, "40001") || is_state(result, "40P01");
}

static bool
fail_by_constraint(const struct db_source *source, struct scope *sc, const PGresult *result)
{
	const char *name = PQresultErrorField(result, PG_DIAG_CONSTRAINT_NAME);

	if (name == NULL || db_source_settings(source)->constraints == NULL)
		return false;
	for (const struct constraint *c = db_source_settings(source)->constraints; c->name != NULL; c++) {
		if (strcmp(c->name, name) != 0)
			continue;
		if (c->field != NULL)
			scope_fail_field(sc, c->status, c->code, c->field, c->sentence);
		else
			scope_fail(sc, c->status, c->code, "%s", c->sentence);
		return true;
	}
	return false;
}

void
db_fail(const struct db_source *source, struct scope *sc, const PGresult *result)
{
	static const struct {
		const char *prefix; int status; const char *code, *detail; bool retryable;
	} known[] = {
		{ "40001", 503, "busy",             "Too many changes at once; try again.", true },
		{ "40P01", 503, "busy",             "Too many changes at once; try again.", true },
		{ "55P03", 503, "busy",             "Too many changes at once; try again.", false },
		{ "57014", 503, "too_slow",         "This took too long and was given up.", false },
		{ "23505", 409, "already_exists",   "There is such a thing already.", false },
		{ "23503", 409, "still_referenced", "Something this refers to is not there, or still refers to it.", false },
		{ "23514", 422, "rule_violated",    "A rule forbids this.", false },
		{ "22",    422, "bad_value",        "A value is not one that can be kept.", false },
		{ "53",    503, "unavailable",      "The data store has no room just now.", false },
	};
	const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);

	if (scope_failed(sc) || fail_by_constraint(source, sc, result))
		return;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (!is_state(result, known[i].prefix))
			continue;
		scope_fail(sc, known[i].status, known[i].code, "%s", known[i].detail);
		sc->failure.retryable = known[i].retryable;
		sc->failure.retry_after_s = known[i].status == 503;
		return;
	}
	log_event(LOG_ERROR, "statement failed", LOG_TEXT("sqlstate", state != NULL ? state : "none"),
	    LOG_TEXT("error", PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY)));
	scope_fail(sc, 500, "internal", "Something went wrong on our side.");
}

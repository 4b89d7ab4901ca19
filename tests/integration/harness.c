/* Requests in process, on the Postgres of the test stack. */
#include <err.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/pool.h"
#include "app/settings.h"
#include "base/clock.h"
#include "base/config.h"
#include "base/log.h"
#include "base/scope.h"
#include "harness.h"

static struct app app = { .name = "probe" };
static const struct route *tables[2];
static struct config *config;
static struct app_state *state;
static struct db *db;
static PGconn *direct;

static const char *
file(const char *name)
{
	static char paths[2][512];
	static int next;
	const char *folder = getenv("MARQUEE_TEST_STATE");
	char *path = paths[next++ % 2];

	if (folder == NULL)
		errx(2, "MARQUEE_TEST_STATE is the folder of a running stack");
	snprintf(path, sizeof(paths[0]), "%s/etc/marquee/%s.conf", folder, name);
	return path;
}

/* What fails on purpose need not be waited for as in earnest. */
static const char *
short_limits(void)
{
	static char path[] = "/tmp/marquee-limits.XXXXXX";
	static const char text[] = "statement_timeout_ms = 300\ncommit_timeout_ms = 300\ndatabase_wait_ms = 1000\n";
	int fd = mkstemp(strcpy(path, "/tmp/marquee-limits.XXXXXX"));

	if (fd < 0 || write(fd, text, sizeof(text) - 1) != sizeof(text) - 1)
		err(2, "%s", path);
	close(fd);
	return path;
}

PGconn *
harness_other(void)
{
	const char *keywords[DB_CONNECT_PARAMS], *values[DB_CONNECT_PARAMS];
	PGconn *pg;

	for (int host = 0; host < db_source_hosts(state->source, PRIMARY); host++) {
		db_source_params(state->source, PRIMARY, host, true, "-c timezone=UTC", keywords, values);
		pg = PQconnectdbParams(keywords, values, 0);
		if (PQstatus(pg) == CONNECTION_OK)
			return pg;
		PQfinish(pg);
	}
	errx(2, "no primary answers");
}

void
harness_begin(const struct route *rows, const struct constraint *constraints)
{
	const char *files[] = { file("marquee"), file("probe"), short_limits(), NULL };
	char problem[256];

	tables[0] = rows;
	app.resources = tables;
	app.constraints = constraints;
	if (sodium_init() < 0 || (config = settings_read(&app, files, problem)) == NULL ||
	    (state = state_new(&app, config, NULL, problem)) == NULL || (db = db_new(state->source)) == NULL)
		errx(2, "%s", problem);
	unlink(files[2]);
	state->pool->started = true;	/* nobody tells of ended sessions here */
	log_open("probe", LOG_ERROR);
	direct = harness_other();
}

void
harness_end(void)
{
	PQfinish(direct);
	db_free(db);
	state_free(state);
	config_free(config);
}

static void
keep(struct answer *a, const struct reply *re)
{
	*a = (struct answer){ .status = re->status, .size = re->size };
	snprintf(a->type, sizeof(a->type), "%s", re->type);
	if (re->size >= sizeof(a->body))
		errx(2, "an answer of %zu bytes", re->size);
	memcpy(a->body, re->body, re->size);
	for (const struct header *h = re->headers; h != NULL; h = h->next) {
		if (strcmp(h->name, "Link") == 0)
			snprintf(a->link, sizeof(a->link), "%s", h->value);
		else if (strcmp(h->name, "Retry-After") == 0)
			snprintf(a->retry_after, sizeof(a->retry_after), "%s", h->value);
		else if (strcmp(h->name, "Idempotent-Replayed") == 0)
			snprintf(a->replayed, sizeof(a->replayed), "%s", h->value);
	}
}

/* A caller as a verified token would make it: the cache is asked before any signature. */
static void
sign_in(struct request *rq, const char *user_id, unsigned roles)
{
	static char header[128];
	struct caller caller = { .roles = roles, .expires_s = clock_unix_us() / 1000000 + 600 };

	snprintf(caller.user_id, sizeof(caller.user_id), "%s", user_id);
	snprintf(caller.session_id, sizeof(caller.session_id), "%s", user_id);
	snprintf(caller.name, sizeof(caller.name), "someone");
	snprintf(header, sizeof(header), "Bearer test-%s-%u", user_id, roles);
	token_cache_add(state->tokens, header + 7, &caller, token_cache_age(state->tokens));
	rq->authorization = header;
}

const struct answer *
harness_ask(enum method method, const char *path, const char *body, const char *user_id, unsigned roles, const char *key)
{
	static struct answer answer;
	char address[1024];
	struct request rq = {
		.state = state, .db = db, .method = method, .path = address, .query = "", .request_id = "test",
		.traceparent = "", .idempotency_key = key, .body = body, .body_size = body != NULL ? strlen(body) : 0,
		.content_type = body != NULL ? "application/json" : NULL,
	};
	char *mark;

	snprintf(address, sizeof(address), "%s", path);
	if ((mark = strchr(address, '?')) != NULL) {
		*mark = '\0';
		rq.query = mark + 1;
	}
	if (user_id != NULL)
		sign_in(&rq, user_id, roles);
	keep(&answer, app_handle(&rq));
	scope_free(&rq.scope);
	return &answer;
}

const struct app_state *
harness_state(void)
{
	return state;
}

struct db *
harness_db(void)
{
	return db;
}

void
harness_run(const char *sql)
{
	PGresult *result = PQexec(direct, sql);

	if (PQresultStatus(result) != PGRES_COMMAND_OK && PQresultStatus(result) != PGRES_TUPLES_OK)
		errx(2, "%s: %s", sql, PQerrorMessage(direct));
	PQclear(result);
}

long
harness_number(const char *sql)
{
	PGresult *result = PQexec(direct, sql);
	long number;

	if (PQresultStatus(result) != PGRES_TUPLES_OK || PQntuples(result) != 1)
		errx(2, "%s: %s", sql, PQerrorMessage(direct));
	number = atol(PQgetvalue(result, 0, 0));
	PQclear(result);
	return number;
}

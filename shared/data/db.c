/* Postgres for code that blocks: a thread's connections, queries and transactions. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "data/connection.h"
#include "data/source.h"

#define LEAST_COMMIT_MS		500	/* also for who waited long before it: a flush may take its time */
#define MAX_TRIES		3

struct db *
db_new(struct db_source *source)
{
	struct db *db = calloc(1, sizeof(*db));

	if (db != NULL)
		db->source = source;
	return db;
}

static void
drop(struct db *db, int which)
{
	connection_close(db->connections[which]);
	db->connections[which] = NULL;
}

void
db_close(struct db *db)
{
	for (int i = 0; i < CONNECTIONS; i++)
		drop(db, i);
}

/* One of them may be in use all the time. */
static void
close_idle(struct db *db)
{
	int64_t now_ms = clock_ms();

	for (int i = 0; i < CONNECTIONS; i++)
		if (db->connections[i] != NULL && now_ms - db->connections[i]->used_ms > DB_IDLE_S * 1000)
			drop(db, i);
}

void
db_free(struct db *db)
{
	if (db == NULL)
		return;
	db_close(db);
	free(db);
}

void
db_attach(struct db *db, struct scope *sc, enum reads reads, int64_t limit_ms)
{
	db->scope = sc;
	db->reads = reads;
	db->announces = false;
	db->wait = (struct wait){ .limit_ms = limit_ms };
	db->statement_ms = db_source_settings(db->source)->statement_timeout_ms;
}

void
db_read_from(struct db *db, enum reads reads)
{
	db->reads = reads;
}

int64_t
db_time_us(const struct db *db)
{
	return db->wait.spent_us;
}

/*
 * One that is ready, opened when there is none.  Inside a transaction there is
 * no other: what runs on a new one would not be part of it.
 */
static struct connection *
connection(struct db *db, int which)
{
	struct connection *c = db->connections[which];

	if (c == NULL || PQstatus(c->pg) != CONNECTION_OK || (!db->in_tx && PQtransactionStatus(c->pg) != PQTRANS_IDLE)) {
		drop(db, which);
		if (!db->in_tx)
			db->connections[which] = connection_open(db->source, which == REPLICA_READER ? REPLICA : PRIMARY,
			    which == WRITER, &db->wait);
	}
	if ((c = db->connections[which]) != NULL)
		c->used_ms = clock_ms();
	return c;
}

void
db_fail_unavailable(struct db *db)
{
	scope_fail(db->scope, 503, "unavailable", "The data store is not answering; nothing was changed.");
	db->scope->failure.retry_after_s = 1;
}

static bool
succeeded(const PGresult *result)
{
	return PQresultStatus(result) == PGRES_TUPLES_OK || PQresultStatus(result) == PGRES_COMMAND_OK;
}

/* NULL after failing the scope.  Outside of a transaction nothing is lost by asking again. */
static PGresult *
ask(struct db *db, const struct statement *st, const struct param *params)
{
	int64_t limit_ms = db->statement_ms + 500;
	int which = db->in_tx ? WRITER : db->reads == REPLICA ? REPLICA_READER : PRIMARY_READER;
	PGresult *result;

	for (int try = db->in_tx ? MAX_TRIES : 1;; try++) {
		struct connection *c = connection(db, which);

		result = c != NULL ? connection_ask(c, st, params, &db->wait, limit_ms) : NULL;
		if (c != NULL && !db_lost(c->pg, result) && (try == MAX_TRIES || !db_cancelled(result)))
			break;
		if (c == NULL || db_lost(c->pg, result))
			drop(db, which);
		PQclear(result);
		result = NULL;
		if (try == MAX_TRIES)
			break;
	}
	if (result == NULL) {
		db_fail_unavailable(db);
		db->scope->failure.retryable = db->in_tx;
	} else if (!succeeded(result)) {
		db_fail(db->source, db->scope, result);
		PQclear(result);
		result = NULL;
	}
	return result;
}

struct rows *
db_query_params(struct db *db, const struct statement *st, const struct param *params)
{
	return rows_of(db->scope, scope_failed(db->scope) ? NULL : ask(db, st, params));
}

const struct row_shape *
db_shape(struct db *db, const struct statement *st, const struct rows *rows)
{
	char problem[128] = "no result";

	for (int i = 0; i < CONNECTIONS && rows_result(rows) != NULL; i++) {
		struct prepared *p = db->connections[i] != NULL ? connection_place(db->connections[i], st) : NULL;

		if (p == NULL || p->statement != st)
			continue;
		if (p->shape == NULL)
			p->shape = row_shape_new(rows_result(rows), problem);
		if (p->shape != NULL)
			return p->shape;
	}
	if (!scope_failed(db->scope)) {
		log_event(LOG_ERROR, "answer cannot be printed", LOG_TEXT("error", problem));
		scope_fail(db->scope, 500, "internal", "Something went wrong on our side.");
	}
	return NULL;
}

/* --- transactions --- */

static bool
may_write(struct db *db)
{
	if (db_source_waiting_commits(db->source) < db_source_settings(db->source)->most_waiting_commits)
		return true;
	scope_fail(db->scope, 503, "writes_waiting", "Changes cannot be made safe just now; nothing was changed.");
	db->scope->failure.retry_after_s = 2;
	return false;
}

static bool
begin(struct db *db)
{
	const struct db_settings *settings = db_source_settings(db->source);
	PGresult *result;
	bool begun = false;

	if (!may_write(db))
		return false;
	db->statement_ms = settings->statement_timeout_ms;
	db->commit_ms = settings->commit_timeout_ms;
	db->announces = false;
	/* An idle connection may have died unseen: nothing was done on it, so take another. */
	for (int try = 0; try < 2 && !begun; try++) {
		if (connection(db, WRITER) == NULL)
			break;
		result = connection_command(db->connections[WRITER], "begin", &db->wait,
		    wait_left(&db->wait, settings->statement_timeout_ms));
		begun = PQresultStatus(result) == PGRES_COMMAND_OK;
		PQclear(result);
		if (!begun)
			drop(db, WRITER);
	}
	if (!begun)
		db_fail_unavailable(db);
	return db->in_tx = begun;
}

static void
roll_back(struct db *db)
{
	PGresult *result;
	bool done = false;

	if (db->connections[WRITER] != NULL) {
		result = connection_command(db->connections[WRITER], "rollback", &db->wait, 500);
		done = PQresultStatus(result) == PGRES_COMMAND_OK;
		PQclear(result);
	}
	if (!done)
		drop(db, WRITER);
	db->in_tx = false;
}

static void
fail_unknown(struct db *db)
{
	scope_fail(db->scope, 503, "outcome_unknown",
	    "The change may or may not have been made. Ask again with the same Idempotency-Key, or look.");
	db->scope->failure.retry_after_s = 2;
}

/*
 * No answer to COMMIT.  libpq hides a write that failed, so the kernel is
 * asked whether anything left; if so the outcome is unknown, and a connection
 * that still waits goes on waiting for its standby.
 */
static void
commit_unanswered(struct db *db, struct connection *c, uint64_t sent_before)
{
	bool alive = PQstatus(c->pg) == CONNECTION_OK && PQisBusy(c->pg);

	if (sent_before > 0 && connection_sent(c) == sent_before) {
		connection_abort(c);
		db->connections[WRITER] = NULL;
		db_fail_unavailable(db);
		db->scope->failure.retryable = true;
		return;
	}
	if (alive) {
		db_source_keep_waiting(db->source, c->pg);
		c->pg = NULL;
	}
	drop(db, WRITER);
	fail_unknown(db);
}

/* COMMIT of a transaction that had failed says COMMAND_OK with the tag ROLLBACK. */
static void
commit(struct db *db)
{
	struct connection *c = db->connections[WRITER];
	uint64_t sent_before = connection_sent(c);
	int64_t limit_ms = wait_left(&db->wait, db->commit_ms);
	PGresult *result = connection_command(c, "commit", &db->wait, limit_ms < LEAST_COMMIT_MS ? LEAST_COMMIT_MS : limit_ms);

	db->in_tx = false;
	if (result == NULL) {
		commit_unanswered(db, c, sent_before);
	} else if (db_lost(c->pg, result)) {
		drop(db, WRITER);
		fail_unknown(db);
	} else if (PQresultStatus(result) != PGRES_COMMAND_OK) {
		db_fail(db->source, db->scope, result);		/* a deferred constraint speaks at COMMIT */
	} else if (strcmp(PQcmdStatus(result), "COMMIT") != 0) {
		log_event(LOG_ERROR, "a failed statement was committed over");
		scope_fail(db->scope, 500, "internal", "Something went wrong on our side.");
	}
	PQclear(result);
}

static const struct statement take_time = { SQL(
	select set_config('statement_timeout', $1, true), set_config('lock_timeout', $1, true)
) };

void
db_take_time(struct db *db, int64_t limit_ms)
{
	db_query(db, &take_time, p_int(limit_ms));
	db->statement_ms = db->commit_ms = limit_ms;
	db->wait.limit_ms = db->wait.spent_us / 1000 + limit_ms;
}

void
db_announce(struct db *db)
{
	db->announces = true;
}

void
db_tx(struct db *db, void (*fn)(void *), void *arg)
{
	for (int try = 1; !scope_failed(db->scope); try++) {
		if (begin(db)) {
			fn(arg);
			if (scope_failed(db->scope))
				roll_back(db);
			else
				commit(db);
			if (db->announces && !scope_failed(db->scope))
				db_source_announce(db->source);
		}
		if (!db->scope->failure.retryable || try == MAX_TRIES)
			break;
		scope_retry(db->scope);
	}
}

/*
 * Its COMMIT is that of the Sync behind the statement: statement_timeout is
 * over by then, so one that waits for a standby goes on waiting.
 */
static PGresult *
change(struct db *db, const struct statement *st, const struct param *params)
{
	int64_t limit_ms = db_source_settings(db->source)->statement_timeout_ms + 500;

	for (int try = 1;; try++) {
		struct connection *c = connection(db, WRITER);
		uint64_t sent_before = c != NULL ? connection_sent(c) : 0;
		PGresult *result = c != NULL ? connection_ask(c, st, params, &db->wait, limit_ms) : NULL;

		if (c == NULL)
			db_fail_unavailable(db);
		else if (result == NULL && PQstatus(c->pg) == CONNECTION_OK)
			commit_unanswered(db, c, sent_before);
		else if (!db_lost(c->pg, result))
			return result;
		else
			drop(db, WRITER);
		PQclear(result);
		if (try == MAX_TRIES)
			fail_unknown(db);
		if (scope_failed(db->scope))
			return NULL;
	}
}

struct rows *
db_change_params(struct db *db, const struct statement *st, const struct param *params)
{
	PGresult *result = scope_failed(db->scope) || !may_write(db) ? NULL : change(db, st, params);

	if (result != NULL && !succeeded(result)) {
		db_fail(db->source, db->scope, result);
		PQclear(result);
		result = NULL;
	}
	if (db->announces && result != NULL)
		db_source_announce(db->source);
	return rows_of(db->scope, result);
}

/* When memory ran out inside a transaction, control left it without its end. */
void
db_detach(struct db *db)
{
	if (db->in_tx)
		roll_back(db);
	db->scope = NULL;
	close_idle(db);
}

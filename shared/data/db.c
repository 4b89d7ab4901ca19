/* Postgres for code that blocks: a thread's connections, queries and transactions. */
#include <errno.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/log.h"
#include "data/source.h"

#define CONNECT_TIMEOUT_MS	700	/* a host; three of them stay under nginx's 3 s */
#define SILENCE_MS		250
#define LEAST_COMMIT_MS		500	/* also for who waited long before it: a flush may take its time */
#define MAX_STATEMENTS		256	/* a power of two; a domain has some dozens */
#define MAX_TRIES		3

enum { WRITER, PRIMARY_READER, REPLICA_READER, CONNECTIONS };

struct prepared {
	const struct statement	*statement;	/* NULL: a free place */
	struct row_shape	*shape;
};

struct connection {
	PGconn		*pg;
	struct prepared	 prepared[MAX_STATEMENTS];
};

struct db {
	struct db_source	*source;
	struct scope		*scope;
	enum reads		 reads;
	bool			 in_tx;
	bool			 lost;		/* the last query's connection died */
	int64_t			 time_us;
	struct connection	*connections[CONNECTIONS];
};

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
	struct connection *c = db->connections[which];

	if (c == NULL)
		return;
	for (int i = 0; i < MAX_STATEMENTS; i++)
		row_shape_free(c->prepared[i].shape);
	PQfinish(c->pg);
	free(c);
	db->connections[which] = NULL;
}

void
db_close(struct db *db)
{
	for (int i = 0; i < CONNECTIONS; i++)
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
db_attach(struct db *db, struct scope *sc, enum reads reads)
{
	db->scope = sc;
	db->reads = reads;
	db->time_us = 0;
}

int64_t
db_time_us(const struct db *db)
{
	return db->time_us;
}

/* --- waiting, with a limit --- */

static bool
wait_socket(PGconn *pg, short events, int64_t deadline_ms)
{
	struct pollfd p = { .fd = PQsocket(pg), .events = events };
	int n;

	do {
		int64_t left = deadline_ms - clock_ms();
		n = poll(&p, 1, left > 0 ? (int)left : 0);
	} while (n < 0 && errno == EINTR);
	return n > 0;
}

/* The next result; NULL when none came in time or the connection died. */
static PGresult *
next_result(PGconn *pg, int64_t deadline_ms)
{
	int unsent;

	while ((unsent = PQflush(pg)) > 0)
		if (!wait_socket(pg, POLLIN | POLLOUT, deadline_ms) || PQconsumeInput(pg) == 0)
			return NULL;
	if (unsent < 0)
		return NULL;
	while (PQisBusy(pg))
		if (!wait_socket(pg, POLLIN, deadline_ms) || PQconsumeInput(pg) == 0)
			return NULL;
	return PQgetResult(pg);
}

/* What is left of the time that a unit of work may wait in all, at most so long. */
static int64_t
within(const struct db *db, int64_t limit_ms)
{
	int64_t left_ms = db_source_settings(db->source)->wait_ms - db->time_us / 1000;

	return left_ms < 0 ? 0 : left_ms < limit_ms ? left_ms : limit_ms;
}

/* The last result of what was sent, and the connection ready for more. */
static PGresult *
finish(struct db *db, PGconn *pg, int sent, int64_t limit_ms)
{
	int64_t start_us = clock_us(), deadline_ms = start_us / 1000 + limit_ms;
	PGresult *result = NULL, *next;

	if (sent == 1 && (result = next_result(pg, deadline_ms)) != NULL)
		while (PQstatus(pg) == CONNECTION_OK && (next = next_result(pg, deadline_ms)) != NULL)
			PQclear(next);
	db->time_us += clock_us() - start_us;
	return result;
}

/* --- connecting --- */

static bool
connected(PGconn *pg, int64_t limit_ms)
{
	int64_t deadline_ms = clock_ms() + limit_ms;
	PostgresPollingStatusType next = PGRES_POLLING_WRITING;

	while (PQstatus(pg) != CONNECTION_BAD && next != PGRES_POLLING_FAILED) {
		if (next == PGRES_POLLING_OK)
			return true;
		if (!wait_socket(pg, next == PGRES_POLLING_READING ? POLLIN : POLLOUT, deadline_ms))
			return false;
		next = PQconnectPoll(pg);
	}
	return false;
}

static PGconn *
connect_host(struct db *db, enum reads reads, bool writes, int host)
{
	const char *keywords[DB_CONNECT_PARAMS], *values[DB_CONNECT_PARAMS];
	char options[512];
	int64_t start_us;
	PGconn *pg;
	bool good;

	snprintf(options, sizeof(options), "%s -c statement_timeout=%d%s", db_source_server_options(db->source),
	    db_source_settings(db->source)->statement_timeout_ms, writes ? "" : " -c default_transaction_read_only=on");
	db_source_params(db->source, reads, host, writes, options, keywords, values);
	start_us = clock_us();
	pg = PQconnectStartParams(keywords, values, 0);
	good = pg != NULL && connected(pg, within(db, CONNECT_TIMEOUT_MS)) && PQsetnonblocking(pg, 1) == 0;
	db->time_us += clock_us() - start_us;
	if (good)
		return pg;
	log_event(LOG_WARNING, "database does not answer", LOG_INT("host", host),
	    LOG_TEXT("error", pg != NULL ? PQerrorMessage(pg) : "out of memory"));
	PQfinish(pg);
	return NULL;
}

static PGconn *
connect_any(struct db *db, enum reads reads, bool writes)
{
	int count = db_source_hosts(db->source, reads), best = db_source_best(db->source, reads);
	int64_t start_us = clock_us();
	PGconn *pg = NULL;

	if (db_source_is_silent(db->source, reads))
		return NULL;
	for (int i = 0; i < count && pg == NULL; i++)
		if ((pg = connect_host(db, reads, writes, (best + i) % count)) != NULL)
			db_source_answered(db->source, reads, (best + i) % count);
	/* A refusal is quick; only silence would hold up those who come next. */
	if (pg == NULL && clock_us() - start_us > 1000 * SILENCE_MS)
		db_source_silent(db->source, reads, SILENCE_MS);
	return pg;
}

static struct connection *
connection(struct db *db, int which)
{
	enum reads reads = which == REPLICA_READER ? REPLICA : PRIMARY;
	struct connection *c = db->connections[which];
	PGconn *pg;

	if (c != NULL && PQstatus(c->pg) == CONNECTION_OK && PQtransactionStatus(c->pg) == PQTRANS_IDLE)
		return c;
	if (c != NULL && db->in_tx && PQstatus(c->pg) == CONNECTION_OK)
		return c;
	drop(db, which);
	if ((pg = connect_any(db, reads, which == WRITER)) == NULL)
		return NULL;
	if ((c = calloc(1, sizeof(*c))) == NULL) {
		PQfinish(pg);
		return NULL;
	}
	c->pg = pg;
	return db->connections[which] = c;
}

static void
fail_unavailable(struct db *db)
{
	db->lost = true;
	scope_fail(db->scope, 503, "unavailable", "The data store is not answering; nothing was changed.");
	db->scope->failure.retry_after_s = 1;
}

/* --- queries --- */

struct param
p_int(int64_t n)
{
	struct param p = { 0 };

	snprintf(p.digits, sizeof(p.digits), "%lld", (long long)n);
	return p;
}

struct param
p_bool(bool b)
{
	return (struct param){ .text = b ? "t" : "f" };
}

struct param
p_text(const char *s)
{
	return (struct param){ .text = s };
}

struct param
p_texts(struct scope *sc, const char *const *texts, size_t count)
{
	size_t size = 3;
	char *array, *out;

	for (size_t i = 0; i < count; i++)
		size += 2 * strlen(texts[i]) + 3;
	array = out = scope_alloc(sc, size);
	*out++ = '{';
	for (size_t i = 0; i < count; i++) {
		if (i > 0)
			*out++ = ',';
		*out++ = '"';
		for (const char *c = texts[i]; *c != '\0'; c++) {
			if (*c == '"' || *c == '\\')
				*out++ = '\\';
			*out++ = *c;
		}
		*out++ = '"';
	}
	*out = '}';
	return p_text(array);
}

static struct prepared *
place_of(struct connection *c, const struct statement *st)
{
	size_t at = ((uintptr_t)st >> 3) * 0x9e3779b97f4a7c15u >> 56;

	while (c->prepared[at].statement != NULL && c->prepared[at].statement != st)
		at = (at + 1) % MAX_STATEMENTS;
	return &c->prepared[at];
}

/* The statement's name on this connection, or NULL with the result that says why not. */
static const char *
prepare(struct db *db, struct connection *c, const struct statement *st, char name[16], PGresult **why, int64_t limit_ms)
{
	struct prepared *p = place_of(c, st);
	PGresult *result;

	snprintf(name, 16, "s%d", (int)(p - c->prepared));
	if (p->statement == st)
		return name;
	result = finish(db, c->pg, PQsendPrepare(c->pg, name, st->sql, 0, NULL), limit_ms);
	if (PQresultStatus(result) != PGRES_COMMAND_OK) {
		*why = result;
		return NULL;
	}
	PQclear(result);
	p->statement = st;
	return name;
}

static PGresult *
run(struct db *db, struct connection *c, const struct statement *st, const struct param *params)
{
	int64_t limit_ms = db_source_settings(db->source)->statement_timeout_ms + 500;
	const char *values[DB_MAX_PARAMS];
	PGresult *why = NULL;
	char name[16];
	int n = 0;

	for (const struct param *p = params; !p->last; p++) {
		if (n == DB_MAX_PARAMS)
			abort();
		values[n++] = p->text != NULL ? p->text : p->digits[0] != '\0' ? p->digits : NULL;
	}
	if (prepare(db, c, st, name, &why, within(db, limit_ms)) == NULL)
		return why;
	return finish(db, c->pg, PQsendQueryPrepared(c->pg, name, n, values, NULL, NULL, 1), within(db, limit_ms));
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
	int which = db->in_tx ? WRITER : db->reads == REPLICA ? REPLICA_READER : PRIMARY_READER;
	PGresult *result;

	for (int try = db->in_tx ? MAX_TRIES : 1;; try++) {
		struct connection *c = connection(db, which);

		result = c != NULL ? run(db, c, st, params) : NULL;
		if (c != NULL && !db_lost(c->pg, result))
			break;
		PQclear(result);
		result = NULL;
		drop(db, which);
		if (try == MAX_TRIES)
			break;
	}
	if (result == NULL) {
		fail_unavailable(db);
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
		struct prepared *p = db->connections[i] != NULL ? place_of(db->connections[i], st) : NULL;

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

/* A plain command; its result is ours to clear. */
static PGresult *
command(struct db *db, const char *sql, int64_t limit_ms)
{
	PGconn *pg = db->connections[WRITER]->pg;

	return finish(db, pg, PQsendQuery(pg, sql), limit_ms);
}

static bool
begin(struct db *db)
{
	const struct db_settings *settings = db_source_settings(db->source);
	PGresult *result;
	bool begun = false;

	if (db_source_waiting_commits(db->source) >= settings->most_waiting_commits) {
		scope_fail(db->scope, 503, "writes_waiting", "Changes cannot be made safe just now; nothing was changed.");
		db->scope->failure.retry_after_s = 2;
		return false;
	}
	/* An idle connection may have died unseen: nothing was done on it, so take another. */
	for (int try = 0; try < 2 && !begun; try++) {
		if (connection(db, WRITER) == NULL)
			break;
		result = command(db, "begin", within(db, settings->statement_timeout_ms));
		begun = PQresultStatus(result) == PGRES_COMMAND_OK;
		PQclear(result);
		if (!begun)
			drop(db, WRITER);
	}
	if (!begun)
		fail_unavailable(db);
	return db->in_tx = begun;
}

static void
roll_back(struct db *db)
{
	PGresult *result;
	bool done = false;

	if (db->connections[WRITER] != NULL) {
		result = command(db, "rollback", 500);
		done = PQresultStatus(result) == PGRES_COMMAND_OK;
		PQclear(result);
	}
	if (!done)
		drop(db, WRITER);
	db->in_tx = false;
}

/* Bytes that ever left on a TCP connection; 0 when nobody can tell. */
static uint64_t
bytes_sent(const PGconn *pg)
{
	struct tcp_info info = { 0 };
	socklen_t size = sizeof(info);

	return getsockopt(PQsocket(pg), IPPROTO_TCP, TCP_INFO, &info, &size) == 0 ? info.tcpi_bytes_sent : 0;
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

	if (sent_before > 0 && bytes_sent(c->pg) == sent_before) {
		fail_unavailable(db);
		db->scope->failure.retryable = true;
	} else {
		fail_unknown(db);
		if (alive) {
			db_source_keep_waiting(db->source, c->pg);
			c->pg = NULL;
		}
	}
	drop(db, WRITER);
}

/* COMMIT of a transaction that had failed says COMMAND_OK with the tag ROLLBACK. */
static void
commit(struct db *db)
{
	struct connection *c = db->connections[WRITER];
	uint64_t sent_before = bytes_sent(c->pg);
	int64_t limit_ms = within(db, db_source_settings(db->source)->commit_timeout_ms);
	PGresult *result = command(db, "commit", limit_ms < LEAST_COMMIT_MS ? LEAST_COMMIT_MS : limit_ms);

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
		}
		if (!db->scope->failure.retryable || try == MAX_TRIES)
			break;
		scope_retry(db->scope);
	}
}

/* When memory ran out inside a transaction, control left it without its end. */
void
db_detach(struct db *db)
{
	if (db->in_tx)
		roll_back(db);
	db->scope = NULL;
}

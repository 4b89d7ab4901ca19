/* One connection of a thread: connecting, asking, and waiting with a limit. */
#include <errno.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/log.h"
#include "data/connection.h"
#include "data/source.h"

#define SILENCE_MS		250

/* --- waiting --- */

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

/* False when not all left in time or the connection died. */
static bool
flush(PGconn *pg, int64_t deadline_ms)
{
	int unsent;

	while ((unsent = PQflush(pg)) > 0)
		if (!wait_socket(pg, POLLIN | POLLOUT, deadline_ms) || PQconsumeInput(pg) == 0)
			return false;
	return unsent == 0;
}

/* The next result; NULL when none came in time or the connection died. */
static PGresult *
next_result(PGconn *pg, int64_t deadline_ms)
{
	if (!flush(pg, deadline_ms))
		return NULL;
	while (PQisBusy(pg))
		if (!wait_socket(pg, POLLIN, deadline_ms) || PQconsumeInput(pg) == 0)
			return NULL;
	return PQgetResult(pg);
}

int64_t
wait_left(const struct wait *wait, int64_t limit_ms)
{
	int64_t left_ms = wait->limit_ms - wait->spent_us / 1000;

	return left_ms < 0 ? 0 : left_ms < limit_ms ? left_ms : limit_ms;
}

/* The last result of what was sent, and the connection ready for more: or for data, which a COPY waits for. */
static PGresult *
finish(PGconn *pg, int sent, struct wait *wait, int64_t limit_ms)
{
	int64_t start_us = clock_us(), deadline_ms = start_us / 1000 + limit_ms;
	PGresult *result = NULL, *next;

	if (sent == 1 && (result = next_result(pg, deadline_ms)) != NULL)
		while (PQresultStatus(result) != PGRES_COPY_IN && PQstatus(pg) == CONNECTION_OK &&
		    (next = next_result(pg, deadline_ms)) != NULL)
			PQclear(next);
	wait->spent_us += clock_us() - start_us;
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
connect_host(struct db_source *source, enum reads reads, bool writes, int host, struct wait *wait)
{
	const char *keywords[DB_CONNECT_PARAMS], *values[DB_CONNECT_PARAMS];
	char options[512];
	int64_t start_us;
	PGconn *pg;
	bool good;

	snprintf(options, sizeof(options), "%s -c statement_timeout=%d%s", db_source_options(source),
	    db_source_settings(source)->statement_timeout_ms, writes ? "" : " -c default_transaction_read_only=on");
	db_source_params(source, reads, host, writes, options, keywords, values);
	start_us = clock_us();
	if ((pg = PQconnectStartParams(keywords, values, 0)) != NULL)
		db_source_listen(pg);
	good = pg != NULL && connected(pg, wait_left(wait, DB_CONNECT_TIMEOUT_MS)) && PQsetnonblocking(pg, 1) == 0;
	wait->spent_us += clock_us() - start_us;
	if (good)
		return pg;
	log_event(LOG_WARNING, "database does not answer", LOG_INT("host", host),
	    LOG_TEXT("error", pg != NULL ? PQerrorMessage(pg) : "out of memory"));
	PQfinish(pg);
	return NULL;
}

static PGconn *
connect_any(struct db_source *source, enum reads reads, bool writes, struct wait *wait)
{
	int count = db_source_hosts(source, reads), best = db_source_best(source, reads);
	int64_t start_us = clock_us();
	PGconn *pg = NULL;

	if (db_source_is_silent(source, reads))
		return NULL;
	for (int i = 0; i < count && pg == NULL; i++)
		if ((pg = connect_host(source, reads, writes, (best + i) % count, wait)) != NULL)
			db_source_answered(source, reads, (best + i) % count);
	/* A refusal is quick; only silence would hold up those who come next. */
	if (pg == NULL && clock_us() - start_us > 1000 * SILENCE_MS)
		db_source_silent(source, reads, SILENCE_MS);
	return pg;
}

struct connection *
connection_open(struct db_source *source, enum reads reads, bool writes, struct wait *wait)
{
	PGconn *pg = connect_any(source, reads, writes, wait);
	struct connection *c = pg != NULL ? calloc(1, sizeof(*c)) : NULL;

	if (c == NULL)
		PQfinish(pg);
	else
		c->pg = pg;
	return c;
}

void
connection_close(struct connection *c)
{
	if (c == NULL)
		return;
	for (int i = 0; i < CONNECTION_MAX_STATEMENTS; i++)
		row_shape_free(c->prepared[i].shape);
	PQfinish(c->pg);
	free(c);
}

/* --- asking --- */

struct prepared *
connection_place(struct connection *c, const struct statement *st)
{
	size_t at = ((uintptr_t)st >> 3) * 0x9e3779b97f4a7c15u >> 56;

	for (int tried = 0; c->prepared[at].statement != NULL && c->prepared[at].statement != st; tried++) {
		if (tried == CONNECTION_MAX_STATEMENTS)
			abort();	/* more statements than any domain has: a slip of ours */
		at = (at + 1) % CONNECTION_MAX_STATEMENTS;
	}
	return &c->prepared[at];
}

/* The statement's name on this connection, or NULL with the result that says why not. */
static const char *
prepare(struct connection *c, const struct statement *st, char name[16], PGresult **why, struct wait *wait, int64_t limit_ms)
{
	struct prepared *p = connection_place(c, st);
	PGresult *result;

	snprintf(name, 16, "s%d", (int)(p - c->prepared));
	if (p->statement == st)
		return name;
	result = finish(c->pg, PQsendPrepare(c->pg, name, st->sql, 0, NULL), wait, wait_left(wait, limit_ms));
	if (PQresultStatus(result) != PGRES_COMMAND_OK) {
		*why = result;
		return NULL;
	}
	PQclear(result);
	p->statement = st;
	return name;
}

PGresult *
connection_ask(struct connection *c, const struct statement *st, const struct param *params, struct wait *wait, int64_t limit_ms)
{
	const char *values[DB_MAX_PARAMS];
	PGresult *why = NULL;
	char name[16];
	int n = 0;

	for (const struct param *p = params; !p->last; p++) {
		if (n == DB_MAX_PARAMS)
			abort();
		values[n++] = p->text != NULL ? p->text : p->digits[0] != '\0' ? p->digits : NULL;
	}
	if (prepare(c, st, name, &why, wait, limit_ms) == NULL)
		return why;
	return finish(c->pg, PQsendQueryPrepared(c->pg, name, n, values, NULL, NULL, 1), wait, wait_left(wait, limit_ms));
}

PGresult *
connection_command(struct connection *c, const char *sql, struct wait *wait, int64_t limit_ms)
{
	return finish(c->pg, PQsendQuery(c->pg, sql), wait, limit_ms);
}

/* What the server has against it is said at the end; it reads on. */
bool
connection_copy(struct connection *c, const char *data, size_t size, struct wait *wait, int64_t limit_ms)
{
	int64_t start_us = clock_us();
	bool sent = PQputCopyData(c->pg, data, (int)size) == 1 &&
	    flush(c->pg, start_us / 1000 + wait_left(wait, limit_ms));

	wait->spent_us += clock_us() - start_us;
	return sent;
}

PGresult *
connection_copy_end(struct connection *c, bool whole, struct wait *wait, int64_t limit_ms)
{
	return finish(c->pg, PQputCopyEnd(c->pg, whole ? NULL : "given up"), wait, wait_left(wait, limit_ms));
}

/* Closing drops what the kernel still holds, instead of sending it. */
void
connection_abort(struct connection *c)
{
	const struct linger drop = { .l_onoff = 1, .l_linger = 0 };

	setsockopt(PQsocket(c->pg), SOL_SOCKET, SO_LINGER, &drop, sizeof(drop));
	connection_close(c);
}

uint64_t
connection_sent(const struct connection *c)
{
	struct tcp_info info = { 0 };
	socklen_t size = sizeof(info);

	return getsockopt(PQsocket(c->pg), IPPROTO_TCP, TCP_INFO, &info, &size) == 0 ? info.tcpi_bytes_sent : 0;
}

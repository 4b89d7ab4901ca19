/*
 * Postgres for code that blocks: one set of connections a thread, opened at
 * first use, closed when idle.
 *
 * A query on a failed scope, or one that fails, yields no rows; the scope
 * remembers why.  Statements are prepared once per connection.
 * Inside db_tx() a query goes to the connection that writes; outside of it, to
 * one that refuses to, so that it is safe to ask again when a connection dies.
 */
#ifndef DATA_DB_H
#define DATA_DB_H

#include <libpq-fe.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/scope.h"
#include "data/rows.h"

/* Write SQL as SQL: SQL(select 1 from seat where id = $1) */
#define SQL(...)	#__VA_ARGS__

struct statement {
	const char	*sql;
};

/* Where a unit of work reads. Zero sees every write that was answered. */
enum reads { PRIMARY, REPLICA };

/* A constraint of the schema, and what its breach is called. */
struct constraint {
	const char	*name;		/* NULL ends the table */
	int		 status;
	const char	*code;
	const char	*field;		/* of the request; NULL: none is to blame */
	const char	*sentence;
};

/* What all connections of a process share. */
struct db_source;
struct db_settings {
	const char		*domain;		/* application_name */
	const char		*primary;		/* conninfo; hosts may be several: host=a,b port=1,2 */
	const char		*replica;		/* conninfo, best host first; "" for the primary's */
	const char		*password;		/* or "" */
	int			 statement_timeout_ms;	/* of blocking statements */
	int			 commit_timeout_ms;	/* then the outcome is unknown */
	int			 most_waiting_commits;	/* further writes are refused while so many wait for a standby */
	const struct constraint	*constraints;
	const char		*announcements;		/* path of a datagram socket that hears of commits; "" for none */
};
/* NULL and *problem when a conninfo cannot be read. */
struct db_source *db_source_new(const struct db_settings *, char problem[256]);
void		 db_source_free(struct db_source *);
/* Whether REPLICA is something else than PRIMARY. */
bool		 db_source_has_replica(const struct db_source *);
/* Commits that wait for a standby now. */
int		 db_source_waiting_commits(struct db_source *);

/*
 * For those who connect without blocking: the parameters of one host of a
 * target, for PQconnectStartParams().  options are added to the server's.
 */
#define DB_CONNECT_PARAMS	32
int		 db_source_hosts(const struct db_source *, enum reads);
void		 db_source_params(const struct db_source *, enum reads, int host, bool writes, const char *options,
		    const char *keywords[DB_CONNECT_PARAMS], const char *values[DB_CONNECT_PARAMS]);
#define DB_CONNECT_TIMEOUT_MS	700	/* a host; three of them stay under nginx's 3 s */
/* What a server has to say beside results goes to the log; libpq would print it. */
void		 db_source_listen(PGconn *);
/* What every connection of ours begins with, as options. */
const char	*db_source_options(const struct db_source *);
/* The host that last answered, to be tried first. */
int		 db_source_best(const struct db_source *, enum reads);
void		 db_source_answered(struct db_source *, enum reads, int host);
/* True for a result, or the lack of one, that says the connection is of no more use. */
bool		 db_lost(const PGconn *, const PGresult *);
/* Fails the scope as the result says: SQLSTATE and constraint become status, code and sentence. */
void		 db_fail(const struct db_source *, struct scope *, const PGresult *);

struct db;
struct db	*db_new(struct db_source *);
void		 db_free(struct db *);
/* Closes its connections, as db_detach() does with each that was not used for so long; the next use opens them. */
#define DB_IDLE_S	60
void		 db_close(struct db *);
/* Starts and ends a unit of work on it, which waits for Postgres limit_ms in all. */
void		 db_attach(struct db *, struct scope *, enum reads, int64_t limit_ms);
void		 db_read_from(struct db *, enum reads);
void		 db_detach(struct db *);
/* Microseconds spent waiting for Postgres since db_attach(). */
int64_t		 db_time_us(const struct db *);

/* A parameter goes as text; Postgres infers its type from the statement. */
struct param {
	const char	*text;		/* NULL with digits empty: null */
	char		 digits[24];
	bool		 last;
};
struct param	 p_int(int64_t);
struct param	 p_bool(bool);
struct param	 p_text(const char *);	/* NULL is null; not copied */
/* A bytea, "" of none. */
struct param	 p_bytes(struct scope *, const void *, size_t);
/* An array of texts as Postgres writes it: {"a","b"}. */
struct param	 p_texts(struct scope *, const char *const *, size_t);

/* More than DB_MAX_PARAMS aborts: a slip of ours that any test shows. */
#define DB_MAX_PARAMS	32
struct rows	*db_query_params(struct db *, const struct statement *, const struct param *);
#define db_query(db, st, ...)						\
	db_query_params(db, st, (const struct param[]){ __VA_ARGS__ __VA_OPT__(,) { .last = true } })
/* The shape of what a statement gives, kept as long as its connection. NULL after failing the scope. */
const struct row_shape *db_shape(struct db *, const struct statement *, const struct rows *);

/*
 * A transaction around fn(arg).  It commits when the scope has not failed and
 * rolls back when it has.  When it certainly did not happen because of a lost
 * connection, a serialization failure or a deadlock, fn runs again, three
 * times at most.  When COMMIT was sent and no answer came the scope fails with
 * 503 "outcome_unknown".
 */
void		 db_tx(struct db *, void (*fn)(void *), void *arg);

/*
 * In a transaction, or before db_change(): once that has committed, whoever
 * listens to announcements is woken.  May be lost: he looks by himself too.
 */
void		 db_announce(struct db *);

/*
 * In a transaction, for what is known to be long: from now on a statement, a
 * lock, COMMIT and all of them together may take limit_ms.
 */
void		 db_take_time(struct db *, int64_t limit_ms);

/*
 * A transaction of one statement, in one round trip instead of three, outside
 * of db_tx().  Only for a statement that may run twice and then has changed no
 * more than once: when its connection is lost it is asked again.  Fails as
 * db_tx() does.
 */
struct rows	*db_change_params(struct db *, const struct statement *, const struct param *);
#define db_change(db, st, ...)						\
	db_change_params(db, st, (const struct param[]){ __VA_ARGS__ __VA_OPT__(,) { .last = true } })

#endif

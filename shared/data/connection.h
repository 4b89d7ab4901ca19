/*
 * Inside data/: one connection of a thread.  Whoever waits on it does so for a
 * limited time, which neither statement_timeout nor tcp_user_timeout gives
 * against a server that stands still.
 */
#ifndef DATA_CONNECTION_H
#define DATA_CONNECTION_H

#include "data/db.h"

#define CONNECTION_MAX_STATEMENTS	256	/* a power of two; a domain has some dozens */

/* What a unit of work has waited, and may wait in all. */
struct wait {
	int64_t		 limit_ms, spent_us;
};

struct prepared {
	const struct statement	*statement;	/* NULL: a free place */
	struct row_shape	*shape;		/* made when first asked for */
};

struct connection {
	PGconn		*pg;
	int64_t		 used_ms;
	struct prepared	 prepared[CONNECTION_MAX_STATEMENTS];
};

enum { WRITER, PRIMARY_READER, REPLICA_READER, CONNECTIONS };

/* A thread's connections, and the unit of work that has them now. */
struct db {
	struct db_source	*source;
	struct scope		*scope;
	enum reads		 reads;
	bool			 in_tx, announces;
	int64_t			 statement_ms, commit_ms;	/* what each may have of the wait */
	struct wait		 wait;
	struct connection	*connections[CONNECTIONS];
};

/* Fails the scope: nobody answered. */
void		 db_fail_unavailable(struct db *);

/* What is left of a wait, at most limit_ms. */
int64_t		 wait_left(const struct wait *, int64_t limit_ms);

/* The last good host first; NULL when none answers. */
struct connection *connection_open(struct db_source *, enum reads, bool writes, struct wait *);
void		 connection_close(struct connection *);
/* Closes it such that nothing that waits to be sent leaves. */
void		 connection_abort(struct connection *);
/* The place of a statement, prepared or not yet. */
struct prepared	*connection_place(struct connection *, const struct statement *);
/* The result is the caller's; NULL when none came in time or the connection died. */
PGresult	*connection_ask(struct connection *, const struct statement *, const struct param *, struct wait *, int64_t limit_ms);
PGresult	*connection_command(struct connection *, const char *sql, struct wait *, int64_t limit_ms);
/* What follows a COPY from stdin: data, and its end; whole: false makes the server forget it. */
bool		 connection_copy(struct connection *, const char *data, size_t, struct wait *, int64_t limit_ms);
PGresult	*connection_copy_end(struct connection *, bool whole, struct wait *, int64_t limit_ms);
/* Bytes that ever left on TCP; 0 when nobody can tell. */
uint64_t	 connection_sent(const struct connection *);

#endif

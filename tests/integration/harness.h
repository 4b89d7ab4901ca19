/*
 * Requests without nginx and FastCGI: rows of a test's own, answered in this
 * process on the Postgres of the test stack, in the probe's schema.
 */
#ifndef HARNESS_H
#define HARNESS_H

#include <stdbool.h>
#include <stddef.h>

#include "app/app.h"

#define ALICE	"018f0000-0000-7000-8000-00000000000a"
#define BOB	"018f0000-0000-7000-8000-00000000000b"

/* An answer, copied out of its request; the next harness_ask() overwrites it. */
struct answer {
	int	 status;
	char	 type[64];
	char	 body[65536];
	size_t	 size;
	char	 link[1024], retry_after[16], replayed[8];
};

/* Exits when the stack of MARQUEE_TEST_STATE cannot be used. */
void		 harness_begin(const struct route *rows, const struct constraint *);
void		 harness_end(void);
/* user_id NULL: a stranger; a body NULL: none.  path may have a query. */
const struct answer *harness_ask(enum method, const char *path, const char *body, const char *user_id, unsigned roles, const char *key);
/* One number, asked by a connection of the test's own. */
long		 harness_number(const char *sql);
/* What a job works with. */
const struct app_state *harness_state(void);
struct db	*harness_db(void);
void		 harness_run(const char *sql);
/* A second connection, for what another would do meanwhile; PQfinish() it. */
PGconn		*harness_other(void);

#endif

/*
 * Calls from pool to pool: HTTP over nginx' internal server, whose host is the
 * pool, as in http://users/internal/revocations.  They show this service's
 * token, which users gives for its secret.
 */
#ifndef REMOTE_CALL_H
#define REMOTE_CALL_H

#include <jansson.h>
#include <stddef.h>

struct scope;

/* What the threads of a process share: where to, and the token. */
struct call_source;
struct call_settings {
	const char	*service;	/* our name */
	const char	*secret;	/* of it; "": calls fail */
	const char	*internal;	/* path of a socket, or http(s)://host:port of another machine's nginx */
};
/* NULL: no memory. Not to be made twice at once: libcurl starts with the first one. */
struct call_source	*call_source_new(const struct call_settings *);
void			 call_source_free(struct call_source *);

/* One thread's connection, kept from call to call. */
struct call_line;
struct call_line	*call_line_new(struct call_source *);	/* NULL: no memory */
void			 call_line_free(struct call_line *);
/* One that ends with the scope, for who calls seldom. */
struct call_line	*call_line_of(struct scope *, struct call_source *);	/* NULL: no memory */

struct call {
	const char	*pool;		/* "users" */
	const char	*path;		/* "/internal/revocations?after=1" */
	const char	*body;		/* JSON; NULL: none */
	const char	*method;	/* NULL: POST with a body, GET without */
	const char	*traceparent;	/* of the request that it is for; NULL or "": none */
	int		 timeout_ms;	/* in all, a new token included */
	size_t		 most_bytes;	/* of the answer; 0: 64 kB */
};

/*
 * Blocks.  The status below 500, and its JSON in *answer, which ends with the
 * scope; NULL when there was none.  Or 0 after failing the scope with 503 "unavailable": nobody
 * answered in time, or with what is no JSON, or with 5xx, or we get no token.
 */
int			 call_make(struct call_line *, struct scope *, const struct call *, json_t **answer);
/* Why the last one failed, for the log. */
const char		*call_problem(const struct call_line *);

#endif

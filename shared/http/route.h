/*
 * What a domain says about its endpoints: one row each, a column for every
 * property that is not the endpoint's own; a column left out is the strict or
 * usual choice.
 */
#ifndef HTTP_ROUTE_H
#define HTTP_ROUTE_H

#include <stdbool.h>
#include <stddef.h>

#include "auth/token.h"
#include "data/db.h"
#include "http/field.h"

struct request;
struct reply;

enum method { GET = 1, POST, PUT, PATCH, DELETE };

/* Who may call. Zero shuts the door on strangers. */
enum audience {
	SIGNED_IN,
	ANYONE,
	INTERNAL,	/* other pools, over the internal server */
	INTERNAL_ANYONE,	/* the same while they have no token yet */
	OPERATIONS,	/* the operations server only */
};

enum body { JSON, NONE /* one is refused */, IGNORED, RAW /* left to the handler */ };
enum write_mode { TX, SELF };
enum envelope { BARE, STATUS /* {"status":"success", keys} */, STATUS_DATA /* {"status":"success","data":answer} */ };

#define BODY_LIMIT	(64 * 1024)	/* bytes, of a row that says none */
#define MAX_SEGMENTS	16		/* {names} of a path */
#define PAGE_MAX_KEYS	4

/* A cursor page needs the order of its statement; the columns are never null and short (page.h). */
struct page_key {
	const char	*column;	/* NULL ends the list */
	enum field_kind	 kind;		/* INTEGER, TEXT, ID, TIME or DATE */
	const char	*first;		/* the value before the first row: "-infinity" */
};

/*
 * A read that is one statement: no handler, it runs on the read lane.
 * Its parameters are the row's fields, in the order of their table; a PAGE
 * adds the page's keys and then the limit, which the loop raises by one to see
 * whether there is a next page.
 */
enum shape { ONE = 1 /* no row: 404 */, LIST, PAGE };
struct read {
	struct statement	 statement;
	enum shape		 shape;
	const struct page_key	*keys;		/* of a PAGE */
	/* "messages": a LIST or PAGE is so called in an object, behind the row's first field: {"chat_id":"...","messages":[...]}. */
	const char		*list;
	const char		*missing;	/* the sentence of the 404 */
};

struct route {
	enum method		 method;
	const char		*path;		/* "/api/users/{user_id}"; literal segments win */
	struct reply		*(*run)(struct request *);
	const struct field	*fields;	/* INPUT(name) */
	size_t			 input_size;
	const struct read	*read;		/* instead of run */
	enum audience		 audience;
	unsigned		 roles;		/* any of these; 0: every caller */
	const char		*owner;		/* column that must be the caller's id; else 403 but for admins */
	enum body		 body;
	size_t			 body_limit;	/* bytes; 0: 64 kB */
	enum reads		 reads;
	enum write_mode		 write;		/* of everything but GET */
	int			 cache;		/* seconds; ANYONE only, the handler gets no caller */
	int			 remember;	/* seconds in the cache ring, beside cache: for what is dear to compute */
	bool			 idempotent;	/* takes Idempotency-Key; the answer is kept */
	bool			 id_of_key;	/* takes it too, without: what a SELF handler makes has request_new_id() for its id */
	bool			 unaudited;	/* leaves no row in the audit log, whoever calls: for what services do all day */
	bool			 slow;		/* long or heavy: runs on threads of its own */
	bool			 quick;		/* a GET that only computes, for microseconds: answered in the loop, without a database */
	bool			 unlogged;	/* asked so often that only its failures are logged */
	enum envelope		 envelope;
	int			 status;	/* of success; 0: 200 */
	const char		*answer;	/* "item_id:id name tags:[text] venue{id:id name}"; for OpenAPI, tested */
	const char		*type;		/* of an answer that is no JSON: "application/zip" */
	const char		*summary;
};

/* For struct NAME with fields NAME_fields. */
#define INPUT(name)	.fields = name##_fields, .input_size = sizeof(struct name)

struct router;
/*
 * Of NULL-ended tables, each ended by a row without a path.  Aborts on a row
 * that makes no sense, saying which.
 */
struct router	*router_new(const struct route *const *resources);
void		 router_free(struct router *);
/*
 * Sets rq->route and rq->segments.  Or fails with 404; with 405 and rq->allow
 * when the path takes other methods; with 400 "bad_path" when a segment is
 * malformed, not UTF-8, has a NUL, or is "." or "..".
 *
 * The path is split before it is decoded, so a %2F is part of a value.  A
 * literal segment wins over a {name} even when it does not take the method;
 * a {name} is never empty, so a trailing slash makes another path.  Each
 * server sees the rows that are meant for it and no others.
 */
bool		 router_find(const struct router *, struct request *);
/* Rows in their order, for metrics and OpenAPI. */
size_t		 router_count(const struct router *);
const struct route *router_row(const struct router *, size_t);
size_t		 router_index(const struct router *, const struct route *);	/* router_count() for NULL */

const char	*method_text(enum method);	/* "OTHER" when it is none of ours */
/* The path's so-manyth {name}, not NUL-terminated; NULL when it has fewer. */
const char	*route_name(const struct route *, size_t, size_t *length);
size_t		 route_body_limit(const struct route *);
/* False when the row makes no sense by itself; *problem says why. */
#define ROUTE_PROBLEM	160
bool		 route_check(const struct route *, char problem[ROUTE_PROBLEM]);

#endif

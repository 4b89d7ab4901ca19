/*
 * The audit log: what administrators and services did, a row each in the
 * transaction that did it.  People stand in it by their id, never by name.
 *
 * The core writes the row of a TX by itself.  A SELF handler calls
 * audit_request() in the transaction that changes; for one that does not, the
 * core writes it in a transaction after it.
 */
#ifndef HTTP_AUDIT_H
#define HTTP_AUDIT_H

#include <stdbool.h>

struct db;
struct request;

/* Whether acts of this caller on this row of the route table are kept. */
bool	 audit_wants(const struct request *);
/* Adds to the details of the row; no names. A key that is told twice is told as it was last. */
void	 audit_note(struct request *, const char *key, const char *text);
/* Inside a transaction: the row, where one is wanted, with the status of success. */
void	 audit_request(struct request *);
/* Inside a transaction: what was done at the machine, as by a verb: "--add-user". */
void	 audit_verb(struct db *, const char *action, const char *target);
/* Forgets what is older than 400 days, some of it. */
extern const struct statement audit_forget_old;

#endif

/*
 * Sessions that ended while their access tokens still run: a table in memory
 * that all workers of a pool share, so that an end is known to all of them
 * before it is answered.
 */
#ifndef AUTH_REVOCATIONS_H
#define AUTH_REVOCATIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct revocations;

/* Bytes of shared, zeroed memory that hold so many at once. */
size_t	 revocations_size(unsigned entries);
/* Lays it out there; every process that shares it calls this with the same number. */
struct revocations *revocations_at(void *memory, unsigned entries);
/* False: the table is full of sessions whose tokens still run, or it is no id. */
bool	 revocations_add(struct revocations *, const char *session_id, int64_t expires_s);
/* As that, and it cannot fail: without room for it every token that runs no longer is refused with it. */
void	 revocations_end(struct revocations *, const char *session_id, int64_t expires_s);
/* Takes no lock. What is no id counts as ended. */
bool	 revocations_has(struct revocations *, const char *session_id);
/*
 * For when there is no room for all that ended: each token that expires by
 * then is refused, whoever's it is, and those who renew theirs are believed
 * again.  Never moves back.
 */
void	 revocations_refuse_until(struct revocations *, int64_t until_s);
int64_t	 revocations_refused_until(const struct revocations *);	/* seconds since 1970; 0: none is */
/* Whether a token of that session that expires then is of no more use, for the one reason or the other. */
bool	 revocations_refuses(struct revocations *, const char *session_id, int64_t expires_s);

#endif

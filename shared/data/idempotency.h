/*
 * Idempotency: the answer of a change, kept in the transaction of the change,
 * so that asking again with the same key gives the same bytes and changes
 * nothing.  One row per user, route and key in the domain's own schema.
 */
#ifndef DATA_IDEMPOTENCY_H
#define DATA_IDEMPOTENCY_H

#include <stddef.h>

struct db;
struct scope;

#define IDEMPOTENCY_KEY_SIZE	255	/* characters of a key at most */
#define IDEMPOTENCY_HASH_SIZE	16

struct idem_claim {
	const char	*user_id, *route, *key;	/* "POST /api/..." */
	const void	*body;		/* what the key stands for, with path and query */
	size_t		 body_size;
	const char	*path, *query;
	unsigned char	 hash[IDEMPOTENCY_HASH_SIZE];	/* set by idem_claim() */
};

struct idem_answer {
	int		 status;	/* 0: none is kept, the change is to be made */
	const char	*type;
	const void	*body;
	size_t		 size;
};

/*
 * Inside a transaction, first of all.  Fails with 409 while a twin is under
 * way and with 422 when the key was used for something else.
 */
struct idem_answer idem_claim(struct db *, struct scope *, struct idem_claim *);
/* Inside the same transaction, last of all. */
void	 idem_store(struct db *, struct scope *, const struct idem_claim *, const struct idem_answer *);
/* Forgets keys older than a day. */
extern const struct statement idem_forget_old;

#endif

/*
 * COPY from here into a table, in the transaction that is open: many rows in
 * few bytes.
 *
 *	struct copy *copy = copy_begin(db, scope, "copy line (number, cells) from stdin (format binary)");
 *	copy_row(copy, 2);
 *	copy_integer(copy, 1);
 *	copy_texts(copy, cells, count);
 *	copy_end(copy);
 *
 * The first failure is the scope's; what follows it does nothing, but
 * copy_end() is due in any case.
 */
#ifndef DATA_COPY_H
#define DATA_COPY_H

#include <stddef.h>
#include <stdint.h>

struct copy;
struct db;
struct scope;

/* Aborts outside of a transaction.  Lives as long as the scope. */
struct copy	*copy_begin(struct db *, struct scope *, const char *sql);
/* A row of so many values; they follow, each by its type. */
void		 copy_row(struct copy *, int count);
void		 copy_integer(struct copy *, int32_t);
void		 copy_text(struct copy *, const char *);
void		 copy_texts(struct copy *, const char *const *, size_t);	/* text[]; NULL is null */
void		 copy_end(struct copy *);

#endif

/* Declared reads: the parameters of their statement, and the answer from its rows. */
#ifndef HTTP_READ_H
#define HTTP_READ_H

#include "data/rows.h"
#include "http/reply.h"
#include "http/request.h"

/* Fills values with the row's fields, then a page's keys and limit; how many they are. */
int		 read_params(struct request *, const char *values[DB_MAX_PARAMS]);
/* The answer of a declared read; a failed scope or a NULL shape gives the failure. */
struct reply	*read_reply(struct request *, const struct rows *, const struct row_shape *);

/* The first row, checked against the row's owner column; none: 404 with that sentence. */
struct reply	*read_one(struct request *, const struct rows *, const struct row_shape *, const char *missing);
/* The first count rows as an array. */
struct reply	*read_list(struct request *, const struct rows *, const struct row_shape *, int count);

/* An answer around what is written between them: the row's envelope. */
void		 reply_open(const struct request *, struct writer *);
struct reply	*reply_close(struct request *, struct writer *);

#endif

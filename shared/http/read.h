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

#endif

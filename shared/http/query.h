/* Query strings: name=value, with '&' between them. */
#ifndef HTTP_QUERY_H
#define HTTP_QUERY_H

#include <stdbool.h>
#include <stddef.h>

struct scope;

/* As sent; without a '=' the value is empty. */
struct query_piece {
	const char	*text;
	size_t		 size, name_size;
};

/* Moves *rest behind the next piece; false at the end. Nothing between two '&' is no piece. */
bool	 query_next(const char **rest, struct query_piece *);
/* The name decoded; NULL when malformed. */
char	*query_name(struct scope *, const struct query_piece *);

struct query_pair {
	const char	*name, *value;		/* decoded */
};

/* False after failing with 400 "bad_query": malformed, not UTF-8 or with a NUL. */
bool	 query_read(struct scope *, const char *query, struct query_pair **, size_t *count);

#endif

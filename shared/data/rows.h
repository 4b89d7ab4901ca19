/*
 * What a query gave: rows of binary cells, read by column name or written
 * straight out as JSON.
 *
 * How a column becomes JSON is told by its type and its name:
 *   preferences.enabled   nests: {"preferences":{"enabled":...}}; neighbours share the object
 *   price_minor, bigint   is money: prints "price":19.99,"price_minor":1999 with the digits of
 *                         the row's currency column
 *   _owner                is for us and never printed
 *   email?                is left out when it is null
 *   venue?.name           so is the object when its first column is null; neither comes first in what it is part of
 * timestamptz prints as RFC 3339 in UTC, json and jsonb as they are.
 */
#ifndef DATA_ROWS_H
#define DATA_ROWS_H

#include <libpq-fe.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct scope;
struct writer;
struct rows;

/* Rows of a result, which ends with the scope; NULL gives no rows. */
struct rows	*rows_of(struct scope *, PGresult *);
int		 rows_count(const struct rows *);	/* 0 of NULL: of a transaction that did not come to ask */
const PGresult	*rows_result(const struct rows *);	/* NULL when nothing came */

/* A cell; the type must fit, or the process aborts: a slip of ours that any test shows. */
bool		 row_is_null(const struct rows *, int row, const char *column);
int64_t		 row_integer(const struct rows *, int row, const char *column);	/* int2, int4, int8 */
bool		 row_bool(const struct rows *, int row, const char *column);
const char	*row_text(const struct rows *, int row, const char *column);	/* text, varchar, json, uuid; NULL for null */
int64_t		 row_time(const struct rows *, int row, const char *column);	/* microseconds since 1970 */
const void	*row_bytes(const struct rows *, int row, const char *column, size_t *size);	/* bytea; NULL for null */
/* A text, an integer, a uuid, a time or a date as text, as a cursor keeps it; lives as long as the scope. */
const char	*row_key(const struct rows *, int row, const char *column);

/* How the columns of one statement print; made once, read by many. */
struct row_shape;
/* NULL and *problem when a column has a type that cannot be printed. */
struct row_shape *row_shape_new(const PGresult *, char problem[128]);
void		 row_shape_free(struct row_shape *);
/* One row as a JSON object; inner leaves the outermost braces to the caller. */
void		 row_write(struct writer *, const struct row_shape *, const PGresult *, int row, bool inner);

/* Decimal digits of an ISO 4217 currency: 0, 2, 3 or 4; unknown codes have 2. */
int		 currency_digits(const char *code);

#endif

/* Inside data/: one cell of a binary result, as Postgres' send functions write it. */
#ifndef DATA_CELL_H
#define DATA_CELL_H

#include <libpq-fe.h>
#include <stdint.h>

struct writer;

/* CELL_NONE: of a type that is not printed. */
enum cell_kind {
	CELL_NONE, CELL_BOOL, CELL_INTEGER, CELL_MONEY, CELL_TEXT, CELL_JSON, CELL_JSONB, CELL_FLOAT4, CELL_FLOAT8,
	CELL_TIME, CELL_DATE, CELL_UUID, CELL_ARRAY,
};

enum cell_kind	 cell_kind(Oid type);
/* int2, int4, int8 by their size in bytes. */
int64_t		 cell_integer(const char *value, int size);
/* Microseconds since 1970 of a timestamptz. */
int64_t		 cell_time(const char *value);
/* As JSON; null for CELL_NONE. */
void		 cell_write(struct writer *, enum cell_kind, const char *value, int size);

#endif

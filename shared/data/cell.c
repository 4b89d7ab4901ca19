/* One cell of a binary result: its kind, its value, its JSON. */
#include <endian.h>
#include <string.h>

#include "base/writer.h"
#include "data/cell.h"

/* Postgres counts time from 2000-01-01; pg_type.dat has the numbers of the types. */
#define EPOCH_2000_US	(INT64_C(946684800) * 1000000)
#define EPOCH_2000_DAYS	10957

enum {
	OID_BOOL = 16, OID_CHAR = 18, OID_NAME = 19, OID_INT8 = 20, OID_INT2 = 21, OID_INT4 = 23,
	OID_TEXT = 25, OID_JSON = 114, OID_FLOAT4 = 700, OID_FLOAT8 = 701, OID_UNKNOWN = 705, OID_INT4S = 1007,
	OID_TEXTS = 1009, OID_INT8S = 1016, OID_BPCHAR = 1042, OID_VARCHAR = 1043, OID_DATE = 1082,
	OID_TIMESTAMPTZ = 1184, OID_UUID = 2950, OID_UUIDS = 2951, OID_JSONB = 3802,
};

int64_t
cell_integer(const char *cell, int size)
{
	uint16_t two;
	uint32_t four;
	uint64_t eight;

	switch (size) {
	case 2:
		memcpy(&two, cell, sizeof(two));
		return (int16_t)be16toh(two);
	case 4:
		memcpy(&four, cell, sizeof(four));
		return (int32_t)be32toh(four);
	default:
		memcpy(&eight, cell, sizeof(eight));
		return (int64_t)be64toh(eight);
	}
}

int64_t
cell_time(const char *value)
{
	int64_t us = cell_integer(value, 8);

	/* 'infinity' and '-infinity' are the ends of the range; they stay there. */
	return us == INT64_MAX || us == INT64_MIN ? us : us + EPOCH_2000_US;
}

enum cell_kind
cell_kind(Oid type)
{
	switch (type) {
	case OID_BOOL:
		return CELL_BOOL;
	case OID_INT2: case OID_INT4: case OID_INT8:
		return CELL_INTEGER;
	case OID_TEXT: case OID_VARCHAR: case OID_BPCHAR: case OID_NAME: case OID_CHAR: case OID_UNKNOWN:
		return CELL_TEXT;
	case OID_JSON:
		return CELL_JSON;
	case OID_JSONB:
		return CELL_JSONB;
	case OID_FLOAT4:
		return CELL_FLOAT4;
	case OID_FLOAT8:
		return CELL_FLOAT8;
	case OID_TIMESTAMPTZ:
		return CELL_TIME;
	case OID_DATE:
		return CELL_DATE;
	case OID_UUID:
		return CELL_UUID;
	case OID_TEXTS: case OID_INT4S: case OID_INT8S: case OID_UUIDS:
		return CELL_ARRAY;
	default:
		return CELL_NONE;
	}
}

static double
float_of(const char *value, int size)
{
	uint64_t bits = (uint64_t)cell_integer(value, size);
	uint32_t half = (uint32_t)bits;
	float single;
	double d;

	if (size == 4) {
		memcpy(&single, &half, sizeof(single));
		return single;
	}
	memcpy(&d, &bits, sizeof(d));
	return d;
}

/* array_send(): dimensions, has-nulls, element type, then length and lower bound of each dimension, then the elements. */
static void
write_array(struct writer *w, const char *value)
{
	int dimensions = (int)cell_integer(value, 4);
	enum cell_kind kind = cell_kind((Oid)cell_integer(value + 8, 4));
	int64_t count = dimensions > 0 ? cell_integer(value + 12, 4) : 0;

	writer_literal(w, "[");
	value += 20;
	for (int64_t i = 0; i < count; i++) {
		int size = (int)cell_integer(value, 4);

		if (i > 0)
			writer_literal(w, ",");
		cell_write(w, size < 0 ? CELL_NONE : kind, value + 4, size);
		value += 4 + (size > 0 ? size : 0);
	}
	writer_literal(w, "]");
}

void
cell_write(struct writer *w, enum cell_kind kind, const char *value, int size)
{
	switch (kind) {
	case CELL_BOOL:
		writer_bool(w, *value != 0);
		break;
	case CELL_INTEGER: case CELL_MONEY:
		writer_integer(w, cell_integer(value, size));
		break;
	case CELL_TEXT:
		writer_string(w, value, (size_t)size);
		break;
	case CELL_JSON:
		writer_bytes(w, value, (size_t)size);
		break;
	case CELL_JSONB:	/* a version byte stands before the text */
		writer_bytes(w, value + 1, (size_t)size - 1);
		break;
	case CELL_FLOAT4: case CELL_FLOAT8:
		writer_number(w, float_of(value, size));
		break;
	case CELL_TIME:
		writer_time(w, cell_time(value));
		break;
	case CELL_DATE:
		writer_date(w, cell_integer(value, 4) + EPOCH_2000_DAYS);
		break;
	case CELL_UUID:
		writer_uuid(w, (const uint8_t *)value);
		break;
	case CELL_ARRAY:
		write_array(w, value);
		break;
	case CELL_NONE:
		writer_literal(w, "null");
	}
}

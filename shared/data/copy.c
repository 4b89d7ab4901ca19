/* COPY in the binary format, which needs no escapes. */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "data/connection.h"
#include "data/copy.h"

enum { TEXT_OID = 25, ROOM = 65536 };

struct copy {
	struct db		*db;
	struct connection	*connection;	/* NULL: it did not begin */
	size_t			 length;
	char			 buffer[ROOM];
};

/* Nothing of the transaction will have happened. */
static void
fail_lost(struct db *db)
{
	if (scope_failed(db->scope))
		return;
	db_fail_unavailable(db);
	db->scope->failure.retryable = true;
}

static void
send_all(struct copy *copy)
{
	struct db *db = copy->db;

	if (!scope_failed(db->scope) && copy->length > 0 &&
	    !connection_copy(copy->connection, copy->buffer, copy->length, &db->wait, db->statement_ms))
		fail_lost(db);
	copy->length = 0;
}

static void
put(struct copy *copy, const void *bytes, size_t size)
{
	while (size > 0 && !scope_failed(copy->db->scope)) {
		size_t part = ROOM - copy->length < size ? ROOM - copy->length : size;

		memcpy(copy->buffer + copy->length, bytes, part);
		bytes = (const char *)bytes + part;
		size -= part;
		if ((copy->length += part) == ROOM)
			send_all(copy);
	}
}

static void
put_int32(struct copy *copy, int32_t value)
{
	uint32_t bytes = htonl((uint32_t)value);

	put(copy, &bytes, sizeof(bytes));
}

static void
put_int16(struct copy *copy, int value)
{
	uint16_t bytes = htons((uint16_t)value);

	put(copy, &bytes, sizeof(bytes));
}

struct copy *
copy_begin(struct db *db, struct scope *sc, const char *sql)
{
	struct copy *copy = scope_alloc(sc, sizeof(*copy));
	PGresult *result;

	if (!db->in_tx)
		abort();
	copy->db = db;
	if (scope_failed(sc))
		return copy;
	copy->connection = db->connections[WRITER];
	result = connection_command(copy->connection, sql, &db->wait, wait_left(&db->wait, db->statement_ms));
	if (PQresultStatus(result) != PGRES_COPY_IN) {
		copy->connection = NULL;
		if (result != NULL)
			db_fail(db->source, sc, result);
		else
			fail_lost(db);
	}
	PQclear(result);
	put(copy, "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0", 19);
	return copy;
}

void
copy_row(struct copy *copy, int count)
{
	put_int16(copy, count);
}

void
copy_integer(struct copy *copy, int32_t value)
{
	put_int32(copy, sizeof(value));
	put_int32(copy, value);
}

void
copy_text(struct copy *copy, const char *text)
{
	size_t size = text != NULL ? strlen(text) : 0;

	put_int32(copy, text != NULL ? (int32_t)size : -1);
	put(copy, text, size);
}

/* One dimension, whether nulls may be in it, the type, how many, and the index of the first. */
void
copy_texts(struct copy *copy, const char *const *texts, size_t count)
{
	int32_t size = 20;

	for (size_t i = 0; i < count; i++)
		size += 4 + (texts[i] != NULL ? (int32_t)strlen(texts[i]) : 0);
	put_int32(copy, size);
	put_int32(copy, 1);
	put_int32(copy, 1);
	put_int32(copy, TEXT_OID);
	put_int32(copy, (int32_t)count);
	put_int32(copy, 1);
	for (size_t i = 0; i < count; i++)
		copy_text(copy, texts[i]);
}

/* Also after a failure: or the connection would wait for data instead of the rollback. */
void
copy_end(struct copy *copy)
{
	struct db *db = copy->db;
	PGresult *result;

	if (copy->connection == NULL)
		return;
	put_int16(copy, -1);
	send_all(copy);
	result = connection_copy_end(copy->connection, !scope_failed(db->scope), &db->wait, db->statement_ms);
	if (db_lost(copy->connection->pg, result))
		fail_lost(db);
	else if (PQresultStatus(result) != PGRES_COMMAND_OK)
		db_fail(db->source, db->scope, result);
	PQclear(result);
}

/* Idempotency keys: claimed and answered inside the transaction of the change. */
#include <sodium.h>
#include <string.h>

#include "base/scope.h"
#include "data/db.h"
#include "data/idempotency.h"

/*
 * The lock is taken before the row is looked for, in a statement of its own:
 * one statement would look with a snapshot older than its lock.
 */
static const struct statement lock_key = { SQL(
	select pg_try_advisory_xact_lock(hashtextextended($1::text || ' ' || $2::text || ' ' || $3::text, 0)) as locked
) };

static const struct statement find_answer = { SQL(
	select request_hash, status, content_type, body
	  from idempotency
	 where user_id = $1::uuid and route = $2 and key = $3
) };

static const struct statement keep_answer = { SQL(
	insert into idempotency (user_id, route, key, request_hash, status, content_type, body)
	values ($1::uuid, $2, $3, $4, $5::int, $6, $7)
) };

const struct statement idem_forget_old = { SQL(
	delete from idempotency where created_at < now() - interval '24 hours'
) };

static void
hash_request(struct idem_claim *claim)
{
	const char *parts[] = { claim->path, claim->query };
	crypto_generichash_state state;

	crypto_generichash_init(&state, NULL, 0, sizeof(claim->hash));
	for (int i = 0; i < 2; i++)
		crypto_generichash_update(&state, (const unsigned char *)parts[i], strlen(parts[i]) + 1);
	crypto_generichash_update(&state, claim->body, claim->body_size);
	crypto_generichash_final(&state, claim->hash, sizeof(claim->hash));
}

struct idem_answer
idem_claim(struct db *db, struct scope *sc, struct idem_claim *claim)
{
	struct idem_answer answer = { 0 };
	struct rows *rows;
	const void *hash;
	size_t size;

	hash_request(claim);
	rows = db_query(db, &lock_key, p_text(claim->user_id), p_text(claim->route), p_text(claim->key));
	if (scope_failed(sc))
		return answer;
	if (!row_bool(rows, 0, "locked")) {
		scope_fail(sc, 409, "in_progress", "The same request is being answered just now.");
		sc->failure.retry_after_s = 1;
		return answer;
	}
	rows = db_query(db, &find_answer, p_text(claim->user_id), p_text(claim->route), p_text(claim->key));
	if (rows_count(rows) == 0)
		return answer;
	hash = row_bytes(rows, 0, "request_hash", &size);
	if (size != sizeof(claim->hash) || memcmp(hash, claim->hash, size) != 0) {
		scope_fail(sc, 422, "idempotency_key_reused", "This Idempotency-Key was used for another request.");
		return answer;
	}
	answer.status = (int)row_integer(rows, 0, "status");
	answer.type = row_text(rows, 0, "content_type");
	answer.body = row_bytes(rows, 0, "body", &answer.size);
	return answer;
}

void
idem_store(struct db *db, struct scope *sc, const struct idem_claim *claim, const struct idem_answer *answer)
{
	db_query(db, &keep_answer, p_text(claim->user_id), p_text(claim->route), p_text(claim->key),
	    p_bytes(sc, claim->hash, sizeof(claim->hash)), p_int(answer->status), p_text(answer->type),
	    p_bytes(sc, answer->body, answer->size));
}

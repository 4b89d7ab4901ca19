/* What proves a second factor: how it is kept, found and used up. */
#include <ctype.h>
#include <sodium.h>
#include <string.h>

#include "base/clock.h"
#include "base/id.h"
#include "data/limits.h"
#include "factor.h"
#include "letters.h"
#include "users.h"

#define NONCE		crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
#define CODE_LETTERS	(FACTOR_CODE_SIZE - 2)

_Static_assert(FACTOR_SEALED_BYTES == NONCE + TOTP_SECRET_BYTES + crypto_aead_xchacha20poly1305_ietf_ABYTES,
    "a nonce, a secret and a tag");

static const struct limit tries = { "second factor", 10, 15 * 60 };

static bool
make_key(struct request *rq, const char *purpose, uint8_t key[SECRET_KEY_BYTES])
{
	if (secret_key(rq->state, purpose, key))
		return true;
	scope_fail(&rq->scope, 503, "unavailable", "This server has no secret that second factors could be kept with.");
	return false;
}

/* --- the secret --- */

void
factor_seal(struct request *rq, const char *user_id, const uint8_t secret[TOTP_SECRET_BYTES],
    uint8_t out[FACTOR_SEALED_BYTES])
{
	uint8_t key[SECRET_KEY_BYTES];

	if (!make_key(rq, "second factor", key))
		return;
	id_random(out, NONCE);
	crypto_aead_xchacha20poly1305_ietf_encrypt(out + NONCE, NULL, secret, TOTP_SECRET_BYTES,
	    (const uint8_t *)user_id, strlen(user_id), NULL, out, key);
}

static bool
unseal(struct request *rq, const char *user_id, const uint8_t *sealed, uint8_t secret[TOTP_SECRET_BYTES])
{
	uint8_t key[SECRET_KEY_BYTES];

	if (!make_key(rq, "second factor", key))
		return false;
	if (crypto_aead_xchacha20poly1305_ietf_decrypt(secret, NULL, NULL, sealed + NONCE, FACTOR_SEALED_BYTES - NONCE,
	    (const uint8_t *)user_id, strlen(user_id), sealed, key) == 0)
		return true;
	/* The server's secret is another one by now. */
	scope_fail(&rq->scope, 503, "unavailable", "The second factor cannot be read just now.");
	return false;
}

/* --- codes --- */

/* As people type them: in any case, with spaces and hyphens. "" when it is too long to be one. */
static void
normalise(char out[CODE_LETTERS + 1], const char *code)
{
	size_t size = 0;

	for (; *code != '\0'; code++) {
		if (*code == ' ' || *code == '-')
			continue;
		if (size == CODE_LETTERS) {
			size = 0;
			break;
		}
		out[size++] = (char)tolower((unsigned char)*code);
	}
	out[size] = '\0';
}

/* Keyed, since 50 bits alone could be found by trying. */
static void
hash_code(struct request *rq, const char *user_id, const char *code, uint8_t out[FACTOR_HASH_BYTES])
{
	uint8_t key[SECRET_KEY_BYTES];
	crypto_generichash_state state;

	if (!make_key(rq, "recovery code", key))
		return;
	crypto_generichash_init(&state, key, sizeof(key), FACTOR_HASH_BYTES);
	crypto_generichash_update(&state, (const uint8_t *)user_id, strlen(user_id));
	crypto_generichash_update(&state, (const uint8_t *)code, strlen(code));
	crypto_generichash_final(&state, out, FACTOR_HASH_BYTES);
}

static const struct statement find_factor = { SQL(
	select secret, last_step, confirmed_at is not null as counts
	  from second_factor
	 where user_id = $1
) };

void
factor_read(struct request *rq, const char *user_id, const char *code, struct factor *factor)
{
	struct rows *found = db_query(rq->db, &find_factor, p_text(user_id));
	uint8_t secret[TOTP_SECRET_BYTES];
	char plain[CODE_LETTERS + 1];
	const void *sealed;
	size_t size;

	*factor = (struct factor){ .exists = rows_count(found) > 0 };
	if (!factor->exists)
		return;
	factor->counts = row_bool(found, 0, "counts");
	if (code == NULL)
		return;
	limit_count(rq->state->limits, &rq->scope, &tries, user_id);
	sealed = row_bytes(found, 0, "secret", &size);
	if (scope_failed(&rq->scope) || !unseal(rq, user_id, sealed, secret))
		return;
	memcpy(factor->sealed, sealed, FACTOR_SEALED_BYTES);
	normalise(plain, code);
	factor->step = totp_find(secret, plain, clock_unix_us() / 1000000, row_integer(found, 0, "last_step"));
	sodium_memzero(secret, sizeof(secret));
	factor->may_recover = strlen(plain) == CODE_LETTERS;
	if (factor->may_recover)
		hash_code(rq, user_id, plain, factor->hash);
}

/* Two may come with one code: the row's lock lets the second see that it is used, or that the factor is another. */
static const struct statement use_step = { SQL(
	update second_factor
	   set last_step = $2
	 where user_id = $1 and last_step < $2 and secret = $3
	returning user_id
) };

static const struct statement use_recovery_code = { SQL(
	delete from recovery_code
	 where user_id = $1 and code_hash = $2
	returning user_id
) };

bool
factor_take(struct request *rq, const char *user_id, const struct factor *factor)
{
	if (factor->step != 0)
		return rows_count(db_query(rq->db, &use_step, p_text(user_id), p_int(factor->step),
		    p_bytes(&rq->scope, factor->sealed, sizeof(factor->sealed)))) > 0;
	return factor->may_recover && rows_count(db_query(rq->db, &use_recovery_code, p_text(user_id),
	    p_bytes(&rq->scope, factor->hash, sizeof(factor->hash)))) > 0;
}

void
factor_forget_tries(struct request *rq, const char *user_id)
{
	limit_clear(rq->state->limits, &tries, user_id);
}

void
factor_codes_new(struct request *rq, const char *user_id, struct factor_codes *codes)
{
	char plain[CODE_LETTERS + 1];

	for (size_t i = 0; i < FACTOR_CODES && !scope_failed(&rq->scope); i++) {
		letters_random(plain, CODE_LETTERS);
		hash_code(rq, user_id, plain, codes->hash[i]);
		memcpy(codes->text[i], plain, CODE_LETTERS / 2);
		codes->text[i][CODE_LETTERS / 2] = '-';
		memcpy(codes->text[i] + CODE_LETTERS / 2 + 1, plain + CODE_LETTERS / 2, CODE_LETTERS / 2 + 1);
	}
}

static const struct statement delete_codes = { SQL(
	delete from recovery_code
	 where user_id = $1
) };

static const struct statement insert_codes = { SQL(
	insert into recovery_code (user_id, code_hash)
	select $1, hash
	  from unnest($2::bytea[]) as hash
) };

void
factor_codes_store(struct request *rq, const char *user_id, const struct factor_codes *codes)
{
	const char *hashes[FACTOR_CODES];

	for (size_t i = 0; i < FACTOR_CODES; i++)
		hashes[i] = p_bytes(&rq->scope, codes->hash[i], FACTOR_HASH_BYTES).text;
	db_query(rq->db, &delete_codes, p_text(user_id));
	db_query(rq->db, &insert_codes, p_text(user_id), p_texts(&rq->scope, hashes, FACTOR_CODES));
}

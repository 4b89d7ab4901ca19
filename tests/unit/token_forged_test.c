/* Forged access tokens: all the ways to get in with one that we did not sign. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jwt.h>
#include <openssl/hmac.h>

#include "auth/token.h"
#include "fake.h"
#include "forge.h"
#include "unit.h"
#include "world.h"

START_TEST(a_token_without_a_signature_is_refused)
{
	static const char *const algorithms[] = { "none", "None", "NONE", "nOnE", "ES256", "" };
	struct world world;

	world_begin(&world);
	for (size_t i = 0; i < sizeof(algorithms) / sizeof(algorithms[0]); i++) {
		char header[128], *body = json_dumps(world.claims, 0), *text, token[2048];
		const char *signature = strrchr(world.good, '.') + 1;

		snprintf(header, sizeof(header), "{\"alg\":\"%s\",\"kid\":\"k1\",\"typ\":\"JWT\"}", algorithms[i]);
		text = forge_unsigned(header, body);
		ck_assert(!world_accepts(&world, text));
		snprintf(token, sizeof(token), "%s.", text);
		ck_assert(!world_accepts(&world, token));
		snprintf(token, sizeof(token), "%s.%s", text, signature);
		ck_assert(!world_accepts(&world, token));
		snprintf(token, sizeof(token), "%s.%086d", text, 0);
		ck_assert(!world_accepts(&world, token));
		free(text);
		free(body);
	}
	ck_assert(!world_accepts(&world, ""));
	ck_assert(!world_accepts(&world, "."));
	ck_assert(!world_accepts(&world, ".."));
	ck_assert(!world_accepts(&world, "..."));
	world_end(&world);
}
END_TEST

static char *
hmac_token(const char *header, const char *body, const char *secret, size_t secret_size)
{
	char *text = forge_unsigned(header, body), *part, *token;
	unsigned char code[EVP_MAX_MD_SIZE];
	unsigned size;

	HMAC(EVP_sha256(), secret, (int)secret_size, (const unsigned char *)text, strlen(text), code, &size);
	part = forge_part(code, size);
	ck_assert_int_gt(asprintf(&token, "%s.%s", text, part), 0);
	free(text);
	free(part);
	return token;
}

START_TEST(an_hmac_keyed_with_our_public_key_is_refused)
{
	static const char *const headers[] = {
		"{\"alg\":\"HS256\",\"kid\":\"k1\",\"typ\":\"JWT\"}",
		"{\"alg\":\"hs256\",\"kid\":\"k1\",\"typ\":\"JWT\"}",
		WORLD_HEADER,
		"{\"alg\":\"ES256\",\"alg\":\"HS256\",\"kid\":\"k1\",\"typ\":\"JWT\"}",
		"{\"alg\":\"HS256\",\"alg\":\"ES256\",\"kid\":\"k1\",\"typ\":\"JWT\"}",
	};
	struct world world;
	char *pem, *body, *token;
	jwt_t *jwt;

	world_begin(&world);
	pem = forge_pem(world.key, false);
	body = json_dumps(world.claims, 0);
	for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++)
		for (size_t cut = 0; cut < 2; cut++)
			ck_assert(!world_accepts_made(&world, hmac_token(headers[i], body, pem, strlen(pem) - cut)));
	/* The trap is real: libjwt alone takes it. */
	token = hmac_token(headers[0], body, pem, strlen(pem));
	ck_assert_int_eq(jwt_decode(&jwt, token, (unsigned char *)pem, (int)strlen(pem)), 0);
	jwt_free(jwt);
	free(token);
	free(body);
	free(pem);
	world_end(&world);
}
END_TEST

START_TEST(only_the_id_of_a_key_of_ours_is_taken)
{
	static const char *const ids[] = {
		"\"k2\"", "\"K1\"", "\"k1 \"", "\" k1\"", "\"\"", "\"k1.pem\"", "\"./k1\"", "\"../../x\"",
		"\"../../../../../../dev/null\"", "\"/etc/passwd\"", "\"k1\\u0000\"", "\"k1'or'1\"", "1", "null",
		"true", "[\"k1\"]", "{\"k1\":\"k1\"}", "\"k1\",\"kid\":\"k1\"",
	};
	struct world world;
	char header[6000], id[5001];

	world_begin(&world);
	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		snprintf(header, sizeof(header), "{\"alg\":\"ES256\",\"kid\":%s,\"typ\":\"JWT\"}", ids[i]);
		ck_assert_msg(!world_accepts_header(&world, header), "%s", header);
	}
	for (size_t size = 100; size <= 5000; size += 700) {
		memset(id, 'k', size);
		id[size] = '\0';
		snprintf(header, sizeof(header), "{\"alg\":\"ES256\",\"kid\":\"%s\",\"typ\":\"JWT\"}", id);
		ck_assert(!world_accepts_header(&world, header));
	}
	ck_assert(!world_accepts_header(&world, "{\"alg\":\"ES256\",\"typ\":\"JWT\"}"));
	ck_assert(!world_accepts_header(&world, "{\"alg\":\"ES256\",\"typ\":\"JWT\",\"x\":\"k1\"}"));
	world_end(&world);
}
END_TEST

START_TEST(a_header_that_is_not_ours_is_refused)
{
	static const char *const headers[] = {
		"{\"alg\":\"ES256\",\"kid\":\"k1\",\"typ\":\"JWT\",\"crit\":[\"exp\"]}",
		"{\"alg\":\"ES256\",\"kid\":\"k1\",\"typ\":\"JWT\",\"crit\":[]}",
		"{\"alg\":\"ES256\",\"kid\":\"k1\",\"typ\":\"JWT\",\"jku\":\"https://evil.example/jwks.json\"}",
		"{\"alg\":\"ES256\",\"kid\":\"k1\",\"typ\":\"JWT\",\"jwk\":{\"kty\":\"EC\",\"crv\":\"P-256\"}}",
		"{\"alg\":\"ES256\",\"kid\":\"k1\",\"typ\":\"JWT\",\"x5u\":\"https://evil.example/x.pem\"}",
		"{\"alg\":\"ES256\",\"kid\":\"k1\",\"typ\":\"JWT\",\"x5c\":[\"MII\"]}",
		"{\"alg\":\"ES256\",\"kid\":\"k1\",\"typ\":\"JWT\",\"x5t\":\"AAAA\"}",
		"{\"alg\":\"ES256\",\"kid\":\"k1\",\"typ\":\"JWT\",\"b64\":false}",
		"{\"alg\":\"ES256\",\"kid\":\"k1\",\"typ\":\"JWT\",\"zip\":\"DEF\"}",
		"{\"alg\":\"ES256\",\"kid\":\"k1\",\"typ\":\"JWT\",\"cty\":\"JWT\"}",
		"{\"alg\":\"ES256\",\"kid\":\"k1\",\"jku\":\"https://evil.example/jwks.json\"}",
		"{\"alg\":\"ES256\",\"kid\":\"k1\",\"typ\":\"at+jwt\"}",
		"{\"alg\":\"ES256\",\"kid\":\"k1\",\"typ\":\"jwt\"}",
		"{\"alg\":\"ES256\",\"kid\":\"k1\",\"typ\":\"ws\"}",
		"{\"alg\":\"ES256\",\"kid\":\"k1\",\"typ\":[\"JWT\"]}",
		"{\"alg\":\"ES256\",\"kid\":\"k1\"}",
		"{\"alg\":\"es256\",\"kid\":\"k1\",\"typ\":\"JWT\"}",
		"{\"alg\":\"ES384\",\"kid\":\"k1\",\"typ\":\"JWT\"}",
		"{\"alg\":\"RS256\",\"kid\":\"k1\",\"typ\":\"JWT\"}",
		"{\"alg\":\"EdDSA\",\"kid\":\"k1\",\"typ\":\"JWT\"}",
		"{\"alg\":[\"ES256\"],\"kid\":\"k1\",\"typ\":\"JWT\"}",
		"{\"alg\":null,\"kid\":\"k1\",\"typ\":\"JWT\"}",
		"{\"kid\":\"k1\",\"typ\":\"JWT\"}",
		"[\"ES256\",\"k1\",\"JWT\"]", "\"ES256\"", "null", "{}", "", "{", WORLD_HEADER "x", WORLD_HEADER WORLD_HEADER,
		WORLD_HEADER "\xff", "{'alg':'ES256','kid':'k1','typ':'JWT'}",
	};
	struct world world;

	world_begin(&world);
	for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++)
		ck_assert_msg(!world_accepts_header(&world, headers[i]), "%s", headers[i]);
	world_end(&world);
}
END_TEST

START_TEST(a_truncated_token_is_refused_at_every_length)
{
	struct world world;
	size_t length;

	world_begin(&world);
	length = strlen(world.good);
	for (size_t i = 0; i < length; i++) {
		ck_assert(!world_accepts_made(&world, strndup(world.good, i)));
		ck_assert_msg(!world_accepts(&world, world.good + length - i), "from %zu", length - i);
	}
	world_end(&world);
}
END_TEST

START_TEST(a_token_with_one_bit_flipped_is_refused)
{
	struct world world;

	world_begin(&world);
	for (char *p = world.good; *p != '\0'; p++)
		for (int bit = 0; bit < 8; bit++) {
			*p ^= (char)(1 << bit);
			ck_assert_msg(!world_accepts(&world, world.good), "byte %zd bit %d", p - world.good, bit);
			*p ^= (char)(1 << bit);
		}
	ck_assert(world_accepts(&world, world.good));
	world_end(&world);
}
END_TEST

START_TEST(junk_around_a_token_is_refused)
{
	static const char *const junk[] = {
		"A", "AA", "AAAA", "=", "==", ".", "..", ".A", "!", " ", "\n", "\t", "%00", "+", "/", "\xc3\xa9", ",", "?",
	};
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
	struct world world;
	char token[2048], *last;

	world_begin(&world);
	for (size_t i = 0; i < sizeof(junk) / sizeof(junk[0]); i++) {
		size_t second = strcspn(world.good, ".");

		snprintf(token, sizeof(token), "%s%s", world.good, junk[i]);
		ck_assert_msg(!world_accepts(&world, token), "behind: %s", junk[i]);
		snprintf(token, sizeof(token), "%s%s", junk[i], world.good);
		ck_assert_msg(!world_accepts(&world, token), "before: %s", junk[i]);
		snprintf(token, sizeof(token), "%.*s%s%s", (int)second, world.good, junk[i], world.good + second);
		ck_assert_msg(!world_accepts(&world, token), "within: %s", junk[i]);
	}
	/* The last character carries two bits; sixteen spellings decode alike, one is canonical. */
	last = world.good + strlen(world.good) - 1;
	ck_assert(strchr("AQgw", *last) != NULL);
	strcpy(token, world.good);
	for (const char *c = alphabet; *c != '\0'; c++) {
		token[last - world.good] = *c;
		ck_assert_msg(world_accepts(&world, token) == (*c == *last), "%c", *c);
	}
	world_end(&world);
}
END_TEST

START_TEST(a_signature_of_another_key_or_text_is_refused)
{
	struct world world;
	EVP_PKEY *other;
	char *body, *longer, token[2048], *part, *text;
	unsigned char signature[64] = { 0 };

	world_begin(&world);
	other = forge_key("P-256");
	body = json_dumps(world.claims, 0);
	ck_assert(!world_accepts_made(&world, forge_token(other, WORLD_HEADER, body)));
	/* That of a good token beneath another body. */
	json_object_set_new(world.claims, "name", json_string("bob"));
	longer = json_dumps(world.claims, 0);
	text = forge_unsigned(WORLD_HEADER, longer);
	snprintf(token, sizeof(token), "%s%s", text, strrchr(world.good, '.'));
	ck_assert(!world_accepts(&world, token));
	free(text);
	/* All zero, all one, and right but in DER. */
	for (int byte = 0; byte < 256; byte += 255) {
		memset(signature, byte, sizeof(signature));
		text = forge_unsigned(WORLD_HEADER, body);
		part = forge_part(signature, sizeof(signature));
		snprintf(token, sizeof(token), "%s.%s", text, part);
		ck_assert(!world_accepts(&world, token));
		free(part);
		free(text);
	}
	free(longer);
	free(body);
	EVP_PKEY_free(other);
	world_end(&world);
}
END_TEST

/* Each allocation on the way fails once; whatever else happens, nobody gets in who should not. */
static void
check_without_memory(const struct world *world, const char *token, bool good)
{
	struct caller caller;
	bool accepted;
	unsigned n = 0;

	do {
		/* Of the thousands that libcrypto makes to read a key some will do. */
		fake_failing_allocation(n += n < 300 ? 1 : 7);
		accepted = token_verify(world->keys, token, &caller);
		if (!fake_allocation_failed())
			break;
		fake_failing_allocation(0);
		ck_assert_msg(!accepted || good, "allocation %u: %s", n, token);
		ck_assert(!accepted || (strcmp(caller.user_id, WORLD_USER) == 0 && caller.roles == (ROLE_USER | ROLE_PRODUCER)));
	} while (true);
	fake_failing_allocation(0);
	ck_assert(n > 1000 || !good);	/* some are refused before any */
	ck_assert_int_eq(accepted, good);
	ck_assert(world_accepts(world, world->good));
}

START_TEST(a_failed_allocation_lets_nobody_in)
{
	struct world world;
	EVP_PKEY *other;
	char *body, *pem, *text, *token;

	world_begin(&world);
	other = forge_key("P-256");
	pem = forge_pem(world.key, false);
	body = json_dumps(world.claims, 0);
	check_without_memory(&world, world.good, true);
	check_without_memory(&world, token = forge_token(other, WORLD_HEADER, body), false);
	free(token);
	check_without_memory(&world, token = hmac_token("{\"alg\":\"HS256\",\"kid\":\"k1\",\"typ\":\"JWT\"}", body, pem,
	    strlen(pem)), false);
	free(token);
	token = strdup(world.good);
	token[strlen(token) - 20] ^= 1;
	check_without_memory(&world, token, false);
	free(token);
	text = forge_unsigned("{\"alg\":\"none\",\"kid\":\"k1\",\"typ\":\"JWT\"}", body);
	ck_assert_int_gt(asprintf(&token, "%s%s", text, strrchr(world.good, '.')), 0);
	check_without_memory(&world, token, false);
	free(token);
	free(text);
	json_object_set_new(world.claims, "exp", json_integer(world_now_s() - 1));
	check_without_memory(&world, token = world_token(&world, WORLD_HEADER, world.claims), false);
	free(token);
	free(body);
	free(pem);
	EVP_PKEY_free(other);
	world_end(&world);
}
END_TEST

SUITE("token_forged",
    a_token_without_a_signature_is_refused,
    an_hmac_keyed_with_our_public_key_is_refused,
    only_the_id_of_a_key_of_ours_is_taken,
    a_header_that_is_not_ours_is_refused,
    a_truncated_token_is_refused_at_every_length,
    a_token_with_one_bit_flipped_is_refused,
    junk_around_a_token_is_refused,
    a_signature_of_another_key_or_text_is_refused,
    a_failed_allocation_lets_nobody_in)

/* Access tokens: ours are taken, and every other thing that looks like one is not. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>
#include <jwt.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "auth/token.h"
#include "base/clock.h"
#include "fake.h"
#include "forge.h"
#include "unit.h"

#define HEADER		"{\"alg\":\"ES256\",\"kid\":\"k1\",\"typ\":\"JWT\"}"
#define ALICE		"0190a2b4-5c6d-7e8f-9a0b-1c2d3e4f5a6b"
#define SESSION		"0190a2b4-5c6d-7e8f-9a0b-1c2d3e4f5a6c"
#define SIGNATURE_TEXT	86	/* characters of 64 bytes */

struct world {
	EVP_PKEY		*key;
	struct token_keys	*keys;
	json_t			*claims;	/* of a good token */
	char			*good;		/* that token */
};

static int64_t
now_s(void)
{
	return clock_unix_us() / 1000000;
}

static char *
token_of(const struct world *world, const char *header, const json_t *claims)
{
	char *body = json_dumps(claims, JSON_COMPACT), *token = forge_token(world->key, header, body);

	free(body);
	return token;
}

static void
world_begin(struct world *world)
{
	json_int_t now = now_s();

	world->key = forge_key("P-256");
	world->keys = forge_keys(world->key);
	world->claims = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:[s, s], s:I, s:I, s:I}",
	    "typ", "at+jwt", "iss", "https://host", "aud", "marquee", "sub", ALICE, "sid", SESSION,
	    "jti", "0190a2b4-5c6d-7e8f-9a0b-1c2d3e4f5a6d", "name", "alice", "roles", "user", "producer",
	    "iat", now, "nbf", now, "exp", now + 600);
	world->good = token_of(world, HEADER, world->claims);
}

static void
world_end(struct world *world)
{
	EVP_PKEY_free(world->key);
	token_keys_free(world->keys);
	json_decref(world->claims);
	free(world->good);
}

/* Also checks that one who is refused is a stranger. */
static bool
accepts(const struct world *world, const char *token)
{
	static const struct caller stranger;
	struct caller caller;
	bool accepted;

	memset(&caller, 0xff, sizeof(caller));
	accepted = token_verify(world->keys, token, &caller);
	ck_assert(accepted || (caller.roles == stranger.roles && caller.expires_s == 0 && *caller.user_id == '\0' &&
	    *caller.session_id == '\0' && *caller.name == '\0'));
	return accepted;
}

/* Releases the token. */
static bool
accepts_made(const struct world *world, char *token)
{
	bool accepted = accepts(world, token);

	free(token);
	return accepted;
}

static bool
accepts_header(const struct world *world, const char *header)
{
	return accepts_made(world, token_of(world, header, world->claims));
}

/* A claim takes this JSON for its value, or none at all when that is NULL; rightly signed. */
static bool
accepts_claim(const struct world *world, const char *name, const char *value)
{
	json_t *claims = json_copy(world->claims);
	bool accepted;

	if (value == NULL)
		json_object_del(claims, name);
	else
		json_object_set_new(claims, name, json_loads(value, JSON_DECODE_ANY, NULL));
	accepted = accepts_made(world, token_of(world, HEADER, claims));
	json_decref(claims);
	return accepted;
}

static bool
accepts_time(const struct world *world, const char *name, int64_t seconds)
{
	char value[32];

	snprintf(value, sizeof(value), "%lld", (long long)seconds);
	return accepts_claim(world, name, value);
}

static struct caller
somebody(void)
{
	return (struct caller){ .user_id = ALICE, .session_id = SESSION, .name = "alice",
	    .roles = ROLE_USER | ROLE_ORGANISER | ROLE_PRODUCER | ROLE_ADMIN | ROLE_SERVICE };
}

START_TEST(a_token_we_signed_says_who_calls)
{
	struct world world;
	struct caller alice = somebody(), caller;
	char *token;

	world_begin(&world);
	ck_assert(token_sign(world.keys, &alice, &token));
	ck_assert_int_le(llabs(alice.expires_s - now_s() - 600), 2);
	ck_assert(token_verify(world.keys, token, &caller));
	ck_assert_str_eq(caller.user_id, ALICE);
	ck_assert_str_eq(caller.session_id, SESSION);
	ck_assert_str_eq(caller.name, "alice");
	ck_assert_uint_eq(caller.roles, alice.roles);
	ck_assert_int_eq(caller.expires_s, alice.expires_s);
	free(token);
	world_end(&world);
}
END_TEST

START_TEST(every_token_we_sign_is_taken)
{
	struct world world;
	struct caller alice = somebody(), caller;
	char *token;

	world_begin(&world);
	/* One in 128 signatures has a number that starts with a zero byte. */
	for (int i = 0; i < 500; i++) {
		ck_assert(token_sign(world.keys, &alice, &token));
		ck_assert(token_verify(world.keys, token, &caller));
		free(token);
	}
	memset(alice.name, '\x01', TOKEN_NAME_SIZE - 1);	/* six characters each in JSON */
	ck_assert(token_sign(world.keys, &alice, &token));
	ck_assert(token_verify(world.keys, token, &caller));
	ck_assert_str_eq(caller.name, alice.name);
	free(token);
	world_end(&world);
}
END_TEST

START_TEST(a_token_made_by_hand_to_the_rules_is_taken)
{
	struct world world;

	world_begin(&world);
	ck_assert(accepts(&world, world.good));
	/* So that a later release may add a claim while this one still runs. */
	ck_assert(accepts_claim(&world, "device", "\"phone\""));
	world_end(&world);
}
END_TEST

START_TEST(nothing_is_signed_that_would_be_refused)
{
	struct world world;
	struct caller broken[] = { somebody(), somebody(), somebody(), somebody(), somebody(), somebody(), somebody() };
	char *token;

	world_begin(&world);
	broken[0].user_id[3] = 'x';
	broken[1].session_id[0] = '\0';
	broken[2].name[0] = '\0';
	broken[3].roles = 0;
	broken[4].roles = 1 << 5;
	broken[5].expires_s = now_s() + 24 * 60 * 60 + 2;
	strcpy(broken[6].user_id, "0190A2B4-5C6D-7E8F-9A0B-1C2D3E4F5A6B");
	for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
		ck_assert_msg(!token_sign(world.keys, &broken[i], &token), "%zu", i);
		ck_assert_ptr_null(token);
	}
	world_end(&world);
}
END_TEST

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
		ck_assert(!accepts(&world, text));
		snprintf(token, sizeof(token), "%s.", text);
		ck_assert(!accepts(&world, token));
		snprintf(token, sizeof(token), "%s.%s", text, signature);
		ck_assert(!accepts(&world, token));
		snprintf(token, sizeof(token), "%s.%086d", text, 0);
		ck_assert(!accepts(&world, token));
		free(text);
		free(body);
	}
	ck_assert(!accepts(&world, ""));
	ck_assert(!accepts(&world, "."));
	ck_assert(!accepts(&world, ".."));
	ck_assert(!accepts(&world, "..."));
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
		HEADER,
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
			ck_assert(!accepts_made(&world, hmac_token(headers[i], body, pem, strlen(pem) - cut)));
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
		ck_assert_msg(!accepts_header(&world, header), "%s", header);
	}
	for (size_t size = 100; size <= 5000; size += 700) {
		memset(id, 'k', size);
		id[size] = '\0';
		snprintf(header, sizeof(header), "{\"alg\":\"ES256\",\"kid\":\"%s\",\"typ\":\"JWT\"}", id);
		ck_assert(!accepts_header(&world, header));
	}
	ck_assert(!accepts_header(&world, "{\"alg\":\"ES256\",\"typ\":\"JWT\"}"));
	ck_assert(!accepts_header(&world, "{\"alg\":\"ES256\",\"typ\":\"JWT\",\"x\":\"k1\"}"));
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
		"[\"ES256\",\"k1\",\"JWT\"]", "\"ES256\"", "null", "{}", "", "{", HEADER "x", HEADER HEADER,
		HEADER "\xff", "{'alg':'ES256','kid':'k1','typ':'JWT'}",
	};
	struct world world;

	world_begin(&world);
	for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++)
		ck_assert_msg(!accepts_header(&world, headers[i]), "%s", headers[i]);
	world_end(&world);
}
END_TEST

START_TEST(every_claim_is_needed_and_has_its_kind)
{
	static const struct {
		const char	*name, *wrong[12];
	} cases[] = {
		{ "typ", { "\"ws\"", "\"JWT\"", "\"AT+JWT\"", "\"at+jwt \"", "1", "[\"at+jwt\"]" } },
		{ "iss", { "\"https://other\"", "\"https://host/\"", "\"\"", "1", "[\"https://host\"]" } },
		{ "aud", { "\"other\"", "\"marquee2\"", "\"\"", "[\"marquee\"]", "{\"marquee\":1}" } },
		{ "sub", { "\"\"", "\"alice\"", "\"0190A2B4-5C6D-7E8F-9A0B-1C2D3E4F5A6B\"", "7",
		    "\"0190a2b45c6d7e8f9a0b1c2d3e4f5a6b\"", "\"" ALICE " \"", "[\"" ALICE "\"]" } },
		{ "sid", { "\"\"", "\"0190a2b4-5c6d-7e8f-9a0b-1c2d3e4f5a6\"", "0", "null", "{}" } },
		{ "jti", { "\"\"", "\"1\"", "1", "null", "[]" } },
		{ "name", { "\"\"", "1", "null", "[\"alice\"]",
		    "\"a234567890b234567890c234567890d234567890e234567890f234567890g2345\"" } },
		{ "roles", { "[]", "\"admin\"", "\"user\"", "[\"root\"]", "[\"user\",\"root\"]", "[\"Admin\"]", "[1]",
		    "[null]", "[[\"user\"]]", "{\"user\":\"user\"}", "31" } },
		{ "iat", { "\"1\"", "1.5", "1e9", "true", "-1", "[]" } },
		{ "nbf", { "\"1\"", "1.5", "1e9", "true", "-1", "[]" } },
		{ "exp", { "\"99999999999\"", "1.5", "9e9", "true", "-1", "0", "9223372036854775807" } },
	};
	struct world world;

	world_begin(&world);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		ck_assert_msg(!accepts_claim(&world, cases[i].name, NULL), "no %s", cases[i].name);
		ck_assert_msg(!accepts_claim(&world, cases[i].name, "null"), "%s null", cases[i].name);
		for (const char *const *wrong = cases[i].wrong; *wrong != NULL; wrong++)
			ck_assert_msg(!accepts_claim(&world, cases[i].name, *wrong), "%s %s", cases[i].name, *wrong);
	}
	world_end(&world);
}
END_TEST

START_TEST(a_body_that_is_not_one_plain_object_is_refused)
{
	struct world world;
	char *body, *twice;

	world_begin(&world);
	ck_assert(!accepts_made(&world, forge_token(world.key, HEADER, "")));
	ck_assert(!accepts_made(&world, forge_token(world.key, HEADER, "[]")));
	ck_assert(!accepts_made(&world, forge_token(world.key, HEADER, "{}")));
	body = json_dumps(world.claims, 0);
	ck_assert_int_gt(asprintf(&twice, "{\"sub\":\"%s\",%s", SESSION, body + 1), 0);
	ck_assert(!accepts_made(&world, forge_token(world.key, HEADER, twice)));
	free(twice);
	ck_assert_int_gt(asprintf(&twice, "%s{}", body), 0);
	ck_assert(!accepts_made(&world, forge_token(world.key, HEADER, twice)));
	free(twice);
	free(body);
	world_end(&world);
}
END_TEST

static void *
verify_deep(void *argument)
{
	const struct world *world = argument;
	char deep[2900];

	memset(deep, '[', sizeof(deep) - 1);
	deep[sizeof(deep) - 1] = '\0';
	ck_assert(!accepts_made(world, forge_token(world->key, HEADER, deep)));
	ck_assert(!accepts_made(world, forge_token(world->key, deep, "{}")));
	return NULL;
}

/* Two thousand levels would take 200 kB of it. */
START_TEST(a_deep_token_does_not_use_up_the_stack)
{
	struct world world;
	pthread_attr_t small;
	pthread_t thread;

	world_begin(&world);
	pthread_attr_init(&small);
	pthread_attr_setstacksize(&small, 128 * 1024);
	ck_assert_int_eq(pthread_create(&thread, &small, verify_deep, &world), 0);
	pthread_join(thread, NULL);
	pthread_attr_destroy(&small);
	world_end(&world);
}
END_TEST

START_TEST(a_token_is_taken_only_in_its_time)
{
	struct world world;
	int64_t now;

	world_begin(&world);
	now = now_s();
	ck_assert(!accepts_time(&world, "exp", now));
	ck_assert(!accepts_time(&world, "exp", now - 3600));
	ck_assert(accepts_time(&world, "exp", now + 30));
	ck_assert(!accepts_time(&world, "nbf", now + 30));
	ck_assert(accepts_time(&world, "nbf", now + 4));
	ck_assert(!accepts_time(&world, "iat", now + 30));
	ck_assert(accepts_time(&world, "iat", now + 4));
	ck_assert(!accepts_time(&world, "iat", 0));
	/* Not longer than a day. */
	ck_assert(!accepts_time(&world, "exp", now + 24 * 60 * 60 + 30));
	ck_assert(accepts_time(&world, "exp", now + 24 * 60 * 60 - 30));
	ck_assert(accepts(&world, world.good));
	fake_clock_ahead(601);
	ck_assert(!accepts(&world, world.good));
	fake_clock_ahead(-30);
	ck_assert(!accepts(&world, world.good));
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
		ck_assert(!accepts_made(&world, strndup(world.good, i)));
		ck_assert_msg(!accepts(&world, world.good + length - i), "from %zu", length - i);
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
			ck_assert_msg(!accepts(&world, world.good), "byte %zd bit %d", p - world.good, bit);
			*p ^= (char)(1 << bit);
		}
	ck_assert(accepts(&world, world.good));
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
		ck_assert_msg(!accepts(&world, token), "behind: %s", junk[i]);
		snprintf(token, sizeof(token), "%s%s", junk[i], world.good);
		ck_assert_msg(!accepts(&world, token), "before: %s", junk[i]);
		snprintf(token, sizeof(token), "%.*s%s%s", (int)second, world.good, junk[i], world.good + second);
		ck_assert_msg(!accepts(&world, token), "within: %s", junk[i]);
	}
	/* The last character carries two bits; sixteen spellings decode alike, one is canonical. */
	last = world.good + strlen(world.good) - 1;
	ck_assert(strchr("AQgw", *last) != NULL);
	strcpy(token, world.good);
	for (const char *c = alphabet; *c != '\0'; c++) {
		token[last - world.good] = *c;
		ck_assert_msg(accepts(&world, token) == (*c == *last), "%c", *c);
	}
	world_end(&world);
}
END_TEST

START_TEST(what_is_too_long_is_refused_unread)
{
	struct world world;
	struct caller caller;
	char *huge, padding[TOKEN_MAX_SIZE];
	bool taken = false, refused = false;

	world_begin(&world);
	huge = malloc(1 << 20);
	for (const char *p = "A.{ "; *p != '\0'; p++) {
		memset(huge, *p, 1 << 20);
		huge[(1 << 20) - 1] = '\0';
		ck_assert(!token_verify(world.keys, huge, &caller));
	}
	free(huge);
	/* Good ones, longer and longer. */
	for (size_t size = 2400; size < 2700; size += 2) {
		json_t *claims = json_copy(world.claims);
		char *token;

		memset(padding, 'x', size);
		padding[size] = '\0';
		json_object_set_new(claims, "padding", json_string(padding));
		token = token_of(&world, HEADER, claims);
		ck_assert_int_eq(accepts(&world, token), strlen(token) <= TOKEN_MAX_SIZE);
		*(strlen(token) <= TOKEN_MAX_SIZE ? &taken : &refused) = true;
		free(token);
		json_decref(claims);
	}
	ck_assert(taken && refused);
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
	ck_assert(!accepts_made(&world, forge_token(other, HEADER, body)));
	/* That of a good token beneath another body. */
	json_object_set_new(world.claims, "name", json_string("bob"));
	longer = json_dumps(world.claims, 0);
	text = forge_unsigned(HEADER, longer);
	snprintf(token, sizeof(token), "%s%s", text, strrchr(world.good, '.'));
	ck_assert(!accepts(&world, token));
	free(text);
	/* All zero, all one, and right but in DER. */
	for (int byte = 0; byte < 256; byte += 255) {
		memset(signature, byte, sizeof(signature));
		text = forge_unsigned(HEADER, body);
		part = forge_part(signature, sizeof(signature));
		snprintf(token, sizeof(token), "%s.%s", text, part);
		ck_assert(!accepts(&world, token));
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
		ck_assert(!accepted || (strcmp(caller.user_id, ALICE) == 0 && caller.roles == (ROLE_USER | ROLE_PRODUCER)));
	} while (true);
	fake_failing_allocation(0);
	ck_assert(n > 1000 || !good);	/* some are refused before any */
	ck_assert_int_eq(accepted, good);
	ck_assert(accepts(world, world->good));
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
	check_without_memory(&world, token = forge_token(other, HEADER, body), false);
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
	json_object_set_new(world.claims, "exp", json_integer(now_s() - 1));
	check_without_memory(&world, token = token_of(&world, HEADER, world.claims), false);
	free(token);
	free(body);
	free(pem);
	EVP_PKEY_free(other);
	world_end(&world);
}
END_TEST

START_TEST(a_failed_allocation_signs_a_whole_token_or_none)
{
	struct world world;
	struct caller alice = somebody(), caller;
	unsigned n = 0;
	bool failed;

	world_begin(&world);
	do {
		char *token;
		bool made;

		fake_failing_allocation(++n);
		made = token_sign(world.keys, &alice, &token);
		failed = fake_allocation_failed();
		fake_failing_allocation(0);
		ck_assert_int_eq(made, token != NULL);
		if (made) {
			ck_assert_msg(token_verify(world.keys, token, &caller), "allocation %u: %s", n, token);
			ck_assert_uint_eq(caller.roles, alice.roles);
			ck_assert_str_eq(caller.name, alice.name);
			free(token);
		}
	} while (failed);
	world_end(&world);
}
END_TEST

START_TEST(a_role_has_one_name)
{
	ck_assert_uint_eq(role_from_text("user"), ROLE_USER);
	ck_assert_uint_eq(role_from_text("organiser"), ROLE_ORGANISER);
	ck_assert_uint_eq(role_from_text("producer"), ROLE_PRODUCER);
	ck_assert_uint_eq(role_from_text("admin"), ROLE_ADMIN);
	ck_assert_uint_eq(role_from_text("service"), ROLE_SERVICE);
	ck_assert_uint_eq(role_from_text("Admin"), 0);
	ck_assert_uint_eq(role_from_text(""), 0);
	ck_assert_str_eq(role_text(ROLE_ORGANISER), "organiser");
	ck_assert_ptr_null(role_text(0));
}
END_TEST

SUITE("token",
    a_token_we_signed_says_who_calls,
    every_token_we_sign_is_taken,
    a_token_made_by_hand_to_the_rules_is_taken,
    nothing_is_signed_that_would_be_refused,
    a_token_without_a_signature_is_refused,
    an_hmac_keyed_with_our_public_key_is_refused,
    only_the_id_of_a_key_of_ours_is_taken,
    a_header_that_is_not_ours_is_refused,
    every_claim_is_needed_and_has_its_kind,
    a_body_that_is_not_one_plain_object_is_refused,
    a_deep_token_does_not_use_up_the_stack,
    a_token_is_taken_only_in_its_time,
    a_truncated_token_is_refused_at_every_length,
    a_token_with_one_bit_flipped_is_refused,
    junk_around_a_token_is_refused,
    what_is_too_long_is_refused_unread,
    a_signature_of_another_key_or_text_is_refused,
    a_failed_allocation_lets_nobody_in,
    a_failed_allocation_signs_a_whole_token_or_none,
    a_role_has_one_name)

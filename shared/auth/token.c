/* Signing and verifying access tokens and tickets: libjwt checks the signature, everything else is checked here. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>
#include <jwt.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>

#include "auth/token.h"
#include "auth/token_keys.h"
#include "base/clock.h"
#include "base/text.h"

#define MAX_DECODED	(TOKEN_MAX_SIZE / 4 * 3)
#define SIGNATURE_SIZE	64	/* r and s of P-256 */
#define SKEW_S		5	/* between the clocks of two machines */
#define MAX_BRACKETS	128	/* ours have two, and perhaps some in a name; 2,000 levels cost the parser 200 kB of stack */
#define HEADER_MEMBERS	3	/* alg, kid, typ: what is more (crit, jku, jwk, x5u ...) is not ours */

/* libjwt 1.10.2 refuses any other typ in the header; so the kind of a token (RFC 8725, 3.11) is a claim. */
#define HEADER_TYPE	"JWT"
#define ACCESS_TYPE	"at+jwt"
#define TICKET_TYPE	"ws"

struct part {
	const char	*text;
	size_t		 size;
};

static int64_t
now_s(void)
{
	return clock_unix_us() / 1000000;
}

/* False unless there are exactly three parts. */
static bool
split(const char *token, struct part part[3])
{
	for (int i = 0; i < 3; i++) {
		part[i] = (struct part){ token, strcspn(token, ".") };
		token += part[i].size;
		if (*token != (i < 2 ? '.' : '\0'))
			return false;
		token += i < 2;
	}
	return true;
}

/* NULL: not canonical base64url, not strict JSON, a name twice, or no object. */
static json_t *
read_object(const struct part *part)
{
	char bytes[MAX_DECODED];
	long size = text_from_base64url(bytes, sizeof(bytes), part->text, part->size);
	int brackets = 0;
	json_t *object;

	for (long i = 0; i < size; i++)
		brackets += bytes[i] == '{' || bytes[i] == '[';
	if (size <= 0 || brackets > MAX_BRACKETS)
		return NULL;
	if ((object = json_loadb(bytes, (size_t)size, JSON_REJECT_DUPLICATES, NULL)) != NULL && json_is_object(object))
		return object;
	json_decref(object);
	return NULL;
}

/* "" when it is no text; none of the texts that matter is empty. */
static const char *
text_of(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text != NULL ? text : "";
}

static bool
is_text(const json_t *object, const char *name, const char *wanted)
{
	return strcmp(text_of(object, name), wanted) == 0;
}

/* The algorithm is read here too, since libjwt would take a public key for the secret of an HMAC. */
static bool
read_header(char id[TOKEN_KEY_ID_SIZE], const struct part *header)
{
	json_t *object = read_object(header);
	const char *kid = text_of(object, "kid");
	bool good = json_object_size(object) == HEADER_MEMBERS && is_text(object, "alg", "ES256") &&
	    is_text(object, "typ", HEADER_TYPE) && strlen(kid) < TOKEN_KEY_ID_SIZE;

	if (good)
		strcpy(id, kid);
	json_decref(object);
	return good;
}

/* libjwt stops at the first byte that is no base64, so that signatures with junk behind them pass there. */
static bool
is_signature(const struct part *part)
{
	char bytes[SIGNATURE_SIZE];

	return text_from_base64url(bytes, sizeof(bytes), part->text, part->size) == SIGNATURE_SIZE;
}

/* With one failed malloc libjwt says 0 and has checked nothing; its algorithm is "none" then. */
static bool
is_signed(const char *token, const struct token_key *key)
{
	jwt_t *jwt = NULL;
	bool good = jwt_decode(&jwt, token, (const unsigned char *)key->pem, key->pem_size) == 0 &&
	    jwt != NULL && jwt_get_alg(jwt) == JWT_ALG_ES256;

	jwt_free(jwt);
	/* What libcrypto noted for this thread is not to be found by the next user of TLS. */
	ERR_clear_error();
	return good;
}

static bool
read_time(int64_t *seconds, const json_t *claims, const char *name)
{
	const json_t *claim = json_object_get(claims, name);

	*seconds = json_integer_value(claim);
	return json_is_integer(claim) && *seconds >= 0;
}

static bool
is_in_time(const json_t *claims, struct ticket *ticket)
{
	int64_t not_before_s, now = now_s();

	return read_time(&ticket->expires_s, claims, "exp") && read_time(&ticket->issued_s, claims, "iat") &&
	    read_time(&not_before_s, claims, "nbf") && ticket->expires_s > now && not_before_s <= now + SKEW_S &&
	    ticket->issued_s <= now + SKEW_S && ticket->expires_s - ticket->issued_s <= TOKEN_MAX_LIFETIME_S;
}

/* Only as we write it, in lower case: ids are compared as text later. */
static bool
is_id(const char *text)
{
	uint8_t bytes[16];
	char ours[ID_SIZE];

	if (!text_to_uuid(bytes, text))
		return false;
	text_from_uuid(ours, bytes);
	return strcmp(ours, text) == 0;
}

static bool
read_id(char out[ID_SIZE], const json_t *claims, const char *name)
{
	const char *text = text_of(claims, name);

	if (!is_id(text))
		return false;
	memcpy(out, text, ID_SIZE);
	return true;
}

static bool
read_name(char out[TOKEN_NAME_SIZE], const json_t *claims)
{
	const char *name = text_of(claims, "name");
	size_t length = strlen(name);

	if (length == 0 || length >= TOKEN_NAME_SIZE)
		return false;
	memcpy(out, name, length + 1);
	return true;
}

/* 0: no array, an empty one, or one with a role that is not known. */
static unsigned
read_roles(const json_t *claims)
{
	const json_t *names = json_object_get(claims, "roles"), *name;
	unsigned roles = 0, role;
	size_t i;

	json_array_foreach(names, i, name) {
		if (!json_is_string(name) || (role = role_from_text(json_string_value(name))) == 0)
			return 0;
		roles |= role;
	}
	return roles;
}

/* An access token is as a ticket that speaks for itself alone. */
static bool
read_claims(const struct token_settings *settings, const char *type, const struct part *part, struct ticket *ticket)
{
	json_t *claims = read_object(part);
	struct caller *caller = &ticket->caller;
	bool good = claims != NULL && is_text(claims, "typ", type) &&
	    is_text(claims, "iss", settings->issuer) && is_text(claims, "aud", settings->audience) &&
	    read_id(caller->user_id, claims, "sub") && read_id(caller->session_id, claims, "sid") &&
	    read_id(ticket->id, claims, "jti") && read_name(caller->name, claims) &&
	    (caller->roles = read_roles(claims)) != 0 && is_in_time(claims, ticket);

	caller->expires_s = ticket->expires_s;
	if (good && strcmp(type, TICKET_TYPE) == 0)
		good = read_time(&caller->expires_s, claims, "until") && caller->expires_s > now_s();
	json_decref(claims);
	return good;
}

static bool
is_signed_by(struct token_keys *keys, const char *token, const char *id)
{
	const struct token_key *key = token_keys_hold(keys, id);
	bool good;

	if (key == NULL)
		return false;
	good = is_signed(token, key);
	token_keys_release(keys);
	return good;
}

/* Claims come before the signature: they cost a fraction of it, and an expired token is the usual bad one. */
static bool
verify(struct token_keys *keys, const char *type, const char *token, struct ticket *ticket)
{
	struct part part[3];
	char id[TOKEN_KEY_ID_SIZE];

	return strnlen(token, TOKEN_MAX_SIZE + 1) <= TOKEN_MAX_SIZE && split(token, part) && is_signature(&part[2]) &&
	    read_header(id, &part[0]) && read_claims(&keys->settings, type, &part[1], ticket) &&
	    is_signed_by(keys, token, id);
}

bool
token_verify(struct token_keys *keys, const char *token, struct caller *caller)
{
	struct ticket found = { .issued_s = 0 };
	bool good = verify(keys, ACCESS_TYPE, token, &found);

	*caller = good ? found.caller : (struct caller){ .roles = 0 };
	return good;
}

bool
token_verify_ticket(struct token_keys *keys, const char *token, struct ticket *ticket)
{
	struct ticket found = { .issued_s = 0 };
	bool good = verify(keys, TICKET_TYPE, token, &found);

	*ticket = good ? found : (struct ticket){ .issued_s = 0 };
	return good;
}

/* NULL: a bit that is no role, or no memory. */
static json_t *
write_roles(unsigned roles)
{
	json_t *names = json_array();

	for (unsigned role = 1; role != 0 && role <= roles; role <<= 1)
		if ((roles & role) != 0 && json_array_append_new(names, json_string(role_text(role))) != 0) {
			json_decref(names);
			return NULL;
		}
	return names;
}

/* until_s is what a ticket's socket may run for; 0: an access token. */
static char *
write_claims(const struct token_settings *settings, const struct caller *caller, int64_t now, int64_t until_s)
{
	json_t *claims, *roles = write_roles(caller->roles);
	char token_id[ID_SIZE], *text = NULL;

	id_new(token_id);
	claims = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:O, s:I, s:I, s:I}",
	    "typ", until_s != 0 ? TICKET_TYPE : ACCESS_TYPE, "iss", settings->issuer, "aud", settings->audience,
	    "sub", caller->user_id, "sid", caller->session_id, "jti", token_id, "name", caller->name, "roles", roles,
	    "iat", (json_int_t)now, "nbf", (json_int_t)now, "exp", (json_int_t)caller->expires_s);
	if (claims != NULL && (until_s == 0 || json_object_set_new(claims, "until", json_integer(until_s)) == 0))
		text = json_dumps(claims, JSON_COMPACT);
	json_decref(claims);
	json_decref(roles);
	return text;
}

/* Appends ".part", or without the dot the first one; false: no room. */
static bool
append(char token[TOKEN_MAX_SIZE + 1], const void *bytes, size_t size)
{
	size_t length = strlen(token);

	if (size > MAX_DECODED || length + 1 + TEXT_BASE64URL_SIZE(size) > TOKEN_MAX_SIZE + 1)
		return false;
	if (length > 0)
		token[length++] = '.';
	text_to_base64url(token + length, bytes, size);
	return true;
}

/*
 * ES256 (RFC 7518, 3.4) by libcrypto: libjwt crashes when memory runs out while
 * it encodes, leaves copies of the private key behind and takes ten times as long.
 */
static bool
sign(unsigned char out[SIGNATURE_SIZE], EVP_PKEY *key, const char *text)
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	unsigned char der[80];
	const unsigned char *in = der;
	size_t size = sizeof(der);
	ECDSA_SIG *signature = NULL;
	bool good = context != NULL && EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, key) == 1 &&
	    EVP_DigestSign(context, der, &size, (const unsigned char *)text, strlen(text)) == 1 &&
	    (signature = d2i_ECDSA_SIG(NULL, &in, (long)size)) != NULL &&
	    BN_bn2binpad(ECDSA_SIG_get0_r(signature), out, SIGNATURE_SIZE / 2) == SIGNATURE_SIZE / 2 &&
	    BN_bn2binpad(ECDSA_SIG_get0_s(signature), out + SIGNATURE_SIZE / 2, SIGNATURE_SIZE / 2) == SIGNATURE_SIZE / 2;

	ECDSA_SIG_free(signature);
	EVP_MD_CTX_free(context);
	ERR_clear_error();
	return good;
}

/* Nothing is signed that token_verify() would refuse. */
static bool
is_complete(const struct caller *caller, int64_t now)
{
	return is_id(caller->user_id) && is_id(caller->session_id) && caller->name[0] != '\0' && caller->roles != 0 &&
	    caller->expires_s > now && caller->expires_s - now <= TOKEN_MAX_LIFETIME_S;
}

static bool
sign_with(const struct token_key *key, const char *claims, char token[TOKEN_MAX_SIZE + 1])
{
	char header[TOKEN_KEY_ID_SIZE + 64];
	unsigned char signature[SIGNATURE_SIZE];

	snprintf(header, sizeof(header), "{\"alg\":\"ES256\",\"kid\":\"%s\",\"typ\":\"%s\"}", key->public.id, HEADER_TYPE);
	return append(token, header, strlen(header)) && append(token, claims, strlen(claims)) &&
	    sign(signature, key->private, token) && append(token, signature, sizeof(signature));
}

static char *
sign_claims(struct token_keys *keys, const struct caller *caller, int64_t now, int64_t until_s)
{
	char token[TOKEN_MAX_SIZE + 1] = "", *claims = NULL, *out = NULL;
	const struct token_key *key;

	if (is_complete(caller, now) && (claims = write_claims(&keys->settings, caller, now, until_s)) != NULL &&
	    (key = token_keys_hold_signing(keys)) != NULL) {
		if (sign_with(key, claims, token))
			out = strdup(token);
		token_keys_release(keys);
	}
	free(claims);
	return out;
}

bool
token_sign(struct token_keys *keys, struct caller *caller, char **out)
{
	int64_t now = now_s();

	if (caller->expires_s == 0)
		caller->expires_s = now + keys->settings.lifetime_s;
	*out = sign_claims(keys, caller, now, 0);
	return *out != NULL;
}

bool
token_sign_ticket(struct token_keys *keys, const struct caller *caller, char **out)
{
	int64_t now = now_s();
	struct caller brief = *caller;

	brief.expires_s = now + TOKEN_TICKET_LIFETIME_S;
	*out = sign_claims(keys, &brief, now, caller->expires_s);
	return *out != NULL;
}

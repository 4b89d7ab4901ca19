/* The public keys that our tokens are checked with, as others read them (RFC 7517, 7518). */
#include "auth/token.h"
#include "base/text.h"
#include "users.h"

static void
write_coordinate(struct writer *answer, const char *name, const uint8_t coordinate[TOKEN_COORDINATE_SIZE])
{
	char text[TEXT_BASE64URL_SIZE(TOKEN_COORDINATE_SIZE)];

	text_to_base64url(text, coordinate, TOKEN_COORDINATE_SIZE);
	writer_member(answer, name, text);
}

static void
write_key(struct writer *answer, const struct token_public_key *key)
{
	writer_literal(answer, "{\"kty\":\"EC\",\"crv\":\"P-256\"");
	write_coordinate(answer, "x", key->x);
	write_coordinate(answer, "y", key->y);
	writer_member(answer, "kid", key->id);
	writer_literal(answer, ",\"alg\":\"ES256\",\"use\":\"sig\"}");
}

/* One that does not sign yet is told too: whoever keeps this answer has it when it does. */
static struct reply *
show_keys(struct request *rq)
{
	struct token_public_key keys[TOKEN_KEYS_MAX];
	size_t count = token_keys_list(rq->state->keys, keys);
	struct writer *answer = reply_begin(rq);

	writer_key(answer, "keys");
	writer_literal(answer, "[");
	for (size_t i = 0; i < count; i++) {
		if (i > 0)
			writer_literal(answer, ",");
		write_key(answer, &keys[i]);
	}
	writer_literal(answer, "]");
	return reply_end(rq, answer);
}

const struct route key_routes[] = {
	{ GET, "/.well-known/jwks.json", show_keys,
	  .audience = ANYONE, .quick = true, .cache = 10,
	  .answer = "keys[kty crv x y kid alg use]", .summary = "The public keys that access tokens are signed with" },
	{ 0 }
};

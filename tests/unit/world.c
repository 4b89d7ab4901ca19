/* A key pair loaded as "k1", a good token made by hand, and ways to spoil it. */
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "auth/token.h"
#include "base/clock.h"
#include "forge.h"
#include "unit.h"
#include "world.h"

int64_t
world_now_s(void)
{
	return clock_unix_us() / 1000000;
}

char *
world_token(const struct world *world, const char *header, const json_t *claims)
{
	char *body = json_dumps(claims, JSON_COMPACT), *token = forge_token(world->key, header, body);

	free(body);
	return token;
}

void
world_begin(struct world *world)
{
	json_int_t now = world_now_s();

	world->key = forge_key("P-256");
	world->keys = forge_keys(world->key);
	world->claims = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:[s, s], s:I, s:I, s:I}",
	    "typ", "at+jwt", "iss", "https://host", "aud", "marquee", "sub", WORLD_USER, "sid", WORLD_SESSION,
	    "jti", "0190a2b4-5c6d-7e8f-9a0b-1c2d3e4f5a6d", "name", "alice", "roles", "user", "producer",
	    "iat", now, "nbf", now, "exp", now + 600);
	world->good = world_token(world, WORLD_HEADER, world->claims);
}

void
world_end(struct world *world)
{
	EVP_PKEY_free(world->key);
	token_keys_free(world->keys);
	json_decref(world->claims);
	free(world->good);
}

bool
world_accepts(const struct world *world, const char *token)
{
	struct caller caller;
	bool accepted;

	memset(&caller, 0xff, sizeof(caller));
	accepted = token_verify(world->keys, token, &caller);
	ck_assert(accepted || (caller.roles == 0 && caller.expires_s == 0 && *caller.user_id == '\0' &&
	    *caller.session_id == '\0' && *caller.name == '\0'));
	return accepted;
}

bool
world_accepts_made(const struct world *world, char *token)
{
	bool accepted = world_accepts(world, token);

	free(token);
	return accepted;
}

bool
world_accepts_header(const struct world *world, const char *header)
{
	return world_accepts_made(world, world_token(world, header, world->claims));
}

bool
world_accepts_claim(const struct world *world, const char *name, const char *value)
{
	json_t *claims = json_copy(world->claims);
	bool accepted;

	if (value == NULL)
		json_object_del(claims, name);
	else
		json_object_set_new(claims, name, json_loads(value, JSON_DECODE_ANY, NULL));
	accepted = world_accepts_made(world, world_token(world, WORLD_HEADER, claims));
	json_decref(claims);
	return accepted;
}

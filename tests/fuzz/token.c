/*
 * Fuzzes token_verify() with a key made at start.  The first byte says what the
 * rest is: a token, edits of a good one, or JSON that is then rightly signed,
 * so that the checks behind the signature are reached too.
 * Seeds go to the first folder that the fuzzer is given, before it starts.
 */
#include <err.h>
#include <string.h>
#include <sys/stat.h>

#include "auth/token.h"
#include "base/clock.h"
#include "base/text.h"
#include "fuzz.h"
#include "../unit/forge.c"	/* a target is one source */

#define HEADER	"{\"alg\":\"ES256\",\"kid\":\"k1\",\"typ\":\"JWT\"}"
#define DAY_S	(24 * 60 * 60)

enum mode { TOKEN, EDITS, BODY, HEADER_AND_BODY, MODES };

static EVP_PKEY *signer;
static struct token_keys *trusted;
static char *good;
static size_t good_size;

int	 LLVMFuzzerInitialize(int *, char ***);

static void
write_seed(const char *folder, const char *name, enum mode mode, const char *text, size_t size)
{
	char path[4096];
	FILE *file;

	snprintf(path, sizeof(path), "%s/seed-%s", folder, name);
	if ((file = fopen(path, "wb")) == NULL || fputc(mode, file) == EOF || fwrite(text, 1, size, file) != size ||
	    fclose(file) != 0)
		err(1, "%s", path);
}

static void
write_seeds(const char *folder)
{
	static const char *const headers[] = {
		"{\"alg\":\"none\",\"kid\":\"k1\",\"typ\":\"JWT\"}", "{\"alg\":\"HS256\",\"kid\":\"k1\",\"typ\":\"JWT\"}",
		"{\"alg\":\"ES256\",\"kid\":\"../../x\",\"typ\":\"JWT\"}", "{\"alg\":\"ES256\",\"typ\":\"JWT\"}",
		"{\"alg\":\"ES256\",\"kid\":\"k1\",\"typ\":\"JWT\",\"crit\":[\"exp\"],\"jku\":\"http://x\"}", HEADER,
	};
	char body[1024], text[2048], name[32];
	long long now = clock_unix_us() / 1000000;

	snprintf(body, sizeof(body), "{\"typ\":\"at+jwt\",\"iss\":\"https://host\",\"aud\":\"marquee\","
	    "\"sub\":\"0190a2b4-5c6d-7e8f-9a0b-1c2d3e4f5a6b\",\"sid\":\"0190a2b4-5c6d-7e8f-9a0b-1c2d3e4f5a6c\","
	    "\"jti\":\"0190a2b4-5c6d-7e8f-9a0b-1c2d3e4f5a6d\",\"name\":\"alice\",\"roles\":[\"user\",\"admin\"],"
	    "\"iat\":%lld,\"nbf\":%lld,\"exp\":%lld}", now, now, now + DAY_S / 2);
	write_seed(folder, "good", TOKEN, good, good_size);
	write_seed(folder, "long", TOKEN, good, good_size - 1);
	write_seed(folder, "none", TOKEN, good, good_size - 86);
	write_seed(folder, "edits", EDITS, "\0\3x\1\200y", 6);
	write_seed(folder, "body", BODY, body, strlen(body));
	for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++) {
		snprintf(text, sizeof(text), "%s\n%s", headers[i], body);
		snprintf(name, sizeof(name), "header-%zu", i);
		write_seed(folder, name, HEADER_AND_BODY, text, strlen(text));
	}
}

static void
start(void)
{
	struct caller caller = { .name = "alice", .roles = ROLE_USER, .expires_s = clock_unix_us() / 1000000 + DAY_S - 1 };

	signer = forge_key("P-256");
	trusted = forge_keys(signer);
	id_new(caller.user_id);
	id_new(caller.session_id);
	promise(token_sign(trusted, &caller, &good));
	good_size = strlen(good);
}

/* Only the fuzzer calls this. */
int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	struct stat kind;

	start();
	for (int i = 1; i < *argc; i++)
		if ((*argv)[i][0] != '-' && stat((*argv)[i], &kind) == 0 && S_ISDIR(kind.st_mode)) {
			write_seeds((*argv)[i]);
			break;
		}
	return 0;
}

/* What was accepted is a caller in every part. */
static void
check_caller(const struct caller *caller)
{
	int64_t now = clock_unix_us() / 1000000;
	uint8_t id[16];

	promise(text_to_uuid(id, caller->user_id));
	promise(text_to_uuid(id, caller->session_id));
	promise(caller->name[0] != '\0' && strnlen(caller->name, TOKEN_NAME_SIZE) < TOKEN_NAME_SIZE);
	promise(caller->roles > 0 && caller->roles < ROLE_SERVICE << 1);
	promise(caller->expires_s >= now && caller->expires_s <= now + DAY_S + 10);
}

/* Edits are three bytes each: where, in two, and what. */
static char *
edit(const uint8_t *data, size_t size)
{
	char *token = strdup(good);

	for (; size >= 3; data += 3, size -= 3)
		token[(size_t)(data[0] << 8 | data[1]) % good_size] = (char)data[2];
	return token;
}

static char *
make(enum mode mode, const uint8_t *data, size_t size)
{
	char *text = strndup((const char *)data, size), *body = strchr(text, '\n'), *token;

	switch (mode) {
	case EDITS:
		token = edit(data, size);
		break;
	case BODY:
		token = forge_token(signer, HEADER, text);
		break;
	case HEADER_AND_BODY:
		if (body != NULL)
			*body++ = '\0';
		token = forge_token(signer, text, body != NULL ? body : "");
		break;
	default:
		return text;
	}
	free(text);
	return token;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	enum mode mode = size > 0 ? data[0] % MODES : TOKEN;
	struct caller caller;
	char *token;

	if (signer == NULL)
		start();
	token = make(mode, data + (size > 0), size - (size > 0));
	if (token_verify(trusted, token, &caller)) {
		/* The key is known to nobody else: what it has not signed must not pass. */
		promise((mode != TOKEN && mode != EDITS) || strcmp(token, good) == 0);
		check_caller(&caller);
	}
	free(token);
	return 0;
}

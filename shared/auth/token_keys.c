/* Loading of token keys: PEM files named by their kid, each of them P-256 or nothing is loaded. */
#include <dirent.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "auth/token.h"
#include "auth/token_keys.h"

#define PROBLEM_SIZE	256
#define NAME_MAX_SIZE	256	/* of iss and aud, so that every token of ours fits TOKEN_MAX_SIZE */

static bool __attribute__((format(printf, 2, 3)))
fail(char problem[PROBLEM_SIZE], const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(problem, PROBLEM_SIZE, format, arguments);
	va_end(arguments);
	return false;
}

/* "k1" of "/etc/marquee/keys/k1.pem". */
static bool
read_id(char id[TOKEN_KEY_ID_SIZE], const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash != NULL ? slash + 1 : path;
	size_t length = strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-");

	if (length == 0 || length >= TOKEN_KEY_ID_SIZE || strcmp(name + length, ".pem") != 0)
		return false;
	memcpy(id, name, length);
	id[length] = '\0';
	return true;
}

/* Or libcrypto would ask for it on the terminal. */
static int
no_passphrase(char *out, int size, int writing, void *unused)
{
	(void)out, (void)size, (void)writing, (void)unused;
	return -1;
}

static bool
is_p256(const EVP_PKEY *key)
{
	char curve[32];

	return EVP_PKEY_is_a(key, "EC") && EVP_PKEY_get_group_name(key, curve, sizeof(curve), NULL) == 1 &&
	    strcmp(curve, "prime256v1") == 0;
}

/* Written anew, so that libjwt never sees what else was in the file. */
static bool
write_pem(struct token_key *out, EVP_PKEY *key)
{
	BIO *memory = BIO_new(BIO_s_mem());
	char *bytes;
	long size;

	if (memory != NULL && PEM_write_bio_PUBKEY(memory, key) == 1 && (size = BIO_get_mem_data(memory, &bytes)) > 0 &&
	    (out->pem = strndup(bytes, (size_t)size)) != NULL)
		out->pem_size = (int)size;
	BIO_free(memory);
	return out->pem != NULL;
}

/* NULL: *problem says why. Of a private key the pem is that of its public half. */
static EVP_PKEY *
read_key(struct token_key *out, const char *path, bool private, char problem[PROBLEM_SIZE])
{
	EVP_PKEY *key = NULL;
	FILE *file = NULL;
	bool good = false;

	if (!read_id(out->id, path))
		fail(problem, "%s: a key's file is named <kid>.pem, kid being 1 to 64 of A-Z a-z 0-9 _ -", path);
	else if ((file = fopen(path, "re")) == NULL)
		fail(problem, "%s: %s", path, strerror(errno));
	else if ((key = private ? PEM_read_PrivateKey(file, NULL, no_passphrase, NULL) :
	    PEM_read_PUBKEY(file, NULL, no_passphrase, NULL)) == NULL)
		fail(problem, "%s: not a %s key in PEM", path, private ? "private" : "public");
	else if (!is_p256(key))
		fail(problem, "%s: not a P-256 key", path);
	else if (!(good = write_pem(out, key)))
		fail(problem, "%s: no memory", path);
	if (file != NULL)
		fclose(file);
	ERR_clear_error();
	if (good)
		return key;
	EVP_PKEY_free(key);
	return NULL;
}

static bool
is_key_file(const char *name)
{
	size_t length = strlen(name);

	return name[0] != '.' && length >= 4 && strcmp(name + length - 4, ".pem") == 0;
}

static bool
add_key(struct token_keys *keys, const char *folder, const char *name, char problem[PROBLEM_SIZE])
{
	struct token_key *grown = reallocarray(keys->keys, keys->count + 1, sizeof(*grown));
	EVP_PKEY *key;
	char *path;

	if (grown == NULL)
		return fail(problem, "%s: no memory", folder);
	keys->keys = grown;
	grown[keys->count] = (struct token_key){ .pem = NULL };
	if (asprintf(&path, "%s/%s", folder, name) < 0)
		return fail(problem, "%s: no memory", folder);
	key = read_key(&grown[keys->count], path, false, problem);
	keys->count += key != NULL;
	EVP_PKEY_free(key);
	free(path);
	return key != NULL;
}

static bool
read_folder(struct token_keys *keys, const char *folder, char problem[PROBLEM_SIZE])
{
	DIR *entries = opendir(folder);
	struct dirent *entry;
	bool good = true;

	if (entries == NULL)
		return fail(problem, "%s: %s", folder, strerror(errno));
	while (good && (entry = readdir(entries)) != NULL)
		if (is_key_file(entry->d_name))
			good = add_key(keys, folder, entry->d_name, problem);
	closedir(entries);
	if (good && keys->count == 0)
		return fail(problem, "%s: holds no <kid>.pem", folder);
	return good;
}

/* One whose public half is not among the keys would sign what nobody takes, this process included. */
static bool
read_signing_key(struct token_keys *keys, const char *path, char problem[PROBLEM_SIZE])
{
	const struct token_key *public;

	if ((keys->signing_key = read_key(&keys->signing, path, true, problem)) == NULL)
		return false;
	if (keys->count == 0)
		return true;
	if ((public = token_keys_find(keys, keys->signing.id)) == NULL)
		return fail(problem, "%s: its public key is not among the keys", path);
	if (strcmp(public->pem, keys->signing.pem) != 0)
		return fail(problem, "%s: the public key of that name belongs to another", path);
	return true;
}

static bool
read_settings(struct token_keys *keys, const struct token_settings *settings, char problem[PROBLEM_SIZE])
{
	const char *issuer = settings->issuer != NULL ? settings->issuer : "";
	const char *audience = settings->audience != NULL ? settings->audience : "";

	if (*issuer == '\0' || strlen(issuer) >= NAME_MAX_SIZE || *audience == '\0' || strlen(audience) >= NAME_MAX_SIZE)
		return fail(problem, "issuer and audience of tokens have 1 to %d bytes", NAME_MAX_SIZE - 1);
	if (settings->lifetime_s < 1 || settings->lifetime_s > TOKEN_MAX_LIFETIME_S)
		return fail(problem, "tokens live for 1 to %d seconds", TOKEN_MAX_LIFETIME_S);
	keys->lifetime_s = settings->lifetime_s;
	if ((keys->issuer = strdup(issuer)) == NULL || (keys->audience = strdup(audience)) == NULL)
		return fail(problem, "no memory");
	return true;
}

struct token_keys *
token_keys_load(const struct token_settings *settings, char problem[PROBLEM_SIZE])
{
	const char *folder = settings->keys != NULL ? settings->keys : "";
	const char *signing = settings->signing_key != NULL ? settings->signing_key : "";
	struct token_keys *keys = calloc(1, sizeof(*keys));

	*problem = '\0';
	if (keys == NULL)
		fail(problem, "no memory");
	else if (read_settings(keys, settings, problem) &&
	    (*folder == '\0' || read_folder(keys, folder, problem)) &&
	    (*signing == '\0' || read_signing_key(keys, signing, problem)))
		return keys;
	token_keys_free(keys);
	return NULL;
}

void
token_keys_free(struct token_keys *keys)
{
	if (keys == NULL)
		return;
	for (size_t i = 0; i < keys->count; i++)
		free(keys->keys[i].pem);
	free(keys->keys);
	free(keys->signing.pem);
	EVP_PKEY_free(keys->signing_key);
	free(keys->issuer);
	free(keys->audience);
	free(keys);
}

const struct token_key *
token_keys_find(const struct token_keys *keys, const char *id)
{
	for (size_t i = 0; i < keys->count; i++)
		if (strcmp(keys->keys[i].id, id) == 0)
			return &keys->keys[i];
	return NULL;
}

/* Reading of token keys: PEM files named by their kid, each of them P-256, and the state of each. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "auth/token_key_set.h"
#include "auth/token_states.h"

#define STATES_MAX	8192	/* bytes of the file */

/* One reading; the first problem is the one that is told. */
struct reading {
	const struct token_settings	*settings;
	const struct token_key_set	*before;
	struct token_key_set		*set;
	char				*problem;
};

static bool __attribute__((format(printf, 2, 3)))
fail(struct reading *re, const char *format, ...)
{
	va_list arguments;

	if (*re->problem != '\0')
		return false;
	va_start(arguments, format);
	vsnprintf(re->problem, TOKEN_PROBLEM_SIZE, format, arguments);
	va_end(arguments);
	return false;
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

/* A pipe in the folder would be waited for, and with it every log-in, and who asks which sessions ended. */
static FILE *
open_file(const char *path)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	struct stat kind;
	FILE *file;

	if (fd == -1)
		return NULL;
	errno = EINVAL;
	if (fstat(fd, &kind) == 0 && S_ISREG(kind.st_mode) && (file = fdopen(fd, "r")) != NULL)
		return file;
	close(fd);
	return NULL;
}

/* NULL: fails with the reason. */
static EVP_PKEY *
read_pem(struct reading *re, const char *path, bool private)
{
	FILE *file = open_file(path);
	EVP_PKEY *key = NULL;

	if (file == NULL) {
		fail(re, "%s: %s", path, strerror(errno));
		return NULL;
	}
	key = private ? PEM_read_PrivateKey(file, NULL, no_passphrase, NULL) :
	    PEM_read_PUBKEY(file, NULL, no_passphrase, NULL);
	fclose(file);
	ERR_clear_error();
	if (key == NULL)
		fail(re, "%s: not a %s key in PEM", path, private ? "private" : "public");
	else if (!is_p256(key)) {
		fail(re, "%s: not a P-256 key", path);
		EVP_PKEY_free(key);
		key = NULL;
	}
	return key;
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

/* All of its bytes, the zeros in front too (RFC 7518, 6.2.1.2). */
static bool
write_coordinate(uint8_t out[TOKEN_COORDINATE_SIZE], const EVP_PKEY *key, const char *name)
{
	BIGNUM *number = NULL;
	bool good = EVP_PKEY_get_bn_param(key, name, &number) == 1 &&
	    BN_bn2binpad(number, out, TOKEN_COORDINATE_SIZE) == TOKEN_COORDINATE_SIZE;

	BN_free(number);
	return good;
}

static bool
write_public(struct token_key *out, EVP_PKEY *key)
{
	return write_coordinate(out->public.x, key, OSSL_PKEY_PARAM_EC_PUB_X) &&
	    write_coordinate(out->public.y, key, OSSL_PKEY_PARAM_EC_PUB_Y) && write_pem(out, key);
}

static void
clear_key(struct token_key *key)
{
	free(key->pem);
	EVP_PKEY_free(key->private);
	memset(key, 0, sizeof(*key));
}

/* --- public keys --- */

static bool
read_public(struct reading *re, struct token_key *out, const char *path)
{
	EVP_PKEY *key = read_pem(re, path, false);
	bool good = key != NULL && (write_public(out, key) || fail(re, "%s: no memory", path));

	EVP_PKEY_free(key);
	ERR_clear_error();
	return good;
}

/* What was read from the file before; false: nothing. */
static bool
keep_public(const struct reading *re, struct token_key *out)
{
	const struct token_key *before = re->before != NULL ? token_key_set_find(re->before, out->public.id) : NULL;

	if (before == NULL || (out->pem = strdup(before->pem)) == NULL)
		return false;
	out->public = before->public;
	out->pem_size = before->pem_size;
	return true;
}

/* False when it is lost, and nothing may be. */
static bool
add_key(struct reading *re, const char *name)
{
	struct token_key *key = &re->set->keys[re->set->count];
	size_t length = token_key_id_length(name);
	char path[PATH_MAX];
	bool was_there;

	snprintf(path, sizeof(path), "%s/%s", re->settings->keys, name);
	if (re->set->count == TOKEN_KEYS_MAX)
		return fail(re, "%s: more than %d keys", re->settings->keys, TOKEN_KEYS_MAX);
	if (length == 0 || strcmp(name + length, ".pem") != 0)
		return fail(re, "%s: a key's file is named <kid>.pem, kid being 1 to 64 of A-Z a-z 0-9 _ -", path) ||
		    re->before != NULL;
	memcpy(key->public.id, name, length);
	if (read_public(re, key, path) || keep_public(re, key)) {
		re->set->count++;
		return true;
	}
	was_there = re->before != NULL && token_key_set_find(re->before, key->public.id) != NULL;
	clear_key(key);
	return re->before != NULL && !was_there;
}

static bool
is_key_file(const char *name)
{
	size_t length = strlen(name);

	return name[0] != '.' && length >= 4 && strcmp(name + length - 4, ".pem") == 0;
}

static int
compare_keys(const void *a, const void *b)
{
	return strcmp(((const struct token_key *)a)->public.id, ((const struct token_key *)b)->public.id);
}

static bool
read_folder(struct reading *re)
{
	const char *folder = re->settings->keys;
	DIR *entries = opendir(folder);
	struct dirent *entry;
	bool good = true;

	if (entries == NULL)
		return fail(re, "%s: %s", folder, strerror(errno));
	while (good && (errno = 0, entry = readdir(entries)) != NULL)
		if (is_key_file(entry->d_name))
			good = add_key(re, entry->d_name);
	if (good && errno != 0)
		good = fail(re, "%s: %s", folder, strerror(errno));
	closedir(entries);
	if (good && re->set->count == 0)
		return fail(re, "%s: holds no <kid>.pem", folder);
	qsort(re->set->keys, re->set->count, sizeof(re->set->keys[0]), compare_keys);
	return good;
}

/* --- private keys --- */

/* Its own file in a folder; or beside others, as systemd hands over a folder: NAME_<kid>.pem. */
static void
private_path(char out[PATH_MAX], const char *place, const char *id)
{
	struct stat kind;
	bool is_folder = stat(place, &kind) == 0 && S_ISDIR(kind.st_mode);

	snprintf(out, PATH_MAX, "%s%c%s.pem", place, is_folder ? '/' : '_', id);
}

static bool
read_private(struct reading *re, struct token_key *key)
{
	const struct token_key *before = re->before != NULL ? token_key_set_find(re->before, key->public.id) : NULL;
	struct token_key other = { .pem = NULL };
	char path[PATH_MAX];
	struct stat kind;

	if (before != NULL && before->private != NULL && strcmp(before->pem, key->pem) == 0) {
		key->private = EVP_PKEY_up_ref(before->private) == 1 ? before->private : NULL;
		return true;
	}
	private_path(path, re->settings->signing_keys, key->public.id);
	if (stat(path, &kind) != 0 && errno == ENOENT)
		return true;
	if ((key->private = read_pem(re, path, true)) == NULL)
		return false;
	if (!write_pem(&other, key->private))
		fail(re, "%s: no memory", path);
	else if (strcmp(other.pem, key->pem) != 0)
		fail(re, "%s: the public key of that name belongs to another", path);
	if (other.pem == NULL || strcmp(other.pem, key->pem) != 0) {
		EVP_PKEY_free(key->private);
		key->private = NULL;
	}
	free(other.pem);
	return key->private != NULL;
}

/* --- which of them signs --- */

static const struct token_key *
signer(const struct token_key_set *set, const char *id)
{
	const struct token_key *key = token_key_set_find(set, id);

	return key != NULL && key->private != NULL ? key : NULL;
}

/* The active key's id, or "": there is no such file. */
static void
read_states(struct reading *re, char active[TOKEN_KEY_ID_SIZE])
{
	char path[PATH_MAX], text[STATES_MAX];
	FILE *file;
	size_t size;

	*active = '\0';
	snprintf(path, sizeof(path), "%s/states", re->settings->keys);
	if ((file = open_file(path)) == NULL) {
		if (errno != ENOENT)
			fail(re, "%s: %s", path, strerror(errno));
		return;
	}
	size = fread(text, 1, sizeof(text), file);
	if (ferror(file) || size == sizeof(text) || !token_states_active(active, text, size)) {
		fail(re, "%s: not one line for each key, KID next|active|retiring SINCE, one of them active", path);
		*active = '\0';
	}
	fclose(file);
}

/* Whichever it is, its public half is in the folder: what it signs, others verify. */
static const struct token_key *
choose_signer(struct reading *re)
{
	const struct token_key *key = NULL;
	char active[TOKEN_KEY_ID_SIZE];

	read_states(re, active);
	if ((key = signer(re->set, active)) != NULL)
		return key;
	if (re->before != NULL && re->before->signing != NULL)
		key = signer(re->set, re->before->signing->public.id);
	for (size_t i = 0; i < re->set->count && key == NULL; i++)
		key = signer(re->set, re->set->keys[i].public.id);
	if (key == NULL)
		fail(re, "%s: holds no private key of those in %s", re->settings->signing_keys, re->settings->keys);
	else if (*active != '\0')
		fail(re, "the active key %s has no private half here: %s signs", active, key->public.id);
	return key;
}

static bool
read_signers(struct reading *re)
{
	bool good = true;

	for (size_t i = 0; i < re->set->count; i++)
		good = read_private(re, &re->set->keys[i]) && good;
	re->set->signing = choose_signer(re);
	return re->before != NULL || (good && re->set->signing != NULL);
}

struct token_key_set *
token_key_set_read(const struct token_settings *settings, const struct token_key_set *before,
    char problem[TOKEN_PROBLEM_SIZE])
{
	struct reading re = { settings, before, calloc(1, sizeof(*re.set)), problem };

	*problem = '\0';
	if (re.set == NULL)
		fail(&re, "no memory");
	else if ((*settings->keys == '\0' || read_folder(&re)) && (*settings->signing_keys == '\0' || read_signers(&re)))
		return re.set;
	token_key_set_free(re.set);
	return NULL;
}

void
token_key_set_free(struct token_key_set *set)
{
	for (size_t i = 0; set != NULL && i < TOKEN_KEYS_MAX; i++)
		clear_key(&set->keys[i]);
	free(set);
}

const struct token_key *
token_key_set_find(const struct token_key_set *set, const char *id)
{
	for (size_t i = 0; i < set->count; i++)
		if (strcmp(set->keys[i].public.id, id) == 0)
			return &set->keys[i];
	return NULL;
}

bool
token_key_set_within(const struct token_key_set *set, const struct token_key_set *other)
{
	for (size_t i = 0; i < set->count; i++) {
		const struct token_key *key = token_key_set_find(other, set->keys[i].public.id);

		if (key == NULL || strcmp(key->pem, set->keys[i].pem) != 0)
			return false;
	}
	return true;
}

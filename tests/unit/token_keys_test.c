/* Token keys: what is loaded from their folder, and that nothing is when one of them is wrong. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include "auth/token.h"
#include "forge.h"
#include "unit.h"

struct files {
	char			*public, *private;	/* folders */
	char			 signing[512];	/* the private key's file */
	struct token_settings	 settings;
	char			 problem[256];
};

static void
files_begin(struct files *files)
{
	memset(files, 0, sizeof(*files));
	files->public = forge_folder();
	files->private = forge_folder();
	files->settings = (struct token_settings){ "https://host", "marquee", files->public, "", 600 };
}

static void
files_end(struct files *files)
{
	forge_remove(files->public);
	forge_remove(files->private);
}

static void
put(const char *folder, const char *name, EVP_PKEY *key, bool private)
{
	char *pem = forge_pem(key, private);

	forge_file(folder, name, pem);
	free(pem);
}

static void
sign_with(struct files *files, const char *name, EVP_PKEY *key)
{
	put(files->private, name, key, true);
	snprintf(files->signing, sizeof(files->signing), "%s/%s", files->private, name);
	files->settings.signing_keys = files->private;
}

/* NULL is expected, and a problem with this in its text. */
static void
check_problem(struct files *files, const char *text)
{
	ck_assert_ptr_null(token_keys_load(&files->settings, files->problem));
	ck_assert_msg(strstr(files->problem, text) != NULL, "%s", files->problem);
}

static struct token_keys *
load(struct files *files)
{
	struct token_keys *keys = token_keys_load(&files->settings, files->problem);

	ck_assert_msg(keys != NULL, "%s", files->problem);
	return keys;
}

static char *
signed_by(struct files *files)
{
	struct token_keys *keys = load(files);
	struct caller caller = { .name = "alice", .roles = ROLE_USER };
	char *token;

	id_new(caller.user_id);
	id_new(caller.session_id);
	ck_assert(token_sign(keys, &caller, &token));
	token_keys_free(keys);
	return token;
}

START_TEST(tokens_of_the_old_key_run_on_while_the_new_one_signs)
{
	struct files files;
	EVP_PKEY *old = forge_key("P-256"), *new = forge_key("P-256");
	char *first, *second;
	struct token_keys *keys;
	struct caller caller;

	files_begin(&files);
	put(files.public, "2026-01.pem", old, false);
	sign_with(&files, "2026-01.pem", old);
	first = signed_by(&files);
	put(files.public, "2026-02_b.pem", new, false);
	ck_assert_int_eq(unlink(files.signing), 0);
	sign_with(&files, "2026-02_b.pem", new);
	second = signed_by(&files);

	keys = load(&files);
	ck_assert(token_verify(keys, first, &caller));
	ck_assert(token_verify(keys, second, &caller));
	token_keys_free(keys);

	ck_assert_int_eq(unlink(files.signing), 0);
	files.settings.signing_keys = "";
	snprintf(files.signing, sizeof(files.signing), "%s/2026-01.pem", files.public);
	ck_assert_int_eq(unlink(files.signing), 0);
	keys = load(&files);
	ck_assert(!token_verify(keys, first, &caller));
	ck_assert(token_verify(keys, second, &caller));
	token_keys_free(keys);
	free(first);
	free(second);
	EVP_PKEY_free(old);
	EVP_PKEY_free(new);
	files_end(&files);
}
END_TEST

START_TEST(a_pool_without_the_private_key_signs_nothing)
{
	struct files files;
	EVP_PKEY *key = forge_key("P-256");
	struct caller caller = { .name = "alice", .roles = ROLE_USER };
	struct token_keys *keys;
	char *token;

	files_begin(&files);
	put(files.public, "k1.pem", key, false);
	keys = load(&files);
	id_new(caller.user_id);
	id_new(caller.session_id);
	ck_assert(!token_sign(keys, &caller, &token));
	ck_assert_ptr_null(token);
	token_keys_free(keys);
	EVP_PKEY_free(key);
	files_end(&files);
}
END_TEST

START_TEST(only_public_keys_on_p256_are_loaded)
{
	struct files files;
	EVP_PKEY *good = forge_key("P-256"), *large = forge_key("P-384"), *koblitz = forge_key("secp256k1");
	EVP_PKEY *rsa = EVP_RSA_gen(2048), *edwards = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");

	files_begin(&files);
	put(files.public, "a.pem", good, false);
	put(files.public, "b.pem", large, false);
	check_problem(&files, "b.pem: not a P-256 key");
	put(files.public, "b.pem", koblitz, false);
	check_problem(&files, "b.pem: not a P-256 key");
	put(files.public, "b.pem", rsa, false);
	check_problem(&files, "b.pem: not a P-256 key");
	put(files.public, "b.pem", edwards, false);
	check_problem(&files, "b.pem: not a P-256 key");
	put(files.public, "b.pem", good, true);
	check_problem(&files, "b.pem: not a public key");
	forge_file(files.public, "b.pem", "");
	check_problem(&files, "b.pem: not a public key");
	forge_file(files.public, "b.pem", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n");
	check_problem(&files, "b.pem: not a public key");
	put(files.public, "b.pem", good, false);
	token_keys_free(load(&files));
	EVP_PKEY_free(good);
	EVP_PKEY_free(large);
	EVP_PKEY_free(koblitz);
	EVP_PKEY_free(rsa);
	EVP_PKEY_free(edwards);
	files_end(&files);
}
END_TEST

START_TEST(a_keys_file_is_named_by_its_id)
{
	static const char *const wrong[] = {
		"a b.pem", "a.b.pem", "k\xc3\xa9.pem", "a234567890b234567890c234567890d234567890e234567890f234567890g2345.pem",
	};
	struct files files;
	EVP_PKEY *key = forge_key("P-256");
	char path[512];

	files_begin(&files);
	put(files.public, "a234567890b234567890c234567890d234567890e234567890f234567890g234.pem", key, false);
	forge_file(files.public, "README", "not a key, and not named like one");
	forge_file(files.public, ".pem", "nor this");
	forge_file(files.public, ".k2.pem.new", "nor what is being written");
	token_keys_free(load(&files));
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		put(files.public, wrong[i], key, false);
		check_problem(&files, "named <kid>.pem");
		snprintf(path, sizeof(path), "%s/%s", files.public, wrong[i]);
		unlink(path);
	}
	token_keys_free(load(&files));
	EVP_PKEY_free(key);
	files_end(&files);
}
END_TEST

START_TEST(a_folder_without_keys_is_a_problem)
{
	struct files files;

	files_begin(&files);
	check_problem(&files, "holds no <kid>.pem");
	files.settings.keys = "/nowhere/at/all";
	check_problem(&files, "/nowhere/at/all: No such file");
	files_end(&files);
}
END_TEST

START_TEST(without_a_folder_every_token_is_refused)
{
	struct files files;
	EVP_PKEY *key = forge_key("P-256");
	struct token_keys *keys;
	struct caller caller;
	char *token;

	files_begin(&files);
	put(files.public, "k1.pem", key, false);
	sign_with(&files, "k1.pem", key);
	token = signed_by(&files);
	files.settings.keys = "";
	files.settings.signing_keys = "";
	keys = load(&files);
	ck_assert(!token_verify(keys, token, &caller));
	token_keys_free(keys);
	free(token);
	EVP_PKEY_free(key);
	files_end(&files);
}
END_TEST

START_TEST(a_signing_key_that_nobody_would_trust_is_a_problem)
{
	struct files files;
	EVP_PKEY *ours = forge_key("P-256"), *other = forge_key("P-256"), *large = forge_key("P-384");

	files_begin(&files);
	put(files.public, "k1.pem", ours, false);
	sign_with(&files, "k2.pem", ours);
	check_problem(&files, "holds no private key of those in");
	sign_with(&files, "k1.pem", other);
	check_problem(&files, "k1.pem: the public key of that name belongs to another");
	sign_with(&files, "k1.pem", large);
	check_problem(&files, "k1.pem: not a P-256 key");
	put(files.private, "k1.pem", ours, false);
	check_problem(&files, "k1.pem: not a private key");
	files.settings.signing_keys = "/nowhere/at/all";
	check_problem(&files, "/nowhere/at/all: holds no private key");
	EVP_PKEY_free(ours);
	EVP_PKEY_free(other);
	EVP_PKEY_free(large);
	files_end(&files);
}
END_TEST

/* It would otherwise be asked for on the terminal, and the start would hang. */
START_TEST(a_signing_key_with_a_passphrase_is_a_problem)
{
	struct files files;
	EVP_PKEY *key = forge_key("P-256");
	FILE *file;

	files_begin(&files);
	put(files.public, "k1.pem", key, false);
	sign_with(&files, "k1.pem", key);
	file = fopen(files.signing, "w");
	ck_assert_int_eq(PEM_write_PrivateKey(file, key, EVP_aes_128_cbc(), NULL, 0, NULL, (void *)"secret"), 1);
	fclose(file);
	check_problem(&files, "k1.pem: not a private key");
	EVP_PKEY_free(key);
	files_end(&files);
}
END_TEST

START_TEST(tokens_live_between_a_second_and_a_day)
{
	struct files files;
	EVP_PKEY *key = forge_key("P-256");

	files_begin(&files);
	put(files.public, "k1.pem", key, false);
	files.settings.lifetime_s = 0;
	check_problem(&files, "tokens live for");
	files.settings.lifetime_s = 24 * 60 * 60 + 1;
	check_problem(&files, "tokens live for");
	files.settings.lifetime_s = 24 * 60 * 60;
	token_keys_free(load(&files));
	files.settings.issuer = "";
	check_problem(&files, "issuer");
	EVP_PKEY_free(key);
	files_end(&files);
}
END_TEST

SUITE("token_keys",
    tokens_of_the_old_key_run_on_while_the_new_one_signs,
    a_pool_without_the_private_key_signs_nothing,
    only_public_keys_on_p256_are_loaded,
    a_keys_file_is_named_by_its_id,
    a_folder_without_keys_is_a_problem,
    without_a_folder_every_token_is_refused,
    a_signing_key_that_nobody_would_trust_is_a_problem,
    a_signing_key_with_a_passphrase_is_a_problem,
    tokens_live_between_a_second_and_a_day)

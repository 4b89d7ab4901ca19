/* Keys, files and signatures by libcrypto alone, so that tests do not trust what they test. */
#include <dirent.h>
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/pem.h>

#include "auth/token.h"
#include "forge.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

EVP_PKEY *
forge_key(const char *curve)
{
	EVP_PKEY *key = EVP_EC_gen(curve);

	if (key == NULL)
		errx(1, "no key on %s", curve);
	return key;
}

char *
forge_pem(EVP_PKEY *key, bool private)
{
	BIO *memory = BIO_new(BIO_s_mem());
	char *bytes, *pem;
	long size;

	if ((private ? PEM_write_bio_PrivateKey(memory, key, NULL, NULL, 0, NULL, NULL) :
	    PEM_write_bio_PUBKEY(memory, key)) != 1)
		errx(1, "no PEM");
	size = BIO_get_mem_data(memory, &bytes);
	pem = strndup(bytes, (size_t)size);
	BIO_free(memory);
	return pem;
}

void
forge_file(const char *folder, const char *name, const char *text)
{
	char path[512];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	if ((file = fopen(path, "w")) == NULL || fputs(text, file) < 0 || fclose(file) != 0)
		err(1, "%s", path);
}

char *
forge_folder(void)
{
	const char *parent = getenv("TMPDIR");
	char *folder;

	if (asprintf(&folder, "%s/marquee-keys.XXXXXX", parent != NULL ? parent : "/tmp") < 0 || mkdtemp(folder) == NULL)
		err(1, "mkdtemp");
	return folder;
}

void
forge_remove(char *folder)
{
	DIR *entries = opendir(folder);
	struct dirent *entry;

	while (entries != NULL && (entry = readdir(entries)) != NULL)
		unlinkat(dirfd(entries), entry->d_name, 0);
	if (entries != NULL)
		closedir(entries);
	rmdir(folder);
	free(folder);
}

char *
forge_part(const void *bytes, size_t size)
{
	const unsigned char *in = bytes;
	char *text = malloc(size / 3 * 4 + 5), *out = text;
	unsigned bits = 0, have = 0;

	for (size_t i = 0; i < size; i++) {
		bits = bits << 8 | in[i];
		for (have += 8; have >= 6; have -= 6)
			*out++ = alphabet[bits >> (have - 6) & 63];
	}
	if (have > 0)
		*out++ = alphabet[bits << (6 - have) & 63];
	*out = '\0';
	return text;
}

char *
forge_unsigned(const char *header, const char *body)
{
	char *first = forge_part(header, strlen(header)), *second = forge_part(body, strlen(body)), *text;

	if (asprintf(&text, "%s.%s", first, second) < 0)
		err(1, NULL);
	free(first);
	free(second);
	return text;
}

void
forge_sign(unsigned char out[64], EVP_PKEY *key, const char *text)
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	unsigned char der[80];
	const unsigned char *read = der;
	size_t size = sizeof(der);
	ECDSA_SIG *signature;

	if (EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, key) != 1 ||
	    EVP_DigestSign(context, der, &size, (const unsigned char *)text, strlen(text)) != 1 ||
	    (signature = d2i_ECDSA_SIG(NULL, &read, (long)size)) == NULL)
		errx(1, "no signature");
	BN_bn2binpad(ECDSA_SIG_get0_r(signature), out, 32);
	BN_bn2binpad(ECDSA_SIG_get0_s(signature), out + 32, 32);
	ECDSA_SIG_free(signature);
	EVP_MD_CTX_free(context);
}

char *
forge_token(EVP_PKEY *key, const char *header, const char *body)
{
	char *text = forge_unsigned(header, body), *part, *token;
	unsigned char signature[64];

	forge_sign(signature, key, text);
	part = forge_part(signature, sizeof(signature));
	if (asprintf(&token, "%s.%s", text, part) < 0)
		err(1, NULL);
	free(text);
	free(part);
	return token;
}

struct token_keys *
forge_keys(EVP_PKEY *key)
{
	char *public = forge_folder(), *private = forge_folder(), *pem, problem[256];
	struct token_settings settings = { "https://host", "marquee", public, private, 600 };
	struct token_keys *keys;

	forge_file(public, "k1.pem", pem = forge_pem(key, false));
	free(pem);
	forge_file(private, "k1.pem", pem = forge_pem(key, true));
	free(pem);
	if ((keys = token_keys_load(&settings, problem)) == NULL)
		errx(1, "%s", problem);
	forge_remove(public);
	forge_remove(private);
	return keys;
}

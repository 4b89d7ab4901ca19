/*
 * What a log-in and a refresh cannot do without, and nothing else: threads
 * that hash a password, or sign a token with libjwt, for so many seconds.
 * Ends with a line of JSON, as wrk.lua does.
 */
#include <err.h>
#include <jwt.h>
#include <pthread.h>
#include <sodium.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MOST = 1 << 20, MOST_THREADS = 64 };

static bool (*work)(void);
static char hash[crypto_pwhash_STRBYTES];
static unsigned char key[4096];
static size_t key_size;
static int64_t end_us;
static uint32_t times_us[MOST];
static unsigned done;

static int64_t
now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* As shared/auth/password.c has it. */
static bool
hash_password(void)
{
	return crypto_pwhash_str_verify(hash, "correct horse", 13) == 0;
}

/* The claims of an access token. */
static bool
sign_token(void)
{
	static const char *const names[] = { "iss", "aud", "typ", "sub", "sid", "jti", "name", "roles" };
	char *token;
	jwt_t *jwt;

	if (jwt_new(&jwt) != 0 || jwt_set_alg(jwt, JWT_ALG_ES256, key, (int)key_size) != 0)
		return false;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		jwt_add_grant(jwt, names[i], "0190a2b4-5c6d-7e8f-9a0b-1c2d3e4f5a6b");
	jwt_add_grant_int(jwt, "exp", time(NULL) + 600);
	token = jwt_encode_str(jwt);
	jwt_free(jwt);
	if (token == NULL)
		return false;
	free(token);
	return true;
}

static void *
run(void *arg)
{
	int64_t began, ended = now_us();

	(void)arg;
	while (ended < end_us) {
		unsigned mine;

		began = ended;
		if (!work())
			errx(1, "it does not work");
		ended = now_us();
		if (ended <= end_us && (mine = __atomic_fetch_add(&done, 1, __ATOMIC_RELAXED)) < MOST)
			times_us[mine] = (uint32_t)(ended - began);
	}
	return NULL;
}

static void
prepare(const char *kind, const char *key_file)
{
	FILE *file;

	if (sodium_init() < 0)
		errx(1, "libsodium does not start");
	if (strcmp(kind, "argon2id") == 0) {
		work = hash_password;
		if (crypto_pwhash_str_alg(hash, "correct horse", 13, 2, 64 << 20, crypto_pwhash_ALG_ARGON2ID13) != 0)
			errx(1, "no memory");
		return;
	}
	work = sign_token;
	if ((file = fopen(key_file, "r")) == NULL || (key_size = fread(key, 1, sizeof(key), file)) == 0)
		err(1, "%s", key_file);
	fclose(file);
}

static int
compare(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

int
main(int argc, char **argv)
{
	pthread_t thread[MOST_THREADS];
	int threads, seconds;

	if (argc < 4 || (threads = atoi(argv[2])) < 1 || threads > MOST_THREADS || (seconds = atoi(argv[3])) < 1)
		errx(2, "usage: bare argon2id|es256 THREADS SECONDS [KEY.pem]");
	prepare(argv[1], argc > 4 ? argv[4] : "");
	end_us = now_us() + seconds * 1000000LL;
	for (int i = 0; i < threads; i++)
		if (pthread_create(&thread[i], NULL, run, NULL) != 0)
			errx(1, "no thread");
	for (int i = 0; i < threads; i++)
		pthread_join(thread[i], NULL);
	if (done == 0 || done > MOST)
		errx(1, "%u times", done);
	qsort(times_us, done, sizeof(times_us[0]), compare);
	printf("{\"requests\":%u,\"seconds\":%d,\"bytes\":0,\"p50_ms\":%.3f,\"p99_ms\":%.3f,\"failed\":0}\n",
	    done, seconds, times_us[done / 2] / 1e3, times_us[(uint64_t)done * 99 / 100] / 1e3);
	return 0;
}

/* Token keys that change while they are used: read beside the set that is in use, then put in its place. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auth/token.h"
#include "auth/token_keys.h"
#include "base/clock.h"
#include "base/log.h"

#define NAME_MAX_SIZE	256	/* of iss and aud, so that every token of ours fits TOKEN_MAX_SIZE */
/* A folder's time has the grain of a tick, 1 to 10 ms: what changed in the tick it was read in cannot be told by it. */
#define GRAIN_US	50000

static struct token_stamp
stamp_of(const char *folder)
{
	struct stat now;

	if (stat(folder, &now) != 0)
		return (struct token_stamp){ .inode = 0 };
	return (struct token_stamp){ now.st_dev, now.st_ino, now.st_mtim };
}

static bool
is_same(const struct token_stamp *a, const struct token_stamp *b)
{
	return a->device == b->device && a->inode == b->inode && a->changed.tv_sec == b->changed.tv_sec &&
	    a->changed.tv_nsec == b->changed.tv_nsec;
}

static bool
is_settled(const struct token_stamp *stamp)
{
	return clock_unix_us() - ((int64_t)stamp->changed.tv_sec * 1000000 + stamp->changed.tv_nsec / 1000) > GRAIN_US;
}

static void
tell_problem(struct token_keys *keys, const char *problem)
{
	if (strcmp(keys->problem, problem) == 0)
		return;
	if (*problem != '\0')
		log_event(LOG_ERROR, "token keys", LOG_TEXT("error", problem));
	else
		log_event(LOG_INFO, "token keys are as they should be");
	snprintf(keys->problem, sizeof(keys->problem), "%s", problem);
}

static void
tell_signer(const struct token_key_set *before, const struct token_key_set *set)
{
	const char *old = before != NULL && before->signing != NULL ? before->signing->public.id : "";
	const char *new = set->signing != NULL ? set->signing->public.id : "";

	if (before != NULL && strcmp(old, new) != 0)
		log_event(LOG_INFO, "another key signs tokens", LOG_TEXT("kid", new));
}

/* Whoever holds a key of the set before keeps this waiting, for less than a millisecond. */
static void
replace(struct token_keys *keys, struct token_key_set *set)
{
	struct token_key_set *before = keys->set;

	pthread_rwlock_wrlock(&keys->lock);
	keys->set = set;
	pthread_rwlock_unlock(&keys->lock);
	tell_signer(before, set);
	keys->lost = keys->lost || !token_key_set_within(before, set);
	token_key_set_free(before);
}

/* The stamp is older than what is read: a change meanwhile makes another one. */
static void
read_again(struct token_keys *keys, const struct token_stamp *stamp)
{
	char problem[TOKEN_PROBLEM_SIZE];
	struct token_key_set *set = token_key_set_read(&keys->settings, keys->set, problem);

	if (set != NULL)
		replace(keys, set);
	tell_problem(keys, problem);
	keys->stamp = *stamp;
	keys->again = *problem != '\0' || !is_settled(stamp);
}

/* With reading locked. Only a periodic call may try again: a token with an invented kid must cost no more than a stat. */
static void
refresh(struct token_keys *keys, bool periodic)
{
	struct token_stamp stamp = stamp_of(keys->settings.keys);

	if (!is_same(&stamp, &keys->stamp) || (periodic && keys->again))
		read_again(keys, &stamp);
}

static void
refresh_at_once(struct token_keys *keys)
{
	pthread_mutex_lock(&keys->reading);
	refresh(keys, false);
	pthread_mutex_unlock(&keys->reading);
}

bool
token_keys_refresh(struct token_keys *keys)
{
	bool lost;

	pthread_mutex_lock(&keys->reading);
	refresh(keys, true);
	lost = keys->lost;
	keys->lost = false;
	pthread_mutex_unlock(&keys->reading);
	return lost;
}

/* --- use --- */

static const struct token_key *
hold(struct token_keys *keys, const char *id)
{
	const struct token_key *key;

	pthread_rwlock_rdlock(&keys->lock);
	if ((key = token_key_set_find(keys->set, id)) == NULL)
		pthread_rwlock_unlock(&keys->lock);
	return key;
}

const struct token_key *
token_keys_hold(struct token_keys *keys, const char *id)
{
	const struct token_key *key = hold(keys, id);

	if (key != NULL)
		return key;
	refresh_at_once(keys);
	return hold(keys, id);
}

/* What was dropped a moment ago must not sign. */
const struct token_key *
token_keys_hold_signing(struct token_keys *keys)
{
	refresh_at_once(keys);
	pthread_rwlock_rdlock(&keys->lock);
	if (keys->set->signing == NULL)
		pthread_rwlock_unlock(&keys->lock);
	else
		return keys->set->signing;
	return NULL;
}

void
token_keys_release(struct token_keys *keys)
{
	pthread_rwlock_unlock(&keys->lock);
}

size_t
token_keys_list(struct token_keys *keys, struct token_public_key out[TOKEN_KEYS_MAX])
{
	size_t count;

	pthread_rwlock_rdlock(&keys->lock);
	count = keys->set->count;
	for (size_t i = 0; i < count; i++)
		out[i] = keys->set->keys[i].public;
	pthread_rwlock_unlock(&keys->lock);
	return count;
}

/* --- beginning and end --- */

static bool
check_settings(const struct token_settings *settings, char problem[TOKEN_PROBLEM_SIZE])
{
	size_t issuer = settings->issuer != NULL ? strlen(settings->issuer) : 0;
	size_t audience = settings->audience != NULL ? strlen(settings->audience) : 0;

	*problem = '\0';
	if (issuer < 1 || issuer >= NAME_MAX_SIZE || audience < 1 || audience >= NAME_MAX_SIZE)
		snprintf(problem, TOKEN_PROBLEM_SIZE, "issuer and audience of tokens have 1 to %d bytes", NAME_MAX_SIZE - 1);
	else if (settings->lifetime_s < 1 || settings->lifetime_s > TOKEN_MAX_LIFETIME_S)
		snprintf(problem, TOKEN_PROBLEM_SIZE, "tokens live for 1 to %d seconds", TOKEN_MAX_LIFETIME_S);
	return *problem == '\0';
}

static bool
copy_text(const char **copy, const char *text)
{
	return (*copy = strdup(text != NULL ? text : "")) != NULL;
}

static bool
copy_settings(struct token_settings *copy, const struct token_settings *settings)
{
	copy->lifetime_s = settings->lifetime_s;
	return copy_text(&copy->issuer, settings->issuer) && copy_text(&copy->audience, settings->audience) &&
	    copy_text(&copy->keys, settings->keys) && copy_text(&copy->signing_keys, settings->signing_keys);
}

/* Readers that come one after another must not keep a removed key in use. */
static void
make_locks(struct token_keys *keys)
{
	pthread_rwlockattr_t kind;

	pthread_rwlockattr_init(&kind);
	pthread_rwlockattr_setkind_np(&kind, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
	pthread_rwlock_init(&keys->lock, &kind);
	pthread_rwlockattr_destroy(&kind);
	pthread_mutex_init(&keys->reading, NULL);
}

struct token_keys *
token_keys_load(const struct token_settings *settings, char problem[TOKEN_PROBLEM_SIZE])
{
	struct token_keys *keys;

	if (!check_settings(settings, problem))
		return NULL;
	snprintf(problem, TOKEN_PROBLEM_SIZE, "no memory");
	if ((keys = calloc(1, sizeof(*keys))) == NULL)
		return NULL;
	make_locks(keys);
	if (copy_settings(&keys->settings, settings)) {
		keys->stamp = stamp_of(keys->settings.keys);
		keys->set = token_key_set_read(&keys->settings, NULL, problem);
	}
	if (keys->set == NULL) {
		token_keys_free(keys);
		return NULL;
	}
	tell_problem(keys, problem);
	keys->again = *problem != '\0' || !is_settled(&keys->stamp);
	return keys;
}

void
token_keys_free(struct token_keys *keys)
{
	if (keys == NULL)
		return;
	token_key_set_free(keys->set);
	free((char *)keys->settings.issuer);
	free((char *)keys->settings.audience);
	free((char *)keys->settings.keys);
	free((char *)keys->settings.signing_keys);
	pthread_rwlock_destroy(&keys->lock);
	pthread_mutex_destroy(&keys->reading);
	free(keys);
}

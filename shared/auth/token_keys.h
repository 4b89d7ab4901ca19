/* What the threads of a process share of its keys, for token.c alone. */
#ifndef AUTH_TOKEN_KEYS_H
#define AUTH_TOKEN_KEYS_H

#include <pthread.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <time.h>

#include "auth/token.h"
#include "auth/token_key_set.h"

#define TOKEN_MAX_LIFETIME_S	(24 * 60 * 60)	/* service tokens; people's run ten minutes */

/* All zero: no such folder. */
struct token_stamp {
	dev_t		 device;
	ino_t		 inode;
	struct timespec	 changed;
};

struct token_keys {
	struct token_settings	 settings;	/* copies of the texts */
	pthread_rwlock_t	 lock;		/* of the set */
	struct token_key_set	*set;
	pthread_mutex_t		 reading;	/* of what follows; taken before the lock, never with it */
	struct token_stamp	 stamp;		/* of the folder when it was read */
	bool			 again;		/* though the folder has the same stamp */
	bool			 lost;		/* a key went away, and nobody was told */
	char			 problem[TOKEN_PROBLEM_SIZE];	/* logged last */
};

/*
 * The key of that id; one that is not there is looked for once more.  It stays
 * until it is released.  NULL: there is none, and nothing to release.
 */
const struct token_key	*token_keys_hold(struct token_keys *, const char *id);
/* The one that signs now. */
const struct token_key	*token_keys_hold_signing(struct token_keys *);
void			 token_keys_release(struct token_keys *);

#endif

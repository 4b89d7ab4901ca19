/* Inside auth/: hashes made by a process beside the one that asks. */
#ifndef AUTH_HASHER_H
#define AUTH_HASHER_H

#include <stdbool.h>

#include "auth/password.h"

/* What is asked and, filled in, answered. */
struct hash_task {
	bool	 is_check;		/* whether the password is that of the hash; else its hash is wanted */
	bool	 is_good;		/* it is; it was made */
	char	 hash[PASSWORD_HASH_SIZE];
	char	 password[PASSWORD_ROOM];
};

/* True where this process has been told of places to wait for. */
bool	 hasher_is_used(void);
/* Waits for a place. False: no such process could be started. */
bool	 hasher_ask(struct hash_task *);
/* By password.c, in whichever process. */
void	 password_compute(struct hash_task *);

#endif

/* Which key signs: the file "states" beside the public keys, a line for each: KID next|active|retiring SINCE. */
#ifndef AUTH_TOKEN_STATES_H
#define AUTH_TOKEN_STATES_H

#include <stdbool.h>
#include <stddef.h>

#include "auth/token.h"

/* False unless every line is whole and exactly one key is active; SINCE is RFC 3339. */
bool	 token_states_active(char id[TOKEN_KEY_ID_SIZE], const char *text, size_t);

/* 1 to 64 of [A-Za-z0-9_-] at the start: how many; 0: it is not how a kid begins, or too long. */
size_t	 token_key_id_length(const char *);

#endif

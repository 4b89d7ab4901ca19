/* Fuzzes the file that tells which key signs: what is taken names a key by a kid of ours, written there. */
#include <stdlib.h>
#include <string.h>

#include "auth/token_states.h"
#include "fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char id[TOKEN_KEY_ID_SIZE], *copy = malloc(size > 0 ? size : 1);

	memcpy(copy, data, size);
	if (token_states_active(id, copy, size)) {
		promise(token_key_id_length(id) == strlen(id) && *id != '\0');
		promise(size > 0 && copy[size - 1] == '\n' && memmem(copy, size, id, strlen(id)) != NULL);
	}
	free(copy);
	return 0;
}

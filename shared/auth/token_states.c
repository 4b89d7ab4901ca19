/* The file "states": read strictly, since half of it may name a key that signs no more. */
#include <string.h>

#include "auth/token_states.h"
#include "base/text.h"

#define LINE_SIZE	128

size_t
token_key_id_length(const char *text)
{
	size_t length = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-");

	return length < TOKEN_KEY_ID_SIZE ? length : 0;
}

/* Cuts the word before the next space off; NULL: there is none. */
static char *
cut(char **rest)
{
	char *word = *rest, *space = strchr(word, ' ');

	if (space == NULL)
		return NULL;
	*space = '\0';
	*rest = space + 1;
	return word;
}

/* The state, with the kid in front of it; NULL: not a line of ours. */
static const char *
read_line(char *line)
{
	const char *id = cut(&line), *state = id != NULL ? cut(&line) : NULL;
	int64_t since_us;

	if (state == NULL || *id == '\0' || id[token_key_id_length(id)] != '\0' || !text_to_time(&since_us, line) ||
	    (strcmp(state, "next") != 0 && strcmp(state, "active") != 0 && strcmp(state, "retiring") != 0))
		return NULL;
	return state;
}

bool
token_states_active(char id[TOKEN_KEY_ID_SIZE], const char *text, size_t size)
{
	const char *end = text + size, *newline, *state;
	char line[LINE_SIZE];
	int active = 0;

	for (; text < end; text = newline + 1) {
		newline = memchr(text, '\n', (size_t)(end - text));
		if (newline == NULL || newline - text >= LINE_SIZE || memchr(text, '\0', (size_t)(newline - text)) != NULL)
			return false;
		memcpy(line, text, (size_t)(newline - text));
		line[newline - text] = '\0';
		if ((state = read_line(line)) == NULL)
			return false;
		if (strcmp(state, "active") == 0) {
			strcpy(id, line);
			active++;
		}
	}
	return active == 1;
}

/* Request heads: first line, the header lines that are of use, and the key of a WebSocket. */
#include <openssl/evp.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

#include "head.h"

#define KEY_LENGTH	24
#define GUID		"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

static const struct { const char *name; size_t offset; } known[] = {
	{ "Accept", offsetof(struct head, accept) },
	{ "Authorization", offsetof(struct head, authorization) },
	{ "Connection", offsetof(struct head, connection) },
	{ "Last-Event-ID", offsetof(struct head, last_event_id) },
	{ "Sec-WebSocket-Key", offsetof(struct head, key) },
	{ "Sec-WebSocket-Version", offsetof(struct head, version) },
	{ "Upgrade", offsetof(struct head, upgrade) },
	{ "X-Request-Id", offsetof(struct head, request_id) },
};

/* Cuts off the next line; NULL: there is none, or it does not end as lines do. */
static char *
cut_line(char **rest)
{
	char *line = *rest, *end = strstr(line, "\r\n");

	if (end == NULL || memchr(line, '\n', (size_t)(end - line)) != NULL)
		return NULL;
	*end = '\0';
	*rest = end + 2;
	return line;
}

static bool
read_first(struct head *head, char *line)
{
	char *target = strchr(line, ' '), *version = target != NULL ? strchr(target + 1, ' ') : NULL, *query;

	if (version == NULL || strcmp(version + 1, "HTTP/1.1") != 0 || target[1] != '/')
		return false;
	*target++ = '\0';
	*version = '\0';
	head->method = line;
	head->path = target;
	if ((query = strchr(target, '?')) != NULL) {
		*query = '\0';
		head->query = query + 1;
	}
	return true;
}

static void
trim_end(char *text)
{
	size_t length = strlen(text);

	while (length > 0 && (text[length - 1] == ' ' || text[length - 1] == '\t'))
		text[--length] = '\0';
}

static bool
read_line(struct head *head, char *line)
{
	char *value = strchr(line, ':');
	const char **field;

	if (value == NULL || value == line)
		return false;
	*value++ = '\0';
	value += strspn(value, " \t");
	trim_end(value);
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strcasecmp(line, known[i].name) == 0) {
			field = (const char **)((char *)head + known[i].offset);
			if (**field != '\0')
				return false;
			*field = value;
		}
	return true;
}

bool
head_read(struct head *head, char *text)
{
	char *line;

	*head = (struct head){ "", "", "", "", "", "", "", "", "", "", "" };
	if ((line = cut_line(&text)) == NULL || !read_first(head, line))
		return false;
	while ((line = cut_line(&text)) != NULL && *line != '\0')
		if (!read_line(head, line))
			return false;
	return line != NULL;
}

bool
head_lists(const char *list, const char *word)
{
	size_t length = strlen(word), size;

	for (; *list != '\0'; list += size) {
		list += strspn(list, ", \t");
		size = strcspn(list, ",; \t");
		if (size == length && strncasecmp(list, word, length) == 0)
			return true;
		size += strcspn(list + size, ",");
	}
	return false;
}

bool
head_is_key(const char *key)
{
	return strlen(key) == KEY_LENGTH && strspn(key, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/") ==
	    KEY_LENGTH - 2 && strcmp(key + KEY_LENGTH - 2, "==") == 0;
}

void
head_accept(char out[HEAD_ACCEPT_SIZE], const char *key)
{
	char text[KEY_LENGTH + sizeof(GUID)];
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned size = 0;

	memcpy(text, key, KEY_LENGTH);
	memcpy(text + KEY_LENGTH, GUID, sizeof(GUID));
	EVP_Digest(text, KEY_LENGTH + sizeof(GUID) - 1, digest, &size, EVP_sha1(), NULL);
	EVP_EncodeBlock((unsigned char *)out, digest, (int)size);
}

/* Channels by the kind that stands before their colon. */
#include <stddef.h>
#include <string.h>

#include "base/text.h"
#include "rights.h"

enum rule {
	OWN,		/* the id is one's own */
	PUBLIC,		/* facts that anyone may read */
	MEMBERS,	/* chat knows */
	WORD		/* public, and no id but one of ours */
};

static const struct { const char *kind; enum rule rule; } kinds[] = {
	{ "notifications", OWN },
	{ "chat", OWN },
	{ "game", PUBLIC },
	{ "event", PUBLIC },
	{ "sport", PUBLIC },
	{ "room", MEMBERS },
	{ "lab", WORD },
};

/* Only as we write it, in lower case: names are compared as text. */
static int
is_id(const char *text)
{
	uint8_t id[16];
	char ours[37];

	if (!text_to_uuid(id, text))
		return 0;
	text_from_uuid(ours, id);
	return strcmp(ours, text) == 0;
}

static int
is_word(const char *text)
{
	return strcmp(text, "notify-login") == 0 || strcmp(text, "notify-signup") == 0 || strcmp(text, "notify-upload") == 0;
}

enum right
right_to_join(const char *channel, const char *user_id)
{
	size_t kind = strcspn(channel, ":");
	const char *id = channel + kind + 1;

	if (channel[kind] != ':')
		return NO_CHANNEL;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (strlen(kinds[i].kind) != kind || memcmp(kinds[i].kind, channel, kind) != 0)
			continue;
		if (kinds[i].rule == WORD)
			return is_word(id) ? MAY_JOIN : NO_CHANNEL;
		if (!is_id(id))
			return NO_CHANNEL;
		if (kinds[i].rule == OWN)
			return strcmp(id, user_id) == 0 ? MAY_JOIN : MAY_NOT_JOIN;
		return kinds[i].rule == MEMBERS ? ASK_CHAT : MAY_JOIN;
	}
	return NO_CHANNEL;
}

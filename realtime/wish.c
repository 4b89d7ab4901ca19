/* Addresses of sockets: some name a channel by their path, all may by their query. */
#include <stddef.h>
#include <string.h>

#include "head.h"
#include "http/query.h"
#include "http/request.h"
#include "wish.h"

static const struct {
	const char	*path;
	const char	*kind;		/* of the channel that it means, or NULL */
	bool		 has_id;	/* the last segment; else it is the caller's own */
} paths[] = {
	{ "/ws", NULL, false },
	{ "/ws/rooms", NULL, false },
	{ "/ws/notifications/", "notifications", true },
	{ "/ws/chat/", "chat", true },
	{ "/api/tickets/notification", "notifications", false },
	{ "/api/tickets/subscribe/event", NULL, false },
};

#define PATHS	(int)(sizeof(paths) / sizeof(paths[0]))

static int
find(const char *path)
{
	for (int i = 0; i < PATHS; i++)
		if (paths[i].has_id ? strncmp(path, paths[i].path, strlen(paths[i].path)) == 0 : strcmp(path, paths[i].path) == 0)
			return i;
	return -1;
}

bool
wish_knows(const char *path)
{
	return find(path) >= 0;
}

/* Cuts the list; an empty entry stays one. */
static int
split(struct scope *scope, const char *list, const char *out[WISH_MOST])
{
	char *rest = scope_copy(scope, list, strlen(list)), *entry;
	int count = 0;

	while ((entry = strsep(&rest, ",")) != NULL) {
		if (count == WISH_MOST)
			return -1;
		out[count++] = entry;
	}
	return count;
}

static void
read_channels(struct request *rq, struct wish *wish, const char *list)
{
	if ((wish->count = split(&rq->scope, list, wish->channels)) < 0) {
		wish->count = 0;
		scope_bad_field(&rq->scope, "channels", "Has at most %d.", WISH_MOST);
	}
	for (int i = 0; i < wish->count; i++)
		if (strlen(wish->channels[i]) > CHANNEL_NAME_MAX)
			scope_bad_field(&rq->scope, "channels", "A name has at most %d characters.", CHANNEL_NAME_MAX);
}

/* In the order of the channels; one that is left empty begins with what comes. */
static void
read_after(struct request *rq, struct wish *wish, const char *list)
{
	const char *entries[WISH_MOST];
	int count = split(&rq->scope, list, entries);

	for (int i = 0; i < count; i++) {
		wish->has_after[i] = *entries[i] != '\0';
		if (wish->has_after[i] && !place_read(&wish->after[i], entries[i]))
			scope_bad_field(&rq->scope, "after", "Is <epoch>.<seq> for each channel, with commas between.");
	}
}

void
wish_read_query(struct request *rq, const struct head *head, struct wish *wish)
{
	struct query_pair *pairs;
	size_t count;

	if (!query_read(&rq->scope, head->query, &pairs, &count))
		return;
	for (const struct query_pair *pair = pairs; pair < pairs + count; pair++) {
		if (strcmp(pair->name, "channels") == 0)
			read_channels(rq, wish, pair->value);
		else if (strcmp(pair->name, "event_id") == 0)
			read_channels(rq, wish, scope_printf(&rq->scope, "event:%s", pair->value));
		else if (strcmp(pair->name, "after") == 0)
			read_after(rq, wish, pair->value);
		else if (strcmp(pair->name, "ticket") == 0)
			wish->ticket = pair->value;
		else
			scope_bad_field(&rq->scope, pair->name, "Is not known here.");
	}
}

static void
check_right(struct request *rq, const char *channel)
{
	switch (right_to_join(channel, rq->caller.user_id)) {
	case MAY_NOT_JOIN:
		scope_fail(&rq->scope, 403, "forbidden", "This is not yours.");
		break;
	case NO_CHANNEL:
		scope_fail(&rq->scope, 404, "not_found", "There is no such channel.");
		break;
	case MAY_JOIN:
	case ASK_CHAT:
		break;
	}
}

/* The channel of the path stands for those of the query. */
void
wish_read_path(struct request *rq, const struct head *head, struct wish *wish)
{
	int i = find(head->path);

	if (paths[i].kind != NULL) {
		wish->count = 1;
		wish->channels[0] = scope_printf(&rq->scope, "%s:%s", paths[i].kind,
		    paths[i].has_id ? head->path + strlen(paths[i].path) : rq->caller.user_id);
	}
	if (wish->count == 1 && *head->last_event_id != '\0' && place_read(&wish->after[0], head->last_event_id))
		wish->has_after[0] = true;
	for (int n = 0; n < wish->count; n++)
		check_right(rq, wish->channels[n]);
}

/* Events as they came from the bus: CloudEvents in JSON, and tables of those who take them. */
#include <stdlib.h>
#include <string.h>

#include "base/scope.h"
#include "base/text.h"
#include "data/db.h"
#include "events/event.h"

static void
release_json(void *json)
{
	json_decref(json);
}

/* As a data store writes it, for that is what it is compared with. */
static bool
is_id(const char *text)
{
	uint8_t id[16];

	return text_to_uuid(id, text) && text[strcspn(text, "ABCDEF")] == '\0';
}

bool
event_parse(struct scope *scope, const char *text, size_t size, struct taken_event *event)
{
	json_t *json = json_loadb(text, size, 0, NULL);
	json_int_t version = 0;

	if (json == NULL)
		return false;
	scope_defer(scope, release_json, json);
	if (json_unpack(json, "{s:s, s:s, s:s, s:s, s:I, s:o}", "id", &event->id, "type", &event->type,
	    "subject", &event->aggregate_id, "time", &event->time, "version", &version, "data", &event->data) != 0 ||
	    !is_id(event->id))
		return false;
	event->version = version;
	event->traceparent = json_string_value(json_object_get(json, "traceparent"));
	return true;
}

const struct event_handler *
event_handler_of(const struct event_handler *const *tables, const char *type)
{
	for (; *tables != NULL; tables++)
		for (const struct event_handler *h = *tables; h->type != NULL; h++)
			if (strcmp(h->type, type) == 0)
				return h;
	return NULL;
}

const char *
event_text(const struct taken_event *event, const char *key)
{
	return json_string_value(json_object_get(event->data, key));
}

void
event_query(struct db *db, struct scope *scope, const struct taken_event *event, const struct statement *statement)
{
	char *data = json_dumps(event->data, JSON_COMPACT);

	if (data == NULL) {
		scope_fail(scope, 503, "unavailable", "no memory");
		return;
	}
	scope_defer(scope, free, data);
	db_query(db, statement, p_text(data), p_int(event->version));
	db_announce(db);
}

void
event_take(const struct event_handler *handler, const struct app_state *state, struct db *db, struct scope *scope,
    const struct taken_event *event)
{
	if (handler->statement != NULL)
		event_query(db, scope, event, handler->statement);
	else
		handler->take(state, db, scope, event);
}

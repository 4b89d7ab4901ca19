/* Profiles: what an account shows of itself, and which notifications it wants. */
#include <string.h>

#include "base/text.h"
#include "base/writer.h"
#include "events/outbox.h"
#include "users.h"

#define MISSING	"There is no such user."

struct profile {
	const char	*user_id;
};

static const struct field profile_fields[] = {
	ID_FIELD(FROM_PATH, profile, user_id, .required = true),
	{ 0 }
};

static const struct read read_profile = {
	.statement = { SQL(
		select user_id, username, email, roles,
		       notifications_enabled as "preferences.notifications.enabled",
		       notification_types as "preferences.notifications.types",
		       created_at
		  from account
		 where user_id = $1 and status = 'active'
	) },
	.shape = ONE,
	.missing = MISSING,
};

struct preferences {
	const char	*user_id;
	bool		 enabled;
	struct list	 types;
};

static const char *
type_problem(const char *type)
{
	if (*type == '\0' || text_length(type) > 40)
		return "Has 1 to 40 characters.";
	for (; *type != '\0'; type++)
		if ((unsigned char)*type <= ' ' || *type == 0x7f)
			return "Is one word.";
	return NULL;
}

static const struct field preferences_fields[] = {
	ID_FIELD(FROM_PATH, preferences, user_id, .required = true),
	BOOL_FIELD(FROM_BODY, preferences, enabled, .required = true),
	TEXTS_FIELD(preferences, types, .required = true, .max = 50, .check = type_problem),
	{ 0 }
};

static void
refuse_twins(struct scope *scope, const struct list *list)
{
	const char *const *types = list->items;
	size_t i, earlier;

	for (i = 1; i < list->count; i++)
		for (earlier = 0; earlier < i; earlier++)
			if (strcmp(types[earlier], types[i]) == 0) {
				scope_bad_field(scope, scope_printf(scope, "types[%zu]", i), "Stands there twice.");
				break;
			}
}

/* One row where there is such a user; its version is null when nothing changed, so that twice is once. */
static const struct statement change_preferences = { SQL(
	with before as (
		select user_id
		  from account
		 where user_id = $1 and status = 'active'
		   for update
	), changed as (
		update account
		   set notifications_enabled = $2, notification_types = $3,
		       version = version + 1, updated_at = now()
		  from before
		 where account.user_id = before.user_id
		   and (notifications_enabled, notification_types) is distinct from ($2, $3)
		returning version
	)
	select (select version from changed) as version
	  from before
) };

static void
announce(struct request *rq, const struct preferences *in, int64_t version)
{
	const char *const *types = in->types.items;
	struct writer event;
	size_t i;

	writer_begin(&event, &rq->scope, 256);
	writer_literal(&event, "{");
	writer_member(&event, "user_id", in->user_id);
	writer_literal(&event, ",");
	writer_key(&event, "enabled");
	writer_bool(&event, in->enabled);
	writer_literal(&event, ",");
	writer_key(&event, "types");
	writer_literal(&event, "[");
	for (i = 0; i < in->types.count; i++) {
		if (i > 0)
			writer_literal(&event, ",");
		writer_string(&event, types[i], strlen(types[i]));
	}
	writer_literal(&event, "]}");
	outbox_add(rq->db, "users.preferences_changed", in->user_id, version, &event, rq->traceparent);
}

static struct reply *
set_preferences(struct request *rq)
{
	const struct preferences *in = rq->input;
	struct rows *account;

	refuse_twins(&rq->scope, &in->types);
	if (scope_failed(&rq->scope))
		return reply_failure(rq);
	/* Before the row is touched: nobody else may hold its lock. */
	if (strcmp(rq->caller.user_id, in->user_id) != 0 && !request_has_role(rq, ROLE_ADMIN))
		return problem(rq, 403, "not_yours", "These are the preferences of someone else.");

	account = db_query(rq->db, &change_preferences, p_text(in->user_id), p_bool(in->enabled),
	    p_texts(&rq->scope, in->types.items, in->types.count));
	if (rows_count(account) == 0)
		return problem(rq, 404, "not_found", MISSING);
	if (!row_is_null(account, 0, "version"))
		announce(rq, in, row_integer(account, 0, "version"));
	return reply_message(rq, "Preferences updated successfully");
}

const struct route profile_routes[] = {
	{ GET, "/api/users/{user_id}", INPUT(profile), .read = &read_profile,
	  .owner = "user_id", .envelope = STATUS_DATA,
	  .answer = "user_id:id username email roles:[text] "
	    "preferences{notifications{enabled:bool types:[text]}} created_at:time",
	  .summary = "One's own account" },
	{ PUT, "/api/users/{user_id}/preferences/notifications", set_preferences, INPUT(preferences),
	  .envelope = STATUS, .answer = "message",
	  .summary = "Choose which notifications to get" },
	{ 0 }
};

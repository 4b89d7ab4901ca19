/* Profiles: what an account shows of itself, and which notifications it wants. */
#include <string.h>

#include "base/text.h"
#include "base/writer.h"
#include "events/outbox.h"
#include "users.h"

#define MISSING	"There is no such user."

struct profile {
	const char	*user_id, *caller_id;
	bool		 is_admin;
};

static const struct field profile_fields[] = {
	ID_FIELD  (FROM_PATH, profile, user_id, .required = true),
	ID_FIELD  (FROM_CALLER, profile, caller_id),
	BOOL_FIELD(FROM_CALLER, profile, is_admin),
	{ 0 }
};

/* Anyone may know who is behind an id; the rest is for the person and for admins. */
static const struct read read_profile = {
	.statement = { SQL(
		select user_id, username,
		       case when user_id = $2 or $3 then email end as "email?",
		       case when user_id = $2 or $3 then roles end as "roles?",
		       case when user_id = $2 or $3 then notifications_enabled end as "preferences?.notifications.enabled",
		       case when user_id = $2 or $3 then notification_types end as "preferences?.notifications.types",
		       created_at
		  from account
		 where user_id = $1 and status = 'active'
	) },
	.shape = ONE,
	.missing = MISSING,
};

static const struct read read_own = {
	.statement = { SQL(
		select username, email, '{}'::text[] as purchased_beats,
		       exists (select from second_factor
		                where user_id = $1 and confirmed_at is not null) as second_factor,
		       (select email from email_change
		         where user_id = $1 and expires_at > now()) as "pending_email?"
		  from account
		 where user_id = $1 and status = 'active'
	) },
	.shape = ONE,
	.missing = MISSING,
};

struct ticket_user {
	const char	*id;
};

static const struct field ticket_user_fields[] = {
	ID_FIELD(FROM_PATH, ticket_user, id, .required = true),
	{ 0 }
};

static const struct read read_ticket_user = {
	.statement = { SQL(
		select user_id as id, email, username
		  from account
		 where user_id = $1 and status = 'active'
	) },
	.shape = ONE,
	.missing = MISSING,
};

static const struct page_key user_keys[] = { { "id", ID, "00000000-0000-0000-0000-000000000000" }, { NULL } };

/* Oldest first, as their ids rise with time. */
static const struct read list_ticket_users = {
	.statement = { SQL(
		select user_id as id, email, username
		  from account
		 where user_id > $1 and status = 'active'
		 order by user_id
		 limit $2::bigint
	) },
	.shape = PAGE,
	.keys = user_keys,
};

struct change {
	const char	*username, *email;
};

static const struct field change_fields[] = {
	USERNAME_FIELD(change),
	EMAIL_FIELD(change),
	{ 0 }
};

/* One row where there is such a user; its version is null when the name stays. */
static const struct statement rename_account = { SQL(
	with before as (
		select user_id, username
		  from account
		 where user_id = $1 and status = 'active'
		   for update
	), renamed as (
		update account
		   set username = $2, version = version + 1, updated_at = now()
		  from before
		 where account.user_id = before.user_id and before.username <> $2
		returning version
	)
	select (select version from renamed) as version
	  from before
) };

/* The name changes at once, in tokens with the next refresh; the address when it is confirmed. */
static struct reply *
change_profile(struct request *rq)
{
	const struct change *in = rq->input;
	struct rows *account;

	if (in->username == NULL && in->email == NULL) {
		scope_bad_field(&rq->scope, "username", "Give this, email or both.");
		return reply_failure(rq);
	}
	account = db_query(rq->db, &rename_account, p_text(rq->caller.user_id), p_text(in->username));
	if (rows_count(account) == 0)
		return problem(rq, 404, "not_found", MISSING);
	if (!row_is_null(account, 0, "version"))
		outbox_add(rq->db, &rq->scope, &(struct event){
			.type = "users.profile_changed", .aggregate_id = rq->caller.user_id,
			.version = row_integer(account, 0, "version"), .traceparent = rq->traceparent,
			.data = { { "user_id", rq->caller.user_id }, { "username", in->username } },
		});
	if (in->email != NULL)
		address_change(rq, rq->caller.user_id, in->email);
	return reply_row(rq, &read_own.statement,
	    db_query(rq->db, &read_own.statement, p_text(rq->caller.user_id)), MISSING);
}

struct preferences {
	const char	*user_id;
	bool		 enabled;
	struct list	 types;
};

static const char *
type_problem(const char *type)
{
	if (*type == '\0' || text_length(type) > 40)
		return "Must have 1 to 40 characters.";
	for (; *type != '\0'; type++)
		if ((unsigned char)*type <= ' ' || *type == 0x7f)
			return "Must be one word.";
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
	struct writer types;

	writer_begin(&types, &rq->scope, 256);
	writer_texts(&types, in->types.items, in->types.count);
	outbox_add(rq->db, &rq->scope, &(struct event){
		.type = "users.preferences_changed", .aggregate_id = in->user_id, .version = version,
		.traceparent = rq->traceparent,
		.data = {
			{ "user_id", in->user_id },
			{ "enabled", .json = in->enabled ? "true" : "false" },
			{ "types", .json = writer_copy(&types) },
		},
	});
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

#define OWN		"username email purchased_beats:[text] second_factor:bool pending_email?"
#define TICKET_USER	"id:id email username"

const struct route profile_routes[] = {
	{ GET, "/api/users/{user_id}", INPUT(profile), .read = &read_profile,
	  .envelope = STATUS_DATA,
	  .answer = "user_id:id username email? roles:[text]? "
	    "preferences{notifications{enabled:bool types:[text]}}? created_at:time",
	  .summary = "An account; all of it for oneself and for admins" },
	{ GET, "/api/users/profile", INPUT(own), .read = &read_own,
	  .answer = OWN, .summary = "One's own profile" },
	{ PUT, "/api/users/profile/update", change_profile, INPUT(change),
	  .answer = OWN, .summary = "Change one's name, or one's address once it is confirmed" },
	{ GET, "/api/tickets/user/{id}", INPUT(ticket_user), .read = &read_ticket_user,
	  .owner = "id", .answer = TICKET_USER, .summary = "One's own account, as the ticket shop spells it" },
	{ GET, "/api/tickets/user", .read = &list_ticket_users,
	  .roles = ROLE_ADMIN, .answer = TICKET_USER, .summary = "All accounts" },
	{ PUT, "/api/users/{user_id}/preferences/notifications", set_preferences, INPUT(preferences),
	  .envelope = STATUS, .answer = "message",
	  .summary = "Choose which notifications to get" },
	{ 0 }
};

/* What administrators do with accounts: roles, closing one; and the log of it. */
#include <string.h>

#include "base/writer.h"
#include "events/outbox.h"
#include "http/audit.h"
#include "users.h"

#define MISSING		"There is no such user."
#define ROLES_MAX	4	/* that an administrator gives; the one of services is not given */

/* --- there is always one --- */

/* Before any lock of a row: two who take each other's role come one after the other. */
static const struct statement lock_admins = { SQL(
	select pg_advisory_xact_lock(hashtextextended('users.admins', 0)) is null as locked
) };

static const struct statement find_admins = { SQL(
	select exists (select from account where 'admin' = any (roles) and status = 'active') as found
) };

void
admins_lock(struct db *db)
{
	db_query(db, &lock_admins);
}

void
admins_check(struct db *db, struct scope *scope)
{
	struct rows *admins = db_query(db, &find_admins);

	if (rows_count(admins) == 1 && !row_bool(admins, 0, "found"))
		scope_fail(scope, 409, "last_admin", "There would be no administrator left.");
}

/* --- a change --- */

struct change {
	struct request		*rq;
	const struct statement	*statement;
	const char		*user_id;
	struct param		 wanted;
	const char		*event;		/* its type */
	struct event_member	 told;		/* beside user_id */
	struct rows		*account, *ended;
};

/*
 * The statement gives a row where there is such a user; _version is null when
 * nothing changed, so that twice is once.
 */
static void
make(void *arg)
{
	struct change *change = arg;
	struct request *rq = change->rq;

	change->ended = NULL;
	admins_lock(rq->db);
	change->account = db_query(rq->db, change->statement, p_text(change->user_id), change->wanted);
	if (rows_count(change->account) == 0) {
		scope_fail(&rq->scope, 404, "not_found", MISSING);
		return;
	}
	if (row_bool(change->account, 0, "_was_admin"))
		admins_check(rq->db, &rq->scope);
	if (row_bool(change->account, 0, "_loses"))
		change->ended = session_end_all(rq->db, change->user_id, NULL);
	if (!row_is_null(change->account, 0, "_version"))
		outbox_add(rq->db, &rq->scope, &(struct event){
			.type = change->event, .aggregate_id = change->user_id,
			.version = row_integer(change->account, 0, "_version"), .traceparent = rq->traceparent,
			.data = { { "user_id", change->user_id }, change->told },
		});
	audit_request(rq);
}

static struct reply *
reply_change(struct change *change)
{
	struct request *rq = change->rq;

	db_tx(rq->db, make, change);
	session_tell_ended(rq, change->ended);
	return reply_row(rq, change->statement, change->account, MISSING);
}

/* --- roles --- */

struct role_change {
	const char	*user_id;
	struct list	 roles;
};

static const char *
role_problem(const char *text)
{
	unsigned role = role_from_text(text);

	return role == 0 || role == ROLE_SERVICE ? "Must be user, organiser, producer or admin." : NULL;
}

static const struct field role_change_fields[] = {
	ID_FIELD(FROM_PATH, role_change, user_id, .required = true),
	TEXTS_FIELD(role_change, roles, .required = true, .max = 16, .check = role_problem),
	{ 0 }
};

/* Tokens carry roles: who loses one begins anew, who gets one has it with the next refresh. */
static const struct statement change_roles = { SQL(
	with before as (
		select user_id, username, roles, status
		  from account
		 where user_id = $1 and status <> 'erased'
		   for update
	), changed as (
		update account
		   set roles = $2::text[], version = version + 1, updated_at = now()
		  from before
		 where account.user_id = before.user_id and before.roles is distinct from $2::text[]
		returning version
	)
	select user_id, username, $2::text[] as roles,
	       not roles <@ $2::text[] as _loses,
	       status = 'active' and 'admin' = any (roles) as _was_admin,
	       (select version from changed) as _version
	  from before
) };

/* Each once, in the order of the enum; whoever has an account is a user. */
static size_t
sort_roles(const char *sorted[ROLES_MAX], const struct list *list)
{
	const char *const *wanted = list->items;
	unsigned roles = ROLE_USER;
	size_t count = 0;

	for (size_t i = 0; i < list->count; i++)
		roles |= role_from_text(wanted[i]);
	for (unsigned role = ROLE_USER; role <= ROLE_ADMIN; role <<= 1)
		if (roles & role)
			sorted[count++] = role_text(role);
	return count;
}

static struct reply *
set_roles(struct request *rq)
{
	const struct role_change *in = rq->input;
	const char *roles[ROLES_MAX];
	size_t count = sort_roles(roles, &in->roles);
	struct writer json;

	writer_begin(&json, &rq->scope, 64);
	writer_texts(&json, roles, count);
	audit_note(rq, "roles", writer_copy(&json));
	return reply_change(&(struct change){
		.rq = rq, .statement = &change_roles, .user_id = in->user_id,
		.wanted = p_texts(&rq->scope, roles, count),
		.event = "users.roles_changed", .told = { "roles", .json = writer_copy(&json) },
	});
}

/* --- closing and opening again --- */

struct status_change {
	const char	*user_id, *status, *reason;
};

static const struct field status_change_fields[] = {
	ID_FIELD(FROM_PATH, status_change, user_id, .required = true),
	TEXT_FIELD(FROM_BODY, status_change, status, .required = true, .choices = "active disabled"),
	TEXT_FIELD(FROM_BODY, status_change, reason, .required = true, .min = 1, .max = 500),
	{ 0 }
};

static const struct statement change_status = { SQL(
	with before as (
		select user_id, username, roles, status
		  from account
		 where user_id = $1 and status <> 'erased'
		   for update
	), changed as (
		update account
		   set status = $2::text, version = version + 1, updated_at = now()
		  from before
		 where account.user_id = before.user_id and before.status <> $2::text
		returning version
	)
	select user_id, username, $2::text as status,
	       $2::text = 'disabled' as _loses,
	       status = 'active' and 'admin' = any (roles) as _was_admin,
	       (select version from changed) as _version
	  from before
) };

static struct reply *
set_status(struct request *rq)
{
	const struct status_change *in = rq->input;

	if (strcmp(in->status, "disabled") == 0 && strcmp(in->user_id, rq->caller.user_id) == 0)
		return problem(rq, 409, "yourself", "Nobody closes their own account; erase it instead.");
	audit_note(rq, "status", in->status);
	audit_note(rq, "reason", in->reason);
	return reply_change(&(struct change){
		.rq = rq, .statement = &change_status, .user_id = in->user_id, .wanted = p_text(in->status),
		.event = "users.status_changed", .told = { "status", in->status },
	});
}

/* --- the log --- */

struct audit_filter {
	const char	*actor_id, *target, *from, *to;
};

static const struct field audit_filter_fields[] = {
	ID_FIELD  (FROM_QUERY, audit_filter, actor_id),
	TEXT_FIELD(FROM_QUERY, audit_filter, target, .max = 200),
	TIME_FIELD(FROM_QUERY, audit_filter, from),
	TIME_FIELD(FROM_QUERY, audit_filter, to),
	{ 0 }
};

/* The newest first. */
static const struct read list_acts = {
	.statement = { SQL(
		select id, at, actor_id, actor_name, actor_roles, action, target, status, request_id, session_id, details
		  from audit
		 where ($1::uuid is null or actor_id = $1::uuid)
		   and ($2::text is null or target @> array[$2::text])
		   and ($3::timestamptz is null or at >= $3::timestamptz)
		   and ($4::timestamptz is null or at < $4::timestamptz)
		   and id < $5
		 order by id desc
		 limit $6
	) },
	.shape = PAGE,
	.keys = (const struct page_key[]){ { "id", INTEGER, "9223372036854775807" }, { 0 } },
};

const struct route administration_routes[] = {
	{ PUT, "/api/users/{user_id}/roles", set_roles, INPUT(role_change),
	  .roles = ROLE_ADMIN, .write = SELF,
	  .answer = "user_id:id username roles:[text]",
	  .summary = "Say which roles an account has; who loses one is signed out" },
	{ PUT, "/api/users/{user_id}/status", set_status, INPUT(status_change),
	  .roles = ROLE_ADMIN, .write = SELF,
	  .answer = "user_id:id username status",
	  .summary = "Close an account, or open it again" },
	{ GET, "/api/users/audit", INPUT(audit_filter), .read = &list_acts,
	  .roles = ROLE_ADMIN,
	  .answer = "id:int at:time actor_id:id? actor_name? actor_roles:[text] action target:[text] status:int "
	    "request_id? session_id:id? details:any",
	  .summary = "What administrators and services did here, the newest first" },
	{ 0 }
};

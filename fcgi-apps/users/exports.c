/* Exports: all that the platform knows of a person, as a zip with a file of JSON per domain. */
#include <string.h>

#include "base/id.h"
#include "events/outbox.h"
#include "http/json.h"
#include "users.h"

#define MISSING		"There is no such export."
#define PART_LIMIT	(8 * 1024 * 1024)	/* bytes, as nginx has it for this path */
#define EXPORT		"export_id:id status requested_at:time ready_at:time? expires_at:time? size:int? missing:[text]"

/* --- asking for one --- */

/* Waits while the person is being erased. */
static const struct statement lock_account = { SQL(
	select user_id from account where user_id = $1 and status = 'active' for no key update
) };

static const struct statement find_latest = { SQL(
	select export_id, status, requested_at, ready_at, expires_at, size, missing,
	       ceil(extract(epoch from requested_at + interval '1 day' - now()))::int as _wait_s
	  from export
	 where user_id = $1
	   and (status = 'pending' or status = 'ready' and requested_at > now() - interval '1 day')
	 order by requested_at desc
	 limit 1
) };

static const struct statement insert_export = { SQL(
	insert into export (export_id, user_id, domains)
	values ($1, $2, string_to_array($3, ' '))
	returning export_id, status, requested_at, ready_at, expires_at, size, missing, to_json(domains)::text as _domains
) };

static struct reply *
add_export(struct request *rq)
{
	char export_id[ID_SIZE];
	struct rows *added;

	id_new(export_id);
	added = db_query(rq->db, &insert_export, p_text(export_id), p_text(rq->caller.user_id),
	    p_text(config_text(rq->state->config, "export_domains")));
	if (rows_count(added) == 1)
		outbox_add(rq->db, &rq->scope, &(struct event){
			.type = "users.export_requested", .aggregate_id = export_id, .version = 1,
			.traceparent = rq->traceparent,
			.data = {
				{ "export_id", export_id },
				{ "user_id", rq->caller.user_id },
				{ "domains", .json = row_text(added, 0, "_domains") },
			},
		});
	return reply_row(rq, &insert_export, added, MISSING);
}

/* Asked for again while one is made, it is the same; of those that are made there is one a day. */
static struct reply *
request_export(struct request *rq)
{
	struct rows *account = db_query(rq->db, &lock_account, p_text(rq->caller.user_id));
	/* After the lock: of two who ask at once the second finds what the first one asked for. */
	struct rows *latest = db_query(rq->db, &find_latest, p_text(rq->caller.user_id));

	if (!scope_failed(&rq->scope) && rows_count(account) == 0)
		return problem(rq, 403, "no_account", "Only who has an account has data to export.");
	if (rows_count(latest) == 0)
		return scope_failed(&rq->scope) ? reply_failure(rq) : add_export(rq);
	if (strcmp(row_text(latest, 0, "status"), "pending") == 0)
		return reply_row(rq, &find_latest, latest, MISSING);
	scope_fail(&rq->scope, 429, "too_many", "One export a day can be made; the last one is in the list.");
	rq->scope.failure.retry_after_s = (int)row_integer(latest, 0, "_wait_s");
	return reply_failure(rq);
}

/* --- seeing them --- */

/* One a day for a month: never many. */
static const struct read list_exports = {
	.statement = { SQL(
		select export_id, status, requested_at, ready_at, expires_at, size, missing
		  from export
		 where user_id = $1
		 order by requested_at desc
		 limit 100
	) },
	.shape = LIST,
};

struct own_export {
	const char	*export_id, *user_id;
};

static const struct field own_export_fields[] = {
	ID_FIELD(FROM_PATH, own_export, export_id, .required = true),
	ID_FIELD(FROM_CALLER, own_export, user_id),
	{ 0 }
};

static const struct read read_export = {
	.statement = { SQL(
		select export_id, status, requested_at, ready_at, expires_at, size, missing
		  from export
		 where export_id = $1 and user_id = $2
	) },
	.shape = ONE,
	.missing = MISSING,
};

static const struct statement find_archive = { SQL(
	select status, archive, to_char(ready_at, 'YYYY-MM-DD') as day
	  from export
	 where export_id = $1 and user_id = $2
) };

static struct reply *
fetch_archive(struct request *rq)
{
	const struct own_export *in = rq->input;
	struct rows *found = db_query(rq->db, &find_archive, p_text(in->export_id), p_text(in->user_id));
	const char *status;
	struct reply *re;
	const void *bytes;
	size_t size;

	if (scope_failed(&rq->scope))
		return reply_failure(rq);
	if (rows_count(found) == 0)
		return problem(rq, 404, "not_found", MISSING);
	status = row_text(found, 0, "status");
	if (strcmp(status, "pending") == 0)
		return problem(rq, 409, "not_ready", "This export is still being made.");
	if (strcmp(status, "ready") != 0)
		return problem(rq, 410, "gone", "This export is there no more; ask for another.");
	bytes = row_bytes(found, 0, "archive", &size);
	re = reply_bytes(rq, "application/zip", bytes, size);
	reply_header(rq, re, "Content-Disposition",
	    scope_printf(&rq->scope, "attachment; filename=\"marquee-%s.zip\"", row_text(found, 0, "day")));
	return re;
}

/* --- parts --- */

/* What comes twice, or after the archive is complete, is taken and not kept. */
static const struct statement insert_part = { SQL(
	with wanted as (
		select export_id, status = 'pending' or $2::text = any (missing) as is_open
		  from export
		 where export_id = $1 and $2::text = any (domains) and status in ('pending', 'ready')
		   for update
	), added as (
		insert into export_part (export_id, domain, body)
		select export_id, $2::text, $3
		  from wanted
		 where is_open
		on conflict do nothing
	)
	select export_id from wanted
) };

void
export_add_part(struct db *db, struct scope *scope, const struct export_part *part)
{
	struct rows *wanted = db_query(db, &insert_part, p_text(part->export_id), p_text(part->domain), p_text(part->body));

	if (rows_count(wanted) == 0)
		scope_fail(scope, 404, "not_found", "There is no such export that wants this part.");
}

struct delivery {
	const char	*export_id, *domain;
};

static const struct field delivery_fields[] = {
	ID_FIELD(FROM_PATH, delivery, export_id, .required = true),
	TEXT_FIELD(FROM_PATH, delivery, domain, .required = true, .max = 64),
	{ 0 }
};

static struct reply *
take_part(struct request *rq)
{
	const struct delivery *in = rq->input;
	const char *body = scope_copy(&rq->scope, rq->body != NULL ? rq->body : "", rq->body_size);
	json_t *json;

	if (strcmp(rq->caller.name, in->domain) != 0)
		return problem(rq, 403, "not_yours", "A service delivers the part of its own domain.");
	if (!json_is_type(rq->content_type))
		return problem(rq, 415, "unsupported_media_type", "The body must be application/json in UTF-8.");
	if (!json_parse(&rq->scope, body, rq->body_size, &json))
		return reply_failure(rq);
	export_add_part(rq->db, &rq->scope, &(struct export_part){ in->export_id, in->domain, body });
	return reply_message(rq, "Part taken");
}

const struct route export_routes[] = {
	{ POST, "/api/users/exports", request_export,
	  .roles = ROLE_USER, .status = 202, .answer = EXPORT,
	  .summary = "Ask for all that is known of oneself" },
	{ GET, "/api/users/exports", INPUT(own), .read = &list_exports,
	  .roles = ROLE_USER, .answer = EXPORT,
	  .summary = "One's own exports, the newest first" },
	{ GET, "/api/users/exports/{export_id}", INPUT(own_export), .read = &read_export,
	  .roles = ROLE_USER, .answer = EXPORT,
	  .summary = "How far an export is" },
	{ GET, "/api/users/exports/{export_id}/archive", fetch_archive, INPUT(own_export),
	  .roles = ROLE_USER, .type = "application/zip",
	  .summary = "The export itself: a zip with a file of JSON per domain" },
	{ PUT, "/internal/exports/{export_id}/parts/{domain}", take_part, INPUT(delivery),
	  .audience = INTERNAL, .body = RAW, .body_limit = PART_LIMIT, .answer = "message",
	  .summary = "What a domain knows of the person of an export" },
	{ 0 }
};

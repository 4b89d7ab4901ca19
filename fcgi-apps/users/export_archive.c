/* What an export is made of: users' own part, and the zip of all parts, made by a job. */
#include <string.h>
#include <zip.h>

#include "events/outbox.h"
#include "users.h"

/* --- users' own part --- */

static const struct statement find_without_own = { SQL(
	select export_id, user_id
	  from export e
	 where status = 'pending' and 'users' = any (domains)
	   and not exists (select from export_part p where p.export_id = e.export_id and p.domain = 'users')
	 order by requested_at
	 limit 1
	   for update skip locked
) };

/* Names as the API has them. What stays secret for everyone, as hashes, is not in it. */
static const struct statement write_own = { SQL(
	select json_build_object(
		'account', (
			select json_build_object('user_id', user_id, 'username', username, 'email', email, 'roles', roles,
			       'preferences', json_build_object('notifications', json_build_object(
				       'enabled', notifications_enabled, 'types', notification_types)),
			       'status', status, 'created_at', created_at, 'updated_at', updated_at)
			  from account
			 where user_id = $1::uuid),
		'sessions', (
			select coalesce(json_agg(json_build_object('session_id', session_id, 'address', host(address),
			       'user_agent', user_agent, 'device', device, 'network', network, 'place', place,
			       'created_at', created_at, 'refreshed_at', refreshed_at, 'expires_at', expires_at,
			       'ended_at', ended_at) order by created_at), '[]')
			  from session
			 where user_id = $1::uuid),
		'second_factor', exists (
			select from second_factor where user_id = $1::uuid and confirmed_at is not null),
		'new_address', (
			select email from email_change where user_id = $1::uuid and expires_at > now()),
		'mails', (
			select coalesce(json_agg(json_build_object('recipient', recipient, 'subject', subject,
			       'created_at', created_at, 'sent_at', sent_at) order by created_at), '[]')
			  from mail
			 where user_id = $1::uuid),
		'exports', (
			select coalesce(json_agg(json_build_object('export_id', export_id, 'requested_at', requested_at,
			       'ready_at', ready_at) order by requested_at), '[]')
			  from export
			 where user_id = $1::uuid),
		'acts', (
			select coalesce(json_agg(json_build_object('at', at, 'actor_id', actor_id, 'action', action,
			       'target', target, 'details', details) order by id), '[]')
			  from audit
			 where target @> array[$1::uuid::text] or actor_id = $1::uuid)
	)::text as part
) };

static bool
make_own_part(struct db *db, struct scope *scope)
{
	struct rows *found = db_query(db, &find_without_own), *part;

	if (rows_count(found) == 0)
		return false;
	part = db_query(db, &write_own, p_text(row_text(found, 0, "user_id")));
	if (rows_count(part) == 0)
		return false;
	export_add_part(db, scope, &(struct export_part){
		row_text(found, 0, "export_id"), "users", row_text(part, 0, "part"),
	});
	return true;
}

/* --- the zip --- */

static const char readme[] =
    "This is what we know of you, a file for each part of the platform.\n"
    "The files are JSON (RFC 8259), times are in UTC.\n";

struct archive {
	struct scope	*scope;
	zip_source_t	*bytes;		/* the zip as it grows, in memory */
	zip_t		*zip;
};

static bool
add_file(const struct archive *archive, const char *name, const char *text)
{
	zip_source_t *source = zip_source_buffer(archive->zip, text, strlen(text), 0);

	if (source != NULL && zip_file_add(archive->zip, name, source, ZIP_FL_ENC_UTF_8) >= 0)
		return true;
	zip_source_free(source);
	return false;
}

static bool
add_files(const struct archive *archive, const struct rows *parts, const char *missing)
{
	const char *text = *missing == '\0' ? readme :
	    scope_printf(archive->scope, "%s\nThese did not answer in time, and may follow: %s.\n", readme, missing);
	bool good = add_file(archive, "README.txt", text);

	for (int i = 0; i < rows_count(parts) && good; i++)
		good = add_file(archive, scope_printf(archive->scope, "%s.json", row_text(parts, i, "domain")),
		    row_text(parts, i, "body"));
	return good;
}

static bool
read_bytes(struct scope *scope, zip_source_t *bytes, struct param *out)
{
	zip_int64_t size = -1;
	void *raw;
	bool good = false;

	if (zip_source_open(bytes) != 0)
		return false;
	if (zip_source_seek(bytes, 0, SEEK_END) == 0 && (size = zip_source_tell(bytes)) > 0 &&
	    zip_source_seek(bytes, 0, SEEK_SET) == 0) {
		raw = scope_alloc(scope, (size_t)size);
		good = zip_source_read(bytes, raw, (zip_uint64_t)size) == size;
		*out = p_bytes(scope, raw, (size_t)size);
	}
	zip_source_close(bytes);
	return good;
}

static void
release(void *source)
{
	zip_source_free(source);
}

/* False when memory ran out. */
static bool
make_zip(struct scope *scope, const struct rows *parts, const char *missing, struct param *zip)
{
	struct archive archive = { .scope = scope, .bytes = zip_source_buffer_create(NULL, 0, 0, NULL) };

	if (archive.bytes == NULL)
		return false;
	scope_defer(scope, release, archive.bytes);
	if ((archive.zip = zip_open_from_source(archive.bytes, ZIP_TRUNCATE, NULL)) == NULL)
		return false;
	/* The archive takes a reference away when it is closed. */
	zip_source_keep(archive.bytes);
	if (!add_files(&archive, parts, missing) || zip_close(archive.zip) != 0) {
		zip_discard(archive.zip);
		return false;
	}
	return read_bytes(scope, archive.bytes, zip);
}

/* --- storing it --- */

/* All is there, or a day is over; or what was missing came later. */
static const struct statement find_due = { SQL(
	select export_id, user_id, status = 'ready' as again
	  from export e
	 where status = 'pending' and (requested_at < now() - interval '1 day' or
	       cardinality(domains) = (select count(*) from export_part p where p.export_id = e.export_id))
	    or status = 'ready' and missing <> '{}' and exists (
	       select from export_part p where p.export_id = e.export_id and p.domain = any (e.missing))
	 limit 1
	   for update skip locked
) };

static const struct statement find_parts = { SQL(
	select domain, body from export_part where export_id = $1 order by domain
) };

static const struct statement find_missing = { SQL(
	select coalesce(string_agg(domain, ' '), '') as missing
	  from (select unnest(domains) as domain from export where export_id = $1
	        except select domain from export_part where export_id = $1
	        order by domain) as lacking
) };

static const struct statement store = { SQL(
	update export
	   set status = 'ready', archive = $2::bytea, size = octet_length($2::bytea),
	       missing = string_to_array($3, ' '), version = version + 1,
	       ready_at = now(), expires_at = coalesce(expires_at, now() + interval '7 days')
	 where export_id = $1
	returning version
) };

static const struct statement delete_parts = { SQL(
	delete from export_part where export_id = $1
) };

static const struct statement give_up = { SQL(
	update export set status = 'failed', version = version + 1 where export_id = $1
) };

static void
tell(const struct app_state *st, struct db *db, struct scope *scope, const char *user_id, const char *missing)
{
	mail_add(db, scope, &(struct mail){
		.user_id = user_id,
		.is_asked_for = true,
		.subject = "Your data is ready",
		.text = scope_printf(scope,
		    "what you asked for is ready: all that we know of you, as a zip. Sign in to fetch it within seven days:\n\n"
		    "    %s\n%s",
		    st->public_url,
		    *missing == '\0' ? "" : "\nSome of it is still missing; we write again when it is there.\n"),
	});
}

static bool
make_archive(const struct app_state *st, struct db *db, struct scope *scope)
{
	struct rows *due = db_query(db, &find_due), *parts, *stored;
	const char *export_id, *missing;
	struct param zip;

	if (rows_count(due) == 0)
		return false;
	export_id = row_text(due, 0, "export_id");
	parts = db_query(db, &find_parts, p_text(export_id));
	if (!scope_failed(scope) && rows_count(parts) == 0) {
		db_query(db, &give_up, p_text(export_id));
		return true;
	}
	stored = db_query(db, &find_missing, p_text(export_id));
	if (scope_failed(scope))
		return false;
	missing = row_text(stored, 0, "missing");
	if (!make_zip(scope, parts, missing, &zip)) {
		scope_fail(scope, 503, "unavailable", "There is no memory for an archive just now.");
		return false;
	}
	stored = db_query(db, &store, p_text(export_id), zip, p_text(missing));
	if (*missing == '\0')
		db_query(db, &delete_parts, p_text(export_id));
	if (rows_count(stored) == 1)
		outbox_add(db, scope, &(struct event){
			.type = "users.export_ready", .aggregate_id = export_id,
			.version = row_integer(stored, 0, "version"),
			.data = { { "export_id", export_id }, { "user_id", row_text(due, 0, "user_id") } },
		});
	tell(st, db, scope, row_text(due, 0, "user_id"), missing);
	return true;
}

struct step {
	const struct app_state	*state;
	struct db		*db;
	struct scope		*scope;
	bool			 more;
};

static void
take_step(void *arg)
{
	struct step *step = arg;

	step->more = make_own_part(step->db, step->scope) || make_archive(step->state, step->db, step->scope);
}

bool
export_make(const struct app_state *state, struct db *db, struct scope *scope)
{
	struct step step = { state, db, scope, false };

	db_tx(db, take_step, &step);
	return step.more && !scope_failed(scope);
}

/* --- forgetting --- */

const struct statement export_expire_old = { SQL(
	with expired as (
		update export
		   set status = 'expired', archive = null, version = version + 1
		 where status = 'ready' and expires_at < now()
		returning export_id
	)
	delete from export_part
	 using expired
	 where export_part.export_id = expired.export_id
) };

const struct statement export_forget_old = { SQL(
	delete from export
	 where export_id in (
	       select export_id
	         from export
	        where status in ('expired', 'failed') and requested_at < now() - interval '30 days'
	        limit 5000)
) };

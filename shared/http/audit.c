/* The audit log: rows of the transaction that they tell of. */
#include <string.h>

#include "data/db.h"
#include "http/audit.h"
#include "http/request.h"

static const struct statement add_act = { SQL(
	insert into audit (actor_id, actor_name, actor_roles, action, target, status, request_id, session_id, details)
	values ($1, $2, $3, $4, $5, $6, nullif($7, ''), $8, $9::jsonb)
) };

static const struct statement add_act_of_verb = { SQL(
	insert into audit (actor_name, action, target, status)
	values ('marqueectl', $1, array[$2::text], 200)
) };

const struct statement audit_forget_old = { SQL(
	delete from audit
	 where id in (
	       select id
	         from audit
	        where at < now() - interval '400 days'
	        limit 5000)
) };

bool
audit_wants(const struct request *rq)
{
	return !rq->route->unaudited && request_has_role(rq, ROLE_ADMIN | ROLE_SERVICE);
}

void
audit_note(struct request *rq, const char *key, const char *text)
{
	struct writer *details = &rq->audit_details;

	if (details->length == 0) {
		writer_begin(details, &rq->scope, 128);
		writer_literal(details, "{");
	}
	writer_member(details, key, text);
}

static struct param
roles_of(struct request *rq)
{
	const char *roles[8];
	size_t count = 0;

	for (unsigned role = ROLE_USER; role <= ROLE_SERVICE; role <<= 1)
		if (request_has_role(rq, role))
			roles[count++] = role_text(role);
	return p_texts(&rq->scope, roles, count);
}

static struct param
target_of(struct request *rq)
{
	size_t count = 0, length;

	while (route_name(rq->route, count, &length) != NULL)
		count++;
	return p_texts(&rq->scope, rq->segments, count);
}

/* Closed in a copy: the transaction may run again and add to the details. */
static const char *
details_of(struct request *rq)
{
	const struct writer *details = &rq->audit_details;

	if (details->length == 0)
		return "{}";
	return scope_printf(&rq->scope, "%.*s}", (int)details->length, details->data);
}

void
audit_request(struct request *rq)
{
	const struct route *r = rq->route;
	/* Only people have the role of users; their names are theirs to take away. */
	const char *name = request_has_role(rq, ROLE_USER) ? NULL : rq->caller.name;

	if (!audit_wants(rq) || scope_failed(&rq->scope))
		return;
	db_query(rq->db, &add_act, p_text(rq->caller.user_id), p_text(name), roles_of(rq),
	    p_text(scope_printf(&rq->scope, "%s %s", method_text(r->method), r->path)), target_of(rq),
	    p_int(r->status != 0 ? r->status : 200), p_text(rq->request_id), p_text(rq->caller.session_id),
	    p_text(details_of(rq)));
	rq->audited = true;
}

void
audit_verb(struct db *db, const char *action, const char *target)
{
	db_query(db, &add_act_of_verb, p_text(action), p_text(target));
}

/* A request from its row to its reply: admission, input, transaction, answer. */
#include <string.h>
#include <strings.h>

#include "app/app.h"
#include "app/handle.h"
#include "app/pool.h"
#include "auth/revocations.h"
#include "base/config.h"
#include "base/log.h"
#include "base/scope.h"
#include "data/cache.h"
#include "data/idempotency.h"
#include "http/audit.h"
#include "http/read.h"

bool
handle_route(struct request *rq)
{
	return router_find(rq->state->router, rq);
}

/* --- admission --- */

/* A declared read that asks nothing of its caller answers everyone alike. */
static bool
wants_caller(const struct route *r)
{
	if (r->cache > 0 || r->audience == OPERATIONS || r->audience == INTERNAL_ANYONE)
		return false;
	if (r->audience != ANYONE || r->run != NULL)
		return true;
	for (const struct field *f = r->fields; f != NULL && f->name != NULL; f++)
		if (f->source >= FROM_CALLER)
			return true;
	return false;
}

static const char *
bearer(const struct request *rq)
{
	const char *header = rq->authorization;

	if (header == NULL || strncasecmp(header, "Bearer ", 7) != 0)
		return NULL;
	return header + 7 + strspn(header + 7, " ");
}

/* Sets rq->caller from the token; it stays empty when there is none of use. */
static void
identify(struct request *rq, bool verify, bool *later)
{
	const struct app_state *st = rq->state;
	const char *token = bearer(rq);
	struct caller caller;

	if (token == NULL)
		return;
	if (!token_cache_find(st->tokens, token, &caller)) {
		*later = !verify;
		if (!verify || !token_cache_verify(st->tokens, st->keys, token, &caller))
			return;
	}
	/* Which sessions have ended is not known before the first poll; they who poll cannot wait for it. */
	if (!st->pool->started && rq->route->audience != INTERNAL)
		scope_fail(&rq->scope, 503, "starting", "Who you are cannot be told yet; try again.");
	else if (!revocations_refuses(st->revoked, caller.session_id, caller.expires_s))
		rq->caller = caller;
}

bool
handle_admit(struct request *rq, bool verify, bool *later)
{
	const struct route *r = rq->route;

	*later = false;
	if (!wants_caller(r))
		return true;
	identify(rq, verify, later);
	if (*later || scope_failed(&rq->scope) || r->audience == ANYONE)
		return !*later && !scope_failed(&rq->scope);
	if (rq->caller.roles == 0)
		scope_fail(&rq->scope, 401, "sign_in", "Please sign in.");
	else if (r->audience == INTERNAL && !request_has_role(rq, ROLE_SERVICE))
		scope_fail(&rq->scope, 403, "forbidden", "This is for services only.");
	else if (r->roles != 0 && !request_has_role(rq, r->roles))
		scope_fail(&rq->scope, 403, "forbidden", "Your account may not do this.");
	return !scope_failed(&rq->scope);
}

/* --- running --- */

static struct reply *
run_read(struct request *rq, enum reads reads)
{
	const struct statement *st = &rq->route->read->statement;
	const char *values[DB_MAX_PARAMS];
	struct param params[DB_MAX_PARAMS + 1];
	struct rows *rows;
	int n = read_params(rq, values);

	for (int i = 0; i < n; i++)
		params[i] = p_text(values[i]);
	params[n] = (struct param){ .last = true };
	db_read_from(rq->db, reads);
	rows = db_query_params(rq->db, st, params);
	/* A replica may not have it yet: what is not there is asked of the primary, once. */
	if (reads == REPLICA && rq->route->read->shape == ONE && rows_count(rows) == 0 && !scope_failed(&rq->scope) &&
	    db_source_has_replica(rq->state->source))
		return run_read(rq, PRIMARY);
	return read_reply(rq, rows, scope_failed(&rq->scope) ? NULL : db_shape(rq->db, st, rows));
}

static struct reply *
replay(struct request *rq, const struct idem_answer *answer)
{
	struct reply *re = reply_bytes(rq, answer->type, answer->body, answer->size);

	re->status = answer->status;
	reply_header(rq, re, "Idempotent-Replayed", "true");
	return re;
}

/* May run more than once: nothing left this process before COMMIT was answered. */
static void
run_write(void *arg)
{
	struct request *rq = arg;
	bool keyed = rq->route->idempotent && rq->idempotency_key != NULL;
	struct idem_claim claim = {
		.user_id = rq->caller.user_id, .key = rq->idempotency_key,
		.path = rq->path, .query = rq->query, .body = rq->body, .body_size = rq->body_size,
	};
	struct idem_answer answer = { 0 };

	claim.route = scope_printf(&rq->scope, "%s %s", method_text(rq->route->method), rq->route->path);
	if (keyed)
		answer = idem_claim(rq->db, &rq->scope, &claim);
	if (scope_failed(&rq->scope))
		return;
	if (answer.status != 0) {
		rq->reply = replay(rq, &answer);
		return;
	}
	rq->reply = rq->route->run(rq);
	if (scope_failed(&rq->scope) || rq->reply->status >= 300)
		return;
	audit_request(rq);
	if (!keyed)
		return;
	answer = (struct idem_answer){ rq->reply->status, rq->reply->type, rq->reply->body, rq->reply->size };
	idem_store(rq->db, &rq->scope, &claim, &answer);
}

static void
audit_late(void *rq)
{
	audit_request(rq);
}

/* A handler with transactions of its own says in the right one what was done; for one that did not, it is said after it. */
static struct reply *
run_own_writes(struct request *rq)
{
	struct reply *re = rq->route->run(rq);

	if (scope_failed(&rq->scope) || re->status >= 300 || rq->audited || !audit_wants(rq))
		return re;
	db_tx(rq->db, audit_late, rq);
	if (scope_failed(&rq->scope))
		log_event(LOG_ERROR, "the audit log lacks what was done", LOG_TEXT("request_id", rq->request_id));
	return re;
}

static void
check_key(struct request *rq)
{
	size_t n;

	if (!(rq->route->idempotent || rq->route->id_of_key) || rq->idempotency_key == NULL)
		return;
	n = strlen(rq->idempotency_key);
	if (n == 0 || n > IDEMPOTENCY_KEY_SIZE)
		scope_bad_field(&rq->scope, "Idempotency-Key", "Must have 1 to %d characters.", IDEMPOTENCY_KEY_SIZE);
	for (const char *c = rq->idempotency_key; *c != '\0'; c++)
		if (*c < 0x21 || *c > 0x7e) {
			scope_bad_field(&rq->scope, "Idempotency-Key", "Must be printable ASCII without spaces.");
			break;
		}
}

static struct reply *
run_get(struct request *rq)
{
	const struct route *r = rq->route;

	if (r->read != NULL)
		return run_read(rq, r->reads);
	db_read_from(rq->db, r->reads);
	return r->run(rq);
}

/* An answer that somebody had computed is given again as it was; it says when that was. */
static struct reply *
remember(struct request *rq)
{
	struct cache *cache = rq->state->cache;
	const char *key = scope_printf(&rq->scope, "%s?%s", rq->path, rq->query), *body;
	struct reply *re;
	size_t size;

	if (cache_get(cache, &rq->scope, key, &body, &size))
		return reply_again(rq, body, size);
	re = run_get(rq);
	if (re->status == 200)
		cache_set(cache, key, re->body, re->size, rq->route->remember);
	return re;
}

struct reply *
handle_run(struct request *rq)
{
	const struct route *r = rq->route;

	field_bind(rq);
	check_key(rq);
	if (scope_failed(&rq->scope))
		return reply_failure(rq);
	if (r->remember > 0)
		return remember(rq);
	if (r->method == GET)
		return run_get(rq);
	db_read_from(rq->db, r->reads);
	if (r->write == SELF)
		return run_own_writes(rq);
	db_tx(rq->db, run_write, rq);
	return scope_failed(&rq->scope) ? reply_failure(rq) : rq->reply;
}

static void
handle_all(void *arg)
{
	struct request *rq = arg;
	bool later;

	if (!handle_route(rq) || !handle_admit(rq, true, &later))
		rq->reply = reply_failure(rq);
	else
		rq->reply = handle_run(rq);
}

struct reply *
app_handle(struct request *rq)
{
	rq->public_url = rq->state->public_url;
	db_attach(rq->db, &rq->scope, PRIMARY, config_integer(rq->state->config, "database_wait_ms"));
	if (!scope_run(&rq->scope, handle_all, rq))
		rq->reply = reply_out_of_memory();
	db_detach(rq->db);
	return rq->reply;
}

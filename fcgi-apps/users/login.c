/* Log-in: a password, and a second factor where there is one, for an access token and a refresh token. */
#include <string.h>
#include <time.h>

#include "auth/password.h"
#include "base/config.h"
#include "base/id.h"
#include "base/text.h"
#include "data/limits.h"
#include "devices.h"
#include "events/outbox.h"
#include "places.h"
#include "refresh_token.h"
#include "users.h"

/* Of one account from all addresses together: more than people mistype, fewer than a thousand machines would try. */
#define MOST_FAILURES	100

struct log_in {
	const char	*username, *email, *password, *code;
};

/* No rule of a good name or password is applied here: what breaks one is simply wrong. */
static const struct field log_in_fields[] = {
	TEXT_FIELD(FROM_BODY, log_in, username, .min = 1, .max = 254),
	TEXT_FIELD(FROM_BODY, log_in, email, .min = 1, .max = 254),
	TEXT_FIELD(FROM_BODY, log_in, password, .required = true, .min = 1,
	    .max = ACCOUNT_PASSWORD_MAX, .secret = true),
	TEXT_FIELD(FROM_BODY, log_in, code, .min = 1, .max = 64, .secret = true),
	{ 0 }
};

/* --- whose password it is --- */

/*
 * One row in any case, so that an unknown name is counted as it would be
 * compared, and an unknown address apart from what was shown as a name: those
 * of an account are, and nobody shall find out by it which ones there are.
 */
static const struct statement find_account = { SQL(
	select case when $2::text is null then 'username ' || lower($1::text) else 'email ' || lower($2) end as asked,
	       user_id, password_hash,
	       exists (select
	                 from session
	                where session.user_id = account.user_id and network >>= $3::inet) as is_known_here
	  from (select) as always
	  left join account
	    on (lower(username) = lower($1) or lower(email) = lower($2)) and status = 'active'
) };

struct failures {
	struct limit	 here, everywhere;
	const char	*here_key, *everywhere_key;
};

/* Of IPv6 the network that one customer gets: he has more addresses in it than could be counted. */
static struct failures
failures_of(struct request *rq, const char *user_id, const char *asked)
{
	int window_s = (int)config_integer(rq->state->config, "login_window_s");
	char network[DEVICE_NETWORK_SIZE];
	struct failures failures = {
		.here = { "log-in", (int)config_integer(rq->state->config, "login_failures"), window_s },
		.everywhere = { "log-in everywhere", MOST_FAILURES, window_s },
	};

	failures.everywhere_key = user_id != NULL ? scope_printf(&rq->scope, "account %s", user_id) : asked;
	device_network(network, rq->address, 32, 64);
	failures.here_key = scope_printf(&rq->scope, "%s %s", network, failures.everywhere_key);
	return failures;
}

/*
 * Before anything is hashed. What is refused here counts nowhere else, or one
 * address could shut out an account; and who has many shuts out nobody from
 * where the person has logged in before.
 */
static void
count(struct request *rq, const struct failures *failures, bool is_known_here)
{
	limit_count(rq->state->limits, &rq->scope, &failures->here, failures->here_key);
	if (!is_known_here && !scope_failed(&rq->scope))
		limit_count(rq->state->limits, &rq->scope, &failures->everywhere, failures->everywhere_key);
}

static void
forget(struct request *rq, const struct failures *failures)
{
	limit_clear(rq->state->limits, &failures->here, failures->here_key);
	limit_clear(rq->state->limits, &failures->everywhere, failures->everywhere_key);
}

void
login_forget_failures(struct request *rq, const char *user_id)
{
	struct failures failures = failures_of(rq, user_id, NULL);

	forget(rq, &failures);
}

/* An unknown account, a closed one and a wrong password cost and answer the same. */
static void
fail_wrong(struct scope *scope)
{
	scope_fail(scope, 401, "wrong_credentials", "The name or the password is wrong.");
}

static const char *
or_null(const char *text)
{
	return *text != '\0' ? text : NULL;
}

static struct rows *
authenticate(struct request *rq, const struct log_in *in)
{
	struct failures failures;
	char address[DEVICE_NETWORK_SIZE];
	struct rows *account;

	device_network(address, rq->address, 32, 128);
	account = db_query(rq->db, &find_account, p_text(in->username), p_text(in->email), p_text(or_null(address)));
	if (scope_failed(&rq->scope))
		return account;
	failures = failures_of(rq, row_text(account, 0, "user_id"), row_text(account, 0, "asked"));
	count(rq, &failures, row_bool(account, 0, "is_known_here"));
	if (!scope_failed(&rq->scope) && !password_matches(row_text(account, 0, "password_hash"), in->password))
		fail_wrong(&rq->scope);
	if (!scope_failed(&rq->scope))
		second_factor_check(rq, row_text(account, 0, "user_id"), in->code);
	if (!scope_failed(&rq->scope))
		forget(rq, &failures);
	return account;
}

/* --- the session --- */

/*
 * No row when the password changed or the account was closed since the hash
 * was read.  Whoever does that waits for this lock, and then finds the session
 * among those it ends.
 */
static const struct statement begin_session = { SQL(
	with holder as (
		select user_id, username, array_to_string(roles, ' ') as roles
		  from account
		 where user_id = $1 and password_hash = $2 and status = 'active'
		   for share
	), begun as (
		insert into session (session_id, user_id, refresh_hash, address, user_agent, device, network, place,
		                     expires_at)
		select $3::uuid, user_id, $4::bytea, $5::inet, left($6, 256), $7::text, $8::cidr, $9::text,
		       now() + make_interval(secs => $10)
		  from holder
	)
	select user_id, username, roles,
	       exists (select
	                 from session
	                where session.user_id = holder.user_id and device is not null)
	       and not exists (select
	                 from session
	                where session.user_id = holder.user_id and device = $7
	                  and (network is not distinct from $8 or place = $9)) as is_new_device
	  from holder
) };

struct beginning {
	struct request		*rq;
	struct rows		*account;	/* as authenticated; then as it is in the transaction */
	struct rows		*holder, *surplus;
	struct refresh_token	 refresh;
	char			 session_id[ID_SIZE];
	char			 device[DEVICE_NAME_SIZE], network[DEVICE_NETWORK_SIZE], place[PLACE_SIZE];
};

static void
announce(const struct beginning *begun)
{
	outbox_add(begun->rq->db, &begun->rq->scope, &(struct event){
		.type = "users.new_device", .aggregate_id = begun->session_id, .version = 1,
		.traceparent = begun->rq->traceparent,
		.data = {
			{ "user_id", row_text(begun->holder, 0, "user_id") },
			{ "session_id", begun->session_id },
			{ "device", begun->device },
			{ "network", or_null(begun->network) },
			{ "place", or_null(begun->place) },
		},
	});
}

static void
warn(const struct beginning *begun)
{
	struct request *rq = begun->rq;
	const char *where = *begun->place != '\0' ? begun->place : begun->network;
	char when[32];
	time_t now = time(NULL);
	struct tm utc;

	strftime(when, sizeof(when), "%Y-%m-%d %H:%M UTC", gmtime_r(&now, &utc));
	mail_add(rq->db, &rq->scope, &(struct mail){
		.user_id = row_text(begun->holder, 0, "user_id"),
		.subject = "New log-in to your account",
		.text = scope_printf(&rq->scope,
		    "somebody logged in to your account from a device that was not used for it before:\n\n"
		    "  %s\n  %s\n  %s\n\n"
		    "If it was you, there is nothing to do.\n\n"
		    "If it was not, change your password, and end the session: DELETE\n%s/api/users/sessions/%s\n",
		    begun->device, *where != '\0' ? where : "somewhere", when,
		    rq->public_url, begun->session_id),
	});
}

static void
begin(void *arg)
{
	struct beginning *b = arg;
	struct request *rq = b->rq;
	const char *user_agent = rq->user_agent;
	uint8_t hash[REFRESH_HASH_BYTES];

	if (user_agent != NULL && !text_is_utf8(user_agent, strlen(user_agent)))
		user_agent = NULL;
	refresh_token_hash(hash, &b->refresh);
	b->holder = db_query(rq->db, &begin_session, p_text(row_text(b->account, 0, "user_id")),
	    p_text(row_text(b->account, 0, "password_hash")), p_text(b->session_id), p_bytes(&rq->scope, hash, sizeof(hash)),
	    p_text(*b->network != '\0' ? rq->address : NULL), p_text(user_agent), p_text(b->device),
	    p_text(or_null(b->network)), p_text(or_null(b->place)),
	    p_int(config_integer(rq->state->config, "session_lifetime_days") * 24 * 60 * 60));
	b->surplus = session_end_surplus(rq->db, row_text(b->account, 0, "user_id"));
	if (rows_count(b->holder) == 0) {
		fail_wrong(&rq->scope);
	} else if (row_bool(b->holder, 0, "is_new_device")) {
		announce(b);
		warn(b);
	}
}

static struct reply *
log_in(struct request *rq)
{
	const struct log_in *in = rq->input;
	struct beginning b = { .rq = rq };
	char refresh_token[REFRESH_TOKEN_SIZE];
	int64_t expires_s;

	if ((in->username == NULL) == (in->email == NULL)) {
		scope_bad_field(&rq->scope, in->username == NULL ? "username" : "email",
		    "Give either this or %s.", in->username == NULL ? "email" : "username");
		return reply_failure(rq);
	}
	b.account = authenticate(rq, in);
	if (scope_failed(&rq->scope))
		return reply_failure(rq);

	id_new(b.session_id);
	refresh_token_new(&b.refresh, b.session_id);
	refresh_token_write(refresh_token, &b.refresh);
	device_name(b.device, rq->user_agent);
	device_network(b.network, rq->address, 24, 48);
	place_find(b.place, config_text(rq->state->config, "places"), rq->address);
	expires_s = tokens_expiry(rq);
	db_tx(rq->db, begin, &b);
	if (!scope_failed(&rq->scope))
		session_tell_ended(rq, b.surplus);
	return tokens_reply(rq, b.holder, b.session_id, expires_s, refresh_token);
}

#define TOKENS	"token user_id:id access_token refresh_token"

const struct route login_routes[] = {
	{ POST, "/api/users/login", log_in, INPUT(log_in),
	  .audience = ANYONE, .write = SELF, .slow = true, .envelope = STATUS, .answer = TOKENS,
	  .summary = "Log in by username or by email; with a code where there is a second factor" },
	{ POST, "/api/tickets/user/login", log_in, INPUT(log_in),
	  .audience = ANYONE, .write = SELF, .slow = true, .envelope = STATUS, .answer = TOKENS,
	  .summary = "Log in, as the ticket office spells it" },
	{ POST, "/api/beats-lab/user/login", log_in, INPUT(log_in),
	  .audience = ANYONE, .write = SELF, .slow = true, .envelope = STATUS, .answer = TOKENS,
	  .summary = "Log in, as the beats market spells it" },
	{ POST, "/api/shop/login", log_in, INPUT(log_in),
	  .audience = ANYONE, .write = SELF, .slow = true, .answer = "user_id:id access_token refresh_token",
	  .summary = "Log in, as the shop spells it" },
	{ 0 }
};

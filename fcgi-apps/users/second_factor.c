/* The second factor: codes of an authenticator, and recovery codes for the day it is lost. */
#include <string.h>

#include "base/id.h"
#include "base/writer.h"
#include "events/outbox.h"
#include "factor.h"
#include "letters.h"
#include "users.h"

#define PEOPLE	(ROLE_USER | ROLE_ORGANISER | ROLE_PRODUCER | ROLE_ADMIN)

static const struct read read_own = {
	.statement = { SQL(
		select confirmed_at is not null as enabled, confirmed_at as "confirmed_at?",
		       (select count(*) from recovery_code where user_id = $1) as recovery_codes_left
		  from account
		  left join second_factor using (user_id)
		 where user_id = $1 and status = 'active'
	) },
	.shape = ONE,
	.missing = "There is no such user.",
};

struct proof {
	const char	*password, *code;
};

#define PASSWORD_FIELD	TEXT_FIELD(FROM_BODY, proof, password, .required = true, .min = 1, .max = ACCOUNT_PASSWORD_MAX, .secret = true)
#define CODE_FIELD	TEXT_FIELD(FROM_BODY, proof, code, .required = true, .min = 1, .max = 32, .secret = true)

static const struct field password_fields[] = { PASSWORD_FIELD, { 0 } };
static const struct field code_fields[] = { CODE_FIELD, { 0 } };
static const struct field proof_fields[] = { PASSWORD_FIELD, CODE_FIELD, { 0 } };

/* --- what is told of it --- */

static void
send_mail(struct request *rq, const char *user_id, const char *subject, const char *sentence)
{
	mail_add(rq->db, &rq->scope, &(struct mail){
		.user_id = user_id, .subject = subject,
		.text = scope_printf(&rq->scope, "%s\n\nIf this was not you, change your password "
		    "and end the sessions that you do not know.\n", sentence),
	});
}

static const struct statement touch_account = { SQL(
	update account
	   set version = version + 1, updated_at = now()
	 where user_id = $1
	returning version
) };

static void
announce(struct request *rq, const char *type)
{
	const char *user_id = rq->caller.user_id;
	struct rows *account = db_query(rq->db, &touch_account, p_text(user_id));

	if (rows_count(account) > 0)
		outbox_add(rq->db, &rq->scope, &(struct event){
			.type = type, .aggregate_id = user_id, .version = row_integer(account, 0, "version"),
			.traceparent = rq->traceparent, .data = { { "user_id", user_id } },
		});
}

/* --- log-in --- */

struct check {
	struct request	*rq;
	const char	*user_id;
	struct factor	*factor;
};

static void
check(void *arg)
{
	const struct check *check = arg;
	struct request *rq = check->rq;

	if (!factor_take(rq, check->user_id, check->factor))
		scope_fail(&rq->scope, 401, "wrong_code", "This code is wrong, or was used before.");
	else if (check->factor->step == 0)
		send_mail(rq, check->user_id, "A recovery code was used",
		    "a recovery code was used to log in to your account. It is of no more use.");
}

void
second_factor_check(struct request *rq, const char *user_id, const char *code)
{
	struct factor factor;

	factor_read(rq, user_id, code, &factor);
	if (scope_failed(&rq->scope) || !factor.counts)
		return;
	if (code == NULL) {
		scope_fail(&rq->scope, 401, "second_factor_required", "A code of the second factor is needed too.");
		return;
	}
	db_tx(rq->db, check, &(struct check){ .rq = rq, .user_id = user_id, .factor = &factor });
	if (!scope_failed(&rq->scope))
		factor_forget_tries(rq, user_id);
}

/* --- begin, confirm --- */

static const struct statement find_account = { SQL(
	select username, password_hash
	  from account
	 where user_id = $1 and status = 'active'
) };

/* The caller's account, once more by its password. */
static struct rows *
authenticate(struct request *rq, const char *password)
{
	struct rows *account = db_query(rq->db, &find_account, p_text(rq->caller.user_id));

	if (rows_count(account) == 0)
		scope_fail(&rq->scope, 404, "not_found", "There is no such user.");
	else
		password_confirm(rq, row_text(account, 0, "password_hash"), password, "This is not the password.");
	return account;
}

/* One that was not confirmed is begun anew. */
static const struct statement begin_factor = { SQL(
	insert into second_factor (user_id, secret)
	values ($1, $2)
	on conflict (user_id) do update
	   set secret = excluded.secret, last_step = 0, created_at = now()
	 where second_factor.confirmed_at is null
	returning user_id
) };

struct beginning {
	struct request	*rq;
	uint8_t		 sealed[FACTOR_SEALED_BYTES];
};

static void
begin(void *arg)
{
	const struct beginning *beginning = arg;
	struct request *rq = beginning->rq;

	if (rows_count(db_query(rq->db, &begin_factor, p_text(rq->caller.user_id),
	    p_bytes(&rq->scope, beginning->sealed, sizeof(beginning->sealed)))) == 0)
		scope_fail(&rq->scope, 409, "second_factor_enabled", "There is a second factor already.");
}

static struct reply *
begin_second_factor(struct request *rq)
{
	const struct proof *in = rq->input;
	struct rows *account = authenticate(rq, in->password);
	struct beginning beginning = { .rq = rq };
	uint8_t secret[TOTP_SECRET_BYTES];
	char text[LETTERS_BASE32_SIZE(TOTP_SECRET_BYTES)];
	struct writer *answer;

	if (scope_failed(&rq->scope))
		return reply_failure(rq);
	id_random(secret, sizeof(secret));
	factor_seal(rq, rq->caller.user_id, secret, beginning.sealed);
	db_tx(rq->db, begin, &beginning);
	if (scope_failed(&rq->scope))
		return reply_failure(rq);
	letters_base32(text, secret, sizeof(secret));
	answer = reply_begin(rq);
	writer_member(answer, "secret", text);
	/* As authenticators read it; a name has no letter that an URL would escape. */
	writer_member(answer, "url", scope_printf(&rq->scope,
	    "otpauth://totp/Marquee:%s?secret=%s&issuer=Marquee&algorithm=SHA1&digits=6&period=30",
	    row_text(account, 0, "username"), text));
	return reply_end(rq, answer);
}

static struct reply *
reply_codes(struct request *rq, const struct factor_codes *codes)
{
	const char *texts[FACTOR_CODES];
	struct writer *answer;

	if (scope_failed(&rq->scope))
		return reply_failure(rq);
	for (size_t i = 0; i < FACTOR_CODES; i++)
		texts[i] = codes->text[i];
	answer = reply_begin(rq);
	writer_key(answer, "recovery_codes");
	writer_texts(answer, texts, FACTOR_CODES);
	return reply_end(rq, answer);
}

static const struct statement confirm_factor = { SQL(
	update second_factor
	   set confirmed_at = now()
	 where user_id = $1 and confirmed_at is null
	returning user_id
) };

struct change {
	struct request		*rq;
	struct factor		 factor;
	struct factor_codes	 codes;
};

static void
confirm(void *arg)
{
	const struct change *change = arg;
	struct request *rq = change->rq;
	const char *user_id = rq->caller.user_id;

	if (!factor_take(rq, user_id, &change->factor))
		scope_fail(&rq->scope, 403, "wrong_code", "This code is wrong, or was used before.");
	else if (rows_count(db_query(rq->db, &confirm_factor, p_text(user_id))) == 0)
		scope_fail(&rq->scope, 409, "second_factor_enabled", "There is a second factor already.");
	factor_codes_store(rq, user_id, &change->codes);
	announce(rq, "users.second_factor_enabled");
	send_mail(rq, user_id, "Your account has a second factor",
	    "from now on a code of your authenticator is asked for when you log in.");
}

static struct reply *
confirm_second_factor(struct request *rq)
{
	const struct proof *in = rq->input;
	struct change change = { .rq = rq };

	factor_read(rq, rq->caller.user_id, in->code, &change.factor);
	if (!change.factor.exists)
		return problem(rq, 409, "second_factor_not_begun", "There is no second factor to confirm.");
	if (change.factor.counts)
		return problem(rq, 409, "second_factor_enabled", "There is a second factor already.");
	factor_codes_new(rq, rq->caller.user_id, &change.codes);
	db_tx(rq->db, confirm, &change);
	if (!scope_failed(&rq->scope))
		factor_forget_tries(rq, rq->caller.user_id);
	return reply_codes(rq, &change.codes);
}

/* --- new codes, the end --- */

static const struct statement lock_factor = { SQL(
	select user_id
	  from second_factor
	 where user_id = $1 and confirmed_at is not null
	   for update
) };

/* The password and a code of the present factor; the transaction takes the code. False after failing the scope. */
static bool
prove(struct change *change)
{
	struct request *rq = change->rq;
	const struct proof *in = rq->input;

	authenticate(rq, in->password);
	if (scope_failed(&rq->scope))
		return false;
	factor_read(rq, rq->caller.user_id, in->code, &change->factor);
	if (!change->factor.counts)
		scope_fail(&rq->scope, 409, "second_factor_off", "There is no second factor.");
	return !scope_failed(&rq->scope);
}

static void
renew(void *arg)
{
	const struct change *change = arg;
	struct request *rq = change->rq;

	if (rows_count(db_query(rq->db, &lock_factor, p_text(rq->caller.user_id))) == 0)
		scope_fail(&rq->scope, 409, "second_factor_off", "There is no second factor.");
	else if (!factor_take(rq, rq->caller.user_id, &change->factor))
		scope_fail(&rq->scope, 403, "wrong_code", "This code is wrong, or was used before.");
	factor_codes_store(rq, rq->caller.user_id, &change->codes);
}

/* By a code too: a recovery code is one, and who has the password alone must not come to it. */
static struct reply *
renew_recovery_codes(struct request *rq)
{
	struct change change = { .rq = rq };

	if (!prove(&change))
		return reply_failure(rq);
	factor_codes_new(rq, rq->caller.user_id, &change.codes);
	db_tx(rq->db, renew, &change);
	if (!scope_failed(&rq->scope))
		factor_forget_tries(rq, rq->caller.user_id);
	return reply_codes(rq, &change.codes);
}

static const struct statement delete_factor = { SQL(
	delete from second_factor
	 where user_id = $1
) };

static void
end(void *arg)
{
	const struct change *change = arg;
	struct request *rq = change->rq;
	const char *user_id = rq->caller.user_id;

	if (!factor_take(rq, user_id, &change->factor))
		scope_fail(&rq->scope, 403, "wrong_code", "This code is wrong, or was used before.");
	db_query(rq->db, &delete_factor, p_text(user_id));
	announce(rq, "users.second_factor_disabled");
	send_mail(rq, user_id, "Your account has no second factor any more",
	    "from now on your password alone is asked for when you log in.");
}

static struct reply *
end_second_factor(struct request *rq)
{
	struct change change = { .rq = rq };

	if (!prove(&change))
		return reply_failure(rq);
	db_tx(rq->db, end, &change);
	if (!scope_failed(&rq->scope))
		factor_forget_tries(rq, rq->caller.user_id);
	return reply_message(rq, "The second factor is off");
}

#define PATH	"/api/users/second-factor"
#define TAKES(fields_of)	.fields = fields_of##_fields, .input_size = sizeof(struct proof)

const struct route second_factor_routes[] = {
	{ GET, PATH, INPUT(own), .read = &read_own, .roles = PEOPLE,
	  .answer = "enabled:bool confirmed_at:time? recovery_codes_left:int",
	  .summary = "Whether log-in asks for a code" },
	{ POST, PATH, begin_second_factor, TAKES(password), .roles = PEOPLE, .write = SELF, .slow = true,
	  .answer = "secret url", .summary = "Begin a second factor: a secret for an authenticator" },
	{ POST, PATH "/confirm", confirm_second_factor, TAKES(code), .roles = PEOPLE, .write = SELF,
	  .answer = "recovery_codes:[text]", .summary = "Confirm it by a code; from then on log-in asks for one" },
	{ POST, PATH "/recovery-codes", renew_recovery_codes, TAKES(proof), .roles = PEOPLE, .write = SELF, .slow = true,
	  .answer = "recovery_codes:[text]", .summary = "New recovery codes; the old ones are of no more use" },
	{ DELETE, PATH, end_second_factor, TAKES(proof), .roles = PEOPLE, .write = SELF, .slow = true,
	  .envelope = STATUS, .answer = "message", .summary = "End the second factor" },
	{ 0 }
};

/* Mails that another pool wants a person to get: it knows no address. */
#include "users.h"

/* Fewer than what the account itself is told by mail, so that no flood of news hides a warning. */
#define NOTICES_AN_HOUR	8

struct notice {
	const char	*user_id, *key, *subject, *text;
};

static const char *
line_problem(const char *text)
{
	for (; *text != '\0'; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			return "Must be one line.";
	return NULL;
}

static const struct field notice_fields[] = {
	ID_FIELD  (FROM_BODY, notice, user_id, .required = true),
	ID_FIELD  (FROM_BODY, notice, key, .required = true),
	TEXT_FIELD(FROM_BODY, notice, subject, .required = true, .min = 1, .max = 200, .check = line_problem),
	TEXT_FIELD(FROM_BODY, notice, text, .required = true, .min = 1, .max = 9000),
	{ 0 }
};

/* One row where there is such a person. The lock keeps two from counting the same mails. */
static const struct statement find_person = { SQL(
	select exists (select from mail where mail_id = $2) as is_known,
	       (select count(*) from mail
	         where mail.user_id = $1 and created_at > now() - interval '1 hour') >= $3 as is_enough
	  from account
	 where user_id = $1 and status = 'active'
	   for no key update
) };

/* The key is the mail's id: the same one comes once. */
static const struct statement insert_notice = { SQL(
	insert into mail (mail_id, user_id, recipient, subject, text)
	select $1, user_id, email, $3, 'Hello ' || username || ',' || repeat(chr(10), 2) || $4::text
	  from account
	 where user_id = $2
	on conflict (mail_id) do nothing
) };

static struct reply *
take_notice(struct request *rq)
{
	const struct notice *in = rq->input;
	struct rows *person = db_query(rq->db, &find_person, p_text(in->user_id), p_text(in->key), p_int(NOTICES_AN_HOUR));

	if (!scope_failed(&rq->scope) && rows_count(person) == 0)
		return problem(rq, 404, "not_found", "There is no such user.");
	if (scope_failed(&rq->scope) || row_bool(person, 0, "is_known"))
		return reply_message(rq, "Mail taken");
	if (row_bool(person, 0, "is_enough")) {
		scope_fail(&rq->scope, 429, "too_many", "So many mails an hour are enough for one person.");
		rq->scope.failure.retry_after_s = 600;
		return reply_failure(rq);
	}
	db_query(rq->db, &insert_notice, p_text(in->key), p_text(in->user_id), p_text(in->subject), p_text(in->text));
	return reply_message(rq, "Mail taken");
}

const struct route notice_routes[] = {
	{ POST, "/internal/mails", take_notice, INPUT(notice),
	  .audience = INTERNAL, .unaudited = true,
	  .answer = "message", .summary = "Send a person a mail, once for each key" },
	{ 0 }
};

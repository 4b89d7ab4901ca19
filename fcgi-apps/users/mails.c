/* Mails: written with the change that causes them, delivered by a job. */
#include "base/id.h"
#include "users.h"

static const struct statement insert_mail = { SQL(
	insert into mail (mail_id, user_id, recipient, subject, text) values ($1, $2, $3, $4, $5)
) };

void
mail_add(struct db *db, struct scope *scope, const struct mail *mail)
{
	char mail_id[ID_SIZE];

	if (scope_failed(scope))
		return;
	id_new(mail_id);
	db_query(db, &insert_mail, p_text(mail_id), p_text(mail->user_id), p_text(mail->recipient),
	    p_text(mail->subject), p_text(mail->text));
}

const struct job mail_jobs[] = {
	{ "make exports", 500, export_make },
	{ 0 }
};

/* Notifications: what a person was told, newest first, until it is read and forgotten. */
#include "base/config.h"
#include "base/text.h"
#include "notifications.h"

#define MISSING		"There is no such notification."
#define KIND_MAX	40	/* characters; the schema says the same */

/* --- telling --- */

const char *
kind_problem(const char *kind)
{
	if (*kind == '\0' || text_length(kind) > KIND_MAX)
		return "Must have 1 to 40 characters.";
	for (; *kind != '\0'; kind++)
		if ((unsigned char)*kind <= ' ' || *kind == 0x7f)
			return "Must be one word.";
	return NULL;
}

static const struct statement notify_person = { SQL(
	select notify_people(array[$1::uuid], $2, $3, '{}', null)
) };

static void
notify(struct request *rq, const char *user_id, const char *kind, const char *message)
{
	db_query(rq->db, &notify_person, p_text(user_id), p_text(kind), p_text(message));
	db_announce(rq->db);
}

struct notice {
	const char	*user_id, *message, *type;
};

static const struct field notice_fields[] = {
	ID_FIELD  (FROM_BODY, notice, user_id, .required = true),
	TEXT_FIELD(FROM_BODY, notice, message, .required = true, .min = 1, .max = 1000),
	TEXT_FIELD(FROM_BODY, notice, type, .required = true, .check = kind_problem),
	{ 0 }
};

static struct reply *
send_notification(struct request *rq)
{
	const struct notice *in = rq->input;

	notify(rq, in->user_id, in->type, in->message);
	return reply_message(rq, "Notification sent successfully");
}

/* The ticket shop knows no types: its notifications are of orders. */
struct ticket_notice {
	const char	*user_id, *message;
};

static const struct field ticket_notice_fields[] = {
	ID_FIELD  (FROM_BODY, ticket_notice, user_id, .required = true),
	TEXT_FIELD(FROM_BODY, ticket_notice, message, .required = true, .min = 1, .max = 1000),
	{ 0 }
};

static struct reply *
send_ticket_notification(struct request *rq)
{
	const struct ticket_notice *in = rq->input;
	struct writer *w;

	notify(rq, in->user_id, "payment", in->message);
	w = reply_begin(rq);
	writer_member(w, "user_id", in->user_id);
	writer_member(w, "message", in->message);
	return reply_end(rq, w);
}

/* --- reading --- */

struct filter {
	const char	*user_id;
	bool		 unread;
	const char	*kind;
};

static const struct field filter_fields[] = {
	ID_FIELD  (FROM_CALLER, filter, user_id),
	BOOL_FIELD(FROM_QUERY, filter, unread),
	TEXT_FIELD(FROM_QUERY, filter, kind, .check = kind_problem),
	{ 0 }
};

/* Ids rise with time. */
static const struct page_key newest_first[] = {
	{ "notification_id", ID, "ffffffff-ffff-ffff-ffff-ffffffffffff" },
	{ 0 }
};

static const struct read list_notifications = {
	.statement = { SQL(
		select notification_id, kind as type, message,
		       case when read_at is null then 'unread' else 'read' end as status, subject, created_at
		  from notification
		 where user_id = $1 and (not $2::boolean or read_at is null) and ($3::text is null or kind = $3)
		   and notification_id < $4
		 order by notification_id desc
		 limit $5
	) },
	.shape = PAGE,
	.keys = newest_first,
	.list = "notifications",
};

static const struct read count_unread = {
	.statement = { SQL(
		select count(*) as unread
		  from notification
		 where user_id = $1 and read_at is null
	) },
	.shape = ONE,
};

/* --- marking --- */

struct marking {
	const char	*notification_id;
};

static const struct field marking_fields[] = {
	ID_FIELD(FROM_BODY, marking, notification_id, .required = true),
	{ 0 }
};

/* Again changes nothing. */
static const struct statement mark_read = { SQL(
	update notification
	   set read_at = coalesce(read_at, now())
	 where notification_id = $1 and user_id = $2
	returning notification_id
) };

static struct reply *
mark_as_read(struct request *rq)
{
	const struct marking *in = rq->input;
	struct rows *marked = db_query(rq->db, &mark_read, p_text(in->notification_id), p_text(rq->caller.user_id));

	if (!scope_failed(&rq->scope) && rows_count(marked) == 0)
		return problem(rq, 404, "not_found", MISSING);
	return reply_message(rq, "Notification marked as read");
}

static const struct statement mark_all_read = { SQL(
	update notification
	   set read_at = now()
	 where user_id = $1 and read_at is null
) };

static struct reply *
mark_all_as_read(struct request *rq)
{
	db_query(rq->db, &mark_all_read, p_text(rq->caller.user_id));
	return reply_message(rq, "All notifications marked as read");
}

/* --- removing --- */

struct removal {
	const char	*notification_id;
};

static const struct field removal_fields[] = {
	ID_FIELD(FROM_PATH, removal, notification_id, .required = true),
	{ 0 }
};

static const struct statement delete_own = { SQL(
	delete from notification
	 where notification_id = $1 and user_id = $2
	returning notification_id
) };

static struct reply *
delete_notification(struct request *rq)
{
	const struct removal *in = rq->input;
	struct rows *deleted = db_query(rq->db, &delete_own, p_text(in->notification_id), p_text(rq->caller.user_id));

	if (!scope_failed(&rq->scope) && rows_count(deleted) == 0)
		return problem(rq, 404, "not_found", MISSING);
	return reply_message(rq, "Notification deleted");
}

static const struct statement forget_read = { SQL(
	delete from notification
	 where notification_id in (
	       select notification_id
	         from notification
	        where read_at < now() - $1 * interval '1 day'
	        limit 50000)
) };

static const struct statement forget_unread = { SQL(
	delete from notification
	 where notification_id in (
	       select notification_id
	         from notification
	        where read_at is null and created_at < now() - $1 * interval '1 day'
	        limit 50000)
) };

void
notification_forget_old(const struct app_state *st, struct db *db, struct scope *scope)
{
	(void)scope;
	db_query(db, &forget_read, p_int(config_integer(st->config, "keep_read_days")));
	db_query(db, &forget_unread, p_int(config_integer(st->config, "keep_unread_days")));
}

/* --- the table --- */

#define TELLERS	(ROLE_SERVICE | ROLE_ADMIN)

const struct route notification_routes[] = {
	{ POST, "/api/notifications", send_notification, INPUT(notice),
	  .roles = TELLERS, .idempotent = true, .envelope = STATUS,
	  .answer = "message", .summary = "Tell a person something, unless that type is not wanted" },
	{ POST, "/api/tickets/notification", send_ticket_notification, INPUT(ticket_notice),
	  .roles = TELLERS, .idempotent = true,
	  .answer = "user_id:id message", .summary = "The same, as the ticket shop spells it" },
	{ GET, "/api/notifications", INPUT(filter), .read = &list_notifications,
	  .answer = "user_id:id notifications[notification_id:id type message status subject:any created_at:time]",
	  .summary = "What one was told, the newest first; perhaps only what is unread, or of a kind" },
	{ GET, "/api/notifications/unread-count", INPUT(own), .read = &count_unread,
	  .answer = "unread:int", .summary = "How much of it is unread" },
	{ POST, "/api/notifications/mark-as-read", mark_as_read, INPUT(marking),
	  .envelope = STATUS, .answer = "message", .summary = "Mark a notification as read" },
	{ POST, "/api/notifications/mark-all-as-read", mark_all_as_read,
	  .envelope = STATUS, .answer = "message", .summary = "Mark all of them as read" },
	{ DELETE, "/api/notifications/{notification_id}", delete_notification, INPUT(removal),
	  .envelope = STATUS, .answer = "message", .summary = "Delete a notification" },
	{ 0 }
};

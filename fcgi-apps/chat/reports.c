/* Reports: a message that somebody minds, and an administrator who settles it. */
#include "chat.h"
#include "data/limits.h"

static const struct limit report_limit = { "reports", 20, 3600 };

struct complaint {
	const char	*chatroom_id, *message_id, *reason;
};

static const struct field complaint_fields[] = {
	ID_FIELD  (FROM_PATH, complaint, chatroom_id, .required = true),
	ID_FIELD  (FROM_PATH, complaint, message_id, .required = true),
	TEXT_FIELD(FROM_BODY, complaint, reason, .max = 500),
	{ 0 }
};

/* Once for each person, so that it may run twice. */
static const struct statement add_report = { SQL(
	insert into report (message_id, user_id, reason)
	select message_id, $3, coalesce($4, '')
	  from room_message
	 where may_read_room($2, $3, false) and message_id = $1 and chatroom_id = $2 and deleted_at is null
	on conflict (message_id, user_id) do update set reason = excluded.reason
	returning report_id, message_id, reason, created_at
) };

static struct reply *
report_message(struct request *rq)
{
	const struct complaint *in = rq->input;

	limit_count(rq->state->limits, &rq->scope, &report_limit, rq->caller.user_id);
	return reply_row(rq, &add_report, db_change(rq->db, &add_report, p_text(in->message_id), p_text(in->chatroom_id),
	    p_text(rq->caller.user_id), p_text(in->reason)), "There is no such message.");
}

static const struct page_key report_order[] = {
	{ "report_id", ID, "00000000-0000-0000-0000-000000000000" },
	{ 0 }
};

/* A message that its author took back shows here as long as its row is kept. */
static const struct read list_reports = {
	.statement = { SQL(
		select report_id, m.chatroom_id, m.message_id, m.user_id as author_id, name_of(m.user_id) as author, m.content,
		       m.deleted_at is not null as deleted, r.user_id as reporter_id, r.reason, r.created_at
		  from report r
		  join room_message m on m.message_id = r.message_id
		 where settled_at is null and report_id > $1
		 order by report_id
		 limit $2
	) },
	.shape = PAGE,
	.keys = report_order,
};

struct report_ref {
	const char	*report_id;
};

static const struct field report_ref_fields[] = {
	ID_FIELD(FROM_PATH, report_ref, report_id, .required = true),
	{ 0 }
};

static const struct statement settle = { SQL(
	update report
	   set settled_at = now()
	 where report_id = $1 and settled_at is null
	returning report_id
) };

static struct reply *
settle_report(struct request *rq)
{
	const struct report_ref *in = rq->input;
	struct rows *settled = db_query(rq->db, &settle, p_text(in->report_id));

	if (rows_count(settled) == 0 && !scope_failed(&rq->scope))
		return problem(rq, 404, "not_found", "There is no such report to settle.");
	return reply_message(rq, "Settled");
}

const struct route report_routes[] = {
	{ POST, "/api/sports/chatrooms/{chatroom_id}/messages/{message_id}/reports", report_message, INPUT(complaint),
	  .write = SELF, .envelope = STATUS_DATA, .status = 201,
	  .answer = "report_id:id message_id:id reason created_at:time", .summary = "Tell administrators of a message" },
	{ GET, "/api/sports/chatrooms/reports", .read = &list_reports,
	  .roles = ROLE_ADMIN, .envelope = STATUS_DATA,
	  .answer = "report_id:id chatroom_id:id message_id:id author_id:id author content deleted:bool reporter_id:id reason "
	    "created_at:time",
	  .summary = "Reports that wait to be settled" },
	{ DELETE, "/api/sports/chatrooms/reports/{report_id}", settle_report, INPUT(report_ref),
	  .roles = ROLE_ADMIN, .envelope = STATUS, .answer = "message", .summary = "Settle a report" },
	{ 0 }
};

/* The audit log: an act and its row are there together, or neither is. */
#include "base/scope.h"
#include "harness.h"
#include "http/audit.h"
#include "suites.h"

#define BODY	"{\"note_id\":\"018f0000-0000-7000-8000-000000000001\"}"

struct note {
	const char	*note_id;
};

static const struct field note_fields[] = {
	ID_FIELD(FROM_BODY, note, note_id, .required = true),
	{ 0 }
};

static long before;

static const struct statement add_note = { SQL(
	insert into note (note_id, user_id, text) values ($1::uuid, $2::uuid, 'of the log')
) };

static void
add(void *arg)
{
	struct request *rq = arg;
	const struct note *in = rq->input;

	db_query(rq->db, &add_note, p_text(in->note_id), p_text(rq->caller.user_id));
	audit_note(rq, "why", "a \"quoted\" reason");
}

static void
add_and_tell(void *arg)
{
	add(arg);
	audit_request(arg);
}

static void
add_tell_and_fail(void *arg)
{
	struct request *rq = arg;

	add_and_tell(rq);
	scope_fail(&rq->scope, 409, "no", "Not today.");
}

static struct reply *
write_in_theirs(struct request *rq)
{
	add(rq);
	return reply_message(rq, "done");
}

static struct reply *
write_and_refuse(struct request *rq)
{
	add(rq);
	return problem(rq, 409, "no", "Not today.");
}

static struct reply *
write_in_ones_own(struct request *rq)
{
	db_tx(rq->db, add_and_tell, rq);
	return reply_message(rq, "done");
}

static struct reply *
write_and_keep_quiet(struct request *rq)
{
	db_tx(rq->db, add, rq);
	return reply_message(rq, "done");
}

static struct reply *
fail_after_the_row(struct request *rq)
{
	db_tx(rq->db, add_tell_and_fail, rq);
	return reply_message(rq, "done");
}

static const struct route rows[] = {
	{ POST, "/t/tx", write_in_theirs, INPUT(note), .idempotent = true, .status = 201, .summary = "A TX" },
	{ POST, "/t/refused", write_and_refuse, INPUT(note), .summary = "A TX that is refused" },
	{ POST, "/t/unaudited", write_in_theirs, INPUT(note), .unaudited = true, .summary = "A TX that is left out" },
	{ POST, "/t/own", write_in_ones_own, INPUT(note), .write = SELF, .summary = "A SELF that tells" },
	{ POST, "/t/quiet", write_and_keep_quiet, INPUT(note), .write = SELF, .summary = "A SELF that does not" },
	{ POST, "/t/failed", fail_after_the_row, INPUT(note), .write = SELF, .summary = "A SELF that is undone" },
	{ 0 }
};

static void
begin(void)
{
	harness_begin(rows, NULL);
}

/* Nothing is removed from the log, so what is new is counted. */
static void
clean(void)
{
	harness_run("delete from note; delete from idempotency");
	before = harness_number("select coalesce(max(id), 0) from audit");
}

static int
post(const char *path, unsigned roles, const char *key)
{
	return harness_ask(POST, path, BODY, ALICE, roles, key)->status;
}

static long
acts(void)
{
	char sql[128];

	snprintf(sql, sizeof(sql), "select count(*) from audit where id > %ld", before);
	return harness_number(sql);
}

START_TEST(an_act_and_its_row_come_together)
{
	ck_assert_int_eq(post("/t/tx", ROLE_ADMIN, NULL), 201);
	ck_assert_int_eq(acts(), 1);
	ck_assert_int_eq(harness_number("select count(*) from audit where id = (select max(id) from audit) and "
	    "actor_id = '" ALICE "' and actor_name = 'someone' and actor_roles = '{admin}' and action = 'POST /t/tx' and "
	    "target = '{}' and status = 201 and request_id = 'test' and details = '{\"why\": \"a \\\"quoted\\\" reason\"}'"), 1);
}
END_TEST

START_TEST(what_is_rolled_back_leaves_no_row)
{
	ck_assert_int_eq(post("/t/refused", ROLE_ADMIN, NULL), 409);
	ck_assert_int_eq(post("/t/failed", ROLE_ADMIN, NULL), 409);
	ck_assert_int_eq(harness_number("select count(*) from note"), 0);
	ck_assert_int_eq(acts(), 0);
}
END_TEST

START_TEST(a_repeat_of_a_key_is_no_second_act)
{
	ck_assert_int_eq(post("/t/tx", ROLE_SERVICE, "key-1"), 201);
	ck_assert_int_eq(post("/t/tx", ROLE_SERVICE, "key-1"), 201);
	ck_assert_int_eq(acts(), 1);
}
END_TEST

START_TEST(a_row_without_audit_and_a_person_leave_none)
{
	ck_assert_int_eq(post("/t/unaudited", ROLE_SERVICE, NULL), 200);
	harness_run("delete from note");
	ck_assert_int_eq(post("/t/tx", ROLE_USER, NULL), 201);
	ck_assert_int_eq(acts(), 0);
}
END_TEST

START_TEST(a_name_of_a_person_is_not_kept)
{
	ck_assert_int_eq(post("/t/tx", ROLE_USER | ROLE_ADMIN, NULL), 201);
	ck_assert_int_eq(harness_number("select count(*) from audit where id = (select max(id) from audit) and "
	    "actor_name is null"), 1);
}
END_TEST

START_TEST(a_handler_with_its_own_transaction_has_one_row_told_or_not)
{
	ck_assert_int_eq(post("/t/own", ROLE_ADMIN, NULL), 200);
	ck_assert_int_eq(acts(), 1);
	harness_run("delete from note");
	ck_assert_int_eq(post("/t/quiet", ROLE_ADMIN, NULL), 200);
	ck_assert_int_eq(acts(), 2);
}
END_TEST

Suite *
audit_suite(void)
{
	Suite *s = suite_create("audit");
	TCase *c = tcase_create("audit");

	tcase_add_unchecked_fixture(c, begin, harness_end);
	tcase_add_checked_fixture(c, clean, clean);
	tcase_add_test(c, an_act_and_its_row_come_together);
	tcase_add_test(c, what_is_rolled_back_leaves_no_row);
	tcase_add_test(c, a_repeat_of_a_key_is_no_second_act);
	tcase_add_test(c, a_row_without_audit_and_a_person_leave_none);
	tcase_add_test(c, a_name_of_a_person_is_not_kept);
	tcase_add_test(c, a_handler_with_its_own_transaction_has_one_row_told_or_not);
	suite_add_tcase(s, c);
	return s;
}

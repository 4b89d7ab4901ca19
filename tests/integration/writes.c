/* Writes: all of it or nothing, once, whatever happens on the way. */
#include <stdio.h>
#include <string.h>

#include "base/scope.h"
#include "harness.h"
#include "suites.h"

struct note {
	const char	*note_id, *text;
};

static const struct field note_fields[] = {
	ID_FIELD(FROM_BODY, note, note_id, .required = true),
	TEXT_FIELD(FROM_BODY, note, text, .required = true),
	{ 0 }
};

static const struct constraint constraints[] = {
	{ "note_pkey", 409, "note_exists", "note_id", "There is a note with this id." },
	{ NULL }
};

static int runs;
static char victim[256];	/* statement of another connection, run in the first try of the handler */

static const struct statement add_note = { SQL(
	insert into note (note_id, user_id, text) values ($1::uuid, $2::uuid, $3)
	returning note_id, text, pg_backend_pid() as _pid
) };

static struct reply *
write_note(struct request *rq)
{
	const struct note *in = rq->input;
	struct rows *added = db_query(rq->db, &add_note, p_text(in->note_id), p_text(rq->caller.user_id), p_text(in->text));

	runs++;
	if (runs == 1 && *victim != '\0' && rows_count(added) == 1) {
		char sql[300];

		snprintf(sql, sizeof(sql), victim, (int)row_integer(added, 0, "_pid"));
		harness_run(sql);
	}
	/* Sees whether the connection is still there. */
	db_query(rq->db, &add_note, p_text("018f0000-0000-7000-8000-0000000000ff"), p_text(ALICE), p_text("companion"));
	return reply_row(rq, &add_note, added, NULL);
}

static struct reply *
write_and_refuse(struct request *rq)
{
	const struct note *in = rq->input;

	db_query(rq->db, &add_note, p_text(in->note_id), p_text(rq->caller.user_id), p_text(in->text));
	return problem(rq, 409, "no", "Not today.");
}

static struct reply *
write_in_a_get(struct request *rq)
{
	db_query(rq->db, &add_note, p_text("018f0000-0000-7000-8000-000000000001"), p_text(ALICE), p_text("sly"));
	return reply_message(rq, "done");
}

static const struct statement own_pid = { SQL(select pg_backend_pid() as pid) };

static struct reply *
show_pid(struct request *rq)
{
	return reply_row(rq, &own_pid, db_query(rq->db, &own_pid), NULL);
}

/* As a transaction of its own, in one round trip. */
static const struct statement put_note = { SQL(
	insert into note (note_id, user_id, text) values ($1::uuid, $2::uuid, $3)
	on conflict (note_id) do update set text = excluded.text
	  where note.text <> 'fixed'
	returning note_id, text, pg_backend_pid() as pid
) };

static struct reply *
put_alone(struct request *rq)
{
	const struct note *in = rq->input;

	return reply_row(rq, &put_note,
	    db_change(rq->db, &put_note, p_text(in->note_id), p_text(rq->caller.user_id), p_text(in->text)), "Fixed.");
}

static struct reply *
write_alone(struct request *rq)
{
	const struct note *in = rq->input;

	return reply_row(rq, &add_note,
	    db_change(rq->db, &add_note, p_text(in->note_id), p_text(rq->caller.user_id), p_text(in->text)), NULL);
}

static const struct route rows[] = {
	{ PUT, "/t/alone", put_alone, INPUT(note), .write = SELF, .summary = "A row, in one round trip" },
	{ POST, "/t/alone", write_alone, INPUT(note), .write = SELF, .summary = "A row that may be there" },
	{ POST, "/t/notes", write_note, INPUT(note), .idempotent = true, .status = 201, .summary = "Two rows at once" },
	{ POST, "/t/refusals", write_and_refuse, INPUT(note), .idempotent = true, .summary = "A row, then no" },
	{ GET, "/t/sly", write_in_a_get, .audience = ANYONE, .summary = "A GET that writes" },
	{ GET, "/t/pid", show_pid, .audience = ANYONE, .summary = "The backend" },
	{ 0 }
};

#define NOTE_1	"{\"note_id\":\"018f0000-0000-7000-8000-000000000001\",\"text\":\"one\"}"
#define NOTE_2	"{\"note_id\":\"018f0000-0000-7000-8000-000000000002\",\"text\":\"two\"}"

static void
begin(void)
{
	harness_begin(rows, constraints);
}

static void
clean(void)
{
	runs = 0;
	*victim = '\0';
	harness_run("delete from note; delete from idempotency");
}

static const struct answer *
post(const char *path, const char *body, const char *key)
{
	return harness_ask(POST, path, body, ALICE, ROLE_USER, key);
}

static long
notes(void)
{
	return harness_number("select count(*) from note");
}

START_TEST(a_write_is_all_or_nothing)
{
	ck_assert_int_eq(post("/t/refusals", NOTE_1, NULL)->status, 409);
	ck_assert_int_eq(notes(), 0);
	ck_assert_int_eq(post("/t/notes", NOTE_1, NULL)->status, 201);
	ck_assert_int_eq(notes(), 2);
}
END_TEST

START_TEST(a_breach_of_a_constraint_is_told_by_its_sentence_and_field)
{
	const struct answer *a;

	harness_run("insert into note values ('018f0000-0000-7000-8000-000000000001', '" ALICE "', 'first')");
	a = post("/t/notes", NOTE_1, NULL);
	ck_assert_int_eq(a->status, 409);
	ck_assert_ptr_nonnull(strstr(a->body, "\"code\":\"note_exists\""));
	ck_assert_ptr_nonnull(strstr(a->body, "\"field\":\"note_id\""));
	ck_assert_int_eq(notes(), 1);
}
END_TEST

START_TEST(a_key_used_again_gives_the_same_bytes_and_changes_nothing)
{
	char first[65536];
	const struct answer *a = post("/t/notes", NOTE_1, "key-1");

	ck_assert_int_eq(a->status, 201);
	ck_assert_str_eq(a->replayed, "");
	snprintf(first, sizeof(first), "%s", a->body);
	a = post("/t/notes", NOTE_1, "key-1");
	ck_assert_int_eq(a->status, 201);
	ck_assert_str_eq(a->body, first);
	ck_assert_str_eq(a->replayed, "true");
	ck_assert_int_eq(runs, 1);
	ck_assert_int_eq(notes(), 2);
}
END_TEST

START_TEST(a_key_of_one_user_means_nothing_to_another)
{
	ck_assert_int_eq(post("/t/notes", NOTE_1, "key-1")->status, 201);
	ck_assert_int_eq(harness_ask(POST, "/t/notes", NOTE_1, BOB, ROLE_USER, "key-1")->status, 409);
	ck_assert_int_eq(runs, 2);
}
END_TEST

START_TEST(a_key_used_for_something_else_is_refused)
{
	const struct answer *a;

	ck_assert_int_eq(post("/t/notes", NOTE_1, "key-1")->status, 201);
	a = post("/t/notes", NOTE_2, "key-1");
	ck_assert_int_eq(a->status, 422);
	ck_assert_ptr_nonnull(strstr(a->body, "idempotency_key_reused"));
	ck_assert_int_eq(notes(), 2);
}
END_TEST

START_TEST(a_refusal_is_not_kept_under_its_key)
{
	ck_assert_int_eq(post("/t/refusals", NOTE_1, "key-1")->status, 409);
	ck_assert_int_eq(harness_number("select count(*) from idempotency"), 0);
}
END_TEST

START_TEST(a_twin_in_flight_is_told_to_wait)
{
	PGconn *other = harness_other();
	const struct answer *a;

	PQclear(PQexec(other, "begin; select pg_advisory_xact_lock(hashtextextended('" ALICE " POST /t/notes key-1', 0))"));
	a = post("/t/notes", NOTE_1, "key-1");
	ck_assert_int_eq(a->status, 409);
	ck_assert_str_eq(a->retry_after, "1");
	PQfinish(other);
	ck_assert_int_eq(runs, 0);
	ck_assert_int_eq(notes(), 0);
}
END_TEST

START_TEST(a_key_that_no_header_should_carry_is_refused_by_name)
{
	const struct answer *a = post("/t/notes", NOTE_1, "a key");

	ck_assert_int_eq(a->status, 422);
	ck_assert_ptr_nonnull(strstr(a->body, "Idempotency-Key"));
}
END_TEST

START_TEST(a_connection_killed_inside_a_transaction_is_made_good)
{
	snprintf(victim, sizeof(victim), "select pg_terminate_backend(%%d, 2000)");
	ck_assert_int_eq(post("/t/notes", NOTE_1, NULL)->status, 201);
	ck_assert_int_eq(runs, 2);
	ck_assert_int_eq(notes(), 2);
}
END_TEST

START_TEST(a_connection_killed_while_idle_is_not_noticed)
{
	const struct answer *a = harness_ask(GET, "/t/pid", NULL, NULL, 0, NULL);
	char sql[128];
	int pid, other;

	ck_assert_int_eq(a->status, 200);
	ck_assert_int_eq(sscanf(a->body, "{\"pid\":%d}", &pid), 1);
	snprintf(sql, sizeof(sql), "select pg_terminate_backend(%d, 2000)", pid);
	harness_run(sql);
	a = harness_ask(GET, "/t/pid", NULL, NULL, 0, NULL);
	ck_assert_int_eq(a->status, 200);
	ck_assert_int_eq(sscanf(a->body, "{\"pid\":%d}", &other), 1);
	ck_assert_int_ne(other, pid);
}
END_TEST

START_TEST(a_get_cannot_write)
{
	ck_assert_int_ge(harness_ask(GET, "/t/sly", NULL, NULL, 0, NULL)->status, 500);
	ck_assert_int_eq(notes(), 0);
}
END_TEST

START_TEST(a_change_of_one_statement_is_there_when_it_is_answered)
{
	ck_assert_int_eq(harness_ask(PUT, "/t/alone", NOTE_1, ALICE, ROLE_USER, NULL)->status, 200);
	ck_assert_int_eq(notes(), 1);
	ck_assert_int_eq(post("/t/alone", NOTE_1, NULL)->status, 409);
	ck_assert_int_eq(post("/t/alone", NOTE_2, NULL)->status, 200);
	ck_assert_int_eq(notes(), 2);
}
END_TEST

START_TEST(a_change_of_one_statement_is_asked_again_when_its_connection_was_killed)
{
	const struct answer *a;
	char sql[128];
	int pid;

	a = harness_ask(PUT, "/t/alone", NOTE_1, ALICE, ROLE_USER, NULL);
	ck_assert_ptr_nonnull(strstr(a->body, "\"pid\":"));
	ck_assert_int_eq(sscanf(strstr(a->body, "\"pid\":"), "\"pid\":%d", &pid), 1);
	snprintf(sql, sizeof(sql), "select pg_terminate_backend(%d, 2000)", pid);
	harness_run(sql);
	ck_assert_int_eq(harness_ask(PUT, "/t/alone", NOTE_2, ALICE, ROLE_USER, NULL)->status, 200);
	ck_assert_int_eq(notes(), 2);
}
END_TEST

Suite *
writes_suite(void)
{
	Suite *s = suite_create("writes");
	TCase *c = tcase_create("writes");

	tcase_add_unchecked_fixture(c, begin, harness_end);
	tcase_add_checked_fixture(c, clean, clean);
	tcase_add_test(c, a_write_is_all_or_nothing);
	tcase_add_test(c, a_breach_of_a_constraint_is_told_by_its_sentence_and_field);
	tcase_add_test(c, a_key_used_again_gives_the_same_bytes_and_changes_nothing);
	tcase_add_test(c, a_key_of_one_user_means_nothing_to_another);
	tcase_add_test(c, a_key_used_for_something_else_is_refused);
	tcase_add_test(c, a_refusal_is_not_kept_under_its_key);
	tcase_add_test(c, a_twin_in_flight_is_told_to_wait);
	tcase_add_test(c, a_key_that_no_header_should_carry_is_refused_by_name);
	tcase_add_test(c, a_connection_killed_inside_a_transaction_is_made_good);
	tcase_add_test(c, a_connection_killed_while_idle_is_not_noticed);
	tcase_add_test(c, a_get_cannot_write);
	tcase_add_test(c, a_change_of_one_statement_is_there_when_it_is_answered);
	tcase_add_test(c, a_change_of_one_statement_is_asked_again_when_its_connection_was_killed);
	suite_add_tcase(s, c);
	return s;
}

/*
 * Memory and I/O that fail in the middle of a request: the answer is a clean
 * one, the next request is fine, and what was answered as done is there.
 * Runs under fiu-run -x, which puts its points of failure into libc.
 */
#include <err.h>
#include <fiu-control.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/scope.h"
#include "harness.h"

struct note {
	const char	*text;
};

static const struct field note_fields[] = {
	TEXT_FIELD(FROM_BODY, note, text, .required = true),
	{ 0 }
};

static const struct statement add_note = { SQL(
	insert into note (note_id, user_id, text) values (gen_random_uuid(), $1::uuid, $2)
	returning note_id, text, repeat('x', 30000) as padding
) };

static struct reply *
write_note(struct request *rq)
{
	const struct note *in = rq->input;

	return reply_row(rq, &add_note, db_query(rq->db, &add_note, p_text(rq->caller.user_id), p_text(in->text)), NULL);
}

static const struct route rows[] = {
	{ POST, "/t/notes", write_note, INPUT(note), .idempotent = true, .status = 201, .summary = "A row" },
	{ 0 }
};

/* With a key of its own, so that memory may run out after the handler too, when the answer is kept. */
static const struct answer *
post(void)
{
	static int count;
	char key[32];

	snprintf(key, sizeof(key), "key-%d", count++);
	return harness_ask(POST, "/t/notes", "{\"text\":\"one\"}", ALICE, ROLE_USER, key);
}

/* A server that was silent once is left alone for a quarter of a second; after that all is well. */
static void
next_is_fine(const char *point)
{
	int64_t until_ms = clock_ms() + 2000;
	const struct answer *a;

	while ((a = post())->status != 201)
		if (clock_ms() > until_ms)
			errx(1, "%s: the next request is not fine: %d %s", point, a->status, a->body);
}

/* One point of failure: of every answer we know what it means. */
static void
try_point(const char *point, double probability, int rounds)
{
	int done = 0, refused = 0, unknown = 0;
	long kept;

	harness_run("delete from note");
	for (int i = 0; i < rounds; i++) {
		const struct answer *a;

		fiu_enable_random(point, 1, NULL, 0, (float)probability);
		a = post();
		fiu_disable(point);
		if (a->status == 201)
			done++;
		else if (a->status == 409)	/* the backend of a lost try still holds the key */
			refused++;
		else if (a->status < 500)
			errx(1, "%s: answered %d %s", point, a->status, a->body);
		else if (strstr(a->body, "outcome_unknown") != NULL)
			unknown++;
		else
			refused++;
		next_is_fine(point);
	}
	kept = harness_number("select count(*) from note") - rounds;
	printf("%s: %d done, %d refused, %d unknown; %ld rows\n", point, done, refused, unknown, kept);
	if (kept < done || kept > done + unknown)
		errx(1, "%s: %ld rows for %d answers", point, kept, done);
	if (refused + unknown == 0)
		errx(1, "%s: nothing failed", point);
}

int
main(void)
{
	harness_begin(rows, NULL);
	harness_run("delete from idempotency");
	if (post()->status != 201)
		errx(2, "the stack does not answer");
	try_point("libc/mm/malloc", 0.05, 400);
	try_point("posix/io/net/poll", 0.2, 100);
	try_point("posix/io/net/send", 0.2, 40);
	try_point("posix/io/net/recv", 0.2, 100);
	harness_run("delete from note");
	harness_end();
	return 0;
}

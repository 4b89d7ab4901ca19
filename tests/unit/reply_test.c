/* Replies: their envelopes, when they were read, and the tag by which they are known again. */
#include <string.h>

#include "fake.h"
#include "http/reply.h"
#include "http/request.h"
#include "unit.h"

#define DATA	"\"data\":{\"goals\":4}}"

static struct reply *
run(struct request *rq)
{
	(void)rq;
	return NULL;
}

static const struct route kept = { GET, "/kept", run, .audience = ANYONE, .cache = 1, .envelope = STATUS_DATA, .summary = "s" };
static const struct route fresh = { GET, "/fresh", run, .audience = ANYONE, .envelope = STATUS_DATA, .summary = "s" };
static const struct route bare = { GET, "/bare", run, .audience = ANYONE, .cache = 1, .summary = "s" };

struct chat {
	const char	*chat_id;
};

static const struct field chat_fields[] = {
	ID_FIELD(FROM_PATH, chat, chat_id, .required = true),
	{ 0 }
};

static const struct read messages = { { "select 1" }, .shape = LIST, .list = "messages" };
static const struct route called = { GET, "/chats/{chat_id}", INPUT(chat), .read = &messages, .summary = "s" };

static struct request rq;

static const struct reply *
answer(const struct route *row, int goals)
{
	struct writer *w;

	rq.route = row;
	w = reply_begin(&rq);
	writer_key(w, "goals");
	writer_integer(w, goals);
	return reply_end(&rq, w);
}

static const char *
body_of(const struct reply *re)
{
	return scope_copy(&rq.scope, re->body, re->size);
}

static const char *
tag_of(const struct reply *re)
{
	char tag[REPLY_TAG_SIZE];

	reply_tag(re, tag);
	return scope_printf(&rq.scope, "%s", tag);
}

START_TEST(what_is_kept_says_when_it_was_read)
{
	const struct reply *re = answer(&kept, 4);
	const char *body = body_of(re);

	/* A Z after the milliseconds, and then the data. */
	ck_assert_msg(strncmp(body, "{\"status\":\"success\",\"as_of\":\"20", 31) == 0, "%s", body);
	ck_assert_str_eq(body + 52, "Z\"," DATA);
	ck_assert_str_eq(body + re->data_at, DATA);
	scope_free(&rq.scope);
}
END_TEST

START_TEST(what_is_read_anew_each_time_does_not)
{
	const struct reply *re = answer(&fresh, 4);

	ck_assert_str_eq(body_of(re), "{\"status\":\"success\"," DATA);
	ck_assert_uint_eq(re->data_at, 0);
	ck_assert_str_eq(body_of(answer(&bare, 4)), "{\"goals\":4}");
	scope_free(&rq.scope);
}
END_TEST

START_TEST(the_same_data_read_later_have_the_same_weak_tag)
{
	const char *body = body_of(answer(&kept, 4)), *tag = tag_of(answer(&kept, 4));

	ck_assert_msg(strncmp(tag, "W/\"", 3) == 0 && strlen(tag) == 36, "%s", tag);
	fake_clock_ahead(60);
	ck_assert_str_ne(body_of(answer(&kept, 4)), body);
	ck_assert_str_eq(tag_of(answer(&kept, 4)), tag);
	ck_assert_str_ne(tag_of(answer(&kept, 5)), tag);
	scope_free(&rq.scope);
}
END_TEST

START_TEST(a_body_that_is_all_data_has_a_strong_tag)
{
	const char *tag = tag_of(answer(&bare, 4));

	ck_assert_msg(tag[0] == '"' && strlen(tag) == 34, "%s", tag);
	ck_assert_str_eq(tag_of(answer(&bare, 4)), tag);
	ck_assert_str_ne(tag_of(answer(&bare, 5)), tag);
	scope_free(&rq.scope);
}
END_TEST

START_TEST(a_list_that_has_a_name_is_in_an_object_behind_whose_it_is)
{
	const struct chat in = { "01890000-0000-7000-8000-000000000000" };
	PGresult *result = PQmakeEmptyPGresult(NULL, PGRES_TUPLES_OK);
	char problem[128];
	struct row_shape *shape = row_shape_new(result, problem);

	rq.route = &called;
	rq.input = &in;
	ck_assert_str_eq(body_of(reply_list(&rq, NULL, shape, 0)),
	    "{\"chat_id\":\"01890000-0000-7000-8000-000000000000\",\"messages\":[]}");
	row_shape_free(shape);
	PQclear(result);
	scope_free(&rq.scope);
}
END_TEST

SUITE("reply", what_is_kept_says_when_it_was_read, what_is_read_anew_each_time_does_not,
    the_same_data_read_later_have_the_same_weak_tag, a_body_that_is_all_data_has_a_strong_tag,
    a_list_that_has_a_name_is_in_an_object_behind_whose_it_is)

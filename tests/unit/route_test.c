/* The router: which row answers a method and a path, and which rows are refused. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "http/reply.h"
#include "http/request.h"
#include "unit.h"

static struct reply *
run(struct request *rq)
{
	(void)rq;
	return NULL;
}

struct pair {
	const char	*one, *two;
};

static const struct field pair_fields[] = {
	TEXT_FIELD(FROM_PATH, pair, one),
	TEXT_FIELD(FROM_PATH, pair, two),
	{ 0 }
};

struct single {
	const char	*one;
};

static const struct field single_fields[] = {
	TEXT_FIELD(FROM_PATH, single, one),
	{ 0 }
};

static const struct route users[] = {
	{ GET, "/api/users/{one}", run, INPUT(single), .summary = "a user" },
	{ PUT, "/api/users/{one}", run, INPUT(single), .summary = "change a user" },
	{ GET, "/api/users/profile", run, .summary = "profile" },
	{ GET, "/api/users/{one}/friends/{two}", run, INPUT(pair), .summary = "a friend" },
	{ GET, "/api/users/profile/picture", run, .summary = "picture" },
	{ DELETE, "/api/users/{one}/delete", run, INPUT(single), .summary = "delete a user" },
	{ GET, "/api/users/profile/{one}/x", run, INPUT(single), .summary = "x of the profile" },
	{ 0 }
};

static const struct route others[] = {
	{ POST, "/api/users", run, .summary = "sign up" },
	{ GET, "/", run, .summary = "home" },
	{ GET, "/internal/users/{one}", run, INPUT(single), .audience = INTERNAL, .summary = "a user, inside" },
	{ POST, "/internal/token", run, .audience = INTERNAL_ANYONE, .summary = "a token, inside" },
	{ GET, "/users/metrics", run, .audience = OPERATIONS, .summary = "metrics" },
	{ 0 }
};

static const struct route *const resources[] = { users, others, NULL };

static struct request rq;

/* The summary of the row that was found, or status, code and the methods allowed. */
static const char *
answer_on(enum server server, enum method method, const char *path)
{
	static struct router *router;
	static char text[200];

	if (router == NULL)
		router = router_new(resources);
	scope_free(&rq.scope);
	rq = (struct request){ .method = method, .path = path, .query = "", .server = server };
	if (router_find(router, &rq))
		return rq.route->summary;
	snprintf(text, sizeof(text), "%d %s%s%s", rq.scope.failure.status, rq.scope.failure.code,
	    rq.allow != NULL ? ": " : "", rq.allow != NULL ? rq.allow : "");
	return text;
}

static const char *
answer(enum method method, const char *path)
{
	return answer_on(PUBLIC_SERVER, method, path);
}

START_TEST(a_literal_segment_wins_over_a_name)
{
	ck_assert_str_eq(answer(GET, "/api/users/profile"), "profile");
	ck_assert_str_eq(answer(GET, "/api/users/profiles"), "a user");
	ck_assert_str_eq(rq.segments[0], "profiles");
	ck_assert_str_eq(answer(GET, "/api/users/prof"), "a user");
	ck_assert_str_eq(answer(POST, "/api/users"), "sign up");
	ck_assert_str_eq(answer(GET, "/"), "home");
}
END_TEST

START_TEST(a_name_takes_over_where_the_literal_leads_nowhere)
{
	ck_assert_str_eq(answer(GET, "/api/users/profile/friends/bob"), "a friend");
	ck_assert_str_eq(rq.segments[0], "profile");
	ck_assert_str_eq(rq.segments[1], "bob");
	ck_assert_str_eq(answer(GET, "/api/users/profile/friends/x"), "x of the profile");
	ck_assert_str_eq(rq.segments[0], "friends");
	ck_assert_ptr_null(rq.segments[1]);
	ck_assert_str_eq(answer(GET, "/api/users/profile/picture"), "picture");
	ck_assert_ptr_null(rq.segments[0]);
	ck_assert_str_eq(answer(GET, "/api/users/profile/nothing"), "404 not_found");
}
END_TEST

START_TEST(values_come_in_the_order_of_the_path)
{
	ck_assert_str_eq(answer(GET, "/api/users/alice/friends/bob"), "a friend");
	ck_assert_str_eq(rq.segments[0], "alice");
	ck_assert_str_eq(rq.segments[1], "bob");
	ck_assert_ptr_null(rq.segments[2]);
}
END_TEST

START_TEST(a_segment_is_decoded_after_the_path_was_split)
{
	ck_assert_str_eq(answer(GET, "/api/users/a%2fb%3Fc%20d+e%C3%A9"), "a user");
	ck_assert_str_eq(rq.segments[0], "a/b?c d+e\xc3\xa9");
	ck_assert_str_eq(answer(GET, "/api/users/\xc3\xa9"), "a user");
	ck_assert_str_eq(rq.segments[0], "\xc3\xa9");
	ck_assert_str_eq(answer(GET, "/api%2fusers/x"), "404 not_found");
	ck_assert_str_eq(answer(GET, "/%61pi/users/prof%69le"), "profile");
}
END_TEST

START_TEST(a_malformed_path_is_refused)
{
	static const char *const segments[] = {
		"%", "%4", "%zz", "a%0", "%00", "a%00b", "%ff", "\xff", "%c0%80", "%ed%a0%80", "%f4%90%80%80", "%e2%82",
		".", "..", "%2e%2E", "%2e",
	};
	char path[100];

	for (size_t i = 0; i < sizeof(segments) / sizeof(*segments); i++) {
		snprintf(path, sizeof(path), "/api/users/%s", segments[i]);
		ck_assert_str_eq(answer(GET, path), "400 bad_path");
		snprintf(path, sizeof(path), "/api/%s/friends", segments[i]);
		ck_assert_str_eq(answer(GET, path), "400 bad_path");
	}
	ck_assert_str_eq(answer(GET, "/api/users/..."), "a user");
	ck_assert_str_eq(answer(GET, "/api/users/.x"), "a user");
}
END_TEST

START_TEST(a_trailing_slash_makes_another_path)
{
	ck_assert_str_eq(answer(GET, "/api/users/profile/"), "404 not_found");
	ck_assert_str_eq(answer(GET, "/api/users/"), "404 not_found");
	ck_assert_str_eq(answer(GET, "/api//users/x"), "404 not_found");
	ck_assert_str_eq(answer(GET, "//"), "404 not_found");
	ck_assert_str_eq(answer(GET, "/api/users//friends/bob"), "404 not_found");
}
END_TEST

START_TEST(what_no_row_has_is_not_found)
{
	static const char *const paths[] = {
		"", "*", "api/users/x", "/api", "/api/user", "/api/userss/x", "/API/users/x", "/api/users/x/y",
		"/api/users/x/y/z/a/b", "/api/users/{one}/{two}",
	};
	char deep[4001];

	for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++)
		ck_assert_str_eq(answer(GET, paths[i]), "404 not_found");
	for (int i = 0; i < 4000; i += 2)
		memcpy(deep + i, "/a", 3);
	ck_assert_str_eq(answer(GET, deep), "404 not_found");
}
END_TEST

START_TEST(another_method_is_told_which_ones_the_path_takes)
{
	ck_assert_str_eq(answer(POST, "/api/users/x"), "405 method_not_allowed: GET, HEAD, PUT");
	ck_assert_str_eq(answer(GET, "/api/users"), "405 method_not_allowed: POST");
	ck_assert_str_eq(answer(0, "/api/users"), "405 method_not_allowed: POST");
	ck_assert_str_eq(answer(DELETE + 1, "/api/users/x"), "405 method_not_allowed: GET, HEAD, PUT");
}
END_TEST

START_TEST(a_literal_wins_even_when_it_does_not_take_the_method)
{
	ck_assert_str_eq(answer(PUT, "/api/users/profile"), "405 method_not_allowed: GET, HEAD");
}
END_TEST

START_TEST(an_internal_row_is_on_the_internal_server_and_nowhere_else)
{
	ck_assert_str_eq(answer_on(INTERNAL_SERVER, GET, "/internal/users/x"), "a user, inside");
	ck_assert_str_eq(answer_on(INTERNAL_SERVER, POST, "/internal/token"), "a token, inside");
	ck_assert_str_eq(answer_on(PUBLIC_SERVER, POST, "/internal/token"), "404 not_found");
	ck_assert_str_eq(answer_on(PUBLIC_SERVER, GET, "/internal/users/x"), "404 not_found");
	ck_assert_str_eq(answer_on(PUBLIC_SERVER, PUT, "/internal/users/x"), "404 not_found");
	ck_assert_str_eq(answer_on(OPERATIONS_SERVER, GET, "/internal/users/x"), "404 not_found");
	ck_assert_str_eq(answer_on(INTERNAL_SERVER, GET, "/api/users/x"), "404 not_found");
}
END_TEST

START_TEST(the_operations_server_has_its_own_rows_and_no_others)
{
	ck_assert_str_eq(answer_on(OPERATIONS_SERVER, GET, "/users/metrics"), "metrics");
	ck_assert_str_eq(answer_on(PUBLIC_SERVER, GET, "/users/metrics"), "404 not_found");
	ck_assert_str_eq(answer_on(INTERNAL_SERVER, GET, "/users/metrics"), "404 not_found");
	ck_assert_str_eq(answer_on(OPERATIONS_SERVER, GET, "/api/users/x"), "404 not_found");
}
END_TEST

START_TEST(rows_are_numbered_in_their_order)
{
	struct router *router = router_new(resources);

	ck_assert_uint_eq(router_count(router), 12);
	ck_assert_str_eq(router_row(router, 0)->summary, "a user");
	ck_assert_str_eq(router_row(router, 5)->summary, "delete a user");
	ck_assert_str_eq(router_row(router, 7)->summary, "sign up");
	ck_assert_str_eq(router_row(router, 11)->summary, "metrics");
	for (size_t i = 0; i < 12; i++)
		ck_assert_uint_eq(router_index(router, router_row(router, i)), i);
	ck_assert_uint_eq(router_index(router, NULL), 12);
	router_free(router);
}
END_TEST

START_TEST(a_path_may_name_its_segments_anew_for_each_method)
{
	struct other { const char *two; };
	static const struct field fields[] = { TEXT_FIELD(FROM_PATH, other, two), { 0 } };
	const struct route rows[] = {
		{ GET, "/{one}", run, INPUT(single), .summary = "get" },
		{ PUT, "/{two}", run, .fields = fields, .input_size = sizeof(struct other), .summary = "put" },
		{ 0 }
	};
	struct router *router = router_new((const struct route *const[]){ rows, NULL });

	router_free(router);
}
END_TEST

/* --- rows that make no sense --- */

struct posting {
	const char	*text;
	int64_t		 number;
};

static const struct field posting_fields[] = { TEXT_FIELD(FROM_BODY, posting, text), { 0 } };
static const struct field caller_fields[] = { ID_FIELD(FROM_CALLER, posting, text), { 0 } };
static const struct field limit_fields[] = {
	{ FROM_QUERY, INTEGER, "limit", offsetof(struct posting, number) }, { 0 }
};
static const struct field far_fields[] = { { FROM_BODY, INTEGER, "far", sizeof(struct posting) }, { 0 } };
static const struct field twice_fields[] = {
	TEXT_FIELD(FROM_BODY, posting, text), INT_FIELD(FROM_QUERY, posting, number),
	{ FROM_BODY, TEXT, "text", 0 }, { 0 }
};
static const struct field number_of_caller[] = { INT_FIELD(FROM_CALLER, posting, number), { 0 } };
static const struct field object_of_query[] = { { FROM_QUERY, OBJECT, "o", 0, .fields = posting_fields }, { 0 } };
static const struct field empty_object[] = { { FROM_BODY, OBJECT, "o", 0 }, { 0 } };
static const struct field half_list[] = { { FROM_BODY, LIST_OF, "l", 0, .fields = posting_fields }, { 0 } };
static const struct field sourceless[] = { { 0, TEXT, "text", 0 }, { 0 } };
static const struct field inner_query[] = { TEXT_FIELD(FROM_QUERY, posting, text), { 0 } };
static const struct field query_in_object[] = { { FROM_BODY, OBJECT, "o", 0, .fields = inner_query }, { 0 } };

#define POSTING(table)	.fields = table, .input_size = sizeof(struct posting)

static const struct page_key key[] = { { "id", ID, "" }, { 0 } };
static const struct page_key boolean_key[] = { { "id", BOOLEAN, "" }, { 0 } };
static const struct page_key endless_key[] = { { "id", ID, NULL }, { 0 } };
static const struct page_key five_keys[] = {
	{ "a", ID, "" }, { "b", ID, "" }, { "c", ID, "" }, { "d", ID, "" }, { "e", ID, "" }, { 0 }
};

#define STATEMENT	.statement = { "select 1" }
static const struct read one_row = { STATEMENT, .shape = ONE };
static const struct read page = { STATEMENT, .shape = PAGE, .keys = key };
static const struct read list = { STATEMENT, .shape = LIST };
static const struct read keyless = { STATEMENT, .shape = PAGE };
static const struct read idle_keys = { STATEMENT, .shape = LIST, .keys = key };
static const struct read by_boolean = { STATEMENT, .shape = PAGE, .keys = boolean_key };
static const struct read by_endless = { STATEMENT, .shape = PAGE, .keys = endless_key };
static const struct read by_five = { STATEMENT, .shape = PAGE, .keys = five_keys };
static const struct read called = { STATEMENT, .shape = LIST, .list = "items" };
static const struct read called_one = { STATEMENT, .shape = ONE, .list = "item" };
static const struct read shapeless = { STATEMENT };
static const struct read speechless = { .shape = ONE };

#define BEHIND_AN_ID	"A list is called by a name in a bare object, behind an ID that is the first field."
#define SEVENTEEN	"/{a}/{b}/{c}/{d}/{e}/{f}/{g}/{h}/{i}/{j}/{k}/{l}/{m}/{n}/{o}/{p}/{q}"

static const struct nonsense {
	struct route	 row;
	const char	*sentence;
} nonsense[] = {
	{ { 0, "/a", run, .summary = "s" }, "It has no method." },
	{ { GET, "/a", run }, "It has no summary." },
	{ { GET, "/a", run, .summary = "" }, "It has no summary." },
	{ { GET, "/a", .summary = "s" }, "It needs a handler or a read, and not both." },
	{ { GET, "/a", run, .read = &one_row, .summary = "s" }, "It needs a handler or a read, and not both." },
	{ { POST, "/a", run, .fields = posting_fields, .summary = "s" }, "Fields need a struct and a struct needs fields: INPUT(name)." },
	{ { POST, "/a", run, .input_size = 8, .summary = "s" }, "Fields need a struct and a struct needs fields: INPUT(name)." },
	{ { POST, "/a", run, INPUT(posting), .body = NONE, .summary = "s" }, "It has fields of a body that it does not read as JSON." },
	{ { POST, "/a", run, INPUT(posting), .body = RAW, .summary = "s" }, "It has fields of a body that it does not read as JSON." },
	{ { GET, "/a", run, .cache = 1, .summary = "s" }, "What is cached must be for ANYONE." },
	{ { POST, "/a", run, .cache = 1, .audience = ANYONE, .summary = "s" }, "Only a GET can be cached." },
	{ { GET, "/a", run, POSTING(caller_fields), .cache = 1, .audience = ANYONE, .summary = "s" }, "What is cached knows no caller." },
	{ { POST, "/a", run, .idempotent = true, .audience = ANYONE, .summary = "s" }, "An Idempotency-Key belongs to a user, so ANYONE cannot have one." },
	{ { GET, "/a", run, .idempotent = true, .summary = "s" }, "A GET takes no Idempotency-Key." },
	{ { GET, "/a", run, .unaudited = true, .summary = "s" }, "A GET does nothing that could be in the audit log." },
	{ { GET, "/a", run, .type = "text/plain", .answer = "id", .summary = "s" }, "An answer that is no JSON has no keys." },
	{ { POST, "/a", run, .quick = true, .summary = "s" }, "Only the handler of a GET can be quick." },
	{ { GET, "/a", run, .quick = true, .slow = true, .summary = "s" }, "Only the handler of a GET can be quick." },
	{ { POST, "/a", run, .idempotent = true, .write = SELF, .summary = "s" }, "The loop keeps an Idempotency-Key only with a TX." },
	{ { POST, "/a", run, .id_of_key = true, .summary = "s" }, "With a TX the loop keeps the Idempotency-Key." },
	{ { POST, "/a", run, .id_of_key = true, .write = SELF, .audience = ANYONE, .summary = "s" }, "An Idempotency-Key belongs to a user, so ANYONE cannot have one." },
	{ { GET, "/a", run, .cache = 1, .audience = INTERNAL_ANYONE, .summary = "s" }, "What is cached must be for ANYONE." },
	{ { GET, "/a", run, .roles = ROLE_ADMIN, .audience = ANYONE, .summary = "s" }, "Roles mean nothing for ANYONE." },
	{ { GET, "/a", run, .roles = ROLE_ADMIN, .audience = INTERNAL_ANYONE, .summary = "s" }, "Roles mean nothing for ANYONE." },
	{ { GET, "/a", .read = &one_row, .owner = "user_id", .audience = ANYONE, .summary = "s" }, "An owner means nothing for ANYONE." },
	{ { GET, "/a", .read = &list, .owner = "user_id", .summary = "s" }, "An owner is asked of one row, not of a list." },
	{ { POST, "/a", .read = &one_row, .summary = "s" }, "Only a GET can be a declared read." },
	{ { GET, "/a", .read = &one_row, INPUT(posting), .summary = "s" }, "A declared read has no body." },
	{ { GET, "/a", .read = &speechless, .summary = "s" }, "The read has no statement." },
	{ { GET, "/a", .read = &shapeless, .summary = "s" }, "The read has no shape." },
	{ { GET, "/a", .read = &keyless, .summary = "s" }, "A PAGE needs keys." },
	{ { GET, "/a", .read = &idle_keys, .summary = "s" }, "Only a PAGE has keys." },
	{ { GET, "/a", .read = &by_boolean, .summary = "s" }, "The key id is neither INTEGER, TEXT, ID, TIME nor DATE." },
	{ { GET, "/a", .read = &by_endless, .summary = "s" }, "The key id has no first value." },
	{ { GET, "/a", .read = &by_five, .summary = "s" }, "A PAGE has at most 4 keys." },
	{ { GET, "/a", .read = &called, .summary = "s" }, BEHIND_AN_ID },
	{ { GET, "/{one}", .read = &called_one, INPUT(single), .summary = "s" }, BEHIND_AN_ID },
	{ { GET, "/{one}", .read = &called, INPUT(single), .envelope = STATUS_DATA, .summary = "s" }, BEHIND_AN_ID },
	{ { GET, "/a", .read = &page, POSTING(limit_fields), .summary = "s" }, "The field limit belongs to the page." },
	{ { GET, "a", run, .summary = "s" }, "The path does not start with a slash." },
	{ { GET, "/a/", run, .summary = "s" }, "The path has an empty segment." },
	{ { GET, "//a", run, .summary = "s" }, "The path has an empty segment." },
	{ { GET, "/x{one}", run, INPUT(single), .summary = "s" }, "A {name} is a whole segment of lower-case letters." },
	{ { GET, "/{one}x", run, INPUT(single), .summary = "s" }, "A {name} is a whole segment of lower-case letters." },
	{ { GET, "/{", run, .summary = "s" }, "A {name} is a whole segment of lower-case letters." },
	{ { GET, "/{}", run, .summary = "s" }, "A {name} is a whole segment of lower-case letters." },
	{ { GET, "/{one/two}", run, .summary = "s" }, "A {name} is a whole segment of lower-case letters." },
	{ { GET, SEVENTEEN, run, .summary = "s" }, "The path has more than 16 {names}." },
	{ { GET, "/{one}/{two}", run, INPUT(single), .summary = "s" }, "{two} needs one field FROM_PATH." },
	{ { GET, "/{one}/{one}", run, INPUT(single), .summary = "s" }, "{one} needs one field FROM_PATH." },
	{ { GET, "/{one}", run, INPUT(pair), .summary = "s" }, "The field two is not once in the path." },
	{ { POST, "/a", run, POSTING(far_fields), .summary = "s" }, "The field far is of another struct." },
	{ { POST, "/a", run, POSTING(twice_fields), .summary = "s" }, "The field text is there twice." },
	{ { POST, "/a", run, POSTING(number_of_caller), .summary = "s" }, "The field number is the caller's id or whether it is an admin." },
	{ { POST, "/a", run, POSTING(object_of_query), .summary = "s" }, "The field o can only be FROM_BODY." },
	{ { POST, "/a", run, POSTING(query_in_object), .summary = "s" }, "The field text can only be FROM_BODY." },
	{ { POST, "/a", run, POSTING(empty_object), .summary = "s" }, "The object o has no fields." },
	{ { POST, "/a", run, POSTING(half_list), .summary = "s" }, "The list l needs both fields and size of its structs, or neither." },
	{ { POST, "/a", run, POSTING(sourceless), .summary = "s" }, "The field text comes from nowhere, or is of no kind." },
};

START_TEST(a_row_that_makes_no_sense_is_refused_in_a_sentence)
{
	char problem[ROUTE_PROBLEM];

	for (size_t i = 0; i < sizeof(nonsense) / sizeof(*nonsense); i++) {
		ck_assert_msg(!route_check(&nonsense[i].row, problem), "taken, although: %s", nonsense[i].sentence);
		ck_assert_str_eq(problem, nonsense[i].sentence);
	}
}
END_TEST

START_TEST(a_row_with_everything_it_may_have_is_taken)
{
	const struct route rows[] = {
		{ GET, "/a", .read = &page, .audience = ANYONE, .reads = REPLICA, .cache = 1, .summary = "s" },
		{ GET, "/{one}", .read = &one_row, INPUT(single), .owner = "user_id", .roles = ROLE_ADMIN, .summary = "s" },
		{ POST, "/a", run, INPUT(posting), .idempotent = true, .roles = ROLE_USER | ROLE_ADMIN, .summary = "s" },
		{ GET, "/mine", run, POSTING(caller_fields), .audience = ANYONE, .summary = "s" },
	};
	char problem[ROUTE_PROBLEM] = "";

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		ck_assert_msg(route_check(&rows[i], problem), "%s", problem);
}
END_TEST

/* What a process that makes a router of these rows says as it aborts. */
static const char *
last_words(const struct route *rows)
{
	static char words[500];
	int ends[2], status;
	ssize_t n;
	pid_t child;

	ck_assert_int_eq(pipe(ends), 0);
	if ((child = fork()) == 0) {
		dup2(ends[1], STDERR_FILENO);
		router_new((const struct route *const[]){ rows, NULL });
		_exit(0);
	}
	close(ends[1]);
	n = read(ends[0], words, sizeof(words) - 1);
	words[n > 0 ? n : 0] = '\0';
	close(ends[0]);
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
	return words;
}

START_TEST(a_program_with_a_senseless_row_does_not_start)
{
	const struct route twins[] = {
		{ GET, "/a/{one}", run, INPUT(single), .summary = "s" },
		{ GET, "/a/{one}", run, INPUT(single), .summary = "t" },
		{ 0 }
	};
	const struct route quiet[] = { { GET, "/a", run }, { 0 } };
	char deep[2 * 33 + 1];

	for (int i = 0; i < 33; i++)
		memcpy(deep + 2 * i, "/a", 3);
	ck_assert_str_eq(last_words(twins), "GET /a/{one}: Another row has this method and path.\n");
	ck_assert_str_eq(last_words(quiet), "GET /a: It has no summary.\n");
	ck_assert_ptr_nonnull(strstr(last_words((const struct route[]){ { GET, deep, run, .summary = "s" }, { 0 } }),
	    "The path has too many segments."));
}
END_TEST

SUITE("route",
    a_literal_segment_wins_over_a_name,
    a_name_takes_over_where_the_literal_leads_nowhere,
    values_come_in_the_order_of_the_path,
    a_segment_is_decoded_after_the_path_was_split,
    a_malformed_path_is_refused,
    a_trailing_slash_makes_another_path,
    what_no_row_has_is_not_found,
    another_method_is_told_which_ones_the_path_takes,
    a_literal_wins_even_when_it_does_not_take_the_method,
    an_internal_row_is_on_the_internal_server_and_nowhere_else,
    the_operations_server_has_its_own_rows_and_no_others,
    rows_are_numbered_in_their_order,
    a_path_may_name_its_segments_anew_for_each_method,
    a_row_that_makes_no_sense_is_refused_in_a_sentence,
    a_row_with_everything_it_may_have_is_taken,
    a_program_with_a_senseless_row_does_not_start);

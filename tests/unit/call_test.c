/* Calls to other pools: their token, and what becomes of them when nobody answers well. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/scope.h"
#include "remote/call.h"
#include "unit.h"

#define TOKEN		"{\"access_token\":\"a.b.c\",\"token_type\":\"Bearer\",\"expires_in\":600}"
#define BRIEF_TOKEN	"{\"access_token\":\"a.b.c\",\"token_type\":\"Bearer\",\"expires_in\":0}"
#define BYTES_80	"01234567890123456789012345678901234567890123456789012345678901234567890123456789"
#define LONG(rest)	"{\"a\":\"" BYTES_80 rest "\"}"
#define SILENCE		NULL

struct told {
	int		 status;
	const char	*body;	/* SILENCE: no answer */
};

/* A server that tells one answer after another, and keeps what it was asked. */
static struct {
	const struct told	*told;
	int			 listener;
	_Atomic int		 count;
	char			 asked[8][1024];
} server;

static const char *
socket_path(void)
{
	static char path[64];

	snprintf(path, sizeof(path), "/tmp/marquee-call-%d.sock", (int)getpid());
	return path;
}

static void
read_request(int fd, char *text, size_t room)
{
	size_t size = 0;
	const char *end, *length;
	ssize_t n;

	while ((n = read(fd, text + size, room - 1 - size)) > 0) {
		text[size += (size_t)n] = '\0';
		if ((end = strstr(text, "\r\n\r\n")) == NULL)
			continue;
		length = strstr(text, "Content-Length: ");
		if (length == NULL || strlen(end + 4) >= strtoul(length + 16, NULL, 10))
			break;
	}
}

static void *
serve(void *arg)
{
	int fd;

	while ((fd = accept(server.listener, NULL, NULL)) >= 0) {
		int n = server.count;

		read_request(fd, server.asked[n], sizeof(server.asked[n]));
		server.count = n + 1;
		if (server.told[n].body == SILENCE)
			pause();
		dprintf(fd, "HTTP/1.1 %d So\r\nContent-Length: %zu\r\nLocation: http://elsewhere/\r\nConnection: close\r\n\r\n%s",
		    server.told[n].status, strlen(server.told[n].body), server.told[n].body);
		close(fd);
	}
	return arg;
}

static struct call_source *source;
static struct call_line *line;
static struct scope scope;
static json_t *answer;

static void
begin(void)
{
	struct call_settings settings = { .service = "demo", .secret = "a \"secret\"", .internal = socket_path() };

	source = call_source_new(&settings);
	line = call_line_new(source);
}

static void
end(void)
{
	scope_free(&scope);
	call_line_free(line);
	call_source_free(source);
	unlink(socket_path());
}

static void
tell(const struct told *told)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	pthread_t thread;

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", socket_path());
	unlink(address.sun_path);
	begin();
	server.told = told;
	server.listener = socket(AF_UNIX, SOCK_STREAM, 0);
	ck_assert_int_eq(bind(server.listener, (struct sockaddr *)&address, sizeof(address)), 0);
	ck_assert_int_eq(listen(server.listener, 8), 0);
	ck_assert_int_eq(pthread_create(&thread, NULL, serve, NULL), 0);
	pthread_detach(thread);
}

static int
call(void)
{
	struct call said = { .pool = "users", .path = "/internal/x?a=1", .timeout_ms = 300, .traceparent = "00-trace" };

	return call_make(line, &scope, &said, &answer);
}

static bool
was_asked(int n, const char *text)
{
	return strstr(server.asked[n], text) != NULL;
}

static void
assert_unavailable(const char *why)
{
	ck_assert_int_eq(scope.failure.status, 503);
	ck_assert_str_eq(scope.failure.code, "unavailable");
	ck_assert_int_eq(scope.failure.retry_after_s, 1);
	ck_assert_msg(strstr(call_problem(line), why) != NULL, "%s", call_problem(line));
}

START_TEST(a_token_is_asked_for_once_and_shown_each_time)
{
	tell((const struct told[]){ { 200, TOKEN }, { 200, "{\"n\":1}" }, { 404, "{\"n\":2}" } });
	ck_assert_int_eq(call(), 200);
	ck_assert_int_eq(json_integer_value(json_object_get(answer, "n")), 1);
	ck_assert_int_eq(call(), 404);
	ck_assert_int_eq(json_integer_value(json_object_get(answer, "n")), 2);
	ck_assert(was_asked(0, "POST /internal/token HTTP/1.1\r\nHost: users\r\n"));
	ck_assert(was_asked(0, "{\"grant_type\":\"client_credentials\",\"client_id\":\"demo\",\"client_secret\":\"a \\\"secret\\\"\"}"));
	ck_assert(!was_asked(0, "Authorization"));
	for (int n = 1; n < 3; n++) {
		ck_assert(was_asked(n, "GET /internal/x?a=1 HTTP/1.1\r\nHost: users\r\n"));
		ck_assert(was_asked(n, "Authorization: Bearer a.b.c\r\n"));
		ck_assert(was_asked(n, "traceparent: 00-trace\r\n"));
	}
	end();
}
END_TEST

START_TEST(a_token_that_is_refused_is_asked_for_anew)
{
	tell((const struct told[]){ { 200, TOKEN }, { 401, "{}" }, { 200, TOKEN }, { 200, "{}" }, { 200, "" } });
	ck_assert_int_eq(call(), 200);
	ck_assert_int_eq(call(), 200);
	ck_assert_ptr_null(answer);
	ck_assert_int_eq(server.count, 5);
	end();
}
END_TEST

START_TEST(who_refuses_a_fresh_token_is_asked_no_third_time)
{
	tell((const struct told[]){ { 200, TOKEN }, { 401, "{}" }, { 200, TOKEN }, { 401, "{}" } });
	ck_assert_int_eq(call(), 0);
	assert_unavailable("token is refused");
	ck_assert_int_eq(server.count, 4);
	end();
}
END_TEST

START_TEST(a_wrong_secret_is_no_reason_to_call)
{
	tell((const struct told[]){ { 401, "{\"code\":\"wrong_credentials\"}" } });
	ck_assert_int_eq(call(), 0);
	assert_unavailable("no token: 401");
	end();
}
END_TEST

START_TEST(a_token_that_ends_at_once_is_shown_once)
{
	tell((const struct told[]){ { 200, BRIEF_TOKEN }, { 200, "{}" }, { 200, BRIEF_TOKEN }, { 200, "{}" } });
	ck_assert_int_eq(call(), 200);
	ck_assert_int_eq(call(), 200);
	ck_assert_int_eq(server.count, 4);
	end();
}
END_TEST

START_TEST(who_does_not_answer_in_time_is_not_waited_for)
{
	int64_t start_ms = clock_ms();

	tell((const struct told[]){ { 200, TOKEN }, { 200, SILENCE } });
	ck_assert_int_eq(call(), 0);
	assert_unavailable("imed out");
	ck_assert_int_ge(clock_ms() - start_ms, 250);
	ck_assert_int_lt(clock_ms() - start_ms, 2000);
	end();
}
END_TEST

START_TEST(nobody_there_is_told_at_once)
{
	begin();
	ck_assert_int_eq(call(), 0);
	assert_unavailable("onnect");
	end();
}
END_TEST

START_TEST(what_is_no_json_is_no_answer)
{
	tell((const struct told[]){ { 200, TOKEN }, { 200, "<html>" } });
	ck_assert_int_eq(call(), 0);
	assert_unavailable("no JSON");
	end();
}
END_TEST

START_TEST(a_pool_that_fails_is_no_answer)
{
	tell((const struct told[]){ { 200, TOKEN }, { 502, "{}" } });
	ck_assert_int_eq(call(), 0);
	assert_unavailable("answered 502");
	end();
}
END_TEST

START_TEST(an_answer_longer_than_asked_for_is_not_taken)
{
	struct call said = { .pool = "users", .path = "/", .timeout_ms = 1000, .most_bytes = 100 };

	tell((const struct told[]){ { 200, TOKEN }, { 200, LONG("0123456789!?") }, { 200, LONG("0123456789!?+") } });
	ck_assert_int_eq(call_make(line, &scope, &said, &answer), 200);
	ck_assert_int_eq(call_make(line, &scope, &said, &answer), 0);
	assert_unavailable("rit");
	end();
}
END_TEST

START_TEST(a_redirection_is_not_followed)
{
	tell((const struct told[]){ { 200, TOKEN }, { 302, "{}" } });
	ck_assert_int_eq(call(), 302);
	ck_assert_int_eq(server.count, 2);
	end();
}
END_TEST

START_TEST(a_body_is_posted)
{
	struct call said = { .pool = "users", .path = "/internal/x", .timeout_ms = 1000, .body = "{\"a\":1}" };

	tell((const struct told[]){ { 200, TOKEN }, { 201, "{}" }, { 200, "{}" } });
	ck_assert_int_eq(call_make(line, &scope, &said, &answer), 201);
	ck_assert(was_asked(1, "POST /internal/x HTTP/1.1\r\n"));
	ck_assert(was_asked(1, "Content-Type: application/json\r\n"));
	ck_assert(was_asked(1, "\r\n\r\n{\"a\":1}"));
	/* The next one on the same line is a GET again. */
	ck_assert_int_eq(call(), 200);
	ck_assert(was_asked(2, "GET /internal/x?a=1"));
	end();
}
END_TEST

/* As the part of an export is. */
START_TEST(a_body_is_put)
{
	struct call said = { .pool = "users", .path = "/internal/x", .timeout_ms = 1000, .body = "{\"a\":1}", .method = "PUT" };

	tell((const struct told[]){ { 200, TOKEN }, { 200, "{}" }, { 200, "{}" } });
	ck_assert_int_eq(call_make(line, &scope, &said, &answer), 200);
	ck_assert(was_asked(1, "PUT /internal/x HTTP/1.1\r\n"));
	ck_assert(was_asked(1, "\r\n\r\n{\"a\":1}"));
	ck_assert_int_eq(call(), 200);
	ck_assert(was_asked(2, "GET /internal/x?a=1"));
	end();
}
END_TEST

SUITE("call",
    a_token_is_asked_for_once_and_shown_each_time,
    a_token_that_is_refused_is_asked_for_anew,
    who_refuses_a_fresh_token_is_asked_no_third_time,
    a_wrong_secret_is_no_reason_to_call,
    a_token_that_ends_at_once_is_shown_once,
    who_does_not_answer_in_time_is_not_waited_for,
    nobody_there_is_told_at_once,
    what_is_no_json_is_no_answer,
    a_pool_that_fails_is_no_answer,
    an_answer_longer_than_asked_for_is_not_taken,
    a_redirection_is_not_followed,
    a_body_is_posted,
    a_body_is_put)

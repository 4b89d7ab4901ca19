/* Log lines: JSON whatever they are given, whole, and not lost. */
#include <fcntl.h>
#include <jansson.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "unit.h"

static int pipe_fds[2], kept_stderr;

/* From here on stderr is a pipe. */
static void
capture(void)
{
	ck_assert_int_eq(pipe(pipe_fds), 0);
	kept_stderr = dup(STDERR_FILENO);
	dup2(pipe_fds[1], STDERR_FILENO);
	close(pipe_fds[1]);
	log_open("unit", LOG_INFO);
}

/* Everything since capture(); stderr is itself again. Free it. */
static char *
captured(void)
{
	char *text = calloc(1, 1 << 16);
	size_t length = 0;
	ssize_t n;

	dup2(kept_stderr, STDERR_FILENO);
	close(kept_stderr);
	while ((n = read(pipe_fds[0], text + length, (1 << 16) - 1 - length)) > 0)
		length += (size_t)n;
	close(pipe_fds[0]);
	return text;
}

static json_t *
parse(const char *line)
{
	json_error_t error;
	json_t *object = json_loadb(line, strcspn(line, "\n"), JSON_REJECT_DUPLICATES, &error);

	ck_assert_msg(object != NULL, "%s: %s", error.text, line);
	return object;
}

static const char *
text_of(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

static size_t
count_lines(const char *text)
{
	size_t lines = 0;

	for (; (text = strchr(text, '\n')) != NULL; text++)
		lines++;
	return lines;
}

START_TEST(a_line_has_time_level_domain_pid_message_and_its_fields)
{
	json_t *line;
	char *text;

	capture();
	log_event(LOG_WARNING, "seat taken", LOG_TEXT("seat", "A1"), LOG_INT("row", INT64_MIN), LOG_TEXT("none", NULL));
	log_flush();
	text = captured();
	line = parse(text);
	ck_assert_uint_eq(strlen(text_of(line, "time")), strlen("2026-07-01T12:30:00.250Z"));
	ck_assert_str_eq(text_of(line, "level"), "warning");
	ck_assert_str_eq(text_of(line, "domain"), "unit");
	ck_assert_int_eq(json_integer_value(json_object_get(line, "pid")), getpid());
	ck_assert_str_eq(text_of(line, "message"), "seat taken");
	ck_assert_str_eq(text_of(line, "seat"), "A1");
	ck_assert(json_integer_value(json_object_get(line, "row")) == INT64_MIN);
	ck_assert_str_eq(text_of(line, "none"), "");
	json_decref(line);
	free(text);
}
END_TEST

START_TEST(what_was_asked_not_to_be_logged_is_not)
{
	char *text;

	capture();
	log_event(LOG_DEBUG, "quiet");
	log_event(LOG_INFO, "heard");
	log_flush();
	text = captured();
	ck_assert_uint_eq(count_lines(text), 1);
	free(text);
}
END_TEST

START_TEST(hostile_text_stays_inside_of_its_quotes)
{
	char *text, all[256];
	json_t *line;

	for (int i = 1; i < 256; i++)
		all[i - 1] = (char)i;
	all[255] = '\0';
	capture();
	log_event(LOG_INFO, "\",\"level\":\"none\n\\", LOG_TEXT("latin", all), LOG_TEXT("utf8", "Z\xc3\xbcrich"));
	log_flush();
	text = captured();
	ck_assert_uint_eq(count_lines(text), 1);
	line = parse(text);
	ck_assert_str_eq(text_of(line, "message"), "\",\"level\":\"none\n\\");
	ck_assert_str_eq(text_of(line, "utf8"), "Z\xc3\xbcrich");
	ck_assert_uint_eq(json_string_length(json_object_get(line, "latin")), 127 + 2 * 128);
	json_decref(line);
	free(text);
}
END_TEST

START_TEST(a_line_that_is_too_long_is_cut_between_characters_and_stays_JSON)
{
	char *text, large[6000];
	json_t *line;

	for (size_t shift = 0; shift < 4; shift++) {
		for (size_t i = 0; i + 3 <= sizeof(large); i += 3)
			memcpy(large + i, "\xe2\x82\xac", 3);
		memset(large, 'a', shift * 3);
		large[sizeof(large) - 1 - shift] = '\0';
		memcpy(large + sizeof(large) - 3 * 3, "end", 4);
		capture();
		log_event(LOG_INFO, large + shift, LOG_TEXT("lost", "field"), LOG_INT("also", 5));
		log_event(LOG_INFO, "after");
		log_flush();
		text = captured();
		ck_assert_uint_eq(count_lines(text), 2);
		ck_assert_uint_le(strcspn(text, "\n") + 1, 4096);
		ck_assert_uint_ge(strcspn(text, "\n") + 1, 4096 - 16);
		line = parse(text);
		ck_assert_ptr_null(json_object_get(line, "lost"));
		json_decref(line);
		line = parse(strchr(text, '\n') + 1);
		ck_assert_str_eq(text_of(line, "message"), "after");
		json_decref(line);
		free(text);
	}
}
END_TEST

START_TEST(a_cut_at_every_place_stays_JSON)
{
	char *text, large[4200];
	json_t *line;

	for (size_t length = 3900; length < 4100; length++) {
		memset(large, 'a', length);
		memcpy(large + length, "\"\n\"\xe2\x82\xac\xf0\x9f\x8f\x9f", 11);
		capture();
		log_event(LOG_INFO, large, LOG_INT("n", 5), LOG_TEXT("t", "\"\"\"\"\"\"\"\"\"\""));
		log_flush();
		text = captured();
		ck_assert_uint_le(strlen(text), 4096);
		line = parse(text);
		json_decref(line);
		free(text);
	}
}
END_TEST

START_TEST(lines_wait_for_the_flush_but_errors_do_not)
{
	char *text;

	capture();
	log_event(LOG_INFO, "first");
	log_event(LOG_INFO, "second");
	ck_assert_uint_eq(count_lines(text = captured()), 0);
	free(text);
	capture();
	log_event(LOG_ERROR, "third");
	text = captured();
	ck_assert_uint_eq(count_lines(text), 3);
	ck_assert_ptr_nonnull(strstr(text, "\"first\""));
	free(text);
}
END_TEST

START_TEST(a_full_buffer_is_written_in_whole_lines)
{
	char *text, *end;

	capture();
	for (int i = 0; i < 60; i++)
		log_event(LOG_INFO, "line", LOG_INT("number", i));
	text = captured();
	ck_assert_uint_gt(strlen(text), 3500);
	ck_assert_uint_le(strlen(text), 2 * 4096);
	end = text + strlen(text);
	ck_assert_int_eq(end[-1], '\n');
	free(text);
	capture();
	log_flush();
	free(captured());
}
END_TEST

START_TEST(without_a_place_to_write_to_lines_are_lost_and_nothing_else)
{
	char *text;

	capture();
	close(STDERR_FILENO);
	for (int i = 0; i < 200; i++)
		log_event(LOG_INFO, "lost", LOG_INT("number", i));
	log_flush();
	dup2(kept_stderr, STDERR_FILENO);
	text = captured();
	ck_assert_str_eq(text, "");
	free(text);
}
END_TEST

START_TEST(a_reader_that_stands_still_holds_up_nobody_and_is_told_what_it_missed)
{
	static char waste[1 << 16];
	char *text;

	capture();
	ck_assert_int_eq(fcntl(STDERR_FILENO, F_SETFL, O_NONBLOCK), 0);
	while (write(STDERR_FILENO, waste, sizeof(waste)) > 0)
		continue;
	ck_assert_int_eq(fcntl(STDERR_FILENO, F_SETFL, 0), 0);
	for (int i = 0; i < 3; i++)
		log_event(LOG_INFO, "nobody reads this");
	log_flush();
	ck_assert_int_eq(fcntl(pipe_fds[0], F_SETFL, O_NONBLOCK), 0);
	while (read(pipe_fds[0], waste, sizeof(waste)) > 0)
		continue;
	ck_assert_int_eq(fcntl(pipe_fds[0], F_SETFL, 0), 0);
	log_event(LOG_INFO, "somebody reads this");
	log_flush();
	log_flush();
	text = captured();
	ck_assert_ptr_null(strstr(text, "nobody reads this"));
	ck_assert_ptr_nonnull(strstr(text, "somebody reads this"));
	ck_assert_ptr_nonnull(strstr(text, "\"lines\":3"));
	free(text);
}
END_TEST

START_TEST(a_fork_does_not_double_lines)
{
	char *text;
	pid_t pid;

	capture();
	log_event(LOG_INFO, "once");
	pid = fork();
	if (pid == 0) {
		log_event(LOG_INFO, "child");
		log_flush();
		_exit(0);
	}
	waitpid(pid, NULL, 0);
	log_flush();
	text = captured();
	ck_assert_uint_eq(count_lines(text), 2);
	free(text);
}
END_TEST

static void *
log_and_end(void *unused)
{
	log_event(LOG_INFO, "last words");
	return unused;
}

START_TEST(a_thread_that_ends_leaves_no_line_behind)
{
	pthread_t thread;
	char *text;

	capture();
	ck_assert_int_eq(pthread_create(&thread, NULL, log_and_end, NULL), 0);
	pthread_join(thread, NULL);
	text = captured();
	ck_assert_uint_eq(count_lines(text), 1);
	free(text);
}
END_TEST

START_TEST(a_process_that_exits_leaves_no_line_behind)
{
	char *text;
	pid_t pid;

	capture();
	if ((pid = fork()) == 0) {
		log_event(LOG_INFO, "last words");
		exit(0);
	}
	waitpid(pid, NULL, 0);
	text = captured();
	ck_assert_uint_eq(count_lines(text), 1);
	free(text);
}
END_TEST

SUITE("log",
    a_line_has_time_level_domain_pid_message_and_its_fields,
    what_was_asked_not_to_be_logged_is_not,
    hostile_text_stays_inside_of_its_quotes,
    a_line_that_is_too_long_is_cut_between_characters_and_stays_JSON,
    a_cut_at_every_place_stays_JSON,
    lines_wait_for_the_flush_but_errors_do_not,
    a_full_buffer_is_written_in_whole_lines,
    without_a_place_to_write_to_lines_are_lost_and_nothing_else,
    a_reader_that_stands_still_holds_up_nobody_and_is_told_what_it_missed,
    a_fork_does_not_double_lines,
    a_thread_that_ends_leaves_no_line_behind,
    a_process_that_exits_leaves_no_line_behind);

/* Settings: defaults, files over files, and what is said of a bad line. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/config.h"
#include "unit.h"

static const struct setting settings[] = {
	{ "public_url", SETTING_TEXT,    "https://localhost:8443", "Where browsers find us." },
	{ "replica",    SETTING_TEXT,    NULL,                     "Conninfo of a replica; empty: the primary." },
	{ "processes",  SETTING_INTEGER, "2",                      "Workers of a pool.", .min = 1, .max = 64 },
	{ "offset",     SETTING_INTEGER, "-5",                     "Any number." },
	{ "quiet",      SETTING_BOOL,    "no",                     "Says less." },
	{ "password",   SETTING_FILE,    "/nowhere/at/all",        "Path of the password of the database." },
	{ 0 }
};

static char problem[256];

/* A new file with this text; the caller unlinks and frees it. */
static char *
file_of(const char *text)
{
	char *path = strdup("/tmp/marquee-unit-XXXXXX");
	int fd = mkstemp(path);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
	return path;
}

static bool
read_text(struct config *config, const char *text)
{
	char *path = file_of(text);
	bool good = config_read(config, path, false, problem);

	unlink(path);
	free(path);
	return good;
}

START_TEST(without_files_the_defaults_hold)
{
	struct config *config = config_new(settings);

	ck_assert_str_eq(config_text(config, "public_url"), "https://localhost:8443");
	ck_assert_str_eq(config_text(config, "replica"), "");
	ck_assert_int_eq(config_integer(config, "processes"), 2);
	ck_assert_int_eq(config_integer(config, "offset"), -5);
	ck_assert(!config_bool(config, "quiet"));
	ck_assert_str_eq(config_text(config, "password"), "");
	config_free(config);
}
END_TEST

START_TEST(later_files_win_and_leave_the_rest_alone)
{
	struct config *config = config_new(settings);

	ck_assert(read_text(config, "processes = 4\nquiet=yes\n"));
	ck_assert(read_text(config, "  processes  =  8  \r\n"));
	ck_assert_int_eq(config_integer(config, "processes"), 8);
	ck_assert(config_bool(config, "quiet"));
	config_free(config);
}
END_TEST

START_TEST(a_value_is_the_rest_of_the_line_without_its_comment)
{
	struct config *config = config_new(settings);

	ck_assert(read_text(config, "# a comment\n\n   # another\n"
	    "replica = host=a,b port=1,2 dbname=marquee\t# two of them\n"
	    "public_url = https://host/#part"));
	ck_assert_str_eq(config_text(config, "replica"), "host=a,b port=1,2 dbname=marquee");
	ck_assert_str_eq(config_text(config, "public_url"), "https://host/#part");
	ck_assert(read_text(config, "replica =\n"));
	ck_assert_str_eq(config_text(config, "replica"), "");
	config_free(config);
}
END_TEST

START_TEST(a_bad_line_is_named_with_its_file_its_number_and_why)
{
	static const struct {
		const char	*text, *why;
	} cases[] = {
		{ "\nprocesses = 0\n", ":2: processes must be a whole number from 1 to 64" },
		{ "processes = 65\n", ":1: processes must be" },
		{ "processes = 2x\n", ":1: processes must be" },
		{ "processes =\n", ":1: processes must be" },
		{ "processes = 99999999999999999999\n", ":1: processes must be" },
		{ "offset = 99999999999999999999\n", ":1: offset must be" },
		{ "offset = one\n", ":1: offset must be a whole number" },
		{ "quiet = maybe\n", ":1: quiet must be yes or no" },
		{ "colour = red\n", ":1: there is no setting colour" },
		{ "processes\n", ":1: a line is `name = value`" },
		{ "= 5\n", ":1: there is no setting " },
		{ "password = /nowhere/at/all\n", ":1: password No such file or directory" },
		{ "password = /dev/null\n", ":1: password names an empty file" },
		{ "password = /tmp\n", ":1: password Is a directory" },
	};
	struct config *config = config_new(settings);

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		ck_assert(!read_text(config, cases[i].text));
		ck_assert_msg(strstr(problem, cases[i].why) != NULL, "case %zu: %s", i, problem);
		ck_assert_msg(strncmp(problem, "/tmp/marquee-unit-", 18) == 0, "%s", problem);
	}
	ck_assert_int_eq(config_integer(config, "processes"), 2);
	config_free(config);
}
END_TEST

START_TEST(a_file_that_is_no_text_is_refused)
{
	struct config *config = config_new(settings);

	ck_assert(!config_read(config, "/proc/self/environ", false, problem));
	ck_assert_msg(strstr(problem, "no text file") != NULL, "%s", problem);
	ck_assert(!config_read(config, "/tmp", false, problem));
	config_free(config);
}
END_TEST

START_TEST(an_absent_file_is_skipped_only_when_it_may_be)
{
	struct config *config = config_new(settings);

	ck_assert(config_read(config, "/nowhere/marquee.conf", true, problem));
	ck_assert(!config_read(config, "/nowhere/marquee.conf", false, problem));
	ck_assert_str_eq(problem, "/nowhere/marquee.conf: No such file or directory");
	config_free(config);
}
END_TEST

START_TEST(a_secret_is_read_from_its_file_and_never_printed)
{
	struct config *config = config_new(settings);
	char *path = file_of("hunter2 #1\nsecond line\n"), line[128], *printed = NULL;
	size_t size;
	FILE *out = open_memstream(&printed, &size);

	snprintf(line, sizeof(line), "password = %s\n", path);
	ck_assert(read_text(config, line));
	ck_assert_str_eq(config_text(config, "password"), "hunter2 #1");
	config_print(config, out);
	fclose(out);
	ck_assert_ptr_null(strstr(printed, "hunter2"));
	ck_assert_ptr_nonnull(strstr(printed, path));
	free(printed);
	unlink(path);
	free(path);
	config_free(config);
}
END_TEST

START_TEST(what_is_printed_reads_back_the_same)
{
	struct config *config = config_new(settings), *again = config_new(settings);
	char *printed = NULL, *twice = NULL;
	size_t size;
	FILE *out = open_memstream(&printed, &size);

	ck_assert(read_text(config, "processes = 7\nquiet = on\nreplica = host=x\n"));
	config_print(config, out);
	fclose(out);
	ck_assert_ptr_nonnull(strstr(printed, "# Workers of a pool.\nprocesses = 7\n"));
	ck_assert_ptr_nonnull(strstr(printed, "password =\n"));
	ck_assert(read_text(again, printed));
	out = open_memstream(&twice, &size);
	config_print(again, out);
	fclose(out);
	ck_assert_str_eq(printed, twice);
	free(printed);
	free(twice);
	config_free(config);
	config_free(again);
}
END_TEST

/* How fn(config) ends in a process of its own. */
static int
ending_of(void (*fn)(const struct config *))
{
	struct config *config = config_new(settings);
	int status = 0;
	pid_t pid = fork();

	if (pid == 0) {
		signal(SIGABRT, SIG_DFL);
		fclose(stderr);
		fn(config);
		_exit(0);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	config_free(config);
	return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

static void
ask_for_nothing_known(const struct config *config)
{
	config_text(config, "colour");
}

static void
ask_for_another_kind(const struct config *config)
{
	config_integer(config, "public_url");
}

static void
make_a_bad_default(const struct config *unused)
{
	static const struct setting bad[] = { { "size", SETTING_INTEGER, "large", "A size." }, { 0 } };

	(void)unused;
	config_new(bad);
}

START_TEST(a_slip_of_ours_ends_the_process)
{
	ck_assert_int_eq(ending_of(ask_for_nothing_known), SIGABRT);
	ck_assert_int_eq(ending_of(ask_for_another_kind), SIGABRT);
	ck_assert_int_eq(ending_of(make_a_bad_default), SIGABRT);
}
END_TEST

SUITE("config",
    without_files_the_defaults_hold,
    later_files_win_and_leave_the_rest_alone,
    a_value_is_the_rest_of_the_line_without_its_comment,
    a_bad_line_is_named_with_its_file_its_number_and_why,
    a_file_that_is_no_text_is_refused,
    an_absent_file_is_skipped_only_when_it_may_be,
    a_secret_is_read_from_its_file_and_never_printed,
    what_is_printed_reads_back_the_same,
    a_slip_of_ours_ends_the_process);

/*
 * Runs every suite, or those named on the command line. Each test runs in a
 * process of its own, so one that crashes fails alone; CK_FORK=no for gdb.
 */
#include <err.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "auth/password.h"
#include "unit.h"

enum { TIMEOUT_S = 60 };	/* for a busy machine under sanitizers */

static SRunner *runner;		/* suites register before main() runs */

void
unit_add(const char *name, const TTest *const *tests)
{
	Suite *suite = suite_create(name);
	TCase *cases = tcase_create(name);

	tcase_set_timeout(cases, TIMEOUT_S);
	for (; *tests != NULL; tests++)
		tcase_add_test(cases, *tests);
	suite_add_tcase(suite, cases);
	if (runner == NULL)
		runner = srunner_create(suite);
	else
		srunner_add_suite(runner, suite);
}

int
main(int argc, char **argv)
{
	int failed, before;

	/* As programs do that hash (auth/hasher.c). */
	if (argc == 2 && strcmp(argv[1], "--hash") == 0)
		return password_serve(STDIN_FILENO);

	if (runner == NULL)
		errx(1, "no tests");
	if (argc < 2)
		srunner_run_all(runner, CK_ENV);
	for (int i = 1; i < argc; i++) {
		before = srunner_ntests_run(runner);
		srunner_run(runner, argv[i], NULL, CK_ENV);
		if (srunner_ntests_run(runner) == before)
			errx(1, "there is no suite %s", argv[i]);
	}
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}

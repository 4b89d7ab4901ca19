/* Runs the integration tests in one process: each suite begins its own rows. */
#include <stdlib.h>

#include "suites.h"

int
main(void)
{
	SRunner *runner = srunner_create(answers_suite());
	int failed;

	srunner_add_suite(runner, writes_suite());
	srunner_add_suite(runner, audit_suite());
	srunner_add_suite(runner, limits_suite());
	srunner_add_suite(runner, cache_suite());
	srunner_add_suite(runner, events_suite());
	srunner_set_fork_status(runner, CK_NOFORK);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

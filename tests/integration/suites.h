/* The suites of the integration tests; each has rows of its own. */
#ifndef SUITES_H
#define SUITES_H

#include <check.h>

Suite	*answers_suite(void);
Suite	*audit_suite(void);
Suite	*cache_suite(void);
Suite	*events_suite(void);
Suite	*limits_suite(void);
Suite	*writes_suite(void);

#endif

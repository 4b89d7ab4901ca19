/*
 * What a test file needs: START_TEST(a_sentence) ... END_TEST, and at its end
 * SUITE("file", a_sentence, ...); which registers them with the program.
 */
#ifndef UNIT_H
#define UNIT_H

#include <check.h>

#define SUITE(name, ...)							\
	static void __attribute__((constructor))				\
	register_suite(void)							\
	{									\
		unit_add(name, (const TTest *const []){ __VA_ARGS__, NULL });	\
	}

void	 unit_add(const char *name, const TTest *const *tests);

#endif

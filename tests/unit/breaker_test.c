/* When something that does not answer is left alone, and when it is asked again. */
#include "base/breaker.h"
#include "unit.h"

static void
open_at(struct breaker *breaker, int64_t now_ms)
{
	breaker_init(breaker);
	ck_assert(breaker_allows(breaker, now_ms));
	ck_assert(breaker_failed(breaker, true, now_ms));
}

START_TEST(a_breaker_opens_at_once_when_the_other_side_is_gone)
{
	struct breaker breaker;

	open_at(&breaker, 5000);
	ck_assert(!breaker_allows(&breaker, 5000));
	ck_assert(!breaker_allows(&breaker, 5799));
}
END_TEST

START_TEST(a_breaker_opens_after_three_failures_in_a_row)
{
	struct breaker breaker;

	breaker_init(&breaker);
	for (int round = 0; round < 3; round++) {
		ck_assert(!breaker_failed(&breaker, false, 5000));
		ck_assert(!breaker_failed(&breaker, false, 5000));
		ck_assert(breaker_allows(&breaker, 5000));
		ck_assert(!breaker_succeeded(&breaker));
	}
	ck_assert(!breaker_failed(&breaker, false, 5000));
	ck_assert(!breaker_failed(&breaker, false, 5000));
	ck_assert(breaker_failed(&breaker, false, 5000));
	ck_assert(!breaker_allows(&breaker, 5000));
	/* It is said once. */
	ck_assert(!breaker_failed(&breaker, true, 5000));
}
END_TEST

START_TEST(an_open_breaker_lets_one_through_a_second)
{
	struct breaker breaker;

	open_at(&breaker, 5000);
	for (int64_t now = 6200, round = 0; round < 100; round++, now += 1200) {
		ck_assert(breaker_allows(&breaker, now));
		ck_assert(!breaker_allows(&breaker, now));
		ck_assert(!breaker_allows(&breaker, now + 799));
		if (round % 2 == 0)
			ck_assert(!breaker_failed(&breaker, false, now));
	}
}
END_TEST

START_TEST(one_success_closes_a_breaker)
{
	struct breaker breaker;

	open_at(&breaker, 5000);
	ck_assert(breaker_allows(&breaker, 6200));
	ck_assert(breaker_succeeded(&breaker));
	ck_assert(breaker_allows(&breaker, 6200));
	ck_assert(breaker_allows(&breaker, 6200));
	ck_assert(!breaker_failed(&breaker, false, 6200));
	ck_assert(breaker_allows(&breaker, 6200));
}
END_TEST

START_TEST(processes_do_not_try_together)
{
	int tries[401] = { 0 }, different = 0;

	for (int i = 0; i < 1000; i++) {
		struct breaker breaker;
		int64_t now = 5800;

		open_at(&breaker, 5000);
		while (!breaker_allows(&breaker, now))
			now++;
		ck_assert_int_le(now, 6200);
		different += tries[now - 5800]++ == 0;
	}
	ck_assert_int_gt(different, 200);
}
END_TEST

SUITE("breaker",
    a_breaker_opens_at_once_when_the_other_side_is_gone,
    a_breaker_opens_after_three_failures_in_a_row,
    an_open_breaker_lets_one_through_a_second,
    one_success_closes_a_breaker,
    processes_do_not_try_together)

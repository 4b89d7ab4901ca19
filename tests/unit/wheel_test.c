/* Alarms ring in their second, once, whatever happens meanwhile. */
#include "unit.h"
#include "wheel.h"

struct rung {
	struct wheel	 wheel;
	struct alarm	 alarms[4];
	int		 count[4];
	int		 again_in_s;	/* the first one is set anew by its own ring */
};

static void
ring(void *arg, struct alarm *alarm)
{
	struct rung *rung = arg;

	rung->count[alarm - rung->alarms]++;
	if (rung->again_in_s > 0 && alarm == &rung->alarms[0])
		wheel_set(&rung->wheel, alarm, rung->again_in_s);
}

static void
go_to(struct rung *rung, int64_t now_s)
{
	wheel_turn(&rung->wheel, now_s, ring, rung);
}

START_TEST(an_alarm_rings_once_in_its_second)
{
	struct rung rung = { .wheel.now_s = 1000 };

	wheel_set(&rung.wheel, &rung.alarms[0], 5);
	wheel_set(&rung.wheel, &rung.alarms[1], 5);
	wheel_set(&rung.wheel, &rung.alarms[2], WHEEL_MOST_S);
	go_to(&rung, 1004);
	ck_assert_int_eq(rung.count[0], 0);
	go_to(&rung, 1005);
	ck_assert_int_eq(rung.count[0], 1);
	ck_assert_int_eq(rung.count[1], 1);
	go_to(&rung, 1062);
	ck_assert_int_eq(rung.count[2], 0);
	go_to(&rung, 1063);
	ck_assert_int_eq(rung.count[2], 1);
	go_to(&rung, 1200);
	ck_assert_int_eq(rung.count[0], 1);
}
END_TEST

START_TEST(an_alarm_that_was_unset_or_moved_does_not_ring)
{
	struct rung rung = { .wheel.now_s = 7 };

	for (int i = 0; i < 3; i++)
		wheel_set(&rung.wheel, &rung.alarms[i], 3);
	wheel_unset(&rung.alarms[1]);
	wheel_unset(&rung.alarms[1]);
	wheel_set(&rung.wheel, &rung.alarms[2], 9);
	go_to(&rung, 10);
	ck_assert_int_eq(rung.count[0], 1);
	ck_assert_int_eq(rung.count[1], 0);
	ck_assert_int_eq(rung.count[2], 0);
	go_to(&rung, 16);
	ck_assert_int_eq(rung.count[2], 1);
}
END_TEST

START_TEST(an_alarm_may_be_set_by_its_own_ring)
{
	struct rung rung = { .wheel.now_s = 50, .again_in_s = WHEEL_MOST_S };

	wheel_set(&rung.wheel, &rung.alarms[0], 1);
	for (int64_t now_s = 50; now_s <= 51 + 2 * WHEEL_MOST_S; now_s++)
		go_to(&rung, now_s);
	ck_assert_int_eq(rung.count[0], 3);
}
END_TEST

START_TEST(after_a_standstill_all_that_is_due_rings)
{
	struct rung rung = { .wheel.now_s = 50 };

	wheel_set(&rung.wheel, &rung.alarms[0], 1);
	wheel_set(&rung.wheel, &rung.alarms[1], WHEEL_MOST_S);
	wheel_set(&rung.wheel, &rung.alarms[2], 1000);
	go_to(&rung, 100000);
	for (int i = 0; i < 3; i++)
		ck_assert_int_eq(rung.count[i], 1);
	ck_assert_int_eq(rung.wheel.now_s, 100000);
}
END_TEST

SUITE("wheel", an_alarm_rings_once_in_its_second, an_alarm_that_was_unset_or_moved_does_not_ring,
    an_alarm_may_be_set_by_its_own_ring, after_a_standstill_all_that_is_due_rings)

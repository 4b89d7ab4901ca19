/* The timer wheel: a list of alarms for each of the next 64 seconds. */
#include <stddef.h>

#include "wheel.h"

static struct alarm **
slot_of(struct wheel *wheel, int64_t at_s)
{
	return &wheel->slots[at_s & (WHEEL_SLOTS - 1)];
}

void
wheel_unset(struct alarm *alarm)
{
	if (alarm->at == NULL)
		return;
	*alarm->at = alarm->next;
	if (alarm->next != NULL)
		alarm->next->at = alarm->at;
	alarm->at = NULL;
}

void
wheel_set(struct wheel *wheel, struct alarm *alarm, int in_s)
{
	struct alarm **slot;

	if (in_s < 1)
		in_s = 1;
	else if (in_s > WHEEL_MOST_S)
		in_s = WHEEL_MOST_S;
	slot = slot_of(wheel, wheel->now_s + in_s);
	wheel_unset(alarm);
	alarm->next = *slot;
	alarm->at = slot;
	if (alarm->next != NULL)
		alarm->next->at = &alarm->next;
	*slot = alarm;
}

/* After a standstill every slot is due at most once. */
void
wheel_turn(struct wheel *wheel, int64_t now_s, void (*ring)(void *arg, struct alarm *), void *arg)
{
	if (now_s - wheel->now_s > WHEEL_SLOTS)
		wheel->now_s = now_s - WHEEL_SLOTS;
	while (wheel->now_s < now_s) {
		struct alarm **slot = slot_of(wheel, ++wheel->now_s), *alarm;

		/* None can be set into this slot meanwhile: 64 seconds are too many. */
		while ((alarm = *slot) != NULL) {
			wheel_unset(alarm);
			ring(arg, alarm);
		}
	}
}

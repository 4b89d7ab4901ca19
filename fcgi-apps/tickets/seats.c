/* Seats: how many are free, to those who listen to the channel of an event. */
#include "tickets.h"

const struct statement seats_push = { SQL(
	select push_seats() as pushed
) };

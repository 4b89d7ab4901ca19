/* Orders: seats set aside for a person until they are paid, never more than there are. */
#include "tickets.h"

const struct timer order_timers[] = {
	{ 0 }
};

const struct route order_routes[] = {
	{ 0 }
};

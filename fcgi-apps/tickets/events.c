/* Events: what people go to, made by organisers, for everyone to see. */
#include "tickets.h"

const struct constraint ticket_constraints[] = {
	{ 0 }
};

const struct route event_routes[] = {
	{ 0 }
};

/* Imports: stadiums, and events of conferences. */
#include "tickets.h"

const struct verb import_verbs[] = {
	{ 0 }
};

/* Exports: all that the platform knows of a person, as a zip with a file of JSON per domain. */
#include "users.h"

const struct route export_routes[] = {
	{ 0 }
};

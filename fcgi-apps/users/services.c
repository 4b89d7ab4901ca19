/* Services: client credentials for a token, and what other pools ask of this one. */
#include "users.h"

const struct route service_routes[] = {
	{ 0 }
};

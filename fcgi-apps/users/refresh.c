/* Refresh: a refresh token, once, for a new pair. */
#include "users.h"

const struct route refresh_routes[] = {
	{ 0 }
};

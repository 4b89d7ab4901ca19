/* The public keys that our tokens are checked with (RFC 7517). */
#include "users.h"

const struct route key_routes[] = {
	{ 0 }
};

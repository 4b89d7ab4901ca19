/* What administrators do with accounts: roles, closing one; and the log of it. */
#include "users.h"

const struct route administration_routes[] = {
	{ 0 }
};

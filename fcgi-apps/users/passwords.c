/* Passwords: changed by who knows the old one, or reset by a token sent by mail. */
#include "users.h"

const char *
account_password_problem(const char *password)
{
	(void)password;
	return NULL;
}

const struct route password_routes[] = {
	{ 0 }
};

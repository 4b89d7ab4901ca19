/* Roles and their names, as tokens and the database spell them. */
#include <string.h>

#include "auth/token.h"

static const struct {
	const char	*name;
	enum role	 role;
} roles[] = {
	{ "user",	ROLE_USER },
	{ "organiser",	ROLE_ORGANISER },
	{ "producer",	ROLE_PRODUCER },
	{ "admin",	ROLE_ADMIN },
	{ "service",	ROLE_SERVICE },
};

#define ROLES	(sizeof(roles) / sizeof(roles[0]))

unsigned
role_from_text(const char *name)
{
	for (size_t i = 0; i < ROLES; i++)
		if (strcmp(roles[i].name, name) == 0)
			return roles[i].role;
	return 0;
}

const char *
role_text(enum role role)
{
	for (size_t i = 0; i < ROLES; i++)
		if (roles[i].role == role)
			return roles[i].name;
	return NULL;
}

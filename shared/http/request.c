/* Who a request speaks for. */
#include <string.h>
#include <strings.h>

#include "http/request.h"

bool
request_has_role(const struct request *rq, unsigned roles)
{
	return (rq->caller.roles & roles) != 0;
}

bool
request_speaks_for(const struct request *rq, const char *id_or_name)
{
	if (request_has_role(rq, ROLE_ADMIN | ROLE_SERVICE))
		return true;
	return rq->caller.roles != 0 && (strcasecmp(id_or_name, rq->caller.user_id) == 0 ||
	    strcasecmp(id_or_name, rq->caller.name) == 0);
}

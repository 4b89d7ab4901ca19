/* What a caller may do. */
#include "http/request.h"

bool
request_has_role(const struct request *rq, unsigned roles)
{
	return (rq->caller.roles & roles) != 0;
}

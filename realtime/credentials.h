/* Who opens a socket: by the access token of the request, or by a ticket. */
#ifndef REALTIME_CREDENTIALS_H
#define REALTIME_CREDENTIALS_H

#include "http/request.h"

struct gateway;

/* Sets rq->caller from rq->authorization, or else from the ticket (NULL: none). Fails with 401, or 503 before tokens can be trusted. */
void	 credentials_check(struct gateway *, struct request *, const char *ticket);

#endif

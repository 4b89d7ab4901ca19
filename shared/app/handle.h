/* A request's way from its row to its reply, in steps that the read lane takes apart. */
#ifndef APP_HANDLE_H
#define APP_HANDLE_H

#include <stdbool.h>

#include "http/request.h"

/* Sets rq->route, or fails the scope. */
bool		 handle_route(struct request *);
/*
 * Whether the caller may use the row; sets rq->caller.  A token not seen
 * before costs 0.4 ms, so the loop asks with verify false: then *later says
 * that a thread must ask again.
 */
bool		 handle_admit(struct request *, bool verify, bool *later);
/* Binds the input and runs the row; blocks on Postgres. */
struct reply	*handle_run(struct request *);

#endif

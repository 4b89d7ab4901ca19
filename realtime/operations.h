/* What the gateway tells the operations server: metrics, health, readiness. */
#ifndef REALTIME_OPERATIONS_H
#define REALTIME_OPERATIONS_H

#include <stdbool.h>

struct gateway;
struct reply;
struct request;

/* nginx lets nobody else ask for these paths. */
bool		 operations_know(const char *path);
struct reply	*operations_answer(struct gateway *, struct request *, const char *path);

#endif

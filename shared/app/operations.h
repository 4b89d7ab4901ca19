/* What a pool tells the operations server: metrics, health, readiness. */
#ifndef APP_OPERATIONS_H
#define APP_OPERATIONS_H

#include "http/route.h"

extern const struct route operations_routes[];

#endif

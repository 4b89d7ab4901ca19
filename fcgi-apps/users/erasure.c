/* Erasure: a person goes, what the law makes us keep stays without a name. */
#include "users.h"

const struct route erasure_routes[] = {
	{ 0 }
};

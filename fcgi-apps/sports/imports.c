/* Imports: files of results and matches, taken once, however often they are given. */
#include "sports.h"

const struct verb import_verbs[] = {
	{ 0 }
};

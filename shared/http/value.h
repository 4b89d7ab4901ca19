/* One value of the input, of a kind that has no parts: read, checked, or refused with a sentence. */
#ifndef HTTP_VALUE_H
#define HTTP_VALUE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "http/field.h"

struct scope;

/* As it came: a member of the body, or a text of path or query. */
struct value {
	const json_t	*json;
	const char	*text;
};

/* Also when it is null. */
bool		 value_is_absent(struct value);
/*
 * Of an INTEGER, BOOLEAN, TEXT, ID, TIME, DATE or MONEY that is there: puts it at out
 * and gives NULL, or a sentence for people.  A TEXT is not copied.  Of MONEY a
 * number with decimals comes as text, for in JSON's tree it is a double.
 */
const char	*value_read(struct scope *, const struct field *, struct value, void *out);
/* Why a text or a list of that size will not do, or NULL; what is one of it: "character". */
const char	*value_size_problem(struct scope *, const struct field *, size_t, const char *what);

/* A decimal as in JSON: no sign but '-', no leading zeros, nothing beside it. */
bool		 value_integer(int64_t *, const char *);

#endif

/*
 * JSON from outside, strictly as RFC 8259 has it, read by jansson.
 */
#ifndef HTTP_JSON_H
#define HTTP_JSON_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

struct scope;

#define JSON_MOST_LEVELS	32	/* arrays and objects inside one another */

/*
 * Any value; it is released with the scope, and so is every text in it.
 * Refused with 400 "bad_json" are, beside what is no JSON: a key given twice,
 * NUL, half a surrogate pair, a byte order mark, more levels, and numbers that
 * neither int64_t nor double can hold.  The detail tells line and column and
 * quotes nothing.  No memory: 503.
 */
bool	 json_parse(struct scope *, const char *, size_t, json_t **out);

/*
 * A number with a point or an exponent as it stands in the text that the tree
 * was read from, for who wants no double; ends with the scope.  It must be in
 * the tree.  Goes through the text up to it: not for thousands of them.
 */
const char *json_real_text(struct scope *, const char *, size_t, const json_t *tree, const json_t *real);

/* A Content-Type that says application/json, with any parameters; a charset only if it is UTF-8. */
bool	 json_is_type(const char *);

#endif

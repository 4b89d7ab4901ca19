/*
 * Pages: a cursor remembers the keys of the last row seen, so that the next
 * page starts behind it whatever was added or removed in between.
 *
 * A cursor is base64url of a version byte and the keys as text, a NUL between
 * them, which no text of Postgres contains.  It is neither secret nor signed:
 * a forged one is a wish to start somewhere else.  It travels in a header, so
 * keys should be short.
 */
#ifndef HTTP_PAGE_H
#define HTTP_PAGE_H

#include <stdbool.h>
#include <stddef.h>

struct page_key;
struct request;
struct scope;

/*
 * The keys of a cursor; of none (NULL) the first values.  Anything but as many
 * keys of the right kinds is a bad field "cursor".
 */
bool		 page_decode(struct scope *, const struct page_key *, const char *cursor, const char **after);
const char	*page_encode(struct scope *, const char *const *keys, size_t count);
/* <URL>; rel="next" (RFC 8288), absolute: this request's path and query with that cursor. */
const char	*page_link(struct request *, const char *cursor);

#endif

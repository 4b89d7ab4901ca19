/*
 * An append-only writer of JSON into a scope's arena: it never reads back and
 * keeps no tree.  Commas and braces are the caller's, but for
 * writer_member().
 */
#ifndef BASE_WRITER_H
#define BASE_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct scope;

struct writer {
	struct scope	*scope;
	char		*data;		/* not NUL-terminated */
	size_t		 length, room;
};

void	 writer_begin(struct writer *, struct scope *, size_t room);
void	 writer_bytes(struct writer *, const void *, size_t);
#define	 writer_literal(w, s)	writer_bytes(w, "" s, sizeof(s) - 1)
void	 writer_text(struct writer *, const char *);		/* as it is */
void	 writer_string(struct writer *, const char *, size_t);	/* quoted and escaped */
void	 writer_key(struct writer *, const char *);		/* "name": */
/* A member of an object, with the comma before it unless it is the first. */
void	 writer_member(struct writer *, const char *key, const char *text);
void	 writer_member_integer(struct writer *, const char *key, int64_t);
void	 writer_member_json(struct writer *, const char *key, const char *json);	/* as it is */
void	 writer_texts(struct writer *, const char *const *, size_t);	/* an array of strings */
void	 writer_integer(struct writer *, int64_t);
void	 writer_bool(struct writer *, bool);
void	 writer_number(struct writer *, double);		/* shortest text that reads back the same; null unless finite */
/* An exact decimal of an amount in minor units: 7997 with 2 digits is 79.97. */
void	 writer_decimal(struct writer *, int64_t minor, int digits);
/* RFC 3339 in UTC with Z, quoted; microseconds since 1970, fraction only when there is one. null outside of the years 0 to 9999. */
void	 writer_time(struct writer *, int64_t unix_us);
void	 writer_date(struct writer *, int64_t days_since_1970);
void	 writer_uuid(struct writer *, const uint8_t[16]);	/* quoted */
/* What was written, with a NUL behind it. */
char	*writer_copy(const struct writer *);

#endif

/* Text as it comes from outside: UTF-8, percent-encoding, base64url, UUIDs. */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct scope;

/* Well-formed UTF-8 (RFC 3629) without NUL. */
bool	 text_is_utf8(const char *, size_t);
/* Code points of well-formed UTF-8. */
size_t	 text_length(const char *);
/* Other than tabs and the ends of lines. */
bool	 text_has_controls(const char *);
/* Percent-decodes n bytes; '+' becomes a space where plus_is_space. NULL: malformed, NUL or not UTF-8. */
char	*text_unescape(struct scope *, const char *, size_t n, bool plus_is_space);

/* base64url without padding (RFC 4648, 5); the output is NUL-terminated. */
#define TEXT_BASE64URL_SIZE(n)	(((n) * 4 + 2) / 3 + 1)
void	 text_to_base64url(char *out, const void *, size_t n);
/* Bytes written, at most room; -1: not base64url, or padding bits set, or too long. */
long	 text_from_base64url(void *out, size_t room, const char *, size_t n);

/* Reads the canonical form, in either case (RFC 9562, 4). */
bool	 text_to_uuid(uint8_t out[16], const char *);
void	 text_from_uuid(char out[37], const uint8_t[16]);
/* Reads 2026-07-01, years 1 to 9999; days since 1970. */
bool	 text_to_date(int64_t *days, const char *);
/* Reads RFC 3339 with any offset, years 1 to 9999; microseconds since 1970. 23:59:60 is the second after it. */
bool	 text_to_time(int64_t *unix_us, const char *);
/* A mail address as people have them: one @, no space, a dot in the domain, at most 254 bytes. */
bool	 text_is_email(const char *);

#endif

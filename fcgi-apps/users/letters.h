/* Bits as letters and digits: for programs by RFC 4648, for people without those that look alike. */
#ifndef LETTERS_H
#define LETTERS_H

#include <stddef.h>
#include <stdint.h>

/* Base32 without padding (RFC 4648, 6); the output is NUL-terminated. */
#define LETTERS_BASE32_SIZE(n)	(((n) * 8 + 4) / 5 + 1)
void	 letters_base32(char *out, const uint8_t *, size_t n);
/* So many random letters and digits, of five bits each, and a NUL. */
void	 letters_random(char *out, size_t count);

#endif

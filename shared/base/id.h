/* New identifiers: UUIDv7 (RFC 9562, 5.7), random bytes from the kernel. */
#ifndef BASE_ID_H
#define BASE_ID_H

#include <stddef.h>
#include <stdint.h>

#define ID_SIZE	37

/* In text, NUL-terminated; ids of one process rise with time. Aborts when the kernel has no random bytes. */
void	 id_new(char out[ID_SIZE]);
void	 id_random(void *, size_t);

#endif

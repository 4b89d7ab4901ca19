/* What a fuzz target is: one function that takes any bytes and stops the process when a promise is broken. */
#ifndef FUZZ_H
#define FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int	 LLVMFuzzerTestOneInput(const uint8_t *, size_t);

#define promise(condition)	((condition) ? (void)0 : broken_promise(__FILE__, __LINE__, #condition))

static inline void __attribute__((noreturn))
broken_promise(const char *file, int line, const char *condition)
{
	fprintf(stderr, "%s:%d: broken: %s\n", file, line, condition);
	abort();
}

#endif

/* Stands before libc's clock and allocator for the whole test program, shared libraries included. */
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "fake.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define __SANITIZE_ADDRESS__ 1
#endif
#endif

#ifdef __SANITIZE_ADDRESS__
#define REAL(name)	__interceptor_##name
#else
#define REAL(name)	__libc_##name
#endif

void	*REAL(malloc)(size_t);
void	*REAL(calloc)(size_t, size_t);
void	*REAL(realloc)(void *, size_t);

static int64_t ahead_s;
static __thread unsigned countdown;
static __thread bool failed;

void
fake_clock_ahead(int64_t seconds)
{
	ahead_s = seconds;
}

int
clock_gettime(clockid_t clock, struct timespec *now)
{
	int result = (int)syscall(SYS_clock_gettime, clock, now);

	if (result == 0 && clock == CLOCK_REALTIME)
		now->tv_sec += ahead_s;
	return result;
}

/* What libraries leak when memory runs out is theirs. */
void	__lsan_disable(void) __attribute__((weak));
void	__lsan_enable(void) __attribute__((weak));

void
fake_failing_allocation(unsigned n)
{
	static __thread bool hidden;

	if (hidden != (n > 0) && __lsan_disable != NULL && __lsan_enable != NULL) {
		hidden = n > 0;
		(hidden ? __lsan_disable : __lsan_enable)();
	}
	countdown = n;
	failed = false;
}

bool
fake_allocation_failed(void)
{
	return failed;
}

/* Of this size, which may be nonsense: libc says no to that, ASan would end the program. */
static bool
fails(size_t size)
{
	if (countdown > 0 && --countdown == 0)
		failed = true;
	else if (size <= PTRDIFF_MAX)
		return false;
	errno = ENOMEM;
	return true;
}

void *
malloc(size_t size)
{
	return fails(size) ? NULL : REAL(malloc)(size);
}

void *
calloc(size_t count, size_t size)
{
	return fails(size) ? NULL : REAL(calloc)(count, size);
}

void *
realloc(void *old, size_t size)
{
	return fails(size) ? NULL : REAL(realloc)(old, size);
}

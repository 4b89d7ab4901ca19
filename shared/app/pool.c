/* The memory that a pool's processes share. */
#include <sys/mman.h>

#include "app/pool.h"
#include "auth/password.h"
#include "auth/revocations.h"
#include "data/limits.h"

/* Each part begins on a cache line. */
static size_t
after(size_t offset, size_t size)
{
	return (offset + size + 63) & ~(size_t)63;
}

static size_t
revocations_offset(void)
{
	return after(0, sizeof(struct pool));
}

static size_t
limits_offset(void)
{
	return after(revocations_offset(), revocations_size(POOL_REVOCATIONS));
}

static size_t
password_places_offset(void)
{
	return after(limits_offset(), limits_size());
}

size_t
pool_size(void)
{
	return after(password_places_offset(), password_places_size());
}

struct pool *
pool_map(int fd)
{
	void *memory = mmap(NULL, pool_size(), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	return memory == MAP_FAILED ? NULL : memory;
}

struct revocations *
pool_revocations(struct pool *pool)
{
	return revocations_at((char *)pool + revocations_offset(), POOL_REVOCATIONS);
}

void *
pool_limits(struct pool *pool)
{
	return (char *)pool + limits_offset();
}

void *
pool_password_places(struct pool *pool)
{
	return (char *)pool + password_places_offset();
}

uint64_t
pool_layout(void)
{
	return (uint64_t)POOL_VERSION << 48 | pool_size();
}

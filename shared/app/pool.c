/* The memory that a pool's processes share. */
#include <sys/mman.h>

#include "app/pool.h"
#include "auth/revocations.h"

static size_t
revocations_offset(void)
{
	return (sizeof(struct pool) + 63) & ~(size_t)63;
}

size_t
pool_size(void)
{
	return revocations_offset() + revocations_size(POOL_REVOCATIONS);
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

uint64_t
pool_layout(void)
{
	return (uint64_t)POOL_VERSION << 48 | pool_size();
}

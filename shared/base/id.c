/*
 * UUIDv7: 48 bits of milliseconds, 12 bits of their fraction, 62 random bits.
 * The random bytes are not kept ahead: a forked worker would inherit them.
 */
#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

#include "base/clock.h"
#include "base/id.h"
#include "base/text.h"

/* Milliseconds and fraction of the newest id; ids of one process rise, also when two are made in a quarter microsecond. */
static _Atomic uint64_t newest;

void
id_random(void *out, size_t size)
{
	char *p = out;
	ssize_t n;

	for (; size > 0; p += n, size -= (size_t)n) {
		n = getrandom(p, size, 0);
		if (n < 0 && errno == EINTR)
			n = 0;
		if (n < 0) {
			perror("getrandom");
			abort();
		}
	}
}

static uint64_t
next_stamp(void)
{
	uint64_t us = (uint64_t)clock_unix_us();
	uint64_t now = us / 1000 << 12 | (us % 1000 << 12) / 1000;
	uint64_t last = atomic_load_explicit(&newest, memory_order_relaxed), stamp;

	do
		stamp = now > last ? now : last + 1;
	while (!atomic_compare_exchange_weak_explicit(&newest, &last, stamp, memory_order_relaxed, memory_order_relaxed));
	return stamp;
}

void
id_new(char out[ID_SIZE])
{
	uint64_t stamp = next_stamp();
	uint8_t id[16];

	for (int i = 0; i < 6; i++)
		id[i] = (uint8_t)(stamp >> (52 - 8 * i));
	id[6] = (uint8_t)(0x70 | (stamp >> 8 & 0x0f));
	id[7] = (uint8_t)stamp;
	id_random(id + 8, 8);
	id[8] = (uint8_t)(0x80 | (id[8] & 0x3f));
	text_from_uuid(out, id);
}

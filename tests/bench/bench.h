/* SPDX-License-Identifier: MIT */
/* bench.h: what programs that fill a store with made-up events share: chance that is the same each time, seconds, an end at a fault. */
#ifndef BENCH_H
#define BENCH_H

#include <gscrape/store.h>
#include <stdlib.h>
#include <time.h>

static inline uint32_t chance(uint32_t n)
{
	static uint64_t seed = 88172645463325252u;

	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (uint32_t)(seed >> 33) % n;
}

static inline double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static inline int by_id(const void *pa, const void *pb)
{
	const struct event *x = pa, *y = pb;

	return x->id < y->id ? -1 : x->id > y->id;
}

#endif

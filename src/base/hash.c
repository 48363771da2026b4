/* SPDX-License-Identifier: MIT */
/*
 * The only home of xxHash, with hash_wide.c. Inlined, so that XXH3 is compiled with this file's flags: every processor of the
 * kind has those. Where this one has AVX2 as well, long texts go through the same code compiled for that, twice as fast.
 */
#define XXH_INLINE_ALL
#include <xxhash.h>

#include "hash_wide.h"
#include <gscrape/buf.h>

#define LONG 240 /* bytes: below that XXH3 has other ways, which gain nothing by wider registers */

uint64_t hash64(const void *p, size_t n)
{
#ifdef __x86_64__
	if (n > LONG && __builtin_cpu_supports("avx2"))
		return hash64_wide(p, n);
#endif
	return XXH3_64bits(p, n);
}

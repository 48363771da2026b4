/* SPDX-License-Identifier: MIT */
/* The only home of xxHash. Inlined, so that XXH3 is compiled with this file's flags. */
#define XXH_INLINE_ALL
#include <xxhash.h>

#include <gscrape/buf.h>

uint64_t hash64(const void *p, size_t n)
{
	return XXH3_64bits(p, n);
}

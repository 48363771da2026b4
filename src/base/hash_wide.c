/* SPDX-License-Identifier: MIT */
/* hash64 as compiled for processors that have AVX2: the Makefile has the flag. */
#define XXH_INLINE_ALL
#include <xxhash.h>

#include "hash_wide.h"

uint64_t hash64_wide(const void *p, size_t n)
{
	return XXH3_64bits(p, n);
}

/* SPDX-License-Identifier: MIT */
/* hash_wide.h: the same number as hash64 gives, on x86-64 and for a processor with AVX2 alone. */
#ifndef BASE_HASH_WIDE_H
#define BASE_HASH_WIDE_H

#include <stddef.h>
#include <stdint.h>

uint64_t hash64_wide(const void *p, size_t n);

#endif

/* SPDX-License-Identifier: MIT */
/* profile.h: a goroutine profile in protobuf, as debug=0 answers it, read. */
#ifndef GSCRAPE_PROFILE_H
#define GSCRAPE_PROFILE_H

#include <gscrape/buf.h>
#include <gscrape/err.h>

/* May these bytes, not compressed, be a profile? */
bool profile_is(const void *p, size_t n);

/* Append it to out as debug=1 says the same, for grouped.h. 1; 0 when it is no profile of goroutines, or damaged. */
int profile_text(const void *p, size_t n, struct buf *out);

#endif

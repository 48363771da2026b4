/* SPDX-License-Identifier: MIT */
/* find.h: searching bytes at the speed of memory. */
#ifndef DUMP_FIND_H
#define DUMP_FIND_H

#include <stddef.h>

/* The first place at or after i where a goroutine's header or a grouped profile's may begin; n when there is none. What
 * follows the word "goroutine" is looked at in the spelling of JSON and HTML too, and with tags and colours between its words.
 * The last FIND_TAIL bytes may begin one that is not whole yet. */
size_t find_header(const char *p, size_t n, size_t i);
#define FIND_TAIL 768

size_t find_newlines(const char *p, size_t n); /* how many */

#endif

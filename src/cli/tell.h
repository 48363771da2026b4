/* SPDX-License-Identifier: MIT */
/* tell.h: sentences on standard error. Names, filters and paths are anybody's: no byte of them that a terminal obeys is sent to it. */
#ifndef CLI_TELL_H
#define CLI_TELL_H

#include <gscrape/buf.h>

/* "gscrape-tui: " and the sentence, which may have several lines. */
void tell(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void buf_add_told(struct buf *b, const char *text); /* its lines, made visible */

#endif

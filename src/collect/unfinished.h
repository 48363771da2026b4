/* SPDX-License-Identifier: MIT */
/* unfinished.h: a file that somebody else is writing to now. gscrape-tui's own appear when they are whole, other recorders' may grow. */
#ifndef COLLECT_UNFINISHED_H
#define COLLECT_UNFINISHED_H

#include <gscrape/buf.h>

#define UNFINISHED_MS 60000 /* since it was written to; what is not whole then will not be */

/* Is it not whole, and was it written to a moment ago? rc: file_read's, which gave the text. */
bool file_is_unfinished(const char *path, int rc, struct str text);

#endif

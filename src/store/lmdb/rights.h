/* SPDX-License-Identifier: MIT */
/* rights.h: a store that may not be read or written, in a sentence: whose it is, which right is missing, what to do. */
#ifndef LMDB_RIGHTS_H
#define LMDB_RIGHTS_H

#include <gscrape/err.h>
#include <stdbool.h>

/* As fail_errno, for a file that was to be read, or written; it need not be there. */
int fail_right(struct err *e, int code, const char *path, bool write);

#endif

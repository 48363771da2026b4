/* SPDX-License-Identifier: MIT */
/*
 * pages.h: LMDB's file as pages. LMDB takes on trust what it finds in them: a length, an offset or a page's number that
 * is not what was written leads it outside, or past rows. So whoever opens a file looks at its pages first, and what
 * cannot be so is told. A commit is noted behind LMDB's own head of the file, so that an older one is not taken for it.
 *
 * Rows are not judged here: they have checksums of their own.
 */
#ifndef STORE_LMDB_PAGES_H
#define STORE_LMDB_PAGES_H

#include <gscrape/buf.h>
#include <gscrape/err.h>

/* What LMDB asks of the first two pages before it opens a file, and more. */
int pages_heads(int fd, const char *path, struct err *e);

/* Rows of the store's tables, as they are met. `large`: the value has pages of its own, which nobody has touched yet. */
struct row_reader {
	void (*row)(void *ctx, struct str key, struct str value, bool large);
	void *ctx;
};

/* Is all there and sound as of commit `number`? 1; 0 the file has gone on since, or an older commit was seen: look again; -1. */
int pages_sound(int fd, const char *path, size_t number, const struct row_reader *rows, struct err *e);

/* Note that `number` is the newest commit; in both places once it is known to be on the disk. -1 with errno. */
int pages_note(int fd, size_t number, bool on_disk);

/*
 * The rows of a damaged file, those that can be reached first, then those of pages that nobody knows any more. A row may
 * come twice. How many pages were passed over, or -1.
 */
int64_t pages_salvage(int fd, const char *path, const struct row_reader *rows, struct err *e);

#endif

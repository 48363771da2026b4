/* SPDX-License-Identifier: MIT */
/*
 * bundle.h: files within files: tar and zip, plain or compressed, and what xz, zstd, bzip2, lz4 and gzip made of one file.
 * The only home of libarchive. Nothing is ever written by a name that stands in one.
 */
#ifndef CLI_BUNDLE_H
#define CLI_BUNDLE_H

#include <gscrape/buf.h>
#include <gscrape/err.h>
#include <sys/types.h>

/* Bytes from somewhere: how many came, 0 at the end, -1. */
struct source {
	ssize_t (*read)(void *ctx, void *p, size_t n, struct err *e);
	void *ctx;
};

struct bundle;

/* Do these first bytes of something begin a bundle, or a compressed file other than gzip's? 512 are enough. */
bool bundle_is(const char *p, size_t n);

/* `begun` is what was read of the source already; it must stay until bundle_close. 0 or -1. */
int bundle_open(struct bundle **out, struct str begun, const struct source *from, struct err *e);
void bundle_close(struct bundle *b);

/* The next file: 1, 0 at the end, -1. The name is "" for a file that is compressed and not in a bundle, and valid until the
 * next call; time: when it was changed, ms UTC, or NO_TIME. */
int bundle_next(struct bundle *b, const char **name, int64_t *time, struct err *e);
bool bundle_is_single(const struct bundle *b); /* after bundle_next: one compressed file, no bundle */

/* Read on in the file that bundle_next() found; ctx is the bundle. As struct source's. */
ssize_t bundle_read(void *ctx, void *p, size_t n, struct err *e);

const char *bundle_made_with(void); /* "libarchive 3.6.2 zlib/1.2.13 liblzma/5.4.1" */

#endif

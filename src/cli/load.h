/* SPDX-License-Identifier: MIT */
/* load.h: what a person hands over, from files, bundles or standard input: for --parse, --count, --index, and browsing. */
#ifndef CLI_LOAD_H
#define CLI_LOAD_H

#include <gscrape/options.h>
#include <gscrape/unwrap.h>

/* A text that holds goroutines or a grouped profile. name: the file's, of one in a bundle its path there; time: when it was
 * changed, ms UTC, NO_TIME unknown. *r may be taken (and zeroed). 0, or -1 to go no further. */
typedef int load_fn(void *ctx, const char *name, int64_t time, struct unwrapped *r, struct err *e);

/*
 * Each text in a file, plain, compressed (gz, xz, zst, bz2, lz4) or a bundle (tar, zip) of such, within each other three
 * deep at most; "-" is standard input. Whatever stands around a dump is undone (with --strict: nothing may). A log is not
 * kept, only what is in it. 0; 1 when the file is damaged or larger than is sensible, and what came before was given (the
 * sentence says so); -1 when it cannot be read, or holds neither goroutines nor a grouped profile.
 */
int load_each(const char *path, const struct options *o, load_fn *fn, void *ctx, struct err *e);

/* The same for one text: all of a file's texts as one. *out is for unwrapped_release() in any case. */
int dump_load(const char *path, const struct options *o, struct unwrapped *out, struct err *e);

/* Say on standard error what befell the program, and what was undone and skipped; nothing where there is nothing to say. */
void dump_load_tell(const char *path, const struct unwrapped *r);
void dump_load_words(struct buf *out, const char *path, const struct unwrapped *r); /* the same, a line each */

#endif

/* SPDX-License-Identifier: MIT */
/* load.h: what a person hands over, from a file or standard input: for --parse, --count, and browsing. */
#ifndef CLI_LOAD_H
#define CLI_LOAD_H

#include <gscrape/options.h>
#include <gscrape/unwrap.h>

/*
 * Read a dump, plain or gzip, whatever stands around it (with --strict: nothing may); "-" is standard input. A log is not
 * kept, only what is in it. 0; 1 when the file is damaged and *out has what came before the damage (the sentence says so);
 * -1 when it cannot be read, or holds neither goroutines nor a grouped profile. *out is for unwrapped_release() in any case.
 */
int dump_load(const char *path, const struct options *o, struct unwrapped *out, struct err *e);

/* Say on standard error what was undone and skipped; nothing when nothing was. */
void dump_load_tell(const char *path, const struct unwrapped *r);

#endif

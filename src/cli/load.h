/* SPDX-License-Identifier: MIT */
/* load.h: one dump from a file or standard input, for --parse and --count. */
#ifndef CLI_LOAD_H
#define CLI_LOAD_H

#include <gscrape/dump.h>

/*
 * Read a dump, plain or gzip; "-" is standard input. 0; 1 when the file is damaged and text has what came before the
 * damage (the sentence says so); -1 when it cannot be read, or is something else than a dump.
 */
int dump_load(const char *path, struct buf *text, struct err *e);

#endif

/* SPDX-License-Identifier: MIT */
/* source.h: where the sources that a dump names are on this machine. */
#ifndef TUI_SOURCE_H
#define TUI_SOURCE_H

#include <gscrape/buf.h>

/*
 * A file of a stack as it is here; caller frees, NULL: it is not here. The map, "FROM=TO,FROM=TO", replaces beginnings of paths, whole
 * folders, the longest first and once; "~/" is at home. Where the map says nothing, the path as it is, then Go's own places: modules
 * (GOMODCACHE, GOPATH, ~/go) and the standard library (GOROOT, that of the go in PATH, and the usual ones), also for paths that were trimmed.
 */
char *source_here(const char *map, const char *file);
/* Why it is not: "/src/a.go is not here", or what the system says of a path that is there: a loop of links, no right to read. Caller frees. */
char *source_missing(const char *map, const char *file);
int64_t source_changed(const char *path); /* ms UTC; 0 unknown */

#endif

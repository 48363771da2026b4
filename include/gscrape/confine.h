/* SPDX-License-Identifier: MIT */
/*
 * confine.h: a process that answers strangers gives up what it does not need, as far as its kernel can take it away: for good, for
 * the thread that calls it and those that this one starts. No new privileges; by Landlock no file outside of some folders, and no
 * TCP connection to anybody; by seccomp no other program, no other process's memory, no socket of the network, and nothing of
 * what only administrators do.
 */
#ifndef GSCRAPE_CONFINE_H
#define GSCRAPE_CONFINE_H

#include <stddef.h>

enum { CONFINED_FILES = 1, CONFINED_CALLS = 2 };

/* Which of these hold from now on. In the folder of `store` files may be written (a reader says in its lock file what it reads);
 * in those of `read` (NULL: none), in the system's own, and in /proc and /dev they may be read. */
int confine(const char *store, const char *const *read, size_t n);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * err.h: how a failure is told.
 *
 * A function that can fail returns -1 and leaves one sentence, without a newline, in the struct err its caller gave:
 * what failed and where. Nobody below a face (tui, serve, cli) prints. Where a function answers yes or no it returns
 * 1 found, 0 not there, -1 failed. Out of memory and bugs die at once (die(), which restores the terminal first).
 */
#ifndef GSCRAPE_ERR_H
#define GSCRAPE_ERR_H

#include <stddef.h>

struct err {
	char text[512];
};

/* Leave a sentence in e (NULL: nobody wants it) and return -1: `return fail(e, "%s: %s", path, strerror(errno));` */
int fail(struct err *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Print "gscrape-tui: " and the sentence to stderr, after the death hook (the terminal's restore) ran; exit 1. */
void die(const char *fmt, ...) __attribute__((format(printf, 1, 2), noreturn));

/* What die() calls before it prints; NULL to take it back. Set by the terminal only. */
void die_hook(void (*fn)(void));

/* Allocation that dies. xrealloc(p, n, size) is n * size bytes, checked for overflow. */
void *xmalloc(size_t size);
void *xcalloc(size_t n, size_t size);
void *xrealloc(void *p, size_t n, size_t size);
char *xstrdup(const char *s);
char *xstrndup(const char *s, size_t n);
char *xasprintf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif

/* SPDX-License-Identifier: MIT */
/*
 * err.h: how a failure is told.
 *
 * A function that can fail returns -1 and leaves one sentence, without a newline, in the struct err its caller gave:
 * what failed and where, and its kind, set where it is known: the faces turn it into exit statuses, HTTP's and words.
 * Where a function answers yes or no it returns 1 found, 0 not there, -1 failed. Out of memory and bugs die at once
 * (die(), which restores the terminal first). Who prints: the faces (tui, serve, cli), and what runs in the background
 * for one without a screen (collect/progress.c, watch).
 */
#ifndef GSCRAPE_ERR_H
#define GSCRAPE_ERR_H

#include <stddef.h>

enum err_kind {
	ERR_FAILED,  /* of no special kind */
	ERR_USAGE,   /* what was asked for makes no sense */
	ERR_IO,      /* the system refused */
	ERR_FULL,    /* no room is left: disk or quota */
	ERR_DAMAGED, /* what was read cannot be what was written */
	ERR_GONE,    /* it is not there, or not any more */
	ERR_AWAY,    /* a server does not answer, or cannot just now: later it may */
};

struct err {
	enum err_kind kind;
	char text[512];
};

/* Leave a sentence in e (NULL: nobody wants it) and return -1: `return fail(e, "%s: %s", path, strerror(errno));` */
int fail(struct err *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
int fail_as(struct err *e, enum err_kind kind, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* A system call's failure: "PATH: No such file or directory". The kind comes from the code (errno's). */
int fail_errno(struct err *e, int code, const char *path);

/* The same for writing: where the disk has no room left, "PATH: the disk is full", whatever the code says (a write that was cut
 * short is EIO to those who only count bytes). */
int fail_write(struct err *e, int code, const char *path);

/* Print "gscrape-tui: " and the sentence to stderr, after the death hook (the terminal's restore) ran; exit 1. */
void die(const char *fmt, ...) __attribute__((format(printf, 1, 2), noreturn));

/* What die() calls before it prints; NULL to take it back. Set by the terminal only. */
void die_hook(void (*fn)(void));
/* Call it, from a signal handler too. */
void die_quietly(void);

/* Allocation that dies. xrealloc(p, n, size) is n * size bytes, checked for overflow. */
void *xmalloc(size_t size);
void *xcalloc(size_t n, size_t size);
void *xrealloc(void *p, size_t n, size_t size);
char *xstrdup(const char *s);
char *xstrndup(const char *s, size_t n);
char *xasprintf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif

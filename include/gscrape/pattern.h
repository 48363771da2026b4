/* SPDX-License-Identifier: MIT */
/*
 * pattern.h: regular expressions as Perl has them, the only home of PCRE2. One that would take for ever on a text gives up
 * after a bounded amount of work, and says so. Of one thread.
 */
#ifndef GSCRAPE_PATTERN_H
#define GSCRAPE_PATTERN_H

#include <gscrape/err.h>
#include <stdbool.h>

struct pattern;

/* ^ and $ are the ends of lines, and . is no newline. -1 and a sentence that says where: "missing closing parenthesis (at 7)"; the same in
 * bytes, from 0, in *wrong (NULL: nobody wants it). */
int pattern_open(struct pattern **out, const char *text, bool any_case, size_t *wrong, struct err *e);
void pattern_close(struct pattern *p); /* NULL is fine */
/* 1 it is somewhere in it, 0 not, -1 that would take too long to find out. */
int pattern_in(struct pattern *p, const char *text, size_t n);

#endif

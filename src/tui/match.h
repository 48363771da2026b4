/* SPDX-License-Identifier: MIT */
/* match.h: does a line of text match what was typed. */
#ifndef TUI_MATCH_H
#define TUI_MATCH_H

#include <regex.h>
#include <stdbool.h>

/* Smart case: upper case counts where the pattern has any. */
struct matcher {
	char text[256];
	bool regex, words, ready;
	bool broken;   /* a regular expression that cannot be understood: matches nothing */
	bool compiled;
	regex_t re;
};

/*
 * A pattern to match with: a regular expression (POSIX extended), one piece of text, or words, of which all must be there
 * and those with a ! before them must not. Cheap when it is the same pattern as the last time.
 */
void matcher_set(struct matcher *m, const char *text, bool regex, bool words);
bool matcher_matches(const struct matcher *m, const char *line); /* an empty pattern matches anything */
void matcher_release(struct matcher *m);

#endif

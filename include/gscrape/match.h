/* SPDX-License-Identifier: MIT */
/*
 * match.h: does a text match what a person typed. One rule for searches, filters and function names: a word with a capital
 * letter in it must match exactly, any other in any case; ^ before a word and $ behind it tie it to the begin and the end;
 * of several words all must be there, and those with a ! before them must not. A word without brackets is found in a method's name as
 * if that had none, either: conn.serve in http.(*conn).serve.
 */
#ifndef GSCRAPE_MATCH_H
#define GSCRAPE_MATCH_H

#include <gscrape/pattern.h>
#include <stdbool.h>
#include <stddef.h>

/* One word, which is borrowed. */
struct match_word {
	const char *text;
	size_t n;
	bool negated, begin, end, exact;
	bool brackets; /* it has ( ) or * */
};
struct match_word match_word(const char *s, size_t n);
struct match_word match_literal(const char *s, size_t n); /* its signs are letters as others */
bool match_any_case(const char *text, size_t n); /* has it no capital letter? Then case does not count */
bool match_word_in(const struct match_word *w, const char *text); /* `not` is the caller's affair */

enum match_kind {
	MATCH_WORDS, /* blanks part them */
	MATCH_TEXT,  /* one word, blanks and all, and ! is a letter like others */
	MATCH_REGEX, /* pattern.h; capitals count where it has any. Where it takes too long it does not match */
};

/* Zero is one that matches everything. */
struct matcher {
	char *text;
	enum match_kind kind;
	struct match_word *words; /* in text */
	size_t n, cap;
	struct pattern *re;
	bool broken;
	size_t wrong; /* where, in bytes of the text */
};

/* Nothing to do when it is the same as the last time. -1 and a sentence for an expression that cannot be understood: it
 * matches nothing then. */
int matcher_set(struct matcher *m, const char *text, enum match_kind kind, struct err *e);
bool matcher_matches(const struct matcher *m, const char *text); /* an empty pattern matches anything */
void matcher_release(struct matcher *m);

/* Edits from a to b: insert, remove, replace, swap two neighbours. SIZE_MAX when one is longer than 255 bytes. */
size_t edits(const char *a, const char *b);

#endif

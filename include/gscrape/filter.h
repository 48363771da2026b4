/* SPDX-License-Identifier: MIT */
/*
 * filter.h: the one language in which goroutines are asked for, on every face. Part of the query room.
 *
 *     filter     = and { "or" and }                        also ||
 *     and        = not { [ "and" ] not }                   also &&; what stands side by side must both hold
 *     not        = ( "not" | "!" ) not | "(" filter ")" | relation | "@" NAME | condition
 *     relation   = ( "ancestors" | "descendants" | "siblings" ) "(" filter ")"
 *     condition  = field op value | field "in" "(" value { "," value } ")" | FLAG | field ":" value | word
 *     op         = "==" "=" "!=" "<" "<=" ">" ">=" "~" "!~" "contains"
 *     value      = a word, or anything in "…" or '…', where \ stands before the quote and before itself
 *
 * and, or, not, in and contains may stand in capitals.
 *
 * Fields are a table (filter_field): texts, numbers, spans of time ("10m"), times ("16:25", "-1h") and flags. Of a text that a
 * goroutine has several of (func: each frame) one must fit; != and !~ are the opposite of == and ~. == is the whole text,
 * ~ a regular expression (pattern.h), contains and field:value a part. For those capitals count where the value has any.
 * What is not known is in no relation to a number, not even !=; a text that is not there is "".
 *
 * A bare word is looked for, as match.h has it, in the number, host, state, function, root, creation site and labels; one like
 * server.go:88 in the places of all frames.
 *
 * A filter is compiled once. What depends on the stack, the state or the labels alone is decided once for each of those. It is
 * of one thread, and of one query at a time. NULL is the empty filter, which all pass.
 */
#ifndef GSCRAPE_FILTER_H
#define GSCRAPE_FILTER_H

#include <gscrape/query.h>

struct filter;

struct filter_source {
	const char *text;
	int64_t now;               /* what times of day and "-10m" are before */
	const struct zone *zone;   /* of times */
	const char *const *saved;  /* "NAME: filter" each, for @NAME */
	size_t n_saved;
};
/* What of the text is wrong, in bytes. n 0: something is missing there. */
struct filter_fault {
	size_t at, n;
};
/* 0; or -1, a sentence, and where. *out is NULL for a text without anything in it. */
int filter_open(struct filter **out, const struct filter_source *src, struct filter_fault *where, struct err *e);
void filter_close(struct filter *f);

/* One goroutine at a time. */
struct filter_subject {
	const char *host;
	int64_t at;             /* ages are up to then */
	const struct alive *g;
	bool alive;             /* at the host's newest moment */
};
bool filter_accepts(struct filter *f, struct query *q, const struct filter_subject *s);
/* The conditions on count: of a group with so many that passed. */
bool filter_accepts_count(const struct filter *f, uint32_t count);
/* Of all alive at a time, as query_alive gave them: *n becomes how many pass, in their order. The only way that knows relations. 0 or -1. */
int filter_alive(struct filter *f, struct query *q, const struct moment *at, struct alive *a, size_t *n, struct err *e);
/* Is there somebody that passes at that time? 1, 0 or -1. */
int filter_has_match(struct filter *f, struct query *q, const struct moment *at, struct err *e);

/* A run of a window, as it is at its end. */
bool filter_accepts_run(struct filter *f, struct query *q, const char *host, const struct window_run *t);

/* How many passed at each snapshot of a host. */
struct matches {
	uint32_t first;   /* snapshot's number */
	size_t n;
	int32_t *count;   /* of first + i; -1: it has no text, or is not kept */
};
static inline int32_t matches_at(const struct matches *m, uint32_t seq)
{
	return seq - m->first < m->n ? m->count[seq - m->first] : -1;
}
/* In a window of one host, in one walk: about 20 ns per event. Relations are of one time, and refused. 0 or -1. */
int query_matches(struct query *q, const struct window *w, struct filter *f, struct pool *p, struct matches *out, struct err *e);

/* The same as a chart: query_chart's pieces, with how many passed for how many there were. 0 or -1. */
int query_match_chart(struct query *q, const struct window *w, struct filter *f, struct bucket *out, struct err *e);

/*
 * What may stand next, to complete what is being typed: `before` is the text up to the word at hand. fn gets each, also those that
 * do not begin with that word: fields and labels, operators, values that are there at `at` (as they are written: quoted where
 * that is needed), and/or, @NAME. What is wrong in the text offers nothing, and no word is kept beyond the call.
 */
struct filter_offer {
	struct query *q;
	struct moment at;  /* host 0: no values of goroutines */
	struct str before;
	const char *const *saved;
	size_t n_saved;
	void (*fn)(void *ctx, const char *word);
	void *ctx;
};
void filter_offer(const struct filter_offer *o);
/* Where the word begins that is being typed up to `end`: behind a blank, an operator or a bracket, and at a quote, but for that of
 * label."KEY". */
size_t filter_word_begin(const char *text, size_t end);
/* Does an offered word begin with what is typed, if quotes are left out of both? */
bool filter_word_fits(const char *word, const char *typed, size_t n);

/* -1 and a sentence when an expression gave up on a text: what did not pass may have had to. Ask after each list. */
int filter_gave_up(const struct filter *f, struct err *e);
/* Relations, and who is there now, are asked of one time: filter_alive alone can answer. -1 and a sentence when it asks for such. */
int filter_over_time(const struct filter *f, struct err *e);
/* So is count, where nobody is in a group: -1 and a sentence when it asks for it. */
int filter_of_each(const struct filter *f, struct err *e);
/* A label that is asked for and that nobody looked at has: a sentence in out, with the one that may be meant; NULL: all were there, or
 * nobody was looked at. */
const char *filter_unseen_label(const struct filter *f, char *out, size_t size);

/* A condition that may lack its operator, as in "state select", which looks for two words: a sentence in out; NULL: none. */
const char *filter_hint(const struct filter *f, char *out, size_t size);

/* Is it of bare words alone (with or without a !, and field:value): what lists of other things than goroutines can look for, too. */
bool filter_is_words(const struct filter *f);
/* What it was made of. */
const char *filter_text(const struct filter *f); /* "" for NULL */

/* A text as it is written as a value: in quotes where it would not be one word. Append. */
void filter_add_value(struct buf *out, const char *text);

/* --- for completion and help --- */
const char *filter_field(size_t i, const char **help); /* its name; NULL behind the last */
bool filter_is_operator(struct str word);              /* and, or, not, in, contains: it is no value unless it is quoted */

#endif

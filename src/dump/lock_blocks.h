/* SPDX-License-Identifier: MIT */
/* lock_blocks.h: those goroutines of a dump, as Go writes it, that have a word in their text: the others are not taken apart. */
#ifndef DUMP_LOCK_BLOCKS_H
#define DUMP_LOCK_BLOCKS_H

#include <gscrape/dump.h>

/* Places in a text where goroutines begin, in any order, some more than once. */
struct blocks {
	size_t *a;
	size_t n, cap;
};

typedef void (*visit_fn)(void *ctx, const struct dump_goroutine *g);

bool blocks_are_plain(struct str text); /* each begins at a line of its own: words can be looked for */
void blocks_with(struct blocks *b, struct str text, struct str word);
/* Those with "[" and one of the words behind it, as a header has its state: in one pass, however many words. */
void blocks_with_state(struct blocks *b, struct str text, const char *const *words, size_t n);
/* Those with a number 0x… that is wanted; of all that may be, `leading` has a bit for each first digit. */
void blocks_with_number(struct blocks *b, struct str text, uint32_t leading, bool (*wanted)(const void *ctx, uint64_t number), const void *ctx);
/* Each once, in the order of the text; b is empty then. */
void blocks_visit(struct blocks *b, struct str text, visit_fn visit, void *ctx);
/* Everybody. */
void blocks_visit_all(struct str text, visit_fn visit, void *ctx);

void blocks_add(struct blocks *b, const struct blocks *others);
void blocks_sort(struct blocks *b); /* each once, in order */

uint32_t leading_digit(uint64_t number); /* its bit */
/* Hexadecimal digits at p, which may be none: what is behind them. */
const char *hex_digits(const char *p, const char *end, uint64_t *number);

#endif

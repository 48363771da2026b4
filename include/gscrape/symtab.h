/* SPDX-License-Identifier: MIT */
/*
 * symtab.h: the process's table of distinct strings, frames and stacks. Equal stacks are equal numbers.
 *
 * Numbers are dense, begin at 1 (0 is "none") and hold until symtab_free; they are not the store's numbers. All calls
 * may be made from several threads at once. What a pointer points to does not move until symtab_free.
 */
#ifndef GSCRAPE_SYMTAB_H
#define GSCRAPE_SYMTAB_H

#include <gscrape/buf.h>

struct symtab;

struct sym_frame {
	uint32_t func, file; /* string numbers; file 0 none */
	uint32_t line;
};

enum sym_stack_flag {
	STACK_ELIDED = 1,   /* has "...N frames elided..." in the middle */
	STACK_ROOTLESS = 2, /* its root was cut off */
};

struct sym_stack {
	uint32_t n;       /* frames, leaf first */
	uint32_t created; /* frame number of the creation site, 0 none */
	uint32_t flags;   /* enum sym_stack_flag */
	const uint32_t *frames; /* frame numbers */
};

struct symtab *symtab_new(void);
void symtab_free(struct symtab *t);
size_t symtab_bytes(const struct symtab *t); /* memory in use: the recorder starts afresh when it is too much */

uint32_t symtab_string(struct symtab *t, struct str s);
uint32_t symtab_frame(struct symtab *t, struct str func, struct str file, uint32_t line);
uint32_t symtab_stack(struct symtab *t, const struct sym_stack *s);

struct str symtab_get_string(const struct symtab *t, uint32_t id);
struct sym_frame symtab_get_frame(const struct symtab *t, uint32_t id);
struct sym_stack symtab_get_stack(const struct symtab *t, uint32_t id);

#endif

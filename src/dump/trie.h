/* SPDX-License-Identifier: MIT */
/*
 * trie.h: the known stacks as a trie of line pairs, leaf first.
 *
 * A shape is a frame as the text spells it: the function's name and the whole file line, with its +0x1a. A node is a
 * shape behind a path of shapes. Following a body means comparing each node's two texts with the lines at hand and
 * stepping over the argument words between them; nothing is hashed or split where the guess (the child taken last time)
 * is right.
 */
#ifndef DUMP_TRIE_H
#define DUMP_TRIE_H

#include <gscrape/scan.h>

struct trie;

struct trie *trie_new(struct symtab *t);
void trie_free(struct trie *t);
void trie_trim(struct trie *t); /* start afresh when it has grown beyond reason */

struct trie_walk {
	uint32_t stack;       /* symtab number */
	uint64_t parent;      /* "in goroutine N", 0 none */
	uint64_t wait_object;
	const char *end;      /* behind the body's last newline */
};

/* Follow the body at p. False when it is none of the plain kind (every line a call with its file, an elision or a
 * creation site, each ended by a newline): dump_next() must take it. */
bool trie_follow(struct trie *t, const char *p, const char *end, struct trie_walk *w);

/* The stack of a goroutine that dump_next() took, the same number as trie_follow() gives for the same frames. */
uint32_t trie_stack_of(struct trie *t, const struct dump_goroutine *g, struct trie_walk *w);

#endif

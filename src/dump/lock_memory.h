/* SPDX-License-Identifier: MIT */
/*
 * lock_memory.h: what those who look for the holders of locks ask of each goroutine, for a recorder that asks it of every snapshot of a
 * host. What a goroutine's text told is known until the text is another, so that a snapshot costs what changed since the one before.
 *
 * Of the addresses in a text 16 bits of a hash are kept: enough to leave nearly all goroutines out that have none of those wanted, and
 * none that has one. That is 6 bytes for each goroutine and 2 for each address, and up to as much again that is no more in use, on hosts
 * where somebody waits for a lock.
 */
#ifndef DUMP_LOCK_MEMORY_H
#define DUMP_LOCK_MEMORY_H

#include "lock_blocks.h"
#include <gscrape/scan.h>

struct lock_memory;

/* A scanned text, and the memory of its host. */
struct lock_scan {
	struct str text;
	const struct scan_result *r;
	const struct symtab *sym;
	struct lock_memory *m;
};

/* Addresses that are wanted: a bit for each value of their hash. */
struct lock_wanted {
	uint64_t bits[1024];
};

struct lock_memory *lock_memory_new(void);
void lock_memory_free(struct lock_memory *m);
/* Nobody waits for a lock in this snapshot. True: nor did one for so long that it need not be kept. */
bool lock_memory_unused(struct lock_memory *m);
/* Another goroutine, or another text of it, is in this slot. */
void lock_memory_changed(struct lock_memory *m, uint32_t slot);

void lock_wanted_add(struct lock_wanted *w, uint64_t address);

#define LOCK_NAMES_MOST 64

/* What these three find are numbers of the scan's items. Those in a state in which locks are waited for. */
void lock_scan_waiters(const struct lock_scan *s, struct blocks *b);
/* Before the other two: of whom nothing is known, and who is in a method of one of these types ("main.(*cache).") or in one of these
 * functions, LOCK_NAMES_MOST at most. */
void lock_scan_learn(const struct lock_scan *s, const struct str *names, size_t n);
/* Those who are, or in one that was asked for before. */
void lock_scan_named(const struct lock_scan *s, struct blocks *b);
/* Those with one of the addresses, and a few others. */
void lock_scan_wanted(const struct lock_scan *s, const struct lock_wanted *w, struct blocks *b);
/* Each once, in the order of the text, with its number, state and frames; b is empty then. */
void lock_scan_visit(const struct lock_scan *s, struct blocks *b, visit_fn visit, void *ctx);

#endif

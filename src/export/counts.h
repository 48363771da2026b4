/* SPDX-License-Identifier: MIT */
/*
 * counts.h: counts by key, in the order in which the keys came. A key is a few numbers; texts of the query room are told
 * apart by their addresses, which stay. Zero is empty.
 */
#ifndef EXPORT_COUNTS_H
#define EXPORT_COUNTS_H

#include <gscrape/buf.h>

#define COUNTS_KEY 5

struct counts_row {
	uint64_t key[COUNTS_KEY];
	int64_t n; /* the caller's; 0 in a new row */
};

struct counts {
	struct counts_row *rows;
	size_t n, cap;
	uint32_t *slots; /* row + 1, 0 free */
	size_t n_slots;
};

/* The row of a key; made when it is not there. Valid until the next call. Its place: row - t->rows. */
struct counts_row *counts_row(struct counts *t, const uint64_t key[COUNTS_KEY]);
void counts_release(struct counts *t);

#define COUNTS_PTR(p) ((uint64_t)(uintptr_t)(p))

#endif

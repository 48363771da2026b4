/* SPDX-License-Identifier: MIT */
/*
 * tally.h: counts by key, in the order in which the keys came. A key is a few numbers; texts of the query room are told
 * apart by their addresses, which stay. Zero is empty.
 */
#ifndef EXPORT_TALLY_H
#define EXPORT_TALLY_H

#include <gscrape/buf.h>

#define TALLY_KEY 5

struct tally_row {
	uint64_t key[TALLY_KEY];
	int64_t n; /* the caller's; 0 in a new row */
};

struct tally {
	struct tally_row *rows;
	size_t n, cap;
	uint32_t *slots; /* row + 1, 0 free */
	size_t n_slots;
};

/* The row of a key; made when it is not there. Valid until the next call. Its place: row - t->rows. */
struct tally_row *tally_row(struct tally *t, const uint64_t key[TALLY_KEY]);
void tally_release(struct tally *t);

#define TALLY_PTR(p) ((uint64_t)(uintptr_t)(p))

#endif

/* SPDX-License-Identifier: MIT */
/*
 * census.h: counts by key, in the order in which the keys came. A key is a few numbers; texts of the query room are told
 * apart by their addresses, which stay. Zero is empty.
 */
#ifndef EXPORT_CENSUS_H
#define EXPORT_CENSUS_H

#include <gscrape/hash.h>

#define CENSUS_KEY 5

struct census_row {
	uint64_t key[CENSUS_KEY];
	int64_t n; /* the caller's; 0 in a new row */
};

struct census {
	struct census_row *rows;
	size_t n, cap;
	struct hash index; /* of rows */
};

/* The row of a key; made when it is not there. Valid until the next call. Its place: row - t->rows. */
struct census_row *census_row(struct census *t, const uint64_t key[CENSUS_KEY]);
void census_release(struct census *t);

#define CENSUS_PTR(p) ((uint64_t)(uintptr_t)(p))

#endif

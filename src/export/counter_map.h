/* SPDX-License-Identifier: MIT */
/*
 * counter_map.h: counts by key, in the order in which the keys came. A key is a few numbers; texts of the query room are told
 * apart by their addresses, which stay. Zero is empty.
 */
#ifndef EXPORT_COUNTER_MAP_H
#define EXPORT_COUNTER_MAP_H

#include <gscrape/hash.h>

#define COUNTER_KEY 5

struct counter_row {
	uint64_t key[COUNTER_KEY];
	int64_t n; /* the caller's; 0 in a new row */
};

struct counter_map {
	struct counter_row *rows;
	size_t n, cap;
	struct hash index; /* of rows */
};

/* The row of a key; made when it is not there. Valid until the next call. Its place: row - t->rows. */
struct counter_row *counter_row(struct counter_map *t, const uint64_t key[COUNTER_KEY]);
void counter_map_release(struct counter_map *t);

#define COUNTER_PTR(p) ((uint64_t)(uintptr_t)(p))

#endif

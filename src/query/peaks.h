/* SPDX-License-Identifier: MIT */
/*
 * peaks.h: how many were there at once, of many things counted together. A fold leaves changes (from this snapshot on, one
 * more or one less) in any order; they are put into the order of time as far as all of it has been told (interval.mark).
 */
#ifndef QUERY_PEAKS_H
#define QUERY_PEAKS_H

#include "range.h"

struct counter {
	uint32_t *alive; /* by column: the most at once */
	uint32_t *last;  /* and how many when it ends */
	uint32_t now;
};

struct peaks {
	const struct range *r;
	struct pool *p;
	int64_t from, to;      /* what the columns are pieces of */
	size_t cols;
	struct counter *c;
	size_t n, cap;
	struct change *changes;
	size_t n_changes, cap_changes;
	uint32_t done;         /* snapshots before it are counted */
	int32_t column;        /* filled up to here */
};

/* Columns are in p. */
void peaks_begin(struct peaks *k, const struct range *r, const struct window *w, struct pool *p);
uint32_t peaks_counter(struct peaks *k); /* one more thing to count: its number */
void peaks_change(struct peaks *k, uint32_t seq, uint32_t counter, int32_t by); /* what is before the range counts as its beginning */
void peaks_upto(struct peaks *k, uint32_t mark); /* there will be no more changes before this snapshot; often nothing to do */
void peaks_end(struct peaks *k);      /* nor any at all; columns are complete */
void peaks_release(struct peaks *k);

#endif

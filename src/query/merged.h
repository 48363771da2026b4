/* SPDX-License-Identifier: MIT */
/*
 * merged.h: intervals of a goroutine that follow each other at the same place, as one. What a place is, the fold says: a
 * number for each interval and for what it goes on with; 0 is nowhere. Ask with .over, so that a change within a place just
 * as the range begins is no arrival.
 */
#ifndef QUERY_MERGED_H
#define QUERY_MERGED_H

#include "interval.h"
#include <gscrape/hash.h>

struct merged {
	uint64_t id, place;
	uint32_t epoch, born, since; /* since: may be before the range */
	uint32_t from, to;           /* in the range */
	bool came;                   /* it was seen to come to the place */
	enum interval_end ended;     /* ENDED_CHANGED: it left */
};

HASH_TABLE(open_merged, struct merged, id, place);

struct merging {
	struct merged now;        /* place 0: none */
	struct open_merged open;  /* of other goroutines: what goes on in a later piece of time */
};

/* Adds the next interval. True when a merged one ends with it: *out. */
bool merge(struct merging *m, const struct interval *v, uint64_t place, uint64_t next, struct merged *out);
void merging_release(struct merging *m);

#endif

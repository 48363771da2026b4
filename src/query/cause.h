/* SPDX-License-Identifier: MIT */
/* cause.h: did two suspects' goroutines come from one cause? Then they were born with each other, or of each other. */
#ifndef QUERY_CAUSE_H
#define QUERY_CAUSE_H

#include "stays.h"

/* When, and of whom, a suspect's goroutines were born. */
struct births {
	uint64_t *moments; /* parent and snapshot, as one number; sorted, as are the others */
	uint64_t *ids, *parents;
	uint32_t n;
};

/* Of those of a group that are there; in the pool. */
struct births births_of(const struct stays *s, const struct stay_group *g, struct pool *p);
/* Most of b were born when some of a were, of the same parents; or are their parents or children. */
bool births_share(const struct births *a, const struct births *b);

#endif

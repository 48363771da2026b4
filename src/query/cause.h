/* SPDX-License-Identifier: MIT */
/*
 * cause.h: did two suspects' goroutines come from one cause? Then they were born with each other, or of each other; or they
 * wait for one lock, or began to wait for two locks at the same moment, as those do who have taken them in different orders.
 */
#ifndef QUERY_CAUSE_H
#define QUERY_CAUSE_H

#include "residency.h"

/* When, and of whom, a suspect's goroutines were born. */
struct births {
	uint64_t *moments; /* parent and snapshot, as one number; sorted, as are the others */
	uint64_t *ids, *parents;
	uint32_t n;
};

/* Of those of a group that are there; in the pool. */
struct births births_of(const struct residencies *s, const struct residency_group *g, struct pool *p);
/* Most of b were born when some of a were, of the same parents; or are their parents or children. */
bool births_share(const struct births *a, const struct births *b);

/* A place where somebody waits for a lock: who has done so for longest, and for which. */
struct locked {
	uint32_t group, since; /* snapshot */
	uint64_t object;       /* 0: nobody waits for one that is known */
};

/* Of all places, by group; *n how many. In the pool. */
struct locked *locks_of(const struct residencies *s, struct pool *p, size_t *n);
/* That of a group; object 0 when it has none. */
struct locked lock_of(const struct locked *a, size_t n, uint32_t group);
/* The first other place whose wait began at the same moment, for another lock; NULL none. */
const struct locked *lock_mate(const struct locked *a, size_t n, const struct locked *l);
bool locks_share(const struct locked *a, const struct locked *b);

#endif

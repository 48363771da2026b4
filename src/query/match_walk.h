/* SPDX-License-Identifier: MIT */
/* match_walk.h: who passed a filter, and when, in one walk over the history of a host. */
#ifndef QUERY_MATCH_WALK_H
#define QUERY_MATCH_WALK_H

#include "interval.h"
#include <gscrape/filter.h>

struct match_walk {
	void (*begin)(void *ctx, const struct range *r); /* which holds until the end */
	/* It passes from this snapshot of the interval on, and at `to` no more; to is v->to + 1 where that is the interval's end.
	 * An interval without samples was over just as the window begins: it is told if it passed until then, from and to are its end. */
	void (*stretch)(void *ctx, const struct interval *v, uint32_t from, uint32_t to);
	int (*end)(void *ctx, struct err *e);            /* all has been told. -1: the sentence */
	void *ctx;
};
/* 1, 0 nothing is in the window (and nothing was told), -1. */
int matches_walk(struct query *q, const struct window *w, struct filter *f, const struct match_walk *tell, struct err *e);

/* At a host's newest snapshot the dump's minutes prove more: what is said of that time alone stands at its end in a walk, too. Those who
 * pass there: 1, 0 it is not in the range, -1. */
int matches_newest(struct query *q, const struct range *r, struct filter *f, struct pool *p, struct alive_list *l, struct err *e);

#endif

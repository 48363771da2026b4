/* SPDX-License-Identifier: MIT */
/* suspect_stats.h: what the terms of the model are worked out from: a group's residencies in one process, looked through once. */
#ifndef QUERY_SUSPECT_STATS_H
#define QUERY_SUSPECT_STATS_H

#include "score.h"

#define PRIOR -3.5 /* one place in 30 where at least three goroutines are stuck is a leak */

/* What the terms are worked out from. */
struct suspect_stats {
	const struct residencies *s;
	const struct residency *a;      /* the group's residencies */
	uint32_t n;
	uint32_t end;              /* the last snapshot */
	int64_t usual;             /* longer than this is stuck */
	uint32_t *alive, *stuck;   /* per snapshot: there; of them stuck ones */
	uint32_t *own;             /* goroutines born that came here */
	uint32_t *passed;          /* came here, and left since */
	double *ages;              /* of the stuck, ms */
	uint32_t n_ages;
	double median;             /* of the ages */
	double at_work;            /* of the stuck: worked here again after they had come to rest */
	double ticking;            /* of the others: moved, but nobody saw them anywhere else: a timer, or work */
	double exposed;            /* ms that all of the stuck have rested here */
	double clients;            /* of those at work: are in IO wait in between */
	struct relatives *relatives;
	struct pool *p;
};

void stats_collect(struct suspect_stats *c, struct score *j); /* fills both; s, a, n, end and p are given */
void stats_release(struct suspect_stats *c);
int64_t stats_time(const struct suspect_stats *c, uint32_t snapshot);
/* The last snapshot that those who are stuck can have come in: later ones may still be passing through. */
uint32_t stats_last_sure(const struct suspect_stats *c);
const char *stats_lasted(const struct suspect_stats *c, int64_t ms); /* "27m18s", in the pool */

bool has_left(const struct residency *m);
int64_t stayed(const struct suspect_stats *c, const struct residency *m); /* ms */
bool is_stuck(const struct suspect_stats *c, const struct residency *m);

double bounded(double v, double lo, double hi);
double series_mean(const uint32_t *v, uint32_t a, uint32_t b); /* of snapshots a to b */

/* Came here at this snapshot, to stay. */
uint32_t came_at(const struct suspect_stats *c, const struct residency *m);

/* Terms that all kinds of suspects have. */
void score_used(const struct suspect_stats *c, struct score *j);
void score_wait(const struct suspect_stats *c, struct score *j);
void score_marked(const struct suspect_stats *c, struct score *j);

#endif

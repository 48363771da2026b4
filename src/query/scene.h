/* SPDX-License-Identifier: MIT */
/* scene.h: what the terms of the model are worked out from: a group's stays in one process, looked through once. */
#ifndef QUERY_SCENE_H
#define QUERY_SCENE_H

#include "judge.h"

#define PRIOR -3.5 /* one place in 30 where at least three goroutines are stuck is a leak */

/* What the terms are worked out from. */
struct scene {
	const struct stays *s;
	const struct stay *a;      /* the group's stays */
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
	struct kin *kin;
	struct pool *p;
};

void scene_look(struct scene *c, struct judgement *j); /* fills both; s, a, n, end and p are given */
void scene_release(struct scene *c);
int64_t scene_time(const struct scene *c, uint32_t snapshot);
/* The last snapshot that those who are stuck can have come in: later ones may still be passing through. */
uint32_t scene_last_sure(const struct scene *c);
const char *scene_lasted(const struct scene *c, int64_t ms); /* "27m18s", in the pool */

bool has_left(const struct stay *m);
int64_t stayed(const struct scene *c, const struct stay *m); /* ms */
bool is_stuck(const struct scene *c, const struct stay *m);

double bounded(double v, double lo, double hi);
double series_mean(const uint32_t *v, uint32_t a, uint32_t b); /* of snapshots a to b */

/* Came here at this snapshot, to stay. */
uint32_t came_at(const struct scene *c, const struct stay *m);

/* Terms that all kinds of suspects have. */
void judge_used(const struct scene *c, struct judgement *j);
void judge_wait(const struct scene *c, struct judgement *j);
void judge_marked(const struct scene *c, struct judgement *j);

#endif

/* SPDX-License-Identifier: MIT */
#include "cause.h"
#include <stdlib.h>

static int by_number(const void *pa, const void *pb)
{
	uint64_t a = *(const uint64_t *)pa, b = *(const uint64_t *)pb;

	return a < b ? -1 : a > b;
}

static bool has(const uint64_t *sorted, uint32_t n, uint64_t x)
{
	return n && bsearch(&x, sorted, n, sizeof x, by_number);
}

struct births births_of(const struct stays *s, const struct stay_group *g, struct pool *p)
{
	struct births b = {0};

	b.moments = pool_alloc(p, (g->n + 1) * sizeof *b.moments);
	b.ids = pool_alloc(p, (g->n + 1) * sizeof *b.ids);
	b.parents = pool_alloc(p, (g->n + 1) * sizeof *b.parents);
	for (uint32_t i = 0; i < g->n; i++) {
		const struct stay *m = &s->a[g->first + i];

		if (!(m->flags & STAY_HERE) || !m->parent || !m->born)
			continue; /* nobody saw them born, or of whom */
		b.moments[b.n] = hash_u64(m->parent) ^ m->born;
		b.ids[b.n] = m->id;
		b.parents[b.n++] = m->parent;
	}
	qsort(b.moments, b.n, sizeof *b.moments, by_number);
	qsort(b.ids, b.n, sizeof *b.ids, by_number);
	qsort(b.parents, b.n, sizeof *b.parents, by_number);
	return b;
}

bool births_share(const struct births *a, const struct births *b)
{
	uint32_t born = 0, family = 0;

	for (uint32_t i = 0; i < b->n; i++) {
		born += has(a->moments, a->n, b->moments[i]);
		family += has(a->parents, a->n, b->ids[i]) || has(a->ids, a->n, b->parents[i]);
	}
	return b->n && (born * 10 >= b->n * 7 || family * 10 >= b->n * 7);
}

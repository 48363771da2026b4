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

struct births births_of(const struct residencies *s, const struct residency_group *g, struct pool *p)
{
	struct births b = {0};

	b.moments = pool_alloc(p, (g->n + 1) * sizeof *b.moments);
	b.ids = pool_alloc(p, (g->n + 1) * sizeof *b.ids);
	b.parents = pool_alloc(p, (g->n + 1) * sizeof *b.parents);
	for (uint32_t i = 0; i < g->n; i++) {
		const struct residency *m = &s->a[g->first + i];

		if (!(m->flags & RESIDENCY_HERE) || !m->parent || !m->born)
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

static struct locked longest_wait(const struct residencies *s, uint32_t group)
{
	const struct residency_group *g = &s->groups[group];
	struct locked l = {.group = group};

	for (uint32_t i = 0; i < g->n; i++) {
		const struct residency *m = &s->a[g->first + i];

		if (m->flags & RESIDENCY_HERE && m->wait_object && (!l.object || m->since < l.since) && query_family(s->q, m->state, m->stack) == FAM_LOCK) {
			l.since = m->since;
			l.object = m->wait_object;
		}
	}
	return l;
}

struct locked *locks_of(const struct residencies *s, struct pool *p, size_t *n)
{
	struct locked *a = pool_alloc(p, (s->n_groups + 1) * sizeof *a);

	*n = 0;
	for (uint32_t i = 1; i < s->n_groups; i++) {
		a[*n] = s->groups[i].place.func ? longest_wait(s, i) : (struct locked){0};
		*n += a[*n].object != 0;
	}
	return a;
}

static int by_group(const void *pa, const void *pb)
{
	const struct locked *a = pa, *b = pb;

	return a->group < b->group ? -1 : a->group > b->group;
}

struct locked lock_of(const struct locked *a, size_t n, uint32_t group)
{
	const struct locked *l = n ? bsearch(&(struct locked){.group = group}, a, n, sizeof *a, by_group) : NULL;

	return l ? *l : (struct locked){0};
}

/* Each began to wait between the look before `since` and that one; the other may have been the first of them. */
static bool same_moment(const struct locked *a, const struct locked *b)
{
	return a->since > b->since ? a->since - b->since <= 1 : b->since - a->since <= 1;
}

const struct locked *lock_mate(const struct locked *a, size_t n, const struct locked *l)
{
	for (size_t i = 0; l->object && i < n; i++)
		if (a[i].group != l->group && a[i].object != l->object && same_moment(&a[i], l))
			return &a[i];
	return NULL;
}

bool locks_share(const struct locked *a, const struct locked *b)
{
	return a->object && b->object && (a->object == b->object || same_moment(a, b));
}

/* SPDX-License-Identifier: MIT */
/*
 * Relations: who among those alive is an ancestor, a descendant or a sibling of one that a filter wants. A line of descent may go
 * through goroutines that are gone: their parents are asked of their histories, each once.
 */
#include "filter_node.h"
#include <stdlib.h>

struct relatives {
	struct query *q;
	uint32_t host, epoch;
	struct counter_map parents; /* by number plus 1: parent plus 1, of all that were met */
	struct err *e;
};

/* 0: unknown, or it has none. Numbers are given in order: a parent's is lower, or the dump lies. */
static int filter_parent(struct relatives *k, uint64_t id, uint64_t *out)
{
	const struct count *c = counter_map_find(&k->parents, id + 1);
	struct goroutine_history h;
	struct pool p = {0};
	int rc;

	if (c) {
		*out = c->n - 1;
		return 0;
	}
	rc = store_history(k->q->view, &(struct goroutine_key){k->host, k->epoch, id}, &p, &h, k->e);
	*out = rc != 1 ? 0 : h.start.id ? h.start.parent : h.n ? h.events[0].parent : 0;
	*out = *out < id ? *out : 0;
	counter_map_at(&k->parents, id + 1)->n = *out + 1;
	pool_release(&p);
	return rc < 0 ? -1 : 0;
}

static int by_number(const void *pa, const void *pb)
{
	uint64_t a = *(const uint64_t *)pa, b = *(const uint64_t *)pb;

	return a < b ? -1 : a > b;
}

/* Marks all above `id`. */
static int mark_up(struct relatives *k, uint64_t id, struct counter_map *marks)
{
	for (;;) {
		if (filter_parent(k, id, &id) < 0)
			return -1;
		if (!id || count_of(marks, id))
			return 0;
		counter_map_at(marks, id)->n = 1;
	}
}

/* Is one above `id` wanted? 1, 0, -1. */
static int hangs_below(struct relatives *k, uint64_t id, const struct counter_map *wanted)
{
	for (;;) {
		if (filter_parent(k, id, &id) < 0)
			return -1;
		if (!id)
			return 0;
		if (count_of(wanted, id))
			return 1;
	}
}

/* For siblings: how many wanted ones each parent has. */
static int count_by_parent(struct relatives *k, const struct alive *a, size_t n, const struct counter_map *wanted, struct counter_map *marks)
{
	for (size_t i = 0; i < n; i++) {
		uint64_t parent;

		if (filter_parent(k, a[i].id, &parent) < 0)
			return -1;
		if (parent && count_of(wanted, a[i].id))
			counter_map_at(marks, parent)->n++;
	}
	return 0;
}

static int is_kin(struct relatives *k, enum node_kind kind, uint64_t id, const struct counter_map *wanted, const struct counter_map *marks)
{
	uint64_t parent;

	if (kind == NODE_DESCENDANTS)
		return hangs_below(k, id, wanted);
	if (kind == NODE_ANCESTORS)
		return count_of(marks, id) > 0;
	if (filter_parent(k, id, &parent) < 0)
		return -1;
	return parent && count_of(marks, parent) > (count_of(wanted, id) > 0); /* one more than itself */
}

static int relate(struct relatives *k, struct node *n, const struct alive *a, size_t n_a, const struct counter_map *wanted)
{
	struct counter_map marks = {0};
	int rc = n->kind == NODE_SIBLINGS ? count_by_parent(k, a, n_a, wanted, &marks) : 0;

	for (size_t i = 0; i < n_a && rc == 0 && n->kind == NODE_ANCESTORS; i++)
		if (count_of(wanted, a[i].id))
			rc = mark_up(k, a[i].id, &marks);
	n->ids = xrealloc(n->ids, n_a + 1, sizeof *n->ids);
	n->n_ids = 0;
	for (size_t i = 0; i < n_a && rc >= 0; i++) {
		rc = is_kin(k, n->kind, a[i].id, wanted, &marks);
		if (rc == 1)
			n->ids[n->n_ids++] = a[i].id;
	}
	qsort(n->ids, n->n_ids, sizeof *n->ids, by_number);
	counter_map_release(&marks);
	return rc < 0 ? -1 : 0;
}

/* Those inside come first: relations may stand in one another. */
static int relate_below(struct looking *l, struct relatives *k, uint32_t at, const struct alive *a, size_t n_a)
{
	struct filter_subject s = *l->s;
	struct looking one = {l->f, l->q, &s};
	struct counter_map wanted = {0};
	int rc = 0;

	for (uint32_t i = l->f->nodes[at].first; i && rc == 0; i = l->f->nodes[i].next)
		rc = relate_below(l, k, i, a, n_a);
	if (rc < 0 || l->f->nodes[at].kind < NODE_ANCESTORS)
		return rc;
	for (size_t i = 0; i < n_a; i++) {
		s.g = &a[i];
		if (node_passes(&one, l->f->nodes[at].first))
			counter_map_at(&wanted, a[i].id)->n = 1;
	}
	rc = relate(k, &l->f->nodes[at], a, n_a, &wanted);
	counter_map_release(&wanted);
	return rc;
}

int filter_relate(struct filter *f, struct query *q, const struct filter_subject *like, const struct alive *a, size_t n, struct err *e)
{
	struct relatives k = {.q = q, .epoch = a[0].epoch, .e = e};
	const struct host *h = query_host(q, like->host, NULL);
	struct looking l = {f, q, like};
	int rc;

	if (!h || view_begin(q, e) < 0)
		return -1;
	k.host = h->id;
	for (size_t i = 0; i < n; i++)
		counter_map_at(&k.parents, a[i].id + 1)->n = (a[i].parent < a[i].id ? a[i].parent : 0) + 1;
	rc = relate_below(&l, &k, f->root, a, n);
	counter_map_release(&k.parents);
	view_end(q);
	return rc;
}

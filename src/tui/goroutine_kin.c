/* SPDX-License-Identifier: MIT */
/* Around a goroutine: its ancestors, its siblings, and the stacks it has had. */
#include "view_goroutine.h"
#include <stdlib.h>

#define ANCESTORS 12

static struct relative relative_of(struct session *a, uint32_t epoch, uint64_t id, uint64_t *parent)
{
	struct relative r = {.id = id, .first = NO_TIME, .last = NO_TIME};
	struct pool p = {0};
	struct life l;

	*parent = 0;
	if (query_goroutine(a->q, &(struct life_question){a->host, epoch, id, NO_TIME}, &p, &l, NULL) == 1) {
		const struct frame *root = stack_root(query_stack(a->q, l.runs[0].stack));

		r.func = root ? root->func : NULL;
		r.first = l.first;
		r.last = l.last;
		r.ended = l.ended;
		*parent = l.parent;
	}
	pool_release(&p);
	return r;
}

static void load_ancestors(struct session *a)
{
	struct goroutine_view *g = goroutine_view_of(a);
	struct relative up[ANCESTORS];
	uint64_t parent = g->life.parent;
	size_t n = 0;

	while (parent && n < ANCESTORS) {
		uint64_t of = parent;

		up[n++] = relative_of(a, g->life.epoch, of, &parent);
		if (parent >= of) /* ids grow: a parent is older */
			break;
	}
	g->ancestors = pool_alloc(&g->life_memo.pool, (n + 1) * sizeof *g->ancestors);
	g->n_ancestors = n;
	for (size_t i = 0; i < n; i++)
		g->ancestors[i] = up[n - 1 - i];
}

static bool same_site(const struct frame *a, const struct frame *b)
{
	return a->func_id == b->func_id && a->file_id == b->file_id && a->line == b->line;
}

static void add_sibling(struct goroutine_view *g, const struct relative *r)
{
	if (r->id == g->life.id)
		g->self = g->n_siblings;
	g->siblings[g->n_siblings++] = *r;
}

/* The parent's other children by the same `go` statement. */
static int siblings_by_parent(struct session *a, struct err *e)
{
	struct goroutine_view *g = goroutine_view_of(a);
	struct child *kin;
	size_t n;

	if (query_children(a->q, &(struct goroutine_key){a->host, g->life.epoch, g->life.parent}, &g->life_memo.pool, &kin,
		&n, e) < 0)
		return -1;
	g->siblings = pool_alloc(&g->life_memo.pool, (n + 1) * sizeof *g->siblings);
	for (size_t i = 0; i < n; i++)
		if (same_site(&query_stack(a->q, kin[i].stack)->created, &g->life.created))
			add_sibling(g, &(struct relative){.id = kin[i].id, .func = kin[i].func, .first = kin[i].first,
							  .last = kin[i].last, .ended = kin[i].ended});
	return 0;
}

/* Old dumps name no parent: those that were made by the same `go` statement and are alive. */
static int siblings_by_site(struct session *a, struct err *e)
{
	struct goroutine_view *g = goroutine_view_of(a);
	struct pool p = {0};
	struct alive *alive;
	size_t n;
	int rc = query_alive(a->q, &(struct moment){a->host, a->t}, &p, &alive, &n, e);

	g->siblings = pool_alloc(&g->life_memo.pool, (n + 1) * sizeof *g->siblings);
	for (size_t i = 0; !rc && i < n; i++) {
		const struct stack *s = query_stack(a->q, alive[i].stack);
		const struct frame *root = stack_root(s);

		if (alive[i].epoch == g->life.epoch && same_site(&s->created, &g->life.created))
			add_sibling(g, &(struct relative){.id = alive[i].id, .func = root ? root->func : NULL, .first = alive[i].first,
							  .last = NO_TIME});
	}
	pool_release(&p);
	return rc;
}

/* --- its stacks --- */

static int by_stack(const void *pa, const void *pb)
{
	const struct run *const *a = pa, *const *b = pb;

	if ((*a)->stack != (*b)->stack)
		return (*a)->stack < (*b)->stack ? -1 : 1;
	if ((*a)->state != (*b)->state)
		return (*a)->state < (*b)->state ? -1 : 1;
	return (*a)->from < (*b)->from ? -1 : (*a)->from > (*b)->from;
}

static int most_seen(const void *pa, const void *pb)
{
	const struct own_stack *a = pa, *b = pb;

	if (a->samples != b->samples)
		return a->samples > b->samples ? -1 : 1;
	return a->first < b->first ? -1 : a->first > b->first;
}

/* Of runs on one stack, by state. */
static struct own_stack sum_up(const struct run *const *r, size_t n)
{
	struct own_stack s = {.stack = r[0]->stack, .first = r[0]->from, .last = r[0]->to};
	uint32_t best = 0, here = 0;

	for (size_t i = 0; i < n; i++) {
		here = i && r[i]->state == r[i - 1]->state ? here + r[i]->samples : r[i]->samples;
		if (here >= best) {
			best = here;
			s.state = r[i]->state;
			s.family = r[i]->family;
		}
		s.samples += r[i]->samples;
		s.first = r[i]->from < s.first ? r[i]->from : s.first;
		s.last = r[i]->to > s.last ? r[i]->to : s.last;
	}
	return s;
}

static void load_stacks(struct session *a)
{
	struct goroutine_view *g = goroutine_view_of(a);
	const struct life *l = &g->life;
	const struct run **r = xcalloc(l->n + 1, sizeof *r);
	const char *states[64];

	g->n_states = g->n_changes = 0;
	for (size_t i = 0; i < l->n; i++) {
		uint32_t k = 0;

		r[i] = &l->runs[i];
		g->n_changes += i && l->runs[i].stack != l->runs[i - 1].stack;
		while (k < g->n_states && states[k] != l->runs[i].state)
			k++;
		if (k == g->n_states && k < 64)
			states[g->n_states++] = l->runs[i].state;
	}
	qsort(r, l->n, sizeof *r, by_stack);
	g->stacks = pool_alloc(&g->life_memo.pool, (l->n + 1) * sizeof *g->stacks);
	g->n_stacks = 0;
	for (size_t i = 0, k; i < l->n; i = k) {
		for (k = i; k < l->n && r[k]->stack == r[i]->stack; k++)
			;
		g->stacks[g->n_stacks++] = sum_up(r + i, k - i);
	}
	qsort(g->stacks, g->n_stacks, sizeof *g->stacks, most_seen);
	free(r);
}

int load_kin(struct session *a, struct err *e)
{
	struct goroutine_view *g = goroutine_view_of(a);

	g->n_siblings = g->self = 0;
	load_ancestors(a);
	load_stacks(a);
	return g->life.parent ? siblings_by_parent(a, e) : siblings_by_site(a, e);
}

/* --- at T --- */

size_t first_sibling_shown(const struct goroutine_view *g)
{
	size_t half = SIBLINGS_SHOWN / 2, from = g->self > half ? g->self - half : 0;

	if (from + SIBLINGS_SHOWN > g->n_siblings)
		from = g->n_siblings > SIBLINGS_SHOWN ? g->n_siblings - SIBLINGS_SHOWN : 0;
	return from;
}

void load_kin_at(struct session *a)
{
	struct goroutine_view *g = goroutine_view_of(a);
	size_t from = first_sibling_shown(g);

	for (size_t i = from; i < g->n_siblings && i < from + SIBLINGS_SHOWN; i++) {
		struct relative *s = &g->siblings[i];
		struct pool p = {0};
		struct life l;
		long run;

		s->state = NULL;
		if (query_goroutine(a->q, &(struct life_question){a->host, g->life.epoch, s->id, NO_TIME}, &p, &l,
			NULL) == 1 && (run = life_run_at(&l, a->t)) >= 0) {
			s->state = l.runs[run].state;
			s->family = l.runs[run].family;
		}
		pool_release(&p);
	}
	g->also = 0;
	if (g->run >= 0 && query_on_stack(a->q, a->host, a->t, g->life.runs[g->run].stack, &g->also, NULL) == 0 && g->also)
		g->also--; /* itself */
}

/* SPDX-License-Identifier: MIT */
/* How much functions were used: who ever had them on the stack, and how many at once. */
#include "interval.h"
#include "peaks.h"
#include <gscrape/hash.h>
#include <stdlib.h>

#define FUNCS_MAX 64

struct masking {
	const uint32_t *func_ids;
	size_t n_funcs;
	enum scope scope;
	uint64_t *masks; /* by stack */
	size_t n;
};

static uint64_t bit_of(const struct masking *m, uint32_t func)
{
	for (size_t i = 0; i < m->n_funcs; i++)
		if (m->func_ids[i] == func)
			return 1ull << i;
	return 0;
}

static int mask_stack(void *ctx, uint32_t id, const struct store_stack *st)
{
	struct masking *m = ctx;
	uint32_t frames = m->scope == IN_ANY_FRAME ? st->n : m->scope == IN_LEAF && st->n;

	REACH(m->masks, m->n, id);
	for (uint32_t i = 0; i < frames; i++)
		m->masks[id] |= bit_of(m, st->frames[i].func);
	if (m->scope == IN_CREATOR)
		m->masks[id] |= bit_of(m, st->created.func);
	return 0;
}

int query_stacks_with(struct query *q, const struct functions_question *ask, struct pool *p, uint64_t **masks, size_t *n,
		      struct err *e)
{
	struct masking m = {ask->func_ids, ask->n_funcs < FUNCS_MAX ? ask->n_funcs : FUNCS_MAX, ask->scope, NULL, 0};
	int rc;

	if (view_begin(q, e) < 0)
		return -1;
	rc = store_stacks_with(q->view, &(struct functions_wanted){ask->func_ids, m.n_funcs}, mask_stack, &m, e);
	view_end(q);
	*n = m.n;
	*masks = pool_alloc(p, (m.n + 1) * sizeof **masks);
	if (m.n)
		memcpy(*masks, m.masks, m.n * sizeof **masks);
	free(m.masks);
	return note_damage(q, rc, e);
}

/* Functions that a goroutine has had. */
struct had {
	uint64_t id, mask;
};
HASH_TABLE(had_map, struct had, id, mask);

struct using {
	struct peaks peaks;
	const uint64_t *masks;
	size_t n_masks, n_funcs;
	struct use *use;
	uint32_t epoch;
	struct had_map had; /* of this process */
	struct had last;    /* the one that was looked at last */
};

static uint64_t mask_of(const struct using *w, uint32_t stack)
{
	return stack < w->n_masks ? w->masks[stack] : 0;
}

static bool use_on_stack(const void *ctx, uint32_t stack)
{
	return mask_of(ctx, stack) != 0;
}

static void had(struct using *w, const struct interval *v, uint64_t mask)
{
	struct had *h;
	uint64_t fresh;

	if (v->epoch != w->epoch) {
		had_map_clear(&w->had);
		w->last = (struct had){0};
	}
	w->epoch = v->epoch;
	if (v->id == w->last.id && !(mask & ~w->last.mask))
		return;
	h = had_map_at(&w->had, v->id);
	fresh = mask & ~h->mask;
	h->mask |= mask;
	w->last = *h;
	for (; fresh; fresh &= fresh - 1)
		w->use[__builtin_ctzll(fresh)].ever++;
}

static void change(struct using *w, uint32_t seq, uint64_t was, uint64_t is)
{
	for (uint64_t d = was ^ is; d; d &= d - 1) {
		uint32_t k = (uint32_t)__builtin_ctzll(d);

		peaks_change(&w->peaks, seq, k, is >> k & 1 ? 1 : -1);
	}
}

static void use_take(struct using *w, const struct interval *v)
{
	uint64_t mask = mask_of(w, v->stack);

	if (v->began == BEGAN_THERE || v->began == BEGAN_BORN)
		change(w, v->since, 0, mask);
	if (v->ended == ENDED_CHANGED)
		change(w, v->end, mask, mask_of(w, v->next_stack));
	else if (v->end)
		change(w, v->end, mask, 0);
	if (mask && v->samples)
		had(w, v, mask);
}

static int use_of_host(struct using *w, struct query *q, const struct interval_question *ask, struct err *e)
{
	struct pool p = {0};
	const struct interval *v;
	struct intervals *it;
	int rc = intervals_begin(q, ask, &it, e);

	if (rc <= 0)
		return rc;
	peaks_begin(&w->peaks, intervals_range(it), &ask->w, &p);
	for (size_t i = 0; i < w->n_funcs; i++)
		peaks_counter(&w->peaks);
	w->epoch = 0;
	while ((rc = intervals_next(it, &v)) == 1) {
		peaks_upto(&w->peaks, v->mark);
		use_take(w, v);
	}
	peaks_end(&w->peaks);
	for (size_t i = 0; i < w->n_funcs; i++)
		for (size_t c = 0; c < ask->w.cols; c++)
			w->use[i].alive[c] += w->peaks.c[i].alive[c];
	peaks_release(&w->peaks);
	intervals_end(it);
	pool_release(&p);
	return rc;
}

int query_use(struct query *q, const struct functions_question *ask, struct pool *p, struct use **out, struct err *e)
{
	struct using w = {.n_funcs = ask->n_funcs < FUNCS_MAX ? ask->n_funcs : FUNCS_MAX};
	struct interval_question all = {.w = ask->w, .parts = true, .on_stack = use_on_stack, .ctx = &w};
	size_t cols = ask->w.cols;
	struct pool masks = {0};
	uint64_t *m;
	int rc = query_stacks_with(q, ask, &masks, &m, &w.n_masks, e);

	*out = w.use = pool_alloc(p, (w.n_funcs + 1) * sizeof *w.use);
	for (size_t i = 0; i < w.n_funcs; i++)
		w.use[i].alive = pool_alloc(p, (cols + 1) * sizeof *w.use[i].alive);
	w.masks = m;
	for (size_t i = 0; i < q->n_hosts && !rc && w.n_funcs && ask->w.to > ask->w.from && cols; i++) {
		all.w.host = q->rows[i].host;
		if (!ask->w.host || ask->w.host == all.w.host)
			rc = use_of_host(&w, q, &all, e);
	}
	for (size_t i = 0; i < w.n_funcs; i++)
		for (size_t c = 0; c < cols; c++)
			if (w.use[i].alive[c] > w.use[i].peak)
				w.use[i].peak = w.use[i].alive[c];
	had_map_release(&w.had);
	pool_release(&masks);
	return rc;
}

/* --- what a host had on its stacks --- */

struct standing {
	struct query *q;
	enum scope scope;
	bool *stacks; /* that were looked at */
	size_t n_stacks;
	bool *funcs;
	size_t n_funcs;
};

/* Room for place i of an array that grows, in zeros. */
static bool *at_place(bool **a, size_t *n, size_t i)
{
	if (i >= *n) {
		size_t more = i * 2 + 64;

		*a = xrealloc(*a, more, sizeof **a);
		memset(*a + *n, 0, more - *n);
		*n = more;
	}
	return &(*a)[i];
}

static void stand(struct standing *s, uint32_t stack)
{
	bool *known = at_place(&s->stacks, &s->n_stacks, stack);
	const struct stack *st;

	if (!stack || *known)
		return;
	*known = true;
	st = query_stack(s->q, stack);
	for (uint32_t i = 0; i < (s->scope == IN_CREATOR ? 0 : s->scope == IN_LEAF && st->n ? 1 : st->n); i++)
		*at_place(&s->funcs, &s->n_funcs, st->frames[i].func_id) = true;
	if (s->scope == IN_CREATOR && st->created.func)
		*at_place(&s->funcs, &s->n_funcs, st->created.func_id) = true;
}

int query_functions_of(struct query *q, const struct functions_question *ask, struct pool *p, bool **out, size_t *n, struct err *e)
{
	struct interval_question all = {.w = ask->w, .parts = true};
	struct standing s = {.q = q, .scope = ask->scope};
	const struct interval *v;
	struct intervals *it;
	int rc = intervals_begin(q, &all, &it, e);

	while (rc == 1 && (rc = intervals_next(it, &v)) == 1)
		if (v->samples) /* else a part without a snapshot in the window */
			stand(&s, v->stack);
	intervals_end(it);
	*n = s.n_funcs;
	*out = pool_alloc(p, (s.n_funcs + 1) * sizeof **out);
	if (s.n_funcs)
		memcpy(*out, s.funcs, s.n_funcs * sizeof **out);
	free(s.stacks);
	free(s.funcs);
	return rc;
}

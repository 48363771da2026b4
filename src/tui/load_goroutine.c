/* SPDX-License-Identifier: MIT */
/* View 3, what it shows: a goroutine's lanes over time, its stack at T with what changed, its children, its relatives. */
#include "diff.h"
#include "draw.h"
#include "view_goroutine.h"
#include <stdlib.h>

/* Without a goroutine chosen: the selected host's oldest one. */
static int choose_oldest(struct session *a, struct err *e)
{
	struct pool p = {0};
	struct alive *alive;
	size_t n;
	int rc = query_alive(a->q, &(struct moment){a->host, a->t}, &p, &alive, &n, e);

	if (!rc && n)
		a->id = alive[0].id;
	pool_release(&p);
	return rc;
}

/* --- its relatives: ancestors, siblings, and the stacks it has had --- */

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
	struct child *relatives;
	size_t n;

	if (query_children(a->q, &(struct goroutine_key){a->host, g->life.epoch, g->life.parent}, &g->life_memo.pool, &relatives,
		&n, e) < 0)
		return -1;
	g->siblings = pool_alloc(&g->life_memo.pool, (n + 1) * sizeof *g->siblings);
	for (size_t i = 0; i < n; i++)
		if (frame_is(&query_stack(a->q, relatives[i].stack)->created, &g->life.created))
			add_sibling(g, &(struct relative){.id = relatives[i].id, .func = relatives[i].func, .first = relatives[i].first,
							  .last = relatives[i].last, .ended = relatives[i].ended});
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

		if (alive[i].epoch == g->life.epoch && frame_is(&s->created, &g->life.created))
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
	int d = strcmp((*a)->state, (*b)->state);

	if ((*a)->stack != (*b)->stack)
		return (*a)->stack < (*b)->stack ? -1 : 1;
	if (d)
		return d;
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

static int load_kin(struct session *a, struct err *e)
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

static void load_kin_at(struct session *a)
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

/* --- loading --- */

static int load_life(struct session *a, struct err *e)
{
	struct goroutine_view *g = goroutine_view_of(a);
	struct memo_key *was = &g->life_memo.key, k = {.host = a->host, .what = {a->epoch}, .id = a->id, .version = session_version(a)};
	bool another = was->host != a->host || was->id != a->id;
	int rc;

	if (memo_holds(&g->life_memo, &k))
		return 0;
	if (another) {
		list_begin(&g->list);
		list_begin(&g->stack);
		list_begin(&g->stacks_list);
		list_begin(&g->events);
		if (g->pane == PANE_CHILDREN)
			g->pane = PANE_STACK;
	}
	g->n_children = 0;
	rc = query_goroutine(a->q, &(struct life_question){a->host, a->epoch, a->id, a->t}, &g->life_memo.pool, &g->life, e);
	g->found = rc == 1;
	if (rc == 1)
		rc = query_children(a->q, &(struct goroutine_key){a->host, g->life.epoch, a->id}, &g->life_memo.pool,
			&g->children, &g->n_children, e);
	if (g->found && !rc)
		rc = load_kin(a, e);
	if (g->found) /* the one that is shown stays, should its process start anew */
		was->what[0] = a->epoch = g->life.epoch;
	return rc < 0 ? -1 : 0;
}

/* The most children alive in each column: births and ends swept in order of time. */
static void fill_kids(struct session *a, int w)
{
	struct goroutine_view *g = goroutine_view_of(a);
	int *delta = pool_alloc(&g->pool, (size_t)(w + 2) * sizeof *delta), n = 0;

	for (size_t i = 0; i < g->n_children; i++) {
		const struct child *k = &g->children[i];
		int from = k->first <= a->from ? 0 : column_of(a, k->first, w), to = k->last >= a->to ? w - 1 : column_of(a, k->last, w);

		if (k->last < a->from || k->first > a->to || from < 0 || to < from)
			continue;
		delta[from]++;
		delta[to + 1]--;
	}
	g->kids_max = 0;
	for (int i = 0; i < w; i++) {
		n += delta[i];
		g->lanes[i].kids = n;
		g->kids_max = (uint32_t)n > g->kids_max ? (uint32_t)n : g->kids_max;
	}
}

static void fill_states(struct session *a, int w)
{
	struct goroutine_view *g = goroutine_view_of(a);
	struct bucket *b = pool_alloc(&g->pool, (size_t)w * sizeof *b);
	size_t r = 0;

	query_chart(a->q, &(struct window){a->host, a->from, a->to, (size_t)w}, b, NULL);
	for (int i = 0; i < w; i++) {
		struct lane_column *l = &g->lanes[i];
		int64_t best = -1;

		l->state = '.';
		while (r + 1 < g->life.n && g->life.runs[r].to < b[i].from && g->life.runs[r + 1].from <= b[i].from)
			r++;
		for (size_t k = r; k < g->life.n && g->life.runs[k].from <= b[i].to; k++) {
			const struct run *run = &g->life.runs[k];
			int64_t end = k + 1 < g->life.n ? g->life.runs[k + 1].from : g->life.ended ? run->to : INT64_MAX;
			int64_t lo = run->from > b[i].from ? run->from : b[i].from, hi = end < b[i].to ? end : b[i].to;

			if (run->from > b[i].from && k && run->stack != g->life.runs[k - 1].stack)
				l->changes++;
			if (hi >= lo && hi - lo > best) {
				best = hi - lo;
				l->family = run->family;
				l->state = family_letter(run->family);
			}
		}
		if (l->state != '.' && b[i].gap && !b[i].has_value)
			l->state = '?';
		if (!b[i].has_value && !b[i].gap && !b[i].n)
			l->state = ' ';
	}
}

/* The samples in which it is, and which of them T is. */
static void count_samples(struct session *a)
{
	struct goroutine_view *g = goroutine_view_of(a);
	const struct life *l = &g->life;
	struct snapshot s;

	g->samples = query_samples(a->q, a->host, l->runs[0].from_seq, l->runs[l->n - 1].to_seq);
	g->sample = 0;
	if (g->run >= 0 && query_snapshot_at(a->q, a->host, a->t, &s, NULL) == 1)
		g->sample = query_samples(a->q, a->host, l->runs[0].from_seq, s.seq);
	if (g->sample > g->samples)
		g->sample = g->samples;
}

/* What the stack is compared with: the pinned time, or the sample before. */
static const struct stack *base_stack(struct session *a)
{
	struct goroutine_view *g = goroutine_view_of(a);
	struct snapshot s;
	long run;

	g->base = NO_TIME;
	if (a->use_pin && a->pin != NO_TIME)
		g->base = a->pin;
	else if (query_step(a->q, a->host, a->t, -1, &s, NULL) == 1 && s.time < a->t)
		g->base = s.time;
	run = g->base == NO_TIME ? -1 : life_run_at(&g->life, g->base);
	return run < 0 ? NULL : query_stack(a->q, g->life.runs[run].stack);
}

/* Which children pass the filter, as they are at T. */
static int load_passing(struct session *a, struct err *e)
{
	struct goroutine_view *g = goroutine_view_of(a);
	struct children_question ask = {{a->host, g->life.epoch, a->id}, a->t, a->where};
	struct child *c = pool_alloc(&g->at_memo.pool, (g->n_children + 1) * sizeof *c);
	size_t n = g->n_children, k = 0;

	g->passing = pool_alloc(&g->at_memo.pool, (n + 1) * sizeof *g->passing);
	memcpy(c, g->children, n * sizeof *c);
	if (children_where(a->q, &ask, c, &n, e) < 0)
		return -1;
	for (size_t i = 0; i < g->n_children; i++) {
		g->passing[i] = k < n && c[k].id == g->children[i].id;
		k += g->passing[i];
	}
	return 0;
}

/* Who is alive at T: what the children do then, and who of them passes. */
static int load_alive(struct session *a, struct err *e)
{
	struct goroutine_view *g = goroutine_view_of(a);
	struct memo_key k = {.host = a->host, .what = {a->where_no, g->life.epoch}, .id = a->id, .to = a->t, .version = session_version(a)};
	int rc;

	if (!g->n_children || !a->known.known) {
		g->n_at = 0;
		g->passing = NULL;
		memo_drop(&g->at_memo);
		return 0;
	}
	if (memo_holds(&g->at_memo, &k))
		return 0;
	g->passing = NULL;
	rc = query_alive(a->q, &(struct moment){a->host, a->t}, &g->at_memo.pool, &g->at, &g->n_at, e);
	if (rc == 0 && a->where)
		rc = load_passing(a, e);
	if (rc < 0)
		memo_drop(&g->at_memo);
	return rc;
}

int load_goroutine(struct session *a, struct err *e)
{
	struct goroutine_view *g = goroutine_view_of(a);

	pool_release(&g->pool);
	g->frames = NULL;
	g->n_frames = 0;
	if (!a->id && a->host && choose_oldest(a, e) < 0)
		return -1;
	if (!a->id || !a->host) {
		g->found = false;
		memo_drop(&g->life_memo);
	} else if (load_life(a, e) < 0) {
		return -1;
	}
	if (!g->found) {
		g->n_children = g->n_stacks = 0;
		g->pane = g->lower = PANE_STACK;
		return 0;
	}
	g->lane_w = a->w - 7;
	g->lanes = pool_alloc(&g->pool, (size_t)g->lane_w * sizeof *g->lanes);
	fill_kids(a, g->lane_w);
	fill_states(a, g->lane_w);
	g->run = a->known.known ? life_run_at(&g->life, a->t) : -1;
	count_samples(a);
	if (g->run >= 0)
		stack_diff(g, query_stack(a->q, g->life.runs[g->run].stack), base_stack(a), true);
	if (has_family_pane(a))
		load_kin_at(a);
	return load_alive(a, e);
}

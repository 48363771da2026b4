/* SPDX-License-Identifier: MIT */
/* View 3, what it shows: a goroutine's lanes over time, its stack at T with what changed, its children. */
#include "app.h"
#include "diff.h"
#include "view_goroutine.h"
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

/* Without a goroutine chosen: the selected host's oldest one. */
static int choose(struct app *a, struct err *e)
{
	struct pool p = {0};
	struct alive *alive;
	size_t n;
	int rc = query_alive(a->q, a->host, a->t, &p, &alive, &n, e);

	if (!rc && n)
		a->id = alive[0].id;
	pool_release(&p);
	return rc;
}

static int load_life(struct app *a, struct err *e)
{
	struct goroutine_view *g = &a->gor;
	uint64_t version = store_version(query_store(a->q));
	int rc;

	if (g->life_pool.head && g->version == version && g->host == a->host && g->id == a->id && g->epoch == a->epoch)
		return 0;
	if (g->host != a->host || g->id != a->id) {
		g->list = g->stack = (struct list){0};
		g->pane = 0;
	}
	pool_release(&g->life_pool);
	pool_alloc(&g->life_pool, 16);
	g->n_children = 0;
	rc = query_goroutine(a->q, a->host, a->epoch, a->t, a->id, &g->life_pool, &g->life, e);
	g->found = rc == 1;
	if (rc == 1)
		rc = query_children(a->q, a->host, g->life.epoch, a->id, &g->life_pool, &g->children, &g->n_children, e);
	g->version = version;
	g->host = a->host;
	g->id = a->id;
	g->epoch = a->epoch;
	return rc < 0 ? -1 : 0;
}

/* The most children alive in each column: births and ends swept in order of time. */
static void fill_kids(struct app *a, int w)
{
	struct goroutine_view *g = &a->gor;
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

static void fill_states(struct app *a, int w)
{
	struct goroutine_view *g = &a->gor;
	struct bucket *b = pool_alloc(&g->pool, (size_t)w * sizeof *b);
	size_t r = 0;

	query_chart(a->q, a->host, a->from, a->to, (size_t)w, b, NULL);
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
static void count_samples(struct app *a)
{
	struct goroutine_view *g = &a->gor;
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
static const struct stack *base_stack(struct app *a)
{
	struct goroutine_view *g = &a->gor;
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

static bool passes(const struct app *a, const struct child *k)
{
	char line[1024];

	if (!a->filter[0])
		return true;
	snprintf(line, sizeof line, "g%llu %s", (unsigned long long)k->id, k->func ? k->func : "");
	return passes_filter(a, line);
}

static void filter_children(struct app *a)
{
	struct goroutine_view *g = &a->gor;

	g->shown = pool_alloc(&g->pool, (g->n_children + 1) * sizeof *g->shown);
	g->n_shown = g->n_active = 0;
	for (size_t i = 0; i < g->n_children; i++) {
		if (passes(a, &g->children[i]))
			g->shown[g->n_shown++] = i;
		g->n_active += child_active(a, &g->children[i]);
	}
	list_clamp(&g->list, g->n_shown);
}

static int load(struct app *a, struct err *e)
{
	struct goroutine_view *g = &a->gor;

	pool_release(&g->pool);
	g->frames = NULL;
	g->n_frames = g->n_shown = 0;
	if (!a->id && a->host && choose(a, e) < 0)
		return -1;
	if (!a->id || !a->host) {
		g->found = false;
		return 0;
	}
	if (load_life(a, e) < 0)
		return -1;
	if (!g->found)
		return 0;
	g->lane_w = a->w - 7;
	g->lanes = pool_alloc(&g->pool, (size_t)g->lane_w * sizeof *g->lanes);
	fill_kids(a, g->lane_w);
	fill_states(a, g->lane_w);
	g->run = life_run_at(&g->life, a->t);
	count_samples(a);
	if (g->run >= 0)
		stack_diff(g, query_stack(a->q, g->life.runs[g->run].stack), base_stack(a), true);
	list_clamp(&g->stack, g->n_frames);
	filter_children(a);
	return 0;
}

static struct list *list(struct app *a)
{
	return a->gor.pane ? &a->gor.list : &a->gor.stack;
}

/* --- actions --- */

static void to_run(struct app *a, int dir, bool state_only)
{
	const struct life *l = &a->gor.life;
	long i = life_run_at(l, a->t);

	if (i < 0)
		i = a->t < l->first ? -1 : (long)l->n;
	if (dir < 0 && i >= 0 && i < (long)l->n && a->t > l->runs[i].from && !state_only) {
		app_set_time(a, l->runs[i].from);
		return;
	}
	for (i += dir; i >= 0 && i < (long)l->n; i += dir) {
		const struct run *r = &l->runs[i], *other = dir > 0 ? (i ? &l->runs[i - 1] : NULL) : (i + 1 < (long)l->n ? &l->runs[i + 1] : NULL);

		if (other && state_only && r->state == other->state)
			continue;
		app_set_time(a, dir > 0 || !state_only ? r->from : r->to);
		return;
	}
	app_say(a, "no %s change %s", state_only ? "state" : "stack", dir < 0 ? "before" : "after");
}

static void to_child(struct app *a, int dir)
{
	const struct goroutine_view *g = &a->gor;
	int64_t best = NO_TIME;

	for (size_t i = 0; i < g->n_children; i++) {
		int64_t at[2] = {g->children[i].first, g->children[i].last};

		for (int k = 0; k < 2; k++) {
			if (dir > 0 ? at[k] <= a->t : at[k] >= a->t)
				continue;
			if (best == NO_TIME || (dir > 0 ? at[k] < best : at[k] > best))
				best = at[k];
		}
	}
	if (best == NO_TIME)
		app_say(a, "no child starts or ends %s", dir < 0 ? "before" : "after");
	else
		app_set_time(a, best);
}

static void open_parent(struct app *a)
{
	const struct life *l = &a->gor.life;
	struct life parent;
	struct pool p = {0};
	struct err e = {0};

	if (!a->gor.found || !l->parent) {
		app_say(a, "the dump names no parent");
		return;
	}
	if (query_goroutine(a->q, a->host, l->epoch, NO_TIME, l->parent, &p, &parent, &e) == 1) {
		uint32_t epoch = l->epoch;

		app_open_goroutine(a, l->parent);
		a->epoch = epoch;
	} else {
		app_say(a, "parent g%llu ended before it was ever seen", (unsigned long long)l->parent);
	}
	pool_release(&p);
}

/* Siblings: the same parent's other children; without one, the neighbours by number. */
static void to_sibling(struct app *a, int dir)
{
	const struct life *l = &a->gor.life;
	struct pool p = {0};
	struct child *kin;
	struct err e;
	size_t n = 0;

	if (a->gor.found && l->parent && query_children(a->q, a->host, l->epoch, l->parent, &p, &kin, &n, &e) == 0) {
		for (size_t i = 0; i < n; i++) {
			if (kin[i].id != a->id || (dir < 0 ? i == 0 : i + 1 == n))
				continue;
			a->id = kin[(long)i + dir].id;
			pool_release(&p);
			return;
		}
	}
	pool_release(&p);
	app_say(a, "no sibling that way");
}

/* By the function's name: in the stack, or among the children. */
static void find(struct app *a, bool forward)
{
	const struct goroutine_view *g = &a->gor;
	struct list *l = list(a);

	for (size_t i = 1; i <= l->n; i++) {
		size_t k = (l->sel + (forward ? i : l->n - i)) % l->n;
		const char *func = g->pane ? g->children[g->shown[k]].func : g->frames[k].f->func;

		if (func && strcasestr(func, a->search)) {
			l->sel = k;
			return;
		}
	}
	app_say(a, "no %s matches '%s'", g->pane ? "child" : "frame", a->search);
}

static void open_row(struct app *a)
{
	const struct goroutine_view *g = &a->gor;
	uint32_t epoch = g->life.epoch;

	if (g->pane == 1 && g->list.sel < g->n_shown) {
		app_open_goroutine(a, g->children[g->shown[g->list.sel]].id);
		a->epoch = epoch;
	} else if (g->pane == 0 && g->stack.sel < g->n_frames) {
		snprintf(a->func.pattern, sizeof a->func.pattern, "^%s$", g->frames[g->stack.sel].f->func);
		app_go(a, VIEW_FUNCTIONS);
	}
}

static bool act(struct app *a, enum action action)
{
	struct goroutine_view *g = &a->gor;
	bool moves = action >= ACT_PREV_STATE && action <= ACT_NEXT_CHILD;

	if (moves || ((action == ACT_PREV_CHANGE || action == ACT_NEXT_CHANGE) && g->found)) {
		if (!g->found)
			return true;
		a->playing = a->follow = false;
		if (action == ACT_PREV_CHILD || action == ACT_NEXT_CHILD)
			to_child(a, action == ACT_NEXT_CHILD ? 1 : -1);
		else
			to_run(a, action == ACT_NEXT_STATE || action == ACT_NEXT_CHANGE ? 1 : -1,
			       action == ACT_PREV_STATE || action == ACT_NEXT_STATE);
		return true;
	}
	switch (action) {
	case ACT_PARENT: open_parent(a); return true;
	case ACT_CHILDREN: g->hide_children = !g->hide_children; g->pane = 0; return true;
	case ACT_NEXT_SIBLING: to_sibling(a, 1); return true;
	case ACT_PREV_SIBLING: to_sibling(a, -1); return true;
	case ACT_ROOT_FIRST: g->leaf_first = !g->leaf_first; return true;
	case ACT_NEXT_PANE: case ACT_PREV_PANE: g->pane = g->hide_children ? 0 : !g->pane; return true;
	case ACT_OPEN: open_row(a); return true;
	case ACT_NEXT_MATCH: case ACT_PREV_MATCH:
		if (g->found && a->search[0])
			find(a, action == ACT_NEXT_MATCH);
		return true;
	case ACT_WHO_ELSE:
		if (g->found && g->run >= 0) {
			a->hostv.by = BY_STACK;
			app_go(a, VIEW_HOST);
		}
		return true;
	default: return false;
	}
}

const struct view goroutine_view_ops = {
	.name = "goroutine",
	.tab = "Gor",
	.wide_tab = "Goroutine",
	.load = load,
	.draw = draw_goroutine,
	.act = act,
	.list = list,
	.hints = "Space play < > speed h/l step [ ] change { } state ( ) child p parent ? help",
	.wide_hints = "Space play  < > speed  h/l step  , . column  [ ] change  { } state  ( ) child  t goto  x pin  d diff base  p parent  J/K sibling  Tab pane  q back  ? help",
};

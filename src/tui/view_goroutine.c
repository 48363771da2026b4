/* SPDX-License-Identifier: MIT */
/* View 3, what it shows: a goroutine's lanes over time, its stack at T with what changed, its children. */
#include "draw.h"
#include "session.h"
#include "copy.h"
#include "diff.h"
#include "filter.h"
#include "view_goroutine.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

/* Without a goroutine chosen: the selected host's oldest one. */
static int choose(struct session *a, struct err *e)
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

static int load_life(struct session *a, struct err *e)
{
	struct goroutine_view *g = goroutine_view_of(a);
	struct memo_key *was = &g->life_memo.key, k = {.host = a->host, .what = {a->epoch}, .id = a->id, .version = session_version(a)};
	bool another = was->host != a->host || was->id != a->id;
	int rc;

	if (memo_holds(&g->life_memo, &k))
		return 0;
	if (another) {
		g->list = g->stack = g->stacks_list = (struct list){0};
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

static bool passes(const struct session *a, const struct child *k)
{
	char g[32];
	struct filter_text t[] = {{NULL, k->func}, {"id", g + 1}, {NULL, g}, {"=alive", child_active(a, k) ? g : NULL}};

	if (!a->filter[0])
		return true;
	snprintf(g, sizeof g, "g%llu", (unsigned long long)k->id);
	return filter_passes(a, t, sizeof t / sizeof *t);
}

static void filter_children(struct session *a)
{
	struct goroutine_view *g = goroutine_view_of(a);

	g->shown = pool_alloc(&g->pool, (g->n_children + 1) * sizeof *g->shown);
	g->n_shown = g->n_active = 0;
	for (size_t i = 0; i < g->n_children; i++) {
		if (passes(a, &g->children[i]))
			g->shown[g->n_shown++] = i;
		g->n_active += child_active(a, &g->children[i]);
	}
	list_clamp(&g->list, g->n_shown);
}

static int load(struct session *a, struct err *e)
{
	struct goroutine_view *g = goroutine_view_of(a);

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
	g->run = a->known.known ? life_run_at(&g->life, a->t) : -1;
	count_samples(a);
	if (g->run >= 0)
		stack_diff(g, query_stack(a->q, g->life.runs[g->run].stack), base_stack(a), true);
	list_clamp(&g->stack, g->n_frames);
	list_clamp(&g->stacks_list, g->n_stacks < 10 ? g->n_stacks : 10);
	filter_children(a);
	if (has_family_pane(a))
		load_kin_at(a);
	else if (g->pane == PANE_STACKS)
		g->pane = PANE_STACK;
	return 0;
}

static struct list *list(const struct session *a)
{
	struct goroutine_view *g = goroutine_view_of(a);

	return g->pane == PANE_CHILDREN ? &g->list : g->pane == PANE_STACKS ? &g->stacks_list : &g->stack;
}

/* --- actions --- */

/* Does run i begin another state, or another stack? */
static bool is_change(const struct life *l, size_t i, bool state)
{
	return i == 0 || (state ? l->runs[i].state != l->runs[i - 1].state : l->runs[i].stack != l->runs[i - 1].stack);
}

static void to_change(struct session *a, int dir, bool state)
{
	const struct life *l = &goroutine_view_of(a)->life;
	int64_t best = NO_TIME;

	for (size_t i = 0; i < l->n; i++) {
		int64_t from = l->runs[i].from;

		if (!is_change(l, i, state) || (dir > 0 ? from <= a->t : from >= a->t))
			continue;
		best = from;
		if (dir > 0)
			break;
	}
	if (best == NO_TIME)
		say(a, "no %s change %s", state ? "state" : "stack", dir < 0 ? "before" : "after");
	else
		set_time(a, best);
}

/* In its pane, or at T; 0 none. */
static uint32_t selected_stack(const struct goroutine_view *g)
{
	if (!g->found)
		return 0;
	if (g->pane == PANE_STACKS && g->stacks_list.sel < g->n_stacks)
		return g->stacks[g->stacks_list.sel].stack;
	return g->run >= 0 ? g->life.runs[g->run].stack : 0;
}

/* To where it takes the selected stack again, or took it before: a stack is one occurrence until another comes. */
static void to_occurrence(struct session *a, int dir)
{
	const struct goroutine_view *g = goroutine_view_of(a);
	const struct life *l = &g->life;
	uint32_t want = selected_stack(g);
	unsigned n = 0, at = 0;
	int64_t best = NO_TIME;

	if (!g->found)
		return;
	for (size_t i = 0; i < l->n; i++) {
		int64_t from = l->runs[i].from;

		if (l->runs[i].stack != want || !is_change(l, i, false))
			continue;
		n++;
		if (dir > 0 ? from > a->t && best == NO_TIME : from < a->t) {
			best = from;
			at = n;
		}
	}
	if (best == NO_TIME) {
		say(a, "it has this stack %u time%s, none of them %s", n, n == 1 ? "" : "s", dir < 0 ? "before" : "after");
		return;
	}
	a->playing = a->follow = false;
	set_time(a, best);
	say(a, "occurrence %u of %u of this stack", at, n);
}

static void to_child(struct session *a, int dir)
{
	const struct goroutine_view *g = goroutine_view_of(a);
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
		say(a, "no child starts or ends %s", dir < 0 ? "before" : "after");
	else
		set_time(a, best);
}

static void open_parent(struct session *a)
{
	const struct life *l = &goroutine_view_of(a)->life;
	struct life parent;
	struct pool p = {0};
	struct err e = {0};

	if (!goroutine_view_of(a)->found || !l->parent) {
		say(a, "the dump names no parent");
		return;
	}
	if (query_goroutine(a->q, &(struct life_question){a->host, l->epoch, l->parent, NO_TIME}, &p, &parent, &e) == 1) {
		uint32_t epoch = l->epoch;

		go_goroutine(a, l->parent);
		a->epoch = epoch;
	} else {
		say(a, "parent g%llu ended before it was ever seen", (unsigned long long)l->parent);
	}
	pool_release(&p);
}

static void to_sibling(struct session *a, int dir)
{
	const struct goroutine_view *g = goroutine_view_of(a);
	size_t to = g->self + (size_t)dir; /* below the first: wraps to a number that is too high */

	if (!g->found || to >= g->n_siblings) {
		say(a, "no sibling that way");
		return;
	}
	a->id = g->siblings[to].id;
	a->epoch = g->life.epoch;
}

static void open_row(struct session *a)
{
	const struct goroutine_view *g = goroutine_view_of(a);
	uint32_t epoch = g->life.epoch;

	if (!g->found)
		return;
	if (g->pane == PANE_CHILDREN && g->list.sel < g->n_shown) {
		go_goroutine(a, g->children[g->shown[g->list.sel]].id);
		a->epoch = epoch;
	} else if (g->pane == PANE_STACKS) {
		to_occurrence(a, 1);
	} else if (g->pane == PANE_STACK && g->stack.sel < g->n_frames && frame_at(a, g->stack.sel)->f->func_id) { /* 0: left out by Go */
		snprintf(a->func.pattern, sizeof a->func.pattern, "^%s$", frame_at(a, g->stack.sel)->f->func);
		a->func.regex = false;
		a->func.scope = frame_at(a, g->stack.sel)->created ? IN_CREATOR : IN_ANY_FRAME;
		go_view(a, VIEW_FUNCTIONS);
	}
}

static void next_pane(struct session *a, int dir)
{
	static const enum goroutine_pane order[] = {PANE_STACK, PANE_STACKS, PANE_CHILDREN};
	struct goroutine_view *g = goroutine_view_of(a);
	int at = g->pane == PANE_STACK ? 0 : g->pane == PANE_STACKS ? 1 : 2;

	if (g->hide_children)
		g->pane = PANE_STACK;
	else if (has_family_pane(a))
		g->pane = order[(at + dir + 3) % 3];
	else
		g->pane = g->pane == PANE_STACK ? PANE_CHILDREN : PANE_STACK;
}

/* View 2 with the stack at T alone, open. */
static void who_else(struct session *a)
{
	const struct goroutine_view *g = goroutine_view_of(a);

	if (!g->found || g->run < 0)
		return;
	a->groups.asked = a->groups.open = true;
	a->groups.by = BY_STACK;
	go_view(a, VIEW_HOST);
	snprintf(a->filter, sizeof a->filter, "stack:%u", g->life.runs[g->run].stack);
}

/* What moves T; each takes time in hand. */
static bool jump(struct session *a, enum action action)
{
	static const struct { enum action action; int dir; char to; } jumps[] = {
		{ACT_PREV_CHANGE, -1, 'k'}, {ACT_NEXT_CHANGE, 1, 'k'}, {ACT_PREV_STATE, -1, 's'},
		{ACT_NEXT_STATE, 1, 's'},   {ACT_PREV_CHILD, -1, 'c'}, {ACT_NEXT_CHILD, 1, 'c'},
	};

	for (size_t i = 0; i < sizeof jumps / sizeof *jumps; i++) {
		if (jumps[i].action != action)
			continue;
		if (!goroutine_view_of(a)->found)
			return jumps[i].to != 'k';
		a->playing = a->follow = false;
		if (jumps[i].to == 'c')
			to_child(a, jumps[i].dir);
		else
			to_change(a, jumps[i].dir, jumps[i].to == 's');
		return true;
	}
	return false;
}

static bool act(struct session *a, enum action action)
{
	struct goroutine_view *g = goroutine_view_of(a);

	if (jump(a, action))
		return true;
	switch (action) {
	case ACT_PARENT: open_parent(a); return true;
	case ACT_CHILDREN: g->hide_children = !g->hide_children; g->pane = PANE_STACK; return true;
	case ACT_NEXT_SIBLING: to_sibling(a, 1); return true;
	case ACT_PREV_SIBLING: to_sibling(a, -1); return true;
	case ACT_ROOT_FIRST: a->leaf_first = !a->leaf_first; return true;
	case ACT_NEXT_PANE: next_pane(a, 1); return true;
	case ACT_PREV_PANE: next_pane(a, -1); return true;
	case ACT_OPEN: open_row(a); return true;
	case ACT_NEXT_MATCH: to_occurrence(a, 1); return true;
	case ACT_PREV_MATCH: to_occurrence(a, -1); return true;
	case ACT_WHO_ELSE: who_else(a); return true;
	default: return false;
	}
}

/* Among a goroutine's stacks n and N go to when it had the selected one. */
static bool walks(const struct session *a)
{
	return goroutine_view_of(a)->pane == PANE_STACKS;
}

/* The next sample at which it has another run. */
static bool next_change(const struct session *a, int64_t *t)
{
	const struct goroutine_view *g = goroutine_view_of(a);
	long i = g->found ? life_run_at(&g->life, a->t) : -1;

	if (i < 0 || (size_t)i + 1 >= g->life.n)
		return false;
	*t = g->life.runs[i + 1].from;
	return true;
}

/* Of the selected child or stack, or of the goroutine itself, whose frames the rows are. */
static void copy(const struct session *a, int what, struct buf *b)
{
	const struct goroutine_view *g = goroutine_view_of(a);
	const struct child *k = g->pane == PANE_CHILDREN && g->list.sel < g->n_shown ? &g->children[g->shown[g->list.sel]] : NULL;
	uint32_t stack = k ? k->stack : selected_stack(g);

	if (!g->found)
		return;
	if (what == 'i')
		copy_id(b, k ? k->id : a->id);
	else if (what == 's' && stack)
		copy_stack(a, b, stack, k ? k->id : a->id, k || g->run < 0 ? NULL : g->life.runs[g->run].state);
	else if (what == 'l' && g->pane == PANE_STACK && g->stack.sel < g->n_frames)
		copy_frame(b, frame_at(a, g->stack.sel)->f);
	else if (what == 'l' && k)
		copy_frame(b, &query_stack(a->q, stack)->created);
	else if (what == 'l' && stack)
		copy_frame(b, stack_user_frame(query_stack(a->q, stack)));
}

static void release(void *state)
{
	struct goroutine_view *g = state;

	pool_release(&g->pool);
	memo_drop(&g->life_memo);
}

const struct view goroutine_view_ops = {
	.name = "goroutine",
	.tab = "Gor",
	.wide_tab = "Goroutine",
	.keys = AT_GOROUTINE,
	.size = sizeof(struct goroutine_view),
	.release = release,
	.load = load,
	.draw = draw_goroutine,
	.act = act,
	.list = list,
	.sheet = sheet_of_goroutine,
	.copy = copy,
	.walks = walks,
	.next_change = next_change,
	.hints = "Space play < > speed h/l step [ ] change { } state ( ) child p parent ? help",
	.wide_hints = "Space play  < > speed  h/l step  , . column  [ ] change  { } state  ( ) child  t goto  x pin  d diff base  p parent  J/K sibling  Tab pane  q back  ? help",
};

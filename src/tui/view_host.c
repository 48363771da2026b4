/* SPDX-License-Identifier: MIT */
/* View 2: one host's goroutines in groups, which open to their members. */
#include "app.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#define SHOWN_MEMBERS 3 /* of an open group; Enter lists them all */

enum sort_by { SORT_COUNT, SORT_DELTA, SORT_OLDEST, SORT_STATE, SORT_NAME, SORT_MAX };
static const char *const sort_names[SORT_MAX] = {"count", "change", "oldest", "state", "name"};

static uint64_t group_key(const struct host_view *h, const struct group *g)
{
	return h->by == BY_STACK ? g->stack : hash64(g->name, strlen(g->name));
}

static bool is_open(const struct host_view *h, const struct group *g)
{
	uint64_t key = group_key(h, g);

	for (size_t i = 0; i < h->n_open; i++)
		if (h->open[i] == key)
			return !h->all_open;
	return h->all_open;
}

static void toggle(struct host_view *h, const struct group *g)
{
	uint64_t key = group_key(h, g);

	for (size_t i = 0; i < h->n_open; i++) {
		if (h->open[i] == key) {
			h->open[i] = h->open[--h->n_open];
			return;
		}
	}
	GROW(h->open, h->n_open, h->cap_open);
	h->open[h->n_open++] = key;
}

static bool passes(const struct app *a, const struct group *g)
{
	char line[1024];

	if (!a->filter[0])
		return true;
	snprintf(line, sizeof line, "%s\n%s\n%s", g->name, g->top.func ? g->top.func : "", query_string(a->q, g->states[0].state));
	return passes_filter(a, line);
}

/* For qsort_r: the view's order. */
static int compare(const void *pa, const void *pb, void *ctx)
{
	struct app *a = ctx;
	const struct host_view *h = &a->hostv;
	const struct group *x = &h->groups[*(const size_t *)pa], *y = &h->groups[*(const size_t *)pb];
	int64_t d = 0;

	switch (h->sort) {
	case SORT_DELTA: d = llabs(h->deltas[y - h->groups]) - llabs(h->deltas[x - h->groups]); break;
	case SORT_OLDEST: d = x->oldest < y->oldest ? -1 : x->oldest > y->oldest; break;
	case SORT_STATE: d = strcmp(query_string(a->q, x->states[0].state), query_string(a->q, y->states[0].state)); break;
	case SORT_NAME: d = strcmp(x->name, y->name); break;
	default: break;
	}
	if (!d)
		d = (int64_t)y->count - x->count;
	if (!d)
		d = strcmp(x->name, y->name);
	return h->reverse ? (d < 0) - (d > 0) : (d > 0) - (d < 0);
}

static const struct alive *member(const struct host_view *h, uint64_t id)
{
	size_t lo = 0, hi = h->n_alive;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (h->alive[mid].id < id)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < h->n_alive && h->alive[lo].id == id ? &h->alive[lo] : NULL;
}

static void make_lines(struct app *a)
{
	struct host_view *h = &a->hostv;
	size_t *order = xcalloc(h->n_groups + 1, sizeof *order), cap = h->n_groups, n = 0;

	for (size_t i = 0; i < h->n_groups; i++) {
		if (passes(a, &h->groups[i]))
			order[n++] = i;
		cap += is_open(h, &h->groups[i]) ? (h->groups[i].count < 200 ? h->groups[i].count : 200) + 1 : 0;
	}
	qsort_r(order, n, sizeof *order, compare, a);
	h->lines = pool_alloc(&h->pool, (cap + 1) * sizeof *h->lines);
	h->n = 0;
	for (size_t i = 0; i < n; i++) {
		const struct group *g = &h->groups[order[i]];
		size_t shown = n == 1 ? 200 : SHOWN_MEMBERS;

		h->lines[h->n++] = (struct group_line){.g = g, .delta = h->deltas[order[i]]};
		if (h->by == BY_NONE || !is_open(h, g))
			continue;
		for (size_t k = 0; k < g->count && k < shown; k++)
			h->lines[h->n++] = (struct group_line){.a = member(h, g->ids[k]), .g = g};
		if (g->count > shown)
			h->lines[h->n++] = (struct group_line){.more = g->count - shown, .g = g};
	}
	free(order);
	list_clamp(&h->list, h->n);
}

/* How many each group had at the base time, by name. */
static int load_deltas(struct app *a, struct err *e)
{
	struct host_view *h = &a->hostv;
	struct pool p = {0};
	struct group *was;
	size_t n;
	int rc = query_groups(a->q, a->host, h->delta_from, h->by, &p, &was, &n, e);

	h->deltas = pool_alloc(&h->pool, (h->n_groups + 1) * sizeof *h->deltas);
	for (size_t i = 0; i < h->n_groups; i++) {
		h->deltas[i] = h->groups[i].count;
		for (size_t k = 0; !rc && k < n; k++) {
			if (strcmp(was[k].name, h->groups[i].name) == 0) {
				h->deltas[i] -= was[k].count;
				break;
			}
		}
	}
	pool_release(&p);
	return rc;
}

static int load(struct app *a, struct err *e)
{
	struct host_view *h = &a->hostv;
	int64_t span = (a->to - a->from) / 4;

	pool_release(&h->pool);
	h->groups = NULL;
	h->chart = NULL;
	h->n_groups = h->n_alive = h->n = 0;
	if (!a->host)
		return 0;
	h->delta_from = a->use_pin && a->pin != NO_TIME ? a->pin : a->t - (span < 600000 ? span : 600000);
	if (query_groups(a->q, a->host, a->t, h->by, &h->pool, &h->groups, &h->n_groups, e) < 0 ||
	    query_alive(a->q, a->host, a->t, &h->pool, &h->alive, &h->n_alive, e) < 0)
		return -1;
	if (h->by == BY_NONE || h->n_groups > 5000)
		h->deltas = pool_alloc(&h->pool, (h->n_groups + 1) * sizeof *h->deltas);
	else if (load_deltas(a, e) < 0)
		return -1;
	make_lines(a);
	h->chart_w = a->w - 8;
	h->chart = pool_alloc(&h->pool, (size_t)h->chart_w * sizeof *h->chart);
	if (query_chart(a->q, a->host, a->from, a->to, (size_t)h->chart_w, h->chart, e) < 0)
		return -1;
	h->chart_max = 0;
	for (int i = 0; i < h->chart_w; i++)
		if (h->chart[i].has_value && h->chart[i].max > h->chart_max)
			h->chart_max = h->chart[i].max;
	return 0;
}

/* --- drawing --- */

static void draw_member(const struct app *a, struct canvas *c, int y, const struct group_line *l)
{
	char d[TIME_MAX], func[512];
	const struct frame *f;

	if (l->more) {
		canvas_printf(c, y, 3, c->w - 4, STYLE_DIM, "` %zu more (Enter: this group alone)", l->more);
		return;
	}
	if (!l->a)
		return;
	f = stack_user_frame(query_stack(a->q, l->a->stack));
	canvas_printf(c, y, 3, 14, STYLE_NORMAL, "` g%llu", (unsigned long long)l->a->id);
	canvas_right(c, y, 17, 8, STYLE_DIM, duration_format(d, a->t - l->a->first));
	canvas_text(c, y, 27, 14, (enum style)(STYLE_STATE + l->a->family), l->a->state);
	canvas_text(c, y, 43, c->w - 44 - 18, STYLE_NORMAL, f ? query_short(func, sizeof func, f->func) : "");
	if (l->a->parent)
		canvas_printf(c, y, c->w - 17, 16, STYLE_DIM, "<- g%llu", (unsigned long long)l->a->parent);
}

static void draw_group(const struct app *a, struct canvas *c, int y, const struct group_line *l)
{
	const struct host_view *h = &a->hostv;
	const struct group *g = l->g;
	const char *state = query_string(a->q, g->states[0].state);
	char text[32], d[TIME_MAX], name[512], top[512];
	int x = 42, wide = is_wide(a);
	enum family f = query_family(a->q, g->states[0].state, g->stack);

	canvas_put(c, y, 1, STYLE_NORMAL, h->by == BY_NONE ? ' ' : is_open(h, g) ? '-' : '+');
	canvas_right(c, y, 2, 7, STYLE_NORMAL, number(text, g->count));
	snprintf(text, sizeof text, "%+" PRId64, l->delta);
	canvas_right(c, y, 10, 7, l->delta > 0 ? STYLE_ADDED : l->delta < 0 ? STYLE_GONE : STYLE_DIM, l->delta ? text : "0");
	canvas_right(c, y, 17, 8, STYLE_DIM, duration_format(d, a->t - g->oldest));
	canvas_text(c, y, 27, 14, (enum style)(STYLE_STATE + f), state);
	query_short(name, sizeof name, h->by == BY_CREATED ? (g->created.func ? g->created.func : g->name) : g->name);
	query_short(top, sizeof top, g->top.func);
	if (h->by == BY_NONE) {
		canvas_printf(c, y, x, 14, STYLE_NORMAL, "g%s", g->name);
		x += 15;
	}
	if (wide) {
		canvas_text(c, y, x, (c->w - x) / 2 - 2, STYLE_NORMAL, top);
		canvas_text(c, y, x + (c->w - x) / 2, (c->w - x) / 2 - 1, STYLE_DIM, h->by == BY_CREATED || h->by == BY_NONE ? (g->created.func ? query_short(name, sizeof name, g->created.func) : "-") : name);
	} else {
		canvas_text(c, y, x, c->w - x - 1, STYLE_NORMAL, h->by == BY_CREATED ? name : top);
	}
}

/* Filter text, hidden rows, sort: always to be seen. */
static void draw_heads(const struct app *a, struct canvas *c, int y)
{
	const struct host_view *h = &a->hostv;
	int x = h->by == BY_NONE ? 57 : 42;

	canvas_text(c, y, 1, 1, STYLE_HEADER, "v");
	canvas_right(c, y, 2, 7, STYLE_HEADER, "COUNT");
	canvas_right(c, y, 10, 7, STYLE_HEADER, a->use_pin ? "d pin" : "d10m");
	canvas_right(c, y, 17, 8, STYLE_HEADER, "OLDEST");
	canvas_text(c, y, 27, 14, STYLE_HEADER, "STATE");
	if (is_wide(a)) {
		canvas_text(c, y, x, 40, STYLE_HEADER, "TOP USER FRAME");
		canvas_text(c, y, x + (c->w - x) / 2, 40, STYLE_HEADER, h->by == BY_CREATED || h->by == BY_NONE ? "CREATED BY" : "GROUP");
	} else {
		canvas_text(c, y, x, c->w - x - 1, STYLE_HEADER, h->by == BY_CREATED ? "CREATED BY" : "TOP USER FRAME");
	}
	canvas_printf(c, y, c->w - 16, 15, STYLE_DIM, "by %s%s", sort_names[h->sort], h->reverse ? " rev" : "");
}

static void draw_facts(const struct app *a, struct canvas *c, int y, const struct group *g)
{
	const struct stack *s = query_stack(a->q, g->stack);
	char title[400], func[400];
	int room = c->h - 1 - y - 1;

	snprintf(title, sizeof title, "most common stack of %s (one of %u)", g->name, g->stacks);
	draw_rule(a, c, y, title, NULL);
	if (s->created.func)
		canvas_printf(c, ++y, 3, c->w - 4, STYLE_DIM, "created by %s  %s:%u", query_short(func, sizeof func, s->created.func),
			      s->created.file ? s->created.file : "", s->created.line);
	for (uint32_t i = 0; i < s->n && (int)i < room - 1; i++) {
		const struct frame *f = &s->frames[s->n - 1 - i];

		canvas_printf(c, ++y, 3, c->w - 4, STYLE_NORMAL, "%s  %s:%u", query_short(func, sizeof func, f->func), f->file ? f->file : "", f->line);
	}
}

static void draw_context(const struct app *a, struct canvas *c)
{
	const struct host_view *h = &a->hostv;
	const struct host *host = app_host(a);
	char t[TIME_MAX], n[32], right[128];

	snprintf(right, sizeof right, "T %s  %s in %zu groups", app_time(a, t, a->t, TIME_CLOCK), number(n, (int64_t)h->n_alive), h->n_groups);
	canvas_printf(c, 1, 1, c->w - 4 - text_cells(right), STYLE_CONTEXT, "%s > groups by %s (v)%s%s", host ? host->name : "no host",
		      group_by_name(h->by), a->filter[0] ? "  & " : "", a->filter);
	canvas_text(c, 1, c->w - 1 - text_cells(right), text_cells(right), STYLE_CONTEXT, right);
}

static void draw(const struct app *a, struct canvas *c, struct list *rows)
{
	const struct host_view *h = &a->hostv;
	int y = 2, chart_h = a->zoomed ? 0 : c->h >= 40 ? 8 : c->h >= 20 ? 3 : 0, facts, room;

	draw_context(a, c);
	if (!a->host) {
		canvas_text(c, 3, 2, c->w - 4, STYLE_NORMAL, "The store has no host yet.");
		return;
	}
	if (chart_h && h->chart) {
		draw_chart(a, c, y, 7, h->chart_w, chart_h, h->chart, h->chart_max);
		draw_axis(a, c, y + chart_h, 7, h->chart_w);
		y += chart_h + 2;
	}
	draw_heads(a, c, y++);
	facts = c->h >= 40 && !a->zoomed ? 14 : 0;
	room = c->h - 1 - y - facts;
	list_show(rows, room);
	for (int r = 0; r < room && rows->top + (size_t)r < h->n; r++) {
		const struct group_line *l = &h->lines[rows->top + (size_t)r];
		bool sel = rows->top + (size_t)r == rows->sel;

		if (l->a || l->more)
			draw_member(a, c, y + r, l);
		else
			draw_group(a, c, y + r, l);
		if (sel)
			draw_selected(c, y + r, 0, c->w);
	}
	if (!h->n)
		canvas_text(c, y, 2, c->w - 4, STYLE_DIM, a->filter[0] ? "no group passes the filter (& with nothing clears it)" : "no goroutine is known at T");
	else if (facts)
		draw_facts(a, c, c->h - 1 - facts, h->lines[rows->sel].g);
}

static struct list *list(struct app *a)
{
	return &a->hostv.list;
}

static void find(struct app *a, bool forward)
{
	struct host_view *h = &a->hostv;

	for (size_t i = 1; i <= h->n; i++) {
		size_t k = (h->list.sel + (forward ? i : h->n - i)) % h->n;
		const struct group_line *l = &h->lines[k];

		if (!l->a && !l->more && (strcasestr(l->g->name, a->search) || (l->g->top.func && strcasestr(l->g->top.func, a->search)))) {
			h->list.sel = k;
			return;
		}
	}
	app_say(a, "no group matches '%s'", a->search);
}

static void open_row(struct app *a)
{
	struct host_view *h = &a->hostv;
	const struct group_line *l = h->list.sel < h->n ? &h->lines[h->list.sel] : NULL;

	if (!l)
		return;
	if (l->more) {
		snprintf(a->filter, sizeof a->filter, "%s", l->g->name);
		if (!is_open(h, l->g))
			toggle(h, l->g);
	} else if (l->a) {
		app_open_goroutine(a, l->a->id);
	} else if (h->by == BY_NONE || l->g->count == 1) {
		app_open_goroutine(a, l->g->ids[0]);
	} else {
		toggle(h, l->g);
	}
}

static bool act(struct app *a, enum action action)
{
	struct host_view *h = &a->hostv;

	switch (action) {
	case ACT_OPEN: open_row(a); return true;
	case ACT_GROUP_BY: h->by = (enum group_by)((h->by + 1) % BY_MAX); h->list = (struct list){0}; return true;
	case ACT_EXPAND:
		if (h->list.sel < h->n)
			toggle(h, h->lines[h->list.sel].g);
		return true;
	case ACT_EXPAND_ALL: h->all_open = !h->all_open; h->n_open = 0; return true;
	case ACT_SORT: h->sort = (h->sort + 1) % SORT_MAX; app_say(a, "sorted by %s", sort_names[h->sort]); return true;
	case ACT_REVERSE: h->reverse = !h->reverse; return true;
	case ACT_NEXT_MATCH: case ACT_PREV_MATCH:
		if (a->search[0])
			find(a, action == ACT_NEXT_MATCH);
		return true;
	default: return false;
	}
}

const struct view host_view_ops = {
	.name = "host",
	.tab = "Host",
	.wide_tab = "Host",
	.load = load,
	.draw = draw,
	.act = act,
	.list = list,
	.hints = "Enter open  e expand  v group-by  s sort  & filter  h/l time  Space play  q back",
	.wide_hints = "Enter open  e expand group  E all  v group-by  s sort  S reverse  & filter  / search  h/l time  Space play  x pin T as base  y yank  q back  ? help",
};

/* SPDX-License-Identifier: MIT */
/* View 5: creation sites by how much they grew over the window, the most first. */
#include "app.h"
#include <inttypes.h>
#include <stdio.h>

/* The host view's groups, ranked by their change since the window's beginning. */
static int load(struct app *a, struct err *e)
{
	bool use_pin = a->use_pin;
	int64_t pin = a->pin;
	int rc, sort = a->hostv.sort;
	enum group_by by = a->hostv.by;

	a->hostv.by = BY_CREATED;
	a->hostv.sort = 1;
	a->use_pin = true;
	a->pin = a->from;
	rc = host_view_ops.load(a, e);
	a->use_pin = use_pin;
	a->pin = pin;
	a->hostv.sort = sort;
	a->hostv.by = by;
	return rc;
}

static void draw(const struct app *a, struct canvas *c, struct list *rows)
{
	const struct host_view *h = &a->hostv;
	const struct host *host = app_host(a);
	char t0[TIME_MAX], t1[TIME_MAX], d[TIME_MAX], text[64], name[400];
	double hours = (double)(a->t - a->from) / 3600000.0;

	canvas_printf(c, 1, 1, c->w - 2, STYLE_CONTEXT, "growth by creation site, %s   %s..T %s", host ? host->name : "no host",
		      app_time(a, t0, a->from, TIME_HM), app_time(a, t1, a->t, TIME_CLOCK));
	canvas_text(c, 2, 1, c->w - 2, STYLE_HEADER, "  FIRST ->   AT T        /h   OLDEST  BLOCKED IN      WHERE");
	list_show(rows, c->h - 4);
	for (int r = 0; r < c->h - 4 && rows->top + (size_t)r < h->n; r++) {
		const struct group_line *l = &h->lines[rows->top + (size_t)r];
		const struct group *g = l->g;
		enum family f = query_family(a->q, g->states[0].state, g->stack);

		if (l->a || l->more)
			continue;
		canvas_printf(c, r + 3, 1, 20, STYLE_NORMAL, "%7" PRId64 " -> %6u", (int64_t)g->count - l->delta, g->count);
		snprintf(text, sizeof text, "%+.0f", hours > 0 ? (double)l->delta / hours : 0);
		canvas_right(c, r + 3, 20, 9, l->delta > 0 ? STYLE_ADDED : STYLE_DIM, text);
		canvas_right(c, r + 3, 30, 8, STYLE_DIM, duration_format(d, a->t - g->oldest));
		canvas_text(c, r + 3, 40, 15, (enum style)(STYLE_STATE + f), query_string(a->q, g->states[0].state));
		canvas_text(c, r + 3, 56, c->w - 57, STYLE_NORMAL, query_short(name, sizeof name, g->created.func ? g->created.func : g->name));
		if (rows->top + (size_t)r == rows->sel)
			draw_selected(c, r + 3, 0, c->w);
	}
}

static struct list *list(struct app *a)
{
	return &a->hostv.list;
}

static bool act(struct app *a, enum action action)
{
	if (action == ACT_NEXT_MATCH || action == ACT_PREV_MATCH) /* the rows are the host view's */
		return host_view_ops.act(a, action);
	if (action != ACT_OPEN)
		return false;
	if (a->hostv.list.sel < a->hostv.n) {
		const struct group *g = a->hostv.lines[a->hostv.list.sel].g;

		a->hostv.by = BY_CREATED;
		snprintf(a->filter, sizeof a->filter, "%s", g->name);
		app_go(a, VIEW_HOST);
	}
	return true;
}

const struct view leak_view_ops = {
	.name = "leaks",
	.tab = "Leak",
	.wide_tab = "Leaks",
	.load = load,
	.draw = draw,
	.act = act,
	.list = list,
	.hints = "Enter its goroutines  h/l time  z/Z zoom  & filter  q back  ? help",
	.wide_hints = "Enter its goroutines   h/l time   , . column   z/Z zoom   & filter   q back   ? help",
};

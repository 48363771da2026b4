/* SPDX-License-Identifier: MIT */
/* View 3 on wide screens: beside the stack its family, with the children's lives as bars; below it the stacks it has had. */
#include "draw.h"
#include "path.h"
#include "view_goroutine.h"
#include <inttypes.h>
#include <stdio.h>

bool has_family_pane(const struct session *a)
{
	return is_wide(a) && a->h >= 30 && !a->zoomed && !goroutine_view_of(a)->hide_children;
}

static void pane_rule(const struct session *a, struct canvas *c, int y, int x, int w, const char *text)
{
	canvas_fill(c, y, x, w, STYLE_RULE, glyph_table[a->tier].rule);
	canvas_put(c, y, x + 2, STYLE_RULE, ' ');
	x += 3 + canvas_text(c, y, x + 3, w - 5, STYLE_RULE, text);
	canvas_put(c, y, x, STYLE_RULE, ' ');
}

static bool alive_at(const struct relative *r, int64_t t)
{
	return r->first != NO_TIME && r->first <= t && (t <= r->last || !r->ended);
}

/* --- ancestry --- */

static void draw_relative(const struct session *a, struct canvas *c, struct area at, size_t depth, const struct relative *r, bool self)
{
	int y = at.y, x = at.x, w = at.w;
	const char *state = r->first == NO_TIME ? "never seen" : !a->known.known ? "-" : alive_at(r, a->t) ? "alive" : "gone";
	char func[400] = "";
	int indent = depth ? (int)(depth - 1) * 2 : 0;

	if (depth)
		canvas_put(c, y, x + indent, STYLE_DIM, glyph_table[a->tier].corner);
	indent += depth ? 2 : 0;
	if (r->func)
		query_short(func, sizeof func, r->func);
	canvas_printf(c, y, x + indent, w - indent - 13, self ? STYLE_CONTEXT : STYLE_NORMAL, "g%" PRIu64 " %s", r->id, func);
	canvas_right(c, y, x + w - 12, 10, STYLE_DIM, state);
	if (self)
		canvas_put(c, y, x + w - 1, STYLE_CURSOR, '<');
}

static struct relative self_of(const struct session *a)
{
	const struct life *l = &goroutine_view_of(a)->life;
	const struct frame *root = stack_root(query_stack(a->q, l->runs[0].stack));

	return (struct relative){.id = l->id, .func = root ? root->func : NULL, .first = l->first, .last = l->last, .ended = l->ended};
}

static int draw_ancestry(const struct session *a, struct canvas *c, int y, int x, int w)
{
	const struct goroutine_view *g = goroutine_view_of(a);
	size_t most = a->h >= 40 ? 4 : 2, from = g->n_ancestors > most ? g->n_ancestors - most : 0;
	struct relative self = self_of(a);
	char n[32];
	int depth;

	canvas_text(c, y++, x, w, STYLE_HEADER, from ? "ancestry (the nearest)" : "ancestry");
	for (size_t i = from; i < g->n_ancestors; i++)
		draw_relative(a, c, (struct area){y++, x, w, 1}, i - from, &g->ancestors[i], false);
	draw_relative(a, c, (struct area){y++, x, w, 1}, g->n_ancestors - from, &self, true);
	depth = (int)(g->n_ancestors - from) * 2;
	canvas_put(c, y, x + depth, STYLE_DIM, glyph_table[a->tier].corner);
	canvas_printf(c, y++, x + depth + 2, w - depth - 2, STYLE_DIM, "%s child%s", number(n, (int64_t)g->n_children), g->n_children == 1 ? "" : "ren");
	return y;
}

static int draw_siblings(const struct session *a, struct canvas *c, int y, int x, int w)
{
	const struct goroutine_view *g = goroutine_view_of(a);
	size_t from = first_sibling_shown(g);
	char title[300], func[300], n[32];

	snprintf(title, sizeof title, "siblings %s (by %s)", number(n, g->n_siblings ? (int64_t)g->n_siblings - 1 : 0),
		 g->life.created.func ? query_short(func, sizeof func, g->life.created.func) : "nobody");
	canvas_text(c, y, x, w - 5, STYLE_HEADER, title);
	canvas_text(c, y++, x + w - 3, 3, STYLE_HINT, "J/K");
	for (size_t i = from; i < g->n_siblings && i < from + SIBLINGS_SHOWN; i++, y++) {
		const struct relative *s = &g->siblings[i];

		canvas_put(c, y, x, STYLE_CURSOR, i == g->self ? '>' : ' ');
		canvas_printf(c, y, x + 2, w - 18, STYLE_NORMAL, "g%" PRIu64 " %s", s->id, s->func ? query_short(func, sizeof func, s->func) : "");
		canvas_right(c, y, x + w - 15, 15, s->state ? (enum style)(STYLE_STATE + s->family) : STYLE_DIM, s->state ? s->state : "-");
	}
	return y;
}

/* --- children --- */

static void draw_bar(const struct session *a, struct canvas *c, int y, int x, int w, const struct child *k)
{
	const struct glyphs *g = &glyph_table[a->tier];
	int from = k->first <= a->from ? 0 : column_of(a, k->first, w), to = k->last >= a->to ? w - 1 : column_of(a, k->last, w);

	for (int i = 0; i < w; i++) {
		bool in = k->last >= a->from && k->first <= a->to && i >= from && i <= to;

		canvas_put(c, y, x + i, in ? STYLE_CHART : STYLE_DIM, in ? g->step[g->levels] : g->small_dot);
	}
}

static void draw_child(const struct session *a, struct canvas *c, const struct list_row *r)
{
	const struct goroutine_view *g = goroutine_view_of(a);
	const struct child *k = &g->children[g->shown[r->i]];
	int x = r->x, y = r->y, w = r->w;
	char t0[TIME_MAX], t1[TIME_MAX], d[TIME_MAX], func[512];
	bool active = child_active(a, k);
	int bar = w - 32 < 24 ? w - 32 : 24;

	canvas_put(c, y, x + 1, STYLE_CURSOR, active ? '*' : ' ');
	canvas_printf(c, y, x + 2, w - 2, active ? STYLE_NORMAL : STYLE_DIM, "g%" PRIu64 "  %s", k->id,
		      query_short(func, sizeof func, k->func ? k->func : ""));
	canvas_printf(c, y + 1, x + 4, 26, STYLE_DIM, "%s-%-8s %7s", time_text(a, t0, k->first, TIME_CLOCK),
		      k->ended || a->known.now < 0 ? time_text(a, t1, k->last, TIME_CLOCK) : "now", duration_format(d, k->last - k->first));
	draw_bar(a, c, y + 1, x + 31, bar, k);
	if (r->selected) {
		canvas_put(c, y, x, STYLE_NORMAL, '>');
		canvas_restyle(c, y, x, w, STYLE_SELECTED);
		c->cursor_y = y;
		c->cursor_x = x;
	}
}

static void draw_children(const struct session *a, struct canvas *c, struct area at, struct list *rows)
{
	int y = at.y, h = at.h, x = at.x, w = at.w;
	const struct goroutine_view *g = goroutine_view_of(a);
	char title[400], n0[32], n1[32], n2[32];

	if (a->filter[0])
		snprintf(title, sizeof title, "children %s of %s  & %s  active %s (*)", number(n0, (int64_t)g->n_shown), number(n1, (int64_t)g->n_children),
			 a->filter, active_children(a, n2));
	else
		snprintf(title, sizeof title, "children %s, active %s at T (*)  & filter", number(n0, (int64_t)g->n_shown), active_children(a, n2));
	pane_rule(a, c, y, x - 1, w + 1, title);
	list_draw(a, c, &g->list, &(struct list_pane){.y = y + 1, .x = x, .h = h - 1, .w = w, .each = 2, .unfocused = g->pane != PANE_CHILDREN,
						      .row = draw_child}, rows);
	if (!g->n_shown)
		canvas_text(c, y + 1, x + 2, w - 2, STYLE_DIM, g->n_children ? "no child passes the filter" : "none was seen");
}

void draw_family(const struct session *a, struct canvas *c, int y, int h, int x, struct list *rows)
{
	int w = c->w - x - 3, end = y + h;

	for (int r = y; r < end; r++)
		canvas_put(c, r, x, STYLE_RULE, glyph_table[a->tier].bar);
	x += 2;
	y = draw_ancestry(a, c, y, x, w) + (h > 24);
	y = draw_siblings(a, c, y, x, w) + (h > 24);
	if (end - y >= 3)
		draw_children(a, c, (struct area){y, x, w, end - y}, rows);
}

/* --- the stacks it has had --- */

/* "12%", or "<1%" for what is there but little. */
static const char *percent(char *out, size_t n, uint32_t part, uint32_t all)
{
	unsigned p = all ? (unsigned)((uint64_t)part * 100 / all) : 0;

	snprintf(out, n, p || !part ? "%u%%" : "<1%%", p);
	return out;
}

static void this_stack(const struct session *a, char *out, size_t n)
{
	const struct goroutine_view *g = goroutine_view_of(a);
	const struct own_stack *s = NULL;
	char t0[TIME_MAX], t1[TIME_MAX], also[64] = "", share[8];

	for (size_t i = 0; i < g->n_stacks && g->run >= 0; i++)
		if (g->stacks[i].stack == g->life.runs[g->run].stack)
			s = &g->stacks[i];
	if (!s) {
		snprintf(out, n, "no stack at T");
		return;
	}
	snprintf(also, sizeof also, "   others at T: %4" PRIu32 "  (A: who)", g->also); /* as wide as ever: what moves costs bytes */
	snprintf(out, n, "this stack: seen %5" PRIu32 " times (%4s), first %s, last %s%s", s->samples, percent(share, sizeof share, s->samples, g->samples),
		 time_text(a, t0, s->first, TIME_CLOCK), time_text(a, t1, s->last, TIME_CLOCK), also);
}

static void draw_own_stack(const struct session *a, struct canvas *c, const struct list_row *r)
{
	const struct goroutine_view *g = goroutine_view_of(a);
	const struct own_stack *s = &g->stacks[r->i];
	bool here = g->run >= 0 && g->life.runs[g->run].stack == s->stack;
	char text[600], share[8];

	canvas_put(c, r->y, 0, STYLE_CURSOR, here ? '*' : ' ');
	canvas_printf(c, r->y, 2, 16, STYLE_NORMAL, "%4s %6" PRIu32, percent(share, sizeof share, s->samples, g->samples), s->samples);
	canvas_text(c, r->y, 15, 14, (enum style)(STYLE_STATE + s->family), s->state);
	canvas_text(c, r->y, 31, r->w - 32, STYLE_NORMAL, stack_path(text, sizeof text, query_stack(a->q, s->stack), 0, r->w - 32));
	if (r->selected)
		draw_selected(c, r->y, 1, 14);
}

void draw_stacks(const struct session *a, struct canvas *c, int y, int h, int w, struct list *rows)
{
	const struct goroutine_view *g = goroutine_view_of(a);
	char text[600];

	this_stack(a, text, sizeof text);
	pane_rule(a, c, y++, 0, w, text);
	snprintf(text, sizeof text, "%s%zu stack%s of g%" PRIu64 ", most seen first  (n/N walk occurrences)", g->n_stacks > 10 ? "10 of " : "",
		 g->n_stacks, g->n_stacks == 1 ? "" : "s", g->life.id);
	pane_rule(a, c, y++, 0, w, text);
	list_draw(a, c, &g->stacks_list, &(struct list_pane){.y = y, .h = h - 2, .w = w, .unfocused = g->pane != PANE_STACKS, .row = draw_own_stack},
		  rows);
}

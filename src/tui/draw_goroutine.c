/* SPDX-License-Identifier: MIT */
/* View 3, how it is drawn. Small screens lose the children first, then the lane of children, then the lane of changes. */
#include "view_goroutine.h"
#include <stdio.h>
#include <string.h>

bool child_active(const struct app *a, const struct child *k)
{
	return k->first <= a->t && (a->t <= k->last || !k->ended);
}

struct places {
	int kids_h, chg, y_slider, y_stack, stack_h, y_kids, kids_rows;
};

static struct places place(const struct app *a)
{
	const struct goroutine_view *g = &a->gor;
	struct places p = {.kids_h = a->slow_link ? 0 : a->h >= 40 ? 6 : a->h >= 20 ? 2 : 0, .chg = a->h >= 16};
	int rest;

	if (a->zoomed)
		p.kids_h = p.chg = 0;
	p.y_slider = 2 + p.kids_h + 1 + p.chg;
	p.y_stack = p.y_slider + 2;
	rest = a->h - 1 - p.y_stack; /* rows left, with both titles */
	if (!g->hide_children && rest >= 11) {
		p.kids_rows = (rest - 2) * 2 / 5;
		if (p.kids_rows > (int)g->n_shown)
			p.kids_rows = g->n_shown ? (int)g->n_shown : 1;
	}
	if (a->zoomed)
		p.kids_rows = g->pane ? rest - 1 : 0;
	p.stack_h = rest - 1 - (p.kids_rows ? p.kids_rows + 1 : 0);
	p.y_kids = a->zoomed ? p.y_stack : p.y_stack + 1 + p.stack_h;
	return p;
}

static void lane_head(const struct app *a, struct canvas *c, int y, const char *name, uint32_t edge)
{
	(void)a;
	canvas_text(c, y, 0, 7, STYLE_DIM, name);
	canvas_put(c, y, 6, STYLE_DIM, edge);
}

static void draw_kids_lane(const struct app *a, struct canvas *c, int y, int h)
{
	const struct goroutine_view *g = &a->gor;
	const struct glyphs *gl = &glyph_table[a->tier];
	char head[16];

	for (int r = 0; r < h; r++) {
		snprintf(head, sizeof head, g->kids_max < 10 ? "kids %u" : "kids%u", g->kids_max);
		lane_head(a, c, y + r, r ? "" : head, gl->left);
	}
	for (int x = 0; x < g->lane_w && g->kids_max; x++) {
		int full = h * gl->levels, n = (int)((double)g->lanes[x].kids / g->kids_max * full + 0.5);

		if (g->lanes[x].kids && !n)
			n = 1;
		for (int r = 0; r < h; r++) {
			int part = n - r * gl->levels;

			if (part > 0)
				canvas_put(c, y + h - 1 - r, 7 + x, STYLE_CHART, gl->step[part > gl->levels ? gl->levels : part]);
		}
	}
}

static void draw_lanes(const struct app *a, struct canvas *c, const struct places *p)
{
	const struct goroutine_view *g = &a->gor;
	const struct glyphs *gl = &glyph_table[a->tier];
	int y = 2;

	if (p->kids_h)
		draw_kids_lane(a, c, y, p->kids_h);
	y += p->kids_h;
	lane_head(a, c, y, "state", gl->bar);
	for (int x = 0; x < g->lane_w; x++) {
		char s = g->lanes[x].state;
		enum style st = s == '?' ? STYLE_GAP : s == '.' || s == ' ' ? STYLE_DIM : (enum style)(STYLE_STATE + g->lanes[x].family);

		canvas_put(c, y, 7 + x, st, (uint32_t)s);
	}
	if (!p->chg)
		return;
	lane_head(a, c, ++y, "chg", gl->bar);
	for (int x = 0; x < g->lane_w; x++)
		if (g->lanes[x].changes)
			canvas_put(c, y, 7 + x, STYLE_CHANGED, g->lanes[x].changes > 1 ? gl->dot : gl->small_dot);
}

static void draw_slider(const struct app *a, struct canvas *c, int y)
{
	const struct goroutine_view *g = &a->gor;
	const struct glyphs *gl = &glyph_table[a->tier];
	static const char *const speeds[] = {".5x", "1x", "2x", "5x", "10x"};
	char head[16], t[TIME_MAX];
	int at = column_of(a, a->t, g->lane_w), pin = a->pin == NO_TIME ? -1 : column_of(a, a->pin, g->lane_w), x;

	snprintf(head, sizeof head, " %s%s", a->playing ? ">" : "|", speeds[a->speed]);
	lane_head(a, c, y, head, gl->bar);
	for (x = 0; x < g->lane_w; x++)
		canvas_put(c, y, 7 + x, x <= at ? STYLE_CURSOR : STYLE_DIM, x <= at ? gl->played : gl->unplayed);
	if (pin >= 0)
		canvas_put(c, y, 7 + pin, STYLE_CHANGED, 'x');
	if (at >= 0)
		canvas_put(c, y, 7 + at, STYLE_CURSOR, gl->knob);
	canvas_text(c, y + 1, 7, 8, STYLE_DIM, app_time(a, t, a->from, TIME_CLOCK));
	canvas_right(c, y + 1, c->w - 9, 8, STYLE_DIM, app_time(a, t, a->to, TIME_CLOCK));
	if (c->w >= 60) /* stands still: what moves costs bytes, and the knob says where */
		canvas_printf(c, y + 1, 7 + g->lane_w / 2 - 5, 10, STYLE_NORMAL, "T %s", app_time(a, t, a->t, TIME_CLOCK));
}

/* "chan send 12m (was select)   <- parent g1   8 frames ~1 +6 -0 vs prev" */
static void stack_title(const struct app *a, char *left, size_t n_left, char *right, size_t n_right)
{
	const struct goroutine_view *g = &a->gor;
	const struct life *l = &g->life;
	char t[TIME_MAX], d[TIME_MAX];
	const struct run *r;
	size_t n;

	right[0] = '\0';
	n = (size_t)snprintf(left, n_left, "%s ", app_time(a, t, a->t, TIME_CLOCK));
	if (g->run < 0) {
		snprintf(left + n, n_left - n, "%s", a->t < l->first ? "not born yet" : l->ended ? "gone" : "not seen");
		return;
	}
	r = &l->runs[g->run];
	n += (size_t)snprintf(left + n, n_left - n, "%s for %s", r->state, duration_format(d, a->t - r->from));
	if (r->flags & DUMP_LEAKED)
		n += (size_t)snprintf(left + n, n_left - n, " LEAKED");
	if (r->flags & DUMP_LOCKED)
		n += (size_t)snprintf(left + n, n_left - n, " locked");
	if (g->run > 0 && l->runs[g->run - 1].state != r->state && n < n_left)
		n += (size_t)snprintf(left + n, n_left - n, " (was %s)", l->runs[g->run - 1].state);
	if (l->parent && n < n_left)
		snprintf(left + n, n_left - n, "  <- parent g%llu", (unsigned long long)l->parent);
	snprintf(right, n_right, "%u frames ~%d +%d -%d vs %s", query_stack(a->q, r->stack)->n, g->changed, g->added, g->gone,
		 a->use_pin && a->pin != NO_TIME ? app_time(a, t, a->pin, TIME_CLOCK) : "prev");
	if (text_cells(left) + text_cells(right) + 8 > a->w)
		snprintf(right, n_right, "~%d +%d -%d", g->changed, g->added, g->gone);
}

static enum style mark_style(char mark)
{
	return mark == DIFF_CHANGED ? STYLE_CHANGED : mark == DIFF_ADDED ? STYLE_ADDED : mark == DIFF_GONE ? STYLE_GONE : STYLE_NORMAL;
}

static const char *file_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static void draw_frame(const struct app *a, struct canvas *c, int y, const struct frame_line *l, bool sel)
{
	char text[1024], where[512] = "";
	enum style s = mark_style(l->mark);
	int w = c->w - 2, where_w;
	char func[1000];

	query_short(func, sizeof func, l->f->func);
	snprintf(text, sizeof text, "%s%s", l->created ? "created by " : "", func);
	if (l->f->file)
		snprintf(where, sizeof where, "%s:%u", file_name(l->f->file), l->f->line);
	where_w = text_cells(where);
	if (where_w > w / 2)
		where_w = w / 2;
	canvas_put(c, y, 0, s, (uint32_t)l->mark);
	canvas_text(c, y, 2, w - where_w - 2, s, a->scroll < (int)strlen(text) ? text + a->scroll : "");
	canvas_right(c, y, c->w - 1 - where_w, where_w, l->mark == DIFF_SAME ? STYLE_DIM : s, where);
	if (sel)
		draw_selected(c, y, 1, c->w);
}

static void draw_frame_whole(const struct app *a, struct canvas *c, int y, const struct frame_line *l, bool sel)
{
	enum style s = mark_style(l->mark);

	(void)a;
	canvas_put(c, y, 0, s, (uint32_t)l->mark);
	canvas_printf(c, y, 2, c->w - 3, s, "%s%s", l->created ? "created by " : "", l->f->func);
	if (l->f->file)
		canvas_printf(c, y + 1, 6, c->w - 7, STYLE_DIM, "%s:%u", l->f->file, l->f->line);
	if (sel)
		draw_selected(c, y, 1, c->w);
}

static void draw_stack(const struct app *a, struct canvas *c, const struct places *p, struct list *rows)
{
	const struct goroutine_view *g = &a->gor;
	struct list l = g->stack;
	char left[200], right[100];
	int each = a->two_lines ? 2 : 1;

	stack_title(a, left, sizeof left, right, sizeof right);
	list_show(&l, p->stack_h / each);
	if (!g->pane)
		*rows = l;
	if (l.top + (size_t)(p->stack_h / each) < g->n_frames && text_cells(left) + text_cells(right) + 18 < c->w)
		snprintf(right + strlen(right), sizeof right - strlen(right), ", %zu below", g->n_frames - l.top - (size_t)(p->stack_h / each));
	draw_rule(a, c, p->y_stack, left, right);
	touch_rows(c, p->y_stack + 1, p->stack_h, l.top, each, g->pane == 0);
	for (int r = 0; r < p->stack_h / each && l.top + (size_t)r < g->n_frames; r++) {
		size_t i = l.top + (size_t)r;
		const struct frame_line *f = &g->frames[g->leaf_first ? g->n_frames - 1 - i : i];

		if (a->two_lines)
			draw_frame_whole(a, c, p->y_stack + 1 + 2 * r, f, g->pane == 0 && i == l.sel);
		else
			draw_frame(a, c, p->y_stack + 1 + r, f, g->pane == 0 && i == l.sel);
	}
}

static void draw_child(const struct app *a, struct canvas *c, int y, const struct child *k, bool sel)
{
	char t0[TIME_MAX], t1[TIME_MAX], d[TIME_MAX], func[512], right[128];
	bool active = child_active(a, k);
	int w;

	snprintf(right, sizeof right, "%s-%s %7s", app_time(a, t0, k->first, TIME_CLOCK), k->ended ? app_time(a, t1, k->last, TIME_CLOCK) : "now     ",
		 duration_format(d, k->last - k->first));
	w = c->w >= 60 ? text_cells(right) : 0;
	canvas_put(c, y, 1, STYLE_CURSOR, active ? '*' : ' ');
	canvas_printf(c, y, 2, 11, STYLE_NORMAL, "g%llu", (unsigned long long)k->id);
	canvas_text(c, y, 14, c->w - 15 - w - 1, active ? STYLE_NORMAL : STYLE_DIM, query_short(func, sizeof func, k->func));
	canvas_text(c, y, c->w - 1 - w, w, STYLE_DIM, right);
	if (sel)
		draw_selected(c, y, 0, c->w);
}

static void draw_children(const struct app *a, struct canvas *c, const struct places *p, struct list *rows)
{
	const struct goroutine_view *g = &a->gor;
	struct list l = g->list;
	char title[400];

	if (a->filter[0])
		snprintf(title, sizeof title, "children %zu/%zu  & %s   %zu active at T (*)", g->n_shown, g->n_children, a->filter, g->n_active);
	else
		snprintf(title, sizeof title, "children %zu, %zu active at T (*)   & filter   Tab focus   Enter open", g->n_children, g->n_active);
	draw_rule(a, c, p->y_kids, title, NULL);
	list_show(&l, p->kids_rows);
	touch_rows(c, p->y_kids + 1, p->kids_rows, l.top, 1, g->pane == 1);
	if (g->pane)
		*rows = l;
	if (!g->n_shown)
		canvas_text(c, p->y_kids + 1, 2, c->w - 4, STYLE_DIM, g->n_children ? "no child passes the filter" : "none was seen");
	for (int r = 0; r < p->kids_rows && l.top + (size_t)r < g->n_shown; r++) {
		size_t i = l.top + (size_t)r;

		draw_child(a, c, p->y_kids + 1 + r, &g->children[g->shown[i]], g->pane == 1 && i == l.sel);
	}
}

static void draw_context(const struct app *a, struct canvas *c)
{
	const struct goroutine_view *g = &a->gor;
	const struct host *h = app_host(a);
	const struct stack *s = g->found ? query_stack(a->q, g->life.runs[g->run < 0 ? 0 : g->run].stack) : NULL;
	const struct frame *root = s ? stack_root(s) : NULL;
	char right[64], func[512] = "", epoch[32] = "";
	int n;

	if (h && h->epochs > 1 && g->found)
		snprintf(epoch, sizeof epoch, " (process %u of %u)", g->life.epoch, h->epochs);
	snprintf(right, sizeof right, "frame %u/%u", g->sample, g->samples);
	n = g->found ? text_cells(right) : 0;
	canvas_printf(c, 1, 1, c->w - 4 - n, STYLE_CONTEXT, "%s > g%llu %s%s", h ? h->name : "no host", (unsigned long long)a->id,
		      root ? query_short(func, sizeof func, root->func) : "", epoch);
	if (g->found)
		canvas_text(c, 1, c->w - 1 - n, n, STYLE_CONTEXT, right);
}

void draw_goroutine(const struct app *a, struct canvas *c, struct list *rows)
{
	const struct goroutine_view *g = &a->gor;
	struct places p = place(a);

	draw_context(a, c);
	if (!g->found) {
		canvas_printf(c, 3, 2, c->w - 4, STYLE_NORMAL, a->id ? "g%llu is not in the history of this host." : "No goroutine is chosen.",
			      (unsigned long long)a->id);
		canvas_text(c, 5, 2, c->w - 4, STYLE_DIM, "# goes to a goroutine by its number; 2 lists the host's groups");
		return;
	}
	touch_time(c, 2, 7, p.y_slider, g->lane_w);
	draw_lanes(a, c, &p);
	draw_slider(a, c, p.y_slider);
	if (!a->zoomed || !g->pane)
		draw_stack(a, c, &p, rows);
	if (p.kids_rows)
		draw_children(a, c, &p, rows);
}

/* SPDX-License-Identifier: MIT */
/* View 3, how it is drawn. Small screens lose the children first, then the lane of children, then the lane of changes; of a
 * goroutine that never had a child there is no lane of children. */
#include "draw.h"
#include "path.h"
#include "sheet.h"
#include "view_goroutine.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

bool child_active(const struct session *a, const struct child *k)
{
	return a->known.known && k->first <= a->t && (a->t <= k->last || !k->ended);
}

struct places {
	int kids_h, chg, y_slider, y_stack, stack_h, y_kids, kids_rows;
	int w, y_stacks, stacks_h; /* of the left panes; on wide screens the stacks it has had are below */
};

static struct places place(const struct session *a)
{
	const struct goroutine_view *g = goroutine_view_of(a);
	struct places p = {.kids_h = a->slow_link || !g->n_children ? 0 : a->h >= 40 ? 6 : a->h >= 20 ? 2 : 0, .chg = a->h >= 16, .w = a->w};
	int rest;

	if (a->zoomed)
		p.kids_h = p.chg = 0;
	p.y_slider = 2 + p.kids_h + 1 + p.chg;
	p.y_stack = p.y_slider + 2;
	rest = a->h - 1 - p.y_stack; /* rows left, with both titles */
	if (has_family_pane(a)) {
		p.w = a->w - a->w * 35 / 100;
		p.stacks_h = (g->n_stacks < 10 ? (int)g->n_stacks : 10) + 2;
		if (p.stacks_h > rest / 2)
			p.stacks_h = rest / 2;
		p.stack_h = rest - 1 - p.stacks_h;
		p.y_stacks = p.y_stack + 1 + p.stack_h;
		return p;
	}
	if (!g->hide_children && rest >= 11) {
		p.kids_rows = (rest - 2) * 2 / 5;
		if (p.kids_rows > (int)g->n_shown)
			p.kids_rows = g->n_shown ? (int)g->n_shown : 1;
	}
	if (a->zoomed)
		p.kids_rows = g->pane == PANE_CHILDREN ? rest - 1 : 0;
	p.stack_h = rest - 1 - (p.kids_rows ? p.kids_rows + 1 : 0);
	p.y_kids = a->zoomed ? p.y_stack : p.y_stack + 1 + p.stack_h;
	return p;
}

static void lane_head(const struct session *a, struct canvas *c, int y, const char *name, uint32_t edge)
{
	(void)a;
	canvas_text(c, y, 0, 7, STYLE_DIM, name);
	canvas_put(c, y, 6, STYLE_DIM, edge);
}

static void draw_kids_lane(const struct session *a, struct canvas *c, int y, int h)
{
	const struct goroutine_view *g = goroutine_view_of(a);
	const struct glyphs *gl = &glyph_table[a->tier];
	char head[32];

	for (int r = 0; r < h; r++)
		lane_head(a, c, y + r, r == 0 ? "kids" : r == 1 ? number_fit(head, g->kids_max, 6) : "", gl->left);
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

static void draw_lanes(const struct session *a, struct canvas *c, const struct places *p)
{
	const struct goroutine_view *g = goroutine_view_of(a);
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

static void draw_slider(const struct session *a, struct canvas *c, int y)
{
	const struct goroutine_view *g = goroutine_view_of(a);
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
	canvas_text(c, y + 1, 7, 8, STYLE_DIM, time_text(a, t, a->from, TIME_CLOCK));
	canvas_right(c, y + 1, c->w - 9, 8, STYLE_DIM, time_text(a, t, a->to, TIME_CLOCK));
	if (c->w >= 60 && !is_wide(a)) /* stands still: what moves costs bytes, and the knob says where; wide, the title below says when */
		canvas_printf(c, y + 1, 7 + g->lane_w / 2 - 5, 10, STYLE_NORMAL, "T %s", time_text(a, t, a->t, TIME_CLOCK));
}

/* How long it has been so: by the samples, or by the dump's minutes when those know of more. */
static int64_t lasted(const struct session *a, const struct run *r)
{
	int64_t at = session_seen(a), seen = at - r->from, told = r->minutes > 0 ? (int64_t)r->minutes * 60000 - (r->to - at) : 0;

	return told > seen ? told : seen;
}

/* "chan send for 12m (was select 3s)   <- parent g1 main.main" */
static void what_at_t(const struct session *a, struct buf *b)
{
	const struct goroutine_view *g = goroutine_view_of(a);
	const struct life *l = &g->life;
	const struct run *r = &l->runs[g->run];
	char d[TIME_MAX], func[300];

	buf_addf(b, is_wide(a) ? "%s for %-6s" : "%s for %s", r->state, duration_format(d, lasted(a, r))); /* the rest keeps its place */
	buf_adds(b, r->flags & DUMP_LEAKED ? " LEAKED" : "");
	buf_adds(b, r->flags & DUMP_LOCKED ? " locked" : "");
	if (g->run > 0 && r[-1].state != r->state) {
		buf_addf(b, " (was %s", r[-1].state);
		if (is_wide(a))
			buf_addf(b, " %s", duration_format(d, r->from - r[-1].from));
		buf_putc(b, ')');
	}
	if (l->parent && !has_family_pane(a)) /* which names it */
		buf_addf(b, "  <- parent g%llu", (unsigned long long)l->parent);
	if (l->parent && is_wide(a) && !has_family_pane(a) && g->n_ancestors && g->ancestors[g->n_ancestors - 1].func)
		buf_addf(b, " %s", query_short(func, sizeof func, g->ancestors[g->n_ancestors - 1].func));
}

/* "8 frames ~1 +6 -0 vs prev" */
static void what_changed(const struct session *a, struct buf *b)
{
	const struct goroutine_view *g = goroutine_view_of(a);
	uint32_t frames = query_stack(a->q, g->life.runs[g->run].stack)->n;
	bool pinned = a->use_pin && a->pin != NO_TIME;
	char t[TIME_MAX];

	if (is_wide(a))
		buf_addf(b, "%u frames  ~%d changed  +%d new  -%d gone   against %s", frames, g->changed, g->added, g->gone,
			 pinned ? time_text(a, t, a->pin, TIME_CLOCK) : "the sample before");
	else
		buf_addf(b, "%u frames ~%d +%d -%d vs %s", frames, g->changed, g->added, g->gone,
			 pinned ? time_text(a, t, a->pin, TIME_CLOCK) : "prev");
}

static void stack_title(const struct session *a, struct buf *left, struct buf *right)
{
	const struct goroutine_view *g = goroutine_view_of(a);
	const struct life *l = &g->life;
	char t[TIME_MAX], why[300];

	buf_addf(left, is_wide(a) ? "T %s   " : "%s ", time_text(a, t, a->t, TIME_CLOCK));
	buf_adds(right, "");
	if (!a->known.known) {
		buf_adds(left, unknown_text(a, &a->known, why, sizeof why));
		return;
	}
	if (g->run < 0) {
		buf_adds(left, a->t < l->first ? "not born yet" : l->ended ? "gone" : "not seen");
		return;
	}
	what_at_t(a, left);
	what_changed(a, right);
	if (text_cells(left->p) + text_cells(right->p) + 8 > a->w) {
		buf_reset(right);
		buf_addf(right, "~%d +%d -%d", g->changed, g->added, g->gone);
	}
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

const struct frame_line *frame_at(const struct session *a, size_t i)
{
	const struct goroutine_view *g = goroutine_view_of(a);

	return &g->frames[a->leaf_first ? g->n_frames - 1 - i : i];
}

static void draw_frame(const struct session *a, struct canvas *c, const struct list_row *r)
{
	const struct frame_line *l = frame_at(a, r->i);
	int y = r->y, width = r->w;
	char text[1024], where[512] = "";
	enum style s = mark_style(l->mark);
	int w = width - 2, where_w;
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
	canvas_right(c, y, width - 1 - where_w, where_w, l->mark == DIFF_CHANGED ? s : STYLE_DIM, where); /* its line is what changed */
	if (r->selected)
		draw_selected(c, y, 1, width);
}

static void draw_frame_whole(const struct session *a, struct canvas *c, const struct list_row *r)
{
	const struct frame_line *l = frame_at(a, r->i);
	int y = r->y, width = r->w;
	enum style s = mark_style(l->mark);

	canvas_put(c, y, 0, s, (uint32_t)l->mark);
	canvas_printf(c, y, 2, width - 3, s, "%s%s", l->created ? "created by " : "", a->scroll < (int)strlen(l->f->func) ? l->f->func + a->scroll : "");
	if (l->f->file)
		canvas_printf(c, y + 1, 6, width - 7, STYLE_DIM, "%s:%u", l->f->file, l->f->line);
	if (r->selected)
		draw_selected(c, y, 1, width);
}

static void draw_stack(const struct session *a, struct canvas *c, const struct places *p, struct list *rows)
{
	const struct goroutine_view *g = goroutine_view_of(a);
	struct list l = g->stack;
	struct buf left = {0}, right = {0};
	int each = a->two_lines ? 2 : 1, shown = p->stack_h / each;

	stack_title(a, &left, &right);
	list_show(&l, shown);
	if (l.top + (size_t)shown < g->n_frames && text_cells(left.p) + text_cells(right.p) + 18 < c->w)
		buf_addf(&right, ", %zu below", g->n_frames - l.top - (size_t)shown);
	draw_rule(a, c, p->y_stack, left.p, right.p);
	list_draw(a, c, &l, &(struct list_pane){.y = p->y_stack + 1, .h = p->stack_h, .each = each, .unfocused = g->pane != PANE_STACK,
						.w = p->w, .row = a->two_lines ? draw_frame_whole : draw_frame}, rows);
	buf_release(&left);
	buf_release(&right);
}

static void draw_child(const struct session *a, struct canvas *c, const struct list_row *r)
{
	const struct goroutine_view *g = goroutine_view_of(a);
	const struct child *k = &g->children[g->shown[r->i]];
	char t0[TIME_MAX], t1[TIME_MAX], d[TIME_MAX], func[512], right[128];
	bool active = child_active(a, k);
	int w, x = 2, y = r->y;

	snprintf(right, sizeof right, "%s-%s %7s", time_text(a, t0, k->first, TIME_CLOCK), k->ended || a->known.now < 0 ? time_text(a, t1, k->last, TIME_CLOCK) : "now     ",
		 duration_format(d, k->last - k->first));
	w = c->w >= 60 ? text_cells(right) : 0;
	canvas_put(c, y, 1, STYLE_CURSOR, active ? '*' : ' ');
	x += canvas_printf(c, y, x, 21, STYLE_NORMAL, "g%" PRIu64, k->id) + 1;
	x = x < 14 ? 14 : x;
	canvas_text(c, y, x, c->w - x - w - 2, active ? STYLE_NORMAL : STYLE_DIM, query_short(func, sizeof func, k->func));
	canvas_text(c, y, c->w - 1 - w, w, STYLE_DIM, right);
	if (r->selected)
		draw_selected(c, y, 0, c->w);
}

char *active_children(const struct session *a, char *out)
{
	return number(out, a->known.known ? (int64_t)goroutine_view_of(a)->n_active : -1);
}

static void draw_children(const struct session *a, struct canvas *c, const struct places *p, struct list *rows)
{
	const struct goroutine_view *g = goroutine_view_of(a);
	char title[400], n0[32], n1[32], n2[32];

	if (a->filter[0])
		snprintf(title, sizeof title, "children %s/%s  & %s   %s active at T (*)", number(n0, (int64_t)g->n_shown), number(n1, (int64_t)g->n_children),
			 a->filter, active_children(a, n2));
	else
		snprintf(title, sizeof title, "children %s, %s active at T (*)   & filter   Tab focus   Enter open", number(n1, (int64_t)g->n_children),
			 active_children(a, n2));
	draw_rule(a, c, p->y_kids, title, NULL);
	list_draw(a, c, &g->list, &(struct list_pane){.y = p->y_kids + 1, .h = p->kids_rows, .unfocused = g->pane != PANE_CHILDREN,
						      .row = draw_child}, rows);
	if (!g->n_shown)
		canvas_text(c, p->y_kids + 1, 2, c->w - 4, STYLE_DIM, g->n_children ? "no child passes the filter" : "none was seen");
}

/* "alive since before 14:33:01   1419 samples  388 stack changes  4 states" */
static void life_text(const struct session *a, char *out, size_t n)
{
	const struct goroutine_view *g = goroutine_view_of(a);
	const struct life *l = &g->life;
	char t0[TIME_MAX], t1[TIME_MAX], until[TIME_MAX + 16] = "";

	if (l->ended)
		snprintf(until, sizeof until, " to %s", time_text(a, t1, l->last, TIME_CLOCK));
	snprintf(out, n, "%s %s%s%s   %u samples  %u stack change%s  %u state%s", l->ended ? "lived from" : "alive since", l->before ? "before " : "",
		 time_text(a, t0, l->first, TIME_CLOCK), until, g->samples, g->n_changes, g->n_changes == 1 ? "" : "s",
		 g->n_states, g->n_states == 1 ? "" : "s");
}

static void draw_context(const struct session *a, struct canvas *c)
{
	const struct goroutine_view *g = goroutine_view_of(a);
	const struct host *h = chosen_host(a);
	const struct stack *s = g->found ? query_stack(a->q, g->life.runs[g->run < 0 ? 0 : g->run].stack) : NULL;
	const struct frame *root = s ? stack_root(s) : NULL;
	char right[200] = "", func[512] = "", epoch[32] = "", facts[160];
	int n;

	if (h && h->epochs > 1 && g->found)
		snprintf(epoch, sizeof epoch, " (process %u of %u)", g->life.epoch, h->epochs);
	if (g->found && is_wide(a)) {
		life_text(a, facts, sizeof facts);
		snprintf(right, sizeof right, "%s      frame %*u/%u", facts, snprintf(NULL, 0, "%u", g->samples), g->sample, g->samples);
	} else if (g->found) {
		snprintf(right, sizeof right, "frame %u/%u", g->sample, g->samples);
	}
	n = text_cells(right);
	canvas_printf(c, 1, 1, c->w - 4 - n, STYLE_CONTEXT, "%s > g%llu %s%s", h ? h->name : "no host", (unsigned long long)a->id,
		      root ? query_short(func, sizeof func, root->func) : "", epoch);
	canvas_text(c, 1, c->w - 1 - n, n, STYLE_CONTEXT, right);
}

void draw_goroutine(const struct session *a, struct canvas *c, struct list *rows)
{
	const struct goroutine_view *g = goroutine_view_of(a);
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
	if (!a->zoomed || g->pane != PANE_CHILDREN)
		draw_stack(a, c, &p, rows);
	if (p.kids_rows)
		draw_children(a, c, &p, rows);
	if (!p.stacks_h)
		return;
	draw_stacks(a, c, p.y_stacks, p.stacks_h, p.w, rows);
	draw_family(a, c, p.y_stack + 1, a->h - 2 - p.y_stack, p.w, rows);
}

/* --- as a table --- */

static void sheet_of_stack(const struct session *a, struct sheet *s)
{
	static const struct sheet_column columns[] = {
		{"mark", NULL, CELL_TEXT}, {"created_by", NULL, CELL_TEXT}, {"function", NULL, CELL_TEXT}, {"at", "at", CELL_TEXT},
	};
	const struct goroutine_view *g = goroutine_view_of(a);

	SHEET_COLUMNS(s, columns);
	for (size_t i = 0; i < g->n_frames; i++) {
		const struct frame_line *f = &g->frames[a->leaf_first ? g->n_frames - 1 - i : i];
		char mark = f->mark;

		sheet_text(s, mark == DIFF_CHANGED ? "changed" : mark == DIFF_ADDED ? "new" : mark == DIFF_GONE ? "gone" : "");
		sheet_text(s, f->created ? "created by" : "");
		sheet_text(s, f->f->func);
		sheet_frame(s, f->f);
	}
}

static void sheet_of_children(const struct session *a, struct sheet *s)
{
	static const struct sheet_column columns[] = {
		{"id", "goroutine", CELL_NUMBER}, {"function", NULL, CELL_TEXT}, {"first", "from", CELL_TIME},
		{"last", "to", CELL_TIME},	  {"ended", NULL, CELL_TEXT},	 {"active", NULL, CELL_TEXT},
	};
	const struct goroutine_view *g = goroutine_view_of(a);

	SHEET_COLUMNS(s, columns);
	for (size_t i = 0; i < g->n_shown; i++) {
		const struct child *k = &g->children[g->shown[i]];

		sheet_value(s, (int64_t)k->id);
		sheet_text(s, k->func);
		sheet_value(s, k->first);
		sheet_value(s, k->last);
		sheet_text(s, k->ended ? "ended" : "");
		sheet_text(s, child_active(a, k) ? "active" : "");
	}
}

static void sheet_of_stacks(const struct session *a, struct sheet *s)
{
	static const struct sheet_column columns[] = {
		{"samples", "samples", CELL_NUMBER}, {"state", NULL, CELL_TEXT}, {"first", "from", CELL_TIME}, {"last", "to", CELL_TIME},
		{"path", NULL, CELL_TEXT},
	};
	const struct goroutine_view *g = goroutine_view_of(a);
	char path[600];

	SHEET_COLUMNS(s, columns);
	for (size_t i = 0; i < g->stacks_list.n; i++) {
		sheet_value(s, g->stacks[i].samples);
		sheet_text(s, g->stacks[i].state);
		sheet_value(s, g->stacks[i].first);
		sheet_value(s, g->stacks[i].last);
		stack_path(path, sizeof path, query_stack(a->q, g->stacks[i].stack), 0, 400);
		sheet_text(s, pool_strndup(&s->pool, path, strlen(path)));
	}
}

void sheet_of_goroutine(const struct session *a, struct sheet *s)
{
	const struct goroutine_view *g = goroutine_view_of(a);
	const struct run *r = g->found && g->run >= 0 ? &g->life.runs[g->run] : NULL;
	char d[TIME_MAX];

	sheet_where(s, a);
	if (!g->found)
		buf_addf(&s->summary, ": g%" PRIu64 " is not in its history", a->id);
	else if (!r)
		buf_addf(&s->summary, ": g%" PRIu64 " is not alive", a->id);
	else
		buf_addf(&s->summary, ": g%" PRIu64 " %s for %s, frame %u of %u, %d changed %d new %d gone, children %zu, active %zu", a->id,
			 r->state, duration_format(d, lasted(a, r)), g->sample, g->samples, g->changed, g->added, g->gone,
			 g->n_children, g->n_active);
	if (r && g->life.parent)
		buf_addf(&s->summary, ", parent g%" PRIu64, g->life.parent);
	if (g->pane == PANE_CHILDREN)
		sheet_of_children(a, s);
	else if (g->pane == PANE_STACKS)
		sheet_of_stacks(a, s);
	else
		sheet_of_stack(a, s);
}

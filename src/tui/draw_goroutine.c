/* SPDX-License-Identifier: MIT */
/* View 3, how it is drawn. Small screens lose the children first, then the lane of children, then the lane of changes; of a
 * goroutine that never had a child there is no lane of children. */
#include "draw.h"
#include "path.h"
#include "view_goroutine.h"
#include <gscrape/text.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

struct goroutine_places {
	int kids_h, chg, y_slider, y_stack, stack_h, y_kids, kids_rows;
	int w, y_stacks, stacks_h; /* of the left panes; on wide screens the stacks it has had are below */
};

static struct goroutine_places place_goroutine(const struct session *a)
{
	const struct goroutine_view *g = goroutine_view_of(a);
	struct goroutine_places p = {.kids_h = a->slow_link || !g->n_children ? 0 : a->h >= 40 ? 6 : a->h >= 20 ? 2 : 0, .chg = a->h >= 16, .w = a->w};
	int rest;

	if (a->zoomed)
		p.kids_h = p.chg = 0;
	p.y_slider = 2 + p.kids_h + 1 + p.chg;
	p.y_stack = p.y_slider + 2;
	rest = a->h - 1 - p.y_stack; /* rows left, with both titles */
	if (has_family_pane(a)) {
		p.w = a->w - a->w * 35 / 100;
		p.stacks_h = has_lower_pane(g) ? rest / 2 : (g->n_stacks < 10 ? (int)g->n_stacks : 10) + 2;
		if (p.stacks_h > rest / 2)
			p.stacks_h = rest / 2;
		p.stack_h = rest - 1 - p.stacks_h;
		p.y_stacks = p.y_stack + 1 + p.stack_h;
		return p;
	}
	if (!g->hide_children && rest >= 11) {
		p.kids_rows = (rest - 2) * 2 / 5;
		if (p.kids_rows > (int)g->list.n)
			p.kids_rows = g->list.n ? (int)g->list.n : 1;
	}
	if (has_lower_pane(g) && rest >= 6)
		p.kids_rows = (rest - 2) / 2;
	if (a->zoomed)
		p.kids_rows = g->pane == PANE_CHILDREN || g->pane == PANE_EVENTS || g->pane == PANE_RAW ? rest - 1 : 0;
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

static void draw_lanes(const struct session *a, struct canvas *c, const struct goroutine_places *p)
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
	draw_marks(a, c, (struct area){y, 7, g->lane_w, 1}, chosen_host(a));
	if (pin >= 0)
		canvas_put(c, y, 7 + pin, STYLE_CHANGED, 'x');
	if (at >= 0)
		canvas_put(c, y, 7 + at, STYLE_CURSOR, gl->knob);
	canvas_text(c, y + 1, 7, 8, STYLE_DIM, time_text(a, t, a->from, TIME_CLOCK));
	canvas_right(c, y + 1, c->w - 9, 8, STYLE_DIM, time_text(a, t, a->to, TIME_CLOCK));
	if (c->w >= 60 && !is_wide(a)) /* stands still: what moves costs bytes, and the knob says where; wide, the title below says when */
		canvas_printf(c, y + 1, 7 + g->lane_w / 2 - 5, 10, STYLE_NORMAL, "T %s", time_text(a, t, a->t, TIME_CLOCK));
}

/* "sync.Mutex.Lock on 0xc000012345 for 12m (was select 3s)" */
static void what_at_t(const struct session *a, bool was, struct buf *b)
{
	const struct goroutine_view *g = goroutine_view_of(a);
	const struct life *l = &g->life;
	const struct run *r = &l->runs[g->run];
	char d[TIME_MAX];
	size_t least;

	least = b->n + strlen(r->state) + strlen(" for 12m34s");
	add_state(a, r, b);
	while (is_wide(a) && b->n < least) /* so that the rest keeps its place */
		buf_putc(b, ' ');
	buf_adds(b, r->flags & DUMP_LEAKED ? " LEAKED" : "");
	buf_adds(b, r->flags & DUMP_LOCKED ? " locked" : "");
	if (was && g->run > 0 && r[-1].state != r->state && (is_wide(a) || !r->wait_object || r->family == FAM_IO)) {
		buf_addf(b, " (was %s", r[-1].state);
		if (is_wide(a))
			buf_addf(b, " %s", duration_format(d, r->from - r[-1].from));
		buf_putc(b, ')');
	}
}

/* "8 frames ~1 +6 -0 vs prev, 2 below". Of lesser weight, and so left out first: what it is compared with, how many frames, what changed. */
static void what_changed(const struct session *a, int left_out, size_t below, struct buf *b)
{
	const struct goroutine_view *g = goroutine_view_of(a);
	uint32_t frames = query_stack(a->q, g->life.runs[g->run].stack)->n;
	bool pinned = a->use_pin && a->pin != NO_TIME;
	char t[TIME_MAX];

	buf_reset(b);
	if (left_out == 1)
		buf_addf(b, "%u frame%s ~%d +%d -%d", frames, frames == 1 ? "" : "s", g->changed, g->added, g->gone);
	else if (left_out == 2)
		buf_addf(b, "~%d +%d -%d", g->changed, g->added, g->gone);
	else if (left_out == 0 && is_wide(a))
		buf_addf(b, "%u frame%s  ~%d changed  +%d new  -%d gone   against %s", frames, frames == 1 ? "" : "s", g->changed, g->added, g->gone,
			 pinned ? time_text(a, t, a->pin, TIME_CLOCK) : "the sample before");
	else if (left_out == 0)
		buf_addf(b, "%u frame%s ~%d +%d -%d vs %s", frames, frames == 1 ? "" : "s", g->changed, g->added, g->gone,
			 pinned ? time_text(a, t, a->pin, TIME_CLOCK) : "prev");
	if (below)
		buf_addf(b, "%s%zu below", b->n ? ", " : "", below);
}

static bool fits_rule(const struct session *a, const struct buf *left, const struct buf *right)
{
	return text_cells(left->p) + text_cells(right->p) + 7 <= a->w;
}

/* That there are more frames below is never left out: a state that is too long is cut. */
static void stack_title(const struct session *a, size_t below, struct buf *left, struct buf *right)
{
	const struct goroutine_view *g = goroutine_view_of(a);
	char t[TIME_MAX], why[300];
	size_t when;

	buf_addf(left, is_wide(a) ? "T %s   " : "%s ", time_text(a, t, a->t, TIME_CLOCK));
	buf_adds(right, "");
	if (!a->known.known) {
		buf_adds(left, unknown_text(a, &a->known, why, sizeof why));
		return;
	}
	if (g->run < 0) {
		add_absence(a, left);
		return;
	}
	when = left->n;
	what_at_t(a, true, left);
	what_changed(a, 0, below, right);
	if (fits_rule(a, left, right))
		return;
	left->n = when;
	what_at_t(a, false, left);
	for (int k = 1; k <= 3 && !fits_rule(a, left, right); k++)
		what_changed(a, k, below, right);
	if (!fits_rule(a, left, right)) {
		text_cut(why, sizeof why, left->p, a->w - 7 - text_cells(right->p));
		buf_reset(left);
		buf_adds(left, why);
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
		snprintf(where, sizeof where, "%s:%u", text_fit(func, sizeof where - 16, file_name(l->f->file)), l->f->line);
	where_w = text_cells(where);
	if (where_w > w / 2)
		where_w = w / 2;
	canvas_put(c, y, 0, s, (uint32_t)l->mark);
	canvas_name(c, (struct area){y, 2, w - where_w - 2, 1}, s, text, a->scroll);
	canvas_right(c, y, width - 1 - where_w, where_w, l->mark == DIFF_CHANGED ? s : STYLE_DIM, where); /* its line is what changed */
	if (r->selected)
		draw_selected(c, y, 1, width);
}

static void draw_frame_whole(const struct session *a, struct canvas *c, const struct list_row *r)
{
	const struct frame_line *l = frame_at(a, r->i);
	int y = r->y, width = r->w;
	enum style s = mark_style(l->mark);
	char text[1024], name[1000];

	canvas_put(c, y, 0, s, (uint32_t)l->mark);
	snprintf(text, sizeof text, "%s%s", l->created ? "created by " : "", text_fit(name, sizeof name, l->f->func));
	canvas_name(c, (struct area){y, 2, width - 3, 1}, s, text, a->scroll);
	snprintf(text, sizeof text, "%s:%u", text_fit(name, sizeof name, l->f->file ? l->f->file : ""), l->f->line);
	if (l->f->file)
		canvas_name(c, (struct area){y + 1, 6, width - 7, 1}, STYLE_DIM, text, a->scroll);
	if (r->selected)
		draw_selected(c, y, 1, width);
}

/* In place of the stack of one that is not there: how to get to where it is. */
static void draw_way_there(const struct session *a, struct canvas *c, int y, int w)
{
	const struct life *l = &goroutine_view_of(a)->life;
	bool before = a->t < l->first;
	const struct run *r = before ? l->runs : &l->runs[l->n - 1];
	const struct frame *top = stack_user_frame(query_stack(a->q, r->stack));
	char func[300] = "";

	canvas_printf(c, y, 2, w - 3, STYLE_DIM, "%s sample: %s%s%s", before ? "] goes to its first" : "[ goes back to its last", r->state, top ? " in " : "",
		      top ? query_short(func, sizeof func, top->func) : "");
}

static void draw_stack(const struct session *a, struct canvas *c, const struct goroutine_places *p, struct list *rows)
{
	const struct goroutine_view *g = goroutine_view_of(a);
	struct list l = g->stack;
	struct buf left = {0}, right = {0};
	int each = a->two_lines ? 2 : 1, shown = p->stack_h / each;

	list_show(&l, shown);
	stack_title(a, l.top + (size_t)shown < g->n_frames ? g->n_frames - l.top - (size_t)shown : 0, &left, &right);
	draw_rule(a, c, p->y_stack, left.p, right.p);
	list_draw(a, c, &l, &(struct list_pane){.y = p->y_stack + 1, .h = p->stack_h, .each = each, .unfocused = g->pane != PANE_STACK,
						.w = p->w, .row = a->two_lines ? draw_frame_whole : draw_frame}, rows);
	if (a->known.known && g->run < 0 && p->stack_h > 0)
		draw_way_there(a, c, p->y_stack + 1, p->w);
	buf_release(&left);
	buf_release(&right);
}

static void draw_child(const struct session *a, struct canvas *c, const struct list_row *r)
{
	const struct goroutine_view *g = goroutine_view_of(a);
	const struct child *k = &g->children[r->i];
	char t0[TIME_MAX], t1[TIME_MAX], d[TIME_MAX], func[512], right[128];
	bool active = child_active(a, k);
	const struct alive *now = child_now(a, k);
	int w, x = 2, y = r->y;

	snprintf(right, sizeof right, "%s-%s %7s", time_text(a, t0, k->first, TIME_CLOCK), k->ended || a->known.now < 0 ? time_text(a, t1, k->last, TIME_CLOCK) : "now     ",
		 duration_format(d, k->last - k->born));
	w = c->w >= 60 ? text_cells(right) : 0;
	canvas_put(c, y, 1, STYLE_CURSOR, active ? '*' : ' ');
	x += canvas_printf(c, y, x, 21, STYLE_NORMAL, "g%" PRIu64, k->id) + 1;
	x = x < 11 ? 11 : x;
	canvas_text(c, y, x, 12, now ? (enum style)(STYLE_STATE + now->family) : STYLE_DIM, now ? now->state : "-");
	x += 13;
	canvas_text(c, y, x, c->w - x - w - 2, active ? STYLE_NORMAL : STYLE_DIM, child_text(a, k, func, sizeof func));
	canvas_text(c, y, c->w - 1 - w, w, STYLE_DIM, right);
	if (r->selected)
		draw_selected(c, y, 0, c->w);
}

static const char *no_children(const struct session *a)
{
	return goroutine_view_of(a)->n_children ? filter_word(a, "no child passes the filter") : made_up(a) ? "a grouped profile does not tell who created whom" : "none was seen";
}

static char *active_children(const struct session *a, char *out)
{
	return number(out, a->known.known ? (int64_t)goroutine_view_of(a)->n_active : -1);
}

/* "s by state, 12 below" */
static const char *children_below(const struct list *l, char *out, size_t size)
{
	size_t below = l->n - l->top > (size_t)l->rows ? l->n - l->top - (size_t)l->rows : 0;
	char sort[32], n[32];

	*out = '\0';
	if (below)
		snprintf(out, size, "s %s, %s below", list_sorted(l, sort, sizeof sort), number(n, (int64_t)below));
	else if (l->n > 1)
		snprintf(out, size, "s %s", list_sorted(l, sort, sizeof sort));
	return out;
}

static void draw_children(const struct session *a, struct canvas *c, const struct goroutine_places *p, struct list *rows)
{
	const struct goroutine_view *g = goroutine_view_of(a);
	char title[500], note[320], n1[32], n2[32], below[80];
	struct list l = g->list;

	list_show(&l, p->kids_rows);
	children_below(&l, below, sizeof below);
	if (a->filter[0])
		snprintf(title, sizeof title, "children%s, %s active at T (*)", filter_note(a, note, g->list.n, g->n_children, c->w - 44 - text_cells(below)),
			 active_children(a, n2));
	else
		snprintf(title, sizeof title, "children %s, %s active at T (*)   Tab focus", number(n1, (int64_t)g->n_children),
			 active_children(a, n2));
	draw_rule(a, c, p->y_kids, title, below);
	list_draw(a, c, &g->list, &(struct list_pane){.y = p->y_kids + 1, .h = p->kids_rows, .unfocused = g->pane != PANE_CHILDREN,
						      .row = draw_child}, rows);
	if (!g->list.n)
		draw_sentence(c, p->y_kids + 1, 2, p->kids_rows, STYLE_DIM, no_children(a));
}

/* --- on wide screens: beside the stack its family, with the children's lives as bars; below it the stacks it has had --- */

bool has_family_pane(const struct session *a)
{
	return is_wide(a) && a->h >= 30 && !a->zoomed && !goroutine_view_of(a)->hide_children;
}

void pane_rule(const struct session *a, struct canvas *c, int y, int x, int w, const char *text)
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

static void draw_child_bar(const struct session *a, struct canvas *c, const struct list_row *r)
{
	const struct goroutine_view *g = goroutine_view_of(a);
	const struct child *k = &g->children[r->i];
	int x = r->x, y = r->y, w = r->w;
	char t0[TIME_MAX], t1[TIME_MAX], d[TIME_MAX], func[512];
	bool active = child_active(a, k);
	const struct alive *now = child_now(a, k);
	int bar = w - 32 < 24 ? w - 32 : 24;

	canvas_put(c, y, x + 1, STYLE_CURSOR, active ? '*' : ' ');
	canvas_printf(c, y, x + 2, w - 18, active ? STYLE_NORMAL : STYLE_DIM, "g%" PRIu64 "  %s", k->id, child_text(a, k, func, sizeof func));
	if (now)
		canvas_right(c, y, x + w - 15, 15, (enum style)(STYLE_STATE + now->family), now->state);
	canvas_printf(c, y + 1, x + 4, 26, STYLE_DIM, "%s-%-8s %7s", time_text(a, t0, k->first, TIME_CLOCK),
		      k->ended || a->known.now < 0 ? time_text(a, t1, k->last, TIME_CLOCK) : "now", duration_format(d, k->last - k->born));
	draw_bar(a, c, y + 1, x + 31, bar, k);
	if (r->selected) {
		canvas_put(c, y, x, STYLE_NORMAL, '>');
		canvas_restyle(c, y, x, w, STYLE_SELECTED);
		c->cursor_y = y;
		c->cursor_x = x;
	}
}

static void draw_children_bars(const struct session *a, struct canvas *c, struct area at, struct list *rows)
{
	int y = at.y, h = at.h, x = at.x, w = at.w;
	const struct goroutine_view *g = goroutine_view_of(a);
	char title[400], n0[32], n1[32], n2[32];

	if (a->filter[0])
		snprintf(title, sizeof title, "children %s of %s  & %s  active %s (*)", number(n0, (int64_t)g->list.n), number(n1, (int64_t)g->n_children),
			 a->filter, active_children(a, n2));
	else
		snprintf(title, sizeof title, "children %s, active %s at T (*)  & filter", number(n0, (int64_t)g->list.n), active_children(a, n2));
	pane_rule(a, c, y, x - 1, w + 1, title);
	list_draw(a, c, &g->list, &(struct list_pane){.y = y + 1, .x = x, .h = h - 1, .w = w, .each = 2, .unfocused = g->pane != PANE_CHILDREN,
						      .row = draw_child_bar}, rows);
	if (!g->list.n)
		canvas_text(c, y + 1, x + 2, w - 2, STYLE_DIM, no_children(a));
}

static void draw_family(const struct session *a, struct canvas *c, int y, int h, int x, struct list *rows)
{
	int w = c->w - x - 3, end = y + h;

	for (int r = y; r < end; r++)
		canvas_put(c, r, x, STYLE_RULE, glyph_table[a->tier].bar);
	x += 2;
	y = draw_ancestry(a, c, y, x, w) + (h > 24);
	y = draw_siblings(a, c, y, x, w) + (h > 24);
	if (end - y >= 3)
		draw_children_bars(a, c, (struct area){y, x, w, end - y}, rows);
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

static void draw_stacks(const struct session *a, struct canvas *c, int y, int h, int w, struct list *rows)
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

/* --- the whole --- */

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

/* "   <- parent g1 main.main", where no pane names it. */
static void add_parent(const struct session *a, struct buf *b)
{
	const struct goroutine_view *g = goroutine_view_of(a);
	char func[300];

	if (!g->found || !g->life.parent || has_family_pane(a))
		return;
	buf_addf(b, "  <- parent g%" PRIu64, g->life.parent);
	if (g->n_ancestors && g->ancestors[g->n_ancestors - 1].func)
		buf_addf(b, " %s", query_short(func, sizeof func, g->ancestors[g->n_ancestors - 1].func));
}

#define FUNC_LEAST 20 /* cells of the function beside a host's long name, */
#define HOST_LEAST 12 /* and of that beside all the rest */

static void draw_context(const struct session *a, struct canvas *c)
{
	const struct goroutine_view *g = goroutine_view_of(a);
	const struct host *h = chosen_host(a);
	const struct stack *s = g->found ? query_stack(a->q, g->life.runs[g->run < 0 ? 0 : g->run].stack) : NULL;
	const struct frame *root = s ? stack_root(s) : NULL;
	char right[200] = "", func[512] = "", epoch[32] = "", facts[160], name[200];
	struct buf rest = {0};
	int n, room;

	if (h && h->epochs > 1 && g->found)
		snprintf(epoch, sizeof epoch, " (process %u of %u)", g->life.epoch, h->epochs);
	if (g->found && is_wide(a)) {
		life_text(a, facts, sizeof facts);
		snprintf(right, sizeof right, "%s      sample %*u/%u", facts, snprintf(NULL, 0, "%u", g->samples), g->sample, g->samples);
	} else if (g->found) {
		snprintf(right, sizeof right, "sample %u/%u", g->sample, g->samples);
	}
	n = text_cells(right);
	buf_adds(&rest, "");
	add_parent(a, &rest);
	if (g->found && g->run >= 0 && *g->life.runs[g->run].labels) {
		buf_adds(&rest, "  ");
		labels_add(&rest, g->life.runs[g->run].labels);
	}
	if (!a->id) {
		canvas_printf(c, 1, 1, c->w - 2, STYLE_CONTEXT, "%s > no goroutine", h ? h->name : "no host");
		buf_release(&rest);
		return;
	}
	if (root)
		query_short(func, sizeof func, root->func);
	room = c->w - 4 - n - snprintf(NULL, 0, " > g%llu  %s", (unsigned long long)a->id, epoch) - (text_cells(func) < FUNC_LEAST ? text_cells(func) : FUNC_LEAST);
	canvas_printf(c, 1, 1, c->w - 4 - n, STYLE_CONTEXT, "%s > g%llu %s%s%s", h ? host_fit(h->name, room < HOST_LEAST ? HOST_LEAST : room, name, sizeof name) : "no host",
		      (unsigned long long)a->id, func, epoch, rest.p);
	buf_release(&rest);
	canvas_text(c, 1, c->w - 1 - n, n, STYLE_CONTEXT, right);
}

static void draw_lower(const struct session *a, struct canvas *c, struct area at, struct list *rows)
{
	switch (goroutine_view_of(a)->lower) {
	case PANE_EVENTS: draw_events(a, c, at, rows); break;
	case PANE_RAW: draw_raw(a, c, at, rows); break;
	default: draw_source(a, c, at); break;
	}
}

void draw_goroutine(const struct session *a, struct canvas *c, struct list *rows)
{
	const struct goroutine_view *g = goroutine_view_of(a);
	struct goroutine_places p = place_goroutine(a);

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
	if (!a->zoomed || g->pane == PANE_STACK)
		draw_stack(a, c, &p, rows);
	if (has_lower_pane(g) && (p.kids_rows || p.stacks_h))
		draw_lower(a, c, p.stacks_h ? (struct area){p.y_stacks, 0, p.w, p.stacks_h} : (struct area){p.y_kids, 0, c->w, p.kids_rows + 1}, rows);
	else if (p.kids_rows)
		draw_children(a, c, &p, rows);
	if (!p.stacks_h)
		return;
	if (!has_lower_pane(g))
		draw_stacks(a, c, p.y_stacks, p.stacks_h, p.w, rows);
	draw_family(a, c, p.y_stack + 1, a->h - 2 - p.y_stack, p.w, rows);
}

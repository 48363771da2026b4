/* SPDX-License-Identifier: MIT */
/* View 1: every host's sparkline, the selected host's chart, and what moved there. */
#include "copy.h"
#include "draw.h"
#include "sheet.h"
#include "view_leaks.h"
#include "view_overview.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define MIX_ROWS 10

/* Where everything stands, from the size alone. */
struct layout {
	int host_w, num_w, spark_x, spark_w, list_y, list_h, chart_y, chart_h, moved_y, moved_h, mix_y;
};

static int name_width(const struct session *a)
{
	size_t n;
	const struct host *h = query_hosts(a->q, &n);
	int w = 8, most = is_wide(a) ? 34 : a->w / 3;

	for (size_t i = 0; i < n; i++) {
		int k = text_cells(h[i].name);

		w = k > w ? k : w;
	}
	return w > most ? most : w;
}

static struct layout lay_out(const struct session *a)
{
	struct layout l = {.host_w = name_width(a), .num_w = 7, .list_y = 3};
	size_t n;
	int columns = a->w >= 70 ? 4 : a->w >= 56 ? 2 : 1, room;

	query_hosts(a->q, &n);
	l.spark_x = l.host_w + 3;
	l.spark_w = a->w - l.spark_x - columns * l.num_w - 1 - (is_wide(a) ? 11 : 0);
	if (l.spark_w < 4)
		l.spark_w = 4;
	l.moved_h = a->h >= 30 ? 7 : a->h >= 20 ? 5 : 0; /* with its title */
	l.mix_y = 0;
	room = a->h - 3 - 1 - 1 - l.moved_h - (is_wide(a) && a->h >= 44 ? MIX_ROWS + 1 : 0);
	l.list_h = (int)n < 1 ? 1 : (int)n;
	if (a->zoomed)
		room = a->h - 5;
	if (room < 9 || a->zoomed) { /* the list alone */
		l.list_h = l.list_h < room ? l.list_h : room;
		l.moved_h = 0;
		return l;
	}
	if (l.list_h > room - 7)
		l.list_h = room - 7 > 4 ? room - 7 : 4;
	l.chart_y = l.list_y + l.list_h + 2;
	l.chart_h = room - l.list_h - 3;
	l.moved_y = l.chart_y + l.chart_h + 2;
	if (is_wide(a) && a->h >= 44)
		l.mix_y = l.moved_y + l.moved_h;
	return l;
}

/* --- loading --- */

/* NAN: it takes two columns that were measured. */
static double slope_per_hour(const struct bucket *b, int n)
{
	double sx = 0, sy = 0, sxx = 0, sxy = 0, k = 0;

	for (int i = 0; i < n; i++) {
		double x = (double)(b[i].from - b[0].from) / 3600000.0, y = b[i].last;

		if (!b[i].has_value)
			continue;
		sx += x;
		sy += y;
		sxx += x * x;
		sxy += x * y;
		k++;
	}
	return k * sxx - sx * sx > 0 ? (k * sxy - sx * sy) / (k * sxx - sx * sx) : NAN;
}

static int load_line(struct session *a, const struct host *h, struct host_line *line, int w, struct err *e)
{
	*line = (struct host_line){.host = h, .min = UINT32_MAX, .last = h->now};
	line->spark = pool_alloc(&overview_of(a)->pool, (size_t)w * sizeof *line->spark);
	if (query_chart(a->q, &(struct window){h->id, a->from, a->to, (size_t)w}, line->spark, e) < 0)
		return -1;
	for (int i = 0; i < w; i++) {
		if (!line->spark[i].has_value)
			continue;
		line->min = line->spark[i].min < line->min ? line->spark[i].min : line->min;
		line->max = line->spark[i].max > line->max ? line->spark[i].max : line->max;
	}
	if (query_known(a->q, h->id, a->t, &line->known, e) < 0)
		return -1;
	line->at_t = line->known.goroutines;
	return 0;
}

#define SLOPE_COLUMNS 120 /* whatever the screen's width: a slope is of the data */

static int load_slopes(struct session *a, const struct host *h, size_t n, struct err *e)
{
	struct overview *o = overview_of(a);
	struct memo_key k = {.from = a->from, .to = a->to, .version = session_version(a)};
	struct bucket b[SLOPE_COLUMNS];

	if (memo_holds(&o->slope_memo, &k))
		return 0;
	o->slopes = pool_alloc(&o->slope_memo.pool, (n + 1) * sizeof *o->slopes);
	for (size_t i = 0; i < n; i++) {
		if (query_chart(a->q, &(struct window){h[i].id, a->from, a->to, SLOPE_COLUMNS}, b, e) < 0) {
			memo_drop(&o->slope_memo);
			return -1;
		}
		o->slopes[i] = slope_per_hour(b, SLOPE_COLUMNS);
	}
	return 0;
}

/* What moved from a time to T, by creation site. */
static int load_moved(struct session *a, struct err *e)
{
	struct overview *o = overview_of(a);
	struct diff_question ask = {.host = overview_of(a)->shown, .by = BY_CREATED};
	struct memo_key key;
	size_t n;

	if (session_base(a, o->shown, &o->then, e) < 0 || query_known(a->q, o->shown, a->t, &o->now, e) < 0)
		return -1;
	o->moved_to = a->t;
	o->moved_from = o->then.t;
	key = (struct memo_key){.host = o->shown, .what = {o->then.known ? o->then.text.seq : 0, o->now.known ? o->now.text.seq : 0}};
	if (memo_holds(&o->moved_memo, &key))
		return 0;
	o->moved = NULL;
	o->n_moved = 0;
	if (!o->then.known || !o->now.known)
		return 0;
	ask.from = o->moved_from;
	ask.to = a->t;
	if (query_diff(a->q, &ask, &o->moved_memo.pool, &o->moved, &n, e) < 0) {
		memo_drop(&o->moved_memo);
		return -1;
	}
	for (size_t i = 0; i < n; i++) /* one goroutine after the other at the same place is no news here */
		if (o->moved[i].net)
			o->moved[o->n_moved++] = o->moved[i];
	return 0;
}

static int load(struct session *a, struct err *e)
{
	struct overview *o = overview_of(a);
	struct layout l = lay_out(a);
	const struct host *h;
	size_t n;

	pool_release(&o->pool);
	h = query_hosts(a->q, &n);
	o->n = n;
	o->hosts = pool_alloc(&o->pool, (n + 1) * sizeof *o->hosts);
	o->chart = NULL;
	if (!a->moving || !host_of(a, o->shown))
		o->shown = a->host;
	list_clamp(&o->list, n);
	for (size_t i = 0; i < n; i++) {
		if (load_line(a, &h[i], &o->hosts[i], l.spark_w, e) < 0)
			return -1;
		if (h[i].id == a->host)
			o->list.sel = i;
	}
	if (load_slopes(a, h, n, e) < 0 || leak_marks(a, e) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		o->hosts[i].slope = o->slopes[i];
	if (!n || !l.chart_y)
		return 0;
	o->chart_w = a->w - 8;
	o->chart = pool_alloc(&o->pool, (size_t)o->chart_w * sizeof *o->chart);
	if (query_chart(a->q, &(struct window){o->shown, a->from, a->to, (size_t)o->chart_w}, o->chart, e) < 0)
		return -1;
	o->chart_max = 0;
	for (int i = 0; i < o->chart_w; i++)
		if (o->chart[i].has_value && o->chart[i].max > o->chart_max)
			o->chart_max = o->chart[i].max;
	if (l.mix_y && load_mix(a, e) < 0)
		return -1;
	return load_moved(a, e);
}

/* --- drawing --- */

static void draw_context(const struct session *a, struct canvas *c)
{
	const struct overview *o = overview_of(a);
	char t0[TIME_MAX], t1[TIME_MAX], t2[TIME_MAX], d[TIME_MAX], step[TIME_MAX + 1] = "", right[160];
	const struct host *h = chosen_host(a);
	int64_t interval = query_interval(a->q, a->host);

	canvas_printf(c, 1, 1, c->w - 2, STYLE_CONTEXT, "all hosts (%zu)", o->n);
	if (!o->n)
		return;
	if (interval)
		snprintf(step, sizeof step, "x%s", duration_format(d, interval));
	snprintf(right, sizeof right, "%s..%s %u%s  T %s", time_text(a, t0, a->from, TIME_HM), time_text(a, t1, a->to, TIME_HM),
		 h ? h->snapshots : 0, step, time_text(a, t2, a->t, TIME_CLOCK));
	canvas_right(c, 1, c->w - 1 - text_cells(right), text_cells(right), STYLE_CONTEXT, right);
}

/* "last 16:15:41, 9m12s ago" where there is no room for all of it. */
static const char *short_enough(const char *why, int w)
{
	const char *rest = text_cells(why) > w ? strstr(why, "; ") : NULL;

	return rest ? rest + 2 : why;
}

/* Names of pods differ in their middle: what is too long loses its domain, and then some of what comes before its end. */
static const char *name_fit(const char *name, int w, char *out, size_t size)
{
	size_t n = strcspn(name, "."), tail = (size_t)w / 2;

	if (text_cells(name) <= w || w < 8 || (name[0] >= '0' && name[0] <= '9'))
		return name;
	if ((int)n >= w)
		snprintf(out, size, "%.*s~%.*s", w - (int)tail - 1, name, (int)tail, name + n - tail);
	else
		snprintf(out, size, "%.*s~", (int)n, name);
	return out;
}

static void draw_host(const struct session *a, struct canvas *c, const struct list_row *r)
{
	const struct layout *l = r->ctx;
	const struct host_line *h = &overview_of(a)->hosts[r->i];
	char text[64], change[32], why[300], name[200];
	int x = l->spark_x + l->spark_w, columns = a->w >= 70 ? 4 : a->w >= 56 ? 2 : 1;
	bool known = h->min != UINT32_MAX, down = h->known.how == UNKNOWN_DOWN;
	int64_t v[4] = {known ? (int64_t)h->min : -1, known ? (int64_t)h->max : -1, h->at_t, h->last};
	int first = columns == 4 ? 0 : columns == 2 ? 2 : 3;

	canvas_text(c, r->y, 1, l->host_w, STYLE_NORMAL, name_fit(h->host->name, l->host_w, name, sizeof name));
	if (known || h->at_t >= 0)
		draw_spark(a, c, (struct area){r->y, l->spark_x, l->spark_w, 1}, h->spark, h->max);
	else /* dots would tell nothing */
		canvas_text(c, r->y, l->spark_x, l->spark_w, down ? STYLE_ERROR : STYLE_DIM, short_enough(unknown_text(a, &h->known, why, sizeof why), l->spark_w));
	for (int k = first; k < 4; k++, x += l->num_w)
		canvas_right(c, r->y, x, l->num_w, down && k == 2 ? STYLE_ERROR : STYLE_NORMAL,
			     down && k == 2 ? "down" : number_fit(text, v[k], l->num_w - 1));
	if (is_cut(&h->known) && columns > 1)
		canvas_put(c, r->y, x - l->num_w, STYLE_CHANGED, '+');
	if (is_wide(a)) {
		snprintf(text, sizeof text, "%s/h", isnan(h->slope) ? "" : number_change(change, llround(h->slope), 7));
		canvas_right(c, r->y, x, 10, STYLE_NORMAL, isnan(h->slope) ? "-" : text);
	}
	if (host_is_suspect(a, h->host->id))
		canvas_put(c, r->y, c->w - 1, STYLE_ERROR, '!');
	if (r->selected)
		draw_selected(c, r->y, 0, l->spark_x);
}

static void draw_hosts(const struct session *a, struct canvas *c, const struct layout *l, struct list *rows)
{
	const struct overview *o = overview_of(a);
	static const char *const heads[] = {"MIN", "MAX", "AT T", "LAST"};
	int columns = a->w >= 70 ? 4 : a->w >= 56 ? 2 : 1, x = l->spark_x + l->spark_w, at;

	canvas_text(c, 2, 1, l->host_w, STYLE_HEADER, "HOST");
	canvas_text(c, 2, l->spark_x, l->spark_w, STYLE_HEADER, is_wide(a) ? "GOROUTINES 0..max, peak per column" : "GOROUTINES 0..max, peak");
	for (int i = columns == 4 ? 0 : columns == 2 ? 2 : 3; i < 4; i++, x += l->num_w)
		canvas_right(c, 2, x, l->num_w, STYLE_HEADER, heads[i]);
	if (is_wide(a))
		canvas_right(c, 2, x, 10, STYLE_HEADER, "SLOPE/h");
	list_draw(a, c, &o->list, &(struct list_pane){.y = l->list_y, .h = l->list_h, .w = l->spark_x, .row = draw_host, .ctx = l}, rows);
	at = column_of(a, a->t, l->spark_w);
	canvas_text(c, l->list_y + l->list_h, 1, l->spark_x - 2, STYLE_DIM, "time cursor T");
	if (at >= 0)
		canvas_put(c, l->list_y + l->list_h, l->spark_x + at, STYLE_CURSOR, glyph_table[a->tier].mark);
}

/* "chan send", "chan send 80%" or "gone" */
static const char *moved_state(const struct session *a, const struct moved *m, char *out, size_t size)
{
	const struct state_count *s = m->now ? m->now->states : NULL;

	if (!s)
		snprintf(out, size, "gone");
	else if (s->n == m->to)
		snprintf(out, size, "%s", query_string(a->q, s->state));
	else
		snprintf(out, size, "%s %u%%", query_string(a->q, s->state), (unsigned)((uint64_t)s->n * 100 / m->to));
	return out;
}

static void draw_moved_row(const struct session *a, struct canvas *c, int y, const struct moved *m)
{
	const struct group *g = moved_group(m);
	char state[96], net[32], by[160], func[256];
	int func_w = is_wide(a) ? 44 : 28, state_w = text_cells(moved_state(a, m, state, sizeof state));

	canvas_right(c, y, 1, 7, m->net > 0 ? STYLE_ADDED : STYLE_GONE, number_change(net, m->net, 7));
	canvas_text(c, y, 10, func_w, STYLE_NORMAL, query_short(func, sizeof func, g->top.func ? g->top.func : g->name));
	snprintf(by, sizeof by, "by %s", g->created.func ? query_short(func, sizeof func, g->created.func) : "the runtime");
	canvas_text(c, y, 11 + func_w, c->w - 13 - func_w - state_w, STYLE_DIM, by);
	canvas_right(c, y, c->w - 1 - state_w, state_w, STYLE_NORMAL, state);
}

static void draw_moved(const struct session *a, struct canvas *c, const struct layout *l)
{
	const struct overview *o = overview_of(a);
	char t[TIME_MAX], title[128], why[300];
	int y = l->moved_y;

	snprintf(title, sizeof title, "what moved, %s to T%s   (Enter opens the host)", time_text(a, t, o->moved_from, TIME_CLOCK),
		 a->use_pin ? " (pinned)" : "");
	draw_rule(a, c, y++, title, NULL);
	if (!o->now.known)
		canvas_text(c, y, 3, c->w - 4, STYLE_DIM, unknown_text(a, &o->now, why, sizeof why));
	else if (o->then.how == UNKNOWN_BEFORE)
		canvas_text(c, y, 3, c->w - 4, STYLE_DIM, "nothing to compare with: this is the first snapshot");
	else if (!o->then.known)
		canvas_printf(c, y, 3, c->w - 4, STYLE_DIM, "nothing to compare with: %s", unknown_text(a, &o->then, why, sizeof why));
	else if (!o->n_moved)
		canvas_text(c, y, 3, c->w - 4, STYLE_DIM, "nothing: every creation site has as many goroutines as before");
	for (size_t i = 0; i < o->n_moved && (int)i < l->moved_h - 1; i++, y++)
		draw_moved_row(a, c, y, &o->moved[i]);
}

static void draw_empty(struct canvas *c)
{
	canvas_text(c, 3, 2, c->w - 4, STYLE_NORMAL, "The store has no host yet.");
	canvas_text(c, 5, 2, c->w - 4, STYLE_DIM, "gscrape-tui --scrape localhost:6060   records a process");
	canvas_text(c, 6, 2, c->w - 4, STYLE_DIM, "gscrape-tui --index DIR               takes in an archive");
}

/* "127.0.0.1:6060 goroutines   T 16:25:00 = 1,428 (+606 in 9m37s)" */
static void chart_title(const struct session *a, char *out, size_t size)
{
	const struct overview *o = overview_of(a);
	char t[TIME_MAX], span[TIME_MAX], n[32], change[64] = "", why[300];

	if (o->now.goroutines >= 0 && o->then.goroutines >= 0)
		snprintf(change, sizeof change, " (%s in %s)", number_change(n, o->now.goroutines - o->then.goroutines, 20),
			 duration_format(span, o->moved_to - o->moved_from));
	time_text(a, t, a->t, TIME_CLOCK);
	if (o->now.goroutines >= 0)
		snprintf(out, size, "%s goroutines   T %s %s %s%s", host_name(a, o->shown), t, is_cut(&o->now) ? "at least" : "=",
			 number(n, o->now.goroutines), change);
	else
		snprintf(out, size, "%s   T %s: %s", host_name(a, o->shown), t, unknown_text(a, &o->now, why, sizeof why));
}

static void draw(const struct session *a, struct canvas *c, struct list *rows)
{
	const struct overview *o = overview_of(a);
	struct layout l = lay_out(a);
	char title[500];

	draw_context(a, c);
	if (!o->n) {
		draw_empty(c);
		return;
	}
	draw_hosts(a, c, &l, rows);
	if (!l.chart_y || !o->chart)
		return;
	chart_title(a, title, sizeof title);
	draw_rule(a, c, l.chart_y - 1, title, a->tier == GLYPHS_ASCII ? "# min  | max" : is_wide(a) ? "\u2588 min per column, thin line up to max" : "\u2588 min  \u2502 max");
	draw_chart(a, c, (struct area){l.chart_y, 7, o->chart_w, l.chart_h}, o->chart, o->chart_max);
	draw_axis(a, c, l.chart_y + l.chart_h, 7, o->chart_w);
	if (l.moved_h)
		draw_moved(a, c, &l);
	if (l.mix_y)
		draw_mix(a, c, l.mix_y, MIX_ROWS);
}

static struct list *list(const struct session *a)
{
	return &overview_of(a)->list;
}

/* The selected row is the chosen host, in every view. */
static bool act(struct session *a, enum action action)
{
	struct overview *o = overview_of(a);

	if (list_act(&o->list, action)) {
		if (o->list.sel < o->n)
			a->host = o->hosts[o->list.sel].host->id;
		return true;
	}
	if (action == ACT_OPEN && a->host) {
		go_view(a, VIEW_HOST);
		return true;
	}
	return false;
}

static void sheet(const struct session *a, struct sheet *s)
{
	static const struct sheet_column columns[] = {
		{"host", NULL, CELL_TEXT},	   {"labels", NULL, CELL_TEXT},	      {"min", "min", CELL_NUMBER},
		{"max", "max", CELL_NUMBER},	   {"at", "at T", CELL_NUMBER},	      {"now", "now", CELL_NUMBER},
		{"goroutines_last", "last", CELL_NUMBER}, {"per_hour", "per hour", CELL_NUMBER}, {"snapshots", "snapshots", CELL_NUMBER}, {"failed", "failed", CELL_NUMBER},
		{"epochs", "processes", CELL_NUMBER}, {"first", "from", CELL_TIME},	      {"last", "to", CELL_TIME},
	};
	const struct overview *o = overview_of(a);
	char t[TIME_MAX];

	SHEET_COLUMNS(s, columns);
	buf_addf(&s->summary, "%zu hosts at %s", o->n, time_text(a, t, a->t, TIME_CLOCK));
	for (size_t i = 0; i < o->n; i++) {
		const struct host_line *l = &o->hosts[i];

		sheet_text(s, l->host->name);
		sheet_text(s, l->host->labels);
		sheet_known(s, l->min, l->min != UINT32_MAX);
		sheet_known(s, l->max, l->min != UINT32_MAX);
		sheet_known(s, l->at_t, l->at_t >= 0);
		sheet_known(s, l->known.now, l->known.now >= 0);
		sheet_known(s, l->last, l->last >= 0);
		sheet_known(s, isnan(l->slope) ? 0 : llround(l->slope), !isnan(l->slope));
		sheet_value(s, l->host->snapshots);
		sheet_value(s, l->host->failed);
		sheet_value(s, l->host->epochs);
		sheet_known(s, l->host->first, l->host->first != NO_TIME);
		sheet_known(s, l->host->last, l->host->last != NO_TIME);
	}
}

static void copy(const struct session *a, int what, struct buf *b)
{
	if (what == 'i')
		copy_name(b, host_name(a, a->host));
}

static void release(void *state)
{
	struct overview *o = state;

	pool_release(&o->pool);
	memo_drop(&o->moved_memo);
	memo_drop(&o->mix_memo);
	memo_drop(&o->slope_memo);
}

const struct view overview_view = {
	.name = "overview",
	.tab = "Over",
	.wide_tab = "Overview",
	.size = sizeof(struct overview),
	.release = release,
	.load = load,
	.draw = draw,
	.act = act,
	.list = list,
	.sheet = sheet,
	.copy = copy,
	.follows = true,
	.hints = "Enter host  h/l time  z/Z zoom  Space play  t goto  x pin  / search  ? help",
	.wide_hints = "Enter host  h/l time  , . column  z/Z zoom  Space play  < > speed  t goto  x pin  / search  # goroutine  f function  F follow  ? help",
};

/* SPDX-License-Identifier: MIT */
/* View 6, how it is drawn. */
#include "draw.h"
#include "view_locks.h"
#include <inttypes.h>
#include <stdio.h>

#define ADDRESS_W 15

/* Columns, by the width of the screen; a width of 0: not there. */
struct lock_columns {
	int what, what_w, holder, address, site;
};

static struct lock_columns columns_of(const struct session *a)
{
	struct lock_columns k = {.what = 24, .what_w = is_wide(a) ? 20 : 16};

	k.holder = k.what + k.what_w + 1;
	k.address = a->w >= 100 ? k.holder + 11 : 0;
	k.site = k.address ? k.address + ADDRESS_W + 1 : k.holder + 11;
	return k;
}

static const char *site_text(const struct group *g, char *out, size_t n)
{
	char name[300];

	if (!g->created.func)
		snprintf(out, n, "%s", g->name);
	else
		snprintf(out, n, "%s:%" PRIu32, query_short(name, sizeof name, g->created.func), g->created.line);
	return out;
}

static void draw_queue(const struct session *a, struct canvas *c, const struct list_row *r)
{
	const struct waiters *w = &lock_view_of(a)->queues[r->i];
	struct lock_columns k = columns_of(a);
	char text[400], n[32], d[TIME_MAX];

	canvas_right(c, r->y, 1, 6, STYLE_NORMAL, number_fit(n, w->count, 5));
	canvas_right(c, r->y, 8, 6, STYLE_DIM, number_fit(n, w->longest, 5));
	canvas_right(c, r->y, 15, 8, STYLE_DIM, duration_bound(d, waiters_oldest_bound(w), w->oldest >= session_seen(a) ? NO_TIME : session_seen(a) - w->oldest));
	canvas_text(c, r->y, k.what, k.what_w, STYLE_NORMAL, w->what);
	if (w->holder)
		canvas_printf(c, r->y, k.holder, 10, w->deadlock ? STYLE_ERROR : STYLE_CHANGED, "g%" PRIu64, w->holder);
	else
		canvas_text(c, r->y, k.holder, 10, STYLE_DIM, "-");
	if (k.address)
		canvas_text(c, r->y, k.address, ADDRESS_W, STYLE_DIM, waiters_where(w, text, sizeof text));
	if (w->n_sites)
		canvas_text(c, r->y, k.site, c->w - k.site - 1, STYLE_NORMAL, site_text(&w->sites[0], text, sizeof text));
	if (r->selected)
		draw_selected(c, r->y, 0, k.holder - 1);
}

static void draw_head(const struct session *a, struct canvas *c)
{
	const struct lock_view *l = lock_view_of(a);
	const struct host *h = chosen_host(a);
	struct lock_columns k = columns_of(a);
	char right[80], t[TIME_MAX], left[600], sort[32];

	snprintf(right, sizeof right, "T %s", time_text(a, t, a->t, TIME_CLOCK));
	canvas_text(c, 1, 1, c->w - 4 - text_cells(right), STYLE_CONTEXT,
		    context_fit(a, &(struct context){h ? h->name : "no host", " > what is waited for", "", l->list.n, l->n}, c->w - 4 - text_cells(right), left, sizeof left));
	canvas_right(c, 1, c->w - 1 - text_cells(right), text_cells(right), STYLE_CONTEXT, right);
	canvas_text(c, 2, 1, 22, STYLE_HEADER, "  WAIT   MOST   OLDEST");
	canvas_text(c, 2, k.what, k.what_w, STYLE_HEADER, "FOR");
	canvas_text(c, 2, k.holder, 10, STYLE_HEADER, "HOLDER?");
	if (k.address)
		canvas_text(c, 2, k.address, ADDRESS_W, STYLE_HEADER, "ADDRESS");
	canvas_text(c, 2, k.site, c->w - k.site - 1, STYLE_HEADER, "CREATED BY");
	list_sorted(&l->list, sort, sizeof sort);
	canvas_text(c, 2, c->w - 1 - text_cells(sort), text_cells(sort), STYLE_DIM, sort);
}

/* Who holds it, and why that is thought. */
static void add_holder(const struct session *a, const struct waiters *w, struct buf *b)
{
	const struct lock_view *l = lock_view_of(a);

	if (w->holder)
		buf_addf(b, "g%" PRIu64 " seems to hold it: it %s (p opens it)", w->holder, w->holder_why);
	else if (strncmp(w->what, "sync.", 5) != 0)
		buf_adds(b, "nobody holds it: it is no lock");
	else if (!l->read && a->playing)
		buf_adds(b, "who holds it is told where playback stands still");
	else if (!l->read)
		buf_adds(b, "who holds it cannot be told: it was not recorded, and the dump of this time is not there to be read");
	else
		buf_adds(b, "nobody is seen to hold it, or several as likely");
}

static int draw_sites(const struct session *a, struct canvas *c, int y, int end, const struct waiters *w)
{
	char text[400], top[300];

	(void)a;
	for (size_t i = 0; i < w->n_sites && y < end; i++, y++)
		canvas_printf(c, y, 1, c->w - 2, STYLE_NORMAL, "%6" PRIu32 "  %s  in %s", w->sites[i].count, site_text(&w->sites[i], text, sizeof text),
			      query_short(top, sizeof top, w->sites[i].top.func));
	return y;
}

#define CHART_SCREEN 30 /* rows that a screen has for a chart; a smaller one has a line */
#define CHART_LEAST  4
#define CHART_MOST   40
#define SITES_KEPT   4 /* rows that are left for who started those who wait */

/* How many waited for it at once, over the window up to T, in the rows that the sites leave. The rows used. */
static int draw_over_time(const struct session *a, struct canvas *c, int y, int room, int sites)
{
	const struct lock_view *l = lock_view_of(a);
	int h = room - 3 - (sites < SITES_KEPT ? sites : SITES_KEPT);
	char title[100], n[32];

	if (c->h >= CHART_SCREEN && h >= CHART_LEAST) {
		h = h < CHART_MOST ? h : CHART_MOST;
		snprintf(title, sizeof title, "waiters over time, most at once: %s", number(n, l->over_max));
		draw_rule(a, c, y, title, NULL);
		draw_chart(a, c, (struct area){y + 1, 7, l->over_w, h}, l->over, l->over_max);
		draw_marks(a, c, (struct area){y + 1, 7, l->over_w, h}, chosen_host(a));
		draw_axis(a, c, y + 1 + h, 7, l->over_w);
		return h + 3;
	}
	if (room < 1)
		return 0;
	canvas_right(c, y, 0, 6, STYLE_DIM, number_fit(n, l->over_max, 6));
	canvas_put(c, y, 6, STYLE_DIM, glyph_table[a->tier].left);
	draw_spark(a, c, (struct area){y, 7, l->over_w, 1}, l->over, l->over_max);
	return 1;
}

/* The selected one: its holder, its deadlock, how the queue went, who started those who wait. */
static void draw_lock(const struct session *a, struct canvas *c, int y, int end, const struct waiters *w)
{
	const struct lock_view *l = lock_view_of(a);
	struct buf b = {0};
	char title[400], where[300], at[TIME_MAX];

	snprintf(title, sizeof title, w->object ? "%s %s" : "%s, taken at %s", w->what, waiters_where(w, where, sizeof where));
	draw_rule(a, c, y++, title, NULL);
	add_holder(a, w, &b);
	y += draw_sentence(c, y, 1, end - y < 3 ? end - y : 3, STYLE_NORMAL, b.p);
	buf_reset(&b);
	if (w->deadlock && y < end) {
		buf_addf(&b, "a deadlock, as it seems: %s", w->deadlock);
		y += draw_sentence(c, y, 1, end - y < 4 ? end - y : 4, STYLE_ERROR, b.p);
		buf_reset(&b);
	}
	if (y < end && w->object) { /* a place has no history */
		buf_addf(&b, "at most %" PRIu32 " waited at once, at %s; ", w->longest, time_text(a, at, w->longest_at, TIME_CLOCK));
		if (w->handed_over)
			buf_addf(&b, "since the window's begin it was handed on %" PRIu32 " times or more", w->handed_over);
		else
			buf_adds(&b, "nobody was seen to get it since the window's begin");
		y += draw_sentence(c, y, 1, end - y < 2 ? end - y : 2, STYLE_DIM, b.p);
	}
	buf_release(&b);
	if (l->over && l->over_of == w->object)
		y += draw_over_time(a, c, y, end - y, (int)w->n_sites);
	draw_sites(a, c, y, end, w);
}

void draw_lock_view(const struct session *a, struct canvas *c, struct list *rows)
{
	const struct lock_view *l = lock_view_of(a);
	const struct waiters *w = lock_selected(a);
	int most = a->zoomed || a->h < 14 ? a->h - 4 : (a->h - 4) / 2, h = (int)l->list.n < most ? (int)l->list.n : most, y = 3 + h;
	char why[300], n[32];

	draw_head(a, c);
	list_draw(a, c, &l->list, &(struct list_pane){.y = 3, .h = h, .row = draw_queue}, rows);
	if (!l->list.n)
		y += draw_sentence(c, y, 3, FAULT_ROWS, STYLE_DIM, !a->known.known ? unknown_text(a, &a->known, why, sizeof why) :
			    a->filter[0] ? filter_word(a, "nothing passes the filter") : "nobody waits for a lock, a wait group or a busy descriptor");
	if (l->resting && y + 1 < c->h)
		canvas_printf(c, y++, 3, c->w - 4, STYLE_DIM, "and %s network descriptor%s with one goroutine%s: connections at rest",
			      number(n, (int64_t)l->resting), l->resting == 1 ? "" : "s", l->resting == 1 ? "" : " each");
	if (w && !a->zoomed && y + 2 < c->h)
		draw_lock(a, c, y, c->h - 1, w);
}

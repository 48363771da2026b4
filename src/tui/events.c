/* SPDX-License-Identifier: MIT */
/* View 3, what happened to a goroutine: each run that it had, oldest first, and that it went. Enter sets T. */
#include "draw.h"
#include "path.h"
#include "row_model.h"
#include "view_goroutine.h"
#include <stdio.h>

size_t events_count(const struct session *a)
{
	const struct goroutine_view *g = goroutine_view_of(a);

	return g->found ? g->life.n + g->life.ended : 0;
}

struct told_event {
	int64_t at, lasted;
	const char *what;
	const struct frame *top; /* NULL: it went */
};

/* It lasts until the next one; the last one as long as it was seen, or up to what is seen of the host at T. */
static struct told_event event_of(const struct session *a, size_t i)
{
	const struct goroutine_view *g = goroutine_view_of(a);
	const struct life *l = &g->life;
	const struct run *r = &l->runs[i];

	if (i >= l->n)
		return (struct told_event){l->last, -1, "gone", NULL};
	return (struct told_event){r->from, (i + 1 < l->n ? l->runs[i + 1].from : r->to) - r->from, r->state,
				   stack_user_frame(query_stack(a->q, r->stack))};
}

GETTER(event_at, struct told_event, a_time(x->at))
GETTER(event_state, struct told_event, a_text(x->what))
GETTER(event_top, struct told_event, a_place(r->p, x->top))
GETTER(event_lasted, struct told_event, a_number(x->lasted))

static const struct column of_event[] = {
	{"time", "", COLUMN_TIME, .get = event_at},
	{"state", "", COLUMN_TEXT, .get = event_state},
	{"top", "IN", COLUMN_TEXT, .get = event_top},
	{"lasted_ms", "FOR", COLUMN_SPAN, .get = event_lasted},
};
static const struct columns event_columns = COLUMNS(of_event);

static void event_tell(const struct session *a, struct row_model *s, size_t i)
{
	struct told_event e = event_of(a, i);

	ROW_MODEL_ADD(s, event_columns, struct told_event, e.at, e.lasted, e.what, e.top);
}

static size_t event_texts(const struct session *a, size_t i, struct pool *p, struct list_text *out)
{
	struct told_event e = event_of(a, i);

	(void)p;
	out[0] = (struct list_text){"state", e.what};
	out[1] = (struct list_text){NULL, e.top ? e.top->func : NULL};
	return 2;
}

static const struct list_kind event_kind = {.what = "events", .columns = &event_columns, .tell = event_tell, .texts = event_texts};

void events_fill(struct session *a)
{
	list_fill(&goroutine_view_of(a)->events, a, &event_kind, events_count(a));
}

/* Is this one what it does at T? */
static bool is_at_t(const struct session *a, size_t i)
{
	const struct goroutine_view *g = goroutine_view_of(a);

	return g->run >= 0 ? (size_t)g->run == i : i >= g->life.n && a->t > g->life.last;
}

void events_begin(struct session *a)
{
	struct list *l = &goroutine_view_of(a)->events;

	events_fill(a);
	for (size_t i = 0; i < l->n; i++)
		if (is_at_t(a, list_at(l, i)))
			l->sel = i;
}

void events_open(struct session *a)
{
	struct list *l = &goroutine_view_of(a)->events;

	if (!l->n)
		return;
	a->playing = a->follow = false;
	set_time(a, event_of(a, list_chosen(l)).at);
}

/* The first event after a mark says so. */
static void draw_cause(const struct session *a, struct canvas *c, const struct list_row *r, int64_t at)
{
	const struct mark *m = query_mark_before(a->q, a->host, at);
	char text[MARK_MAX + TIME_MAX + 8], d[TIME_MAX];
	int n;

	if (!m || (r->i && event_of(a, r->i - 1).at >= m->time))
		return;
	snprintf(text, sizeof text, " %s after %s", duration_format(d, at - m->time), m->text);
	n = text_cells(text) > r->w / 2 ? r->w / 2 : text_cells(text);
	canvas_text(c, r->y, r->w - n - 1, n, STYLE_CHANGED, text);
}

static void draw_event(const struct session *a, struct canvas *c, const struct list_row *r)
{
	struct told_event e = event_of(a, r->i);
	char t[TIME_MAX], d[TIME_MAX], func[512] = "";
	int y = r->y;

	canvas_put(c, y, 1, STYLE_CURSOR, is_at_t(a, r->i) ? '*' : ' ');
	canvas_text(c, y, 2, 8, STYLE_NORMAL, time_text(a, t, e.at, TIME_CLOCK));
	canvas_text(c, y, 11, 14, e.top ? (enum style)(STYLE_STATE + goroutine_view_of(a)->life.runs[r->i].family) : STYLE_DIM, e.what);
	if (e.lasted >= 0)
		canvas_right(c, y, 26, 8, STYLE_NORMAL, duration_format(d, e.lasted));
	if (e.top)
		canvas_text(c, y, 36, r->w - 37, STYLE_NORMAL, query_short(func, sizeof func, e.top->func));
	else
		canvas_text(c, y, 36, r->w - 37, STYLE_DIM, "last seen then");
	draw_cause(a, c, r, e.at);
	if (r->selected)
		draw_selected(c, y, 0, r->w);
}

void draw_events(const struct session *a, struct canvas *c, struct area at, struct list *rows)
{
	const struct goroutine_view *g = goroutine_view_of(a);
	struct list l = g->events;
	char title[400];

	list_show(&l, at.h - 1);
	snprintf(title, sizeof title, "events %zu/%zu%s%s   Enter T to it   E closes", l.n ? l.sel + 1 : 0, l.n, a->filter[0] ? "  & " : "", a->filter);
	pane_rule(a, c, at.y, at.x, at.w, title);
	list_draw(a, c, &g->events, &(struct list_pane){.y = at.y + 1, .h = at.h - 1, .w = at.w, .unfocused = g->pane != PANE_EVENTS,
							.row = draw_event}, rows);
	if (!l.n)
		canvas_text(c, at.y + 1, 2, at.w - 4, STYLE_DIM, filter_word(a, "no event passes the filter"));
}

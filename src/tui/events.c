/* SPDX-License-Identifier: MIT */
/* View 3, what happened to a goroutine: each run that it had and each mark that was set meanwhile, oldest first, and that it went. Enter sets T. */
#include "draw.h"
#include "path.h"
#include "row_model.h"
#include "view_goroutine.h"
#include <stdio.h>

/* Marks that were set while it was there, and for one that still is, since. */
static bool is_during(const struct life *l, const struct mark *m, const struct host *h)
{
	return mark_is_of(m, h) && m->time >= l->first && (!l->ended || m->time <= l->last);
}

static void put_together(struct session *a)
{
	struct goroutine_view *g = goroutine_view_of(a);
	const struct life *l = &g->life;
	const struct host *h = host_of(a, a->host);
	size_t n_marks, k = 0;
	const struct mark *m = query_marks(a->q, &n_marks);

	g->n_happened = 0;
	if (!g->found)
		return;
	g->happened = pool_alloc(&g->pool, (l->n + 1 + n_marks) * sizeof *g->happened);
	for (size_t i = 0; i <= l->n; i++) {
		int64_t at = i < l->n ? l->runs[i].from : l->ended ? l->last : INT64_MAX;

		for (; k < n_marks && m[k].time <= at; k++)
			if (is_during(l, &m[k], h))
				g->happened[g->n_happened++] = (struct happened){m[k].time, l->n, &m[k]};
		if (i < l->n || l->ended)
			g->happened[g->n_happened++] = (struct happened){at, i, NULL};
	}
}

struct told_event {
	int64_t at, lasted;
	const char *what;
	const struct frame *top;   /* NULL: it went, or a mark */
	const struct mark *mark;   /* it is one */
	const struct mark *after;  /* the one that came right before; NULL: none */
};

/* A run lasts until the next one; the last one as long as it was seen, or up to what is seen of the host at T. */
static struct told_event event_of(const struct session *a, size_t i)
{
	const struct goroutine_view *g = goroutine_view_of(a);
	const struct happened *e = &g->happened[i];
	const struct life *l = &g->life;
	struct told_event out = {.at = e->at, .lasted = -1, .what = "gone", .after = i ? e[-1].mark : query_mark_before(a->q, a->host, e->at)};

	if (e->mark)
		return (struct told_event){.at = e->at, .lasted = -1, .what = "mark", .mark = e->mark};
	if (e->run < l->n) {
		const struct run *r = &l->runs[e->run];

		out.lasted = (e->run + 1 < l->n ? r[1].from : r->to) - r->from;
		out.what = r->state;
		out.top = stack_user_frame(query_stack(a->q, r->stack));
	}
	return out;
}

GETTER(event_at, struct told_event, a_time(x->at))
GETTER(event_state, struct told_event, a_text(x->what))
GETTER(event_mark, struct told_event, a_text(x->mark ? x->mark->text : NULL))
GETTER(event_top, struct told_event, a_place(r->p, x->top))
GETTER(event_lasted, struct told_event, a_number(x->lasted))
GETTER(event_after, struct told_event, a_text(x->after ? x->after->text : NULL))
GETTER(event_after_by, struct told_event, a_number_if(x->after != NULL, x->after ? x->at - x->after->time : 0))

static const struct column of_event[] = {
	{"time", "", COLUMN_TIME, .get = event_at},
	{"state", "", COLUMN_TEXT, .get = event_state},
	{"mark", "", COLUMN_TEXT, .get = event_mark},
	{"top", "IN", COLUMN_TEXT, .get = event_top},
	{"lasted_ms", "FOR", COLUMN_SPAN, .get = event_lasted},
	{"after_mark", "AFTER", COLUMN_TEXT, .get = event_after},
	{"since_mark_ms", "BY", COLUMN_SPAN, .get = event_after_by},
};
static const struct columns event_columns = COLUMNS(of_event);

static void event_tell(const struct session *a, struct row_model *s, size_t i)
{
	struct told_event e = event_of(a, i);

	row_model_add(s, &event_columns, &e, sizeof e);
}

static size_t event_texts(const struct session *a, size_t i, struct pool *p, struct list_text *out)
{
	struct told_event e = event_of(a, i);

	(void)p;
	out[0] = (struct list_text){"state", e.what};
	out[1] = (struct list_text){NULL, e.top ? e.top->func : e.mark ? e.mark->text : NULL};
	return 2;
}

static const struct list_kind event_kind = {.what = "events", .columns = &event_columns, .tell = event_tell, .texts = event_texts};

void events_fill(struct session *a)
{
	put_together(a);
	list_fill(&goroutine_view_of(a)->events, a, &event_kind, goroutine_view_of(a)->n_happened);
}

/* Is this one what it does at T? */
static bool is_at_t(const struct session *a, size_t i)
{
	const struct goroutine_view *g = goroutine_view_of(a);
	const struct happened *e = &g->happened[i];

	if (e->mark)
		return false;
	return g->run >= 0 ? (size_t)g->run == e->run : e->run >= g->life.n && a->t > g->life.last;
}

void events_begin(struct session *a)
{
	struct list *l = &goroutine_view_of(a)->events;

	events_fill(a);
	for (size_t i = 0; i < l->n; i++)
		if (is_at_t(a, list_at(l, i)))
			l->sel = i;
}

const struct frame *events_frame(const struct session *a)
{
	const struct list *l = &goroutine_view_of(a)->events;

	return l->n ? event_of(a, list_chosen(l)).top : NULL;
}

void events_open(struct session *a)
{
	struct list *l = &goroutine_view_of(a)->events;

	if (!l->n)
		return;
	a->playing = a->follow = false;
	set_time(a, event_of(a, list_chosen(l)).at);
}

/* The first event after a mark says how long after, where its function leaves room. */
static void draw_cause(struct canvas *c, const struct list_row *r, const struct told_event *e, int x)
{
	char text[MARK_MAX + TIME_MAX + 8], d[TIME_MAX];
	int n, room = r->w - 1 - x;

	if (!e->after)
		return;
	snprintf(text, sizeof text, "  %s after %s", duration_format(d, e->at - e->after->time), e->after->text);
	n = text_cells(text);
	if (n <= room)
		canvas_text(c, r->y, r->w - n - 1, n, STYLE_CHANGED, text);
}

static void draw_event(const struct session *a, struct canvas *c, const struct list_row *r)
{
	struct told_event e = event_of(a, r->i);
	char t[TIME_MAX], d[TIME_MAX], func[512] = "";
	int y = r->y, x = 36, w = r->w - x - 1;
	enum style s = e.mark ? STYLE_CHANGED : e.top ? (enum style)(STYLE_STATE + goroutine_view_of(a)->life.runs[goroutine_view_of(a)->happened[r->i].run].family) : STYLE_DIM;

	canvas_put(c, y, 1, STYLE_CURSOR, is_at_t(a, r->i) ? '*' : ' ');
	canvas_text(c, y, 2, 8, STYLE_NORMAL, time_text(a, t, e.at, TIME_CLOCK));
	canvas_text(c, y, 11, 14, s, e.what);
	if (e.lasted >= 0)
		canvas_right(c, y, 26, 8, STYLE_NORMAL, duration_format(d, e.lasted));
	if (e.mark)
		x += canvas_text(c, y, x, w, s, e.mark->text);
	else if (e.top)
		x += canvas_name(c, (struct area){y, x, w, 1}, STYLE_NORMAL, query_short(func, sizeof func, e.top->func), 0);
	else
		x += canvas_text(c, y, x, w, STYLE_DIM, "last seen then");
	draw_cause(c, r, &e, x);
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
		draw_sentence(c, at.y + 1, 2, at.h - 1 < FAULT_ROWS ? at.h - 1 : FAULT_ROWS, STYLE_DIM, filter_word(a, "no event passes the filter"));
}

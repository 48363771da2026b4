/* SPDX-License-Identifier: MIT */
/* The mouse, for those who switch it on: what it points at is what was drawn there. */
#include "app.h"

#define WHEEL_ROWS 3

static bool inside(const struct touch *t, const struct mouse_event *m)
{
	return m->y >= t->y && m->y < t->y + t->h && m->x >= t->x && m->x < t->x + t->w;
}

static const struct touch *touched(const struct canvas *c, enum touch_kind kind, const struct mouse_event *m)
{
	for (int i = c->n_touches - 1; i >= 0; i--)
		if (c->touches[i].kind == kind && inside(&c->touches[i], m))
			return &c->touches[i];
	return NULL;
}

/* A row of a list. Where the view did not say where its rows stand, the selected one tells: rows are as high as one line. */
static bool row_at(struct app *a, const struct canvas *c, const struct mouse_event *m, size_t *out, bool *focused)
{
	const struct view *v = view_of(a->view);
	const struct list *l = v->list ? v->list(a) : NULL;
	const struct touch *t = touched(c, TOUCH_ROWS, m);
	long i;

	*focused = true;
	if (t) {
		*out = t->first + (size_t)((m->y - t->y) / t->each);
		*focused = t->focused;
		return true;
	}
	if (!l || c->cursor_x != 0 || c->cursor_y >= c->h - 1)
		return false;
	i = (long)l->sel + m->y - c->cursor_y;
	*out = (size_t)i;
	return i >= (long)l->top && i < (long)l->top + l->rows && i < (long)l->n;
}

static void click_row(struct app *a, struct canvas *c, const struct mouse_event *m)
{
	const struct view *v = view_of(a->view);
	bool focused;
	size_t row;

	if (!row_at(a, c, m, &row, &focused))
		return;
	for (int i = 0; i < 3 && !focused; i++) { /* to the pane that was pointed at */
		app_do(a, ACT_NEXT_PANE);
		app_draw(a, c);
		if (!row_at(a, c, m, &row, &focused))
			return;
	}
	if (v->list && v->list(a)->sel == row && row < v->list(a)->n)
		app_do(a, ACT_OPEN); /* the selected row once more */
	else
		select_row(a, row);
}

static void click_time(struct app *a, const struct touch *t, int x)
{
	struct snapshot s;
	struct err e;
	int64_t at = a->from + (int64_t)((double)(a->to - a->from) * (x - t->x + 0.5) / t->w);

	a->playing = a->follow = false;
	if (a->host && query_snapshot_at(a->q, a->host, at, &s, &e) == 1)
		app_set_time(a, s.time);
}

static void click(struct app *a, struct canvas *c, const struct mouse_event *m)
{
	const struct touch *tab = touched(c, TOUCH_TAB, m), *time = touched(c, TOUCH_TIME, m);
	struct touch at = time ? *time : (struct touch){0};

	if (tab) {
		app_do(a, tab->tab == VIEW_HELP ? ACT_HELP : (enum action)(ACT_VIEW_1 + tab->tab));
		return;
	}
	if (time && !touched(c, TOUCH_ROWS, m)) {
		click_time(a, &at, m->x);
		return;
	}
	click_row(a, c, m);
}

void app_mouse(struct app *a, const struct mouse_event *m)
{
	struct canvas c = {0};

	if (a->prompt.kind != PROMPT_NONE || a->w < 40 || a->h < 10)
		return;
	a->message[0] = '\0';
	if (m->kind != MOUSE_CLICK) {
		for (int i = 0; i < WHEEL_ROWS; i++)
			app_do(a, m->kind == MOUSE_WHEEL_UP ? ACT_UP : ACT_DOWN);
		return;
	}
	canvas_resize(&c, a->w, a->h);
	app_draw(a, &c);
	click(a, &c, m);
	canvas_release(&c);
}

/* T through all that stands over the window of time, where nothing else is painted. */
void draw_cursorline(const struct app *a, struct canvas *c)
{
	uint32_t line = a->tier == GLYPHS_ASCII ? ':' : 0x250a;

	for (int i = 0; a->cursorline && i < c->n_touches; i++) {
		const struct touch *t = &c->touches[i];
		int x = t->kind == TOUCH_TIME ? column_of(a, a->t, t->w) : -1;

		for (int y = t->y; x >= 0 && y < t->y + t->h; y++)
			if (y < c->h && t->x + x < c->w && c->cells[y * c->w + t->x + x].ch == ' ')
				canvas_put(c, y, t->x + x, STYLE_CURSOR, line);
	}
}

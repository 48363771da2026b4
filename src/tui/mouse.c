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
	const struct view *v = view_of(&a->s, a->s.view);
	const struct list *l = v->list ? v->list(&a->s) : NULL;
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
	const struct view *v = view_of(&a->s, a->s.view);
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
	if (v->list && v->list(&a->s)->sel == row && row < v->list(&a->s)->n)
		app_do(a, ACT_OPEN); /* the selected row once more */
	else
		select_row(a, row);
}

static void click_time(struct app *a, const struct touch *t, int x)
{
	int64_t at = a->s.from + (int64_t)((double)(a->s.to - a->s.from) * (x - t->x + 0.5) / t->w);

	a->s.playing = a->s.follow = false;
	take_sample(&a->s, at);
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

	if (a->prompt.kind != PROMPT_NONE || a->s.w < 40 || a->s.h < 10)
		return;
	a->s.message[0] = '\0';
	if (m->kind != MOUSE_CLICK) {
		for (int i = 0; i < WHEEL_ROWS; i++)
			app_do(a, m->kind == MOUSE_WHEEL_UP ? ACT_UP : ACT_DOWN);
		return;
	}
	canvas_resize(&c, a->s.w, a->s.h);
	app_draw(a, &c);
	click(a, &c, m);
	canvas_release(&c);
}

/* SPDX-License-Identifier: MIT */
#include "list.h"

void list_clamp(struct list *l, size_t n)
{
	l->n = n;
	if (l->sel >= n)
		l->sel = n ? n - 1 : 0;
	if (l->top >= n)
		l->top = 0;
}

void list_show(struct list *l, int rows)
{
	size_t r = rows > 0 ? (size_t)rows : 1;

	l->rows = rows;
	if (l->sel < l->top)
		l->top = l->sel;
	if (l->sel >= l->top + r)
		l->top = l->sel - r + 1;
	if (l->n <= r)
		l->top = 0;
	else if (l->top + r > l->n)
		l->top = l->n - r;
}

bool list_act(struct list *l, enum action action)
{
	size_t page = l->rows > 1 ? (size_t)l->rows : 1, by;

	switch (action) {
	case ACT_FIRST:
		l->sel = 0;
		return true;
	case ACT_LAST:
		l->sel = l->n ? l->n - 1 : 0;
		return true;
	case ACT_DOWN:
	case ACT_HALF_DOWN:
	case ACT_PAGE_DOWN:
		by = action == ACT_DOWN ? 1 : action == ACT_PAGE_DOWN ? page : (page + 1) / 2;
		l->sel = l->sel + by < l->n ? l->sel + by : l->n ? l->n - 1 : 0;
		return true;
	case ACT_UP:
	case ACT_HALF_UP:
	case ACT_PAGE_UP:
		by = action == ACT_UP ? 1 : action == ACT_PAGE_UP ? page : (page + 1) / 2;
		l->sel = l->sel > by ? l->sel - by : 0;
		return true;
	default:
		return false;
	}
}

void list_draw(const struct session *a, struct canvas *c, const struct list *list, const struct list_pane *p, struct list *shown)
{
	struct list l = *list;
	int each = p->each ? p->each : 1, rows = p->h / each, w = p->w ? p->w : c->w;

	list_show(&l, rows);
	touch_rows(c, &(struct touch){TOUCH_ROWS, p->y, p->x, p->h, w, .first = l.top, .each = each, .focused = !p->unfocused});
	for (int y = 0; y < rows && l.top + (size_t)y < l.n; y++) {
		size_t i = l.top + (size_t)y;

		p->row(a, c, &(struct list_row){.y = p->y + y * each, .x = p->x, .w = w, .i = i, .selected = i == l.sel && !p->unfocused,
						.marked = i == l.sel && p->unfocused, .ctx = p->ctx});
	}
	if (!p->unfocused)
		*shown = l;
}

/* SPDX-License-Identifier: MIT */
/*
 * A view for a screen reader: no charts, no boxes, nothing by colour or place alone. The first line says where one is, then
 * a line for each row of the list, with the terminal's cursor on the selected one.
 */
#include "app.h"
#include <stdio.h>

static void head(const struct app *a, struct canvas *c, const struct sheet *s)
{
	char t0[TIME_MAX], t1[TIME_MAX], zone[16], note[320];
	const char *mode = a->playing ? ", playing" : a->follow ? ", following" : "";

	canvas_printf(c, 0, 0, c->w, STYLE_NORMAL, "gscrape %s, times %s, window %s to %s%s", view_of(a->view)->wide_tab, zone_name(a, zone, sizeof zone),
		      app_time(a, t0, a->from, TIME_CLOCK), app_time(a, t1, a->to, TIME_CLOCK), mode);
	snprintf(note, sizeof note, a->filter[0] ? ", filter %s" : "", a->filter);
	canvas_printf(c, 1, 0, c->w, STYLE_NORMAL, "%s%s", s->summary.p ? s->summary.p : "", note);
}

bool draw_plain(const struct app *a, struct canvas *c, struct list *rows)
{
	struct sheet s = {0};
	struct buf line = {0};
	int h = c->h - 3;

	if (!view_sheet(a, &s))
		return false;
	head(a, c, &s);
	list_show(rows, h);
	for (int y = 0; y < h && rows->top + (size_t)y < sheet_rows(&s); y++) {
		size_t i = rows->top + (size_t)y;

		buf_reset(&line);
		sheet_line(&s, a, i, &line);
		canvas_text(c, y + 2, 2, c->w - 2, STYLE_NORMAL, line.p);
		if (i == rows->sel)
			draw_selected(c, y + 2, 0, c->w);
	}
	if (!sheet_rows(&s))
		canvas_text(c, 2, 2, c->w - 2, STYLE_NORMAL, "no rows");
	touch_rows(c, 2, h, rows->top, 1, true);
	buf_release(&line);
	sheet_release(&s);
	return true;
}

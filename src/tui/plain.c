/* SPDX-License-Identifier: MIT */
/*
 * A view for a screen reader: no charts, no boxes, nothing by colour or place alone. The first line says where one is, then
 * a line for each row of the list, with the terminal's cursor on the selected one.
 */
#include "draw.h"
#include "row_model.h"
#include <stdio.h>

#define MOST_HEAD 4 /* lines */

/* A text over as many lines as it needs, at most `most`; the number of them. */
static int wrap(struct canvas *c, int y, int most, const char *text)
{
	int n = 0;

	while (*text && n < most) {
		size_t len = strlen(text), fits = 0;
		char line[512];

		for (size_t i = 0; i <= len; i++) {
			if (i < len && text[i] != ' ')
				continue;
			snprintf(line, sizeof line, "%.*s", (int)i, text);
			if (fits && text_cells(line) > c->w)
				break;
			fits = i;
		}
		snprintf(line, sizeof line, "%.*s", (int)fits, text);
		canvas_text(c, y + n++, 0, c->w, STYLE_NORMAL, line);
		text += fits + (text[fits] == ' ');
	}
	return n;
}

/* Where one is; the number of lines. */
static int plain_head(const struct session *a, struct canvas *c)
{
	char t0[TIME_MAX], t1[TIME_MAX], zone[16];
	const char *mode = a->playing ? ", playing" : a->follow ? ", following" : "";
	struct buf b = {0};
	int n;

	buf_addf(&b, "gscrape %s, times %s, window %s to %s%s", view_of(a, a->view)->wide_tab, zone_shown(a, zone, sizeof zone),
		 time_text(a, t0, a->from, TIME_CLOCK), time_text(a, t1, a->to, TIME_CLOCK), mode);
	n = wrap(c, 0, 2, b.p);
	buf_reset(&b);
	view_of(a, a->view)->summary(a, &b);
	if (a->filter[0])
		buf_addf(&b, ", filter %s", a->filter);
	n += wrap(c, n, MOST_HEAD - n, b.p);
	buf_release(&b);
	return n;
}

static void read_row(const struct session *a, struct canvas *c, const struct list_row *r)
{
	const struct list *l = r->ctx;
	struct buf line = {0};
	struct row_model s = {0};

	l->kind->tell(a, &s, r->i);
	row_model_line(&s, a, 0, &line);
	canvas_text(c, r->y, 2, c->w - 2, STYLE_NORMAL, a->scroll < (int)line.n ? line.p + a->scroll : "");
	if (r->selected)
		draw_selected(c, r->y, 0, c->w);
	buf_release(&line);
	row_model_release(&s);
}

void draw_plain(const struct session *a, struct canvas *c, struct list *rows)
{
	int top = plain_head(a, c);

	list_draw(a, c, rows, &(struct list_pane){.y = top, .h = c->h - 1 - top, .row = read_row, .ctx = rows}, rows);
	if (!rows->n)
		canvas_text(c, top, 2, c->w - 2, STYLE_NORMAL, "no rows");
}

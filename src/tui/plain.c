/* SPDX-License-Identifier: MIT */
/*
 * A view for a screen reader: no charts, no boxes, nothing by colour or place alone. The first line says where one is, then
 * a line for each row of the list, with the terminal's cursor on the selected one.
 */
#include "draw.h"
#include "row_model.h"
#include <gscrape/text.h>
#include <stdio.h>

#define MOST_HEAD 8 /* lines; rows are read below them */

/* So much of a text fits a line of w columns: words as they are, one that is longer than the line as much of it as there is room for. */
static size_t line_fits(const char *text, int w)
{
	size_t fits = 0, n = 0;
	int cells = 0;

	for (const char *s = text; *s; n = (size_t)(s - text)) {
		int width = char_cells(utf8_next(&s));

		if (cells + width > w)
			return fits ? fits : n ? n : (size_t)(s - text);
		cells += width;
		if (*s == ' ' || !*s)
			fits = (size_t)(s - text);
	}
	return n;
}

/* A text over as many lines as it needs, at most `most`; the number of them. Where `dry`, nothing is drawn. */
static int wrap(struct canvas *c, struct area at, bool dry, const char *text)
{
	int n = 0;

	while (*text && n < at.h) {
		size_t fits = line_fits(text, at.w);
		char line[2048];

		snprintf(line, sizeof line, "%.*s", (int)fits, text);
		if (!dry)
			canvas_text(c, at.y + n, at.x, at.w, STYLE_NORMAL, line);
		n++;
		text += fits + (text[fits] == ' ');
	}
	return n;
}

#define MOST_MARKS 3

/* What charts show as marks: those of the window, the newest of them, and how long T is after one. */
static void add_marks(const struct session *a, struct buf *b)
{
	const struct mark *after = query_mark_before(a->q, a->host, a->t);
	size_t n, shown = 0, in = 0;
	const struct mark *m = query_marks(a->q, &n);
	char t[TIME_MAX];

	if (after)
		buf_addf(b, "; T is %s after %s", duration_format(t, a->t - after->time), after->text);
	for (size_t i = 0; i < n; i++)
		in += m[i].time >= a->from && m[i].time <= a->to && mark_is_of(&m[i], chosen_host(a));
	for (size_t i = 0, k = 0; i < n; i++) {
		if (m[i].time < a->from || m[i].time > a->to || !mark_is_of(&m[i], chosen_host(a)) || k++ + MOST_MARKS < in)
			continue;
		buf_addf(b, "%s%s %s", shown++ ? ", " : "; marks ", time_text(a, t, m[i].time, TIME_CLOCK), m[i].text);
	}
	if (in > MOST_MARKS)
		buf_addf(b, " and %zu before", in - MOST_MARKS);
}

/* Where one is; the number of lines. */
static int plain_head(const struct session *a, struct canvas *c)
{
	char t0[TIME_MAX], t1[TIME_MAX], zone[16];
	const char *mode = a->playing ? ", playing" : a->follow ? ", following" : "";
	struct buf b = {0};
	char cut[2048] = "";
	int n, most = c->h - 4 < MOST_HEAD ? c->h - 4 : MOST_HEAD;

	buf_addf(&b, "gscrape %s, times %s, window %s to %s%s", view_of(a, a->view)->wide_tab, zone_shown(a, zone, sizeof zone),
		 time_text(a, t0, a->from, TIME_CLOCK), time_text(a, t1, a->to, TIME_CLOCK), mode);
	n = wrap(c, (struct area){0, 0, c->w, 2}, false, b.p);
	buf_reset(&b);
	view_of(a, a->view)->summary(a, &b);
	if (a->filter[0])
		buf_addf(&b, ", filter %s", a->filter);
	add_marks(a, &b);
	if (wrap(c, (struct area){0, 0, c->w, most}, true, b.p) > most - n) /* the end of a long reason stands, too; some cells are lost at each row's end */
		text_cut(cut, sizeof cut, b.p, (most - n) * (c->w - (c->w < 60 ? c->w / 6 : 10)));
	n += wrap(c, (struct area){n, 0, c->w, most - n}, false, *cut ? cut : b.p);
	buf_release(&b);
	return n;
}

/* A row of the list, whole, at at.y: how many lines it takes, at most at.h. */
static int read_row(const struct session *a, struct canvas *c, struct area at, const struct list *l, size_t i, bool dry)
{
	struct buf line = {0};
	struct row_model s = {0};
	int n;

	l->kind->tell(a, &s, list_at(l, i));
	row_model_line(&s, a, 0, &line);
	n = wrap(c, at, dry, line.n ? text_from(line.p, (size_t)a->scroll) : "");
	if (!dry && i == l->sel)
		draw_selected(c, at.y, 0, c->w);
	buf_release(&line);
	row_model_release(&s);
	return n ? n : 1;
}

/* The first one to be shown, so that the selected one is seen whole. */
static size_t first_read(const struct session *a, struct canvas *c, struct area at, const struct list *l)
{
	size_t first = l->sel;
	int used;

	if (l->top >= l->sel)
		return l->sel;
	for (used = read_row(a, c, at, l, first, true); first > l->top; first--) {
		used += read_row(a, c, at, l, first - 1, true);
		if (used > at.h)
			break;
	}
	return first;
}

void draw_plain(const struct session *a, struct canvas *c, struct list *rows)
{
	int y = plain_head(a, c), end = c->h - 1;
	struct list l = *rows;

	if (!l.n) {
		canvas_text(c, y, 2, c->w - 2, STYLE_NORMAL, "no rows");
		return;
	}
	l.top = first_read(a, c, (struct area){y, 2, c->w - 2, end - y}, &l);
	l.rows = 0;
	for (size_t i = l.top; i < l.n && y < end; i++, l.rows++) {
		int n = read_row(a, c, (struct area){y, 2, c->w - 2, end - y}, &l, i, false);

		touch_rows(c, &(struct touch){TOUCH_ROWS, y, 0, n, c->w, .first = i, .each = n, .focused = true});
		y += n;
	}
	*rows = l;
}

/* SPDX-License-Identifier: MIT */
#include "table.h"
#include <gscrape/text.h>
#include <stdlib.h>

#define BATCH 4096 /* rows */
#define LEAST 10   /* columns that a text keeps */

struct cell {
	size_t at, n; /* in table.text */
	size_t width;
	enum cell_style style;
};

static const char *const codes[] = {
	[CELL_PLAIN] = "", [CELL_DIM] = "\x1b[2m", [CELL_GOOD] = "\x1b[32m", [CELL_BAD] = "\x1b[31m", [CELL_HEAD] = "\x1b[1m",
};

const char *style_begin(bool color, enum cell_style style)
{
	return color ? codes[style] : "";
}

const char *style_end(bool color, enum cell_style style)
{
	return color && style != CELL_PLAIN ? "\x1b[0m" : "";
}

void styled(struct buf *out, bool color, enum cell_style style, const char *s)
{
	buf_adds(out, style_begin(color, style));
	buf_add_visible(out, s, strlen(s));
	buf_adds(out, style_end(color, style));
}

static void pad(struct buf *out, size_t n)
{
	for (; n; n--)
		buf_putc(out, ' ');
}

/* --- as CSV: nothing is held back --- */

static void csv_row(struct table *t, const void *thing)
{
	if (!t->head_shown)
		columns_csv_head(&t->out->buf, t->columns);
	t->head_shown = true;
	if (thing)
		columns_csv(&t->out->buf, t->columns, &(struct told_row){t->q, t->pool, thing}, t->tz);
	out_line(t->out);
}

/* --- as text --- */

static void choose_columns(struct table *t)
{
	for (size_t i = 0; i < t->columns->n && t->n_shown < TABLE_COLUMNS; i++) {
		const struct column *c = &t->columns->a[i];

		if (c->head && !(t->room && c->flags & COLUMN_WIDE))
			t->shown[t->n_shown++] = c;
	}
}

/* Texts of the widest column become shorter until the table fits, or is as narrow as it can be read. */
static void fit(struct table *t)
{
	size_t total = t->n_shown ? 2 * (t->n_shown - 1) : 0;

	for (size_t i = 0; i < t->n_shown; i++)
		total += t->widths[i];
	while (t->room && total > t->room) {
		size_t widest = t->n_shown;

		for (size_t i = 0; i < t->n_shown; i++)
			if (t->shown[i]->kind == COLUMN_TEXT && (widest == t->n_shown || t->widths[i] > t->widths[widest]))
				widest = i;
		if (widest == t->n_shown || t->widths[widest] <= LEAST)
			return;
		t->widths[widest]--;
		total--;
	}
}

/* The bytes of s that are at most `width` columns; *used gets how many they are. */
static size_t head_of(const char *s, size_t n, size_t width, size_t *used)
{
	size_t len = 0, w = 0;

	while (len < n) {
		size_t one = utf8_length((const unsigned char *)s + len, n - len), more;

		one = one ? one : 1;
		more = visible_cells(s + len, one);
		if (w + more > width)
			break;
		w += more;
		len += one;
	}
	*used = w;
	return len;
}

/* What is cut is cut in its middle: of "main.serve /src/a/long/way/a.go:40" both ends say something. */
static size_t put_text(struct buf *out, const char *s, const struct cell *c, size_t width)
{
	size_t tail = width / 2, from = c->n, w, used;

	if (c->width <= width) {
		buf_add(out, s, c->n);
		return c->width;
	}
	buf_add(out, s, head_of(s, c->n, width - tail - 1, &used));
	buf_putc(out, '~');
	for (w = 0; from > 0; from--) { /* back to where `tail` columns begin */
		if (((unsigned char)s[from - 1] & 0xc0) == 0x80)
			continue;
		w = visible_cells(s + from - 1, c->n - from + 1);
		if (w > tail)
			break;
	}
	while (from < c->n && ((unsigned char)s[from] & 0xc0) == 0x80)
		from++;
	w = visible_cells(s + from, c->n - from);
	buf_add(out, s + from, c->n - from);
	return used + 1 + w;
}

static void put_cell(struct table *t, size_t column, const char *s, const struct cell *c)
{
	struct buf *out = &t->out->buf;
	bool on = t->color && c->style != CELL_PLAIN, last = column + 1 == t->n_shown, right = column_is_number(t->shown[column]);
	size_t width;

	if (right && c->width < t->widths[column])
		pad(out, t->widths[column] - c->width);
	buf_adds(out, on ? codes[c->style] : "");
	width = put_text(out, s, c, t->widths[column]);
	buf_adds(out, on ? "\x1b[0m" : "");
	if (!right && !last && width < t->widths[column])
		pad(out, t->widths[column] - width);
	buf_adds(out, last ? "\n" : "  ");
}

static void flush(struct table *t)
{
	for (size_t i = 0; i < t->n_shown && !t->head_shown; i++)
		t->widths[i] = strlen(t->shown[i]->head);
	for (size_t i = 0; i < t->n; i++)
		if (t->cells[i].width > t->widths[i % t->n_shown])
			t->widths[i % t->n_shown] = t->cells[i].width;
	fit(t);
	for (size_t i = 0; i < t->n_shown && !t->head_shown; i++) {
		size_t n = strlen(t->shown[i]->head);

		put_cell(t, i, t->shown[i]->head, &(struct cell){.n = n, .width = n, .style = CELL_HEAD});
	}
	t->head_shown = true;
	for (size_t i = 0; i < t->n; i++) {
		put_cell(t, i % t->n_shown, t->text.p + t->cells[i].at, &t->cells[i]);
		if ((i + 1) % t->n_shown == 0)
			out_line(t->out);
	}
	t->n = 0;
	buf_reset(&t->text);
}

static void add_cell(struct table *t, const struct column *c, const struct told_row *r, struct buf *scratch)
{
	struct column_value v = c->get(r);
	size_t at = t->text.n;

	value_text(scratch, c, &v, t->tz);
	buf_add(&t->text, scratch->p, scratch->n);
	GROW(t->cells, t->n, t->cap);
	t->cells[t->n++] = (struct cell){at, scratch->n, scratch->n ? visible_cells(scratch->p, scratch->n) : 0,
					 v.bad ? CELL_BAD : v.known || column_is_number(c) ? CELL_PLAIN : CELL_DIM};
}

void table_row(struct table *t, const void *thing)
{
	struct told_row r = {t->q, t->pool, thing};
	struct buf scratch = {0};

	if (t->csv) {
		csv_row(t, thing);
		return;
	}
	if (!t->n_shown)
		choose_columns(t);
	for (size_t i = 0; i < t->n_shown; i++)
		add_cell(t, t->shown[i], &r, &scratch);
	buf_release(&scratch);
	if (t->n == BATCH * t->n_shown)
		flush(t);
}

void table_end(struct table *t)
{
	if (!t->n_shown)
		choose_columns(t);
	if (t->csv)
		csv_row(t, NULL);
	else
		flush(t);
	free(t->cells);
	buf_release(&t->text);
	t->cells = NULL;
	t->n = t->cap = 0;
}

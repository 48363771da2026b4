/* SPDX-License-Identifier: MIT */
#include "table.h"
#include <ctype.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <wchar.h>

#define BATCH 4096 /* rows */

struct cell {
	size_t at, n; /* in table.text */
	size_t width;
	enum cell_style style;
};

static const char *const codes[] = {
	[CELL_PLAIN] = "", [CELL_DIM] = "\x1b[2m", [CELL_GOOD] = "\x1b[32m", [CELL_BAD] = "\x1b[31m", [CELL_HEAD] = "\x1b[1m",
};

size_t text_width(const char *s, size_t n)
{
	mbstate_t state = {0};
	size_t width = 0;

	while (n) {
		wchar_t c;
		size_t len = mbrtowc(&c, s, n, &state);
		int w;

		if (len == 0 || len > n) { /* not in this locale: a byte is a column, but for UTF-8's inner bytes */
			width += ((unsigned char)*s & 0xc0) != 0x80;
			len = 1;
			state = (mbstate_t){0};
		} else {
			w = wcwidth(c);
			width += w > 0 ? (size_t)w : 0;
		}
		s += len;
		n -= len;
	}
	return width;
}

void styled(struct buf *out, bool color, enum cell_style style, const char *s)
{
	bool on = color && style != CELL_PLAIN;

	buf_adds(out, on ? codes[style] : "");
	buf_add_visible(out, s, strlen(s));
	buf_adds(out, on ? "\x1b[0m" : "");
}

static void pad(struct buf *out, size_t n)
{
	for (; n; n--)
		buf_putc(out, ' ');
}

static void put_cell(struct table *t, size_t column, enum cell_style style, const char *s, size_t n, size_t width)
{
	struct buf *out = &t->out->buf;
	size_t room = t->widths[column] - width;
	bool on = t->color && style != CELL_PLAIN, last = column + 1 == t->n_columns;

	if (t->columns[column].right)
		pad(out, room);
	buf_adds(out, on ? codes[style] : "");
	buf_add(out, s, n);
	buf_adds(out, on ? "\x1b[0m" : "");
	if (!t->columns[column].right && !last)
		pad(out, room);
	buf_adds(out, last ? "\n" : "  ");
}

/* --- as CSV: nothing is held back; t->n is the number of cells so far --- */

static void csv_cell(struct table *t, const char *s)
{
	struct buf *out = &t->out->buf;

	t->text.n = 0;
	buf_add_visible(&t->text, s, strlen(s));
	if (strpbrk(t->text.p, ",\"")) {
		buf_putc(out, '"');
		for (const char *p = t->text.p; *p; p++) {
			buf_putc(out, *p);
			if (*p == '"')
				buf_putc(out, '"');
		}
		buf_putc(out, '"');
	} else {
		buf_add(out, t->text.p, t->text.n);
	}
	buf_adds(out, ++t->n % t->n_columns ? "," : "\r\n");
	if (t->n % t->n_columns == 0)
		out_line(t->out);
}

static void csv_head(struct table *t)
{
	for (size_t i = 0; i < t->n_columns && !t->head_shown; i++) {
		char head[32], *p = head;

		snprintf(head, sizeof head, "%s", t->columns[i].head);
		for (; *p; p++)
			*p = *p == ' ' ? '_' : (char)tolower((unsigned char)*p);
		csv_cell(t, head);
	}
	t->head_shown = true;
}

/* A number may have a sign: "-5" is no formula. */
static bool is_number(const char *s)
{
	s += *s == '+' || *s == '-';
	return *s && !s[strspn(s, "0123456789.")];
}

static void csv_text(struct table *t, const char *s)
{
	char *safe = s && *s && strchr("=+-@", *s) && !is_number(s) ? xasprintf("'%s", s) : NULL;

	csv_head(t);
	if (s && *s == '+' && is_number(s))
		s++;
	csv_cell(t, safe ? safe : s ? s : "");
	free(safe);
}

static void csv_number(struct table *t, bool known, int64_t v)
{
	char s[32] = "";

	if (known)
		snprintf(s, sizeof s, "%" PRId64, v);
	csv_head(t);
	csv_cell(t, s);
}

static void csv_time(struct table *t, int64_t ms)
{
	char s[TIME_MAX] = "", whole[TIME_MAX];

	if (ms != NO_TIME) {
		time_format(whole, ms, TIME_RFC3339, t->tz);
		snprintf(s, sizeof s, "%.19s.%03d%s", whole, (int)((ms % 1000 + 1000) % 1000), whole + 19 + (whole[19] == '.' ? 4 : 0));
	}
	csv_head(t);
	csv_cell(t, s);
}

/* --- as text --- */

static void flush(struct table *t)
{
	size_t columns = t->n_columns;

	for (size_t i = 0; i < columns && !t->head_shown; i++)
		t->widths[i] = strlen(t->columns[i].head);
	for (size_t i = 0; i < t->n; i++)
		if (t->cells[i].width > t->widths[i % columns])
			t->widths[i % columns] = t->cells[i].width;
	for (size_t i = 0; i < columns && !t->head_shown; i++)
		put_cell(t, i, CELL_HEAD, t->columns[i].head, strlen(t->columns[i].head), strlen(t->columns[i].head));
	t->head_shown = true;
	for (size_t i = 0; i < t->n; i++) {
		const struct cell *c = &t->cells[i];

		put_cell(t, i % columns, c->style, t->text.p + c->at, c->n, c->width);
		if ((i + 1) % columns == 0)
			out_line(t->out);
	}
	t->n = 0;
	buf_reset(&t->text);
}

void table_styled(struct table *t, enum cell_style style, const char *s)
{
	size_t at = t->text.n, n;

	if (t->csv) {
		csv_text(t, s);
		return;
	}
	buf_add_visible(&t->text, s, strlen(s));
	n = t->text.n - at;
	GROW(t->cells, t->n, t->cap);
	t->cells[t->n++] = (struct cell){at, n, n ? text_width(t->text.p + at, n) : 0, style};
	if (t->n == BATCH * t->n_columns)
		flush(t);
}

void table_text(struct table *t, const char *s)
{
	if (t->csv)
		csv_text(t, s);
	else
		table_styled(t, s ? CELL_PLAIN : CELL_DIM, s ? s : "-");
}

void table_number(struct table *t, int64_t v)
{
	char s[32];

	snprintf(s, sizeof s, "%" PRId64, v);
	if (t->csv)
		csv_number(t, v >= 0, v);
	else
		table_text(t, v < 0 ? NULL : s);
}

void table_real(struct table *t, double v, int digits)
{
	char s[64] = "";

	if (!isnan(v))
		snprintf(s, sizeof s, "%.*f", digits, v);
	if (t->csv) {
		csv_head(t);
		csv_cell(t, s);
	} else {
		table_text(t, *s ? s : NULL);
	}
}

void table_net(struct table *t, int64_t v)
{
	char s[32];

	snprintf(s, sizeof s, "%+" PRId64, v);
	if (t->csv)
		csv_number(t, true, v);
	else
		table_text(t, s);
}

void table_share(struct table *t, double v)
{
	char s[32];

	snprintf(s, sizeof s, "%.1f%%", 100 * v);
	if (t->csv)
		table_real(t, v, 4);
	else
		table_text(t, s);
}

void table_time(struct table *t, int64_t ms)
{
	char s[TIME_MAX];

	if (t->csv)
		csv_time(t, ms);
	else
		table_text(t, ms == NO_TIME ? NULL : time_format(s, ms, TIME_TABLE, t->tz));
}

void table_duration(struct table *t, int64_t ms)
{
	char s[TIME_MAX];

	if (t->csv)
		csv_number(t, ms >= 0, ms);
	else
		table_text(t, ms == NO_TIME || ms < 0 ? NULL : duration_format(s, ms));
}

void table_end(struct table *t)
{
	if (t->csv)
		csv_head(t);
	else
		flush(t);
	free(t->cells);
	buf_release(&t->text);
	t->cells = NULL;
	t->n = t->cap = 0;
}

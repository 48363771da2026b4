/* SPDX-License-Identifier: MIT */
#include "session.h"
#include "sheet.h"
#include <gscrape/columns.h>
#include <gscrape/json.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static void add(struct sheet *s, struct sheet_cell c)
{
	GROW(s->cells, s->n_cells, s->cap_cells);
	s->cells[s->n_cells++] = c;
}

void sheet_text(struct sheet *s, const char *text)
{
	add(s, (struct sheet_cell){.text = text, .known = text != NULL});
}

void sheet_value(struct sheet *s, int64_t v)
{
	add(s, (struct sheet_cell){.value = v, .known = true});
}

void sheet_unknown(struct sheet *s)
{
	add(s, (struct sheet_cell){.text = NULL});
}

void sheet_frame(struct sheet *s, const struct frame *f)
{
	if (f->func && f->file)
		sheet_text(s, pool_printf(&s->pool, "%s:%" PRIu32, f->file, f->line));
	else
		sheet_unknown(s);
}

void sheet_known(struct sheet *s, int64_t v, bool known)
{
	if (known)
		sheet_value(s, v);
	else
		sheet_unknown(s);
}

void sheet_where(struct sheet *s, const struct session *a)
{
	char t[TIME_MAX], why[300];

	buf_addf(&s->summary, "%s at %s", *host_name(a, a->host) ? host_name(a, a->host) : "no host", time_text(a, t, a->t, TIME_CLOCK));
	if (a->host && !a->known.known)
		buf_addf(&s->summary, ", %s", unknown_text(a, &a->known, why, sizeof why));
}

void sheet_blank_row(struct sheet *s)
{
	for (size_t i = 0; i < s->n_columns; i++)
		sheet_unknown(s);
}

size_t sheet_rows(const struct sheet *s)
{
	return s->n_columns ? s->n_cells / s->n_columns : 0;
}

void sheet_release(struct sheet *s)
{
	pool_release(&s->pool);
	free(s->cells);
	buf_release(&s->summary);
	*s = (struct sheet){0};
}

static bool is_blank(const struct sheet *s, size_t row)
{
	for (size_t i = 0; i < s->n_columns; i++)
		if (s->cells[row * s->n_columns + i].known)
			return false;
	return true;
}

/* --- CSV --- */

static void sheet_csv_cell(struct buf *out, const struct sheet_cell *c, enum cell_kind kind)
{
	if (!c->known)
		return;
	if (kind == CELL_TEXT)
		csv_cell(out, c->text);
	else if (kind == CELL_TIME)
		csv_time(out, c->value, NULL);
	else
		buf_addf(out, "%" PRId64, c->value);
}

void sheet_csv(const struct sheet *s, struct buf *out)
{
	for (size_t i = 0; i < s->n_columns; i++)
		buf_addf(out, "%s%s", i ? "," : "", s->columns[i].key);
	buf_adds(out, "\r\n");
	for (size_t r = 0; r < sheet_rows(s); r++) {
		if (is_blank(s, r))
			continue;
		for (size_t i = 0; i < s->n_columns; i++) {
			if (i)
				buf_putc(out, ',');
			sheet_csv_cell(out, &s->cells[r * s->n_columns + i], s->columns[i].kind);
		}
		buf_adds(out, "\r\n");
	}
}

/* --- JSON --- */

void sheet_json(const struct sheet *s, struct buf *out)
{
	for (size_t r = 0; r < sheet_rows(s); r++) {
		struct jw j = {.out = out};

		if (is_blank(s, r))
			continue;
		jw_obj(&j);
		for (size_t i = 0; i < s->n_columns; i++) {
			const struct sheet_cell *c = &s->cells[r * s->n_columns + i];

			jw_key(&j, s->columns[i].key);
			if (!c->known)
				jw_null(&j);
			else if (s->columns[i].kind == CELL_TEXT)
				jw_str(&j, c->text);
			else
				jw_int(&j, c->value);
		}
		jw_end(&j);
		buf_putc(out, '\n');
	}
}

/* --- for people --- */

static void say_cell(const struct session *a, struct buf *out, const struct sheet_cell *c, enum cell_kind kind)
{
	char t[TIME_MAX];

	if (kind == CELL_TEXT)
		buf_adds(out, c->text);
	else if (kind == CELL_TIME)
		buf_adds(out, time_text(a, t, c->value, TIME_CLOCK));
	else if (kind == CELL_SPAN)
		buf_adds(out, duration_format(t, c->value));
	else
		buf_addf(out, "%" PRId64, c->value);
}

void sheet_line(const struct sheet *s, const struct session *a, size_t row, struct buf *out)
{
	bool first = true;

	for (size_t i = 0; i < s->n_columns; i++) {
		const struct sheet_cell *c = &s->cells[row * s->n_columns + i];

		if (!c->known || (c->text && !*c->text))
			continue;
		buf_adds(out, first ? "" : ", ");
		if (s->columns[i].label)
			buf_addf(out, "%s ", s->columns[i].label);
		say_cell(a, out, c, s->columns[i].kind);
		first = false;
	}
	if (first)
		buf_adds(out, "more: Enter");
}

void sheet_words(const struct sheet *s, size_t row, struct buf *out)
{
	for (size_t i = 0; i < s->n_columns; i++) {
		const struct sheet_cell *c = &s->cells[row * s->n_columns + i];

		if (c->known && c->text)
			buf_addf(out, "%s\n", c->text);
	}
}

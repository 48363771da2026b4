/* SPDX-License-Identifier: MIT */
#include "row_model.h"
#include <ctype.h>
#include <gscrape/json.h>
#include <inttypes.h>
#include <stdlib.h>

static void *row_model_keep(struct row_model *s, const void *thing, size_t size)
{
	return memcpy(pool_alloc(&s->pool, size), thing, size);
}

void row_model_blank(struct row_model *s)
{
	GROW(s->rows, s->n, s->cap);
	s->rows[s->n++] = (struct row_model_row){0};
}

void row_model_add(struct row_model *s, const struct columns *c, const void *thing, size_t size)
{
	row_model_blank(s);
	s->rows[s->n - 1].part[0].columns = c;
	s->rows[s->n - 1].part[0].thing = row_model_keep(s, thing, size);
}

void row_model_also(struct row_model *s, const struct columns *c, const void *thing, size_t size)
{
	s->rows[s->n - 1].part[1].columns = c;
	s->rows[s->n - 1].part[1].thing = row_model_keep(s, thing, size);
}

void row_model_list(struct row_model *s, const struct session *a, const struct list *l)
{
	s->columns = l->kind->columns;
	for (size_t i = 0; i < l->n; i++)
		l->kind->tell(a, s, list_at(l, i));
}

void row_model_release(struct row_model *s)
{
	pool_release(&s->pool);
	free(s->rows);
	*s = (struct row_model){0};
}

/* The k-th column of a row, through both parts; NULL behind the last. */
static const struct column *row_model_column(const struct row_model_row *r, size_t k, struct told_row *of)
{
	for (int p = 0; p < 2 && r->part[p].columns; p++) {
		of->thing = r->part[p].thing;
		if (k < r->part[p].columns->n)
			return &r->part[p].columns->a[k];
		k -= r->part[p].columns->n;
	}
	return NULL;
}

/* --- CSV --- */

struct names {
	const char **a;
	size_t n, cap;
};

static void name_columns(struct names *names, const struct columns *c)
{
	for (size_t i = 0, at; c && i < c->n; i++) {
		for (at = 0; column_in_csv(&c->a[i]) && at < names->n && strcmp(names->a[at], c->a[i].key) != 0; at++)
			;
		if (!column_in_csv(&c->a[i]) || at < names->n)
			continue;
		GROW(names->a, names->n, names->cap);
		names->a[names->n++] = c->a[i].key;
	}
}

/* What rows have, each name once: a list may have rows of two kinds, groups and their members. */
static struct names csv_names(const struct row_model *s)
{
	struct names names = {0};

	name_columns(&names, s->columns);
	for (size_t i = 0; i < s->n; i++)
		for (int p = 0; p < 2; p++)
			if (!i || s->rows[i].part[p].columns != s->rows[i - 1].part[p].columns)
				name_columns(&names, s->rows[i].part[p].columns);
	return names;
}

void row_model_csv(struct row_model *s, const struct session *a, struct buf *out)
{
	struct names names = csv_names(s);
	struct told_row of = {a->q, &s->pool, NULL};
	const struct column *c;

	for (size_t i = 0; i < names.n; i++)
		buf_addf(out, "%s%s", i ? "," : "", names.a[i]);
	buf_adds(out, "\r\n");
	for (size_t r = 0; r < s->n; r++) {
		for (size_t i = 0; i < names.n && s->rows[r].part[0].columns; i++) {
			buf_adds(out, i ? "," : "");
			for (size_t k = 0; (c = row_model_column(&s->rows[r], k, &of)); k++) {
				if (column_in_csv(c) && strcmp(c->key, names.a[i]) == 0) {
					column_csv(out, c, &of, NULL);
					break;
				}
			}
		}
		if (s->rows[r].part[0].columns)
			buf_adds(out, "\r\n");
	}
	free(names.a);
}

void row_model_json(struct row_model *s, const struct session *a, struct buf *out)
{
	for (size_t i = 0; i < s->n; i++) {
		const struct row_model_row *r = &s->rows[i];
		struct jw j = {.out = out};

		if (!r->part[0].columns)
			continue;
		jw_obj(&j);
		for (int p = 0; p < 2 && r->part[p].columns; p++)
			columns_members(&j, r->part[p].columns, &(struct told_row){a->q, &s->pool, r->part[p].thing});
		jw_end(&j);
		buf_putc(out, '\n');
	}
}

/* --- for people --- */

/* Of one host all rows would say the same. */
static bool is_told(const struct session *a, const struct column *c)
{
	return c->get && !(c->key && strcmp(c->key, "host") == 0 && shows_host(a));
}

void row_model_line(struct row_model *s, const struct session *a, size_t row, struct buf *out)
{
	struct told_row of = {a->q, &s->pool, NULL};
	const struct column *c;
	struct buf value = {0};
	char t[TIME_MAX];

	if (!s->rows[row].part[0].columns)
		buf_adds(out, "more: Enter");
	for (size_t k = 0; (c = row_model_column(&s->rows[row], k, &of)); k++) {
		struct column_value v = {0};

		if (is_told(a, c) && c->head && !(c->flags & COLUMN_WIDE))
			v = c->get(&of);
		if (!v.known || (c->kind == COLUMN_TEXT && !*v.text))
			continue;
		buf_adds(out, out->n ? ", " : "");
		for (const char *h = c->head; *h; h++)
			buf_putc(out, (char)tolower((unsigned char)*h));
		value_text(&value, c, &v, a->zone);
		buf_addf(out, "%s%s", *c->head ? " " : "", c->kind == COLUMN_TIME ? time_text(a, t, v.n, TIME_CLOCK) : value.p);
	}
	buf_release(&value);
}

void row_model_words(struct row_model *s, const struct session *a, size_t row, struct buf *out)
{
	struct told_row of = {a->q, &s->pool, NULL};
	const struct column *c;

	for (size_t k = 0; (c = row_model_column(&s->rows[row], k, &of)); k++) {
		struct column_value v = {0};

		if ((c->kind == COLUMN_TEXT && is_told(a, c)) || (c->kind == COLUMN_ID && c->get && strcmp(c->key, "id") == 0))
			v = c->get(&of);
		if (v.known && c->kind == COLUMN_ID)
			buf_addf(out, "g%" PRIu64 "\n", (uint64_t)v.n);
		else if (v.known)
			buf_addf(out, "%s\n", v.text);
	}
}

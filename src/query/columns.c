/* SPDX-License-Identifier: MIT */
/* What comes of a table of columns: JSON, CSV, texts. The tables are in things.c and insights.c. */
#include "query_internal.h"
#include <gscrape/columns.h>
#include <gscrape/text.h>
#include <inttypes.h>
#include <stdio.h>

static void value_json(struct jw *j, const struct column *c, const struct column_value *v)
{
	switch (v->known ? (int)c->kind : -1) {
	case -1: jw_null(j); break;
	case COLUMN_TEXT: jw_str(j, v->text); break;
	case COLUMN_ID: jw_uint(j, (uint64_t)v->n); break;
	case COLUMN_TIME: jw_time(j, v->n); break;
	case COLUMN_FLAG: jw_bool(j, v->n != 0); break;
	case COLUMN_REAL:
	case COLUMN_SHARE: jw_double(j, v->real, c->digits); break;
	default: jw_int(j, v->n); break;
	}
}

void columns_members(struct jw *j, const struct columns *c, const struct told_row *r)
{
	for (size_t i = 0; i < c->n; i++) {
		const struct column *k = &c->a[i];
		struct column_value v = {0};

		if (!k->key)
			continue;
		if (!k->json)
			v = k->get(r);
		if (!k->json && !v.known && k->flags & COLUMN_IF_KNOWN)
			continue;
		jw_key(j, k->key);
		if (k->json)
			k->json(j, r);
		else
			value_json(j, k, &v);
	}
}

void columns_json(struct jw *j, const struct columns *c, const struct told_row *r)
{
	jw_obj(j);
	columns_members(j, c, r);
	jw_end(j);
}

/* --- CSV --- */

/* A number may have a sign: "-5" is no formula. */
static bool is_number(const char *s)
{
	s += *s == '+' || *s == '-';
	return *s && !s[strspn(s, "0123456789.")];
}

void csv_cell(struct buf *out, const char *text)
{
	struct buf b = {0};

	if (*text && strchr("=+-@", *text) && !is_number(text))
		buf_putc(&b, '\'');
	buf_add_visible(&b, text, strlen(text));
	if (b.n && strpbrk(b.p, ",\"")) {
		buf_putc(out, '"');
		for (const char *p = b.p; *p; p++) {
			buf_putc(out, *p);
			if (*p == '"')
				buf_putc(out, '"');
		}
		buf_putc(out, '"');
	} else {
		buf_add(out, b.p, b.n);
	}
	buf_release(&b);
}

void csv_time(struct buf *out, int64_t t, const struct zone *zone)
{
	char whole[TIME_MAX];

	time_format(whole, t, TIME_RFC3339, zone);
	buf_addf(out, "%.19s.%03d%s", whole, (int)((t % 1000 + 1000) % 1000), whole + 19 + (whole[19] == '.' ? 4 : 0));
}

void column_csv(struct buf *out, const struct column *c, const struct told_row *r, const struct zone *zone)
{
	struct column_value v = c->get(r);

	switch (v.known ? (int)c->kind : -1) {
	case -1: break;
	case COLUMN_TEXT: csv_cell(out, v.text); break;
	case COLUMN_ID: buf_addf(out, "%" PRIu64, (uint64_t)v.n); break;
	case COLUMN_TIME: csv_time(out, v.n, zone); break;
	case COLUMN_FLAG: buf_adds(out, v.n ? "true" : "false"); break;
	case COLUMN_REAL:
	case COLUMN_SHARE: buf_addf(out, "%.*f", c->digits, v.real); break;
	default: buf_addf(out, "%" PRId64, v.n); break;
	}
}

void columns_csv_head(struct buf *out, const struct columns *c)
{
	bool first = true;

	for (size_t i = 0; i < c->n; i++) {
		if (!column_in_csv(&c->a[i]))
			continue;
		buf_addf(out, "%s%s", first ? "" : ",", c->a[i].key);
		first = false;
	}
	buf_adds(out, "\r\n");
}

void columns_csv(struct buf *out, const struct columns *c, const struct told_row *r, const struct zone *zone)
{
	bool first = true;

	for (size_t i = 0; i < c->n; i++) {
		if (!column_in_csv(&c->a[i]))
			continue;
		buf_adds(out, first ? "" : ",");
		column_csv(out, &c->a[i], r, zone);
		first = false;
	}
	buf_adds(out, "\r\n");
}

/* --- for people --- */

void value_text(struct buf *out, const struct column *c, const struct column_value *v, const struct zone *zone)
{
	char t[TIME_MAX];

	buf_reset(out);
	switch (v->known ? (int)c->kind : -1) {
	case -1: buf_adds(out, "-"); break;
	case COLUMN_TEXT: buf_add_visible(out, v->text, strlen(v->text)); break;
	case COLUMN_ID: buf_addf(out, "%" PRIu64, (uint64_t)v->n); break;
	case COLUMN_NET: buf_addf(out, "%+" PRId64, v->n); break;
	case COLUMN_TIME: buf_adds(out, time_format(t, v->n, TIME_TABLE, zone)); break;
	case COLUMN_SPAN: buf_adds(out, duration_bound(t, v->bound, v->n)); break;
	case COLUMN_FLAG: buf_adds(out, v->n ? "yes" : "no"); break;
	case COLUMN_REAL: buf_addf(out, "%.*f", c->digits > 2 ? 1 : c->digits, v->real); break;
	case COLUMN_SHARE: buf_addf(out, "%.1f%%", 100 * v->real); break;
	default: buf_addf(out, "%" PRId64 "%s", v->n, v->bound == '>' ? "+" : ""); break; /* at least */
	}
}

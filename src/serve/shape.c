/* SPDX-License-Identifier: MIT */
/* What the answers have in common: pages, and pieces of JSON. */
#include "server.h"

int shape_moment(struct request *r, const struct host *h, int64_t t, int64_t *known_at, struct err *e)
{
	struct known k;

	if (query_known(r->q, h->id, t, &k, e) < 0)
		return -1;
	if (known_at)
		*known_at = k.text.time;
	jw_obj(&r->j);
	jw_kstr(&r->j, "host", h->name);
	known_json(&r->j, &k);
	return 0;
}

void shape_row(struct request *r, const struct columns *c, const void *thing)
{
	columns_json(&r->j, c, &(struct told_row){r->q, &r->pool, thing});
}

void shape_member(struct request *r, const struct columns *c, const void *thing)
{
	struct columns own = {c->a + 1, c->n - 1};

	shape_row(r, &own, thing);
}

void shape_page(struct jw *j, struct page p)
{
	jw_kuint(j, "total", p.total);
	jw_key(j, "next");
	if (p.to < p.total)
		jw_uint(j, p.to);
	else
		jw_null(j);
}

void shape_count(struct jw *j, const char *key, int64_t v)
{
	jw_key(j, key);
	if (v < 0)
		jw_null(j);
	else
		jw_int(j, v);
}

const char *short_func(const char *func)
{
	const char *out = func;

	/* A slash behind a parenthesis or bracket is inside a receiver or a type argument. */
	for (const char *s = func; *s && *s != '(' && *s != '['; s++)
		if (*s == '/')
			out = s + 1;
	return out;
}

int span_open(struct span *s, struct query *q, uint32_t host, int64_t from, int64_t to, struct err *e)
{
	struct numbers of;
	int rc = query_numbers(q, &(struct window){.host = host, .from = from, .to = to}, &of, e);

	*s = (struct span){q, host, of.from, of.to};
	return rc;
}

int span_next(struct span *s, size_t max, struct pool *p, struct snapshot **out, size_t *n, struct err *e)
{
	uint32_t first = s->seq, last = s->last - first < max ? s->last : first + (uint32_t)max - 1;

	*n = 0;
	if (first > s->last)
		return 0;
	s->seq = last + 1;
	return query_snapshots_of(s->q, (struct numbers){s->host, first, last}, p, out, n, e) < 0 ? -1 : 1;
}

size_t span_ticks(struct span *s, struct snapshot *out, size_t max)
{
	uint32_t first = s->seq, last;

	if (first > s->last)
		return 0;
	last = s->last - first < max ? s->last : first + (uint32_t)max - 1;
	s->seq = last + 1;
	return query_numbered(s->q, s->host, first, last, out, max);
}

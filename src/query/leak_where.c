/* SPDX-License-Identifier: MIT */
/* Suspects of which a goroutine passes a filter, as they are at the end of the window. */
#include "score.h"
#include "range.h"
#include <gscrape/filter.h>
#include <stdlib.h>

/* Those that pass on a host then, by id. */
struct passing {
	uint32_t host;
	struct alive *a;
	size_t n;
};

static int look(struct query *q, const struct leak_question *ask, struct passing *out, struct pool *p, struct err *e)
{
	struct alive_list l = {0};
	struct range r;
	int rc = range_of(q, &(struct window){.host = out->host, .from = NO_TIME, .to = ask->to}, &r, e);
	uint32_t seq = rc == 1 ? range_text(&r, r.to) : 0;

	rc = rc < 0 ? -1 : 0;
	if (seq)
		rc = alive_at(q, out->host, seq, p, &l, e);
	if (rc == 0)
		rc = filter_alive_at(ask->where, q, (struct snapshot_key){out->host, seq}, l.a, &l.n, e);
	out->a = l.a;
	out->n = l.n;
	return rc;
}

static int by_id(const void *pa, const void *pb)
{
	uint64_t a = ((const struct alive *)pa)->id, b = ((const struct alive *)pb)->id;

	return a < b ? -1 : a > b;
}

static bool any_of(const struct passing *x, const uint64_t *ids, uint32_t n)
{
	for (uint32_t i = 0; i < n && ids && x->n; i++)
		if (bsearch(&(struct alive){.id = ids[i]}, x->a, x->n, sizeof *x->a, by_id))
			return true;
	return false;
}

/* Of the suspect, or of those of whom it tells since they have the same cause. */
static bool any_passes(const struct passing *x, const struct suspect *s)
{
	bool passes = any_of(x, s->ids, s->count);

	for (size_t i = 0; i < s->n_relatives && !passes; i++)
		passes = any_of(x, s->relatives[i].ids, s->relatives[i].count);
	return passes;
}

int suspects_where(struct query *q, const struct leak_question *ask, struct suspect *s, size_t *n, struct err *e)
{
	struct passing x = {0};
	struct pool p = {0};
	size_t kept = 0;
	int rc = 0;

	if (!ask->where || view_begin(q, e) < 0)
		return ask->where ? -1 : 0;
	for (size_t i = 0; i < *n && rc == 0; i++) {
		if (x.host != s[i].host) { /* they come mixed, but there are few */
			pool_release(&p);
			x.host = s[i].host;
			rc = look(q, ask, &x, &p, e);
		}
		if (rc == 0 && any_passes(&x, &s[i]) && filter_accepts_count(ask->where, s[i].count))
			s[kept++] = s[i];
	}
	*n = kept;
	view_end(q);
	pool_release(&p);
	return rc;
}

/* SPDX-License-Identifier: MIT */
/* What became of a host's groups over a window. */
#include "server.h"
#include <stdlib.h>

#define GROUPS_MAX 20000 /* each has its pieces of the window in memory */

struct named_activity {
	const struct activity *a;
	const char *name;
};

static int most_first(const void *pa, const void *pb)
{
	const struct named_activity *a = pa, *b = pb;

	return a->a->peak != b->a->peak ? (a->a->peak > b->a->peak ? -1 : 1) : strcmp(a->name, b->name);
}

static void pieces(struct jw *j, const char *key, const uint32_t *n, size_t cols)
{
	jw_key(j, key);
	jw_arr(j);
	for (size_t i = 0; i < cols; i++)
		jw_uint(j, n[i]);
	jw_end(j);
}

static void lives(struct jw *j, const struct activity *a)
{
	jw_kuint(j, "came", a->came);
	jw_kuint(j, "left", a->left);
	jw_kuint(j, "there", a->there);
	jw_kint(j, "p50", a->p50);
	jw_kint(j, "p90", a->p90);
	jw_kint(j, "longest", a->longest);
	jw_kbool(j, "clipped", a->clipped);
}

/* How many there are of all groups, when each piece ends. */
static void all_together(struct request *r, const struct activity *a, size_t n, size_t cols)
{
	uint32_t *all = pool_alloc(&r->pool, (cols + 1) * sizeof *all);

	for (size_t g = 0; g < n; g++)
		for (size_t i = 0; i < cols; i++)
			all[i] += a[g].last[i];
	pieces(&r->j, "last", all, cols);
}

static void activity_row(struct request *r, const struct named_activity *g, size_t cols)
{
	const struct activity *a = g->a;
	uint64_t samples = 0;

	for (size_t i = 0; i < a->n_states; i++)
		samples += a->states[i].n;
	jw_obj(&r->j);
	jw_kstr(&r->j, "group", g->name);
	jw_kuint(&r->j, "peak", a->peak);
	jw_kuint(&r->j, "samples", samples);
	if (!r->where)
		lives(&r->j, a);
	if (cols) {
		pieces(&r->j, "alive", a->alive, cols);
		pieces(&r->j, "last", a->last, cols);
	}
	jw_end(&r->j);
}

/* Snapshots with text in the window: what `samples` is a multiple of. */
static int texts(struct request *r, const struct window *w, struct err *e)
{
	struct snapshot *s;
	size_t n;
	uint64_t text = 0;

	if (query_snapshots(r->q, w, &r->pool, &s, &n, e) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		text += snap_has_text(s[i].status);
	jw_kuint(&r->j, "snapshots", text);
	return 0;
}

static int activity_answer(struct request *r, const struct host *h, const struct activity_question *ask, struct err *e)
{
	size_t n, cols = param(r, "buckets")->number;
	struct activity *a;
	struct named_activity *g;
	struct page page;

	if (query_activity(r->q, ask, &r->pool, &a, &n, e) < 0)
		return -1;
	if (n > ask->most)
		return refuse(r, MHD_HTTP_BAD_REQUEST, e, "by: more than %d groups in the window", GROUPS_MAX);
	g = pool_alloc(&r->pool, (n + 1) * sizeof *g);
	for (size_t i = 0; i < n; i++)
		g[i] = (struct named_activity){&a[i], activity_name(r->q, &r->pool, &a[i], ask->by)};
	if (n)
		qsort(g, n, sizeof *g, most_first);
	page = asked_page(r, n);
	jw_obj(&r->j);
	jw_kstr(&r->j, "host", h->name);
	jw_ktime(&r->j, "from", ask->w.from);
	jw_ktime(&r->j, "to", ask->w.to);
	if (texts(r, &ask->w, e) < 0)
		return -1;
	if (cols)
		all_together(r, a, n, cols);
	shape_page(&r->j, page);
	jw_key(&r->j, "groups");
	jw_arr(&r->j);
	for (size_t i = page.from; i < page.to; i++)
		activity_row(r, &g[i], cols);
	jw_end(&r->j);
	jw_end(&r->j);
	return 0;
}

int answer_activity(struct request *r, struct err *e)
{
	const struct host *h = asked_host(r, e);
	struct activity_question ask = {.by = asked_grouping(r), .most = GROUPS_MAX};
	size_t cols = param(r, "buckets")->number;

	if (!h || asked_filter_of_each(r, e) < 0)
		return -1;
	ask.where = r->where;
	if (ask.by == BY_NONE)
		return refuse(r, MHD_HTTP_BAD_REQUEST, e, "by: of each goroutine by itself /api/v1/goroutine tells");
	ask.w = (struct window){.host = h->id, .from = asked_time(r, "from", h->first), .to = asked_time(r, "to", h->last), .cols = cols ? cols : 1};
	if (ask.w.from > ask.w.to)
		return refuse(r, MHD_HTTP_BAD_REQUEST, e, "from: is after to");
	ask.w.to += ask.w.to == ask.w.from;
	return activity_answer(r, h, &ask, e);
}

/* SPDX-License-Identifier: MIT */
/* The goroutines that had the chosen function: when, and where they stand at T. */
#include "filter.h"
#include "path.h"
#include "view_functions.h"
#include <gscrape/system.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static const char *const sort_names[HIT_SORTS] = {"samples", "number", "state at T", "first seen", "path"};

const char *hit_sort_name(enum hit_sort s)
{
	return sort_names[s];
}

const struct function *shown_function(const struct function_view *f)
{
	for (size_t i = 0; i < f->n; i++)
		if (f->functions[i].func_id == f->shown)
			return &f->functions[i];
	return NULL;
}

const struct hit_row *shown_hit(const struct function_view *f)
{
	for (size_t i = 0; i < f->n_rows; i++)
		if (f->rows[i].hit == f->shown_hit)
			return &f->rows[i];
	return NULL;
}

/* What the panes are of: the selected function, the selected goroutine; what they were of while the selection moves. */
static void follow_function(struct session *a)
{
	struct function_view *f = function_view_of(a);

	if (!a->moving || !shown_function(f))
		f->shown = f->list.sel < f->n ? f->functions[f->list.sel].func_id : 0;
}

static void follow_hit(struct session *a)
{
	struct function_view *f = function_view_of(a);

	if (!a->moving || !shown_hit(f))
		f->shown_hit = f->hit_list.sel < f->n_rows ? f->rows[f->hit_list.sel].hit : NULL;
}

/* --- who is alive at T --- */

int load_alive_at_t(struct session *a, struct err *e)
{
	struct function_view *f = function_view_of(a);
	struct memo_key k = {.host = a->func.this_host ? a->host : 0, .from = a->t, .version = session_version(a)};
	size_t n;
	const struct host *h = query_hosts(a->q, &n);
	struct known known;

	if (memo_holds(&f->at_memo, &k))
		return 0;
	f->at = pool_alloc(&f->at_memo.pool, (n + 1) * sizeof *f->at);
	f->n_at = f->alive = 0;
	for (size_t i = 0; i < n; i++) {
		struct at_host *at = &f->at[f->n_at];

		if (k.host && h[i].id != k.host)
			continue;
		if (query_known(a->q, h[i].id, a->t, &known, e) < 0) {
			memo_drop(&f->at_memo);
			return -1;
		}
		if (!known.known)
			continue;
		at->host = h[i].id;
		if (query_alive(a->q, &(struct moment){h[i].id, a->t}, &f->at_memo.pool, &at->alive, &at->n, e) < 0) {
			memo_drop(&f->at_memo);
			return -1;
		}
		f->alive += at->n;
		f->n_at++;
	}
	return 0;
}

static const struct alive *find_alive(const struct function_view *f, const struct hit *hit)
{
	for (size_t i = 0; i < f->n_at; i++) {
		const struct at_host *at = &f->at[i];
		size_t lo = 0, hi = at->n;

		if (at->host != hit->host)
			continue;
		while (lo < hi) {
			size_t mid = (lo + hi) / 2;

			if (at->alive[mid].id < hit->id)
				lo = mid + 1;
			else
				hi = mid;
		}
		if (lo < at->n && at->alive[lo].id == hit->id && at->alive[lo].epoch == hit->epoch)
			return &at->alive[lo];
	}
	return NULL;
}

static bool has_it(const struct function_view *f, uint32_t stack)
{
	return stack < f->n_masks && f->masks[stack];
}

/* --- the rows --- */

static int by_text(const char *a, const char *b)
{
	return strcmp(a ? a : "", b ? b : "");
}

static int compare(const void *pa, const void *pb, void *ctx)
{
	const struct session *a = ctx;
	const struct hit_row *x = pa, *y = pb;
	int64_t d = 0;

	switch (function_view_of(a)->sort) {
	case HITS_BY_ID: d = x->hit->id < y->hit->id ? -1 : x->hit->id > y->hit->id; break;
	case HITS_BY_STATE: /* those that have it at T first */
		d = (int)!x->at_t - (int)!y->at_t;
		d = d ? d : by_text(x->at_t ? x->at_t->state : NULL, y->at_t ? y->at_t->state : NULL);
		break;
	case HITS_BY_FIRST: d = x->hit->first - y->hit->first; break;
	case HITS_BY_PATH: d = (int64_t)x->hit->stack - y->hit->stack; break; /* the same together */
	default: break;
	}
	if (!d)
		d = (int64_t)y->hit->samples - x->hit->samples;
	if (!d)
		d = (int64_t)x->hit->host - y->hit->host;
	if (!d)
		d = x->hit->id < y->hit->id ? -1 : x->hit->id > y->hit->id;
	return function_view_of(a)->reverse ? (d < 0) - (d > 0) : (d > 0) - (d < 0);
}

static bool passes(const struct session *a, const struct hit_row *r)
{
	char id[24], path[600];
	struct filter_text t[] = {{"state", r->at_t ? r->at_t->state : NULL}, {"id", id}, {"host", host_name(a, r->hit->host)},
				  {"=alive", r->at_t ? id : NULL}, {NULL, path}};

	if (!a->filter[0])
		return true;
	snprintf(id, sizeof id, "%" PRIu64, r->hit->id);
	stack_path(path, sizeof path, query_stack(a->q, r->hit->stack), 0, 500);
	return filter_passes(a, t, sizeof t / sizeof *t);
}

static void make_rows(struct session *a)
{
	struct function_view *f = function_view_of(a);

	f->rows = pool_alloc(&f->pool, (f->n_hits + 1) * sizeof *f->rows);
	f->n_rows = f->n_now = f->n_at_t = 0;
	for (size_t i = 0; i < f->n_hits; i++) {
		const struct alive *at = find_alive(f, &f->hits[i]);
		struct hit_row r = {.hit = &f->hits[i], .at_t = at && has_it(f, at->stack) ? at : NULL};

		f->n_now += f->hits[i].now;
		f->n_at_t += r.at_t != NULL;
		if (passes(a, &r))
			f->rows[f->n_rows++] = r;
	}
	sort_with(f->rows, f->n_rows, sizeof *f->rows, compare, a);
	list_clamp(&f->hit_list, f->n_rows);
}

/* --- when --- */

/* In each column, which part of it the goroutine had the function. */
static void take_run(const struct session *a, uint32_t *share, int w, int64_t from, int64_t to)
{
	double width = (double)(a->to - a->from) / w;

	for (int i = 0; i < w; i++) {
		double lo = (double)a->from + width * i, hi = lo + width;
		double l = (double)from > lo ? (double)from : lo, h = (double)to < hi ? (double)to : hi;

		if (h >= l)
			share[i] += 1 + (uint32_t)((h - l) * 99 / width); /* however short: it was there */
	}
}

static void look_up_when(struct session *a, struct hit_row *r, int w)
{
	struct function_view *f = function_view_of(a);
	uint32_t *share = pool_alloc(&f->pool, (size_t)(w + 1) * sizeof *share);
	struct pool p = {0};
	struct life l;

	r->share = share;
	if (query_goroutine(a->q, &(struct life_question){r->hit->host, r->hit->epoch, r->hit->id, NO_TIME}, &p, &l,
		NULL) == 1) {
		for (size_t i = 0; i < l.n; i++) {
			int64_t to = i + 1 < l.n ? l.runs[i + 1].from : l.runs[i].to;

			if (has_it(f, l.runs[i].stack))
				take_run(a, share, w, l.runs[i].from, to);
		}
	}
	for (int i = 0; i < w; i++)
		share[i] = share[i] > 100 ? 100 : share[i];
	pool_release(&p);
}

static void look_up_shown(struct session *a)
{
	struct function_view *f = function_view_of(a);
	struct function_places p = place_functions(a);
	struct list l = f->hit_list;

	f->when_w = p.when_w;
	list_show(&l, p.hits_h);
	for (size_t i = l.top; p.when_w && i < f->n_rows && i < l.top + (size_t)p.hits_h; i++)
		look_up_when(a, &f->rows[i], p.when_w);
}

/* All of the window that had the function: its number is what[0] of a key, the scope what[1]. */
static int ask_again(struct session *a, const struct memo_key *k, struct err *e)
{
	struct function_view *f = function_view_of(a);
	enum scope scope = (enum scope)k->what[1];

	f->n_hits = f->n_masks = 0;
	f->shown_hit = NULL;
	if (!k->what[0])
		return 0;
	if (query_stacks_with(a->q, &(struct functions_question){.func_ids = k->what, .n_funcs = 1, .scope = scope},
		&f->hit_memo.pool, &f->masks, &f->n_masks, e) < 0)
		return -1;
	return query_hits(a->q, &(struct functions_question){k->what, 1, scope, {.host = k->host, .from = k->from,
		.to = k->to}}, &f->hit_memo.pool, &f->hits, &f->n_hits, e);
}

static int load_calls(struct session *a, const struct memo_key *k, struct err *e)
{
	struct function_view *f = function_view_of(a);
	struct callers_question ask = {.func_ids = k->what, .n_funcs = 1, .host = k->host, .from = k->from, .to = k->to};

	if (!place_functions(a).callers_h || memo_holds(&f->call_memo, k))
		return 0;
	f->callers = (struct callers){0};
	return k->what[0] ? query_callers(a->q, &ask, &f->call_memo.pool, &f->callers, e) : 0;
}

int load_hits(struct session *a, struct err *e)
{
	struct function_view *f = function_view_of(a);
	const struct memo_key *was = &f->hit_memo.key;
	struct memo_key k = {.host = a->func.this_host ? a->host : 0, .what = {0, a->func.scope}, .from = a->from, .to = a->to,
			     .version = session_version(a)};

	follow_function(a);
	k.what[0] = f->shown;
	if (k.what[0] != was->what[0] || k.host != was->host || k.what[1] != was->what[1])
		f->hit_list = (struct list){0};
	if (!memo_holds(&f->hit_memo, &k) && ask_again(a, &k, e) < 0) {
		memo_drop(&f->hit_memo);
		return -1;
	}
	make_rows(a);
	follow_hit(a);
	look_up_shown(a);
	return load_calls(a, &k, e);
}

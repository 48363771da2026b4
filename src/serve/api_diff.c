/* SPDX-License-Identifier: MIT */
/* /api/v1/diff: what moved between two times, largest change first. /api/v1/canary: some hosts against the rest. */
#include "server.h"
#include <stdlib.h>

struct diffs {
	struct moved *a;
	size_t n, cap;
	struct diff_note *notes;
	size_t n_notes, cap_notes;
};

static void diff_answer(struct request *r, const struct diffs *d)
{
	static const char *const ends[] = {[DIFF_BOTH] = "", [DIFF_FROM] = " at from", [DIFF_TO] = " at to"};

	struct page page = asked_page(r, d->n);

	jw_obj(&r->j);
	shape_page(&r->j, page);
	jw_key(&r->j, "diff");
	jw_arr(&r->j);
	for (size_t i = page.from; i < page.to; i++)
		shape_row(r, d->a[i].together ? &moved_together_columns : &moved_columns, &d->a[i]);
	jw_end(&r->j);
	jw_key(&r->j, "notes");
	jw_arr(&r->j);
	for (size_t i = 0; i < d->n_notes; i++)
		jw_str(&r->j, pool_printf(&r->pool, "%s%s: %s", d->notes[i].host, ends[d->notes[i].end], d->notes[i].text));
	jw_end(&r->j);
	jw_end(&r->j);
}

/* What moved on one host, on each, or on those of one group together. */
static int diff_add(struct request *r, const struct diff_question *ask, struct diffs *d, struct err *e)
{
	struct diff_notes notes;
	struct moved *m;
	size_t n;

	if (query_diff(r->q, ask, &r->pool, &m, &n, e) < 0 || query_diff_notes(r->q, ask, NULL, &r->pool, &notes, e) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		d->a = pool_grow(&r->pool, d->a, d->n, &d->cap, sizeof *d->a);
		d->a[d->n++] = m[i];
	}
	for (size_t i = 0; i < notes.n; i++) {
		d->notes = pool_grow(&r->pool, d->notes, d->n_notes, &d->cap_notes, sizeof *d->notes);
		d->notes[d->n_notes++] = notes.a[i];
	}
	return 0;
}

/* The rows of several groups of hosts, as query_diff has those of one. */
static int most_moved(const void *pa, const void *pb)
{
	const struct moved *a = pa, *b = pb;
	long long x = llabs(a->net), y = llabs(b->net);
	int d = strcmp(a->together->value, b->together->value);

	if (x == y) {
		x = (long long)a->born + a->gone;
		y = (long long)b->born + b->gone;
	}
	return x != y ? (x > y ? -1 : 1) : d ? d : strcmp(moved_group(a)->name, moved_group(b)->name);
}

static int diff_of_each(struct request *r, struct diff_question *ask, struct diffs *d, struct err *e)
{
	struct host_group *together;
	size_t n;

	if (asked_together(r, &together, &n, e) < 0)
		return -1;
	if (!n)
		return diff_add(r, ask, d, e);
	for (size_t i = 0; i < n; i++) {
		ask->together = &together[i];
		if (diff_add(r, ask, d, e) < 0)
			return -1;
	}
	if (d->n)
		qsort(d->a, d->n, sizeof *d->a, most_moved);
	return 0;
}

int answer_diff(struct request *r, struct err *e)
{
	struct diff_question ask = {.from = param(r, "from")->time, .to = param(r, "to")->time, .by = asked_grouping(r)};
	const struct host *one = NULL;
	struct diffs d = {0};

	if (param(r, "host")->text && !(one = asked_host(r, e)))
		return -1;
	if (ask.to != NO_TIME && ask.from > ask.to)
		return refuse(r, MHD_HTTP_BAD_REQUEST, e, "from: is after to");
	if (asked_filter(r, e) < 0)
		return -1;
	ask.host = one ? one->id : 0;
	ask.where = r->where;
	if (diff_of_each(r, &ask, &d, e) < 0)
		return -1;
	diff_answer(r, &d);
	return 0;
}

int answer_canary(struct request *r, struct err *e)
{
	struct canary_question ask = {param(r, "canary")->text, param(r, "of")->text, param(r, "at")->time, asked_grouping(r), NULL};
	struct canary_row *all;
	struct page page;
	struct err why;
	size_t n;

	if (asked_filter_of_each(r, e) < 0)
		return -1;
	ask.where = r->where;
	if (query_canary(r->q, &ask, &r->pool, &all, &n, &why) < 0) {
		if (why.kind == ERR_USAGE)
			return refuse(r, MHD_HTTP_BAD_REQUEST, e, "%s", why.text);
		*e = why;
		return -1;
	}
	page = asked_page(r, n);
	jw_obj(&r->j);
	shape_page(&r->j, page);
	jw_key(&r->j, "canary");
	jw_arr(&r->j);
	for (size_t i = page.from; i < page.to; i++)
		shape_row(r, &canary_columns, &all[i]);
	jw_end(&r->j);
	jw_end(&r->j);
	return 0;
}

/* SPDX-License-Identifier: MIT */
/* Where one goroutine, or a group of them, spends its time: a profile by the wall clock. */
#include "interval.h"
#include <gscrape/insight.h>
#include <gscrape/system.h>
#include <stdlib.h>

struct profiling {
	struct query *q;
	const struct profile_question *ask;
	struct counter_map t; /* stack << 32 | state: samples */
};

static bool is_asked_for(const struct profiling *f, const struct interval *v)
{
	struct trait t = interval_trait(v);

	return f->ask->id || f->ask->by == BY_NONE || group_key(f->q, f->ask->by, &t) == f->ask->key;
}

static int profile_count(struct profiling *f, const struct interval_question *ask, struct err *e)
{
	const struct interval *v;
	struct intervals *it;
	int rc = intervals_begin(f->q, ask, &it, e);

	while (rc == 1 && (rc = intervals_next(it, &v)) == 1)
		if (is_asked_for(f, v))
			counter_map_at(&f->t, (uint64_t)v->stack << 32 | v->state)->n += v->samples;
	intervals_end(it);
	return rc < 0 ? -1 : 1;
}

static int profile_most_first(const void *pa, const void *pb, void *q)
{
	const struct profile_line *a = pa, *b = pb;
	int d;

	if (a->samples != b->samples)
		return a->samples > b->samples ? -1 : 1;
	d = query_stack_order(q, a->stack, b->stack);
	return d ? d : strcmp(a->state, b->state);
}

static void lines_of(const struct profiling *f, struct pool *p, struct profile_line **out, size_t *n)
{
	uint64_t all = 0;

	*out = pool_alloc(p, (f->t.n + 1) * sizeof **out);
	for (size_t i = 0; i < f->t.cap; i++)
		all += f->t.a[i].n;
	for (size_t i = 0; i < f->t.cap; i++) {
		const struct count *t = &f->t.a[i];

		if (t->n)
			(*out)[(*n)++] = (struct profile_line){(uint32_t)(t->key >> 32), query_string(f->q, (uint32_t)t->key),
							       t->n, (double)t->n / (double)all};
	}
	sort_with(*out, *n, sizeof **out, profile_most_first, f->q);
}

int query_profile(struct query *q, const struct profile_question *ask, struct pool *p, struct profile_line **out, size_t *n,
		  struct err *e)
{
	struct interval_question all = {.w = {.host = ask->host, .from = ask->from, .to = ask->to}, .id = ask->id};
	struct profiling f = {.q = q, .ask = ask};
	int rc = 1;

	*n = 0;
	if (view_begin(q, e) < 0)
		return -1;
	if (ask->id) /* its trail is read alone */
		rc = query_epoch_of(q, &(struct life_question){ask->host, ask->epoch, ask->id, NO_TIME}, &all.epoch, e);
	if (rc == 1)
		rc = profile_count(&f, &all, e);
	view_end(q);
	lines_of(&f, p, out, n);
	counter_map_release(&f.t);
	return rc;
}

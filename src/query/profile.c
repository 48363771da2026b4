/* SPDX-License-Identifier: MIT */
/* Where one goroutine, or a group of them, spends its time: a profile by the wall clock. */
#include "window.h"
#include <gscrape/insight.h>
#include <stdlib.h>

struct profiling {
	struct query *q;
	const struct profile_question *ask;
	struct tally t; /* stack << 32 | state: samples */
};

static void on_spell(void *ctx, const struct spell *s)
{
	struct profiling *f = ctx;

	if (f->ask->by == BY_NONE || group_key(f->q, f->ask->by, s->stack, s->state, s->id) == f->ask->key)
		*tally_at(&f->t, (uint64_t)s->stack << 32 | s->state) += s->samples;
}

static int profile_group(struct profiling *f, struct err *e)
{
	struct window w;
	int rc = window_open(f->q, f->ask->host, f->ask->from, f->ask->to, &w, e);

	if (rc == 1)
		rc = window_walk(f->q, &w, on_spell, f, e);
	window_close(&w);
	return rc < 0 ? -1 : 1;
}

/* One goroutine's trail is read alone. 1, 0 unknown, -1. */
static int profile_one(struct profiling *f, struct err *e)
{
	const struct profile_question *a = f->ask;
	struct pool p = {0};
	struct window w = {0};
	struct life l;
	int rc = query_goroutine(f->q, a->host, a->epoch, NO_TIME, a->id, &p, &l, e), open = 0;

	if (rc == 1 && (open = window_open(f->q, a->host, a->from, a->to, &w, e)) < 0)
		rc = -1;
	for (size_t i = 0; rc == 1 && open == 1 && i < l.n; i++) {
		const struct run *r = &l.runs[i];
		uint32_t from = r->from_seq > w.from ? r->from_seq : w.from, to = r->to_seq < w.to ? r->to_seq : w.to;
		uint32_t samples = from <= to ? query_samples(f->q, a->host, from, to) : 0;

		if (samples)
			*tally_at(&f->t, (uint64_t)r->stack << 32 | r->state_id) += samples;
	}
	window_close(&w);
	pool_release(&p);
	return rc;
}

static int most_first(const void *pa, const void *pb)
{
	const struct profile_line *a = pa, *b = pb;

	if (a->samples != b->samples)
		return a->samples > b->samples ? -1 : 1;
	return a->stack != b->stack ? (a->stack < b->stack ? -1 : 1) : strcmp(a->state, b->state);
}

static void lines_of(const struct profiling *f, struct pool *p, struct profile_line **out, size_t *n)
{
	uint64_t all = 0;

	*out = pool_alloc(p, (f->t.n + 1) * sizeof **out);
	for (size_t i = 0; i < f->t.cap; i++)
		all += f->t.a[i].n;
	for (size_t i = 0; i < f->t.cap; i++) {
		const struct tally_entry *t = &f->t.a[i];

		if (t->n)
			(*out)[(*n)++] = (struct profile_line){(uint32_t)(t->key >> 32), query_string(f->q, (uint32_t)t->key), t->n,
							       (double)t->n / (double)all};
	}
	qsort(*out, *n, sizeof **out, most_first);
}

int query_profile(struct query *q, const struct profile_question *ask, struct pool *p, struct profile_line **out, size_t *n,
		  struct err *e)
{
	struct profiling f = {.q = q, .ask = ask};
	int rc;

	*n = 0;
	if (store_read_begin(q->store, e) < 0)
		return -1;
	rc = ask->id ? profile_one(&f, e) : profile_group(&f, e);
	store_read_end(q->store);
	lines_of(&f, p, out, n);
	tally_release(&f.t);
	return rc;
}

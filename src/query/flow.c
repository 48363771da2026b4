/* SPDX-License-Identifier: MIT */
/* How a suspect's goroutines came and went, for charts. */
#include "residency.h"
#include <gscrape/insight.h>
#include <stdlib.h>

struct flowing {
	const struct suspect *s;
	size_t n;
	struct flow *out; /* of all: n times cols */
	size_t cols;
	int64_t from, to;
};

static long column(const struct flowing *f, int64_t t)
{
	return t > f->to ? -1 : (long)time_column(t, f->from, f->to, f->cols);
}

static bool same_place(const struct residency_group *g, const struct suspect *s)
{
	return g->n && g->place.func && frame_is(&g->created, &s->created) && frame_is(&g->place, &s->place);
}

/* Came and left go into their columns; who is there is summed up per snapshot. */
static void take_group(const struct flowing *f, const struct residencies *st, const struct residency_group *g, struct flow *out,
		       int32_t *change)
{
	for (uint32_t i = 0; i < g->n; i++) {
		const struct residency *m = &st->a[g->first + i];
		long k;

		change[m->first]++;
		k = m->flags & RESIDENCY_BEFORE ? -1 : column(f, st->times[m->first]);
		if (k >= 0)
			out[k].came++;
		if (m->flags & RESIDENCY_HERE || m->last + 1 >= st->n_times)
			continue;
		change[m->last + 1]--;
		k = column(f, st->times[m->last + 1]);
		if (k >= 0)
			out[k].left++;
	}
}

static void one_suspect(const struct flowing *f, const struct residencies *st, const struct suspect *s, struct flow *out)
{
	int32_t *change = xcalloc(st->n_times + 1, sizeof *change), alive = 0;

	for (size_t i = 1; i < st->n_groups; i++)
		if (same_place(&st->groups[i], s))
			take_group(f, st, &st->groups[i], out, change);
	for (size_t i = 0; i < st->n_times; i++) {
		long k = column(f, st->times[i]);

		alive += change[i];
		if (k < 0)
			continue;
		out[k].known = true;
		if (alive > 0 && (uint32_t)alive > out[k].alive)
			out[k].alive = (uint32_t)alive;
	}
	free(change);
}

static int on_process(void *ctx, const struct residencies *st)
{
	const struct flowing *f = ctx;

	for (size_t i = 0; i < f->n; i++)
		if (f->s[i].host == st->host)
			one_suspect(f, st, &f->s[i], f->out + i * f->cols);
	return 0;
}

/* A column that no snapshot falls in has the one before's number, unless snapshots are missing there. */
static void bridge(struct query *q, uint32_t host, struct flow *out, size_t cols)
{
	int64_t reach = 0, last = NO_TIME;
	struct snapshot s;

	if (cols && query_snapshot_at(q, host, out[cols - 1].to, &s, NULL) == 1)
		reach = query_reach(q, host, s.seq);
	for (size_t i = 0; i < cols; i++) {
		if (out[i].known) {
			last = out[i].to;
		} else if (i && last != NO_TIME && out[i].from - last <= reach) {
			out[i].known = true;
			out[i].alive = out[i - 1].alive;
		}
	}
}

/* Has the host of s[i] been walked over for one before it? */
static bool host_done(const struct suspect *s, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (s[k].host == s[i].host)
			return true;
	return false;
}

int query_suspect_flows(struct query *q, const struct suspect *s, size_t n, const struct window *w, struct flow *out,
			struct err *e)
{
	struct flowing f = {s, n, out, w->cols, w->from, w->to};
	struct window all = *w;

	for (size_t i = 0; i < n * w->cols; i++)
		out[i] = (struct flow){.from = w->from + (int64_t)((double)(w->to - w->from) * (double)(i % w->cols) / (double)w->cols),
				       .to = w->from + (int64_t)((double)(w->to - w->from) * (double)(i % w->cols + 1) / (double)w->cols)};
	if (w->to <= w->from)
		return 0;
	for (size_t i = 0; i < n; i++) {
		all.host = s[i].host;
		if (!host_done(s, i) && residencies_each(q, &all, on_process, &f, e) < 0)
			return -1;
	}
	for (size_t i = 0; i < n; i++)
		bridge(q, s[i].host, out + i * w->cols, w->cols);
	return 0;
}

int query_suspect_flow(struct query *q, const struct suspect *s, const struct window *w, struct flow *out, struct err *e)
{
	return query_suspect_flows(q, s, 1, w, out, e);
}

static void count_alive(struct query *q, const struct alive *a, size_t n_alive, const struct suspect *s, int64_t *count)
{
	*count = 0;
	for (size_t i = 0; i < n_alive; i++) {
		const struct stack *st = query_stack(q, a[i].stack);
		const struct frame *place = stack_user_frame(st);

		*count += place && frame_is(&st->created, &s->created) && frame_is(place, &s->place);
	}
}

int query_suspects_at(struct query *q, const struct suspect *s, size_t n, int64_t t, int64_t *counts, struct err *e)
{
	struct pool p = {0};
	int rc = 0;

	for (size_t i = 0; i < n; i++)
		counts[i] = -1;
	for (size_t i = 0; i < n && !rc; i++) {
		struct alive *a;
		size_t n_alive;
		uint32_t seq;

		if (host_done(s, i))
			continue;
		rc = known_text_seq(q, s[i].host, t, &seq, e);
		if (rc || !seq)
			continue;
		rc = query_alive(q, &(struct moment){s[i].host, t}, &p, &a, &n_alive, e);
		for (size_t k = i; k < n && !rc; k++)
			if (s[k].host == s[i].host)
				count_alive(q, a, n_alive, &s[k], &counts[k]);
		pool_release(&p);
	}
	return rc;
}

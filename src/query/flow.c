/* SPDX-License-Identifier: MIT */
/* How a suspect's goroutines came and went, for charts. */
#include "stays.h"
#include <gscrape/insight.h>
#include <stdlib.h>

struct flowing {
	const struct suspect *s;
	struct flow *out;
	size_t cols;
	int64_t from, to;
};

static long column(const struct flowing *f, int64_t t)
{
	if (t < f->from || t > f->to)
		return -1;
	return t == f->to ? (long)f->cols - 1 : (long)((double)(t - f->from) / (double)(f->to - f->from) * (double)f->cols);
}

static bool same_place(const struct stay_group *g, const struct suspect *s)
{
	return g->n && g->place.func && g->created.func_id == s->created.func_id && g->created.line == s->created.line &&
	       g->created.file_id == s->created.file_id && g->place.func_id == s->place.func_id && g->place.line == s->place.line &&
	       g->place.file_id == s->place.file_id;
}

/* Came and left go into their columns; who is there is summed up per snapshot. */
static void take_group(struct flowing *f, const struct stays *st, const struct stay_group *g, int32_t *change)
{
	for (uint32_t i = 0; i < g->n; i++) {
		const struct stay *m = &st->a[g->first + i];
		long k;

		change[m->first]++;
		k = m->flags & STAY_BEFORE ? -1 : column(f, st->times[m->first]);
		if (k >= 0)
			f->out[k].came++;
		if (m->flags & STAY_HERE || m->last + 1 >= st->n_times)
			continue;
		change[m->last + 1]--;
		k = column(f, st->times[m->last + 1]);
		if (k >= 0)
			f->out[k].left++;
	}
}

static int on_process(void *ctx, const struct stays *st)
{
	struct flowing *f = ctx;
	int32_t *change = xcalloc(st->n_times + 1, sizeof *change), alive = 0;

	for (size_t i = 1; i < st->n_groups; i++)
		if (same_place(&st->groups[i], f->s))
			take_group(f, st, &st->groups[i], change);
	for (size_t i = 0; i < st->n_times; i++) {
		long k = column(f, st->times[i]);

		alive += change[i];
		if (k < 0)
			continue;
		f->out[k].known = true;
		if (alive > 0 && (uint32_t)alive > f->out[k].alive)
			f->out[k].alive = (uint32_t)alive;
	}
	free(change);
	return 0;
}

/* A column that no snapshot falls in has the one before's number, unless snapshots are missing there. */
static void bridge(struct query *q, uint32_t host, struct flow *out, size_t cols)
{
	int64_t patience = query_interval(q, host) * 5 / 2, last = NO_TIME;

	for (size_t i = 0; i < cols; i++) {
		if (out[i].known) {
			last = out[i].to;
		} else if (i && last != NO_TIME && out[i].from - last <= patience) {
			out[i].known = true;
			out[i].alive = out[i - 1].alive;
		}
	}
}

int query_suspect_flow(struct query *q, const struct suspect *s, int64_t from, int64_t to, size_t cols, struct flow *out,
		       struct err *e)
{
	struct flowing f = {s, out, cols, from, to};

	for (size_t i = 0; i < cols; i++)
		out[i] = (struct flow){.from = from + (int64_t)((double)(to - from) * (double)i / (double)cols),
				       .to = from + (int64_t)((double)(to - from) * (double)(i + 1) / (double)cols)};
	if (to <= from || stays_each(q, s->host, from, to, on_process, &f, e) < 0)
		return to <= from ? 0 : -1;
	bridge(q, s->host, out, cols);
	return 0;
}

/* SPDX-License-Identifier: MIT */
/*
 * Charts: equal pieces of time with the least, the most and the last number of goroutines in each. Few snapshots per piece
 * are remembered here (snapshots.c); of many the store is asked for summaries.
 */
#include "range.h"

#define SAMPLES_PER_COLUMN 64 /* from here on summaries are asked for */

struct chart {
	struct query *q;
	const struct window *w;
	struct bucket *b;
	long column;        /* of the snapshot before; -1 before the first piece */
	uint32_t seq;       /* of the snapshot before; 0 none */
	uint32_t epoch;     /* its process; 0 unknown */
	uint32_t good;      /* the last one with a number; 0 none: */
	int64_t good_time;
	uint32_t good_value;
	uint32_t reach_of;  /* the snapshot that `reach` was asked for */
	int64_t reach;
};

static long column(const struct chart *c, int64_t t)
{
	const struct window *w = c->w;

	if (t < w->from)
		return -1;
	if (t >= w->to)
		return t == w->to ? (long)w->cols - 1 : (long)w->cols;
	return (long)((double)(t - w->from) / (double)(w->to - w->from) * (double)w->cols);
}

static void take_value(struct bucket *b, uint32_t min, uint32_t max, uint32_t last)
{
	if (!b->has_value || min < b->min)
		b->min = min;
	if (!b->has_value || max > b->max)
		b->max = max;
	b->last = last;
	b->has_value = true;
}

/* A piece without a number: the one before reaches to its end, or it is a gap. */
static void carry(struct chart *c, struct bucket *b)
{
	if (b->has_value || b->gap)
		return;
	if (c->good && c->reach_of != c->good) {
		c->reach_of = c->good;
		c->reach = query_reach(c->q, c->w->host, c->good);
	}
	if (c->good && b->to - c->good_time <= c->reach)
		take_value(b, c->good_value, c->good_value, c->good_value);
	else
		b->gap = true;
}

/* The pieces from that of the snapshot before up to the one at `until`, without it. */
static void bridge(struct chart *c, long until)
{
	if (!c->seq)
		return;
	for (long i = c->column < 0 ? 0 : c->column; i < until && i < (long)c->w->cols; i++)
		carry(c, &c->b[i]);
}

static void sample(struct chart *c, uint32_t seq, const struct snapshot_header *t)
{
	long i = column(c, t->time);
	bool good = t->status != SNAP_FAILED;

	bridge(c, i);
	if (i >= 0 && i < (long)c->w->cols) {
		struct bucket *b = &c->b[i];

		b->n++;
		b->bad += !good;
		b->epoch |= c->epoch && t->epoch != c->epoch;
		if (good)
			take_value(b, t->goroutines, t->goroutines, t->goroutines);
	}
	c->column = i;
	c->seq = seq;
	c->epoch = t->epoch;
	if (good) {
		c->good = seq;
		c->good_time = t->time;
		c->good_value = t->goroutines;
	}
}

static void summary(struct chart *c, const struct summary *s)
{
	long a = column(c, s->from), z = column(c, s->to);

	bridge(c, a);
	for (long i = a < 0 ? 0 : a; i <= z && i < (long)c->w->cols; i++) {
		c->b[i].n += i == z ? s->n : 1;
		c->b[i].bad += i == z ? s->bad : 0;
		c->b[i].epoch |= i == z && s->epochs && s->first_seq > 1;
		if (s->n > s->bad)
			take_value(&c->b[i], s->min, s->max, s->last);
	}
	c->column = z;
	c->seq = s->first_seq + s->n - 1;
	if (s->n > s->bad) {
		c->good = c->seq;
		c->good_time = s->to;
		c->good_value = s->last;
	}
}

static int summaries(struct chart *c, const struct range *r, struct err *e)
{
	struct chart_range range = {{r->host, r->before, r->to}, c->w->cols};
	struct summary *s;
	struct pool p = {0};
	size_t n = 0;
	int rc = view_begin(c->q, e);

	if (rc < 0)
		return -1;
	rc = store_chart(c->q->view, &range, &p, &s, &n, e);
	for (size_t i = 0; i < n; i++)
		summary(c, &s[i]);
	view_end(c->q);
	pool_release(&p);
	return rc;
}

static void samples(struct chart *c, const struct range *r)
{
	const struct snapshot_header *t;

	for (uint32_t seq = r->before; seq <= r->to; seq++)
		if ((t = range_at(r, seq)))
			sample(c, seq, t);
	t = range_at(r, r->to + 1); /* what lies right of the edge says how to draw up to it */
	if (t)
		bridge(c, column(c, t->time));
}

int query_chart(struct query *q, const struct window *w, struct bucket *out, struct err *e)
{
	struct chart c = {.q = q, .w = w, .b = out};
	struct range r;
	int rc;

	for (size_t i = 0; i < w->cols; i++)
		out[i] = (struct bucket){.from = w->from + (int64_t)((double)(w->to - w->from) * (double)i / (double)w->cols),
					 .to = w->from + (int64_t)((double)(w->to - w->from) * (double)(i + 1) / (double)w->cols)};
	rc = w->to > w->from ? range_of(q, w, &r, e) : 0;
	if (rc != 1)
		return rc;
	if (r.to - r.before + 1 < SAMPLES_PER_COLUMN * w->cols)
		samples(&c, &r);
	else if (summaries(&c, &r, e) < 0)
		return -1;
	for (size_t i = 0; i < w->cols; i++)
		if (out[i].n)
			carry(&c, &out[i]);
	return 0;
}

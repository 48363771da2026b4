/* SPDX-License-Identifier: MIT */
/*
 * Charts: equal pieces of time with the least, the most and the last number of goroutines in each. Few snapshots per piece
 * are remembered here (ticks.c); of many the store is asked for summaries.
 */
#include "room.h"

#define SAMPLES_PER_COLUMN 64 /* from here on summaries are asked for */

struct chart {
	struct bucket *b;
	size_t cols;
	int64_t from, to, patience; /* longer than this without a snapshot is a gap */
	/* the sample before */
	int64_t last_time;
	uint32_t last_value, last_epoch;
	bool last_good;
};

static long column(const struct chart *c, int64_t t)
{
	if (t < c->from)
		return -1;
	if (t >= c->to)
		return t == c->to ? (long)c->cols - 1 : (long)c->cols;
	return (long)((double)(t - c->from) / (double)(c->to - c->from) * (double)c->cols);
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

/* The pieces between the sample before and the one at `until` that no sample falls in. */
static void bridge(struct chart *c, int64_t until)
{
	long a = c->last_time == NO_TIME ? -1 : column(c, c->last_time), z = column(c, until);
	bool gap = !c->last_good || until - c->last_time > c->patience;

	if (c->last_time == NO_TIME)
		return;
	for (long i = a + 1; i < z && i < (long)c->cols; i++) {
		if (c->b[i].n)
			continue;
		if (gap)
			c->b[i].gap = true;
		else
			take_value(&c->b[i], c->last_value, c->last_value, c->last_value);
	}
}

static void sample(struct chart *c, const struct tick *t)
{
	long i = column(c, t->time);
	bool good = t->status != SNAP_FAILED;

	bridge(c, t->time);
	if (i >= 0 && i < (long)c->cols) {
		struct bucket *b = &c->b[i];

		b->n++;
		b->bad += !good;
		b->epoch |= c->last_epoch && t->epoch != c->last_epoch;
		if (good)
			take_value(b, t->goroutines, t->goroutines, t->goroutines);
	}
	c->last_time = t->time;
	c->last_good = good;
	c->last_epoch = t->epoch;
	if (good)
		c->last_value = t->goroutines;
}

static void summary(struct chart *c, const struct summary *s)
{
	long a = column(c, s->from), z = column(c, s->to);

	bridge(c, s->from);
	for (long i = a < 0 ? 0 : a; i <= z && i < (long)c->cols; i++) {
		c->b[i].n += i == z ? s->n : 1;
		c->b[i].bad += i == z ? s->bad : 0;
		c->b[i].epoch |= i == z && s->epochs && s->first_seq > 1;
		if (s->n > s->bad)
			take_value(&c->b[i], s->min, s->max, s->last);
	}
	c->last_time = s->to;
	c->last_good = s->n > s->bad;
	c->last_value = s->last;
}

static int summaries(struct query *q, struct chart *c, uint32_t host, uint32_t a, uint32_t z, struct err *e)
{
	struct chart_range range = {a, z, c->cols};
	struct summary *s;
	struct pool p = {0};
	size_t n = 0;
	int rc = view_begin(q, e);

	if (rc < 0)
		return -1;
	rc = store_chart(q->view, host, &range, &p, &s, &n, e);
	for (size_t i = 0; i < n; i++)
		summary(c, &s[i]);
	view_end(q);
	pool_release(&p);
	return rc;
}

static void samples(struct query *q, struct chart *c, uint32_t host, uint32_t a, uint32_t z)
{
	const struct tick *t;

	for (uint32_t seq = a; seq <= z; seq++)
		if ((t = tick(q, host, seq)))
			sample(c, t);
	t = tick(q, host, z + 1); /* what lies right of the edge says how to draw up to it */
	if (t)
		bridge(c, t->time);
}

int query_chart(struct query *q, uint32_t host, int64_t from, int64_t to, size_t cols, struct bucket *out, struct err *e)
{
	const struct host_row *r = host_row(q, host);
	struct chart c = {.b = out, .cols = cols, .from = from, .to = to, .last_time = NO_TIME};
	uint32_t a, z;

	for (size_t i = 0; i < cols; i++)
		out[i] = (struct bucket){.from = from + (int64_t)((double)(to - from) * (double)i / (double)cols),
					 .to = from + (int64_t)((double)(to - from) * (double)(i + 1) / (double)cols)};
	if (!r || r->last_seq < r->first_seq || to <= from)
		return 0;
	if (seq_at(q, host, from, &a, e) < 0 || seq_at(q, host, to, &z, e) < 0)
		return -1;
	if (a < r->first_seq)
		a = r->first_seq;
	c.patience = query_interval(q, host) * 5 / 2;
	if (z >= a && z - a + 1 >= SAMPLES_PER_COLUMN * cols) {
		if (summaries(q, &c, host, a, z, e) < 0)
			return -1;
	} else {
		samples(q, &c, host, a, z);
	}
	for (size_t i = 0; i < cols; i++)
		out[i].gap |= out[i].n && out[i].n == out[i].bad;
	return 0;
}

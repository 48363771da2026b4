/* SPDX-License-Identifier: MIT */
/*
 * Charts: equal pieces of time with the least, the most and the last number of goroutines in each. Few snapshots per piece
 * are remembered here (snapshots.c); of many the store is asked for summaries.
 */
#include "range.h"
#include <gscrape/filter.h>
#include <math.h>

#define SAMPLES_PER_COLUMN 64 /* from here on summaries are asked for */
#define SLOPE_SAMPLES 16384   /* the same, of a slope: then it is that of the last number in each of some hundred pieces */
#define SLOPE_PIECES 256

struct chart {
	struct query *q;
	const struct window *w;
	struct bucket *b;
	long column;        /* of the snapshot before; -1 before the first piece */
	uint32_t seq;       /* of the snapshot before; 0 none */
	uint32_t epoch;     /* its process; 0 unknown */
	bool grouped;       /* the newest with text is a profile without identities, which have an epoch of their own */
	uint32_t good;      /* the last one with a number; 0 none: */
	uint32_t behind;    /* or one of so many before it: some of a summary's failed */
	int64_t good_time;
	uint32_t good_value;
	bool good_cut;      /* there were at least so many */
	uint32_t reach_of;  /* the snapshot that `reach` was asked for */
	int64_t reach;
};

/* Of no snapshots yet. */
static struct chart_range chart_range_of(const struct window *w)
{
	return (struct chart_range){.from = w->from, .to = w->to, .columns = w->cols};
}

static long column(const struct chart *c, int64_t t)
{
	struct chart_range r = chart_range_of(c->w);

	return (long)chart_column(&r, t);
}

static void take_value(struct bucket *b, uint32_t min, uint32_t max, uint32_t last)
{
	if (b->cut)
		b->has_value = b->cut = false;
	if (!b->has_value || min < b->min)
		b->min = min;
	if (!b->has_value || max > b->max)
		b->max = max;
	b->last = last;
	b->has_value = true;
}

/* Of a summary in which some failed: which of them had the number. */
static void find_good(struct chart *c)
{
	const struct snapshot_header *t = snapshot_header(c->q, c->w->host, c->good);

	for (; c->behind && t && t->status == SNAP_FAILED; c->behind--)
		t = snapshot_header(c->q, c->w->host, --c->good);
	c->good_time = t ? t->time : c->good_time;
	c->behind = 0;
}

static bool reaches(struct chart *c, int64_t t)
{
	if (c->behind)
		find_good(c);
	if (c->good && c->reach_of != c->good) {
		c->reach_of = c->good;
		c->reach = query_reach(c->q, c->w->host, c->good);
	}
	return c->good && t - c->good_time <= c->reach;
}

/* A piece without a number: the one before reaches to its end, or it is a gap. */
static void carry(struct chart *c, struct bucket *b)
{
	if (b->has_value || b->gap)
		return;
	if (reaches(c, b->to)) {
		take_value(b, c->good_value, c->good_value, c->good_value);
		b->cut = c->good_cut;
	} else {
		b->gap = true;
	}
}

/* A cut dump tells that there were so many at least. */
static void take_cut(struct bucket *b, uint32_t at_least)
{
	if (b->has_value && !b->cut)
		return;
	b->cut = false;
	take_value(b, at_least, at_least, at_least);
	b->cut = true;
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
	bool good = t->status != SNAP_FAILED, cut = snap_is_cut((enum snap_status)t->status), text = snap_has_text((enum snap_status)t->status), grouped = text ? t->status == SNAP_GROUPED : c->grouped;

	bridge(c, i);
	if (cut && !c->good_cut && reaches(c, t->time))
		good = false; /* no fall: the whole one before it still tells more */
	if (i >= 0 && i < (long)c->w->cols) {
		struct bucket *b = &c->b[i];

		b->n++;
		b->bad += t->status == SNAP_FAILED;
		b->epoch |= c->epoch && t->epoch != c->epoch && grouped == c->grouped;
		if (good && cut)
			take_cut(b, t->goroutines);
		else if (good)
			take_value(b, t->goroutines, t->goroutines, t->goroutines);
	}
	c->column = i;
	c->seq = seq;
	c->epoch = t->epoch;
	c->grouped = grouped;
	if (good) {
		c->good = seq;
		c->behind = 0;
		c->good_time = t->time;
		c->good_value = t->goroutines;
		c->good_cut = cut;
	}
}

/* A piece is in one column. */
static void summary(void *ctx, const struct summary *s)
{
	struct chart *c = ctx;
	long i = column(c, s->to);

	bridge(c, i);
	if (i >= 0 && i < (long)c->w->cols) {
		c->b[i].n += s->n;
		c->b[i].bad += s->bad;
		c->b[i].epoch |= s->epochs && s->first_seq > 1;
		if (s->n > s->bad)
			take_value(&c->b[i], s->min, s->max, s->last);
	}
	c->column = i;
	c->seq = s->first_seq + s->n - 1;
	if (s->n > s->bad) {
		c->good = c->seq;
		c->behind = s->bad ? s->n - 1 : 0;
		c->good_time = s->to;
		c->good_value = s->last;
		c->good_cut = false;
	}
}

/* Summaries of snapshots from..to of a range, in so many equal pieces of the window's time and more, one after the other. */
static int each_summary(const struct range *r, const struct window *w, uint32_t from, void (*on)(void *ctx, const struct summary *s), void *ctx,
			struct err *e)
{
	struct chart_range range = chart_range_of(w);
	struct summary *s;
	struct pool p = {0};
	size_t n = 0;
	int rc = view_begin(r->q, e);

	if (rc < 0)
		return -1;
	range.in = (struct seq_range){r->host, from, r->to};
	rc = store_chart(r->q->view, &range, &p, &s, &n, e);
	for (size_t i = 0; i < n; i++)
		on(ctx, &s[i]);
	view_end(r->q);
	pool_release(&p);
	return rc;
}

#define BACK 64 /* samples: no number reaches further than 2.5 of them */

/* The last whole dump at or before the window, whose number may reach into it; where there is none near, the last one of any kind. */
static uint32_t last_whole(const struct range *r)
{
	for (uint32_t seq = r->before; seq >= r->first && r->before - seq < BACK; seq--) {
		const struct snapshot_header *t = range_at(r, seq);

		if (t && t->status != SNAP_FAILED && !snap_is_cut((enum snap_status)t->status))
			return seq;
	}
	return r->before;
}

static void samples(struct chart *c, const struct range *r)
{
	const struct snapshot_header *t;

	for (uint32_t seq = last_whole(r); seq <= r->to; seq++)
		if ((t = range_at(r, seq)))
			sample(c, seq, t);
}

/* What lies right of the edge says how to draw up to it. */
static void bridge_to_edge(struct chart *c, const struct range *r)
{
	const struct snapshot_header *t = range_at(r, r->to + 1);

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
	else if (each_summary(&r, w, last_whole(&r), summary, &c, e) < 0)
		return -1;
	bridge_to_edge(&c, &r);
	for (size_t i = 0; i < w->cols; i++)
		if (out[i].n)
			carry(&c, &out[i]);
	return 0;
}

/* A piece that no snapshot with text falls in has what was before, as far as that reaches. */
static void carry_matches(struct bucket *b, const bool *own, size_t n)
{
	bool known = false;
	uint32_t last = 0;

	for (size_t i = 0; i < n; i++) {
		known = own[i] || (known && !b[i].gap);
		if (own[i])
			last = b[i].last;
		else if (known && b[i].has_value)
			b[i].min = b[i].max = b[i].last = last;
		else
			b[i].has_value = false;
	}
}

int query_match_chart(struct query *q, const struct window *w, struct filter *f, struct bucket *out, struct err *e)
{
	struct chart c = {.q = q, .w = w, .b = out};
	struct matches m;
	struct pool p = {0};
	bool *own;
	int rc = query_chart(q, w, out, e);

	if (rc == 0)
		rc = query_matches(q, w, f, &p, &m, e);
	own = pool_alloc(&p, (w->cols + 1) * sizeof *own);
	for (size_t i = 0; rc == 0 && i < m.n; i++) {
		long k = m.count[i] < 0 ? -1 : column(&c, query_seq_time(q, w->host, m.first + (uint32_t)i));

		if (k < 0 || k >= (long)w->cols)
			continue;
		if (!own[k])
			out[k].has_value = false;
		own[k] = true;
		take_value(&out[k], (uint32_t)m.count[i], (uint32_t)m.count[i], (uint32_t)m.count[i]);
	}
	if (rc == 0)
		carry_matches(out, own, w->cols);
	pool_release(&p);
	return rc;
}

/* --- slope --- */

/* Sums for a line of least squares; x in hours from the window's beginning. */
struct line {
	int64_t from;
	double n, x, y, xx, xy;
};

static void put_point(struct line *l, int64_t t, uint32_t goroutines)
{
	double x = (double)(t - l->from) / 3600000.0, y = goroutines;

	l->n++;
	l->x += x;
	l->y += y;
	l->xx += x * x;
	l->xy += x * y;
}

/* A new process begins a new line. */
static void begin_line(struct line *l)
{
	*l = (struct line){.from = l->from};
}

/* The last number in each of some hundred pieces of the window. */
struct pieces {
	struct line *l;
	struct chart_range range;
	int64_t column, time; /* of the number that is the last one so far */
	uint32_t last;
	bool any;
};

static void put_piece(struct pieces *p)
{
	if (p->any)
		put_point(p->l, p->time, p->last);
	p->any = false;
}

static void put_summary(void *ctx, const struct summary *s)
{
	struct pieces *p = ctx;
	int64_t column = chart_column(&p->range, s->to);

	if (column != p->column)
		put_piece(p);
	if (s->epochs) {
		begin_line(p->l);
		p->any = false;
	}
	p->column = column;
	if (s->n > s->bad) {
		p->time = s->to;
		p->last = s->last;
		p->any = true;
	}
}

static int put_summaries(struct line *l, const struct range *r, const struct window *w, struct err *e)
{
	struct window pieces = {w->host, range_at(r, r->from)->time, range_at(r, r->to)->time, SLOPE_PIECES};
	struct pieces p = {.l = l, .range = chart_range_of(&pieces)};
	int rc = each_summary(r, &pieces, r->from, put_summary, &p, e);

	put_piece(&p);
	return rc;
}

static void put_samples(struct line *l, const struct range *r)
{
	uint32_t epoch = 0;
	bool grouped = false;

	for (uint32_t seq = r->from; seq <= r->to; seq++) {
		const struct snapshot_header *t = range_at(r, seq);
		bool is = t && t->status == SNAP_GROUPED;

		if (!t || t->status == SNAP_FAILED || snap_is_cut((enum snap_status)t->status))
			continue;
		if (snap_has_text((enum snap_status)t->status)) { /* to profiles without identities and back is no new process */
			if (epoch && t->epoch != epoch && is == grouped)
				begin_line(l);
			epoch = t->epoch;
			grouped = is;
		}
		put_point(l, t->time, t->goroutines);
	}
}

int query_slope(struct query *q, const struct window *w, double *per_hour, struct err *e)
{
	struct line l = {.from = w->from};
	struct range r;
	double d;
	int rc = range_of(q, w, &r, e);

	*per_hour = NAN;
	if (rc != 1 || r.to < r.from)
		return rc < 0 ? -1 : 0;
	if (r.to - r.from >= SLOPE_SAMPLES && put_summaries(&l, &r, w, e) < 0)
		return -1;
	if (r.to - r.from < SLOPE_SAMPLES)
		put_samples(&l, &r);
	d = l.n * l.xx - l.x * l.x;
	if (l.n >= 2 && d > 0)
		*per_hour = (l.n * l.xy - l.x * l.y) / d;
	return 0;
}

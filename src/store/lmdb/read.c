/* SPDX-License-Identifier: MIT */
/* Hosts, snapshots and their summaries. */
#include "lmdb_store.h"
#include <gscrape/err.h>
#include <stdlib.h>

int host_find(struct lmdb_view *v, uint32_t host, struct pool *p, struct host_state *out, struct err *e)
{
	struct str row;
	int rc = data_get(v, host_key(host), &row);

	if (rc == 1 && host_unpack(row, p, out)) {
		out->row.host = host;
		return 1;
	}
	return rc == 0 ? 0 : fail_as(e, ERR_DAMAGED, "%s: is damaged: the row of host %u", v->base.store->where, host);
}

struct host_list {
	struct pool *p;
	struct host_row *rows;
	size_t n, cap;
};

static int list_host(void *ctx, struct str key, struct str value)
{
	struct host_list *l = ctx;
	struct host_state st;

	if (!host_unpack(value, l->p, &st))
		return -1;
	st.row.host = key_tail(key);
	GROW(l->rows, l->n, l->cap);
	l->rows[l->n++] = st.row;
	return 0;
}

static int by_name(const void *pa, const void *pb)
{
	const struct host_row *a = pa, *b = pb;

	return strcmp(a->name, b->name);
}

int lmdb_hosts(struct store_view *view, struct pool *p, struct host_row **out, size_t *n, struct err *e)
{
	struct host_list l = {.p = p};
	int rc = data_each(view_of(view), key_of(0, 'H'), 5, list_host, &l);

	if (l.n)
		qsort(l.rows, l.n, sizeof *l.rows, by_name);
	*out = pool_alloc(p, (l.n + 1) * sizeof **out);
	if (l.n)
		memcpy(*out, l.rows, l.n * sizeof **out);
	*n = l.n;
	free(l.rows);
	return rc < 0 ? fail_as(e, ERR_DAMAGED, "%s: is damaged: the list of hosts", view->store->where) : 0;
}

/* --- snapshots --- */

struct snapshot_walk {
	struct lmdb_view *v;
	int (*fn)(void *ctx, const struct snapshot *snap);
	void *ctx;
	uint32_t next, to, epoch; /* next: that is to come; epoch: the host's last */
	struct state_count *states;
	size_t cap;
	bool bad;
};

static bool snapshot_fits(const struct snapshot_walk *w, const struct snapshot *s)
{
	if (s->epoch > w->epoch || s->note > w->v->n_strings || s->ordinal > s->seq)
		return false;
	for (uint32_t i = 0; i < s->n_states; i++)
		if (!s->states[i].state || s->states[i].state > w->v->n_strings || s->states[i].n > s->goroutines)
			return false;
	return true;
}

static int each_snapshot(void *ctx, struct str key, struct str value)
{
	struct snapshot_walk *w = ctx;
	struct snapshot snap;
	uint32_t seq = key_tail(key);

	if (seq > w->to)
		return 1;
	if (seq != w->next++ || !snapshot_unpack(value, seq, &snap, &w->states, &w->cap) || !snapshot_fits(w, &snap)) {
		w->bad = true;
		return 1;
	}
	return w->fn(w->ctx, &snap) ? 1 : 0;
}

int snapshots_each(struct lmdb_view *v, struct seq_range r,
		   int (*fn)(void *ctx, const struct snapshot *snap), void *ctx, struct err *e)
{
	struct snapshot_walk w = {.v = v, .fn = fn, .ctx = ctx, .to = r.to};
	struct host_state st;
	int rc = host_find(v, r.host, NULL, &st, e);

	if (rc <= 0 || dict_count(v, e) < 0)
		return rc == 1 ? -1 : rc;
	w.epoch = st.row.epoch;
	w.next = r.from > st.row.first_seq ? r.from : st.row.first_seq;
	rc = data_each(v, key_u32(key_of(r.host, 'S'), w.next), 5, each_snapshot, &w);
	free(w.states);
	if (!rc && w.next <= r.to && w.next <= st.row.last_seq)
		w.bad = true; /* the rest is not there */
	return rc < 0 || w.bad ? damaged(v, "a snapshot", r.host, 0, e) : 0;
}

struct collecting {
	struct pool *p;
	struct snapshot *a;
	size_t n, cap;
};

static int collect(void *ctx, const struct snapshot *s)
{
	struct collecting *c = ctx;
	struct state_count *states = pool_alloc(c->p, (s->n_states + 1) * sizeof *states);

	GROW(c->a, c->n, c->cap);
	if (s->n_states)
		memcpy(states, s->states, s->n_states * sizeof *states);
	c->a[c->n] = *s;
	c->a[c->n].held = (struct str){0}; /* of the row; store_held has it */
	c->a[c->n++].states = states;
	return 0;
}

int lmdb_snapshots(struct store_view *view, struct seq_range r, struct pool *p, struct snapshot **out, size_t *n, struct err *e)
{
	struct collecting c = {.p = p};
	int rc = snapshots_each(view_of(view), r, collect, &c, e);

	*out = pool_alloc(p, (c.n + 1) * sizeof **out);
	if (c.n)
		memcpy(*out, c.a, c.n * sizeof **out);
	*n = c.n;
	free(c.a);
	return rc;
}

/* Time of a snapshot; NO_TIME when it is not kept. */
static int64_t time_of(struct lmdb_view *v, uint32_t host, uint32_t seq)
{
	struct str row;
	const uint8_t *p;

	if (data_get(v, key_u32(key_of(host, 'S'), seq), &row) != 1)
		return NO_TIME;
	p = (const uint8_t *)row.p;
	return get_svarint(&p, p + row.n);
}

int lmdb_seq_at(struct store_view *view, uint32_t host, int64_t t, uint32_t *seq, struct err *e)
{
	struct lmdb_view *v = view_of(view);
	struct host_state st;
	uint32_t lo, hi;
	int rc = host_find(v, host, NULL, &st, e);

	if (rc <= 0)
		return rc;
	lo = st.row.first_seq;
	hi = st.row.last_seq + 1;
	while (lo < hi) { /* the first one behind t */
		uint32_t mid = lo + (hi - lo) / 2;
		int64_t at = time_of(v, host, mid);

		if (at == NO_TIME)
			return damaged(v, "a snapshot", host, 0, e);
		if (at <= t)
			lo = mid + 1;
		else
			hi = mid;
	}
	*seq = lo > st.row.first_seq ? lo - 1 : 0;
	return *seq != 0;
}

/* --- charts: from summaries of 32, 1024 or 32768 snapshots, or from the snapshots themselves --- */

struct summary_walk {
	int (*fn)(void *ctx, const struct summary *sum);
	void *ctx;
	uint32_t to;
	bool bad;
};

static int each_summary(void *ctx, struct str key, struct str value)
{
	struct summary_walk *w = ctx;
	struct summary sum;

	(void)key;
	if (!summary_unpack(value, &sum)) {
		w->bad = true;
		return 1;
	}
	return sum.first_seq > w->to || w->fn(w->ctx, &sum) ? 1 : 0;
}

int summaries_each(struct lmdb_view *v, struct seq_range r, int level,
		   int (*fn)(void *ctx, const struct summary *sum), void *ctx, struct err *e)
{
	struct summary_walk w = {fn, ctx, r.to, false};
	uint32_t first = r.from ? (r.from - 1) / level_size(level) : 0;
	int rc = data_each(v, key_u32(key_u8(key_of(r.host, 'Z'), (uint8_t)level), first), 6, each_summary, &w);

	return rc < 0 || w.bad ? damaged(v, "a summary", r.host, 0, e) : 0;
}

struct charting {
	struct lmdb_view *v;
	const struct chart_range *range;
	struct summary *a;
	size_t n, cap;
	struct seq_range in; /* what is asked for just now, */
	int level;           /* and in which summaries */
	uint32_t epoch;      /* of the snapshot before */
	struct err *e;
};

static int chart_pieces(struct charting *c, struct seq_range in, int level);

static void take_piece(struct charting *c, const struct summary *sum)
{
	GROW(c->a, c->n, c->cap);
	c->a[c->n++] = *sum;
}

/* As it is, or in smaller ones where it is in several columns, or more than is asked for. */
static int take_summary(void *ctx, const struct summary *sum)
{
	struct charting *c = ctx;
	struct seq_range in = c->in, part = {in.host, sum->first_seq, sum->first_seq + sum->n - 1};
	int level = c->level, rc;

	if (part.from >= in.from && part.to <= in.to && chart_column(c->range, sum->from) == chart_column(c->range, sum->to)) {
		take_piece(c, sum);
		return 0;
	}
	part.from = part.from > in.from ? part.from : in.from;
	part.to = part.to < in.to ? part.to : in.to;
	rc = part.from <= part.to ? chart_pieces(c, part, level - 1) : 0;
	c->in = in;
	c->level = level;
	return rc;
}

static int take_snapshot(void *ctx, const struct snapshot *s)
{
	struct charting *c = ctx;
	struct summary one = {0};

	summary_add(&one, s, c->epoch && s->epoch != c->epoch);
	c->epoch = s->epoch;
	if (s->seq >= c->in.from)
		take_piece(c, &one);
	return 0;
}

static int chart_pieces(struct charting *c, struct seq_range in, int level)
{
	c->in = in;
	c->level = level;
	if (level)
		return summaries_each(c->v, in, level, take_summary, c, c->e);
	c->epoch = 0;
	in.from -= in.from > c->range->in.from; /* whose epoch the first one's is held against */
	return snapshots_each(c->v, in, take_snapshot, c, c->e);
}

/* The highest level that still has two summaries or more per column; 0: the snapshots themselves. */
static int level_for(uint32_t n, size_t columns)
{
	int level = 0;

	while (level < LEVELS && n / level_size(level + 1) >= 2 * columns)
		level++;
	return level;
}

int lmdb_chart(struct store_view *view, const struct chart_range *range, struct pool *p, struct summary **out, size_t *n, struct err *e)
{
	struct charting c = {.v = view_of(view), .range = range, .e = e};
	struct seq_range r = range->in;
	int rc = r.from <= r.to ? chart_pieces(&c, r, level_for(r.to - r.from + 1, range->columns)) : 0;

	*out = pool_alloc(p, (c.n + 1) * sizeof **out);
	if (c.n)
		memcpy(*out, c.a, c.n * sizeof **out);
	*n = c.n;
	free(c.a);
	return rc;
}

/* --- liveness --- */

int lmdb_liveness(struct store_view *view, uint32_t host, struct pool *p, struct liveness **out, size_t *n, struct err *e)
{
	const uint8_t *at, *end;
	uint64_t id = 0, count;
	uint32_t base;
	struct str row;
	int rc = data_get(view_of(view), key_of(host, 'P'), &row);

	*out = pool_alloc(p, sizeof **out);
	if (rc <= 0)
		return rc < 0 ? damaged(view_of(view), "the liveness", host, 0, e) : 0;
	at = (const uint8_t *)row.p;
	end = at + row.n;
	base = (uint32_t)get_varint(&at, end);
	count = get_varint(&at, end);
	if (!at || count > row.n)
		return damaged(view_of(view), "the liveness", host, 0, e);
	*out = pool_alloc(p, (count + 1) * sizeof **out);
	for (uint64_t i = 0; i < count; i++) {
		struct liveness *one = &(*out)[i];
		uint64_t moved, step = get_varint(&at, end);

		one->id = id += step;
		moved = get_varint(&at, end);
		one->moved = moved ? base - (uint32_t)((moved - 1) >> 1) : 0;
		one->moved_proof = moved && ((moved - 1) & 1);
		one->minutes = (int32_t)((uint32_t)get_varint(&at, end) - 1);
		if (!at || !step || one->moved > base || one->minutes < -1)
			return damaged(view_of(view), "the liveness", host, 0, e);
	}
	*n = count;
	return 0;
}

int lmdb_memory(struct store_view *view, uint32_t host, struct pool *p, struct str *out, struct err *e)
{
	struct str row;
	int rc = data_get(view_of(view), key_of(host, 'M'), &row);

	if (rc == 1)
		*out = (struct str){pool_strndup(p, row.p, row.n), row.n};
	return rc < 0 ? damaged(view_of(view), "the recorder's memory", host, 0, e) : rc;
}

struct held_row {
	struct pool *p;
	uint32_t *ago;
	struct str *out;
};

static int take_held(void *ctx, const struct snapshot *s)
{
	struct held_row *h = ctx;

	*h->ago = s->held_ago;
	*h->out = (struct str){s->held.n ? pool_strndup(h->p, s->held.p, s->held.n) : NULL, s->held.n};
	return 1;
}

int lmdb_held(struct store_view *view, struct snapshot_key at, struct pool *p, uint32_t *ago, struct str *out, struct err *e)
{
	*ago = 0;
	return snapshots_each(view_of(view), (struct seq_range){at.host, at.seq, at.seq}, take_held, &(struct held_row){p, ago, out}, e) < 0 ? -1 : 0;
}

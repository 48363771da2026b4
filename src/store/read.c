/* SPDX-License-Identifier: MIT */
/* Hosts, snapshots and summaries. */
#include "lmdb_store.h"
#include <gscrape/err.h>
#include <stdlib.h>

/* A read of one call: begin, and end on every way out. */
#define READ(s, e)                                                                                           \
	do {                                                                                                 \
		if (store_read_begin(s, e) < 0)                                                              \
			return -1;                                                                           \
	} while (0)

static uint32_t tail_of(struct str key)
{
	MDB_val k = {key.n, (void *)(uintptr_t)key.p};

	return key_tail(&k, 0);
}

struct host_list {
	struct store *s;
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
	st.row.host = tail_of(key);
	GROW(l->rows, l->n, l->cap);
	l->rows[l->n++] = st.row;
	return 0;
}

int store_hosts(struct store *s, struct pool *p, struct host_row **rows, size_t *n, struct err *e)
{
	struct host_list l = {.s = s, .p = p};
	int rc;

	READ(s, e);
	rc = data_each(s, key_of(0, 'H'), 5, list_host, &l);
	store_read_end(s);
	*rows = pool_alloc(p, (l.n + 1) * sizeof **rows);
	if (l.n)
		memcpy(*rows, l.rows, l.n * sizeof **rows);
	*n = l.n;
	free(l.rows);
	return rc < 0 ? damaged(s, "list", 0, 0, e) : 0;
}

struct snapshot_walk {
	int (*fn)(void *ctx, const struct snapshot *snap);
	void *ctx;
	uint32_t to;
	bool bad;
};

static int each_snapshot(void *ctx, struct str key, struct str value)
{
	struct snapshot_walk *w = ctx;
	struct state_count states[256];
	struct snapshot snap;
	uint32_t seq = tail_of(key);

	if (seq > w->to)
		return 1;
	if (!snapshot_unpack(value, seq, &snap, states, 256)) {
		w->bad = true;
		return 1;
	}
	return w->fn(w->ctx, &snap) ? 1 : 0;
}

int store_snapshots(struct store *s, uint32_t host, uint32_t from, uint32_t to,
		    int (*fn)(void *ctx, const struct snapshot *snap), void *ctx, struct err *e)
{
	struct snapshot_walk w = {fn, ctx, to, false};
	int rc;

	READ(s, e);
	rc = data_each(s, key_u32(key_of(host, 'S'), from), 5, each_snapshot, &w);
	store_read_end(s);
	return rc < 0 || w.bad ? damaged(s, "snapshots", host, from, e) : 0;
}

/* Time of a snapshot; NO_TIME when it is not kept. */
static int64_t time_of(struct store *s, uint32_t host, uint32_t seq)
{
	struct str v;
	const uint8_t *p;

	if (data_get(s, key_u32(key_of(host, 'S'), seq), &v) != 1)
		return NO_TIME;
	p = (const uint8_t *)v.p;
	return get_svarint(&p, p + v.n);
}

int store_seq_at(struct store *s, uint32_t host, int64_t t, uint32_t *seq, struct err *e)
{
	struct host_state st;
	struct pool p = {0};
	uint32_t lo, hi;
	struct str v;

	*seq = 0;
	READ(s, e);
	if (data_get(s, host_key(host), &v) != 1 || !host_unpack(v, &p, &st)) {
		store_read_end(s);
		pool_release(&p);
		return fail(e, "%s: has no host %u", s->path, host);
	}
	pool_release(&p);
	lo = st.row.first_seq;
	hi = st.row.last_seq + 1;
	while (lo < hi) { /* the first one behind t */
		uint32_t mid = lo + (hi - lo) / 2;

		if (time_of(s, host, mid) <= t)
			lo = mid + 1;
		else
			hi = mid;
	}
	*seq = lo > st.row.first_seq ? lo - 1 : 0;
	store_read_end(s);
	return 0;
}

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

int store_summaries(struct store *s, uint32_t host, int level, uint32_t from, uint32_t to,
		    int (*fn)(void *ctx, const struct summary *sum), void *ctx, struct err *e)
{
	struct summary_walk w = {fn, ctx, to, false};
	int rc;

	READ(s, e);
	rc = data_each(s, key_u32(key_u8(key_of(host, 'Z'), (uint8_t)level), from ? (from - 1) / level_size(level) : 0), 6, each_summary, &w);
	store_read_end(s);
	return rc < 0 || w.bad ? damaged(s, "summaries", host, from, e) : 0;
}

int store_pulses(struct store *s, uint32_t host, struct pool *p, struct pulse **out, size_t *n, struct err *e)
{
	const uint8_t *at, *end;
	uint64_t id = 0, count;
	uint32_t base;
	struct str v;
	int rc;

	*n = 0;
	READ(s, e);
	rc = data_get(s, key_of(host, 'P'), &v);
	at = rc == 1 ? (const uint8_t *)v.p : NULL;
	end = rc == 1 ? at + v.n : NULL;
	base = (uint32_t)get_varint(&at, end);
	count = get_varint(&at, end);
	if (at && count > v.n)
		at = NULL;
	*out = pool_alloc(p, (at ? count + 1 : 1) * sizeof **out);
	for (uint64_t i = 0; at && i < count; i++) {
		struct pulse *one = &(*out)[i];
		uint64_t moved;

		one->id = id += get_varint(&at, end);
		moved = get_varint(&at, end);
		one->moved = moved ? base - (uint32_t)((moved - 1) >> 1) : 0;
		one->moved_proof = moved && ((moved - 1) & 1);
		one->minutes = (int32_t)get_varint(&at, end) - 1;
		*n = at ? i + 1 : i;
	}
	store_read_end(s);
	return rc < 0 || (rc == 1 && !at) ? damaged(s, "pulse", host, 0, e) : 0;
}

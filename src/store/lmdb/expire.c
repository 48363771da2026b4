/* SPDX-License-Identifier: MIT */
/*
 * Retention. Snapshots go one by one; a chunk goes when its last snapshot has, since the one after it begins with a
 * keyframe and needs nothing before. Names and stacks go when nobody has used them for a round of sweep.c.
 */
#include "lmdb_store.h"
#include <gscrape/err.h>
#include <stdlib.h>

struct expiry {
	struct lmdb_store *s;
	uint32_t host;
	uint32_t first; /* first snapshot to keep */
	uint32_t failed, with_text, n;
	uint64_t events; /* of the chunks that went */
	int64_t before, first_time;
};

static int old_snapshot(void *ctx, const struct snapshot *snap)
{
	struct expiry *x = ctx;

	if (snap->time >= x->before) {
		x->first_time = snap->time;
		return 1;
	}
	x->first = snap->seq + 1;
	x->failed += snap->status == SNAP_FAILED;
	x->with_text += snap_has_text(snap->status);
	x->n++;
	return 0;
}

static int peak_of(void *ctx, const struct summary *sum)
{
	uint32_t *peak = ctx;

	if (sum->n > sum->bad && sum->max > *peak)
		*peak = sum->max;
	return 0;
}

static int snapshot_peak(void *ctx, const struct snapshot *snap)
{
	uint32_t *peak = ctx;

	if (snap->status != SNAP_FAILED && snap->goroutines > *peak)
		*peak = snap->goroutines;
	return 0;
}

/* The most goroutines from x->first on: snapshots up to where a summary begins, and from there the summaries. */
static int find_peak(struct expiry *x, uint32_t last, uint32_t *peak, struct err *e)
{
	uint32_t whole = (x->first + FAN - 2) / FAN * FAN + 1, to = whole - 1 < last ? whole - 1 : last;

	*peak = 0;
	if (x->first <= to && snapshots_each(&x->s->pen, (struct seq_range){x->host, x->first, to}, snapshot_peak, peak, e) < 0)
		return -1;
	if (whole > last)
		return 0;
	return summaries_each(&x->s->pen, (struct seq_range){x->host, whole, last}, 1, peak_of, peak, e);
}

static int delete_snapshots(struct expiry *x, uint32_t from, struct err *e)
{
	for (uint32_t seq = from; seq < x->first; seq++)
		if (data_del(x->s, key_u32(key_of(x->host, 'S'), seq), e) < 0)
			return -1;
	for (int level = 1; level <= LEVELS; level++) {
		uint32_t size = level_size(level);

		for (uint32_t n = (from - 1) / size; (n + 1) * size < x->first; n++)
			if (data_del(x->s, key_u32(key_u8(key_of(x->host, 'Z'), (uint8_t)level), n), e) < 0)
				return -1;
	}
	return 0;
}

static int delete_chunks(struct expiry *x, struct err *e)
{
	static const char tags[] = "KECD";
	struct pool p = {0};
	struct chunk_row *rows;
	size_t n;
	int rc = chunk_list(&x->s->pen, (struct seq_range){x->host, 0, UINT32_MAX}, &p, &rows, &n, e);

	for (size_t i = 0; i < n && !rc; i++) {
		if (!rows[i].last_seq || rows[i].last_seq >= x->first)
			continue;
		for (const char *tag = tags; *tag && !rc; tag++)
			rc = data_del(x->s, key_u32(key_of(x->host, *tag), rows[i].no), e);
		x->events += rows[i].events;
	}
	pool_release(&p);
	return rc;
}

/* A host with nothing left that nobody records now goes as a whole. */
static int forget_host(struct lmdb_store *s, uint32_t host, struct err *e)
{
	if (data_del_prefix(s, key_u32((struct key){.n = 0}, host), e) < 0)
		return -1;
	return data_del(s, host_key(host), e);
}

static int put_host(struct lmdb_store *s, uint32_t host, const struct host_state *st, struct err *e)
{
	struct buf b = {0};
	int rc;

	host_pack(&b, st);
	rc = data_put(s, host_key(host), b.p, b.n, e);
	buf_release(&b);
	return rc;
}

/* The host's row after x->n snapshots went; kept in memory too when it is being recorded. */
static int update_host(struct expiry *x, struct host_state *st, struct err *e)
{
	struct writer_host *w = writer_find(x->s, x->host);
	struct host_row *r = &st->row;

	r->first_seq = x->first;
	r->first = x->first_time;
	r->failed -= x->failed;
	r->with_text -= x->with_text;
	if (find_peak(x, r->last_seq, &r->peak, e) < 0)
		return -1;
	if (!w && x->first > r->last_seq)
		return forget_host(x->s, x->host, e);
	if (w) /* it is as the row below says: loaded again when its turn comes */
		w->loaded = w->dirty = false;
	return put_host(x->s, x->host, st, e);
}

int64_t lmdb_expire(struct store *store, uint32_t host, int64_t before, struct err *e)
{
	struct lmdb_store *s = lmdb_of(store);
	struct expiry x = {.s = s, .host = host, .before = before, .first_time = NO_TIME};
	struct host_state st;
	struct pool p = {0};
	struct writer_host *w = writer_find(s, host);
	uint32_t from;
	int rc;

	if (writer_begun(s, e) < 0 || (w && w->dirty && writer_save(s, w, e) < 0))
		return -1;
	rc = host_find(&s->pen, host, &p, &st, e);
	if (rc == 1) {
		from = x.first = st.row.first_seq;
		rc = snapshots_each(&s->pen, (struct seq_range){host, from, st.row.last_seq}, old_snapshot, &x, e);
		if (!rc && x.n)
			rc = delete_snapshots(&x, from, e);
		if (!rc && x.n)
			rc = delete_chunks(&x, e);
		if (!rc && x.n)
			rc = update_host(&x, &st, e);
	}
	if (rc >= 0)
		sweep_dropped(s, x.n + x.events);
	pool_release(&p);
	return rc < 0 ? -1 : (int64_t)x.n;
}

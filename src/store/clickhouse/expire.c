/* SPDX-License-Identifier: MIT */
/* What is old: a host's row says from which snapshot on its history is kept. */
#include "ch.h"

static int count_kept(struct ch_store *s, struct ch_row *w, struct err *e)
{
	struct buf sql = {0};
	struct ch_rows r;
	int rc;

	buf_addf(&sql, "SELECT toUInt32(uniqExactIf(seq, status = %d)), toUInt32(uniqExactIf(seq, status <= %d OR status = %d)), "
		       "maxIf(goroutines, status != %d), min(time), argMin(epoch, seq) FROM %s.snapshot WHERE seq >= %u AND", SNAP_FAILED,
		 SNAP_PARTIAL, SNAP_GROUPED, SNAP_FAILED, s->place.database, w->row.first_seq);
	ch_add_where(&sql, w, UINT32_MAX);
	rc = ch_ask(&s->line, &sql, &r, e);
	buf_release(&sql);
	w->row.failed = (uint32_t)ch_get(&r, 4);
	w->row.with_text = (uint32_t)ch_get(&r, 4);
	w->row.peak = (uint32_t)ch_get(&r, 4);
	w->row.first = (int64_t)ch_get(&r, 8);
	w->first_epoch = (uint32_t)ch_get(&r, 4);
	return rc < 0 ? -1 : ch_torn(&s->base, &r, e);
}

static int64_t count_before(struct ch_store *s, const struct ch_row *w, int64_t before, struct err *e)
{
	struct buf sql = {0};
	struct ch_rows r;
	uint64_t n;
	int rc;

	buf_addf(&sql, "SELECT uniqExact(seq) FROM %s.snapshot WHERE seq >= %u AND time < %lld AND", s->place.database, w->row.first_seq,
		 (long long)before);
	ch_add_where(&sql, w, UINT32_MAX);
	rc = ch_ask(&s->line, &sql, &r, e);
	n = ch_get(&r, 8);
	buf_release(&sql);
	return rc < 0 || ch_torn(&s->base, &r, e) < 0 ? -1 : (int64_t)n;
}

int64_t ch_expire(struct store *store, uint32_t host, int64_t before, struct err *e)
{
	struct ch_store *s = ch_of(store);
	struct ch_host *h = ch_host_ready(s, host, e);
	struct ch_row *w;
	int64_t n;

	if (!h || ch_send_rows(s, e) < 0)
		return -1;
	if (s->unsent.n || ch_spool_waits(&s->spool, SPOOL_ROWS)) /* another time: the server is away */
		return 0;
	w = &h->work;
	if (!host_row_snapshots(&w->row) || w->row.first >= before)
		return 0;
	n = count_before(s, w, before, e);
	if (n <= 0)
		return n < 0 && s->line.away ? 0 : n;
	w->row.first_seq += (uint32_t)n;
	h->dirty = true;
	if (host_row_snapshots(&w->row))
		return count_kept(s, w, e) < 0 ? -1 : n;
	w->row.failed = w->row.with_text = w->row.peak = 0;
	w->row.first = NO_TIME;
	w->first_epoch = w->row.epoch;
	w->gone = !h->registered;
	return n;
}

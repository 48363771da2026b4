/* SPDX-License-Identifier: MIT */
/* Hosts and snapshots. A view is the hosts' rows as they were when it was opened. */
#include "ch.h"
#include <gscrape/timefmt.h>
#include <inttypes.h>
#include <stdlib.h>

#define AHEAD 255 /* snapshots whose holdings come with the one that is asked for */
#define DELIVER_MS 5000 /* of what waits */

/*
 * All shards are asked; where one is away a reader asks once more, for what the others have, and so does all that is asked in this view.
 * While a partial view is open no other is more than that: which rows are missing is not told apart.
 */
static int read_view(struct ch_store *s, struct ch_view *v, struct err *e)
{
	s->line.partial &= s->n_views > 0;
	if (ch_read_hosts(s, &v->p, &v->rows, &v->n, e) == 0)
		return 0;
	if (!s->line.shard_away || s->mode == STORE_WRITE)
		return -1;
	s->line.partial = true;
	fail_as(&s->missing, ERR_AWAY, "partial: a shard cannot be reached, and what it keeps is missing here (%s)", s->base.where);
	return ch_read_hosts(s, &v->p, &v->rows, &v->n, e);
}

bool ch_is_partial(struct store_view *v, struct err *why)
{
	const struct ch_store *s = ch_of(v->store);

	if (s->line.partial && why)
		*why = s->missing;
	return s->line.partial;
}

static void index_rows(struct ch_view *v)
{
	for (size_t i = 0; i < v->n; i++)
		if (v->rows[i].row.host >= v->n_place_of)
			v->n_place_of = v->rows[i].row.host + 1;
	v->place_of = pool_alloc(&v->p, (v->n_place_of + 1) * sizeof *v->place_of);
	memset(v->place_of, 0, (v->n_place_of + 1) * sizeof *v->place_of);
	for (size_t i = v->n; i-- > 0;) /* the first of two */
		v->place_of[v->rows[i].row.host] = (uint32_t)i + 1;
}

int ch_view_open(struct store *store, struct store_view **out, struct err *e)
{
	struct ch_store *s = ch_of(store);
	struct ch_view *v;

	if (ch_fits(s, e) < 0 || ch_deliver(s, DELIVER_MS, e)) /* a view has what was committed */
		return -1;
	v = xcalloc(1, sizeof *v);
	v->base.store = store;
	if (read_view(s, v, e) < 0) {
		pool_release(&v->p);
		free(v);
		return -1;
	}
	index_rows(v);
	s->n_views++;
	*out = &v->base;
	return 0;
}

void ch_view_close(struct store_view *view)
{
	ch_ahead_end(ch_view_of(view));
	pool_release(&ch_view_of(view)->holdings.p);
	ch_of(view->store)->n_views--;
	pool_release(&ch_view_of(view)->p);
	free(view);
}

static int by_name(const void *pa, const void *pb)
{
	const struct host_row *a = pa, *b = pb;

	return strcmp(a->name, b->name);
}

int ch_hosts(struct store_view *view, struct pool *p, struct host_row **out, size_t *n, struct err *e)
{
	const struct ch_view *v = ch_view_of(view);

	(void)e;
	*out = pool_alloc(p, (v->n + 1) * sizeof **out);
	for (size_t i = 0; i < v->n; i++) {
		struct host_row r = v->rows[i].row;

		if (v->rows[i].gone)
			continue;
		r.name = pool_strndup(p, r.name, strlen(r.name));
		r.labels = pool_strndup(p, r.labels, strlen(r.labels));
		(*out)[(*n)++] = r;
	}
	if (*n)
		qsort(*out, *n, sizeof **out, by_name);
	return 0;
}

/* A question of one host's rows; the answer is read until the line's next question. */
static int ask_of(struct store_view *v, struct buf *sql, struct ch_rows *r, struct err *e)
{
	int rc = ch_ask(&ch_of(v->store)->line, sql, r, e);

	buf_release(sql);
	return rc;
}

static const char *database(const struct store_view *v)
{
	return ch_of(v->store)->place.database;
}

/* Those of a stretch that were fetched ahead. */
static void give_snapshots(const struct ch_ahead_host *a, struct seq_range range, struct pool *p, struct snapshot **out, size_t *n)
{
	*out = pool_alloc(p, (a->n_snapshots + 1) * sizeof **out);
	for (size_t i = 0; i < a->n_snapshots; i++) {
		struct snapshot snap = a->snapshots[i];
		struct state_count *states;

		if (snap.seq < range.from || snap.seq > range.to)
			continue;
		states = pool_alloc(p, (snap.n_states + 1) * sizeof *states);
		memcpy(states, snap.states, snap.n_states * sizeof *states);
		snap.states = states;
		(*out)[(*n)++] = snap;
	}
}

int ch_snapshots(struct store_view *v, struct seq_range range, struct pool *p, struct snapshot **out, size_t *n, struct err *e)
{
	const struct ch_row *h = ch_row_of(v, range.host);
	const struct ch_ahead_host *ahead;
	struct snapshot *a = NULL;
	struct buf sql = {0};
	struct ch_rows r;
	size_t cap = 0;
	int rc;

	*out = pool_alloc(p, sizeof **out);
	if (!h || range.to < range.from || range.from > h->row.last_seq || range.to < h->row.first_seq)
		return 0;
	ahead = ch_ahead(v, range.host);
	if (ahead && (range.from >= ahead->from || ahead->from == h->row.first_seq)) {
		give_snapshots(ahead, range, p, out, n);
		return 0;
	}
	buf_addf(&sql, "SELECT " CH_SNAPSHOT_COLUMNS " FROM %s.snapshot WHERE seq >= %u AND",
		 database(v), range.from < h->row.first_seq ? h->row.first_seq : range.from);
	ch_add_where(&sql, h, range.to);
	buf_adds(&sql, " ORDER BY seq LIMIT 1 BY seq");
	rc = ask_of(v, &sql, &r, e);
	while (!rc && ch_more(&r)) {
		GROW(a, *n, cap);
		ch_get_snapshot(ch_of(v->store), &r, p, &a[(*n)++]);
	}
	rc = rc < 0 ? -1 : ch_torn(v->store, &r, e);
	*out = pool_alloc(p, (*n + 1) * sizeof **out);
	if (*n)
		memcpy(*out, a, *n * sizeof *a);
	free(a);
	return rc;
}

int ch_seq_at(struct store_view *v, uint32_t host, int64_t t, uint32_t *seq, struct err *e)
{
	const struct ch_row *h = ch_row_of(v, host);
	const struct ch_ahead_host *ahead;
	struct buf sql = {0};
	struct ch_rows r;

	if (!h || !host_row_snapshots(&h->row) || t < h->row.first)
		return 0;
	*seq = h->row.last_seq;
	if (t >= h->row.last)
		return 1;
	ahead = ch_ahead(v, host);
	if (ahead && (ahead->from == h->row.first_seq || (ahead->n_snapshots && ahead->snapshots[0].time <= t))) {
		*seq = 0;
		for (size_t i = 0; i < ahead->n_snapshots && ahead->snapshots[i].time <= t; i++)
			*seq = ahead->snapshots[i].seq;
		return *seq != 0;
	}
	buf_addf(&sql, "SELECT max(seq) FROM %s.snapshot WHERE seq >= %u AND time <= %lld AND", database(v), h->row.first_seq, (long long)t);
	ch_add_where(&sql, h, UINT32_MAX);
	if (ask_of(v, &sql, &r, e) < 0)
		return -1;
	*seq = (uint32_t)ch_get(&r, 4);
	return ch_torn(v->store, &r, e) < 0 ? -1 : *seq != 0;
}

/* Epochs as they stand in a piece: how many, the first and the last. */
struct epochs {
	uint32_t n, first, last;
};

static struct summary get_summary(struct ch_rows *r, struct epochs *ep)
{
	struct summary s = {.first_seq = (uint32_t)ch_get(r, 4)};

	s.from = (int64_t)ch_get(r, 8);
	s.to = (int64_t)ch_get(r, 8);
	s.n = (uint32_t)ch_get(r, 4);
	s.min = (uint32_t)ch_get(r, 4);
	s.max = (uint32_t)ch_get(r, 4);
	s.last = (uint32_t)ch_get(r, 4);
	s.bad = (uint32_t)ch_get(r, 4);
	*ep = (struct epochs){(uint32_t)ch_get(r, 4), (uint32_t)ch_get(r, 4), (uint32_t)ch_get(r, 4)};
	if (s.bad == s.n)
		s.min = UINT32_MAX;
	return s;
}

int ch_chart(struct store_view *v, const struct chart_range *range, struct pool *p, struct summary **out, size_t *n, struct err *e)
{
	const struct ch_row *h = ch_row_of(v, range->in.host);
	uint32_t from = range->in.from, to = range->in.to, each, before = 0;
	size_t most;
	struct buf sql = {0};
	struct ch_rows r;
	int rc;

	*out = pool_alloc(p, sizeof **out);
	if (!h)
		return 0;
	from = from < h->row.first_seq ? h->row.first_seq : from;
	to = to > h->row.last_seq ? h->row.last_seq : to;
	if (to < from)
		return 0;
	each = range->columns ? (uint32_t)((to - from + 1) / (2 * range->columns)) : 1;
	each = each ? each : 1;
	buf_addf(&sql, "SELECT min(seq), min(time), max(time), toUInt32(uniqExact(seq)), minIf(goroutines, status != %d), "
		       "maxIf(goroutines, status != %d), argMaxIf(goroutines, seq, status != %d), toUInt32(uniqExactIf(seq, status = %d)), "
		       "toUInt32(uniqExact(epoch)), min(epoch), max(epoch) FROM %s.snapshot WHERE seq >= %u AND", SNAP_FAILED, SNAP_FAILED,
		 SNAP_FAILED, SNAP_FAILED, database(v), from);
	ch_add_where(&sql, h, to);
	buf_addf(&sql, " GROUP BY intDiv(seq - %u, %u) AS k, if(time < %" PRId64 ", -1, intDiv((time - %" PRId64 ") * %zu, %" PRId64 ")) AS c ORDER BY k, c",
		 from, each, range->from, range->from, range->columns, range->to - range->from);
	rc = ask_of(v, &sql, &r, e);
	most = (to - from) / each + range->columns + 4;
	*out = pool_alloc(p, most * sizeof **out);
	while (!rc && ch_more(&r) && *n < most) {
		struct epochs ep;
		struct summary *s = &(*out)[(*n)++];

		*s = get_summary(&r, &ep);
		s->epochs = ep.n - 1 - (ep.n > 1 && !ep.first) + (before && ep.first != before);
		before = ep.last;
	}
	return rc < 0 ? -1 : ch_torn(v->store, &r, e);
}

/* What the recorder left last: 1, 0 nothing, -1. */
static int get_kept(struct store_view *v, uint32_t host, int what, struct str *out, struct err *e)
{
	const struct ch_row *h = ch_row_of(v, host);
	struct buf sql = {0};
	struct ch_rows r;

	if (!h)
		return 0;
	buf_addf(&sql, "SELECT bytes FROM %s.kept WHERE what = %d AND ver <= %llu AND host = ", database(v), what, (unsigned long long)h->ver);
	ch_add_text(&sql, str_of(h->row.name));
	buf_adds(&sql, " ORDER BY ver DESC LIMIT 1");
	if (ask_of(v, &sql, &r, e) < 0)
		return -1;
	if (!ch_more(&r))
		return 0;
	*out = ch_get_text(&r);
	return ch_torn(v->store, &r, e) < 0 ? -1 : 1;
}

int ch_liveness(struct store_view *v, uint32_t host, struct pool *p, struct liveness **out, size_t *n, struct err *e)
{
	const struct ch_ahead_host *ahead = ch_ahead(v, host);
	const uint8_t *at, *end;
	uint64_t id = 0;
	struct str bytes = {0};
	int rc = ahead && ahead->whole ? ahead->liveness_ver != 0 : get_kept(v, host, 0, &bytes, e);

	if (ahead && ahead->whole)
		bytes = ahead->liveness;

	if (rc != 1)
		return rc;
	at = (const uint8_t *)bytes.p;
	end = at + bytes.n;
	*out = pool_alloc(p, (bytes.n / 3 + 1) * sizeof **out); /* three numbers each */
	while (at && at < end && *n < bytes.n / 3) {
		struct liveness *l = &(*out)[*n];
		uint64_t moved;

		l->id = id += get_varint(&at, end);
		moved = at ? get_varint(&at, end) : 0;
		l->minutes = at ? (int32_t)get_svarint(&at, end) : 0;
		l->moved = (uint32_t)(moved >> 1);
		l->moved_proof = moved & 1;
		++*n;
	}
	return at == end ? 0 : fail_as(e, ERR_DAMAGED, "%s: what is known of the living is damaged", v->store->where);
}

static int read_holdings(struct store_view *v, const struct ch_row *h, struct seq_range in, struct err *e)
{
	struct ch_holdings *l = &ch_view_of(v)->holdings;
	struct buf sql = {0};
	struct ch_rows r;
	size_t cap = 0;

	pool_release(&l->p);
	*l = (struct ch_holdings){.in = {0}};
	buf_addf(&sql, "SELECT seq, ago, bytes FROM %s.holding WHERE seq >= %u AND", database(v), in.from);
	ch_add_where(&sql, h, in.to);
	if (ask_of(v, &sql, &r, e) < 0)
		return -1;
	while (ch_more(&r)) {
		struct ch_holding one = {.seq = (uint32_t)ch_get(&r, 4), .ago = (uint32_t)ch_get(&r, 4)};
		struct str bytes = ch_get_text(&r);

		one.bytes = (struct str){pool_strndup(&l->p, bytes.p, bytes.n), bytes.n};
		l->a = pool_grow(&l->p, l->a, l->n, &cap, sizeof *l->a);
		l->a[l->n++] = one;
	}
	if (ch_torn(v->store, &r, e) < 0)
		return -1;
	l->in = in;
	return 0;
}

int ch_held(struct store_view *v, struct snapshot_key at, struct pool *p, uint32_t *ago, struct str *out, struct err *e)
{
	struct ch_holdings *l = &ch_view_of(v)->holdings;
	const struct ch_row *h = ch_row_of(v, at.host);

	*ago = 0;
	*out = (struct str){0};
	if (!h || at.seq < h->row.first_seq || at.seq > h->row.last_seq)
		return 0;
	if (l->in.host != at.host || at.seq < l->in.from || at.seq > l->in.to) {
		bool next = l->in.host == at.host && at.seq == l->in.to + 1;
		struct seq_range in = {at.host, at.seq, next ? at.seq + AHEAD : at.seq};

		if (read_holdings(v, h, in, e) < 0)
			return -1;
	}
	for (size_t i = 0; i < l->n; i++) {
		const struct ch_holding *one = &l->a[i];

		if (one->seq != at.seq)
			continue;
		*ago = one->ago;
		*out = (struct str){one->bytes.n ? pool_strndup(p, one->bytes.p, one->bytes.n) : NULL, one->bytes.n};
		break;
	}
	return 0;
}

int ch_memory(struct store_view *v, uint32_t host, struct pool *p, struct str *out, struct err *e)
{
	struct str bytes;
	int rc = get_kept(v, host, 1, &bytes, e);

	if (rc == 1)
		*out = (struct str){pool_strndup(p, bytes.p, bytes.n), bytes.n};
	return rc;
}

int ch_end(struct store_view *v, int64_t *time, struct err *e)
{
	struct buf sql = {0};
	struct ch_rows r;

	buf_addf(&sql, "SELECT time FROM %s.session WHERE what = 2 ORDER BY time DESC LIMIT 1", database(v));
	if (ask_of(v, &sql, &r, e) < 0)
		return -1;
	if (ch_more(&r))
		*time = (int64_t)ch_get(&r, 8);
	return ch_torn(v->store, &r, e);
}

/* SPDX-License-Identifier: MIT */
/* What moved between two times: the groups of two snapshots side by side, by key. */
#include "query_internal.h"
#include <gscrape/filter.h>
#include <gscrape/system.h>
#include <stdlib.h>

struct moves {
	struct moved *a;
	size_t n, cap;
};

/* One of the two snapshots: its groups, by key. */
struct side {
	int64_t time;
	uint32_t epoch;
	struct group *groups;
	size_t n;
};

static int by_number(const void *pa, const void *pb)
{
	uint64_t a = *(const uint64_t *)pa, b = *(const uint64_t *)pb;

	return a < b ? -1 : a > b;
}

/* The snapshot with text that reaches `at`, which may be the first one for a time before it. 1, 0 there is none, -1. */
static int diff_look(struct query *q, const struct group_question *ask, bool or_first, struct pool *p, struct side *out,
		     struct err *e)
{
	uint32_t host = ask->at.host, seq;
	const struct host_row *r = host_row(q, host);
	struct alive_list l;

	if (!r || r->last_seq < r->first_seq)
		return 0;
	if (or_first && ask->at.t < r->first)
		seq = next_text_seq(q, host, r->first_seq);
	else if (known_text_seq(q, host, ask->at.t, &seq, e) < 0)
		return -1;
	if (!seq)
		return 0;
	*out = (struct side){.time = snapshot_header(q, host, seq)->time, .epoch = snapshot_header(q, host, seq)->epoch};
	if (alive_at(q, host, seq, p, &l, e) < 0 || filter_alive_at(ask->where, q, (struct snapshot_key){host, seq}, l.a, &l.n, e) < 0)
		return -1;
	out->groups = groups_of(q, l.a, l.n, ask->by, p, &out->n);
	return 1;
}

/* Those of `now` that are not in `was`, oldest first. */
static uint64_t *newcomers(struct pool *p, const struct group *was, const struct group *now, uint32_t *n)
{
	uint64_t *ids = pool_alloc(p, (now->count + 1) * sizeof *ids), *old = NULL;

	if (was) {
		old = xcalloc(was->count + 1, sizeof *old);
		memcpy(old, was->ids, was->count * sizeof *old);
		qsort(old, was->count, sizeof *old, by_number);
	}
	*n = 0;
	for (uint32_t i = 0; i < now->count; i++)
		if (!old || !bsearch(&now->ids[i], old, was->count, sizeof *old, by_number))
			ids[(*n)++] = now->ids[i];
	free(old);
	return ids;
}

static void compare(struct moves *out, struct pool *p, struct moved m, bool restarted)
{
	m.from = m.was ? m.was->count : 0;
	m.to = m.now ? m.now->count : 0;
	m.net = (int64_t)m.to - m.from;
	if (m.now)
		m.ids = newcomers(p, restarted ? NULL : m.was, m.now, &m.born);
	m.gone = m.from - (m.to - m.born);
	if (!m.born && !m.gone)
		return;
	GROW(out->a, out->n, out->cap);
	out->a[out->n++] = m;
}

static int diff_host(struct query *q, const struct diff_question *ask, uint32_t host, struct pool *p, struct moves *out,
		     struct err *e)
{
	struct side a, b;
	size_t i = 0, k = 0;
	int rc = diff_look(q, &(struct group_question){{host, ask->to}, ask->by, ask->where}, false, p, &b, e);

	if (rc == 1)
		rc = diff_look(q, &(struct group_question){{host, ask->from}, ask->by, ask->where}, true, p, &a, e);
	if (rc <= 0)
		return rc;
	while (i < a.n || k < b.n) {
		bool old = i < a.n && (k == b.n || a.groups[i].key <= b.groups[k].key);
		bool new = k < b.n && (i == a.n || b.groups[k].key <= a.groups[i].key);

		if (filter_accepts_count(ask->where, old ? a.groups[i].count : 0) || filter_accepts_count(ask->where, new ? b.groups[k].count : 0))
			compare(out, p, (struct moved){.host = host, .from_time = a.time, .to_time = b.time, .together = ask->together, .hosts = 1,
				.was = old ? &a.groups[i] : NULL, .now = new ? &b.groups[k] : NULL}, a.epoch != b.epoch);
		i += old;
		k += new;
	}
	return 0;
}

static int most_moved(const void *pa, const void *pb, void *q)
{
	const struct moved *a = pa, *b = pb;
	uint64_t x = (uint64_t)llabs(a->net), y = (uint64_t)llabs(b->net);
	int d;

	if (x == y) {
		x = (uint64_t)a->born + a->gone;
		y = (uint64_t)b->born + b->gone;
	}
	if (x != y)
		return x > y ? -1 : 1;
	if (a->host != b->host)
		return query_host_order(q, a->host, b->host);
	d = strcmp(moved_group(a)->name, moved_group(b)->name);
	return d ? d : query_stack_order(q, moved_group(a)->stack, moved_group(b)->stack);
}

static bool is_asked(const struct diff_question *ask, uint32_t host)
{
	for (size_t i = 0; ask->together && i < ask->together->n; i++)
		if (ask->together->hosts[i]->id == host)
			return true;
	return !ask->together && (!ask->host || ask->host == host);
}

static void expect_diff(struct query *q, const struct diff_question *ask)
{
	size_t n = ask->together ? ask->together->n : ask->host ? 0 : q->n_hosts;
	uint32_t *ids = xcalloc(n + 1, sizeof *ids);

	for (size_t i = 0; i < n; i++)
		ids[i] = ask->together ? ask->together->hosts[i]->id : q->rows[i].host;
	expect_events(q, ids, n, ask->from, ask->to);
	free(ids);
}

static int diff_hosts(struct query *q, const struct diff_question *ask, struct pool *p, struct moves *all, struct err *e)
{
	int rc = 0;

	for (size_t i = 0; ask->together && i < ask->together->n && rc == 0; i++)
		rc = diff_host(q, ask, ask->together->hosts[i]->id, p, all, e);
	for (size_t i = 0; !ask->together && i < q->n_hosts && rc == 0; i++)
		if (!ask->host || q->rows[i].host == ask->host)
			rc = diff_host(q, ask, q->rows[i].host, p, all, e);
	return rc;
}

static void most_first(struct query *q, struct moves *m)
{
	if (m->n)
		sort_with(m->a, m->n, sizeof *m->a, most_moved, q);
}

/* Those with one key, of sorted moves, become the first of them. */
static void add_up(struct moves *m)
{
	struct hash places = {0};
	size_t kept = 0;

	for (size_t i = 0; i < m->n; i++) {
		uint64_t key = moved_group(&m->a[i])->key;
		uint32_t at;

		HASH_FIND(&places, hash_u64(key), at, moved_group(&m->a[at])->key == key);
		if (at == HASH_NONE) {
			hash_put(&places, hash_u64(key), (uint32_t)kept);
			m->a[kept++] = m->a[i];
			continue;
		}
		m->a[at].from += m->a[i].from;
		m->a[at].to += m->a[i].to;
		m->a[at].net += m->a[i].net;
		m->a[at].born += m->a[i].born;
		m->a[at].gone += m->a[i].gone;
		m->a[at].hosts++;
	}
	m->n = kept;
	hash_release(&places);
}

int query_diff(struct query *q, const struct diff_question *ask, struct pool *p, struct moved **out, size_t *n, struct err *e)
{
	struct moves all = {0};
	int rc;

	if (view_begin(q, e) < 0)
		return -1;
	expect_diff(q, ask);
	rc = diff_hosts(q, ask, p, &all, e);
	most_first(q, &all);
	if (ask->together) {
		add_up(&all);
		most_first(q, &all);
	}
	view_end(q);
	*out = pool_alloc(p, (all.n + 1) * sizeof **out);
	if (all.n)
		memcpy(*out, all.a, all.n * sizeof **out);
	*n = all.n;
	free(all.a);
	return rc;
}

struct noting {
	const struct zone *zone;
	struct pool *p;
	struct diff_note *a;
	size_t n;
};

static void note_unknown(struct noting *x, const struct host *h, enum diff_end end, const struct known *k)
{
	struct buf b = {0};

	known_sentence(&b, k, x->zone);
	if (k->text.status != SNAP_GROUPED)
		known_odd_sentence(&b, k, x->zone);
	if (b.n)
		x->a[x->n++] = (struct diff_note){h->name, pool_strndup(x->p, b.p, b.n), end};
	buf_release(&b);
}

static int note_host(struct query *q, const struct diff_question *ask, const struct host *h, struct noting *x, struct err *e)
{
	int64_t first = ask->from > h->first ? ask->from : h->first;
	struct known from, to;
	char t[TIME_MAX];

	if (query_known(q, h->id, first, &from, e) < 0 || query_known(q, h->id, ask->to, &to, e) < 0)
		return -1;
	if (h->first != NO_TIME && ask->from != NO_TIME && ask->from >= h->first)
		note_unknown(x, h, DIFF_FROM, &from);
	note_unknown(x, h, DIFF_TO, &to);
	if (from.known && to.known && from.text.seq == to.text.seq)
		x->a[x->n++] = (struct diff_note){h->name, pool_printf(x->p, "nothing to compare: the one snapshot of %s is both ends",
			time_format(t, to.text.time, TIME_TABLE, x->zone)), DIFF_BOTH};
	return 0;
}

int query_diff_notes(struct query *q, const struct diff_question *ask, const struct zone *zone, struct pool *p,
		     struct diff_notes *out, struct err *e)
{
	struct noting x = {.zone = zone, .p = p, .a = pool_alloc(p, (3 * q->n_hosts + 1) * sizeof *x.a)};
	int rc = 0;

	*out = (struct diff_notes){0};
	if (view_begin(q, e) < 0)
		return -1;
	for (size_t i = 0; i < q->n_hosts && rc == 0; i++)
		if (is_asked(ask, q->hosts[i].id))
			rc = note_host(q, ask, &q->hosts[i], &x, e);
	view_end(q);
	*out = (struct diff_notes){x.a, x.n};
	return rc;
}

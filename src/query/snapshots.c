/* SPDX-License-Identifier: MIT */
/* Snapshots: a cache of their times by number, and the questions that go by time. */
#include "range.h"
#include <stdlib.h>

struct host_cache *host_cache(struct query *q, uint32_t host)
{
	REACH(q->cache_of, q->n_cache_of, host);
	if (!q->cache_of[host]) {
		GROW(q->caches, q->n_caches, q->cap_caches);
		q->caches[q->n_caches++] = (struct host_cache){.host = host};
		q->cache_of[host] = (uint32_t)q->n_caches;
	}
	return &q->caches[q->cache_of[host] - 1];
}

const char *keep_host_name(struct query *q, uint32_t host, const char *name)
{
	struct host_cache *c = host_cache(q, host);

	if (!c->name || strcmp(c->name, name) != 0)
		c->name = pool_strndup(&q->names, name, strlen(name));
	return c->name;
}

static void fill(struct block *b, const struct snapshot *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		b->t[s[i].seq % BLOCK] = (struct snapshot_header){s[i].time, s[i].ordinal, s[i].goroutines, s[i].epoch, 0,
								  s[i].took, (uint8_t)s[i].status};
}

static struct block *read_block(struct query *q, struct host_cache *c, uint32_t no, uint32_t last);

/* Which snapshot with text comes before each; of the block before, when this one begins without. */
static void note_texts(struct query *q, struct host_cache *c, uint32_t no, struct block *b)
{
	const struct host_row *r = host_row(q, c->host);
	uint32_t text = 0;

	for (uint32_t i = 0; i < BLOCK; i++) {
		struct snapshot_header *t = &b->t[i];

		if (t->time == NO_TIME)
			continue;
		if (snap_has_text((enum snap_status)t->status))
			text = no * BLOCK + i;
		else if (!text && i == 0 && no * BLOCK > r->first_seq)
			text = read_block(q, c, no - 1, r->last_seq)->t[BLOCK - 1].text;
		t->text = text;
	}
}

/* Those of a block that can be read, where not all can. */
static void read_each(struct query *q, uint32_t host, uint32_t no, struct block *b)
{
	const struct host_row *r = host_row(q, host);
	struct snapshot *s;
	struct pool p = {0};
	struct err unused;
	size_t n;

	for (uint32_t seq = no * BLOCK; seq < (no + 1) * BLOCK; seq++)
		if (seq >= r->first_seq && seq <= r->last_seq && store_snapshots(q->view, (struct seq_range){host, seq, seq}, &p, &s, &n, &unused) == 0)
			fill(b, s, n);
	pool_release(&p);
}

/* One that is lost failed, as far as anybody can tell, right behind the one before it: times rise, and nobody counts from none. */
static void guess_lost(struct query *q, struct host_cache *c, uint32_t no, struct block *b)
{
	const struct host_row *r = host_row(q, c->host);
	struct snapshot_header last = {.time = r->first - 1, .epoch = 1};

	if (no * BLOCK > r->first_seq)
		last = read_block(q, c, no - 1, r->last_seq)->t[BLOCK - 1];
	for (uint32_t i = 0; i < BLOCK; i++) {
		uint32_t seq = no * BLOCK + i;

		if (seq < r->first_seq || seq > r->last_seq)
			continue;
		if (b->t[i].time == NO_TIME)
			b->t[i] = (struct snapshot_header){.time = last.time + 1, .ordinal = last.ordinal, .epoch = last.epoch, .status = SNAP_FAILED};
		last = b->t[i];
	}
	b->lost = true;
}

/*
 * What retention dropped since the rows of hosts were read: a later view does not have it, and here it counts until the next refresh as
 * failed, so that every number between the first and the last has a header. It was the oldest: all before it, which may have been read when
 * it was there still, went with it.
 */
static void stand_in(struct query *q, struct host_cache *c, uint32_t no, struct block *b)
{
	const struct host_row *r = host_row(q, c->host);
	struct snapshot_header dropped = {.time = r->first, .status = SNAP_FAILED};
	bool any = false;

	if (b->t[BLOCK - 1].time == NO_TIME && (no + 1) * BLOCK <= r->last_seq) { /* all of it is gone: the next one knows what it counted up to */
		dropped.epoch = read_block(q, c, no + 1, r->last_seq)->t[0].epoch;
		dropped.ordinal = c->blocks[no + 1]->t[0].ordinal - snap_has_text((enum snap_status)c->blocks[no + 1]->t[0].status);
	}
	for (uint32_t i = BLOCK; i-- > 0;) {
		uint32_t seq = no * BLOCK + i;

		if (b->t[i].time != NO_TIME) {
			dropped.epoch = b->t[i].epoch;
			dropped.ordinal = b->t[i].ordinal - snap_has_text((enum snap_status)b->t[i].status);
		} else if (seq >= r->first_seq && seq <= r->last_seq) {
			b->t[i] = dropped;
			any = true;
		}
	}
	for (uint32_t older = 0; any && older < no; older++)
		for (size_t i = 0; c->blocks[older] && i < BLOCK; i++)
			if (c->blocks[older]->t[i].time != NO_TIME)
				c->blocks[older]->t[i] = dropped;
}

static struct block *known_block(struct query *q, struct block *b)
{
	struct err e;

	if (b->lost) {
		fail_as(&e, ERR_DAMAGED, "%s: is damaged: snapshots are lost (--verify --repair keeps what is sound)", q->path);
		note_fault(q, &e);
	}
	return b;
}

static struct block *read_block(struct query *q, struct host_cache *c, uint32_t no, uint32_t last)
{
	struct snapshot *s = NULL;
	struct pool p = {0};
	struct err e = {0};
	struct block *b;
	size_t n_s = 0;
	int rc = 0;

	REACH(c->blocks, c->n_blocks, no);
	b = c->blocks[no];
	if (b && (b->upto == last || b->upto >= no * BLOCK + BLOCK - 1))
		return known_block(q, b);
	if (!b)
		b = c->blocks[no] = xcalloc(1, sizeof *b);
	b->lost = false;
	for (size_t i = 0; i < BLOCK; i++)
		b->t[i] = (struct snapshot_header){.time = NO_TIME, .status = SNAP_FAILED};
	if (view_begin(q, &e) < 0) {
		note_fault(q, &e);
	} else {
		rc = store_snapshots(q->view, (struct seq_range){c->host, no * BLOCK, no * BLOCK + BLOCK - 1}, &p, &s, &n_s, &e);
		if (rc < 0)
			read_each(q, c->host, no, b);
		fill(b, s, n_s);
		b->upto = last;
		view_end(q);
		pool_release(&p);
	}
	if (rc < 0) {
		note_fault(q, &e);
		guess_lost(q, c, no, b);
	} else {
		stand_in(q, c, no, b);
	}
	note_texts(q, c, no, b);
	return b;
}

const struct snapshot_header *snapshot_header(struct query *q, uint32_t host, uint32_t seq)
{
	const struct host_row *r = host_row(q, host);
	const struct snapshot_header *t;

	if (!r || seq < r->first_seq || seq > r->last_seq)
		return NULL;
	t = &read_block(q, host_cache(q, host), seq / BLOCK, r->last_seq)->t[seq % BLOCK];
	return t->time == NO_TIME ? NULL : t;
}

uint32_t text_seq(struct query *q, uint32_t host, uint32_t seq)
{
	const struct snapshot_header *t = snapshot_header(q, host, seq);

	return t && t->text >= host_row(q, host)->first_seq ? t->text : 0;
}

uint32_t next_text_seq(struct query *q, uint32_t host, uint32_t seq)
{
	const struct snapshot_header *t;

	for (; (t = snapshot_header(q, host, seq)); seq++)
		if (snap_has_text((enum snap_status)t->status))
			return seq;
	return 0;
}

int64_t time_or_first(struct query *q, uint32_t host, uint32_t seq)
{
	const struct snapshot_header *t = snapshot_header(q, host, seq);
	const struct host_row *r = t ? NULL : host_row(q, host);

	if (r && seq < r->first_seq)
		t = snapshot_header(q, host, next_text_seq(q, host, r->first_seq));
	return t ? t->time : NO_TIME;
}

int64_t query_seq_time(struct query *q, uint32_t host, uint32_t seq)
{
	const struct snapshot_header *t = snapshot_header(q, host, seq);

	return t ? t->time : NO_TIME;
}

/* The first snapshot with text that is kept of a process (0: the newest one); NULL: it has none. */
static const struct snapshot_header *first_of_epoch(struct query *q, uint32_t host, uint32_t epoch)
{
	const struct host_row *r = host_row(q, host);
	uint32_t from = r ? r->first_seq : 1, to = r ? r->last_seq + 1 : 0;
	const struct snapshot_header *t;

	if (!r || r->last_seq < r->first_seq)
		return NULL;
	if (!epoch && (t = snapshot_header(q, host, r->last_seq)))
		epoch = t->epoch;
	while (from < to) { /* the first snapshot of the epoch; they never go back */
		uint32_t middle = from + (to - from) / 2;

		t = snapshot_header(q, host, middle);
		if (t && t->epoch < epoch)
			from = middle + 1;
		else
			to = middle;
	}
	while (from <= r->last_seq && (t = snapshot_header(q, host, from)) && t->epoch == epoch && !snap_has_text((enum snap_status)t->status))
		from++;
	t = from <= r->last_seq ? snapshot_header(q, host, from) : NULL;
	return t && t->epoch == epoch ? t : NULL;
}

bool is_first_of_epoch(struct query *q, uint32_t host, uint32_t seq)
{
	const struct snapshot_header *t = snapshot_header(q, host, seq);
	uint32_t ordinal = t ? t->ordinal : 0;

	t = t ? first_of_epoch(q, host, t->epoch) : NULL;
	return t && t->ordinal == ordinal;
}

bool query_is_grouped(struct query *q, uint32_t host, uint32_t epoch)
{
	const struct snapshot_header *t = first_of_epoch(q, host, epoch);

	return t && t->status == SNAP_GROUPED;
}

char query_age_bound(struct query *q, uint32_t host, uint32_t epoch, int64_t born)
{
	const struct snapshot_header *t = first_of_epoch(q, host, epoch);

	if (!t || t->status != SNAP_GROUPED)
		return 0;
	return born <= t->time ? '?' : '<';
}

uint32_t query_samples(struct query *q, uint32_t host, uint32_t from, uint32_t to)
{
	const struct host_row *r = host_row(q, host);
	const struct snapshot_header *a, *b;

	if (r && from < r->first_seq)
		from = r->first_seq;
	if (r && to > r->last_seq)
		to = r->last_seq;
	a = from <= to ? snapshot_header(q, host, from) : NULL;
	if (!a)
		return 0;
	from = a->ordinal - snap_has_text((enum snap_status)a->status); /* before it: the next call may move a */
	b = snapshot_header(q, host, to);
	return b ? b->ordinal - from : 0;
}

/* The header of a snapshot, where it was read already and is sure; else NULL. */
static const struct snapshot_header *header_there(const struct host_cache *c, const struct host_row *r, uint32_t seq)
{
	uint32_t no = seq / BLOCK;
	const struct block *b = no < c->n_blocks ? c->blocks[no] : NULL;

	if (!b || b->lost || (b->upto != r->last_seq && b->upto < no * BLOCK + BLOCK - 1) || b->t[seq % BLOCK].time == NO_TIME)
		return NULL;
	return &b->t[seq % BLOCK];
}

/* The same as store_seq_at of t before the last, of headers that were read already: 1, 0 the store has to be asked. */
static int seq_at_there(struct query *q, const struct host_row *r, int64_t t, uint32_t *seq)
{
	const struct host_cache *c = host_cache(q, r->host);
	uint32_t lo = r->first_seq, hi = r->last_seq; /* the first behind t */

	while (lo < hi) {
		uint32_t middle = lo + (hi - lo) / 2;
		const struct snapshot_header *h = header_there(c, r, middle);

		if (!h)
			return 0;
		if (h->time > t)
			hi = middle;
		else
			lo = middle + 1;
	}
	*seq = lo > r->first_seq ? lo - 1 : 0;
	return 1;
}

int seq_at(struct query *q, uint32_t host, int64_t t, uint32_t *seq, struct err *e)
{
	const struct host_row *r = host_row(q, host);
	int rc;

	*seq = 0;
	if (!r || r->last_seq < r->first_seq)
		return 0;
	if (t >= r->last) {
		*seq = r->last_seq;
		return 0;
	}
	if (seq_at_there(q, r, t, seq))
		return 0;
	if (view_begin(q, e) < 0)
		return -1;
	rc = store_seq_at(q->view, host, t, seq, e);
	view_end(q);
	if (rc < 0)
		return -1;
	if (*seq > r->last_seq)
		*seq = r->last_seq;
	return 0;
}

static struct snapshot snapshot_of(const struct snapshot_header *t, uint32_t seq)
{
	return (struct snapshot){.time = t->time, .seq = seq, .ordinal = t->ordinal, .epoch = t->epoch,
				 .status = (enum snap_status)t->status, .goroutines = t->goroutines, .took = t->took};
}

static int give(struct query *q, uint32_t host, uint32_t seq, struct snapshot *out)
{
	const struct snapshot_header *t = snapshot_header(q, host, seq);

	if (!t)
		return 0;
	*out = snapshot_of(t, seq);
	return 1;
}

size_t query_numbered(struct query *q, uint32_t host, uint32_t from_seq, uint32_t to_seq, struct snapshot *out, size_t max)
{
	const struct host_row *r = host_row(q, host);
	struct host_cache *c = r ? host_cache(q, host) : NULL;
	size_t n = 0;

	if (c && from_seq < r->first_seq)
		from_seq = r->first_seq;
	if (c && to_seq > r->last_seq)
		to_seq = r->last_seq;
	for (uint32_t seq = from_seq; c && n < max && seq && seq <= to_seq; seq++) {
		const struct snapshot_header *t = &read_block(q, c, seq / BLOCK, r->last_seq)->t[seq % BLOCK];

		if (t->time != NO_TIME)
			out[n++] = snapshot_of(t, seq);
	}
	return n;
}

int query_snapshot_at(struct query *q, uint32_t host, int64_t t, struct snapshot *out, struct err *e)
{
	return query_step(q, host, t, 0, out, e);
}

int query_step(struct query *q, uint32_t host, int64_t t, int n, struct snapshot *out, struct err *e)
{
	const struct host_row *r = host_row(q, host);
	uint32_t seq;
	int64_t want;

	if (!r || r->last_seq < r->first_seq)
		return 0;
	if (seq_at(q, host, t, &seq, e) < 0)
		return -1;
	want = (int64_t)seq + n;
	if (want < r->first_seq)
		want = r->first_seq;
	if (want > r->last_seq)
		want = r->last_seq;
	return give(q, host, (uint32_t)want, out);
}

int query_numbers(struct query *q, const struct window *w, struct numbers *out, struct err *e)
{
	struct range r;
	int rc = range_of(q, w, &r, e);

	*out = (struct numbers){w->host, 1, 0};
	if (rc > 0)
		*out = (struct numbers){w->host, r.from, r.to};
	return rc < 0 ? -1 : 0;
}

int query_snapshots_of(struct query *q, struct numbers of, struct pool *p, struct snapshot **out, size_t *n, struct err *e)
{
	int rc;

	*n = 0;
	*out = pool_alloc(p, sizeof **out);
	if (of.to < of.from)
		return 0;
	if (view_begin(q, e) < 0)
		return -1;
	rc = store_snapshots(q->view, (struct seq_range){of.host, of.from, of.to}, p, out, n, e);
	view_end(q);
	return rc;
}

int query_snapshots(struct query *q, const struct window *w, struct pool *p, struct snapshot **out, size_t *n, struct err *e)
{
	struct numbers of;

	*n = 0;
	return query_numbers(q, w, &of, e) < 0 ? -1 : query_snapshots_of(q, of, p, out, n, e);
}

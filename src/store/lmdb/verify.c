/* SPDX-License-Identifier: MIT */
/*
 * Checking a store from end to end: every row decodes, every number it names is there, events follow from one another,
 * keyframes are what the events before them lead to, and the count in each complete snapshot is the number alive then.
 */
#include "lmdb_store.h"
#include <gscrape/err.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

struct check {
	struct lmdb_view *v;
	struct number_set no_stacks, no_strings; /* that went, since nobody used them */
	void (*fn)(void *ctx, const char *sentence);
	void *ctx;
	int64_t faults;
	const struct host_row *host;
		/* of the snapshots */
	uint32_t seq, ordinal, epoch;
	int64_t time;
	uint32_t *counts; /* goroutines by seq - first_seq; UINT32_MAX: not to be compared */
	/* of the chunks */
	struct goroutine_state *alive; /* where the chunk before led to */
	size_t n_alive;
	uint32_t chunk_epoch;
	int32_t *delta;       /* births less ends by seq - first_seq of the chunk */
};

static void fault(struct check *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void fault(struct check *c, const char *fmt, ...)
{
	char text[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	if (c->fn && c->faults < 100)
		c->fn(c->ctx, text);
	c->faults++;
}

static bool has_string(const struct check *c, uint32_t no)
{
	return no && no <= c->v->n_strings && !numbers_have(&c->no_strings, no);
}

static bool has_stack(const struct check *c, uint32_t no)
{
	return no && no <= c->v->n_stacks && !numbers_have(&c->no_stacks, no);
}

static int check_snapshot(void *ctx, const struct snapshot *s)
{
	struct check *c = ctx;
	const char *host = c->host->name;

	if (s->seq != c->seq)
		fault(c, "%s: snapshot %u follows %u", host, s->seq, c->seq - 1);
	if (s->time <= c->time)
		fault(c, "%s: snapshot %u is not later than the one before", host, s->seq);
	if (c->ordinal && s->ordinal != c->ordinal + snap_has_text(s->status))
		fault(c, "%s: snapshot %u is miscounted", host, s->seq);
	if (s->epoch < c->epoch || s->epoch > c->host->epoch)
		fault(c, "%s: snapshot %u is of epoch %u", host, s->seq, s->epoch);
	for (uint32_t i = 0; i < s->n_states; i++)
		if (!has_string(c, s->states[i].state))
			fault(c, "%s: snapshot %u names a state that is not there", host, s->seq);
	c->counts[s->seq - c->host->first_seq] = s->status == SNAP_OK || s->status == SNAP_GROUPED ? s->goroutines : UINT32_MAX;
	c->seq = s->seq + 1;
	c->time = s->time;
	c->ordinal = s->ordinal;
	c->epoch = s->epoch;
	return 0;
}

static bool same_living(const struct goroutine_state *a, const struct goroutine_state *b)
{
	return a->id == b->id && a->parent == b->parent && a->born == b->born && a->run == b->run && a->stack == b->stack &&
	       a->state == b->state && a->labels == b->labels && a->flags == b->flags && a->wait_object == b->wait_object;
}

/* Its stacks and states were an event's, but that one may have gone. */
static void check_names(struct check *c, const struct chunk_row *row, const struct goroutine_state *l, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (!has_stack(c, l[i].stack) || !has_string(c, l[i].state) || (l[i].labels && !has_string(c, l[i].labels))) {
			fault(c, "%s: piece %u: goroutine %llu is where there is no name", c->host->name, row->no, (unsigned long long)l[i].id);
			return;
		}
	}
}

static void check_keyframe(struct check *c, const struct chunk_row *row, const struct goroutine_state *l, size_t n)
{
	if (c->chunk_epoch != row->epoch) {
		if (n && c->chunk_epoch)
			fault(c, "%s: piece %u begins an epoch with goroutines alive", c->host->name, row->no);
		return;
	}
	if (n != c->n_alive) {
		fault(c, "%s: piece %u begins with %zu goroutines, %zu were alive", c->host->name, row->no, n, c->n_alive);
		return;
	}
	for (size_t i = 0; i < n; i++) {
		if (!same_living(&l[i], &c->alive[i])) {
			fault(c, "%s: piece %u begins with another state of goroutine %llu", c->host->name, row->no,
			      (unsigned long long)l[i].id);
			return;
		}
	}
}

static void check_event(struct check *c, const struct chunk_row *row, const struct event *ev, bool *alive, uint32_t last_seq)
{
	bool run = ev->kind == EV_BORN || ev->kind == EV_RUN;

	if (*alive == (ev->kind == EV_BORN))
		fault(c, "%s: piece %u: goroutine %llu is %s", c->host->name, row->no, (unsigned long long)ev->id,
		      *alive ? "born twice" : "changed while it is not there");
	if (ev->seq < row->first_seq || ev->seq > last_seq + 1)
		fault(c, "%s: piece %u: an event of snapshot %u", c->host->name, row->no, ev->seq);
	if (run && (!has_stack(c, ev->stack) || !has_string(c, ev->state) || (ev->labels && !has_string(c, ev->labels))))
		fault(c, "%s: piece %u: an event names what is not there", c->host->name, row->no);
	if (ev->seq >= row->first_seq && ev->seq <= last_seq)
		c->delta[ev->seq - row->first_seq] += (ev->kind == EV_BORN) - (ev->kind == EV_GONE);
	*alive = ev->kind != EV_GONE;
}

static void check_events(struct check *c, const struct chunk_row *row, const struct goroutine_state *l, size_t n_l,
			 const struct event_list *ev, uint32_t last_seq)
{
	bool alive = false;
	size_t i = 0;

	if (row->last_seq && (ev->n ? ev->a[ev->n - 1].id : 0) != row->max_id)
		fault(c, "%s: piece %u: its highest goroutine is not %llu", c->host->name, row->no, (unsigned long long)row->max_id);
	for (size_t k = 0; k < ev->n; k++) {
		if (k == 0 || ev->a[k].id != ev->a[k - 1].id) {
			while (i < n_l && l[i].id < ev->a[k].id)
				i++;
			alive = i < n_l && l[i].id == ev->a[k].id;
		} else if (ev->a[k].seq < ev->a[k - 1].seq) {
			fault(c, "%s: piece %u: events are out of order", c->host->name, row->no);
		}
		check_event(c, row, &ev->a[k], &alive, last_seq);
	}
}

/* The number alive at each snapshot of the chunk against what the snapshot says. */
static void check_counts(struct check *c, const struct chunk_row *row, size_t n_l, uint32_t last_seq)
{
	int64_t n = (int64_t)n_l;

	for (uint32_t seq = row->first_seq; seq <= last_seq; seq++) {
		n += c->delta[seq - row->first_seq];
		if (seq < c->host->first_seq || seq > c->host->last_seq || c->counts[seq - c->host->first_seq] == UINT32_MAX)
			continue;
		if (n != c->counts[seq - c->host->first_seq])
			fault(c, "%s: snapshot %u has %u goroutines, its events lead to %lld", c->host->name, seq,
			      c->counts[seq - c->host->first_seq], (long long)n);
	}
}

static void check_chunk(struct check *c, const struct chunk_row *row)
{
	uint32_t last = row->upto;
	struct event_list ev = {0};
	struct pool p = {0};
	struct keyframe l;
	struct err e;

	if (chunk_living(c->v, c->host->host, row, &p, &l, &e) < 0 || chunk_events(c->v, c->host->host, row, &ev, &e) < 0) {
		fault(c, "%s", e.text);
	} else {
		c->delta = xcalloc((size_t)(last >= row->first_seq ? last - row->first_seq : 0) + 1, sizeof *c->delta);
		check_names(c, row, l.a, l.n);
		check_keyframe(c, row, l.a, l.n);
		check_events(c, row, l.a, l.n, &ev, last);
		check_counts(c, row, l.n, last);
		free(c->delta);
		free(c->alive);
		c->alive = xcalloc(l.n + ev.n + 1, sizeof *c->alive);
		c->n_alive = living_apply(l.a, l.n, ev.a, ev.n, UINT32_MAX, c->alive);
	}
	c->chunk_epoch = row->epoch;
	free(ev.a);
	pool_release(&p);
}

static void check_host(struct check *c, const struct host_row *host)
{
	struct pool p = {0};
	struct chunk_row *rows;
	struct err e;
	size_t n = 0;

	c->host = host;
	c->seq = host->first_seq;
	c->time = INT64_MIN;
	c->ordinal = c->epoch = c->chunk_epoch = 0;
	c->n_alive = 0;
	if (host->last_seq + 1 < host->first_seq || host_row_snapshots(host) > 1u << 30) {
		fault(c, "%s: snapshots %u to %u", host->name, host->first_seq, host->last_seq);
		return;
	}
	c->counts = xcalloc((size_t)host_row_snapshots(host) + 1, sizeof *c->counts);
	if (snapshots_each(c->v, (struct seq_range){host->host, host->first_seq, host->last_seq}, check_snapshot, c, &e) < 0)
		fault(c, "%s", e.text);
	else if (c->seq != host->last_seq + 1)
		fault(c, "%s: snapshots end at %u instead of %u", host->name, c->seq - 1, host->last_seq);
	if (chunk_list(c->v, (struct seq_range){host->host, 0, UINT32_MAX}, &p, &rows, &n, &e) < 0)
		fault(c, "%s", e.text);
	for (size_t i = 0; i < n; i++)
		check_chunk(c, &rows[i]);
	pool_release(&p);
	free(c->counts);
	free(c->alive);
	c->alive = NULL;
}

/* Rows that are not what was written, whether or not anything below reads them. */
static void check_sums(struct check *c, MDB_dbi dbi, const char *table)
{
	const struct env *env = store_of(c->v)->env;
	size_t n = 0, bad = 0;
	struct str value;
	MDB_cursor *cur;
	MDB_val k, v;
	int rc = mdb_cursor_open(c->v->txn, dbi, &cur);

	if (!rc) {
		while ((rc = mdb_cursor_get(cur, &k, &v, MDB_NEXT)) == 0) {
			n++;
			bad += !row_checked(env, k, v, &value);
		}
		mdb_cursor_close(cur);
	}
	if (rc != MDB_NOTFOUND)
		fault(c, "the table of %s cannot be read: %s", table, mdb_strerror(rc));
	if (bad)
		fault(c, "%zu of %zu rows of the table of %s are not what was written: their checksums differ", bad, n, table);
}

static void check_dictionary(struct check *c)
{
	struct store_view *view = &c->v->base;
	struct pool p = {0};
	struct store_stack st;
	struct str text;
	struct err e;

	if (names_dropped(c->v, NAME_STACK, c->v->n_stacks, &c->no_stacks, &e) < 0 || names_dropped(c->v, NAME_STRING, c->v->n_strings, &c->no_strings, &e) < 0)
		fault(c, "%s", e.text);
	for (uint32_t id = 1; id <= c->v->n_strings; id++) {
		if (has_string(c, id) && (lmdb_strings(view, &id, 1, &p, &text, &e) < 0 || !text.n))
			fault(c, "string %u is not there", id);
		if (id % 1024 == 0)
			pool_release(&p);
	}
	for (uint32_t id = 1; id <= c->v->n_stacks; id++) {
		if (has_stack(c, id) && lmdb_stacks(view, &id, 1, &p, &st, &e) < 0)
			fault(c, "stack %u is not there, or names a function that is not there", id);
		if (id % 1024 == 0)
			pool_release(&p);
	}
	pool_release(&p);
}

int64_t lmdb_verify(struct store *store, void (*fn)(void *ctx, const char *sentence), void *ctx, struct err *e)
{
	struct check c = {.fn = fn, .ctx = ctx};
	struct store_view *view;
	struct pool p = {0};
	struct host_row *rows;
	size_t n;
	int rc;

	if (store_view_open(store, &view, e) < 0)
		return -1;
	c.v = view_of(view);
	rc = dict_count(c.v, e);
	if (!rc) {
		check_sums(&c, store_of(c.v)->env->dict, "names");
		check_sums(&c, store_of(c.v)->env->data, "histories");
		check_dictionary(&c);
	}
	if (!rc)
		rc = store_hosts(view, &p, &rows, &n, e);
	for (size_t i = 0; !rc && i < n; i++)
		check_host(&c, &rows[i]);
	store_view_close(view);
	numbers_release(&c.no_stacks);
	numbers_release(&c.no_strings);
	pool_release(&p);
	return rc < 0 ? -1 : c.faults;
}

/* SPDX-License-Identifier: MIT */
/*
 * Who waits for what: those who wait at T, by the address they wait for, and how each of those queues came to be: one walk
 * over the window gives every wait for it, and their beginnings and ends in order give its length at any time. An
 * address means something within one process only. Of a read lock whose RLock is inlined no dump has the address: those queues go by
 * the line that takes the lock, and have no history.
 */
#include "merged.h"
#include "peaks.h"
#include <gscrape/holder.h>
#include <gscrape/insight.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

/* The queue of an object is longer or shorter from snapshot seq on. */
struct queue_change {
	size_t queue;
	uint32_t seq;
	int by;
};

struct watching {
	struct query *q;
	const struct range *r;
	struct filter *where;
	uint32_t last; /* the last snapshot with text; 0: nothing is known of its end */
	struct waiters *a; /* by object; behind those n that have one, by place */
	size_t n, all;
	struct queue_change *changes;
	size_t n_changes, cap;
	uint64_t object;    /* columns are of this one's queue; 0: of all */
	struct peaks peaks; /* how long a queue was, by column; the n-th counter is the n-th queue's, of one object the only one */
};

static bool is_waiting(struct query *q, uint64_t object, uint32_t state, uint32_t stack)
{
	return object && query_family(q, state, stack) != FAM_RUNNING;
}

/* A writer of a sync.RWMutex waits in the Mutex at its beginning: the frame above tells. */
static const char *kind_of(const struct stack *s)
{
	const char *kind = NULL, *next;

	for (uint32_t i = 0; i < s->n && i < DUMP_WAIT_DEPTH; i++) {
		next = dump_wait_kind(str_of(s->frames[i].func));
		if (kind && !next)
			break;
		if (!kind || (next && strcmp(next, "sync.RWMutex") == 0))
			kind = next;
	}
	return kind ? kind : "unknown";
}

static int by_object(const void *pa, const void *pb)
{
	const struct alive *a = pa, *b = pb;

	if (a->wait_object != b->wait_object)
		return a->wait_object < b->wait_object ? -1 : 1;
	return a->id < b->id ? -1 : a->id > b->id;
}

#define COUNTED_LATE 240000 /* ms: the runtime counts whole minutes, from the first collection of garbage that finds it waiting */

char waiters_oldest_bound(const struct waiters *w)
{
	return w->proven != NO_TIME && w->proven - w->oldest <= COUNTED_LATE ? 0 : '<';
}

/* The one of whom the dump's minutes prove the longest wait; NULL: of nobody any. */
static const struct alive *proven_longest(const struct alive *a, size_t n)
{
	const struct alive *most = NULL;

	for (size_t i = 0; i < n; i++)
		if (a[i].minutes > (most ? most->minutes : 0))
			most = &a[i];
	return most;
}

static struct waiters make_queue(struct watching *k, const struct alive *a, size_t n, struct pool *p)
{
	struct query *q = k->q;
	struct waiters w = {.host = k->r->host, .epoch = a->epoch, .object = a->wait_object, .count = (uint32_t)n,
			    .longest_at = NO_TIME, .oldest = NO_TIME, .proven = NO_TIME};
	const struct alive *proof = proven_longest(a, n);
	struct group *states;
	size_t n_states;

	if (proof) {
		w.oldest = w.proven = range_time(k->r, k->last) - (int64_t)proof->minutes * 60000;
		w.oldest_id = proof->id;
	}
	w.sites = groups_of(q, a, n, BY_CREATED, p, &w.n_sites);
	groups_sort(w.sites, w.n_sites);
	states = groups_of(q, a, n, BY_STATE, p, &n_states);
	groups_sort(states, n_states);
	w.state = states[0].name;
	for (size_t i = 0; i < n; i++) {
		const char *kind = kind_of(query_stack(q, a[i].stack));

		if (!w.what || strcmp(kind, "sync.RWMutex") == 0)
			w.what = kind;
	}
	return w;
}

/* The line that takes a read lock whose address is not known; NULL: it waits for none. */
static const struct frame *place_of(struct query *q, const struct alive *a)
{
	const struct stack *s = query_stack(q, a->stack);

	if (a->wait_object || a->family != FAM_LOCK || strcmp(kind_of(s), "sync.RWMutex") != 0)
		return NULL;
	return stack_user_frame(s);
}

static int compare_places(const struct frame *a, const struct frame *b)
{
	if (a->func_id != b->func_id)
		return a->func_id < b->func_id ? -1 : 1;
	return a->line != b->line ? (a->line > b->line) - (a->line < b->line) : (a->file_id > b->file_id) - (a->file_id < b->file_id);
}

struct at_place {
	struct alive a;
	const struct frame *place;
};

static int by_place(const void *pa, const void *pb)
{
	const struct at_place *a = pa, *b = pb;
	int d = compare_places(a->place, b->place);

	return d ? d : (a->a.id > b->a.id) - (a->a.id < b->a.id);
}

static struct waiters make_place(struct watching *k, struct at_place *at, size_t n, struct pool *p)
{
	struct alive *a = pool_alloc(p, n * sizeof *a);
	struct waiters w;

	for (size_t i = 0; i < n; i++)
		a[i] = at[i].a;
	w = make_queue(k, a, n, p);
	w.what = "sync.RWMutex";
	w.place = *at->place;
	w.longest = w.count;
	w.longest_at = range_time(k->r, k->last);
	for (size_t i = 0; i < n; i++) {
		if (a[i].waits != NO_TIME && (!w.oldest_id || a[i].waits < w.oldest)) {
			w.oldest = a[i].waits;
			w.oldest_id = a[i].id;
		}
	}
	return w;
}

/* Behind the queues that have an address: how many there are then. Room for n more is there. */
static size_t find_places(struct watching *k, const struct alive *a, size_t n, struct pool *p)
{
	struct at_place *at = pool_alloc(p, (n + 1) * sizeof *at);
	size_t m = 0, end = k->n;

	for (size_t i = 0; i < n; i++)
		if ((at[m].place = place_of(k->q, &a[i])))
			at[m++].a = a[i];
	if (m)
		qsort(at, m, sizeof *at, by_place);
	for (size_t i = 0, j; i < m; i = j) {
		for (j = i; j < m && compare_places(at[i].place, at[j].place) == 0; j++)
			;
		k->a[end++] = make_place(k, at + i, j - i, p);
	}
	return end;
}

/* Those who wait at the end of the window, in queues, by object. */
static int find_queues(struct watching *k, struct pool *p, struct err *e)
{
	struct alive_list l;
	struct alive *a;
	size_t m = 0;

	if (alive_at(k->q, k->r->host, k->last, p, &l, e) < 0 ||
	    filter_alive_at(k->where, k->q, (struct snapshot_key){k->r->host, k->last}, l.a, &l.n, e) < 0)
		return -1;
	a = pool_alloc(p, (l.n + 1) * sizeof *a);
	for (size_t i = 0; i < l.n; i++)
		if (is_waiting(k->q, l.a[i].wait_object, l.a[i].state_id, l.a[i].stack))
			a[m++] = l.a[i];
	if (m)
		qsort(a, m, sizeof *a, by_object);
	k->a = pool_alloc(p, (l.n + 1) * sizeof *k->a);
	for (size_t i = 0, j; i < m; i = j) {
		for (j = i; j < m && a[j].wait_object == a[i].wait_object; j++)
			;
		k->a[k->n++] = make_queue(k, a + i, j - i, p);
	}
	k->all = find_places(k, l.a, l.n, p);
	return 0;
}

static int compare_object(const void *pkey, const void *pa)
{
	uint64_t key = *(const uint64_t *)pkey, object = ((const struct waiters *)pa)->object;

	return key < object ? -1 : key > object;
}

static struct waiters *queue_of(const struct watching *k, uint64_t object)
{
	return bsearch(&object, k->a, k->n, sizeof *k->a, compare_object);
}

/* The queue that a goroutine is in: its object, or 0. */
static uint64_t waiters_place(const struct watching *k, uint64_t object, uint32_t state, uint32_t stack)
{
	return is_waiting(k->q, object, state, stack) && queue_of(k, object) ? object : 0;
}

static void add_change(struct watching *k, size_t queue, uint32_t seq, int by)
{
	GROW(k->changes, k->n_changes, k->cap);
	k->changes[k->n_changes++] = (struct queue_change){queue, seq, by};
	if (k->peaks.cols && (!k->object || k->a[queue].object == k->object))
		peaks_change(&k->peaks, seq, k->object ? 0 : (uint32_t)queue, by);
}

/* The one with text behind seq: what a scrape that failed does not show goes on. */
static uint32_t next_text(const struct range *r, uint32_t seq)
{
	do
		seq++;
	while (seq <= r->to && range_text(r, seq) != seq);
	return seq;
}

static void waited(struct watching *k, const struct merged *m)
{
	struct waiters *w = queue_of(k, m->place);
	int64_t since = range_time(k->r, m->since);

	add_change(k, (size_t)(w - k->a), m->from, 1);
	add_change(k, (size_t)(w - k->a), next_text(k->r, m->to), -1);
	w->handed_over += m->ended == ENDED_CHANGED || m->ended == ENDED_GONE;
	if (m->ended == ENDED_THERE && (!w->oldest_id || since < w->oldest)) {
		w->oldest = since;
		w->oldest_id = m->id;
	}
}

static int by_queue(const void *pa, const void *pb)
{
	const struct queue_change *a = pa, *b = pb;

	if (a->queue != b->queue)
		return a->queue < b->queue ? -1 : 1;
	return a->seq < b->seq ? -1 : a->seq > b->seq;
}

static void measure(struct watching *k)
{
	long length = 0;

	if (k->n_changes)
		qsort(k->changes, k->n_changes, sizeof *k->changes, by_queue);
	for (size_t i = 0; i < k->n_changes; i++) {
		const struct queue_change *c = &k->changes[i];
		struct waiters *w = &k->a[c->queue];

		if (i && c[-1].queue != c->queue)
			length = 0;
		length += c->by;
		if (i + 1 < k->n_changes && by_queue(c, c + 1) == 0)
			continue; /* more at the same moment */
		if (length > (long)w->longest) {
			w->longest = (uint32_t)length;
			w->longest_at = range_time(k->r, c->seq);
		}
	}
}

static int waiters_most_first(const void *pa, const void *pb)
{
	const struct waiters *a = pa, *b = pb;

	if (a->count != b->count)
		return a->count > b->count ? -1 : 1;
	if (a->oldest != b->oldest)
		return a->oldest < b->oldest ? -1 : 1;
	if (a->object != b->object)
		return a->object < b->object ? -1 : 1;
	return compare_places(&a->place, &b->place);
}

static void watch_columns(struct watching *k, const struct window *w, struct pool *p)
{
	if (!w->cols || w->to <= w->from)
		return;
	peaks_begin(&k->peaks, k->r, w, p);
	for (size_t i = 0; i < (k->object ? 1 : k->n); i++)
		peaks_counter(&k->peaks);
}

static void take_columns(struct watching *k)
{
	if (!k->peaks.cols)
		return;
	peaks_end(&k->peaks);
	for (size_t i = 0; i < k->n; i++)
		if (!k->object || k->a[i].object == k->object)
			k->a[i].over = k->peaks.c[k->object ? 0 : i].alive;
}

static int watch(struct watching *k, struct intervals *it)
{
	uint32_t epoch = range_at(k->r, k->last)->epoch;
	struct merging open = {0};
	const struct interval *v;
	struct merged m;
	int rc;

	while ((rc = intervals_next(it, &v)) == 1) {
		uint64_t here, next = 0;

		if (v->epoch != epoch)
			continue;
		here = waiters_place(k, v->wait_object, v->state, v->stack);
		if (here && v->end)
			next = waiters_place(k, v->next_object, v->next_state, v->next_stack);
		if (merge(&open, v, here, next, &m))
			waited(k, &m);
	}
	merging_release(&open);
	return rc;
}

int query_waiters(struct query *q, const struct waiters_question *ask, struct pool *p, struct waiters **out, size_t *n, struct err *e)
{
	struct interval_question all = {.w = ask->w, .waits = true, .over = true};
	struct watching k = {.q = q, .where = ask->where, .object = ask->object};
	struct intervals *it;
	int rc = intervals_begin(q, &all, &it, e);

	*n = 0;
	*out = pool_alloc(p, sizeof **out);
	if (rc != 1)
		return rc;
	k.r = intervals_range(it);
	rc = known_text_seq(q, ask->w.host, ask->w.to, &k.last, e);
	if (!rc && k.last)
		rc = find_queues(&k, p, e);
	if (!rc && k.n) {
		watch_columns(&k, &ask->w, p);
		rc = watch(&k, it);
	}
	if (!rc && k.n) {
		measure(&k);
		take_columns(&k);
	}
	if (!rc && k.all) {
		qsort(k.a, k.all, sizeof *k.a, waiters_most_first);
		*out = k.a;
		*n = k.all;
	}
	intervals_end(it);
	free(k.changes);
	peaks_release(&k.peaks);
	return rc;
}

int query_held(struct query *q, const struct moment *at, struct pool *p, struct held_lock **out, size_t *n, struct err *e)
{
	struct str bytes;
	uint32_t seq;
	int rc;

	*n = 0;
	*out = NULL;
	if (view_begin(q, e) < 0)
		return -1;
	rc = known_text_seq(q, at->host, at->t, &seq, e);
	if (!rc && seq)
		rc = store_held(q->view, (struct snapshot_key){at->host, seq}, p, &bytes, e);
	view_end(q);
	if (rc == 1 && !held_unpack(bytes, p, out, n))
		rc = fail_as(e, ERR_DAMAGED, "%s: who holds which lock in snapshot %u is damaged", q->path, seq);
	return rc;
}

/* The one lock that is taken in this function and has no queue of its own; NULL: none, or several: *more. */
static const struct held_lock *held_at(const struct waiters *at, const struct waiters *w, size_t n, const struct held_lock *held, size_t n_held, bool *more)
{
	const struct held_lock *found = NULL;

	*more = false;
	for (size_t k = 0; k < n_held; k++) {
		bool listed = false;

		for (size_t i = 0; i < n && !listed; i++)
			listed = w[i].object == held[k].address;
		if (listed || strcmp(held[k].taken_in, at->place.func) != 0)
			continue;
		*more |= found != NULL;
		found = &held[k];
	}
	return *more ? NULL : found;
}

void waiters_held(struct waiters *w, size_t n, const struct held_lock *held, size_t n_held)
{
	for (size_t i = 0; i < n; i++) {
		const struct held_lock *is = NULL;
		bool more = false;

		if (!w[i].object)
			is = held_at(&w[i], w, n, held, n_held, &more);
		for (size_t k = 0; k < n_held && w[i].object && !is; k++)
			is = held[k].address == w[i].object ? &held[k] : NULL;
		w[i].holder = is ? is->holder : 0;
		w[i].holder_why = is ? is->reason : more ? "several locks are taken there" : w[i].holder_why;
		w[i].deadlock = is ? is->deadlock : NULL;
	}
}

const char *waiters_where(const struct waiters *w, char *out, size_t n)
{
	const char *slash = w->place.file ? strrchr(w->place.file, '/') : NULL;

	if (w->object)
		snprintf(out, n, "0x%" PRIx64, w->object);
	else
		snprintf(out, n, "%s:%" PRIu32, slash ? slash + 1 : w->place.file ? w->place.file : "?", w->place.line);
	return out;
}

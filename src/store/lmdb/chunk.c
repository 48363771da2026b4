/* SPDX-License-Identifier: MIT */
/* Chunks as a whole: which there are, their events and keyframes decoded and checked, and events applied to who was alive. */
#include "lmdb_store.h"
#include <gscrape/err.h>
#include <stdlib.h>

/* Where an event goes: order, and where it stands. */
struct event_order {
	uint64_t id;
	uint32_t seq, at;
};

static inline bool in_order(const struct event_order *a, const struct event_order *b)
{
	return a->id < b->id || (a->id == b->id && a->seq <= b->seq);
}

/* Where the run that begins at i ends. */
static size_t run_end(const struct event_order *a, size_t i, size_t n)
{
	for (i++; i < n && in_order(&a[i - 1], &a[i]); i++)
		;
	return i;
}

static void merge_runs(const struct event_order *a, size_t mid, size_t n, struct event_order *out)
{
	size_t i = 0, k = mid;

	while (i < mid && k < n)
		*out++ = in_order(&a[i], &a[k]) ? a[i++] : a[k++];
	memcpy(out, a + i, (mid - i) * sizeof *a);
	memcpy(out + (mid - i), a + k, (n - k) * sizeof *a);
}

/* Events come in runs, a snapshot's or a row's each: these are merged, two and two. Those of one snapshot stay as they are. */
void events_sort(struct event *ev, size_t n)
{
	struct event_order *a, *from, *to;
	struct event *sorted;
	size_t i = 1;

	while (i < n && (ev[i - 1].id < ev[i].id || (ev[i - 1].id == ev[i].id && ev[i - 1].seq <= ev[i].seq)))
		i++;
	if (i >= n)
		return;
	a = from = xrealloc(NULL, 2 * n, sizeof *a);
	to = a + n;
	for (i = 0; i < n; i++)
		from[i] = (struct event_order){ev[i].id, ev[i].seq, (uint32_t)i};
	while (run_end(from, 0, n) < n) {
		struct event_order *was = from;

		for (size_t low = 0, mid, high; low < n; low = high) {
			mid = run_end(from, low, n);
			high = mid < n ? run_end(from, mid, n) : n;
			merge_runs(from + low, mid - low, high - low, to + low);
		}
		from = to;
		to = was;
	}
	sorted = xrealloc(NULL, n, sizeof *sorted);
	for (i = 0; i < n; i++)
		sorted[i] = ev[from[i].at];
	memcpy(ev, sorted, n * sizeof *ev);
	free(sorted);
	free(a);
}

struct listing {
	struct chunk_row *rows;
	size_t n, cap;
	uint32_t from, to, host_last;
};

static int list_row(void *ctx, struct str key, struct str value)
{
	struct listing *l = ctx;
	struct chunk_row row;

	if (!chunk_unpack(value, key_tail(key), &row) || (row.last_seq && row.last_seq + 1 < row.first_seq))
		return -1;
	if (row.last_seq && row.last_seq < l->from)
		return 0;
	if (row.first_seq > l->to)
		return 1;
	row.upto = row.last_seq ? row.last_seq : l->host_last;
	GROW(l->rows, l->n, l->cap);
	l->rows[l->n++] = row;
	return 0;
}

/*
 * The number of a chunk that begins at or before a snapshot, and of which none before it reaches as far: the last such one, where
 * no row is missing among them. 0: none.
 */
static uint32_t chunk_before(struct lmdb_view *v, uint32_t host, uint32_t last, uint32_t seq)
{
	uint32_t low = 1, found = 0;

	while (low && low <= last) {
		uint32_t mid = low + (last - low) / 2;
		struct chunk_row row;
		struct str value;
		int rc = data_get(v, key_u32(key_of(host, 'D'), mid), &value);

		if (rc < 0 || (rc == 1 && !chunk_unpack(value, mid, &row)))
			return 0; /* who goes through them all tells it */
		if (rc == 1 && row.first_seq > seq) {
			last = mid - 1;
			continue;
		}
		found = rc == 1 ? mid : found; /* those that are not kept are the first ones */
		low = mid + 1;
	}
	return found;
}

int chunk_list(struct lmdb_view *v, struct seq_range r, struct pool *p, struct chunk_row **out, size_t *n, struct err *e)
{
	struct listing l = {.from = r.from, .to = r.to};
	struct host_state st;
	uint32_t from;
	int rc = host_find(v, r.host, NULL, &st, e);

	*n = 0;
	*out = NULL;
	if (rc <= 0)
		return rc;
	l.host_last = st.row.last_seq;
	from = r.from > st.row.first_seq ? chunk_before(v, r.host, st.chunk, r.from) : 0;
	rc = data_each(v, key_u32(key_of(r.host, 'D'), from), 5, list_row, &l);
	*out = pool_alloc(p, (l.n + 1) * sizeof **out);
	if (l.n)
		memcpy(*out, l.rows, l.n * sizeof **out);
	*n = l.n;
	free(l.rows);
	return rc < 0 ? damaged(v, "the directory", r.host, 0, e) : 0;
}

/* Append every event of an encoded piece. */
static bool decode_all(struct str bytes, uint32_t base, struct event_list *out)
{
	struct event_list group = {0};
	struct cursor c;
	uint64_t id;

	cursor_open(&c, bytes, base);
	while (events_next(&c, &id, &group)) {
		for (size_t i = 0; i < group.n; i++) {
			GROW(out->a, out->n, out->cap);
			out->a[out->n++] = group.a[i];
		}
	}
	free(group.a);
	return !c.bad;
}

struct decoding {
	struct event_list *out;
	uint32_t base;
};

static int decode_row(void *ctx, struct str key, struct str value)
{
	struct decoding *d = ctx;

	(void)key;
	return decode_all(value, d->base, d->out) ? 0 : -2;
}

int chunk_events(struct lmdb_view *v, uint32_t host, const struct chunk_row *c, struct event_list *out, struct err *e)
{
	struct decoding d = {out, c->first_seq};
	struct piece piece;
	int rc;

	out->n = 0;
	if (c->last_seq) {
		bool ok = piece_get(v, host, c->no, 'E', &piece) == 1 && decode_all(piece.bytes, c->first_seq, out);

		piece_release(&piece);
		return ok ? 0 : damaged(v, "events", host, c->no, e);
	}
	rc = data_each(v, key_u32(key_of(host, 'L'), c->no), 9, decode_row, &d);
	if (rc < 0)
		return damaged(v, "events", host, c->no, e);
	events_sort(out->a, out->n);
	return 0;
}

struct open_events *open_get(struct lmdb_view *v, uint32_t host, const struct chunk_row *c, struct err *e)
{
	struct open_events *slot = &store_of(v)->open_events[host % OPEN_EVENTS], *o = slot;
	bool sure = v != &store_of(v)->pen; /* a batch may come to nothing */
	struct event_list ev = {0};

	if (sure && o->host == host && o->chunk == c->no && o->upto == c->upto) {
		o->held++;
		return o;
	}
	if (chunk_events(v, host, c, &ev, e) < 0) {
		free(ev.a);
		return NULL;
	}
	if (!sure || slot->held)
		o = xcalloc(1, sizeof *o);
	free(o->ev.a);
	*o = (struct open_events){host, c->no, c->upto, 1, o == slot, ev};
	return o;
}

void open_release(struct open_events *o)
{
	if (!o)
		return;
	o->held--;
	if (!o->kept) {
		free(o->ev.a);
		free(o);
	}
}

int chunk_living(struct lmdb_view *v, uint32_t host, const struct chunk_row *c, struct pool *p, struct keyframe *out, struct err *e)
{
	struct piece piece;
	struct cursor cur;
	size_t cap;

	if (piece_get(v, host, c->no, 'K', &piece) <= 0)
		return damaged(v, "the keyframe", host, c->no, e);
	cursor_open(&cur, piece.bytes, c->first_seq);
	cap = cur.n_groups > piece.bytes.n ? piece.bytes.n : cur.n_groups; /* a group has several bytes */
	out->a = pool_alloc(p, (cap + 1) * sizeof *out->a);
	for (out->n = 0; out->n < cap && living_next(&cur, &out->a[out->n]); out->n++)
		;
	piece_release(&piece);
	return cur.bad ? damaged(v, "the keyframe", host, c->no, e) : 0;
}

/* --- what the bytes may say --- */

int bounds_of(struct lmdb_view *v, const struct chunk_row *c, struct bounds *out, struct err *e)
{
	if (dict_count(v, e) < 0)
		return -1;
	*out = (struct bounds){c->first_seq, c->upto, v->n_strings, v->n_stacks};
	return 0;
}

static bool run_fits(const struct bounds *b, uint32_t stack, uint32_t state, uint32_t labels)
{
	return stack && stack <= b->stacks && state && state <= b->strings && labels <= b->strings;
}

bool living_fits(const struct bounds *b, const struct goroutine_state *l)
{
	return l->id && l->born && l->born <= l->run && l->run < b->first && run_fits(b, l->stack, l->state, l->labels);
}

bool events_fit(const struct bounds *b, bool alive, const struct event *ev, size_t n)
{
	uint32_t before = b->first;

	for (size_t i = 0; i < n; i++) {
		const struct event *e = &ev[i];

		/* What ends with the process ends after its last snapshot. */
		if (e->seq < before || e->seq - b->first > b->upto - b->first + 1 || alive == (e->kind == EV_BORN))
			return false;
		if (e->kind <= EV_RUN && !run_fits(b, e->stack, e->state, e->labels))
			return false;
		if (e->moved > e->seq || e->minutes < -1)
			return false;
		before = e->seq;
		alive = e->kind != EV_GONE;
	}
	return true;
}

bool chunk_fits(const struct bounds *b, const struct goroutine_state *l, size_t n_l, const struct event *ev, size_t n_ev)
{
	size_t i = 0, k = 0;
	uint64_t last = 0;

	while (i < n_l || k < n_ev) {
		uint64_t id = i < n_l && (k == n_ev || l[i].id <= ev[k].id) ? l[i].id : ev[k].id;
		bool had = i < n_l && l[i].id == id;
		size_t from = k;

		if (id <= last || (had && !living_fits(b, &l[i])))
			return false;
		while (k < n_ev && ev[k].id == id)
			k++;
		if (k > from && !events_fit(b, had, ev + from, k - from))
			return false;
		i += had;
		last = id;
	}
	return true;
}

/* --- time --- */

bool living_after(struct goroutine_state *l, const struct event *e)
{
	switch (e->kind) {
	case EV_BORN:
		*l = (struct goroutine_state){.id = e->id, .parent = e->parent, .born = e->seq};
		/* fall through */
	case EV_RUN:
		l->run = e->seq;
		l->stack = e->stack;
		l->state = e->state;
		l->labels = e->labels;
		l->flags = e->flags;
		/* fall through */
	case EV_WAIT:
		l->wait_object = e->wait_object;
		return true;
	case EV_GONE:
		return false;
	}
	return false;
}

size_t living_apply(const struct goroutine_state *l, size_t n_l, const struct event *ev, size_t n_ev, uint32_t upto,
		    struct goroutine_state *out)
{
	size_t i = 0, k = 0, n = 0;

	while (i < n_l || k < n_ev) {
		struct goroutine_state now = {0};
		bool alive = false;
		uint64_t id;

		if (k == n_ev || (i < n_l && l[i].id < ev[k].id)) {
			out[n++] = l[i++];
			continue;
		}
		id = ev[k].id;
		if (i < n_l && l[i].id == id) {
			now = l[i++];
			alive = true;
		}
		for (; k < n_ev && ev[k].id == id; k++)
			if (ev[k].seq <= upto)
				alive = living_after(&now, &ev[k]);
		if (alive)
			out[n++] = now;
	}
	return n;
}

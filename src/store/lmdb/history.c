/* SPDX-License-Identifier: MIT */
/* Goroutines: one's history, who is alive, and a parent's children. */
#include "lmdb_store.h"
#include <gscrape/err.h>
#include <stdlib.h>

static void keep_events(struct pool *p, struct goroutine_history *t, const struct event_list *ev)
{
	struct event *all = pool_alloc(p, (t->n + ev->n + 1) * sizeof *all);

	if (t->n)
		memcpy(all, t->events, t->n * sizeof *all);
	if (ev->n)
		memcpy(all + t->n, ev->a, ev->n * sizeof *all);
	t->events = all;
	t->n += ev->n;
}

struct finding {
	uint64_t id;
	uint32_t base;
	struct event_list *ev;
	bool bad;
};

static int find_in_row(void *ctx, struct str key, struct str value)
{
	struct finding *f = ctx;
	struct cursor c;

	(void)key;
	cursor_open(&c, value, f->base);
	events_find(&c, f->id, f->ev);
	f->bad |= c.bad;
	return 0;
}

/* One goroutine in a chunk: 1 when it is in the keyframe; its events there are appended to ev. */
static int find_in(struct lmdb_view *v, const struct goroutine_key *who, const struct chunk_row *c, struct goroutine_state *start,
		   struct event_list *ev, struct err *e)
{
	uint32_t host = who->host;
	struct finding f = {.id = who->id, .base = c->first_seq, .ev = ev};
	size_t before = ev->n;
	struct bounds b;
	struct cursor cur;
	struct piece piece;
	bool found;

	if (bounds_of(v, c, &b, e) < 0)
		return -1;
	if (piece_get(v, host, c->no, 'K', &piece) != 1)
		return damaged(v, "the keyframe", host, c->no, e);
	cursor_open(&cur, piece.bytes, c->first_seq);
	found = living_find(&cur, who->id, start);
	piece_release(&piece);
	if (cur.bad || (found && !living_fits(&b, start)))
		return damaged(v, "the keyframe", host, c->no, e);
	if (c->last_seq) {
		if (piece_get(v, host, c->no, 'E', &piece) != 1)
			return damaged(v, "events", host, c->no, e);
		find_in_row(&f, (struct str){0}, piece.bytes);
		piece_release(&piece);
	} else if (data_each(v, key_u32(key_of(host, 'L'), c->no), 9, find_in_row, &f) < 0) {
		f.bad = true;
	}
	if (f.bad || (ev->n > before && !events_fit(&b, found, ev->a + before, ev->n - before)))
		return damaged(v, "events", host, c->no, e);
	return found;
}

/*
 * Where nothing of a goroutine needs to be looked for: it has no event in a closed chunk whose highest id is below its own, and
 * who is in a keyframe was in the chunk before, but for the first of an epoch that is kept.
 */
static bool is_before(const struct chunk_row *rows, size_t i, uint64_t id)
{
	return i && rows[i - 1].epoch == rows[i].epoch && rows[i].last_seq && rows[i].max_id < id;
}

/* A chunk may begin before the first kept snapshot: what was so early is applied to `start`. Is anything left? */
static bool trim(const struct chunk_row *c, uint32_t first, struct goroutine_state *start, bool *had, struct event_list *ev)
{
	struct goroutine_state now[2];
	size_t early = 0;

	while (c->first_seq < first && early < ev->n && ev->a[early].seq < first)
		early++;
	if (early) {
		*had = living_apply(start, *had, ev->a, early, UINT32_MAX, now) != 0;
		*start = now[0];
		ev->n -= early;
		memmove(ev->a, ev->a + early, ev->n * sizeof *ev->a);
	}
	return *had || ev->n;
}

int lmdb_history(struct store_view *view, const struct goroutine_key *who, struct pool *p, struct goroutine_history *out, struct err *e)
{
	struct lmdb_view *v = view_of(view);
	struct event_list ev = {0};
	struct goroutine_state start;
	struct chunk_row *rows;
	struct host_state st;
	bool known = false;
	size_t n;
	int rc = host_find(v, who->host, NULL, &st, e);

	out->epoch = who->epoch;
	if (rc != 1 || (rc = chunk_list(v, (struct seq_range){who->host, 0, UINT32_MAX}, p, &rows, &n, e)) < 0)
		return rc;
	for (size_t i = 0; i < n && rc >= 0; i++) {
		if (rows[i].epoch != who->epoch || (!known && is_before(rows, i, who->id)))
			continue;
		rc = find_in(v, who, &rows[i], &start, &ev, e);
		if (rc >= 0 && !known) {
			bool had = rc == 1;

			known = trim(&rows[i], st.row.first_seq, &start, &had, &ev);
			if (had)
				out->start = start;
		}
		if (rc >= 0 && ev.n && ev.a[ev.n - 1].kind == EV_GONE)
			break; /* ids are not given twice in a process */
	}
	if (rc >= 0)
		keep_events(p, out, &ev);
	free(ev.a);
	return rc < 0 ? -1 : known;
}

int lmdb_epochs_of(struct store_view *view, const struct goroutine_key *who, struct pool *p, uint32_t **out, size_t *n, struct err *e)
{
	struct lmdb_view *v = view_of(view);
	struct event_list ev = {0};
	struct goroutine_state start;
	struct chunk_row *rows;
	struct host_state st;
	size_t n_rows;
	int rc = host_find(v, who->host, NULL, &st, e);

	if (rc != 1 || (rc = chunk_list(v, (struct seq_range){who->host, 0, UINT32_MAX}, p, &rows, &n_rows, e)) < 0)
		return rc;
	*out = pool_alloc(p, (n_rows + 1) * sizeof **out);
	for (size_t i = n_rows; rc >= 0 && i-- > 0;) {
		bool had;

		if ((*n && (*out)[*n - 1] == rows[i].epoch) || is_before(rows, i, who->id))
			continue;
		ev.n = 0;
		rc = find_in(v, who, &rows[i], &start, &ev, e);
		had = rc == 1;
		if (rc >= 0 && trim(&rows[i], st.row.first_seq, &start, &had, &ev))
			(*out)[(*n)++] = rows[i].epoch;
	}
	free(ev.a);
	return rc < 0 ? -1 : 0;
}

/* The chunk that holds snapshot seq: the last one that begins at or before it. */
static const struct chunk_row *chunk_at(const struct chunk_row *rows, size_t n, uint32_t seq)
{
	while (n--)
		if (rows[n].first_seq <= seq)
			return &rows[n];
	return NULL;
}

int lmdb_alive(struct store_view *view, struct snapshot_key at, struct pool *p, struct goroutine_state **out, size_t *n,
	       struct err *e)
{
	const struct chunk_row *c;
	struct chunk_row *rows;
	struct goroutine_state *all = NULL;
	struct walk_step step;
	struct store_walk *w;
	size_t n_rows, cap = 0;
	int rc;

	if (chunk_list(view_of(view), (struct seq_range){at.host, at.seq, at.seq}, p, &rows, &n_rows, e) < 0)
		return -1;
	c = chunk_at(rows, n_rows, at.seq);
	if (!c && chunk_list(view_of(view), (struct seq_range){at.host, 0, at.seq}, p, &rows, &n_rows, e) < 0)
		return -1;
	c = c ? c : chunk_at(rows, n_rows, at.seq);
	if (!c)
		return 0;
	w = lmdb_walk_chunk(view, at.host, c);
	while ((rc = lmdb_walk_next(w, &step, e)) == 1) {
		struct goroutine_state *now;
		bool alive = step.start != NULL;

		GROW(all, *n, cap);
		now = &all[*n];
		if (alive)
			*now = *step.start;
		for (size_t i = 0; i < step.n && step.events[i].seq <= at.seq; i++)
			alive = living_after(now, &step.events[i]);
		*n += alive;
	}
	lmdb_walk_end(w);
	*out = pool_alloc(p, (*n + 1) * sizeof **out);
	if (*n)
		memcpy(*out, all, *n * sizeof **out);
	free(all);
	return rc;
}

/* --- children --- */

struct children {
	struct goroutine_child *a;
	size_t n, cap;
};

static void add_child(struct children *b, struct goroutine_child c)
{
	GROW(b->a, b->n, b->cap);
	b->a[b->n++] = c;
}

static bool ended_fits(const struct bounds *b, const struct ended *one)
{
	return one->born && one->born <= one->gone && one->gone >= b->first && one->gone - b->first <= b->upto - b->first + 1 &&
	       one->stack && one->stack <= b->stacks;
}

static int ended_children(struct lmdb_view *v, uint32_t host, const struct chunk_row *c, uint64_t parent, struct children *b, struct err *e)
{
	struct cursor cur;
	struct bounds fit;
	struct ended one;
	struct piece piece;
	size_t n;
	bool ok = true;

	if (bounds_of(v, c, &fit, e) < 0)
		return -1;
	if (piece_get(v, host, c->no, 'C', &piece) != 1)
		return damaged(v, "the list of children", host, c->no, e);
	cursor_open(&cur, piece.bytes, c->first_seq);
	if (ended_find(&cur, parent, &n)) {
		for (size_t i = 0; i < n && ok && ended_next(&cur, &one); i++) {
			ok = ended_fits(&fit, &one);
			add_child(b, (struct goroutine_child){one.id, one.born, one.gone, one.stack});
		}
	}
	piece_release(&piece);
	return cur.bad || !ok ? damaged(v, "the list of children", host, c->no, e) : 0;
}

static int child_by_id(const void *pa, const void *pb)
{
	const struct goroutine_child *a = pa, *b = pb;

	return a->id < b->id ? -1 : a->id > b->id;
}

static void mark_gone(struct children *b, const struct event_list *ev)
{
	qsort(b->a, b->n, sizeof *b->a, child_by_id);
	for (size_t i = 0, k = 0; i < ev->n && k < b->n; i++) {
		while (k < b->n && b->a[k].id < ev->a[i].id)
			k++;
		if (k < b->n && b->a[k].id == ev->a[i].id && ev->a[i].kind == EV_GONE && !b->a[k].gone)
			b->a[k].gone = ev->a[i].seq;
	}
}

/* The open chunk has no list of who ended: its keyframe and events are gone through once. */
static int open_children(struct lmdb_view *v, uint32_t host, const struct chunk_row *c, uint64_t parent, struct children *b, struct err *e)
{
	struct open_events *open = NULL;
	struct goroutine_state l;
	struct bounds fit;
	struct cursor cur;
	struct piece piece;
	bool bad = false;

	if (bounds_of(v, c, &fit, e) < 0)
		return -1;
	if (piece_get(v, host, c->no, 'K', &piece) != 1)
		return damaged(v, "the keyframe", host, c->no, e);
	cursor_open(&cur, piece.bytes, c->first_seq);
	while (living_next(&cur, &l) && !bad) {
		if (l.parent != parent)
			continue;
		bad = !living_fits(&fit, &l);
		add_child(b, (struct goroutine_child){l.id, l.born, 0, l.stack});
	}
	piece_release(&piece);
	if (cur.bad || bad)
		return damaged(v, "the keyframe", host, c->no, e);
	open = open_get(v, host, c, e);
	if (!open)
		return -1;
	for (size_t i = 0; i < open->ev.n && !bad; i++) {
		const struct event *ev = &open->ev.a[i];

		bad = !events_fit(&fit, ev->kind != EV_BORN, ev, 1);
		if (ev->kind == EV_BORN && ev->parent == parent)
			add_child(b, (struct goroutine_child){ev->id, ev->seq, 0, ev->stack});
	}
	if (b->n)
		mark_gone(b, &open->ev);
	open_release(open);
	return bad ? damaged(v, "events", host, c->no, e) : 0;
}

int lmdb_children(struct store_view *view, const struct goroutine_key *who, struct pool *p, struct goroutine_child **out, size_t *n,
		  struct err *e)
{
	struct lmdb_view *v = view_of(view);
	struct children b = {0};
	struct chunk_row *rows;
	struct host_state st;
	size_t n_rows;
	int rc = host_find(v, who->host, NULL, &st, e);

	if (rc != 1 || (rc = chunk_list(v, (struct seq_range){who->host, 0, UINT32_MAX}, p, &rows, &n_rows, e)) < 0)
		return rc;

	for (size_t i = 0; i < n_rows && !rc && who->id; i++) {
		if (rows[i].epoch != who->epoch)
			continue;
		rc = rows[i].last_seq ? ended_children(v, who->host, &rows[i], who->id, &b, e)
				      : open_children(v, who->host, &rows[i], who->id, &b, e);
	}
	if (b.n)
		qsort(b.a, b.n, sizeof *b.a, child_by_id);
	*out = pool_alloc(p, (b.n + 1) * sizeof **out);
	for (size_t i = 0; i < b.n; i++)
		if (!b.a[i].gone || b.a[i].gone >= st.row.first_seq)
			(*out)[(*n)++] = b.a[i];
	free(b.a);
	return rc;
}

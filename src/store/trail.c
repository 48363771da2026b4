/* SPDX-License-Identifier: MIT */
/* Goroutines: one's trail, who is alive, a parent's children, and the walk over everything. */
#include "lmdb_store.h"
#include <gscrape/err.h>
#include <stdlib.h>

static void keep_events(struct pool *p, struct trail *t, const struct event_list *ev)
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

/* Append one goroutine's events in a chunk to ev. */
static int find_events(struct store *s, uint32_t host, const struct chunk_row *c, uint64_t id, struct event_list *ev, struct err *e)
{
	struct finding f = {.id = id, .base = c->first_seq, .ev = ev};
	struct str v;

	if (c->last_seq) {
		if (data_get(s, key_u32(key_of(host, 'E'), c->no), &v) != 1)
			return damaged(s, "events", host, c->no, e);
		find_in_row(&f, (struct str){0}, v);
	} else if (data_each(s, key_u32(key_of(host, 'L'), c->no), 9, find_in_row, &f) < 0) {
		f.bad = true;
	}
	return f.bad ? damaged(s, "events", host, c->no, e) : 0;
}

/* 1 when the goroutine is in the chunk's keyframe. */
static int find_living(struct store *s, uint32_t host, const struct chunk_row *c, uint64_t id, struct living *out, struct err *e)
{
	struct cursor cur;
	struct str v;
	bool found;

	if (data_get(s, key_u32(key_of(host, 'K'), c->no), &v) != 1)
		return damaged(s, "keyframe", host, c->no, e);
	cursor_open(&cur, v, c->first_seq);
	found = living_find(&cur, id, out);
	return cur.bad ? damaged(s, "keyframe", host, c->no, e) : found;
}

static int trail_in(struct store *s, uint32_t host, const struct chunk_row *rows, size_t n, uint32_t epoch, uint64_t id,
		    struct pool *p, struct trail *out, struct err *e)
{
	struct event_list ev = {0};
	bool known = false;
	int rc = 0;

	for (size_t i = 0; i < n && rc >= 0; i++) {
		size_t before = ev.n;

		if (rows[i].epoch != epoch)
			continue;
		if (!known) {
			rc = find_living(s, host, &rows[i], id, &out->start, e);
			if (rc == 1) {
				known = true;
				out->start_seq = rows[i].first_seq;
			} else {
				out->start = (struct living){0};
			}
		}
		if (rc >= 0)
			rc = find_events(s, host, &rows[i], id, &ev, e);
		known |= ev.n > before;
		if (rc >= 0 && ev.n && ev.a[ev.n - 1].kind == EV_GONE)
			break; /* ids are not given twice in a process */
	}
	out->epoch = epoch;
	keep_events(p, out, &ev);
	free(ev.a);
	return rc < 0 ? -1 : known;
}

int store_trail(struct store *s, uint32_t host, uint32_t epoch, uint64_t id, struct pool *p, struct trail *out, struct err *e)
{
	struct chunk_row *rows;
	size_t n;
	int rc;

	*out = (struct trail){0};
	if (store_read_begin(s, e) < 0)
		return -1;
	rc = chunk_list(s, host, 0, UINT32_MAX, p, &rows, &n);
	rc = rc < 0 ? damaged(s, "directory", host, 0, e) : trail_in(s, host, rows, n, epoch, id, p, out, e);
	store_read_end(s);
	return rc;
}

int store_epochs_of(struct store *s, uint32_t host, uint64_t id, uint32_t *epochs, size_t max, size_t *n, struct err *e)
{
	struct event_list ev = {0};
	struct pool p = {0};
	struct chunk_row *rows;
	struct living l;
	size_t n_rows;
	int rc;

	*n = 0;
	if (store_read_begin(s, e) < 0)
		return -1;
	rc = chunk_list(s, host, 0, UINT32_MAX, &p, &rows, &n_rows) < 0 ? damaged(s, "directory", host, 0, e) : 0;
	for (size_t i = n_rows; rc >= 0 && i-- > 0 && *n < max;) {
		if (*n && epochs[*n - 1] == rows[i].epoch)
			continue;
		ev.n = 0;
		rc = find_living(s, host, &rows[i], id, &l, e);
		if (rc == 0)
			rc = find_events(s, host, &rows[i], id, &ev, e);
		if (rc == 1 || ev.n)
			epochs[(*n)++] = rows[i].epoch;
	}
	store_read_end(s);
	pool_release(&p);
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

static int alive_in(struct store *s, uint32_t host, const struct chunk_row *c, uint32_t seq, struct pool *p,
		    struct living **out, size_t *n, struct err *e)
{
	struct event_list ev = {0};
	struct living *l;
	size_t n_l;
	int rc = chunk_living(s, host, c, p, &l, &n_l, e);

	if (!rc)
		rc = chunk_events(s, host, c, &ev, e);
	if (!rc) {
		*out = pool_alloc(p, (n_l + ev.n + 1) * sizeof **out);
		*n = living_apply(l, n_l, ev.a, ev.n, seq, *out);
	}
	free(ev.a);
	return rc;
}

int store_alive(struct store *s, uint32_t host, uint32_t seq, struct pool *p, struct living **out, size_t *n, struct err *e)
{
	const struct chunk_row *c;
	struct chunk_row *rows;
	size_t n_rows;
	int rc = 0;

	*n = 0;
	*out = NULL;
	if (store_read_begin(s, e) < 0)
		return -1;
	if (chunk_list(s, host, 0, seq, p, &rows, &n_rows) < 0)
		rc = damaged(s, "directory", host, 0, e);
	else if ((c = chunk_at(rows, n_rows, seq)) != NULL)
		rc = alive_in(s, host, c, seq, p, out, n, e);
	store_read_end(s);
	return rc;
}

/* --- children --- */

struct brood {
	struct kin *a;
	size_t n, cap;
};

static void add_kin(struct brood *b, struct kin k)
{
	GROW(b->a, b->n, b->cap);
	b->a[b->n++] = k;
}

static int ended_children(struct store *s, uint32_t host, const struct chunk_row *c, uint64_t parent, struct brood *b, struct err *e)
{
	struct cursor cur;
	struct ended one;
	struct str v;
	size_t n;

	if (data_get(s, key_u32(key_of(host, 'C'), c->no), &v) != 1)
		return damaged(s, "lives", host, c->no, e);
	cursor_open(&cur, v, c->first_seq);
	if (ended_find(&cur, parent, &n))
		for (size_t i = 0; i < n && ended_next(&cur, &one); i++)
			add_kin(b, (struct kin){one.id, one.born, one.gone, one.stack});
	return cur.bad ? damaged(s, "lives", host, c->no, e) : 0;
}

/* The open chunk has no 'C' row yet: its keyframe and events are gone through once, and only what matters is kept. */
struct open_kids {
	struct brood *b;
	uint64_t parent;
	uint32_t base;
	struct event_list group;
	struct ended *gone; /* id and gone alone */
	size_t n_gone, cap_gone;
	bool bad;
};

static int kids_in_row(void *ctx, struct str key, struct str value)
{
	struct open_kids *k = ctx;
	struct cursor c;
	uint64_t id;

	(void)key;
	cursor_open(&c, value, k->base);
	while (events_next(&c, &id, &k->group)) {
		for (size_t i = 0; i < k->group.n; i++) {
			const struct event *e = &k->group.a[i];

			if (e->kind == EV_BORN && e->parent == k->parent)
				add_kin(k->b, (struct kin){id, e->seq, 0, e->stack});
			if (e->kind != EV_GONE)
				continue;
			GROW(k->gone, k->n_gone, k->cap_gone);
			k->gone[k->n_gone++] = (struct ended){.id = id, .gone = e->seq};
		}
	}
	k->bad |= c.bad;
	return 0;
}

static int kin_by_id(const void *pa, const void *pb)
{
	const struct kin *a = pa, *b = pb;

	return a->id < b->id ? -1 : a->id > b->id;
}

static void mark_gone(struct brood *b, const struct open_kids *k)
{
	qsort(b->a, b->n, sizeof *b->a, kin_by_id);
	for (size_t i = 0; i < k->n_gone; i++) {
		struct kin want = {.id = k->gone[i].id}, *found = bsearch(&want, b->a, b->n, sizeof *b->a, kin_by_id);

		if (found && !found->gone)
			found->gone = k->gone[i].gone;
	}
}

static int open_children(struct store *s, uint32_t host, const struct chunk_row *c, uint64_t parent, struct brood *b, struct err *e)
{
	struct open_kids k = {.b = b, .parent = parent, .base = c->first_seq};
	struct living l;
	struct cursor cur;
	struct str v;

	if (data_get(s, key_u32(key_of(host, 'K'), c->no), &v) != 1)
		return damaged(s, "keyframe", host, c->no, e);
	cursor_open(&cur, v, c->first_seq);
	while (living_next(&cur, &l))
		if (l.parent == parent)
			add_kin(b, (struct kin){l.id, l.born, 0, l.stack});
	k.bad = cur.bad || data_each(s, key_u32(key_of(host, 'L'), c->no), 9, kids_in_row, &k) < 0;
	if (b->n)
		mark_gone(b, &k);
	free(k.group.a);
	free(k.gone);
	return k.bad ? damaged(s, "events", host, c->no, e) : 0;
}

int store_children(struct store *s, uint32_t host, uint32_t epoch, uint64_t parent, struct pool *p, struct kin **out,
		   size_t *n, struct err *e)
{
	struct brood b = {0};
	struct chunk_row *rows;
	size_t n_rows;
	int rc;

	*n = 0;
	if (store_read_begin(s, e) < 0)
		return -1;
	rc = chunk_list(s, host, 0, UINT32_MAX, p, &rows, &n_rows) < 0 ? damaged(s, "directory", host, 0, e) : 0;
	for (size_t i = 0; i < n_rows && !rc && parent; i++) {
		if (rows[i].epoch != epoch)
			continue;
		rc = rows[i].last_seq ? ended_children(s, host, &rows[i], parent, &b, e)
				      : open_children(s, host, &rows[i], parent, &b, e);
	}
	store_read_end(s);
	if (b.n)
		qsort(b.a, b.n, sizeof *b.a, kin_by_id);
	*out = pool_alloc(p, (b.n + 1) * sizeof **out);
	if (b.n)
		memcpy(*out, b.a, b.n * sizeof **out);
	*n = b.n;
	free(b.a);
	return rc;
}

/* --- everything --- */

static int walk_chunk(struct store *s, uint32_t host, const struct chunk_row *c, uint32_t last_seq, const struct store_walk *w,
		      struct err *e)
{
	struct event_list ev = {0};
	struct pool p = {0};
	struct living *l;
	size_t n_l, i = 0, k = 0;
	int rc = chunk_living(s, host, c, &p, &l, &n_l, e);

	if (!rc)
		rc = chunk_events(s, host, c, &ev, e);
	if (!rc && w->chunk)
		w->chunk(w->ctx, c->epoch, c->first_seq, c->last_seq ? c->last_seq : last_seq);
	while (!rc && w->trail && (i < n_l || k < ev.n)) {
		size_t from = k;
		uint64_t id = i < n_l && (k == ev.n || l[i].id < ev.a[k].id) ? l[i].id : ev.a[k].id;
		bool had = i < n_l && l[i].id == id;

		while (k < ev.n && ev.a[k].id == id)
			k++;
		w->trail(w->ctx, id, had ? &l[i] : NULL, ev.n ? ev.a + from : NULL, k - from);
		i += had;
	}
	free(ev.a);
	pool_release(&p);
	return rc;
}

int store_walk(struct store *s, uint32_t host, uint32_t from, uint32_t to, const struct store_walk *w, struct err *e)
{
	struct pool p = {0};
	struct chunk_row *rows;
	size_t n;
	int rc;

	if (store_read_begin(s, e) < 0)
		return -1;
	rc = chunk_list(s, host, from, to, &p, &rows, &n) < 0 ? damaged(s, "directory", host, 0, e) : 0;
	for (size_t i = 0; i < n && !rc; i++)
		rc = walk_chunk(s, host, &rows[i], to, w, e);
	store_read_end(s);
	pool_release(&p);
	return rc;
}

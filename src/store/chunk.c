/* SPDX-License-Identifier: MIT */
/* Chunks as a whole: which there are, their events and keyframes decoded, and events applied to who was alive. */
#include "lmdb_store.h"
#include <gscrape/err.h>
#include <stdlib.h>

static int by_id_seq(const void *pa, const void *pb)
{
	const struct event *a = pa, *b = pb;

	if (a->id != b->id)
		return a->id < b->id ? -1 : 1;
	if (a->seq != b->seq)
		return a->seq < b->seq ? -1 : 1;
	return 0;
}

void events_sort(struct event *ev, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		if (by_id_seq(&ev[i - 1], &ev[i]) > 0) {
			qsort(ev, n, sizeof *ev, by_id_seq);
			return;
		}
	}
}

struct listing {
	struct chunk_row *rows;
	size_t n, cap;
	uint32_t from, to;
};

static int list_row(void *ctx, struct str key, struct str value)
{
	struct listing *l = ctx;
	MDB_val k = {key.n, (void *)(uintptr_t)key.p};
	struct chunk_row row;

	if (!chunk_unpack(value, key_tail(&k, 0), &row))
		return -1;
	if (row.last_seq && row.last_seq < l->from)
		return 0;
	if (row.first_seq > l->to)
		return 1;
	GROW(l->rows, l->n, l->cap);
	l->rows[l->n++] = row;
	return 0;
}

int chunk_list(struct store *s, uint32_t host, uint32_t from, uint32_t to, struct pool *p, struct chunk_row **out, size_t *n)
{
	struct listing l = {.from = from, .to = to};
	int rc = data_each(s, key_of(host, 'D'), 5, list_row, &l);

	*out = pool_alloc(p, (l.n + 1) * sizeof **out);
	if (l.n)
		memcpy(*out, l.rows, l.n * sizeof **out);
	*n = l.n;
	free(l.rows);
	return rc < 0 ? -1 : 0;
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

int chunk_events(struct store *s, uint32_t host, const struct chunk_row *c, struct event_list *out, struct err *e)
{
	struct decoding d = {out, c->first_seq};
	struct str bytes;
	int rc;

	out->n = 0;
	if (c->last_seq) {
		rc = data_get(s, key_u32(key_of(host, 'E'), c->no), &bytes);
		if (rc <= 0 || !decode_all(bytes, c->first_seq, out))
			return damaged(s, "events", host, c->no, e);
		return 0;
	}
	rc = data_each(s, key_u32(key_of(host, 'L'), c->no), 9, decode_row, &d);
	if (rc < 0)
		return damaged(s, "events", host, c->no, e);
	events_sort(out->a, out->n);
	return 0;
}

int chunk_living(struct store *s, uint32_t host, const struct chunk_row *c, struct pool *p, struct living **out,
		 size_t *n, struct err *e)
{
	struct str bytes;
	struct cursor cur;
	size_t cap;

	if (data_get(s, key_u32(key_of(host, 'K'), c->no), &bytes) <= 0)
		return damaged(s, "keyframe", host, c->no, e);
	cursor_open(&cur, bytes, c->first_seq);
	cap = cur.n_groups > bytes.n ? bytes.n : cur.n_groups; /* a group has several bytes */
	*out = pool_alloc(p, (cap + 1) * sizeof **out);
	for (*n = 0; *n < cap && living_next(&cur, &(*out)[*n]); (*n)++)
		;
	return cur.bad ? damaged(s, "keyframe", host, c->no, e) : 0;
}

/* One goroutine after an event. False when it is gone. */
static bool living_after(struct living *l, const struct event *e)
{
	switch (e->kind) {
	case EV_BORN:
		*l = (struct living){.id = e->id, .parent = e->parent, .born = e->seq};
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

size_t living_apply(const struct living *l, size_t n_l, const struct event *ev, size_t n_ev, uint32_t upto, struct living *out)
{
	size_t i = 0, k = 0, n = 0;

	while (i < n_l || k < n_ev) {
		struct living now = {0};
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

/* SPDX-License-Identifier: MIT */
/*
 * Everything that happened, goroutine by goroutine: of each chunk its keyframe and its events are read side by side, both
 * sorted by id. A closed chunk's are decoded as they are asked for, an open one's events stand in several rows and are
 * sorted first.
 */
#include "lmdb_store.h"
#include <gscrape/err.h>
#include <stdlib.h>

struct lmdb_walk {
	struct store_walk base;
	uint32_t host;
	struct pool pool;         /* of the rows */
	struct chunk_row *rows;
	size_t n_rows, at;        /* at: the next chunk */
	const struct chunk_row *row;
	struct bounds bounds;
	struct piece keyframe_piece, closed_piece;
	struct cursor keyframe, closed;
	struct open_events *open; /* of an open chunk, all of them */
	size_t k;                 /* how many of them were told */
	/* What is next on either side; `have` false: that side is at its end. */
	struct goroutine_state living;
	struct event_list list;   /* of a closed chunk: one goroutine's */
	const struct event *ev;
	size_t n_ev;
	uint64_t ev_id;
	bool have_living, have_events;
	bool told_living, told_events; /* given by the last step */
};

int lmdb_walk_begin(struct store_view *view, uint32_t host, uint32_t from, uint32_t to, struct store_walk **out, struct err *e)
{
	struct lmdb_walk *w = xcalloc(1, sizeof *w);

	w->base.view = view;
	w->host = host;
	if (from <= to && chunk_list(view_of(view), (struct seq_range){host, from, to}, &w->pool, &w->rows, &w->n_rows, e) < 0) {
		lmdb_walk_end(&w->base);
		return -1;
	}
	*out = &w->base;
	return 0;
}

struct store_walk *lmdb_walk_chunk(struct store_view *view, uint32_t host, const struct chunk_row *c)
{
	struct lmdb_walk *w = xcalloc(1, sizeof *w);

	w->base.view = view;
	w->host = host;
	w->rows = memcpy(pool_alloc(&w->pool, sizeof *c), c, sizeof *c);
	w->n_rows = 1;
	return &w->base;
}

void lmdb_walk_end(struct store_walk *base)
{
	struct lmdb_walk *w = (struct lmdb_walk *)base;

	piece_release(&w->keyframe_piece);
	piece_release(&w->closed_piece);
	open_release(w->open);
	free(w->list.a);
	pool_release(&w->pool);
	free(w);
}

static int bad(struct lmdb_walk *w, const char *what, struct err *e)
{
	return damaged(view_of(w->base.view), what, w->host, w->row->no, e);
}

static int next_living(struct lmdb_walk *w, struct err *e)
{
	uint64_t before = w->have_living ? w->living.id : 0;

	w->have_living = living_next(&w->keyframe, &w->living);
	if (w->keyframe.bad || (w->have_living && (w->living.id <= before || !living_fits(&w->bounds, &w->living))))
		return bad(w, "the keyframe", e);
	return 0;
}

static int next_events(struct lmdb_walk *w, struct err *e)
{
	uint64_t before = w->have_events ? w->ev_id : 0;

	if (w->row->last_seq) {
		w->have_events = events_next(&w->closed, &w->ev_id, &w->list);
		w->ev = w->list.a;
		w->n_ev = w->list.n;
		if (w->closed.bad)
			return bad(w, "events", e);
	} else {
		size_t from = w->k;

		w->have_events = from < w->open->ev.n;
		if (w->have_events)
			w->ev_id = w->open->ev.a[from].id;
		while (w->k < w->open->ev.n && w->open->ev.a[w->k].id == w->ev_id)
			w->k++;
		w->ev = w->have_events ? w->open->ev.a + from : NULL;
		w->n_ev = w->k - from;
	}
	return w->have_events && w->ev_id <= before ? bad(w, "events", e) : 0;
}

static int open_chunk(struct lmdb_walk *w, struct err *e)
{
	struct lmdb_view *v = view_of(w->base.view);
	const struct chunk_row *c = w->row = &w->rows[w->at++];

	piece_release(&w->keyframe_piece);
	piece_release(&w->closed_piece);
	if (bounds_of(v, c, &w->bounds, e) < 0)
		return -1;
	if (piece_get(v, w->host, c->no, 'K', &w->keyframe_piece) != 1)
		return bad(w, "the keyframe", e);
	cursor_open(&w->keyframe, w->keyframe_piece.bytes, c->first_seq);
	if (c->last_seq) {
		if (piece_get(v, w->host, c->no, 'E', &w->closed_piece) != 1)
			return bad(w, "events", e);
		cursor_open(&w->closed, w->closed_piece.bytes, c->first_seq);
	} else {
		open_release(w->open);
		w->open = open_get(v, w->host, c, e);
		if (!w->open)
			return -1;
	}
	w->k = 0;
	w->have_living = w->have_events = false;
	w->told_living = w->told_events = true;
	return 0;
}

int lmdb_walk_next(struct store_walk *base, struct walk_step *step, struct err *e)
{
	struct lmdb_walk *w = (struct lmdb_walk *)base;
	uint64_t id;

	for (;;) {
		if (w->told_living && next_living(w, e) < 0)
			return -1;
		if (w->told_events && next_events(w, e) < 0)
			return -1;
		w->told_living = w->told_events = false;
		if (w->have_living || w->have_events)
			break;
		if (w->at == w->n_rows)
			return 0;
		if (open_chunk(w, e) < 0)
			return -1;
	}
	id = w->have_living && (!w->have_events || w->living.id < w->ev_id) ? w->living.id : w->ev_id;
	w->told_living = w->have_living && w->living.id == id;
	w->told_events = w->have_events && w->ev_id == id;
	if (w->told_events && !events_fit(&w->bounds, w->told_living, w->ev, w->n_ev))
		return bad(w, "events", e);
	step->piece = (uint32_t)w->at;
	step->epoch = w->row->epoch;
	step->first_seq = w->row->first_seq;
	step->last_seq = w->row->upto;
	step->id = id;
	step->start = w->told_living ? &w->living : NULL;
	step->events = w->ev;
	step->n = w->told_events ? w->n_ev : 0;
	return 1;
}

/* SPDX-License-Identifier: MIT */
/*
 * The walk: a piece is what the range has of an epoch. Its events come a page at a time, by goroutine, from the process's
 * start on, so that what each one was when the piece begins is what they add up to. A page ends between two goroutines.
 */
#include "ch.h"
#include <stdlib.h>

#define PAGE 200000 /* events */

struct piece {
	uint32_t epoch, first, last;
};

struct ch_walk {
	struct store_walk base;
	const struct ch_row *host;
	struct piece *pieces;
	size_t n_pieces, at; /* at: the next one */
	bool ends;           /* the last piece is the last of its epoch */
	struct walk_step step;
	struct goroutine_state start;
	struct event *events;
	size_t cap_events;

	struct buf page;
	struct ch_rows rows;
	size_t limit, left;  /* events of a full page; those of this one that are not read */
	bool full;           /* there may be more behind it */
	struct ch_event next;/* read, and not used yet; id 0 none */
	uint64_t done;       /* the id that was given last */
	bool any;            /* one was given, of this piece */
	const struct ch_ahead_host *ahead; /* of its events: NULL they are asked for */
	size_t ahead_at;
};

/* The same of what was fetched ahead. */
static void pieces_ahead(struct ch_walk *w, uint32_t from, uint32_t to)
{
	const struct ch_ahead_host *a = w->ahead;

	w->pieces = xcalloc(a->n_snapshots + 1, sizeof *w->pieces);
	for (size_t i = 0; i < a->n_snapshots; i++) {
		const struct snapshot *s = &a->snapshots[i];
		struct piece *p = w->n_pieces ? &w->pieces[w->n_pieces - 1] : NULL;

		if (s->seq < from || !s->epoch)
			continue;
		if (s->seq > to) {
			w->ends = p && s->epoch != p->epoch;
			return;
		}
		if (p && p->epoch == s->epoch)
			p->last = s->seq;
		else
			w->pieces[w->n_pieces++] = (struct piece){s->epoch, s->seq, s->seq};
	}
}

/* Those snapshots by epoch, and the one behind them. */
static int read_pieces(struct ch_walk *w, uint32_t from, uint32_t to, struct err *e)
{
	struct ch_store *s = ch_of(w->base.view->store);
	struct buf sql = {0};
	struct ch_rows r;
	int rc;

	if (w->ahead) {
		pieces_ahead(w, from, to);
		return 0;
	}
	buf_addf(&sql, "SELECT epoch, min(seq), max(seq) FROM %s.snapshot WHERE seq >= %u AND", s->place.database, from);
	ch_add_where(&sql, w->host, to + 1);
	buf_adds(&sql, " GROUP BY epoch ORDER BY epoch");
	rc = ch_ask(&s->line, &sql, &r, e);
	buf_release(&sql);
	w->pieces = xcalloc((size_t)(r.end - r.p) / 12 + 1, sizeof *w->pieces);
	while (!rc && ch_more(&r)) {
		struct piece p = {(uint32_t)ch_get(&r, 4), (uint32_t)ch_get(&r, 4), (uint32_t)ch_get(&r, 4)};

		if (p.first > to) {
			w->ends = true;
			break;
		}
		p.last = p.last > to ? to : p.last;
		if (p.epoch && !r.bad)
			w->pieces[w->n_pieces++] = p;
	}
	return rc < 0 ? -1 : ch_torn(w->base.view->store, &r, e);
}

int ch_walk_begin(struct store_view *v, uint32_t host, uint32_t from, uint32_t to, struct store_walk **out, struct err *e)
{
	struct ch_walk *w = xcalloc(1, sizeof *w);

	w->base.view = v;
	w->host = ch_row_of(v, host);
	w->limit = PAGE;
	*out = &w->base;
	if (!w->host)
		return 0;
	w->ahead = ch_ahead(v, host);
	w->ahead = w->ahead && w->ahead->whole ? w->ahead : NULL;
	ch_ahead_walks(v, w->ahead != NULL);
	from = from < w->host->row.first_seq ? w->host->row.first_seq : from;
	to = to > w->host->row.last_seq ? w->host->row.last_seq : to;
	if (to < from || read_pieces(w, from, to, e) == 0)
		return 0;
	*out = NULL;
	ch_walk_end(&w->base);
	return -1;
}

void ch_walk_end(struct store_walk *base)
{
	struct ch_walk *w = (struct ch_walk *)base;

	if (w->ahead)
		ch_ahead_walks(base->view, -1);
	free(w->pieces);
	free(w->events);
	buf_release(&w->page);
	free(w);
}

static const struct piece *piece_of(const struct ch_walk *w)
{
	return &w->pieces[w->at - 1];
}

/* Events of a process that ends have the number of the next one's first snapshot. */
static uint32_t last_event(const struct ch_walk *w)
{
	return piece_of(w)->last + (w->at < w->n_pieces || w->ends);
}

static int read_page(struct ch_walk *w, struct err *e)
{
	struct ch_store *s = ch_of(w->base.view->store);
	const struct piece *p = piece_of(w);
	struct buf sql = {0}, old;
	int rc;

	w->next.ev.id = 0;
	w->left = w->limit;
	if (w->ahead)
		return 0;
	buf_addf(&sql, "SELECT " CH_EVENT_COLUMNS " FROM %s.event WHERE epoch = %u AND", s->place.database, p->epoch);
	if (w->any)
		buf_addf(&sql, " id > %llu AND", (unsigned long long)w->done);
	if (w->at == 1 && p->first > 1) { /* who was gone before it is not of it */
		buf_addf(&sql, " id GLOBAL IN (SELECT id FROM %s.event WHERE epoch = %u AND", s->place.database, p->epoch);
		ch_add_where(&sql, w->host, last_event(w));
		buf_addf(&sql, " GROUP BY id HAVING max(seq) >= %u OR argMax(kind, seq) != 3) AND", p->first);
	}
	ch_add_where(&sql, w->host, last_event(w));
	buf_addf(&sql, " ORDER BY id, seq LIMIT %zu", w->limit);
	rc = ch_ask(&s->line, &sql, &w->rows, e);
	buf_release(&sql);
	old = w->page; /* who walks may ask other things meanwhile */
	w->page = s->line.answer;
	s->line.answer = old;
	return rc;
}

/* The next one of the piece, which was fetched ahead. */
static bool event_ahead(struct ch_walk *w)
{
	const struct ch_event *a = w->ahead->events;
	uint32_t epoch = piece_of(w)->epoch, last = last_event(w);

	while (w->ahead_at < w->ahead->n_events && (a[w->ahead_at].epoch < epoch || (a[w->ahead_at].epoch == epoch && a[w->ahead_at].ev.seq > last)))
		w->ahead_at++;
	if (w->ahead_at == w->ahead->n_events || a[w->ahead_at].epoch > epoch)
		return false;
	w->next = a[w->ahead_at++];
	return true;
}

/* The next event of the page into w->next; 0 when there is none. */
static bool read_event(struct ch_walk *w)
{
	if (w->ahead)
		return event_ahead(w);
	if (!w->left || !ch_more(&w->rows))
		return false;
	w->left--;
	ch_get_event(ch_of(w->base.view->store), &w->rows, &w->next);
	return !w->rows.bad;
}

static void take_event(struct ch_walk *w)
{
	const struct event *ev = &w->next.ev;

	if (ev->seq < piece_of(w)->first) {
		ch_apply(&w->start, ev);
		return;
	}
	if (w->step.n && w->events[w->step.n - 1].seq == ev->seq)
		return; /* a row that came twice */
	GROW(w->events, w->step.n, w->cap_events);
	w->events[w->step.n++] = *ev;
}

/* All of the next goroutine: 1, 0 the page has no whole one more, -1 damaged. */
static int read_goroutine(struct ch_walk *w, struct err *e)
{
	uint64_t id;

	if (!w->next.ev.id && !read_event(w))
		return w->rows.bad ? ch_torn(w->base.view->store, &w->rows, e) : 0;
	id = w->next.ev.id;
	w->start = (struct goroutine_state){0};
	w->step.n = 0;
	do
		take_event(w);
	while (read_event(w) && w->next.ev.id == id);
	if (w->rows.bad)
		return ch_torn(w->base.view->store, &w->rows, e);
	if (w->next.ev.id == id) {
		w->next.ev.id = 0;
		if (!w->left)
			return 0; /* the page ended with it, and it may go on */
	}
	w->step.id = w->done = id;
	w->any = true;
	return 1;
}

static void next_piece(struct ch_walk *w)
{
	const struct piece *p = &w->pieces[w->at++];

	w->step = (struct walk_step){.piece = w->step.piece + 1, .epoch = p->epoch, .first_seq = p->first, .last_seq = p->last};
	w->any = false;
	w->limit = PAGE;
}

int ch_walk_next(struct store_walk *base, struct walk_step *step, struct err *e)
{
	struct ch_walk *w = (struct ch_walk *)base;
	bool fresh = false; /* the page was only just read */
	int rc;

	for (;;) {
		rc = w->at && w->limit ? read_goroutine(w, e) : 0;
		if (rc < 0)
			return -1;
		if (rc) {
			if (!w->start.id && !w->step.n)
				continue; /* gone before */
			break;
		}
		if (!w->at || w->left) { /* the piece is at its end */
			if (w->at == w->n_pieces)
				return 0;
			next_piece(w);
		} else if (fresh) { /* one goroutine has more than a page */
			w->limit *= 2;
		}
		if (read_page(w, e) < 0)
			return -1;
		fresh = true;
	}
	w->step.start = w->start.id ? &w->start : NULL;
	w->step.events = w->events;
	*step = w->step;
	return 1;
}

/* SPDX-License-Identifier: MIT */
/* The walk: an epoch's snapshots, PIECE at a time. */
#include "memory_store.h"
#include <stdlib.h>

#define PIECE 64 /* snapshots of a piece of a walk */

struct mem_walk {
	struct store_walk base;
	const struct mem_host *host;
	uint32_t to, next_seq; /* first snapshot of the next piece */
	struct walk_step step;
	struct crowd start;    /* as the piece begins: those of its epoch */
	size_t at_start, at_event, n_events;
	struct event *events;  /* of the piece, by id */
	struct goroutine_state now;
};

static int event_order(const void *pa, const void *pb)
{
	const struct event *a = pa, *b = pb;

	if (a->id != b->id)
		return a->id < b->id ? -1 : 1;
	return a->seq < b->seq ? -1 : a->seq > b->seq;
}

int mem_walk_begin(struct store_view *v, uint32_t host, uint32_t from, uint32_t to, struct store_walk **out,
		   struct err *e)
{
	struct mem_walk *w = xcalloc(1, sizeof *w);

	(void)e;
	w->base.view = v;
	w->host = image_host(image_of(v), host);
	if (w->host) {
		w->next_seq = from < w->host->row.first_seq ? w->host->row.first_seq : from;
		w->to = to > w->host->row.last_seq ? w->host->row.last_seq : to;
	}
	*out = &w->base;
	return 0;
}

void mem_walk_end(struct store_walk *base)
{
	struct mem_walk *w = (struct mem_walk *)base;

	free(w->start.a);
	free(w->events);
	free(w);
}

/* From next_seq to where PIECE, the range or the epoch ends, or before its first snapshot with an epoch. */
static bool next_piece(struct mem_walk *w)
{
	const struct mem_event *ev = w->host ? series_of(&w->host->events) : NULL;
	const struct snapshot *s = w->host ? series_of(&w->host->snapshots) : NULL;
	uint32_t first = w->next_seq, last, epoch;
	size_t next, n = 0;

	if (!w->host || first > w->to)
		return false;
	s += first - w->host->row.first_seq;
	epoch = s[0].epoch;
	for (last = first; last < w->to && last - first + 1 < PIECE && s[last + 1 - first].epoch == epoch; last++)
		;
	free(w->start.a);
	free(w->events);
	w->start = crowd_before(w->host, first, &next);
	for (size_t i = 0; i < w->start.n; i++)
		if (w->start.a[i].epoch == epoch)
			w->start.a[n++] = w->start.a[i];
	w->start.n = n;
	w->events = xcalloc(w->host->events.n - next + 1, sizeof *w->events);
	w->n_events = 0;
	for (; next < w->host->events.n && ev[next].ev.seq <= last + 1; next++)
		if (ev[next].epoch == epoch &&
		    (ev[next].ev.seq <= last || last == w->host->row.last_seq || s[last + 1 - first].epoch != epoch))
			w->events[w->n_events++] = ev[next].ev;
	qsort(w->events, w->n_events, sizeof *w->events, event_order);
	w->at_start = w->at_event = 0;
	w->step.piece++;
	w->step.epoch = epoch;
	w->step.first_seq = first;
	w->step.last_seq = last;
	w->next_seq = last + 1;
	return true;
}

int mem_walk_next(struct store_walk *base, struct walk_step *step, struct err *e)
{
	struct mem_walk *w = (struct mem_walk *)base;
	uint64_t id;
	bool had;

	(void)e;
	while (w->at_start == w->start.n && w->at_event == w->n_events)
		if (!next_piece(w))
			return 0;
	id = w->at_start < w->start.n ? w->start.a[w->at_start].g.id : UINT64_MAX;
	if (w->at_event < w->n_events && w->events[w->at_event].id < id)
		id = w->events[w->at_event].id;
	had = w->at_start < w->start.n && w->start.a[w->at_start].g.id == id;
	*step = w->step;
	step->id = id;
	step->start = had ? &w->start.a[w->at_start++].g : NULL;
	step->events = w->events + w->at_event;
	while (w->at_event < w->n_events && w->events[w->at_event].id == id) {
		w->at_event++;
		step->n++;
	}
	return 1;
}

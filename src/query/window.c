/* SPDX-License-Identifier: MIT */
/*
 * A stretch of a host's snapshots, and the walk through everybody's spells and visits in it. Of the walks in this room it is
 * the one that tells spans one goroutine at a time and keeps none (for lives.c, waiters.c, callers.c, profile.c). How many
 * were there at once is counted by sweep.c; all stays of a process are kept by stays.c.
 */
#include "window.h"
#include <stdlib.h>

static int first_and_last(struct query *q, const struct host_row *r, int64_t from, int64_t to, uint32_t *a, uint32_t *b, struct err *e)
{
	if (seq_at(q, r->host, from, a, e) < 0 || seq_at(q, r->host, to == NO_TIME ? INT64_MAX : to, b, e) < 0)
		return -1;
	if (*a < r->first_seq)
		*a = r->first_seq;
	else if (query_seq_time(q, r->host, *a) < from)
		++*a;
	while (*a > r->first_seq && query_seq_time(q, r->host, *a - 1) >= from) /* the same time twice */
		--*a;
	return 0;
}

int window_open(struct query *q, uint32_t host, int64_t from, int64_t to, struct window *out, struct err *e)
{
	const struct host_row *r = host_row(q, host);
	uint32_t text = 0;

	*out = (struct window){.host = host};
	if (!r || r->last_seq < r->first_seq)
		return 0;
	if (first_and_last(q, r, from, to, &out->from, &out->to, e) < 0)
		return -1;
	out->from = next_text_seq(q, host, out->from);
	out->to = text_seq(q, host, out->to);
	if (!out->from || out->from > out->to)
		return 0;
	out->at = xcalloc(out->to - out->from + 1, sizeof *out->at);
	for (uint32_t s = out->from; s <= out->to; s++) {
		const struct tick *t = tick(q, host, s);

		if (t && snap_has_text((enum snap_status)t->status))
			text = s;
		if (t)
			out->at[s - out->from] = (struct instant){t->time, t->ordinal, text, t->epoch};
	}
	return 1;
}

void window_close(struct window *w)
{
	free(w->at);
	w->at = NULL;
}

/* --- spells --- */

struct walk {
	struct query *q;
	const struct window *w;
	uint32_t epoch, first_seq, last_seq; /* of the chunk, within the window */
	void (*fn)(void *ctx, const struct spell *s);
	void (*chunk)(void *ctx); /* before the spells of each chunk; may be NULL */
	bool past;                /* tell of the spells too that end as the window begins */
	void *ctx;
};

static void on_chunk(void *ctx, uint32_t epoch, uint32_t first_seq, uint32_t last_seq)
{
	struct walk *k = ctx;

	k->epoch = epoch;
	k->first_seq = first_seq > k->w->from ? first_seq : k->w->from;
	k->last_seq = last_seq < k->w->to ? last_seq : k->w->to;
	while (k->first_seq <= k->last_seq && window_at(k->w, k->first_seq)->text != k->first_seq)
		k->first_seq++;
	if (k->chunk)
		k->chunk(k->ctx);
}

/* The spell ends before snapshot `end`; tell of it when some of it is in the window. */
static void close_spell(struct walk *k, struct spell *s, uint32_t end)
{
	uint32_t from = s->from > k->first_seq ? s->from : k->first_seq;

	if (end <= from && (!k->past || end != k->w->from))
		return;
	if (end <= from) { /* without snapshots: to is 0 */
		s->begins = false;
		s->to = s->samples = 0;
		s->from = from;
		k->fn(k->ctx, s);
		return;
	}
	s->begins &= s->from == from;
	s->from = from;
	s->to = window_at(k->w, end - 1 < k->last_seq ? end - 1 : k->last_seq)->text;
	if (s->to < from)
		return;
	s->samples = window_at(k->w, s->to)->ordinal - window_at(k->w, from)->ordinal + 1;
	k->fn(k->ctx, s);
}

static void open_spell(struct spell *s, const struct event *ev)
{
	if (ev->kind == EV_BORN)
		s->born = ev->seq;
	if (ev->kind != EV_WAIT) {
		s->run = ev->seq;
		s->stack = ev->stack;
		s->state = ev->state;
	}
	s->wait_object = ev->wait_object;
	s->from = ev->seq;
	s->begins = true;
}

/* A goroutine that ended with its process is gone from the new one's first snapshot on. */
static bool was_killed(struct query *q, const struct window *w, uint32_t seq, uint32_t epoch)
{
	const struct tick *t = tick(q, w->host, seq);

	return t && t->epoch != epoch;
}

static void on_trail(void *ctx, uint64_t id, const struct living *start, const struct event *ev, size_t n)
{
	struct walk *k = ctx;
	struct spell s = {.id = id, .epoch = k->epoch};
	bool there = start != NULL;

	if (k->first_seq > k->last_seq)
		return;
	if (there) {
		s.born = start->born;
		s.run = start->run;
		s.stack = start->stack;
		s.state = start->state;
		s.wait_object = start->wait_object;
	}
	for (size_t i = 0; i < n && ev[i].seq <= k->w->to; i++) {
		s.gone = ev[i].kind == EV_GONE;
		s.killed = s.gone && was_killed(k->q, k->w, ev[i].seq, k->epoch);
		if (there)
			close_spell(k, &s, ev[i].seq);
		there = !s.gone;
		if (there)
			open_spell(&s, &ev[i]);
	}
	if (!there)
		return;
	s.on = true;
	close_spell(k, &s, k->last_seq + 1);
}

static int walk(struct walk *k, struct err *e)
{
	struct store_walk w = {on_chunk, on_trail, k};

	return store_walk(k->q->store, k->w->host, k->w->from, k->w->to, &w, e);
}

int window_walk(struct query *q, const struct window *w, void (*fn)(void *ctx, const struct spell *s), void *ctx, struct err *e)
{
	struct walk k = {.q = q, .w = w, .fn = fn, .ctx = ctx};

	return walk(&k, e);
}

/* --- visits --- */

/* Visits that go on at the end of a chunk are handed to the next one; as both are by id, that is a merge. */
struct open_visits {
	struct visit *a;
	size_t n, cap;
};

struct visiting {
	const struct visits *fns;
	struct open_visits was, is; /* at the end of the last chunk; of this one */
	size_t taken;              /* of `was` */
	struct visit now;           /* of goroutine `id`; place 0: it is nowhere */
	uint64_t id;
};

static void end_visit(struct visiting *y, struct visit *s, enum visit_end how)
{
	s->end = how;
	if (s->place && s->to) /* not one that was over before the window */
		y->fns->visit(y->fns->ctx, s);
	s->place = 0;
}

/* Take over what was open before this chunk of goroutines up to id. What nobody goes on with ended between the two. */
static void take_over(struct visiting *y, uint64_t id)
{
	y->id = id;
	y->now.place = 0;
	for (; y->taken < y->was.n && y->was.a[y->taken].id <= id; y->taken++) {
		struct visit *s = &y->was.a[y->taken];

		if (s->id == id)
			y->now = *s;
		else
			end_visit(y, s, VISIT_GONE);
	}
}

static void on_spell(void *ctx, const struct spell *s)
{
	struct visiting *y = ctx;
	uint64_t place = y->fns->place(y->fns->ctx, s);

	if (s->id != y->id)
		take_over(y, s->id);
	if (y->now.place != place) {
		end_visit(y, &y->now, VISIT_LEFT);
		y->now = (struct visit){.id = s->id, .place = place, .epoch = s->epoch, .born = s->born,
				       .since = s->begins ? s->from : s->run, .from = s->from, .came = s->begins};
	}
	y->now.to = s->to;
	if (s->gone) {
		end_visit(y, &y->now, s->killed ? VISIT_KILLED : VISIT_GONE);
	} else if (s->on && place) {
		GROW(y->is.a, y->is.n, y->is.cap);
		y->is.a[y->is.n++] = y->now;
		y->now.place = 0;
	}
}

static void next_chunk(void *ctx)
{
	struct visiting *y = ctx;
	struct open_visits spare = y->was;

	take_over(y, UINT64_MAX);
	y->was = y->is;
	y->is = spare;
	y->is.n = y->taken = 0;
}

int window_visits(struct query *q, const struct window *w, const struct visits *fns, struct err *e)
{
	struct visiting y = {.fns = fns};
	struct walk k = {.q = q, .w = w, .fn = on_spell, .chunk = next_chunk, .past = true, .ctx = &y};
	int rc = walk(&k, e);

	if (!rc) {
		next_chunk(&y);
		for (size_t i = 0; i < y.was.n; i++)
			end_visit(&y, &y.was.a[i], VISIT_ON);
	}
	free(y.was.a);
	free(y.is.a);
	return rc;
}

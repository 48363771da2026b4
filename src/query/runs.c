/* SPDX-License-Identifier: MIT */
/*
 * Every run there was. The store is walked chunk by chunk; a run is told in the chunk in which it ends, so that nothing
 * is held from one chunk to the next: a run that goes on stands in the next chunk's keyframe, with its beginning.
 */
#include "room.h"

struct walking {
	struct query *q;
	uint32_t host, epoch, from, to; /* snapshots */
	uint32_t last;                  /* of the chunk */
	double done;
	bool (*fn)(void *ctx, const struct told *t);
	void *ctx;
	bool stopped;
};

/* One goroutine within a chunk. */
struct being {
	uint64_t id, parent, wait_object;
	uint32_t born, run, stack, state, labels;
	unsigned flags;
	bool open; /* a run is */
};

static void chunk(void *ctx, uint32_t epoch, uint32_t first, uint32_t last)
{
	struct walking *w = ctx;

	w->epoch = epoch;
	w->last = last;
	w->done = first <= w->from ? 0 : (double)(first - w->from) / (double)(w->to - w->from + 1);
}

/* What is told of the run that ends at snapshot `to`; end: the event that ends it, NULL when the window does. */
static struct told told_of(struct walking *w, const struct being *b, uint32_t to, const struct event *end)
{
	struct query *q = w->q;
	uint32_t from = b->run > w->from ? b->run : w->from;
	struct told t = {.epoch = w->epoch, .id = b->id, .parent = b->parent, .until = NO_TIME, .done = w->done};

	t.first = b->run == b->born || b->run <= w->from;
	t.run = (struct run){.from = time_or_first(q, w->host, b->run), .to = time_or_first(q, w->host, to), .from_seq = b->run,
			     .to_seq = to, .samples = query_samples(q, w->host, from, to), .state = query_string(q, b->state), .state_id = b->state,
			     .family = query_family(q, b->state, b->stack), .flags = b->flags, .labels = query_string(q, b->labels),
			     .stack = b->stack, .minutes = -1, .moved = NO_TIME, .wait_object = b->wait_object};
	if (!end)
		return t;
	t.run.minutes = end->minutes;
	t.run.moved = end->moved >= b->run ? query_seq_time(q, w->host, end->moved) : NO_TIME;
	t.run.moved_proof = end->moved_proof && t.run.moved != NO_TIME;
	if (end->kind != EV_GONE)
		t.until = query_seq_time(q, w->host, end->seq);
	return t;
}

static void end_run(struct walking *w, struct being *b, uint32_t seq, const struct event *end)
{
	uint32_t to = text_seq(w->q, w->host, seq);
	struct told t;

	b->open = false;
	if (to < b->run)
		to = b->run;
	if (to < w->from || b->run > w->to)
		return;
	t = told_of(w, b, to, end);
	w->stopped = !w->fn(w->ctx, &t);
}

static void take_event(struct walking *w, struct being *b, const struct event *ev)
{
	if (ev->kind == EV_WAIT) {
		b->wait_object = ev->wait_object;
		return;
	}
	if (b->open)
		end_run(w, b, ev->seq - 1, ev);
	if (ev->kind == EV_GONE)
		return;
	if (ev->kind == EV_BORN) {
		b->parent = ev->parent;
		b->born = ev->seq;
	}
	b->run = ev->seq;
	b->stack = ev->stack;
	b->state = ev->state;
	b->labels = ev->labels;
	b->flags = ev->flags;
	b->wait_object = ev->wait_object;
	b->open = true;
}

static void trail(void *ctx, uint64_t id, const struct living *start, const struct event *ev, size_t n)
{
	struct walking *w = ctx;
	struct being b = {.id = id};

	if (start)
		b = (struct being){.id = id, .parent = start->parent, .wait_object = start->wait_object, .born = start->born,
				   .run = start->run, .stack = start->stack, .state = start->state, .labels = start->labels,
				   .flags = start->flags, .open = true};
	for (size_t i = 0; i < n && ev[i].seq <= w->to && !w->stopped; i++)
		take_event(w, &b, &ev[i]);
	if (b.open && w->last >= w->to && !w->stopped)
		end_run(w, &b, w->to, NULL);
}

int query_runs(struct query *q, uint32_t host, int64_t from, int64_t to, bool (*fn)(void *ctx, const struct told *t), void *ctx,
	       struct err *e)
{
	const struct host_row *r = host_row(q, host);
	struct walking w = {.q = q, .host = host, .fn = fn, .ctx = ctx};
	struct store_walk walk = {.chunk = chunk, .trail = trail, .ctx = &w};

	if (!r)
		return fail(e, "%s: has no such host", q->path);
	if (r->last_seq < r->first_seq)
		return 0;
	if (seq_at(q, host, from == NO_TIME ? r->first : from, &w.from, e) < 0 ||
	    seq_at(q, host, to == NO_TIME ? INT64_MAX : to, &w.to, e) < 0)
		return -1;
	if (w.from == 0)
		w.from = r->first_seq;
	else if (from != NO_TIME && query_seq_time(q, host, w.from) < from)
		w.from++;
	while (w.from <= w.to && text_seq(q, host, w.from) != w.from) /* so that who is alive has a run that touches it */
		w.from++;
	return w.from > w.to ? 0 : store_walk(q->store, host, w.from, w.to, &walk, e);
}

/* SPDX-License-Identifier: MIT */
/*
 * The only reader of events. A goroutine's way through a piece of time is its state when the piece begins, if it was there,
 * and events; each event ends an interval and, but for EV_GONE, begins one. Where a piece ends, what goes on stands in the
 * next one's start with its own beginning, so nothing is held over the edge, but for since when it waits for what it does.
 */
#include "interval.h"
#include <stdlib.h>

/* Since when a goroutine's interval lasts, and it waits for its present object, where that is not since its run began. */
struct held {
	struct held_one {
		uint64_t id;
		uint32_t since, waits;
	} *a;
	size_t n, cap;
};

struct intervals {
	struct range r;
	struct interval_question ask;
	struct err *e;
	struct store_walk *walk;           /* NULL: of one goroutine alone */
	struct goroutine_history one;      /* told as one step */
	bool told;
	struct walk_step step;
	size_t k;             /* events of the step that are behind */
	uint32_t piece;       /* which the step is in; 0 none yet */
	bool later;           /* it is not the first */
	bool saw;             /* what begins in the piece was seen to (range_saw) */
	uint32_t low;         /* first snapshot with text that is told of: of the range, with .parts of the piece too */
	uint32_t low_ordinal;
	bool open;            /* v has begun, and not ended */
	bool earlier;         /* v began in a part that was told */
	struct interval v;
	struct held was, is;  /* at the end of the piece before; of this one */
	size_t taken;         /* of `was` */
	struct pool pool;     /* of one, and of the live */
	struct liveness *live;
	size_t n_live, at_live;
	bool have_live;
};

static enum interval_begin interval_begin_of(const struct intervals *it)
{
	const struct interval *v = &it->v;

	if (it->earlier)
		return BEGAN_EARLIER;
	if (!it->r.text || v->since < it->r.text)
		return BEGAN_THERE;
	if (!(it->saw && v->since >= it->step.first_seq) && !range_saw(&it->r, v->epoch, v->since))
		return BEGAN_THERE;
	return v->since > v->run ? BEGAN_WAITING : v->run > v->born ? BEGAN_CHANGED : BEGAN_BORN;
}

static bool interval_on(const struct intervals *it, uint32_t stack)
{
	return !it->ask.on_stack || it->ask.on_stack(it->ask.ctx, stack);
}

/* v was so up to snapshot `last`. Is it to be told? */
static bool interval_close(struct intervals *it, uint32_t last)
{
	const struct snapshot_header *t = range_at(&it->r, last);
	struct interval *v = &it->v;

	it->open = false;
	if (!interval_on(it, v->stack) && !(v->ended == ENDED_CHANGED && interval_on(it, v->next_stack)))
		return false;
	v->began = interval_begin_of(it);
	v->from = v->since > it->low ? v->since : it->low;
	v->to = t && t->text >= it->r.first ? t->text : 0;
	v->samples = 0;
	if (it->low && v->to >= v->from)
		v->samples = t->ordinal - (v->from == it->low ? it->low_ordinal : range_at(&it->r, v->from)->ordinal) + 1;
	if (v->samples)
		return true;
	return (it->ask.over || it->ask.parts) && v->to && (!v->end || v->end >= (it->r.text ? it->r.text : it->r.before + 1));
}

static void interval_moved(struct interval *v, uint32_t moved, bool proof, int32_t minutes)
{
	v->minutes = minutes;
	v->moved = moved >= v->run ? moved : 0;
	v->moved_proof = proof && v->moved;
}

static bool interval_end_at(struct intervals *it, const struct event *ev)
{
	struct interval *v = &it->v;

	v->end = ev->seq;
	v->next_stack = ev->stack;
	v->next_state = ev->state;
	v->next_labels = ev->labels;
	v->next_object = ev->wait_object;
	switch (ev->kind) {
	case EV_WAIT:
		v->ended = ENDED_WAITING;
		v->next_stack = v->stack;
		v->next_state = v->state;
		v->next_labels = v->labels;
		interval_moved(v, 0, false, -1);
		break;
	case EV_GONE: { /* with its process: from the new one's first snapshot on */
		const struct snapshot_header *t = range_at(&it->r, ev->seq);

		v->ended = t && t->epoch != v->epoch ? ENDED_KILLED : ENDED_GONE;
		interval_moved(v, ev->moved, ev->moved_proof, ev->minutes);
		break;
	}
	default:
		v->ended = ENDED_CHANGED;
		interval_moved(v, ev->moved, ev->moved_proof, ev->minutes);
	}
	return interval_close(it, ev->seq - 1);
}

static void interval_open(struct intervals *it, const struct event *ev)
{
	struct interval *v = &it->v;

	if (ev->kind == EV_GONE)
		return;
	v->since = ev->seq;
	if (ev->kind != EV_WAIT || ev->wait_object != v->wait_object)
		v->waits = ev->seq;
	v->wait_object = ev->wait_object;
	it->open = true;
	it->earlier = false;
	if (ev->kind == EV_WAIT)
		return;
	v->run = ev->seq;
	v->stack = ev->stack;
	v->state = ev->state;
	v->labels = ev->labels;
	v->flags = ev->flags;
	if (ev->kind == EV_BORN) {
		v->born = ev->seq;
		v->parent = ev->parent;
	}
}

/* What the newest snapshot says of those who are still there. */
static int interval_liveness(struct intervals *it)
{
	struct interval *v = &it->v;
	const struct liveness *p;

	interval_moved(v, 0, false, -1);
	if (!it->ask.live || v->epoch != host_row(it->r.q, it->r.host)->epoch)
		return 0;
	if (!it->have_live && store_liveness(it->r.q->view, it->r.host, &it->pool, &it->live, &it->n_live, it->e) < 0)
		return -1;
	it->have_live = true;
	while (it->at_live < it->n_live && it->live[it->at_live].id < v->id)
		it->at_live++;
	if (it->at_live == it->n_live || it->live[it->at_live].id != v->id)
		return 0;
	p = &it->live[it->at_live];
	interval_moved(v, p->moved <= it->r.to ? p->moved : 0, p->moved_proof,
		       range_text(&it->r, it->r.last) <= it->r.to ? p->minutes : -1);
	return 0;
}

/* The piece ends while it is so. 1 to be told, 0 not, -1. */
static int interval_goes_on(struct intervals *it)
{
	struct interval *v = &it->v;
	uint32_t last = it->step.last_seq < it->r.to ? it->step.last_seq : it->r.to;

	v->end = 0;
	v->ended = last < it->r.to ? ENDED_LATER : ENDED_THERE;
	if (v->ended == ENDED_THERE && interval_liveness(it) < 0)
		return -1;
	if (v->ended == ENDED_THERE || it->ask.parts)
		return interval_close(it, last);
	it->open = false;
	if (v->since > v->run) {
		GROW(it->is.a, it->is.n, it->is.cap);
		it->is.a[it->is.n++] = (struct held_one){v->id, v->since, v->waits};
	}
	return 0;
}

static void interval_piece(struct intervals *it)
{
	struct held spare = it->was;
	uint32_t first = it->step.first_seq;

	it->later = it->piece != 0;
	it->piece = it->step.piece;
	it->was = it->is;
	it->is = spare;
	it->is.n = it->taken = it->at_live = 0;
	it->saw = range_saw(&it->r, it->step.epoch, first);
	it->low = it->r.text;
	if (it->ask.parts && it->r.text && first > it->r.text)
		it->low = next_text_seq(it->r.q, it->r.host, first);
	if (it->low)
		it->low_ordinal = range_at(&it->r, it->low)->ordinal;
}

/* Is the goroutine on a stack that is asked for, anywhere in the piece? */
static bool interval_step_on(const struct intervals *it)
{
	const struct walk_step *s = &it->step;

	if (!it->ask.on_stack || (s->start && interval_on(it, s->start->stack)))
		return true;
	for (size_t i = 0; i < s->n; i++)
		if ((s->events[i].kind == EV_BORN || s->events[i].kind == EV_RUN) && interval_on(it, s->events[i].stack))
			return true;
	return false;
}

/* The next goroutine of the piece, as it stands when the piece begins. */
static void interval_enter(struct intervals *it)
{
	const struct goroutine_state *s = it->step.start;

	if (it->step.piece != it->piece)
		interval_piece(it);
	it->open = false;
	it->k = it->step.n;
	if (!interval_step_on(it))
		return;
	it->k = 0;
	it->open = s != NULL;
	it->earlier = s && it->later && it->ask.parts;
	it->v = (struct interval){.id = it->step.id, .epoch = it->step.epoch, .mark = it->step.first_seq};
	if (!s)
		return;
	it->v.parent = s->parent;
	it->v.born = s->born;
	it->v.run = it->v.since = it->v.waits = s->run;
	it->v.stack = s->stack;
	it->v.state = s->state;
	it->v.labels = s->labels;
	it->v.flags = s->flags;
	it->v.wait_object = s->wait_object;
	while (it->taken < it->was.n && it->was.a[it->taken].id < s->id)
		it->taken++;
	if (it->taken < it->was.n && it->was.a[it->taken].id == s->id) {
		it->v.since = it->was.a[it->taken].since;
		it->v.waits = it->was.a[it->taken].waits;
	}
}

static int interval_step(struct intervals *it)
{
	const struct goroutine_history *h = &it->one;

	if (it->walk)
		return store_walk_next(it->walk, &it->step, it->e);
	it->step = (struct walk_step){1, h->epoch, 0, UINT32_MAX, it->ask.id, h->start.id ? &h->start : NULL, h->events, h->n};
	it->told = !it->told;
	return it->told;
}

int intervals_next(struct intervals *it, const struct interval **out)
{
	int rc;

	*out = &it->v;
	for (;;) {
		while (it->k < it->step.n) {
			const struct event *ev = &it->step.events[it->k];

			if (ev->seq > it->r.to) {
				it->k = it->step.n;
			} else if (it->open && ev->kind == EV_WAIT && !it->ask.waits) {
				it->v.wait_object = ev->wait_object;
				it->k++;
			} else if (it->open) {
				if (interval_end_at(it, ev))
					return 1;
			} else {
				interval_open(it, ev);
				it->k++;
			}
		}
		if (it->open && (rc = interval_goes_on(it)) != 0)
			return rc;
		rc = interval_step(it);
		if (rc != 1)
			return rc;
		interval_enter(it);
	}
}

int intervals_begin(struct query *q, const struct interval_question *ask, struct intervals **out, struct err *e)
{
	struct intervals *it;
	struct range r;
	int rc;

	*out = NULL;
	if (view_begin(q, e) < 0)
		return -1;
	it = xcalloc(1, sizeof *it);
	it->e = e;
	it->ask = *ask;
	rc = range_of(q, &ask->w, &r, e);
	if (rc == 1 && !r.text && !ask->parts)
		rc = 0;
	if (rc == 1 && ask->id)
		rc = store_history(q->view, &(struct goroutine_key){ask->w.host, ask->epoch, ask->id}, &it->pool, &it->one, e);
	else if (rc == 1)
		range_load(&r);
	it->r = r;
	if (rc == 1 && !ask->id)
		rc = store_walk_begin(q->view, r.host, ask->over || ask->parts ? r.before : r.text, r.to, &it->walk, e) < 0 ? -1 : 1;
	if (rc != 1) {
		pool_release(&it->pool);
		free(it);
		view_end(q);
		return rc;
	}
	*out = it;
	return 1;
}

void intervals_end(struct intervals *it)
{
	if (!it)
		return;
	store_walk_end(it->walk);
	view_end(it->r.q);
	pool_release(&it->pool);
	free(it->was.a);
	free(it->is.a);
	free(it);
}

const struct range *intervals_range(const struct intervals *it)
{
	return &it->r;
}

/* SPDX-License-Identifier: MIT */
/*
 * How groups came and went over a window, in one walk through the history. It adds up what sweep.h puts in the order of
 * time, a column of a chart at a time; window.c, which lives.c asks, tells each span alone.
 */
#include "sweep.h"
#include <stdlib.h>

struct entry { /* a group being counted; its number is that of its counter */
	struct activity a;
	size_t cap_states;
};

struct lived {
	uint32_t group;
	bool clipped;
	int64_t ms;
};

struct walk {
	struct query *q;
	struct pool *p;
	struct sweep s;
	enum group_by by;
	struct entry *e;
	size_t n, cap;
	uint32_t *known;         /* group + 1, by stack, or by state when grouped so */
	size_t n_known;
	uint32_t *map;           /* hash table of keys: group + 1 */
	size_t cap_map;
	uint32_t epoch;
	struct lived *lived;
	size_t n_lived, cap_lived;
};

/* --- which group --- */

static size_t slot_of(const struct walk *w, uint64_t key)
{
	size_t i = (size_t)(key * 0x9e3779b97f4a7c15u >> 20) & (w->cap_map - 1);

	while (w->map[i] && w->e[w->map[i] - 1].a.key != key)
		i = (i + 1) & (w->cap_map - 1);
	return i;
}

static void grow_map(struct walk *w)
{
	free(w->map);
	w->cap_map = w->cap_map ? 2 * w->cap_map : 256;
	w->map = xcalloc(w->cap_map, sizeof *w->map);
	for (size_t i = 0; i < w->n; i++)
		w->map[slot_of(w, w->e[i].a.key)] = (uint32_t)i + 1;
}

static uint32_t group_by_key(struct walk *w, uint64_t key)
{
	size_t i;

	if (2 * w->n >= w->cap_map)
		grow_map(w);
	i = slot_of(w, key);
	if (!w->map[i]) {
		GROW(w->e, w->n, w->cap);
		w->map[i] = sweep_counter(&w->s) + 1;
		w->e[w->n] = (struct entry){.a.key = key, .a.alive = w->s.c[w->n].alive};
		w->n++;
	}
	return w->map[i] - 1;
}

static uint32_t group_of(struct walk *w, uint64_t id, uint32_t stack, uint32_t state)
{
	uint32_t k = w->by == BY_STATE ? state : stack;

	if (w->by == BY_NONE)
		return group_by_key(w, group_key(w->q, w->by, stack, state, id));
	if (k >= w->n_known) {
		size_t n = (size_t)k * 2 + 64;

		w->known = xrealloc(w->known, n, sizeof *w->known);
		memset(w->known + w->n_known, 0, (n - w->n_known) * sizeof *w->known);
		w->n_known = n;
	}
	if (!w->known[k])
		w->known[k] = group_by_key(w, group_key(w->q, w->by, stack, state, id)) + 1;
	return w->known[k] - 1;
}

/* --- one goroutine's part of a chunk --- */

/* In that state from snapshot a up to and with z. */
static void spent(struct walk *w, uint32_t group, uint32_t state, uint32_t a, uint32_t z)
{
	struct entry *e = &w->e[group];
	uint32_t n = sweep_samples(&w->s, a, z);
	size_t i = 0;

	if (!n)
		return;
	while (i < e->a.n_states && e->a.states[i].state != state)
		i++;
	if (i == e->a.n_states) {
		if (i == e->cap_states) {
			struct state_count *more = pool_alloc(w->p, (e->cap_states = 2 * i + 4) * sizeof *more);

			if (i)
				memcpy(more, e->a.states, i * sizeof *more);
			e->a.states = more;
		}
		e->a.states[e->a.n_states++] = (struct state_count){state, 0};
	}
	e->a.states[i].n += n;
}

/* It ends, or the window does: t is the last time it was seen. */
static void live(struct walk *w, uint32_t group, uint32_t born, int64_t t)
{
	GROW(w->lived, w->n_lived, w->cap_lived);
	w->lived[w->n_lived++] = (struct lived){group, born_before(w->q, w->s.host, w->epoch, born),
						t - time_or_first(w->q, w->s.host, born)};
}

struct stand { /* where a goroutine stands between two of its events */
	bool alive;
	uint32_t group, state, since, born;
};

static void leave(struct walk *w, const struct stand *s, uint32_t seq)
{
	sweep_change(&w->s, seq, s->group, -1);
	w->e[s->group].a.left += sweep_has(&w->s, seq);
}

static void take_event(struct walk *w, struct stand *s, const struct event *ev)
{
	uint32_t group;

	if (ev->kind == EV_WAIT)
		return;
	if (s->alive)
		spent(w, s->group, s->state, s->since, ev->seq - 1);
	if (ev->kind == EV_GONE) {
		leave(w, s, ev->seq);
		if (sweep_has(&w->s, ev->seq))
			live(w, s->group, s->born, time_or_first(w->q, w->s.host, text_seq(w->q, w->s.host, ev->seq - 1)));
		s->alive = false;
		return;
	}
	group = group_of(w, ev->id, ev->stack, ev->state);
	if (!s->alive)
		s->born = ev->seq;
	if (!s->alive || group != s->group) {
		if (s->alive)
			leave(w, s, ev->seq);
		sweep_change(&w->s, ev->seq, group, 1);
		w->e[group].a.came += sweep_has(&w->s, ev->seq) && (s->alive || !born_before(w->q, w->s.host, w->epoch, ev->seq));
	}
	*s = (struct stand){true, group, ev->state, ev->seq, s->born};
}

static void on_trail(void *ctx, uint64_t id, const struct living *start, const struct event *ev, size_t n)
{
	struct walk *w = ctx;
	struct stand s = {0};

	if (start) {
		s = (struct stand){true, group_of(w, id, start->stack, start->state), start->state, w->s.first, start->born};
		w->s.c[s.group].start++;
	}
	for (size_t i = 0; i < n && ev[i].seq <= w->s.to; i++)
		take_event(w, &s, &ev[i]);
	if (!s.alive)
		return;
	spent(w, s.group, s.state, s.since, w->s.last);
	if (w->s.last < w->s.to)
		return;
	w->e[s.group].a.there++;
	live(w, s.group, s.born, time_or_first(w->q, w->s.host, text_seq(w->q, w->s.host, w->s.to)));
}

static void on_chunk(void *ctx, uint32_t epoch, uint32_t first_seq, uint32_t last_seq)
{
	struct walk *w = ctx;

	sweep_chunk(&w->s, first_seq, last_seq);
	w->epoch = epoch;
}

/* --- the answer --- */

static int by_group(const void *pa, const void *pb)
{
	const struct lived *a = pa, *b = pb;

	if (a->group != b->group)
		return a->group < b->group ? -1 : 1;
	return a->ms < b->ms ? -1 : a->ms > b->ms;
}

static void take_lifetimes(struct walk *w)
{
	if (w->n_lived)
		qsort(w->lived, w->n_lived, sizeof *w->lived, by_group);
	for (size_t i = 0, k; i < w->n_lived; i = k) {
		struct activity *a = &w->e[w->lived[i].group].a;

		for (k = i; k < w->n_lived && w->lived[k].group == w->lived[i].group; k++)
			a->clipped |= w->lived[k].clipped;
		a->p50 = w->lived[i + (k - i) / 2].ms;
		a->p90 = w->lived[i + (k - i) * 9 / 10].ms;
		a->longest = w->lived[k - 1].ms;
	}
}

static int by_key(const void *pa, const void *pb)
{
	const struct activity *a = pa, *b = pb;

	return a->key < b->key ? -1 : a->key > b->key;
}

static struct activity *answer(struct walk *w)
{
	struct activity *out = pool_alloc(w->p, (w->n + 1) * sizeof *out);

	take_lifetimes(w);
	for (size_t g = 0; g < w->n; g++) {
		out[g] = w->e[g].a;
		for (size_t c = 0; c < w->s.cols; c++)
			if (out[g].alive[c] > out[g].peak)
				out[g].peak = out[g].alive[c];
		states_sort(w->q, out[g].states, out[g].n_states);
	}
	if (w->n)
		qsort(out, w->n, sizeof *out, by_key);
	return out;
}

const struct activity *activity_of(const struct activity *a, size_t n, uint64_t key)
{
	struct activity want = {.key = key};

	return n ? bsearch(&want, a, n, sizeof *a, by_key) : NULL;
}

int query_activity(struct query *q, uint32_t host, int64_t from, int64_t to, enum group_by by, size_t cols, struct pool *p,
		   struct activity **out, size_t *n, struct err *e)
{
	struct walk w = {.q = q, .p = p, .by = by};
	struct store_walk fn = {on_chunk, on_trail, &w};
	int rc = sweep_open(&w.s, q, host, from, to, cols, p, e);

	*n = 0;
	*out = pool_alloc(p, sizeof **out);
	if (rc <= 0)
		return rc;
	rc = store_walk(q->store, host, w.s.from, w.s.to, &fn, e);
	sweep_close(&w.s);
	*out = answer(&w);
	*n = w.n;
	sweep_release(&w.s);
	free(w.e);
	free(w.known);
	free(w.map);
	free(w.lived);
	return rc;
}

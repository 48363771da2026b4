/* SPDX-License-Identifier: MIT */
/* Who is alive at some time: events, applied one after another. */
#include "memory_store.h"
#include <stdlib.h>

size_t crowd_at(const struct crowd *c, uint32_t epoch, uint64_t id)
{
	size_t lo = 0, hi = c->n;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (c->a[mid].epoch < epoch || (c->a[mid].epoch == epoch && c->a[mid].g.id < id))
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static void crowd_apply(struct crowd *c, const struct mem_event *m)
{
	const struct event *ev = &m->ev;
	size_t at = crowd_at(c, m->epoch, ev->id);
	struct goroutine_state *g;

	if (ev->kind == EV_BORN) {
		GROW(c->a, c->n, c->cap);
		memmove(c->a + at + 1, c->a + at, (c->n++ - at) * sizeof *c->a);
		c->a[at] = (struct mem_state){.g = {.id = ev->id, .parent = ev->parent, .born = ev->seq}, .epoch = m->epoch};
	} else if (ev->kind == EV_GONE) {
		memmove(c->a + at, c->a + at + 1, (--c->n - at) * sizeof *c->a);
		return;
	}
	g = &c->a[at].g;
	g->wait_object = ev->wait_object;
	if (ev->kind == EV_WAIT)
		return;
	g->run = ev->seq;
	g->stack = ev->stack;
	g->state = ev->state;
	g->labels = ev->labels;
	g->flags = ev->flags;
}

/* Who is alive before the events of `seq`; *next is the first of those. */
struct crowd crowd_before(const struct mem_host *h, uint32_t seq, size_t *next)
{
	const struct mem_event *ev = series_of(&h->events);
	struct crowd c = {.n = h->base.n, .cap = h->base.n + 16};

	c.a = xcalloc(c.cap, sizeof *c.a);
	if (c.n)
		memcpy(c.a, series_of(&h->base), c.n * sizeof *c.a);
	for (*next = 0; *next < h->events.n && ev[*next].ev.seq < seq; ++*next)
		crowd_apply(&c, &ev[*next]);
	return c;
}

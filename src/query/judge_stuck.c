/* SPDX-License-Identifier: MIT */
/* Suspects that do not grow: sets that are blocked for ever, and locks that many wait for. */
#include "scene.h"
#include <math.h>
#include <stdlib.h>

/* --- a set that does not grow --- */

struct wait_for {
	uint64_t object;
	uint32_t since;   /* here: begin of the visit; left: when it got through */
	bool here;
};

static int by_object(const void *pa, const void *pb)
{
	const struct wait_for *a = pa, *b = pb;

	return a->object < b->object ? -1 : a->object > b->object;
}

/* A queue at one object: who waits, and for how long nobody has got through. */
struct dead {
	uint32_t n, objects;
	int64_t held;
};

static void take_queue(const struct scene *c, const struct wait_for *w, uint32_t n, struct dead *d)
{
	uint32_t here = 0, since = 0, first = c->end;
	int64_t held;

	for (uint32_t i = 0; i < n; i++) {
		here += w[i].here;
		if (!w[i].here && w[i].since > since)
			since = w[i].since;
		if (w[i].here && w[i].since < first)
			first = w[i].since;
	}
	held = scene_time(c, c->end) - scene_time(c, first > since ? first : since);
	if (!here || held <= 0)
		return;
	if (held * 2 < d->held)
		return;
	if (d->held * 2 < held)
		d->n = d->objects = 0;
	d->held = held > d->held ? held : d->held;
	d->n += here;
	d->objects++;
}

/* The dead queues of a place: those where nobody got through for longest. */
static struct dead dead_queues(const struct scene *c)
{
	struct wait_for *w = xcalloc(c->n + 1, sizeof *w);
	struct dead d = {0};

	for (uint32_t i = 0; i < c->n; i++) {
		const struct stay *m = &c->a[i];

		w[i] = (struct wait_for){m->wait_object, m->flags & STAY_HERE ? m->since : m->last + 1, (m->flags & STAY_HERE) != 0};
	}
	qsort(w, c->n, sizeof *w, by_object);
	for (uint32_t i = 0, k; i < c->n; i = k) {
		for (k = i; k < c->n && w[k].object == w[i].object; k++)
			;
		take_queue(c, w + i, k - i, &d);
	}
	free(w);
	return d;
}

/* Somebody who is there, to tell by what they wait for; NULL when nobody is. */
static const struct stay *somebody(const struct scene *c)
{
	for (uint32_t i = 0; i < c->n; i++)
		if (c->a[i].flags & STAY_HERE)
			return &c->a[i];
	return NULL;
}

bool judge_stuck(const struct stays *s, const struct stay_group *g, struct kin *kin, struct pool *p, struct judgement *out)
{
	struct scene c = {.s = s, .a = s->a + g->first, .n = g->n, .end = (uint32_t)s->n_times - 1, .kin = kin, .p = p};
	const struct stay *one = somebody(&c);
	bool lock = one && query_family(s->q, one->state, one->stack) == FAM_LOCK;
	bool nil = one && strstr(query_string(s->q, one->state), "(nil chan)");
	struct dead d;

	*out = (struct judgement){0};
	if (s->n_times < 3 || !one || !(lock || nil || one->flags & STAY_LEAKED))
		return false;
	scene_look(&c, out);
	d = dead_queues(&c);
	if (out->stuck && d.held > 0) {
		if (lock)
			judge_add(out, "held", bounded(1.5 * log1p((double)d.held / 1000), 0, 7),
				  pool_printf(p, "%u wait for a lock that nobody has got for %s", d.n, scene_lasted(&c, d.held)));
		if (lock && d.objects > 1)
			judge_add(out, "cycle", 1.0, "they wait for different locks at the same time: so does a lock order that is broken");
		judge_used(&c, out);
		if (!lock)
			judge_wait(&c, out);
		judge_marked(&c, out);
		judge_add(out, "odds", PRIOR, "one in thirty places where goroutines wait for long is dead; "
					      "somebody may hold it for long on purpose");
		out->first_came = c.a[out->oldest_at].first;
	}
	scene_release(&c);
	return out->n_terms > 0;
}

/* --- a convoy --- */

bool judge_queue(const struct stays *s, const struct stay_group *g, struct pool *p, struct judgement *out)
{
	struct scene c = {.s = s, .a = s->a + g->first, .n = g->n, .end = (uint32_t)s->n_times - 1, .p = p};
	const struct stay *one = somebody(&c);
	double average;

	*out = (struct judgement){0};
	if (s->n_times < 3 || g->n < 10 || !one || query_family(s->q, one->state, one->stack) != FAM_LOCK)
		return false;
	scene_look(&c, out);
	average = series_mean(c.alive, c.end * 2 / 3, c.end);
	if (out->here && out->left) {
		judge_add(out, "queue", bounded(log(average / 5), -3, 2),
			  pool_printf(p, "%.0f wait for it on average in the last third of the time", average));
		judge_add(out, "handed on", -.7, pool_printf(p, "it is handed on: %u got through", out->left));
		out->first_came = c.a[out->oldest_at].first;
		out->oldest = out->oldest < 0 ? 0 : out->oldest;
	}
	scene_release(&c);
	return out->n_terms > 0;
}

/* SPDX-License-Identifier: MIT */
/* Suspects that do not grow: sets that are blocked for ever, and locks that many wait for. */
#include "suspect_stats.h"
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

static void take_queue(const struct suspect_stats *c, const struct wait_for *w, uint32_t n, struct dead *d)
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
	held = stats_time(c, c->end) - stats_time(c, first > since ? first : since);
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
static struct dead dead_queues(const struct suspect_stats *c)
{
	struct wait_for *w = xcalloc(c->n + 1, sizeof *w);
	struct dead d = {0};

	for (uint32_t i = 0; i < c->n; i++) {
		const struct residency *m = &c->a[i];

		w[i] = (struct wait_for){m->wait_object, m->flags & RESIDENCY_HERE ? m->since : m->last + 1, (m->flags & RESIDENCY_HERE) != 0};
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
static const struct residency *somebody(const struct suspect_stats *c)
{
	for (uint32_t i = 0; i < c->n; i++)
		if (c->a[i].flags & RESIDENCY_HERE)
			return &c->a[i];
	return NULL;
}

#define ALONE 30000 /* ms: one that waits alone may wait for a job that takes its time */

/*
 * That a lock is held for t or longer on purpose has a chance of (1 + t / a)^-1.5, where a is a second; with one waiter alone
 * 30; and never less than the longest wait that ended here.
 */
static void held(const struct suspect_stats *c, const struct dead *d, struct score *j)
{
	double as_a_rule = d->n > 1 ? 1000 : ALONE, longest = 0;
	char text[TIME_MAX];

	for (uint32_t i = 0; i < c->n; i++)
		if (has_left(&c->a[i]) && (double)stayed(c, &c->a[i]) > longest)
			longest = (double)stayed(c, &c->a[i]);
	as_a_rule = longest > as_a_rule ? longest : as_a_rule;
	score_add(j, "held", bounded(1.5 * log1p((double)d->held / as_a_rule), 0, 7),
		  pool_printf(c->p, "%u wait%s for a lock that nobody has got for %s%s", d->n, d->n == 1 ? "s" : "", stats_lasted(c, d->held),
			      longest > 1000 ? pool_printf(c->p, "; others got it after up to %s", duration_format(text, (int64_t)longest)) : ""));
}

bool score_stuck(const struct residencies *s, const struct residency_group *g, struct relatives *relatives, struct pool *p, struct score *out)
{
	struct suspect_stats c = {.s = s, .a = s->a + g->first, .n = g->n, .end = (uint32_t)s->n_times - 1, .relatives = relatives, .p = p};
	const struct residency *one = somebody(&c);
	bool grouped = query_is_grouped(s->q, s->host, s->epoch); /* who waits for which lock, and since when, is not known */
	bool lock = one && !grouped && query_family(s->q, one->state, one->stack) == FAM_LOCK;
	bool nil = one && strstr(query_string(s->q, one->state), "(nil chan)");
	struct dead d;

	*out = (struct score){0};
	if (s->n_times < 3 || !one || !(lock || nil || one->flags & RESIDENCY_LEAKED))
		return false;
	stats_collect(&c, out);
	d = dead_queues(&c);
	if (out->stuck && d.held > 0) {
		if (lock)
			held(&c, &d, out);
		if (lock && d.objects > 1)
			score_add(out, "cycle", 1.7, "they wait for different locks at the same time: so does a lock order that is broken");
		if (!grouped)
			score_used(&c, out);
		if (!lock)
			score_wait(&c, out);
		score_marked(&c, out);
		score_add(out, "odds", PRIOR, "one in thirty places where goroutines wait for long is dead; "
					      "somebody may hold it for long on purpose");
		out->first_came = c.a[out->oldest_at].first;
	}
	stats_release(&c);
	return out->n_terms > 0;
}

/* --- busy, and nothing else --- */

/* Since it was first seen it could run at each look, at one place. Who is running, and not runnable, writes the dump. */
static bool is_busy(const struct residencies *s, const struct residency *m)
{
	return m->flags & RESIDENCY_HERE && !m->moves && m->visits == 1 && strcmp(query_string(s->q, m->state), "runnable") == 0;
}

#define LOOKS_LEAST 8
#define COMPUTES 600000 /* ms: of what only computes, half is done after some minutes */

/*
 * Nothing but running: a computation takes t or longer with a chance of (1 + t / 10 min)^-1.5, and is not at the same line at
 * each look, which counts .1 for each. Some programs poll on purpose, so that it is a watch at most.
 */
bool score_busy(const struct residencies *s, const struct residency_group *g, struct pool *p, struct score *out)
{
	struct suspect_stats c = {.s = s, .a = s->a + g->first, .n = g->n, .end = (uint32_t)s->n_times - 1, .p = p};
	uint32_t n = 0, looks = 0;
	int64_t t = 0;

	*out = (struct score){0};
	for (uint32_t i = 0; i < g->n; i++) {
		if (!is_busy(s, &c.a[i]))
			continue;
		n++;
		looks = c.end - c.a[i].first + 1 > looks ? c.end - c.a[i].first + 1 : looks;
		t = s->times[c.end] - s->times[c.a[i].first] > t ? s->times[c.end] - s->times[c.a[i].first] : t;
	}
	if (!n || looks < LOOKS_LEAST)
		return false;
	stats_collect(&c, out);
	if (n * 2 >= out->here && out->stuck) {
		out->watch = true;
		score_add(out, "busy", bounded(1.5 * log1p((double)t / COMPUTES), 0, 5) + bounded(.1 * looks, 0, 2),
			  pool_printf(p, "%u could run at each of %u looks, for %s, at the same line each time", n, looks, stats_lasted(&c, t)));
		score_marked(&c, out);
		score_add(out, "odds", PRIOR, "one in thirty places where goroutines are for long is stuck; others compute, or poll on purpose");
		out->first_came = c.a[out->oldest_at].first;
	}
	stats_release(&c);
	return out->n_terms > 0;
}

/* --- one snapshot --- */

#define LONG 10  /* minutes */
#define MANY 100 /* are a row however short they have been there */

static int by_minutes(const void *pa, const void *pb)
{
	uint32_t a = *(const uint32_t *)pa, b = *(const uint32_t *)pb;

	return a < b ? -1 : a > b;
}

bool score_many(const struct residencies *s, const struct residency_group *g, struct relatives *relatives, struct pool *p, struct score *out)
{
	struct suspect_stats c = {.s = s, .a = s->a + g->first, .n = g->n, .end = (uint32_t)s->n_times - 1, .relatives = relatives, .p = p};
	const struct residency *one = somebody(&c);
	enum family f = one ? query_family(s->q, one->state, one->stack) : FAM_RUNNING;
	uint32_t *minutes, n = 0, median;

	*out = (struct score){0};
	if (s->n_times >= 3 || !one || f == FAM_RUNNING || f == FAM_IO || f == FAM_SLEEP)
		return false;
	minutes = pool_alloc(p, (g->n + 1) * sizeof *minutes);
	for (uint32_t i = 0; i < g->n; i++)
		if (c.a[i].flags & RESIDENCY_HERE)
			minutes[n++] = c.a[i].minutes;
	qsort(minutes, n, sizeof *minutes, by_minutes);
	median = minutes[n / 2];
	if (median < LONG && n < MANY)
		return false;
	stats_collect(&c, out);
	out->watch = true;
	score_add(out, "many", bounded(log((double)n / 10), -2, 3), pool_printf(p, "%u are blocked at this place", n));
	if (median >= LONG)
		score_add(out, "for long", bounded(log1p((double)median / LONG), 0, 2), pool_printf(p, "half of them for %u minutes or longer, by the dump", median));
	else
		score_add(out, "for long", -.5, query_is_grouped(s->q, s->host, s->epoch) ? "for how long is not known" :
			  pool_printf(p, "half of them for less than %u minute%s, by the dump", median + 1, median ? "s" : ""));
	score_wait(&c, out);
	score_marked(&c, out);
	score_add(out, "odds", PRIOR, "one in thirty places where goroutines gather is a leak; whether they still come, or are used, "
				      "one snapshot cannot tell");
	out->first_came = 0;
	stats_release(&c);
	return true;
}

/* --- a convoy --- */

bool score_queue(const struct residencies *s, const struct residency_group *g, struct pool *p, struct score *out)
{
	struct suspect_stats c = {.s = s, .a = s->a + g->first, .n = g->n, .end = (uint32_t)s->n_times - 1, .p = p};
	const struct residency *one = somebody(&c);
	double average;

	*out = (struct score){0};
	if (s->n_times < 3 || g->n < 10 || !one || query_family(s->q, one->state, one->stack) != FAM_LOCK)
		return false;
	stats_collect(&c, out);
	average = series_mean(c.alive, c.end * 2 / 3, c.end);
	if (out->here && out->left) {
		score_add(out, "queue", bounded(log(average / 5), -3, 2),
			  pool_printf(p, "%.0f wait for it on average in the last third of the time", average));
		score_add(out, "handed on", -.7, pool_printf(p, "it is handed on: %u got through", out->left));
		out->first_came = c.a[out->oldest_at].first;
		out->oldest = out->oldest < 0 ? 0 : out->oldest;
	}
	stats_release(&c);
	return out->n_terms > 0;
}

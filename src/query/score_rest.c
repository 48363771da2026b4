/* SPDX-License-Identifier: MIT */
/*
 * Suspects that came to rest: a scheduler, or all workers of a pool, that moved all the time and then never again, while the
 * process goes on. Each goroutine is held against its own history of rests, which needs no idea of how rests are spread:
 *
 *   rest        It moved n times. That the newest of n + 1 rests is the longest is one chance in n + 1; that it is r times as
 *               long as any before, for tails as heavy as they get, one in r to the power of 1.5. The rest is counted in
 *               load: as long as fewer goroutines are born elsewhere than before, it counts as much less.
 *   new place   It was never here in this state before: 2 of 3 that are stuck, and one in three of those that are idle. An
 *               idle one waits where it always waits for work, and for the same: 1 in 10, against half.
 *   others work Of the same site some still work: half of the idle in a pool look so, and one in five of the stuck.
 */
#include "relatives.h"
#include "suspect_stats.h"
#include <math.h>
#include <stdlib.h>

#define MOVES_LEAST 8
#define TIMES_LONGEST 3

/* Rests for much longer than it ever did. */
static bool rests(const struct residencies *s, const struct residency *m)
{
	uint32_t now = (uint32_t)s->n_times - 1 - m->moved;

	return m->flags & RESIDENCY_HERE && !(m->flags & RESIDENCY_TICKED) && m->moves >= MOVES_LEAST && now >= TIMES_LONGEST * (uint64_t)m->longest &&
	       now >= TIMES_LONGEST;
}

/* What is left of the load since the rest began: births elsewhere against those that were due, as many as may be at random. */
struct load {
	double left; /* 0..1 */
	bool known, less;
};

static struct load load_since(const struct suspect_stats *c, uint32_t moved)
{
	double before = 0, since = 0, due;

	for (uint32_t i = 1; i <= c->end; i++)
		*(i <= moved ? &before : &since) += c->s->born[i] - (c->s->born[i] > c->own[i] ? c->own[i] : c->s->born[i]);
	if (before < MOVES_LEAST || !moved)
		return (struct load){.left = .5};
	due = before / moved * (c->end - moved);
	return (struct load){.left = bounded((since + sqrt(due)) / due, 0, 1), .known = true, .less = since + 2 * sqrt(due) < .7 * due};
}

static uint32_t still_at_work(struct relatives *k, const struct residencies *s, const struct residency *m)
{
	const struct residency *life = relatives_life(k, m->id);
	const struct residency_group *site = life ? &s->groups[life->group] : NULL;
	uint32_t n = 0;

	for (uint32_t i = 0; site && i < site->n; i++)
		n += s->a[site->first + i].flags & RESIDENCY_ALIVE && s->a[site->first + i].moved > m->moved + (s->n_times - 1 - m->moved) / 2;
	return n;
}

static int first_to_rest(const void *pa, const void *pb)
{
	const struct residency *a = *(const struct residency *const *)pa, *b = *(const struct residency *const *)pb;

	if (a->moved != b->moved)
		return a->moved < b->moved ? -1 : 1;
	return a->id < b->id ? -1 : a->id > b->id;
}

static bool is_running(const struct residencies *s, const struct residency *m)
{
	return query_family(s->q, m->state, m->stack) == FAM_RUNNING;
}

static void rest(const struct suspect_stats *c, const struct residency *m, uint32_t n, struct score *j)
{
	struct load load = load_since(c, m->moved);
	double times = (c->end - m->moved) * load.left / (m->longest ? m->longest : 1);
	uint32_t working = still_at_work(c->relatives, c->s, m);
	const struct residency *life = relatives_life(c->relatives, m->id);
	bool again = (is_running(c->s, m) && life ? life : m)->flags & RESIDENCY_AGAIN;

	score_add(j, "rest", bounded(bounded(log(m->moves + 1), 0, 2) + 1.5 * log(times > .1 ? times : .1), -3, 5.5),
		  pool_printf(c->p, "%s moved %u times, never resting for more than %u snapshot%s; and not in the last %u, for %s%s",
			      n == 1 ? "it" : "one that is typical", m->moves, m->longest, m->longest == 1 ? "" : "s", c->end - m->moved,
			      stats_lasted(c, stats_time(c, c->end) - stats_time(c, m->moved)),
			      load.less ? "; but the process does less than it did" :
			      load.known ? "" : "; what the process does else is not known"));
	if (again)
		score_add(j, "new place", log(.1 / .5), "it is where it has been before, in the same state: as when it waits for work");
	else
		score_add(j, "new place", log(2), "it was never here in this state before");
	if (working)
		score_add(j, "others work", log(.2 / .5), pool_printf(c->p, "%u that the same statement started still work", working));
}

bool score_rest(const struct residencies *s, const struct residency_group *g, struct relatives *relatives, struct pool *p, struct score *out)
{
	struct suspect_stats c = {.s = s, .a = s->a + g->first, .n = g->n, .end = (uint32_t)s->n_times - 1, .relatives = relatives, .p = p};
	const struct residency **a = NULL;
	uint32_t n = 0;

	*out = (struct score){0};
	for (uint32_t i = 0; i < g->n; i++)
		n += rests(s, &c.a[i]);
	if (!n || s->n_times < MOVES_LEAST)
		return false;
	stats_collect(&c, out);
	if (n * 2 >= out->here && out->stuck) {
		a = pool_alloc(p, (n + 1) * sizeof *a);
		n = 0;
		for (uint32_t i = 0; i < g->n; i++)
			if (rests(s, &c.a[i]))
				a[n++] = &c.a[i];
		qsort(a, n, sizeof *a, first_to_rest);
		rest(&c, a[n / 2], n, out);
		if (is_running(s, a[n / 2]))
			score_add(out, "wait", 1, "it could run at each look, and never waited for anything: it gets nowhere");
		else
			score_wait(&c, out);
		score_marked(&c, out);
		score_add(out, "odds", PRIOR, "one in thirty that rest for long is stuck; others are not needed any more");
		out->first_came = a[0]->moved;
		out->last_came = a[n - 1]->moved;
	}
	stats_release(&c);
	return out->n_terms > 0;
}

/* SPDX-License-Identifier: MIT */
/*
 * Is this dump of the same process as the last one? Nothing in it says so; what can be known:
 *
 *   A goroutine's id is never given twice, and its creation site and parent never change. One id with another creation
 *   site is proof of another process.
 *
 *   "N minutes" is a lower bound of how long a goroutine has been blocked. One that is longer than the time since the
 *   last snapshot was there at that snapshot. If that snapshot has it, blocked in the same place, the process is the
 *   same (proof, as long as nothing clashes); if that snapshot is complete and does not have it, it is another process,
 *   unless most of those who stayed have not changed a byte: then the times do not fit (a recording played fast).
 *
 *   Ids are given in batches of 16, each by one processor, one after the other. So between a newcomer and the next higher
 *   one who was there at the last snapshot a batch begins: else the newcomer would have been born before that one, and be in
 *   that snapshot too, or have ended. Where batches begin is the same all over, modulo 16, but not known (1, 17, 33, ... and
 *   one later for each thread that calls in from C). If it would have to be at different places, the process is another one.
 *   Whom the runtime itself started does not count, since it is listed only while it has something to do.
 *
 *   Ids start over. A running process gives new goroutines higher ids than any before, but for the rest of a batch of 16
 *   that each processor keeps; so newcomers that are all below the highest id seen are a sign, no proof. It counts when
 *   those who stayed speak for it: all waits of a minute and more are gone at once, or most stacks that seem to have
 *   stayed have other bytes (a new process puts its start-up goroutines at other addresses; those that show none do not
 *   count), or nobody stayed.
 *
 *   Who stays at the place in memory that the kernel gave it (scan.h's map) speaks against that: in another process it would be at
 *   another one, as long as addresses are random. Other bytes beside it are left-overs of calls.
 *
 *   The last goroutine of a cut dump proves nothing: half a creation site is not another one (track_doubt).
 *
 * In doubt the process is the same: everything that would be merged then agrees in id, creation site and parent, while a
 * false restart would cut every life in two.
 */
#include "track.h"
#include <gscrape/err.h>
#include <stdlib.h>

struct signs {
	size_t clash;      /* same id, other creation site or parent */
	size_t impossible; /* newcomers that have waited since before the last snapshot */
	size_t continued;  /* blocked in the same place since before the last snapshot */
	size_t stayed;     /* ids in both */
	size_t held, same; /* of them those whose bytes tell one process from another; of these unchanged */
	size_t in_place;   /* of them at the same place in memory */
	size_t long_before, long_now; /* of them in the same place: waited a minute or more then; still do */
	size_t fresh;
};

static bool clashes(const struct symtab *sym, const struct tracked *was, const struct scan_item *is)
{
	uint32_t a, b;

	if (was->parent && is->parent && was->parent != is->parent)
		return true;
	if (was->stack == is->stack)
		return false;
	a = symtab_get_stack(sym, was->stack).created;
	b = symtab_get_stack(sym, is->stack).created;
	return a && b && a != b;
}

static void look(struct signs *g, const struct track *t, const struct symtab *sym, const struct scan_item *is, int64_t gap)
{
	const struct tracked *was = &t->slots[is->slot];
	bool since_before = is->minutes > 0 && (int64_t)is->minutes * 60000 > gap;
	bool same_place;

	if (is->fresh) {
		g->fresh++;
		g->impossible += since_before;
		return;
	}
	same_place = was->stack == is->stack && was->state == is->state;
	g->clash += clashes(sym, was, is);
	g->stayed++;
	g->in_place += is->same_map;
	if (!t->bodies_known || is->addressed) {
		g->held++;
		g->same += t->bodies_known ? is->same_body : same_place;
	}
	g->continued += same_place && since_before && was->minutes >= 0;
	if (same_place && was->minutes > 0) {
		g->long_before++;
		g->long_now += is->minutes > 0;
	}
}

#define BATCH 16

static int by_number(const void *pa, const void *pb)
{
	uint64_t a = *(const uint64_t *)pa, b = *(const uint64_t *)pb;

	return a < b ? -1 : a > b;
}

static bool is_of_runtime(struct str func)
{
	return func.n > strlen("runtime.") && memcmp(func.p, "runtime.", strlen("runtime.")) == 0;
}

/* The numbers of newcomers that somebody higher might have been born after; rising. */
static uint64_t *low_newcomers(const struct track *t, const struct symtab *sym, const struct scan_result *r, size_t *n)
{
	uint64_t *low = xrealloc(NULL, r->n + 1, sizeof *low);

	*n = 0;
	for (size_t i = 0; i < r->n; i++) {
		const struct scan_item *is = &r->items[i];
		uint32_t created = is->fresh && is->id && is->id < t->max_id ? symtab_get_stack(sym, is->stack).created : 0;

		if (created && !is_of_runtime(symtab_get_string(sym, symtab_get_frame(sym, created).func)))
			low[(*n)++] = is->id;
	}
	qsort(low, *n, sizeof *low, by_number);
	return low;
}

/* The highest of them, which are rising, below id; 0 none. */
static uint64_t next_below(const uint64_t *low, size_t n, uint64_t id)
{
	size_t lo = 0, hi = n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (low[mid] < id)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo ? low[lo - 1] : 0;
}

/* Where may batches begin, modulo their size, if one does at one of the numbers after `low`, up to `high`? A bit each. */
static unsigned beginnings(uint64_t low, uint64_t high)
{
	unsigned mask = 0;

	if (!low || high - low >= BATCH)
		return (1u << BATCH) - 1;
	for (uint64_t id = low + 1; id <= high; id++)
		mask |= 1u << id % BATCH;
	return mask;
}

/* Are there newcomers whose numbers their processors had passed before the last snapshot, wherever batches begin? */
static bool numbers_start_over(const struct track *t, const struct symtab *sym, const struct scan_result *r)
{
	unsigned may_begin = (1u << BATCH) - 1;
	uint64_t *low;
	size_t n;

	if (!t->bodies_known || t->last_cut)
		return false; /* who was there then is not all known */
	low = low_newcomers(t, sym, r, &n);
	for (size_t slot = 0; slot < t->cap && n && may_begin; slot++)
		if (t->slots[slot].alive)
			may_begin &= beginnings(next_below(low, n, t->slots[slot].id), t->slots[slot].id);
	free(low);
	return !may_begin;
}

bool epoch_is_new(const struct track *t, const struct symtab *sym, const struct scan_result *r, int64_t time, bool complete)
{
	struct signs g = {0};
	int64_t gap = t->last_time == NO_TIME ? INT64_MAX : time - t->last_time;
	size_t enough;

	if (t->epoch == 0)
		return true;
	if (t->n_alive == 0)
		return false;
	for (size_t i = 0; i < r->n; i++)
		look(&g, t, sym, &r->items[i], gap);
	if (g.clash)
		return true;
	if (!complete || g.continued)
		return false;
	if ((g.impossible && g.same * 2 < g.held) || (g.fresh && numbers_start_over(t, sym, r)))
		return true;
	if (r->max_id >= t->max_id || !g.fresh)
		return false;
	if (g.stayed == 0 || (g.long_before && !g.long_now))
		return true;
	if (g.in_place)
		return false;
	enough = t->outage ? 9 : 5; /* after failed scrapes a restart is likely anyhow */
	return g.same * 10 < g.held * enough;
}

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
 *   Ids start over. A running process gives new goroutines higher ids than any before, but for the rest of a batch of 16
 *   that each processor keeps; so newcomers that are all below the highest id seen are a sign, no proof. It counts when
 *   those who stayed speak for it: all waits of a minute and more are gone at once, or most stacks that seem to have
 *   stayed have other bytes (a new process puts its start-up goroutines at other addresses), or nobody stayed.
 *
 *   The last goroutine of a cut dump proves nothing: half a creation site is not another one (track_doubt).
 *
 * In doubt the process is the same: everything that would be merged then agrees in id, creation site and parent, while a
 * false restart would cut every life in two.
 */
#include "track.h"

struct signs {
	size_t clash;      /* same id, other creation site or parent */
	size_t impossible; /* newcomers that have waited since before the last snapshot */
	size_t continued;  /* blocked in the same place since before the last snapshot */
	size_t stayed, same; /* ids in both; of them unchanged */
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
	g->same += t->bodies_known ? is->same_body : same_place;
	g->continued += same_place && since_before && was->minutes >= 0;
	if (same_place && was->minutes > 0) {
		g->long_before++;
		g->long_now += is->minutes > 0;
	}
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
	if (g.impossible && g.same * 2 < g.stayed)
		return true;
	if (r->max_id >= t->max_id || !g.fresh)
		return false;
	if (g.stayed == 0 || (g.long_before && !g.long_now))
		return true;
	enough = t->outage ? 9 : 5; /* after failed scrapes a restart is likely anyhow */
	return g.same * 10 < g.stayed * enough;
}

/* SPDX-License-Identifier: MIT */
#include "merged.h"

static void merging_turn_to(struct merging *m, const struct interval *v)
{
	struct merged *was;

	if (m->now.place)
		*open_merged_at(&m->open, m->now.id) = m->now;
	m->now = (struct merged){.id = v->id};
	was = open_merged_find(&m->open, v->id);
	if (was && was->epoch == v->epoch)
		m->now = *was;
	if (was) /* the entry stays, for it may come again */
		was->epoch = 0;
}

bool merge(struct merging *m, const struct interval *v, uint64_t place, uint64_t next, struct merged *out)
{
	bool goes_on = v->ended == ENDED_WAITING || v->ended == ENDED_CHANGED;

	if (v->id != m->now.id || (m->now.place && v->epoch != m->now.epoch))
		merging_turn_to(m, v);
	if (place && m->now.place != place)
		m->now = (struct merged){.id = v->id, .place = place, .epoch = v->epoch, .born = v->born, .since = v->waits,
					 .from = v->from, .came = v->began != BEGAN_THERE};
	if (!place)
		return false;
	m->now.to = v->to;
	if (goes_on && next == place)
		return false;
	*out = m->now;
	out->ended = goes_on ? ENDED_CHANGED : v->ended;
	m->now.place = 0;
	return out->to >= out->from;
}

void merging_release(struct merging *m)
{
	open_merged_release(&m->open);
}

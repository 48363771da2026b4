/* SPDX-License-Identifier: MIT */
#include "range.h"

static uint32_t range_begin(const struct range *r, int64_t from, uint32_t at_or_before)
{
	uint32_t seq = at_or_before < r->first ? r->first : at_or_before;

	if (at_or_before >= r->first && range_time(r, seq) < from)
		return seq + 1;
	while (seq > r->first && range_time(r, seq - 1) >= from) /* the same time twice */
		seq--;
	return seq;
}

int range_of(struct query *q, const struct window *w, struct range *out, struct err *e)
{
	const struct host_row *row = host_row(q, w->host);
	uint32_t a = 0;

	*out = (struct range){.q = q, .host = w->host};
	if (!row || row->last_seq < row->first_seq)
		return 0;
	out->cache = host_cache(q, w->host);
	out->first = out->from = out->before = row->first_seq;
	out->last = out->to = row->last_seq;
	if (w->to != NO_TIME && seq_at(q, w->host, w->to, &out->to, e) < 0)
		return -1;
	if (!out->to)
		return 0;
	if (w->from != NO_TIME) {
		if (seq_at(q, w->host, w->from, &a, e) < 0)
			return -1;
		out->from = range_begin(out, w->from, a);
		out->before = out->from > out->last || range_time(out, out->from) > w->from ? out->from - 1 : out->from;
		if (out->before < out->first)
			out->before = out->first;
		if (out->before > out->to) /* it ends before it begins */
			return 0;
	}
	out->text = out->from <= out->to ? next_text_seq(q, w->host, out->from) : 0;
	if (out->text > out->to)
		out->text = 0;
	return 1;
}

void range_load(struct range *r)
{
	for (uint32_t seq = r->before; seq <= r->to; seq = seq / BLOCK * BLOCK + BLOCK)
		if (!snapshot_header(r->q, r->host, seq))
			return;
	r->loaded = r->to - r->before + 1;
}

bool range_saw(const struct range *r, uint32_t epoch, uint32_t seq)
{
	const struct snapshot_header *t = seq > r->first ? range_at(r, seq - 1) : NULL;

	return t && t->text >= r->first && t->epoch == epoch;
}

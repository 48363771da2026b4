/* SPDX-License-Identifier: MIT */
/*
 * range.h: a stretch of a host's history, in numbers of snapshots. range_of is the one place where times become such
 * numbers, by one rule: a snapshot is in from..to when its time is, both ends included; of several at one time, all are.
 */
#ifndef QUERY_RANGE_H
#define QUERY_RANGE_H

#include "query_internal.h"

struct range {
	struct query *q;
	uint32_t host;
	struct host_cache *cache;
	uint32_t first, last; /* snapshots that are kept */
	uint32_t before;      /* the last one at or before its beginning: what is so there goes on into it. `from`, when none is older */
	uint32_t from, to;    /* the first and the last in it; to < from: none is */
	uint32_t text;        /* the first with text in it; 0 none */
	uint32_t loaded;      /* headers of `before`..`to` are in memory: how many; 0 they are read as needed */
};

/* Of a window of one host. 1, 0 when there is no snapshot at or before its end, -1. */
int range_of(struct query *q, const struct window *w, struct range *out, struct err *e);

/* For questions that look at all of it: reads the headers at once. */
void range_load(struct range *r);

/* A snapshot's header; NULL when it is not kept. Valid until the next refresh. */
static inline const struct snapshot_header *range_at(const struct range *r, uint32_t seq)
{
	if (seq - r->before < r->loaded)
		return &r->cache->blocks[seq / BLOCK]->t[seq % BLOCK];
	return snapshot_header(r->q, r->host, seq);
}

/* Time of a snapshot; when it is older than what is kept, of the first with text that is. */
static inline int64_t range_time(const struct range *r, uint32_t seq)
{
	const struct snapshot_header *t = range_at(r, seq);

	return t ? t->time : time_or_first(r->q, r->host, seq);
}

/* The last snapshot with text at or before seq; 0 none is kept. */
static inline uint32_t range_text(const struct range *r, uint32_t seq)
{
	const struct snapshot_header *t = range_at(r, seq);

	return t && t->text >= r->first ? t->text : 0;
}

/* How many snapshots with text there are from `from` to `to`, which have text themselves. */
static inline uint32_t range_samples(const struct range *r, uint32_t from, uint32_t to)
{
	const struct snapshot_header *a = range_at(r, from), *b = range_at(r, to);

	return a && b && from <= to ? b->ordinal - a->ordinal + 1 : 0;
}

/* Was it seen how something came about in this process at snapshot seq? What is so in the first kept one was so before. */
bool range_saw(const struct range *r, uint32_t epoch, uint32_t seq);

#endif

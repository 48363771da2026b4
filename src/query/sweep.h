/* SPDX-License-Identifier: MIT */
/*
 * sweep.h: how many were there at once, of many things counted together, in one walk through the history. The walk gives
 * one goroutine's trail after the other, chunk by chunk; the most at once asks for the order of time. So a chunk's trails
 * leave changes (from this snapshot on, one more or one less), which are sorted by snapshot and swept when the chunk is
 * done.
 */
#ifndef QUERY_SWEEP_H
#define QUERY_SWEEP_H

#include "room.h"

struct when {
	int32_t column;   /* of the window; -1: before it */
	uint32_t samples; /* with text, up to and with this one */
};

struct counter {
	uint32_t *alive;     /* by column: the most at once */
	uint32_t start, now; /* when the chunk begins: the trails add to it; while it is swept */
};

struct sweep {
	struct query *q;
	struct pool *p;
	uint32_t host, from, to; /* snapshots */
	size_t cols;
	struct when *when;       /* by seq - from */
	struct counter *c;
	size_t n, cap;
	struct change *changes;
	size_t n_changes, cap_changes;
	uint32_t first, last;    /* of the chunk; first 0: none yet */
	int32_t column;          /* filled up to here */
	bool begun;              /* a snapshot of the window was swept */
};

/* Columns are in p. 1, 0 when no snapshot is in the window, -1. */
int sweep_open(struct sweep *s, struct query *q, uint32_t host, int64_t from, int64_t to, size_t cols, struct pool *p, struct err *e);
uint32_t sweep_counter(struct sweep *s);  /* one more thing to count: its number */
void sweep_chunk(struct sweep *s, uint32_t first_seq, uint32_t last_seq); /* a chunk begins */
void sweep_change(struct sweep *s, uint32_t seq, uint32_t counter, int32_t by);
void sweep_close(struct sweep *s);        /* the walk is done */
void sweep_release(struct sweep *s);

/* Did what happened at this snapshot happen within the window? */
static inline bool sweep_has(const struct sweep *s, uint32_t seq)
{
	return seq > s->from ? seq <= s->to : seq == s->from && s->when[0].column >= 0;
}

/* Snapshots with text from a up to and with z, of those in the window. */
uint32_t sweep_samples(const struct sweep *s, uint32_t a, uint32_t z);

#endif

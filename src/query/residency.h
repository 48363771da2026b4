/* SPDX-License-Identifier: MIT */
/*
 * residency.h: a host's history as residencies: this goroutine was at this place from this snapshot to that one. A place is where a
 * creation site's goroutines wait: the first frame from the leaf that is neither of the runtime nor of the standard
 * library, with its line. A residency lasts from the first time the goroutine is seen there to the last, whatever it did in
 * between; how often it came back is counted.
 */
#ifndef QUERY_RESIDENCY_H
#define QUERY_RESIDENCY_H

#include "query_internal.h"

enum residency_flag {
	RESIDENCY_BEFORE = 1, /* it was there when the window, or its process, begins: nobody saw it come */
	RESIDENCY_HERE = 2,   /* it is there in the last snapshot */
	RESIDENCY_ALIVE = 4,  /* its goroutine is alive in the last snapshot, here or elsewhere */
	RESIDENCY_LEAKED = 8, /* Go's own detector marked it */
	RESIDENCY_RESTED = 16,/* it has been seen to block here (not only running) */
	RESIDENCY_IO = 32,    /* its goroutine has been seen in IO wait, here or elsewhere */
	RESIDENCY_TICKED = 64,/* in its present state and stack here it is proven to have moved */
	RESIDENCY_AGAIN = 128,/* it has been here in its present state before, and moved since */
	RESIDENCY_CAUGHT = 256,/* the first sign that it moved was that it was seen running here, as a look happens to */
};

struct residency {
	uint64_t id, parent;  /* parent 0: unknown or none */
	uint32_t group;       /* index into residencies.groups */
	uint32_t first, last; /* snapshots: indices into residencies.times */
	uint32_t born;        /* when its goroutine was first seen, here or elsewhere */
	uint32_t life;        /* used while gathering: its goroutine's residency at the site as a whole; of that one, where it is */
	uint32_t since;       /* begin of the present visit, or the last one */
	uint32_t stack, state;
	uint32_t visits;      /* times it came here */
	uint32_t spent;       /* snapshots it was here before `since` */
	uint64_t states;      /* used while gathering: a bit for each that it has been in here; running and runnable are one */
	uint32_t works;       /* signs that it worked here: waits for another thing at the place */
	uint32_t ticks;       /* signs that it moved, but nobody saw where to: work, or a timer */
	uint32_t ticked;      /* snapshot of the first of them */
	uint32_t moves, moved, longest; /* its goroutine: changes of state, stack or object, anywhere; the last one; most
			       * snapshots from one to the next */
	uint32_t minutes;     /* for how many it has waited, as the newest snapshot says; 0 not known */
	uint64_t wait_object;
	uint16_t flags;       /* enum stay_flag */
};

struct residency_group {
	struct frame created, place; /* place.func NULL: the whole site, wherever its goroutines are */
	uint32_t first, n;    /* its residencies: residencies.a[first .. first + n) */
};

/* One process's part of the window. */
struct residencies {
	struct query *q;
	uint32_t host, epoch;
	const int64_t *times; /* of its snapshots with text */
	const bool *cut;      /* of them those that were cut short */
	size_t n_times;
	uint32_t *born;       /* by snapshot: goroutines seen for the first time */
	bool newest;          /* the host's last process in the window */
	bool marked;          /* Go's own detector was asked: it has marked somebody */
	struct residency_group *groups; /* index 0 is unused */
	size_t n_groups;
	struct residency *a;       /* by group */
	size_t n;
};

/* Each process in the window, oldest first; times NO_TIME: all. 0, what fn returned when it is not 0, or -1. */
int residencies_each(struct query *q, const struct window *w, int (*fn)(void *ctx, const struct residencies *s), void *ctx, struct err *e);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * window.h: a stretch of a host's snapshots, and what every goroutine was in it: for questions about everything. A walk
 * goes through history piece by piece (store.h's chunks); within one, goroutines come by id, and each one's spells in
 * order.
 */
#ifndef QUERY_WINDOW_H
#define QUERY_WINDOW_H

#include "room.h"

struct window {
	uint32_t host, from, to; /* numbers of its first and last snapshot with text */
	struct instant *at;      /* by number, less from */
};
struct instant {
	int64_t time;
	uint32_t ordinal; /* as in struct snapshot: differences count samples */
	uint32_t text;    /* the last snapshot with text at or before it */
	uint32_t epoch;
};
/* from NO_TIME: the beginning; to NO_TIME: the end. 1, 0 there is no snapshot with text in it, -1. */
int window_open(struct query *q, uint32_t host, int64_t from, int64_t to, struct window *out, struct err *e);
void window_close(struct window *w);
static inline const struct instant *window_at(const struct window *w, uint32_t seq)
{
	return &w->at[seq - w->from];
}

/* A goroutine in one state, on one stack, waiting for one thing: as much of it as lies in the window and in one chunk. */
struct spell {
	uint64_t id, wait_object;
	uint32_t epoch, born;   /* its process, and the snapshot it was first seen in */
	uint32_t run;           /* begin of its run; may be before the window */
	uint32_t stack, state;
	uint32_t from, to;      /* first and last snapshot with text */
	uint32_t samples;       /* how many there are from one to the other */
	bool begins, gone;      /* it came to it at `from`; after `to` the goroutine is not there any more */
	bool killed;            /* gone, and its process too */
	bool on;                /* the chunk or the window ends while it goes on */
};
int window_walk(struct query *q, const struct window *w, void (*fn)(void *ctx, const struct spell *s), void *ctx, struct err *e);

/*
 * Spells that follow each other at the same place are one visit, across chunks too. `place` says where a spell is (0:
 * nowhere; it is asked for each, once, in order of the walk; also, with 0 samples, for those that were over just when the
 * window begins), `visit` is told each visit when it ends or the window does.
 */
enum visit_end { VISIT_ON, VISIT_LEFT, VISIT_GONE, VISIT_KILLED };
struct visit {
	uint64_t id, place;
	uint32_t epoch, born, since; /* since: may be before the window */
	uint32_t from, to;           /* in the window */
	bool came;                   /* it began in the window, at `from` */
	enum visit_end end;
};
struct visits {
	uint64_t (*place)(void *ctx, const struct spell *s);
	void (*visit)(void *ctx, const struct visit *s);
	void *ctx;
};
int window_visits(struct query *q, const struct window *w, const struct visits *fns, struct err *e);

#endif

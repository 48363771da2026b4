/* SPDX-License-Identifier: MIT */
/*
 * interval.h: everything that goroutines did in a range, as intervals: this one was in this state on this stack from this
 * snapshot to that. All questions about more than one moment are folds over them, and nobody else reads events.
 *
 *	struct interval_question ask = {.w = {.host = host, .from = from, .to = to}};
 *	const struct interval *v;
 *	struct intervals *it;
 *	int rc = intervals_begin(q, &ask, &it, e);
 *
 *	while (rc == 1 && (rc = intervals_next(it, &v)) == 1)
 *		...
 *	intervals_end(it);
 *
 * History comes in pieces of time, and within a piece by goroutine id. An interval is told whole, once, in the piece in
 * which it ends; a goroutine's intervals come in order. Memory is that of one piece.
 */
#ifndef QUERY_INTERVAL_H
#define QUERY_INTERVAL_H

#include "range.h"

enum interval_begin {
	BEGAN_THERE,   /* it was so already when the range begins, or when the kept history of its process does */
	BEGAN_BORN,    /* the goroutine was seen to come */
	BEGAN_CHANGED, /* from another state or stack */
	BEGAN_WAITING, /* the same state and stack, for another object, or after a proven move (with .waits) */
	BEGAN_EARLIER, /* this is a part: the one before it was told (with .parts) */
};
enum interval_end {
	ENDED_THERE,   /* it is still so when the range ends */
	ENDED_GONE,    /* the goroutine is not there any more */
	ENDED_KILLED,  /* its process is not */
	ENDED_CHANGED, /* to another state or stack */
	ENDED_WAITING, /* for another object; for the same: there it is first proven that it moved */
	ENDED_LATER,   /* this is a part: another will be told */
};

struct interval {
	uint64_t id, parent;    /* parent 0: unknown or none */
	uint32_t epoch, born;   /* its process; the snapshot it was first seen in, which may be before the range */
	uint32_t stack, state, labels;
	uint64_t wait_object;   /* the last one, without .waits; 0 none */
	uint32_t run;           /* where its state and stack began; may be before the range */
	uint32_t since;         /* where the interval began; may be before the range */
	uint32_t waits;         /* with .waits, where it began to wait for this object; else `run` */
	uint32_t end;           /* snapshot from which on it is not so any more; 0: the range ends, or the part, while it is */
	uint32_t from, to;      /* first and last snapshot with text, within the range */
	uint32_t samples;       /* how many there are from one to the other */
	enum interval_begin began;
	enum interval_end ended;
	uint32_t next_stack, next_state, next_labels; /* ENDED_CHANGED, ENDED_WAITING: what it goes on with */
	uint64_t next_object;
	int32_t minutes;        /* the dump's, at the end; -1 unknown */
	uint32_t moved;         /* snapshot of the last sign of life since `run`; 0 none */
	bool moved_proof;
	uint8_t flags;          /* enum dump_flag */
	uint32_t mark;          /* with .parts: all that begins or ends before this snapshot has been told */
};

struct interval_question {
	struct window w;   /* of one host */
	uint64_t id;       /* one goroutine alone, of process `epoch`; 0: all */
	uint32_t epoch;
	bool live;         /* minutes and moved also of what is still so when the range ends */
	bool waits;        /* where another object is waited for, or a move is first proven, another interval begins */
	bool over;         /* tell too, with no samples, what was over just as the range begins: a change is then no beginning */
	bool (*on_stack)(const void *ctx, uint32_t stack); /* only what is on such a stack, or changes to one; NULL: all */
	const void *ctx;
	bool parts;        /* for the order of time: cut intervals where a piece ends, so that beginnings are told in the piece
			    * in which they are (see mark). As with .over; and a range without snapshots has what was before it */
};

/* What decides in which group it is (group_key), and the next one. */
static inline struct trait interval_trait(const struct interval *v)
{
	return (struct trait){v->stack, v->state, v->labels, v->id};
}
static inline struct trait interval_next_trait(const struct interval *v)
{
	return (struct trait){v->next_stack, v->next_state, v->next_labels, v->id};
}

struct intervals;

/* 1, 0 nothing is in the range, -1. *it is NULL unless 1. */
int intervals_begin(struct query *q, const struct interval_question *ask, struct intervals **it, struct err *e);
/* 1, 0 that was all, -1 with the sentence in intervals_begin's e. *v holds until the next call. */
int intervals_next(struct intervals *it, const struct interval **v);
void intervals_end(struct intervals *it); /* at any time; NULL is fine */
const struct range *intervals_range(const struct intervals *it);

/* The same in times and words (asked for without .waits). */
struct run run_of(const struct range *r, const struct interval *v);
struct window_run window_run_of(const struct range *r, const struct interval *v);

#endif

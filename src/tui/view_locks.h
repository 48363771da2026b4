/* SPDX-License-Identifier: MIT */
/* view_locks.h: view 6, what it has loaded. */
#ifndef TUI_VIEW_LOCKS_H
#define TUI_VIEW_LOCKS_H

#include "session.h"

struct lock_view {
	struct memo memo;        /* of the queues: of the window up to T */
	struct waiters *queues;  /* those that are worth a row come first */
	size_t n, resting;       /* how many are; and connections at rest, which are counted only */
	bool read;               /* who holds what was recorded, or the dump of T was there to be read */
	struct list list;
	struct memo over_memo;   /* of the selected object's queue: */
	struct bucket *over;     /* how long it was, in columns of the window, none behind T; NULL: it has no address, or is not known */
	int over_w;
	uint32_t over_max;
	uint64_t over_of;        /* while rows go by, the one before (settle.c) */
	uint64_t object;         /* to be selected when it comes on the screen; 0 none, */
	const struct frame *place; /*   or the line where they wait for what has no address; NULL none */
};

static inline struct lock_view *lock_view_of(const struct session *a)
{
	return a->own[VIEW_LOCKS];
}

extern const struct view lock_view_ops;

const struct waiters *lock_selected(const struct session *a); /* NULL: none */
void draw_lock_view(const struct session *a, struct canvas *c, struct list *rows);

#endif

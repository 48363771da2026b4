/* SPDX-License-Identifier: MIT */
/* held.h: what is told of locks that are held: the reason in words, and the circles that they wait in. */
#ifndef DUMP_HELD_H
#define DUMP_HELD_H

#include <gscrape/holder.h>

void held_give_reason(struct held_lock *t, struct pool *p);
/* In order of their addresses, with their deadlocks. */
void held_finish(struct held_lock *a, size_t n, struct pool *p);

#endif

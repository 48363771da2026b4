/* SPDX-License-Identifier: MIT */
/*
 * desk.h: one thread that does what others ask, one job after the other. The store is written there and nowhere else:
 * LMDB wants a write transaction ended by the thread that began it, and hosts are recorded by several.
 */
#ifndef HISTORY_DESK_H
#define HISTORY_DESK_H

struct desk;

struct desk *desk_new(void);
void desk_free(struct desk *d);
/* Run fn(ctx) at the desk and wait for what it returns. */
int desk_do(struct desk *d, int (*fn)(void *ctx), void *ctx);

#endif

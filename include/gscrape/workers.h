/* SPDX-License-Identifier: MIT */
/*
 * workers.h: threads that do what is put into their queue, first come, first served. With one thread it is the place for
 * what one thread alone may do: LMDB wants a write transaction ended by the thread that began it.
 */
#ifndef GSCRAPE_WORKERS_H
#define GSCRAPE_WORKERS_H

#include <gscrape/err.h>
#include <pthread.h>
#include <stddef.h>
#include <stdint.h>

struct workers;

int workers_open(struct workers **out, size_t threads, struct err *e);

/* One thread that has something to do besides: between(ctx) is called after each piece of work, and when the ms have passed that
 * it returned; once more after workers_wake. */
int workers_open_between(struct workers **out, int64_t (*between)(void *ctx), void *ctx, struct err *e);
void workers_wake(struct workers *w);

/* fn(ctx) is called by one of the threads, some time. */
void workers_put(struct workers *w, void (*fn)(void *ctx), void *ctx);
size_t workers_waiting(struct workers *w); /* how many have not been begun */

/* Call fn(ctx) there, and wait for what it returns. */
int workers_do(struct workers *w, int (*fn)(void *ctx), void *ctx);

/* What waits is done first. Nothing may be put in from here on but by what is being done. NULL is fine. */
void workers_close(struct workers *w);

/* A thread that leaves all signals to the others. 0, or -1 with a sentence. */
void cond_init_steady(pthread_cond_t *c); /* one whose times are monotonic_ms(), so that a clock that is set does no harm */

int thread_start(pthread_t *t, void *(*fn)(void *ctx), void *ctx, struct err *e);

#endif

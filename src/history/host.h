/* SPDX-License-Identifier: MIT */
/* host.h: what a recorder holds in memory of its hosts, and loading one from the store; private to this room. */
#ifndef HISTORY_HOST_H
#define HISTORY_HOST_H

#include "track.h"
#include <gscrape/recorder.h>
#include <gscrape/workers.h>
#include <pthread.h>

/* Snapshots that the store has not been given: one after another, with all their events and states in two arrays. */
struct waiting {
	struct snapshot *snaps; /* states are to be set */
	struct event *events;
	struct state_count *states;
	uint32_t *n_of;         /* events of each */
	struct buf held;        /* their `held`, one after the other */
	size_t n, cap, cap_n_of, n_events, cap_events, n_states, cap_states;
};

struct rec_host {
	char *name, *labels;
	char *told;          /* labels that came while the store was not reached, or NULL; the executor's */
	uint32_t host;       /* the store's handle */
	uint32_t generation; /* of the memory; another than the recorder's: not loaded */
	uint32_t seq, ordinal; /* of its last snapshot */
	int64_t last_time;
	int64_t last_mono;   /* when that was, on the monotonic clock; 0 before this process began */
	struct previous *previous;
	struct track track;
	struct waiting waiting;
	struct buf held;     /* who held which lock in its last snapshot, packed; empty: nobody waited for one, or it is not known */
	uint32_t held_seq;   /* the snapshot that told it */
	bool dirty;          /* its memory is other than the store has it */
	bool busy;           /* a thread is comparing a scan with it: what waits is left for another commit */
};

struct recorder {
	struct store *store;
	struct workers *executor; /* one: whatever touches the store is done there */
	pthread_rwlock_t quiet;  /* held for reading by whoever uses symtab; for writing to replace it */
	/*
	 * Of the list of hosts, what waits of them, busy, the generation, the failure and the idle scanners. Nothing else is taken while it
	 * is held.
	 */
	pthread_mutex_t lock;
	struct symtab *symtab;
	uint32_t generation;
	struct scanner **idle;   /* scanners nobody uses now */
	size_t n_idle, cap_idle;
	struct pool before;      /* of the hosts as the store had them when the first one with labels came, by name; the executor's */
	struct host_row *stored;
	size_t n_stored;
	struct rec_host **hosts; /* by number given out; pointers stay */
	size_t n_hosts, cap_hosts;
	struct hash by_name;     /* the executor's alone */
	bool in_order;           /* recorder_ends_at_failure(), and */
	struct err failure;      /* of a commit, once there was one: nothing is recorded any more */
	bool behind;             /* what comes is put by: behind.c */
	struct buf kept;         /* and is in no file yet; the executor's */
	uint64_t waiting_bytes;  /* of text that waiting snapshots stand for */
	size_t waiting_events;
};

/* Both by the executor. Where the host's history stands, from the store. */
int host_place(struct recorder *r, struct rec_host *h, struct err *e);
/* What host_load will want, as of the last snapshot, and into the batch. */
struct host_memory {
	struct liveness *living;
	size_t n;
	struct buf bytes;
};
void host_remember(const struct rec_host *h, struct host_memory *out);
int host_save(struct recorder *r, uint32_t host, const struct host_memory *m, struct err *e);
void host_memory_release(struct host_memory *m);
/* Who is alive, from the store into previous and track: after a start, or when memory was dropped. */
int host_load(struct recorder *r, struct rec_host *h, struct err *e);

/* recorder.c; the first two by the executor */
struct rec_host *recorder_find_host(struct recorder *r, const char *name, uint32_t *number); /* it is made where it is not known */
int recorder_relabel(struct recorder *r, struct rec_host *h, const char *labels, int64_t time, struct err *e); /* and place it */
int64_t recorder_time_of(const struct rec_host *h, const struct scraped *scraped);
int recorder_add_now(struct recorder *r, uint32_t host, const struct scraped *given, struct outcome *out, struct err *e);

/* behind.c */
bool recorder_is_behind(struct recorder *r);
bool recorder_caught_up(struct recorder *r); /* look, by the executor: is the store there, and nothing left that was put by? */
/* Put by: 0, 1 the store has been reached meanwhile, -1. */
int recorder_keep(struct recorder *r, struct rec_host *h, const struct scraped *scraped, struct outcome *out, struct err *e);
int recorder_catch_up(struct recorder *r, struct err *e); /* 0 all that was put by is recorded; 1 the store is away still, with the sentence; -1 */

/* waiting.c; the first two with the lock held. */
void waiting_add(struct recorder *r, struct rec_host *h, const struct snapshot *snap, const struct event *ev, size_t n_ev);
/* Drop what memory mirrors: everything is loaded again when it is needed. By the executor. */
void new_generation(struct recorder *r);
void waiting_clear(struct waiting *w);
void waiting_release(struct waiting *w);
/* A commit, by the executor. Hosts are recorded meanwhile. */
int recorder_hand_over(struct recorder *r, struct err *e);

#endif

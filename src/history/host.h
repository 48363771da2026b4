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
	size_t n, cap, cap_n_of, n_events, cap_events, n_states, cap_states;
};

struct rec_host {
	char *name, *labels;
	uint32_t host;       /* the store's handle */
	uint32_t generation; /* of the memory; another than the recorder's: not loaded */
	uint32_t seq, ordinal; /* of its last snapshot */
	int64_t last_time;
	int64_t last_mono;   /* when that was, on the monotonic clock; 0 before this process began */
	struct previous *previous;
	struct track track;
	struct waiting waiting;
	bool dirty;          /* its memory is other than the store has it */
	bool busy;           /* a thread is comparing a scan with it: what waits is left for another commit */
};

struct recorder {
	struct store *store;
	struct workers *executor; /* one: whatever touches the store is done there */
	pthread_rwlock_t quiet;  /* held for reading by whoever uses symtab; for writing to replace it */
	/*
	 * The list of hosts, what waits of them, busy, the generation and the idle scanners. The executor holds it while it
	 * commits, so that nobody adds to what it writes; it takes nothing else meanwhile.
	 */
	pthread_mutex_t lock;
	struct symtab *symtab;
	uint32_t generation;
	struct scanner **idle;   /* scanners nobody uses now */
	size_t n_idle, cap_idle;
	struct rec_host **hosts; /* by number given out; pointers stay */
	size_t n_hosts, cap_hosts;
	uint64_t waiting_bytes;  /* of text that waiting snapshots stand for */
	size_t waiting_events;
};

/* Both by the executor. Where the host's history stands, from the store. */
int host_place(struct recorder *r, struct rec_host *h, struct err *e);
/* What host_load will want: into the batch. */
int host_save(struct recorder *r, struct rec_host *h, struct err *e);
/* Who is alive, from the store into previous and track: after a start, or when memory was dropped. */
int host_load(struct recorder *r, struct rec_host *h, struct err *e);

#endif

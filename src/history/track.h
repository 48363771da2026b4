/* SPDX-License-Identifier: MIT */
/*
 * track.h: what changed on one host since its last snapshot. Knows nothing of the store below or of other hosts.
 */
#ifndef HISTORY_TRACK_H
#define HISTORY_TRACK_H

#include <gscrape/scan.h>
#include <gscrape/store.h>

/* A goroutine as it was, by the scanner's slot. Strings and stacks are symtab numbers. */
struct tracked {
	uint64_t id, parent, wait_object;
	uint32_t stack, state, labels;
	uint32_t moved;      /* sequence number of the last sign of life in this run, 0 none */
	int32_t minutes;
	uint8_t flags;
	bool moved_proof, alive;
};

struct track {
	struct tracked *slots;
	size_t cap;
	uint32_t epoch;      /* 0 before the first snapshot */
	uint64_t max_id;     /* highest id seen in this epoch */
	int64_t last_time;   /* of the last complete snapshot, NO_TIME none */
	bool bodies_known;   /* false right after a restart of the recorder */
	bool outage;         /* scrapes failed since the last snapshot */
	uint32_t n_alive;
	/* what the last call found */
	struct event *events; /* sorted by id, GONE before BORN of the same one */
	size_t n_events, cap_events;
	struct state_count *states; /* most first */
	size_t n_states, cap_states;
	uint32_t born, gone, changed, unchanged;
	bool new_epoch, liveness_changed;
};

void track_release(struct track *t);
/* Forget everything but the epoch's number. */
void track_clear(struct track *t);
/* A goroutine that the store says is alive. */
void track_restore(struct track *t, uint32_t slot, const struct tracked *g);

/*
 * Take in one scan. seq is the snapshot's number to be, time its time; complete is false for a cut dump, in which a
 * missing goroutine is not gone.
 */
void track_scan(struct track *t, const struct symtab *sym, const struct scan_result *r, uint32_t seq, int64_t time,
		bool complete);

/* epoch.c: is this scan of another process than the one before? */
bool epoch_is_new(const struct track *t, const struct symtab *sym, const struct scan_result *r, int64_t time, bool complete);

/* What is known of the living, sorted by id; the caller frees. */
struct liveness *track_liveness(const struct track *t, size_t *n);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * track.h: what changed on one host since its last snapshot. Knows nothing of the store below or of other hosts.
 */
#ifndef HISTORY_TRACK_H
#define HISTORY_TRACK_H

#include "lots.h"
#include <gscrape/scan.h>
#include <gscrape/store.h>
#include <assert.h>

/* A goroutine as it was, by the scanner's slot: 56 bytes for each that is recorded. Strings and stacks are symtab numbers. */
struct tracked {
	uint64_t id, parent, wait_object;
	int64_t still;       /* time of its last sign of life: its run began, or it moved */
	uint32_t stack, state, labels;
	uint32_t moved;      /* sequence number of the last sign of life in this run, 0 none */
	int32_t minutes;
	uint8_t flags;
	bool moved_proof, alive;
};

static_assert(sizeof(struct tracked) == 56, "what it costs to compare a goroutine");

struct track {
	struct tracked *slots;
	size_t cap;
	uint32_t epoch;      /* 0 before the first snapshot */
	uint64_t max_id;     /* highest id seen in this epoch */
	int64_t last_time;   /* of the last complete snapshot, NO_TIME none */
	bool bodies_known;   /* false right after a restart of the recorder */
	bool last_cut;       /* the last snapshot was not complete */
	bool outage;         /* scrapes failed since the last snapshot */
	struct lots lots;    /* who is there without an identity; then nobody is in a slot */
	bool told;           /* the snapshot says of somebody for how many minutes it has waited */
	uint32_t n_alive;
	/* what the last call found */
	struct event *events; /* sorted by id, GONE before BORN of the same one */
	size_t n_events, cap_events;
	struct state_count *states; /* most first */
	size_t n_states, cap_states;
	uint32_t born, gone, changed, unchanged;
	bool new_epoch;
	bool memory_changed; /* a recorder that starts again would have to know */
};

void track_release(struct track *t);
/* What the last call found was taken over. A first snapshot's events are many, and no memory is held for them. */
void track_taken(struct track *t);
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

/* Take in a grouped profile. `now` keeps counts only. */
void track_lots(struct track *t, const struct symtab *sym, const struct lots *now, uint32_t seq, int64_t time);
/* One who is there without an identity, that the store says is alive; by id. */
void track_restore_lot(struct track *t, const struct lot_kind *kind, uint64_t id);

/*
 * Before a cut dump is taken in: the text may end in the middle of a name, a path or a parent's id of its last goroutine.
 * If that one was there before, it stays what it was; if it is new, nothing is known of its creation.
 */
void track_doubt(const struct track *t, struct symtab *sym, struct scan_result *r);

/* epoch.c: is this scan of another process than the one before? */
bool epoch_is_new(const struct track *t, const struct symtab *sym, const struct scan_result *r, int64_t time, bool complete);

/* What else a recorder that starts again must know, as bytes; and back, after track_restore. False: damaged bytes. */
void track_save(const struct track *t, struct buf *out);
bool track_load(struct track *t, const uint8_t **p, const uint8_t *end);

/* What is known of the living, sorted by id; the caller frees. */
struct liveness *track_liveness(const struct track *t, size_t *n);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * scan.h: the fast way through a snapshot for recording.
 *
 * A host's memory (struct previous) holds for each goroutine alive in its last snapshot the length and hash of its body.
 * A body with the same bytes is not parsed: finding it costs one hash. A body that differs is followed down a trie of
 * known stacks, comparing function names and file lines and stepping over argument words; only lines never met before
 * are parsed. Both give the same as dump_next().
 */
#ifndef GSCRAPE_SCAN_H
#define GSCRAPE_SCAN_H

#include <gscrape/dump.h>
#include <gscrape/symtab.h>

struct scanner; /* the trie; one per thread */
struct previous;    /* one host's memory */

struct scanner *scanner_new(struct symtab *t);
void scanner_free(struct scanner *s);

struct previous *previous_new(void);
void previous_free(struct previous *s);
size_t previous_slots(const struct previous *s); /* slots are 0 .. previous_slots() - 1 */

/* One goroutine of a snapshot. */
struct scan_item {
	uint64_t id;
	uint32_t slot;    /* dense number that stays with (host, id) while the goroutine is there; reused afterwards */
	uint32_t stack;   /* symtab number */
	uint32_t state;   /* symtab string: the wait reason */
	uint32_t labels;  /* symtab string: raw label text, 0 none */
	uint64_t parent;  /* 0 unknown */
	uint64_t wait_object; /* address in the blocking frame, 0 none */
	int32_t minutes;  /* -1 when the dump does not say */
	uint8_t flags;    /* enum dump_flag, without DUMP_SCAN */
	bool fresh : 1;   /* not in the last snapshot (its slot is new) */
	bool same_body : 1; /* same bytes as in the last snapshot; args_moved is then false */
	bool addressed : 1; /* an argument word may be an address: in another process it would be another one */
	bool args_moved : 1; /* same stack, other argument words or program counters */
	bool same_map : 1; /* its place in memory is what it was, `map` */
	uint32_t map;     /* where the kernel put what it blocks on, a part of the address; 0 not known. See scan.c */
	uint32_t at;      /* where in the text dump_next() finds it: at its header, or at lines before that which belong to nobody */
};

struct scan_result {
	struct scan_item *items; /* in the dump's order; owned by the scanner, valid until its next scan */
	size_t n;
	uint32_t *gone;          /* slots of goroutines that were in the last snapshot and are not in this one */
	uint64_t *gone_ids;
	size_t n_gone;
	size_t skipped_lines, opaque_lines, duplicate_ids;
	bool left_out;           /* threads' schedulers, or an id's second block: the text has more goroutines than there are items */
	bool cut;                /* the text ends inside a block or without a newline */
	uint64_t max_id;
};

/*
 * Go through one snapshot. With keep_missing (a truncated or partial dump) goroutines that are not in the text stay in
 * the memory and are not listed as gone. The gone's slots are free for the next scan. Threads' schedulers (goroutine 0) are
 * left out.
 */
void scan_text(struct scanner *sc, struct previous *m, struct str text, bool keep_missing, struct scan_result *out);

/* Nobody waited for a lock in the last scan: what is known for dump_held_locks_of() is not held for long any more. */
void previous_no_locks(struct previous *m);
/* Forget a host's goroutines: after a restart, or before a replay. */
void previous_clear(struct previous *m);

/* The body of this one was cut: nothing is known of it. */
void previous_forget_body(struct previous *m, uint32_t slot);
/* Forget those that the last scan did not show, which a cut dump left there: they were another process's. */
void previous_keep_last(struct previous *m);

/*
 * For a recorder that starts again. What the memory knows of bodies, as bytes; and back: first each goroutine that is
 * alive (the slot of `item` is chosen, and returned), then the bodies. False when the bytes are damaged.
 */
void previous_save(const struct previous *m, struct buf *out);
uint32_t previous_restore(struct previous *m, const struct scan_item *item);
bool previous_load(struct previous *m, struct str bytes);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * lots.h: goroutines without identity. A grouped profile says how many there are of a kind, never which: identities are
 * made up here, so that all behind sees the events that it knows. A lot are those of one kind. Where it has grown, the
 * newcomers get the next ids; where it has shrunk, the newest are taken to have gone. So who is there is at most as old as
 * told, and who went lived at least as long: bounds, and the snapshot's status (SNAP_GROUPED) says so to whoever tells them.
 */
#ifndef HISTORY_LOTS_H
#define HISTORY_LOTS_H

#include <gscrape/hash.h>
#include <gscrape/symtab.h>

struct lot_kind {
	uint32_t stack, state, labels; /* symtab numbers */
	uint8_t flags;                 /* enum dump_flag */
};

struct lot {
	struct lot_kind kind;
	uint64_t count; /* as a profile says */
	struct lot_span {
		uint64_t first, n;
	} *spans;       /* ids of those who are there, oldest first; track.c's */
	size_t n, cap;
};

struct lots {
	struct lot *a;
	size_t n, cap;
	struct hash index; /* by kind */
	uint64_t total;    /* of counts */
	uint64_t base;     /* where the process has a function that each profile shows; 0 unknown. Another: another process */
	bool cut;          /* the text holds fewer than its first line says */
};

/* The lots of a profile's text, counts only. */
void lots_read(struct lots *out, struct symtab *sym, struct str text);
/* The lot of this kind, made when it is new. */
struct lot *lots_at(struct lots *l, const struct lot_kind *kind);
const struct lot *lots_find(const struct lots *l, const struct lot_kind *kind); /* NULL: none */
void lot_add(struct lot *lot, uint64_t id); /* somebody is there: ids in order */
void lots_tidy(struct lots *l); /* forget those of which nobody is there, when they are many */
void lots_release(struct lots *l);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * codec.h: how events, keyframes and lives stand in bytes. Nothing here knows LMDB.
 *
 * All three are sorted by goroutine id and hold groups, one per goroutine (lives: one per parent):
 *
 *     varint n_groups | varint n_index | index: n_index x (u64 id, u32 offset of its group) | groups
 *
 * with every INDEX_STEP-th group in the index, so that one goroutine is found by a binary search and a short walk. Ids
 * within are differences to the group before; a group that the index points to begins with its whole id.
 *
 * Event:  u8 head | varint seq - (seq of the event before, or base) | by kind:
 *   BORN, RUN:  varint stack, varint state, [svarint id - parent], [varint wait object], [u8 flags, varint labels]
 *   WAIT:       varint wait object
 *   RUN, GONE:  [varint minutes + 1], [varint (seq - moved) * 2 + proof]
 * head: kind (2 bits) | 4 last of its group | 8 parent | 16 wait | 32 extra | 64 minutes | 128 moved.
 *
 * Living: varint stack, varint state, varint base - born, varint base - run, u8 head (8, 16, 32 as above), the same
 * optional parts.
 *
 * Wait objects are written as a difference to a base address that stands behind the counts: addresses of one heap share
 * their upper half.
 */
#ifndef STORE_CODEC_H
#define STORE_CODEC_H

#include <gscrape/store.h>

#define INDEX_STEP 32

/* Events sorted by (id, seq). */
void events_encode(struct buf *out, const struct event *ev, size_t n, uint32_t base);
/* Living sorted by id. */
void living_encode(struct buf *out, const struct goroutine_state *l, size_t n, uint32_t base);

/* Goroutines that ended, sorted by (parent, id). */
struct ended {
	uint64_t parent, id;
	uint32_t born, gone, stack;
};
void ended_encode(struct buf *out, const struct ended *e, size_t n, uint32_t base);

/* A reader over one of them. Damaged bytes end the walk with `bad` set; they never lead outside. */
struct cursor {
	const uint8_t *p, *end, *groups, *index;
	size_t n_groups, n_index, group; /* group: how many were entered */
	uint64_t id, wait_base;
	uint64_t child; /* the ended child read last */
	uint32_t base;
	bool bad;
};

void cursor_open(struct cursor *c, struct str bytes, uint32_t base);

/* Events: each call gives the next goroutine's events, in an array that grows as needed (the caller frees ev->a). */
struct event_list {
	struct event *a;
	size_t n, cap;
};
bool events_next(struct cursor *c, uint64_t *id, struct event_list *ev);
bool events_find(struct cursor *c, uint64_t id, struct event_list *ev);

bool living_next(struct cursor *c, struct goroutine_state *out);
bool living_find(struct cursor *c, uint64_t id, struct goroutine_state *out);

/* Ended: each call gives the next child of the parent found. */
bool ended_find(struct cursor *c, uint64_t parent, size_t *n);
bool ended_next(struct cursor *c, struct ended *out);

#endif

/* SPDX-License-Identifier: MIT */
/* previous.h: one host's goroutines as of its last snapshot, by slot; shared by scan.c and previous.c only. */
#ifndef DUMP_PREVIOUS_H
#define DUMP_PREVIOUS_H

#include <gscrape/scan.h>
#include <assert.h>

struct lock_memory;

/*
 * There is one for each goroutine of each host that is recorded: 72 bytes, of which what its item says has 46 (id, parent and wait
 * object 8 each, the numbers of stack, state and labels, minutes and map 4 each, flags 2), the two hashes 16, their lengths 4, the
 * mark 4, and 2 are spare.
 */
#define HEAD_BITS 10 /* a header or a body that is longer than a length has bits for is not known */
#define BODY_BITS 22

struct previous_slot {
	uint64_t id, parent, wait_object; /* these and the other names of scan_item: as the last snapshot had them */
	uint64_t hash, body_hash; /* of header and body, in one go; of the body */
	uint32_t stack, state, labels, map;
	int32_t minutes;
	uint32_t head_len : HEAD_BITS; /* of the header line with its newline; 0 as below */
	uint32_t body_len : BODY_BITS; /* 0: not known, nothing equals it */
	union {
		uint32_t mark; /* the scan that saw it last */
		uint32_t next; /* of a free slot: next free + 1 */
	};
	uint8_t flags;
	bool addressed;
};

static_assert(sizeof(struct previous_slot) == 72, "what it costs to know a goroutine");

struct previous {
	struct previous_slot *slots;
	size_t n, cap;
	uint32_t *order;   /* slots as the last snapshot listed them: the next one lists most of them the same way */
	size_t n_order, cap_order;
	uint32_t *map;     /* hash table of id: slot + 1 */
	size_t cap_map, n_map;
	uint32_t free;     /* first free slot + 1, 0 none */
	uint32_t mark;
	struct lock_memory *locks; /* NULL: nobody waits for one */
};

/* A length that has so many bits at most; else 0. */
static inline uint32_t previous_length(uint64_t n, unsigned bits)
{
	return n >> bits ? 0 : (uint32_t)n;
}

/* What a slot keeps of an item, and back: as one that did not change. */
static inline void previous_keep(struct previous_slot *s, const struct scan_item *it)
{
	s->id = it->id;
	s->parent = it->parent;
	s->wait_object = it->wait_object;
	s->stack = it->stack;
	s->state = it->state;
	s->labels = it->labels;
	s->map = it->map;
	s->minutes = it->minutes;
	s->flags = it->flags;
	s->addressed = it->addressed;
}

static inline struct scan_item previous_item(const struct previous_slot *s, uint32_t slot)
{
	return (struct scan_item){
		.id = s->id, .slot = slot, .stack = s->stack, .state = s->state, .labels = s->labels, .parent = s->parent,
		.wait_object = s->wait_object, .minutes = s->minutes, .flags = s->flags, .same_body = true, .addressed = s->addressed,
		.same_map = s->map != 0, .map = s->map,
	};
}

/* Slot of an id, or -1. */
long previous_find(const struct previous *m, uint64_t id);
/* A slot for an id that has none. */
uint32_t previous_add(struct previous *m, uint64_t id);
void previous_drop(struct previous *m, uint32_t slot);

#endif

/* SPDX-License-Identifier: MIT */
/* previous.h: one host's goroutines as of its last snapshot, by slot; shared by scan.c and previous.c only. */
#ifndef DUMP_PREVIOUS_H
#define DUMP_PREVIOUS_H

#include <gscrape/scan.h>
#include <assert.h>

/*
 * There is one for each goroutine of each host that is recorded: 80 bytes, of which the item has 56 (its id, parent and wait
 * object 8 each, the numbers of stack, state and labels, slot, minutes and map 4 each, flags 2, and 6 are spare), the two hashes
 * 16, their lengths 4.
 */
#define HEAD_BITS 10 /* a header or a body that is longer than a length has bits for is not known */
#define BODY_BITS 22

struct previous_slot {
	struct scan_item item; /* as the last snapshot had it */
	uint64_t hash, body_hash; /* of header and body, in one go; of the body */
	uint32_t head_len : HEAD_BITS; /* of the header line with its newline; 0 as below */
	uint32_t body_len : BODY_BITS; /* 0: not known, nothing equals it */
	union {
		uint32_t mark; /* the scan that saw it last */
		uint32_t next; /* of a free slot: next free + 1 */
	};
};

static_assert(sizeof(struct previous_slot) == 80, "what it costs to know a goroutine");

struct previous {
	struct previous_slot *slots;
	size_t n, cap;
	uint32_t *order;   /* slots as the last snapshot listed them: the next one lists most of them the same way */
	size_t n_order, cap_order;
	uint32_t *map;     /* hash table of id: slot + 1 */
	size_t cap_map, n_map;
	uint32_t free;     /* first free slot + 1, 0 none */
	uint32_t mark;
};

/* A length that has so many bits at most; else 0. */
static inline uint32_t previous_length(uint64_t n, unsigned bits)
{
	return n >> bits ? 0 : (uint32_t)n;
}

/* Slot of an id, or -1. */
long previous_find(const struct previous *m, uint64_t id);
/* A slot for an id that has none. */
uint32_t previous_add(struct previous *m, uint64_t id);
void previous_drop(struct previous *m, uint32_t slot);

#endif

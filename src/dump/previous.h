/* SPDX-License-Identifier: MIT */
/* previous.h: one host's goroutines as of its last snapshot, by slot; shared by scan.c and previous.c only. */
#ifndef DUMP_PREVIOUS_H
#define DUMP_PREVIOUS_H

#include <gscrape/scan.h>

/*
 * There is one for each goroutine of each host that is recorded: 80 bytes, of which the item has 48 (its id, parent and wait
 * object 8 each, the numbers of stack, state and labels, slot and minutes 4 each, four flags), the two hashes 16.
 */
struct previous_slot {
	struct scan_item item; /* as the last snapshot had it */
	uint64_t hash, body_hash; /* of header and body, in one go; of the body */
	uint32_t head_len;     /* of the header line with its newline; 0 as below */
	uint32_t body_len;     /* 0: not known, nothing equals it */
	union {
		uint32_t mark; /* the scan that saw it last */
		uint32_t next; /* of a free slot: next free + 1 */
	};
};

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

/* Slot of an id, or -1. */
long previous_find(const struct previous *m, uint64_t id);
/* A slot for an id that has none. */
uint32_t previous_add(struct previous *m, uint64_t id);
void previous_drop(struct previous *m, uint32_t slot);

#endif

/* SPDX-License-Identifier: MIT */
/* previous.h: one host's goroutines as of its last snapshot, by slot; shared by scan.c and previous.c only. */
#ifndef DUMP_PREVIOUS_H
#define DUMP_PREVIOUS_H

#include <gscrape/scan.h>

#define PREVIOUS_HEAD 64

struct previous_slot {
	struct scan_item item; /* as the last snapshot had it */
	uint64_t body_hash;
	uint32_t head_len;     /* of the header line with its newline; 0 as below */
	uint32_t body_len;     /* 0: not known, nothing equals it */
	uint32_t mark;         /* the scan that saw it last */
	uint32_t next;         /* free slots: next free + 1 */
	char head[PREVIOUS_HEAD];  /* the header; of a longer one the hash */
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

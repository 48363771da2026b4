/* SPDX-License-Identifier: MIT */
/*
 * lock_frames.h: the frames of those few goroutines of a host that tell of its locks, by slot, for as long as their text is the same: as
 * places in the body, which is elsewhere in the next snapshot. Where there are too many, no more are kept.
 */
#ifndef DUMP_LOCK_FRAMES_H
#define DUMP_LOCK_FRAMES_H

#include <gscrape/dump.h>
#include <gscrape/hash.h>

#define FRAMES_OF_MOST 128 /* goroutines */

struct frames_of; /* one goroutine */

/* Zero is empty. */
struct lock_frames {
	struct frames_of *of;
	uint32_t n, asked; /* asked: how often one of them was, in this snapshot */
	struct hash by_slot;
	struct dump_frame *recalled;
	size_t cap_recalled;
};

void lock_frames_release(struct lock_frames *f);
/* A snapshot begins: where there is no more room, and few of them were asked in the last one, all are forgotten. */
void lock_frames_begin(struct lock_frames *f);
void lock_frames_forget(struct lock_frames *f, uint32_t slot);
/* Of a goroutine that dump_next() took apart and of which nothing is known; not if there is no room. */
void lock_frames_keep(struct lock_frames *f, uint32_t slot, const struct dump_goroutine *g);
/* The frames of g as of its body, which is set; they are valid until the next call. False: they are not known. */
bool lock_frames_recall(struct lock_frames *f, uint32_t slot, struct dump_goroutine *g);

#endif

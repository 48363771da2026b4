/* SPDX-License-Identifier: MIT */
/*
 * lock_frames.h: the frames of those few goroutines of a host that tell of its locks, by slot, for as long as their text is the same: as
 * places in the body, which is elsewhere in the next snapshot. A new one takes the place of another where there are too many.
 */
#ifndef DUMP_LOCK_FRAMES_H
#define DUMP_LOCK_FRAMES_H

#include <gscrape/dump.h>
#include <gscrape/hash.h>

#define FRAMES_OF_MOST 256 /* goroutines */

struct frames_of; /* one goroutine */

/* Zero is empty. */
struct lock_frames {
	struct frames_of *of;
	uint32_t n, next; /* next: to be replaced */
	struct hash by_slot;
	struct dump_frame *recalled;
	size_t cap_recalled;
};

void lock_frames_release(struct lock_frames *f);
void lock_frames_forget(struct lock_frames *f, uint32_t slot);
/* Of a goroutine that dump_next() took apart and of which nothing is known. */
void lock_frames_keep(struct lock_frames *f, uint32_t slot, const struct dump_goroutine *g);
/* The frames of g as of its body, which is set; they are valid until the next call. False: they are not known. */
bool lock_frames_recall(struct lock_frames *f, uint32_t slot, struct dump_goroutine *g);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * lock_object.h: how far behind the beginning of its object a lock is. What tells it are addresses in arguments that stand before it;
 * many of them are of something else. A line of the source takes a lock that is as far from its object each time: so each lock votes for
 * its distance from each such address, and of a line that distance counts which most of its locks share.
 */
#ifndef DUMP_LOCK_OBJECT_H
#define DUMP_LOCK_OBJECT_H

#include <gscrape/hash.h>

#define OBJECT_MAX 4096 /* bytes from an object's beginning to a lock in it */

/* What an address is worth: in doubt, or of a caller; a receiver, or an argument of who takes the lock; a receiver of who takes it. */
enum vote_weight { VOTE_WEAK = 1, VOTE_FAIR = 2, VOTE_CERTAIN = 1 << 16 };

/* A line and a distance. */
struct lock_vote {
	uint64_t key, line;
	uint32_t distance, locks;
	uint64_t weight;
};
HASH_TABLE(vote_map, struct lock_vote, key, locks);
/* The same and a lock: it votes once, with its best. */
struct lock_said {
	uint64_t key;
	uint32_t weight;
};
HASH_TABLE(said_map, struct lock_said, key, weight);
/* The winner of a line. */
struct lock_line {
	uint64_t line, weight;
	uint32_t distance;
};
HASH_TABLE(line_map, struct lock_line, line, weight);

struct lock_votes {
	struct vote_map votes;
	struct said_map said;
	struct line_map lines;
};

void lock_vote(struct lock_votes *v, uint32_t lock, uint64_t line, uint32_t distance, enum vote_weight weight);
void lock_votes_count(struct lock_votes *v);
/* What the line's locks agree on; NULL when only one has voted, in doubt. */
const struct lock_line *lock_line_of(const struct lock_votes *v, uint64_t line);
void lock_votes_release(struct lock_votes *v);

#endif

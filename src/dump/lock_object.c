/* SPDX-License-Identifier: MIT */
#include "lock_object.h"

void lock_vote(struct lock_votes *v, uint32_t lock, uint64_t line, uint32_t distance, enum vote_weight weight)
{
	uint64_t key = hash_u64(line ^ hash_u64(distance + 1));
	struct lock_said *said = said_map_at(&v->said, hash_u64(key ^ hash_u64(lock + 1)));
	struct lock_vote *vote;

	if (said->weight >= (uint32_t)weight)
		return;
	vote = vote_map_at(&v->votes, key);
	vote->line = line;
	vote->distance = distance;
	vote->weight += (uint32_t)weight - said->weight;
	vote->locks += !said->weight;
	said->weight = (uint32_t)weight;
}

void lock_votes_count(struct lock_votes *v)
{
	for (size_t i = 0; i < v->votes.cap; i++) {
		const struct lock_vote *vote = &v->votes.a[i];
		struct lock_line *l;

		if (!vote->locks || (vote->locks < 2 && vote->weight < VOTE_CERTAIN))
			continue;
		l = line_map_at(&v->lines, vote->line);
		if (vote->weight > l->weight || (vote->weight == l->weight && vote->distance < l->distance))
			*l = (struct lock_line){vote->line, vote->weight, vote->distance};
	}
}

const struct lock_line *lock_line_of(const struct lock_votes *v, uint64_t line)
{
	return line_map_find(&v->lines, line);
}

void lock_votes_release(struct lock_votes *v)
{
	vote_map_release(&v->votes);
	said_map_release(&v->said);
	line_map_release(&v->lines);
}

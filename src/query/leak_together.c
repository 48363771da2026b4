/* SPDX-License-Identifier: MIT */
/* Suspects of hosts that run the same: one for a place, whichever of them have it. */
#include "score.h"
#include <gscrape/hash.h>

static bool is_same(const struct suspect *a, const struct suspect *b)
{
	return a->together == b->together && same_place(&a->created, &b->created) && same_place(&a->place, &b->place);
}

static uint64_t key_of(const struct suspect *s)
{
	uint64_t h = hash_u64((uint64_t)s->created.func_id << 32 | s->created.line);

	return hash_u64(h ^ ((uint64_t)s->place.func_id << 32 | s->place.line)) ^ hash_u64((uintptr_t)s->together);
}

/* They come the most likely first, which is the one that tells of the others. */
void suspects_together(double least, struct suspect *s, size_t *n)
{
	struct hash places = {0};
	size_t kept = 0;

	for (size_t i = 0; i < *n; i++) {
		struct suspect *have;
		uint32_t at;

		HASH_FIND(&places, key_of(&s[i]), at, is_same(&s[at], &s[i]));
		if (at == HASH_NONE) {
			if (s[i].score < least)
				continue;
			hash_put(&places, key_of(&s[i]), (uint32_t)kept);
			s[kept] = s[i];
			at = (uint32_t)kept++;
		}
		have = &s[at];
		have->on_hosts++;
		have->all_count += s[i].count;
		have->all_per_hour += s[i].kind == SUSPECT_GROWTH ? s[i].per_hour : 0;
	}
	*n = kept;
	hash_release(&places);
}

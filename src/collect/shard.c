/* SPDX-License-Identifier: MIT */
#include "collect/targets.h"
#include <stdlib.h>

#define PARTS_MAX 1000

int shard_parse(const char *text, struct shard *out, struct err *e)
{
	char *slash, *end;
	unsigned long part = strtoul(text, &slash, 10), parts;

	if (*text >= '0' && *text <= '9' && *slash == '/' && slash[1] >= '0' && slash[1] <= '9') {
		parts = strtoul(slash + 1, &end, 10);
		*out = (struct shard){(uint32_t)part, (uint32_t)parts};
		if (!*end && part >= 1 && part <= parts && parts <= PARTS_MAX)
			return 0;
	}
	return fail_as(e, ERR_USAGE, "--shard: '%s' is no part of a whole (write 2/5 for the second of five; %d at most)", text, PARTS_MAX);
}

bool shard_has(const struct shard *s, const char *host)
{
	uint64_t name = hash64(host, strlen(host)), most = 0;
	uint32_t best = 0;

	for (uint32_t i = 1; i <= s->parts; i++) {
		uint64_t h = hash_u64(name ^ hash_u64(i));

		if (!best || h > most) {
			best = i;
			most = h;
		}
	}
	return best == s->part;
}

void targets_keep(struct target_set *set, const struct shard *s)
{
	size_t kept = 0;

	if (!s->parts)
		return;
	hash_clear(&set->by_host);
	for (size_t i = 0; i < set->n; i++) {
		struct target *t = &set->t[i];

		if (!shard_has(s, t->host)) {
			target_release(t);
			continue;
		}
		hash_put(&set->by_host, hash64(t->host, strlen(t->host)), (uint32_t)kept);
		set->t[kept++] = *t;
	}
	set->n = kept;
}

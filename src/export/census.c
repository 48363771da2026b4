/* SPDX-License-Identifier: MIT */
#include "census.h"

struct census_row *census_row(struct census *t, const uint64_t key[CENSUS_KEY])
{
	uint64_t hash = hash64(key, sizeof t->rows->key);
	uint32_t at;

	HASH_FIND(&t->index, hash, at, memcmp(t->rows[at].key, key, sizeof t->rows->key) == 0);
	if (at == HASH_NONE) {
		GROW(t->rows, t->n, t->cap);
		at = (uint32_t)t->n++;
		memcpy(t->rows[at].key, key, sizeof t->rows->key);
		t->rows[at].n = 0;
		hash_put(&t->index, hash, at);
	}
	return &t->rows[at];
}

void census_release(struct census *t)
{
	free(t->rows);
	hash_release(&t->index);
	*t = (struct census){0};
}

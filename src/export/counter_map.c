/* SPDX-License-Identifier: MIT */
#include "counter_map.h"

struct counter_row *counter_row(struct counter_map *t, const uint64_t key[COUNTER_KEY])
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

void counter_map_release(struct counter_map *t)
{
	free(t->rows);
	hash_release(&t->index);
	*t = (struct counter_map){0};
}

/* SPDX-License-Identifier: MIT */
#include "census.h"
#include <gscrape/err.h>
#include <stdlib.h>

static uint32_t *slot_of(struct census *t, const uint64_t key[CENSUS_KEY])
{
	size_t i = hash64(key, sizeof t->rows->key) & (t->n_slots - 1);

	while (t->slots[i] && memcmp(t->rows[t->slots[i] - 1].key, key, sizeof t->rows->key) != 0)
		i = (i + 1) & (t->n_slots - 1);
	return &t->slots[i];
}

static void widen(struct census *t)
{
	t->n_slots = t->n_slots ? 2 * t->n_slots : 256;
	free(t->slots);
	t->slots = xcalloc(t->n_slots, sizeof *t->slots);
	for (size_t i = 0; i < t->n; i++)
		*slot_of(t, t->rows[i].key) = (uint32_t)i + 1;
}

struct census_row *census_row(struct census *t, const uint64_t key[CENSUS_KEY])
{
	uint32_t *slot;

	if (2 * t->n >= t->n_slots)
		widen(t);
	slot = slot_of(t, key);
	if (!*slot) {
		GROW(t->rows, t->n, t->cap);
		memcpy(t->rows[t->n].key, key, sizeof t->rows->key);
		t->rows[t->n].n = 0;
		*slot = (uint32_t)++t->n;
	}
	return &t->rows[*slot - 1];
}

void census_release(struct census *t)
{
	free(t->rows);
	free(t->slots);
	*t = (struct census){0};
}

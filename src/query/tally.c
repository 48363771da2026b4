/* SPDX-License-Identifier: MIT */
#include "room.h"
#include <stdlib.h>

static struct tally_entry *slot_of(const struct tally *t, uint64_t key)
{
	uint64_t mixed = (key ^ key >> 31) * 0x9e3779b97f4a7c15u;
	size_t i = (size_t)(mixed ^ mixed >> 29) * 0xff51afd7ed558ccdu >> 20 & (t->cap - 1);

	while (t->a[i].n && t->a[i].key != key)
		i = (i + 1) & (t->cap - 1);
	return &t->a[i];
}

static void grow(struct tally *t)
{
	struct tally old = *t;

	t->cap = old.cap ? 2 * old.cap : 64;
	t->a = xcalloc(t->cap, sizeof *t->a);
	for (size_t i = 0; i < old.cap; i++)
		if (old.a[i].n)
			*slot_of(t, old.a[i].key) = old.a[i];
	free(old.a);
}

uint64_t tally_get(const struct tally *t, uint64_t key)
{
	return t->cap ? slot_of(t, key)->n : 0;
}

uint64_t *tally_at(struct tally *t, uint64_t key)
{
	struct tally_entry *e;

	if (2 * t->n >= t->cap)
		grow(t);
	e = slot_of(t, key);
	if (!e->n) {
		e->key = key;
		t->n++;
	}
	return &e->n;
}

void tally_release(struct tally *t)
{
	free(t->a);
	*t = (struct tally){0};
}

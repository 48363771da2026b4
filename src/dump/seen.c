/* SPDX-License-Identifier: MIT */
#include "seen.h"
#include <gscrape/err.h>
#include <stdlib.h>

struct seen *seen_new(void)
{
	struct seen *m = xcalloc(1, sizeof *m);

	m->cap_map = 256;
	m->map = xcalloc(m->cap_map, sizeof *m->map);
	return m;
}

void seen_free(struct seen *m)
{
	if (!m)
		return;
	free(m->slots);
	free(m->order);
	free(m->map);
	free(m);
}

size_t seen_slots(const struct seen *m)
{
	return m->n;
}

void seen_clear(struct seen *m)
{
	m->n = m->n_order = m->n_map = 0;
	m->free = 0;
	m->mark = 0;
	memset(m->map, 0, m->cap_map * sizeof *m->map);
}

static size_t home(const struct seen *m, uint64_t id)
{
	return (size_t)(id * 0x9e3779b97f4a7c15u >> 20) & (m->cap_map - 1);
}

long seen_find(const struct seen *m, uint64_t id)
{
	for (size_t i = home(m, id); m->map[i]; i = (i + 1) & (m->cap_map - 1))
		if (m->slots[m->map[i] - 1].item.id == id)
			return (long)m->map[i] - 1;
	return -1;
}

static void map_put(struct seen *m, uint32_t slot)
{
	size_t i = home(m, m->slots[slot].item.id);

	while (m->map[i])
		i = (i + 1) & (m->cap_map - 1);
	m->map[i] = slot + 1;
}

static void map_grow(struct seen *m)
{
	uint32_t *old = m->map;
	size_t n = m->cap_map;

	m->cap_map *= 2;
	m->map = xcalloc(m->cap_map, sizeof *m->map);
	for (size_t i = 0; i < n; i++)
		if (old[i])
			map_put(m, old[i] - 1);
	free(old);
}

uint32_t seen_add(struct seen *m, uint64_t id)
{
	uint32_t slot;

	if (m->free) {
		slot = m->free - 1;
		m->free = m->slots[slot].next;
	} else {
		GROW(m->slots, m->n, m->cap);
		slot = (uint32_t)m->n++;
	}
	m->slots[slot].item = (struct scan_item){.id = id, .slot = slot};
	m->slots[slot].head_len = m->slots[slot].body_len = 0; /* the rest says nothing without these */
	m->slots[slot].mark = 0;
	if (++m->n_map * 2 > m->cap_map)
		map_grow(m);
	map_put(m, slot);
	return slot;
}

/* Linear probing without tombstones: what follows the hole is put back where it can be found. */
void seen_drop(struct seen *m, uint32_t slot)
{
	size_t i = home(m, m->slots[slot].item.id);

	while (m->map[i] != slot + 1)
		i = (i + 1) & (m->cap_map - 1);
	m->map[i] = 0;
	for (i = (i + 1) & (m->cap_map - 1); m->map[i]; i = (i + 1) & (m->cap_map - 1)) {
		uint32_t moved = m->map[i] - 1;

		m->map[i] = 0;
		map_put(m, moved);
	}
	m->n_map--;
	m->slots[slot].next = m->free;
	m->slots[slot].item.id = 0;
	m->free = slot + 1;
}

uint32_t seen_restore(struct seen *m, uint64_t id, uint32_t stack)
{
	uint32_t slot = seen_add(m, id);

	m->slots[slot].item.stack = stack;
	m->slots[slot].mark = m->mark;
	GROW(m->order, m->n_order, m->cap_order);
	m->order[m->n_order++] = slot;
	return slot;
}

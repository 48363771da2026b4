/* SPDX-License-Identifier: MIT */
#include "lock_memory.h"
#include "previous.h"
#include <gscrape/err.h>
#include <stdlib.h>

struct previous *previous_new(void)
{
	struct previous *m = xcalloc(1, sizeof *m);

	m->cap_map = 256;
	m->map = xcalloc(m->cap_map, sizeof *m->map);
	return m;
}

void previous_free(struct previous *m)
{
	if (!m)
		return;
	free(m->slots);
	free(m->order);
	free(m->map);
	lock_memory_free(m->locks);
	free(m);
}

size_t previous_slots(const struct previous *m)
{
	return m->n;
}

void previous_clear(struct previous *m)
{
	m->n = m->n_order = m->n_map = 0;
	m->free = 0;
	m->mark = 0;
	memset(m->map, 0, m->cap_map * sizeof *m->map);
	lock_memory_free(m->locks);
	m->locks = NULL;
}

void previous_no_locks(struct previous *m)
{
	if (m->locks && lock_memory_unused(m->locks)) {
		lock_memory_free(m->locks);
		m->locks = NULL;
	}
}

static size_t home(const struct previous *m, uint64_t id)
{
	return (size_t)(id * 0x9e3779b97f4a7c15u >> 20) & (m->cap_map - 1);
}

long previous_find(const struct previous *m, uint64_t id)
{
	for (size_t i = home(m, id); m->map[i]; i = (i + 1) & (m->cap_map - 1))
		if (m->slots[m->map[i] - 1].id == id)
			return (long)m->map[i] - 1;
	return -1;
}

static void map_put(struct previous *m, uint32_t slot)
{
	size_t i = home(m, m->slots[slot].id);

	while (m->map[i])
		i = (i + 1) & (m->cap_map - 1);
	m->map[i] = slot + 1;
}

static void map_grow(struct previous *m)
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

uint32_t previous_add(struct previous *m, uint64_t id)
{
	uint32_t slot;

	if (m->free) {
		slot = m->free - 1;
		m->free = m->slots[slot].next;
	} else {
		if (m->n == m->cap) { /* by little: it is the largest thing in a recorder's memory */
			m->cap += m->cap / 16 + 64;
			m->slots = xrealloc(m->slots, m->cap, sizeof *m->slots);
		}
		slot = (uint32_t)m->n++;
	}
	m->slots[slot] = (struct previous_slot){.id = id};
	if (++m->n_map * 4 > m->cap_map * 3)
		map_grow(m);
	map_put(m, slot);
	return slot;
}

/* Linear probing without tombstones: what follows the hole is put back where it can be found. */
void previous_drop(struct previous *m, uint32_t slot)
{
	size_t i = home(m, m->slots[slot].id);

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
	m->slots[slot].id = 0;
	m->free = slot + 1;
}

void previous_forget_body(struct previous *m, uint32_t slot)
{
	m->slots[slot].head_len = m->slots[slot].body_len = 0;
}

void previous_keep_last(struct previous *m)
{
	size_t n = 0;

	for (size_t i = 0; i < m->n_order; i++) {
		if (m->slots[m->order[i]].mark == m->mark)
			m->order[n++] = m->order[i];
		else
			previous_drop(m, m->order[i]);
	}
	m->n_order = n;
}

uint32_t previous_restore(struct previous *m, const struct scan_item *item)
{
	uint32_t slot = previous_add(m, item->id);

	previous_keep(&m->slots[slot], item);
	m->slots[slot].addressed = true; /* for all that is known */
	m->slots[slot].mark = m->mark;
	GROW(m->order, m->n_order, m->cap_order);
	m->order[m->n_order++] = slot;
	return slot;
}

/* In the order of the last dump, each: id, as a difference to the one before; length of the body; its hash. */
void previous_save(const struct previous *m, struct buf *out)
{
	uint64_t last = 0;

	buf_varint(out, m->n_order);
	for (size_t i = 0; i < m->n_order; i++) {
		const struct previous_slot *s = &m->slots[m->order[i]];

		buf_svarint(out, (int64_t)(s->id - last));
		buf_varint(out, s->body_len);
		if (s->body_len)
			buf_add(out, &s->body_hash, sizeof s->body_hash);
		last = s->id;
	}
}

bool previous_load(struct previous *m, struct str bytes)
{
	const uint8_t *p = (const uint8_t *)bytes.p, *end = p + bytes.n;
	uint64_t n = get_varint(&p, end), id = 0;
	uint32_t *order;
	size_t k = 0;

	if (!p || n > bytes.n)
		return false;
	order = xcalloc(m->n_order + 1, sizeof *order);
	m->mark++;
	for (uint64_t i = 0; i < n; i++) {
		uint64_t len, hash = 0;
		long slot;

		id += (uint64_t)get_svarint(&p, end);
		len = get_varint(&p, end);
		if (!p || len > UINT32_MAX || (len && (size_t)(end - p) < sizeof hash)) {
			free(order);
			return false;
		}
		if (len) {
			memcpy(&hash, p, sizeof hash);
			p += sizeof hash;
		}
		slot = previous_find(m, id);
		if (slot < 0 || m->slots[slot].mark == m->mark)
			continue;
		m->slots[slot].body_len = previous_length(len, BODY_BITS) & ((1u << BODY_BITS) - 1);
		m->slots[slot].body_hash = hash;
		m->slots[slot].mark = m->mark;
		order[k++] = (uint32_t)slot;
	}
	for (size_t i = 0; i < m->n_order; i++)
		if (m->slots[m->order[i]].mark != m->mark)
			order[k++] = m->order[i];
	free(m->order);
	m->order = order;
	m->cap_order = m->n_order + 1;
	return true;
}

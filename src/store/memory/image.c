/* SPDX-License-Identifier: MIT */
/* Arrays that only grow, and the images that share them. */
#include "memory_store.h"
#include <stdlib.h>

void *series_of(const struct series *s)
{
	return s->b ? s->b->data : NULL;
}

void series_release(struct series *s)
{
	if (s->b && --s->b->refs == 0)
		free(s->b);
	*s = (struct series){0};
}

void *series_add(struct series *s, size_t size)
{
	if (!s->b || (s->n + 1) * size > s->b->cap) {
		size_t cap = s->n ? 2 * s->n * size : 16 * size;
		struct block *b = xmalloc(sizeof *b + cap);

		*b = (struct block){.refs = 1, .cap = cap};
		if (s->n)
			memcpy(b->data, s->b->data, s->n * size);
		if (s->b && --s->b->refs == 0)
			free(s->b);
		s->b = b;
	}
	return (char *)s->b->data + s->n++ * size;
}

void series_set(struct series *s, const void *a, size_t n, size_t size)
{
	series_release(s);
	for (size_t i = 0; i < n; i++)
		memcpy(series_add(s, size), (const char *)a + i * size, size);
}

struct mem_store *mem_of(struct store *s)
{
	return (struct mem_store *)s;
}

const struct image *image_of(const struct store_view *v)
{
	return ((const struct mem_view *)v)->image;
}

void host_share(struct mem_host *h, int by)
{
	struct series *all[] = {&h->snapshots, &h->events, &h->base, &h->liveness, &h->memory};

	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		if (by > 0 && all[i]->b)
			all[i]->b->refs++;
		if (by < 0)
			series_release(all[i]);
	}
}

void image_put(struct image *m)
{
	if (!m || --m->refs)
		return;
	for (size_t i = 0; i < m->n; i++)
		host_share(&m->hosts[i], -1);
	free(m->hosts);
	free(m);
}

struct image *image_copy(const struct image *from)
{
	struct image *m = xcalloc(1, sizeof *m);

	*m = *from;
	m->refs = 1;
	m->cap = from->n + 8;
	m->hosts = xcalloc(m->cap, sizeof *m->hosts);
	for (size_t i = 0; i < m->n; i++) {
		m->hosts[i] = from->hosts[i];
		host_share(&m->hosts[i], 1);
	}
	return m;
}

struct mem_host *image_host(const struct image *m, uint32_t host)
{
	for (size_t i = 0; i < m->n; i++)
		if (m->hosts[i].row.host == host)
			return &m->hosts[i];
	return NULL;
}

/* SPDX-License-Identifier: MIT */
/* Dropping what is old: who was alive then becomes the base of what is kept. */
#include "memory_store.h"
#include <stdlib.h>

static int64_t drop_before(struct mem_store *s, struct mem_host *h, int64_t before)
{
	const struct snapshot *snaps = series_of(&h->snapshots);
	struct series kept = {0}, events = {0}, base = {0};
	struct crowd c;
	size_t n = 0, next;
	uint32_t epoch;

	while (n < h->snapshots.n && snaps[n].time < before) {
		h->row.failed -= snaps[n].status == SNAP_FAILED;
		h->row.with_text -= snap_has_text(snaps[n].status);
		n++;
	}
	if (!n)
		return 0;
	h->row.first_seq += (uint32_t)n;
	h->row.first = n < h->snapshots.n ? snaps[n].time : NO_TIME;
	h->row.peak = 0;
	for (size_t i = n; i < h->snapshots.n; i++)
		if (snaps[i].status != SNAP_FAILED && snaps[i].goroutines > h->row.peak)
			h->row.peak = snaps[i].goroutines;
	/* Of a process that ended before the first kept snapshot nothing is left. */
	epoch = n < h->snapshots.n ? snaps[n].epoch : h->row.epoch;
	c = crowd_before(h, h->row.first_seq, &next);
	for (size_t i = 0; i < c.n; i++)
		if (c.a[i].epoch >= epoch)
			*(struct mem_state *)series_add(&base, sizeof *c.a) = c.a[i];
	for (const struct mem_event *ev = series_of(&h->events); next < h->events.n; next++)
		if (ev[next].epoch >= epoch)
			*(struct mem_event *)series_add(&events, sizeof *ev) = ev[next];
	series_set(&kept, snaps + n, h->snapshots.n - n, sizeof *snaps);
	free(c.a);
	series_release(&h->base);
	series_release(&h->events);
	series_release(&h->snapshots);
	h->base = base;
	h->events = events;
	h->snapshots = kept;
	for (size_t i = 0; i < s->n_hosts; i++)
		if (s->hosts[i].host == h->row.host)
			return (int64_t)n;
	if (!kept.n) { /* nothing is left, and nobody records it now */
		host_share(h, -1);
		*h = s->work->hosts[--s->work->n];
	}
	return (int64_t)n;
}

int64_t mem_expire(struct store *store, uint32_t host, int64_t before, struct err *e)
{
	struct mem_store *s = mem_of(store);
	struct mem_host *h = mem_host_ready(s, host, e);
	int64_t n;

	if (!h)
		return -1;
	pthread_mutex_lock(&s->db->lock);
	n = drop_before(s, h, before);
	pthread_mutex_unlock(&s->db->lock);
	return n;
}

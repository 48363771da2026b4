/* SPDX-License-Identifier: MIT */
/*
 * What was found and is not yet in the store. It waits with its host; a commit takes it over under the lock, host by host,
 * with what is remembered of the host as of that snapshot, and gives it to the store while the hosts go on.
 */
#include "host.h"
#include <gscrape/err.h>
#include <stdlib.h>

void new_generation(struct recorder *r)
{
	r->generation++;
	r->waiting_bytes = r->waiting_events = 0;
}

void waiting_add(struct recorder *r, struct rec_host *h, const struct snapshot *snap, const struct event *ev, size_t n_ev)
{
	struct waiting *w = &h->waiting;

	GROW(w->snaps, w->n, w->cap);
	GROW(w->n_of, w->n, w->cap_n_of);
	w->n_of[w->n] = (uint32_t)n_ev;
	w->snaps[w->n++] = *snap;
	for (size_t i = 0; i < n_ev; i++) {
		GROW(w->events, w->n_events, w->cap_events);
		w->events[w->n_events++] = ev[i];
	}
	for (uint32_t i = 0; i < snap->n_states; i++) {
		GROW(w->states, w->n_states, w->cap_states);
		w->states[w->n_states++] = snap->states[i];
	}
	buf_add(&w->held, snap->held.p, snap->held.n);
	r->waiting_bytes += snap->bytes;
	r->waiting_events += n_ev;
}

void waiting_clear(struct waiting *w)
{
	w->n = w->n_events = w->n_states = 0;
	buf_reset(&w->held);
}

void waiting_release(struct waiting *w)
{
	free(w->snaps);
	free(w->events);
	free(w->states);
	free(w->n_of);
	buf_release(&w->held);
}

/* What a commit takes over from a host: from then on the host may go on. */
struct parcel {
	uint32_t host;
	struct waiting waiting;
	struct host_memory memory;
};

static void pack(struct recorder *r, struct rec_host *h, struct parcel *p)
{
	for (size_t i = 0; i < h->waiting.n; i++)
		r->waiting_bytes -= h->waiting.snaps[i].bytes;
	r->waiting_events -= h->waiting.n_events;
	p->host = h->host;
	p->waiting = h->waiting;
	h->waiting = (struct waiting){0};
	if (h->dirty)
		host_remember(h, &p->memory);
	h->dirty = false;
}

/* Of all hosts that are not busy; one that is is left for the next time, with all that waits of it. */
static struct parcel *pack_all(struct recorder *r, size_t *n)
{
	struct parcel *all;

	*n = 0;
	pthread_mutex_lock(&r->lock);
	all = xcalloc(r->n_hosts + 1, sizeof *all);
	for (size_t i = 0; i < r->n_hosts; i++) {
		struct rec_host *h = r->hosts[i];

		if (!h->busy && h->generation == r->generation && (h->waiting.n || h->dirty))
			pack(r, h, &all[(*n)++]);
	}
	pthread_mutex_unlock(&r->lock);
	return all;
}

static int deliver(struct recorder *r, struct parcel *p, struct err *e)
{
	struct waiting *w = &p->waiting;
	const struct event *ev = w->events;
	const struct state_count *st = w->states;
	const char *held = w->held.p;
	int rc = store_begin(r->store, e);

	for (size_t i = 0; i < w->n && !rc; i++) {
		struct snapshot_put put = {.host = p->host, .snapshot = &w->snaps[i], .events = ev, .n_events = w->n_of[i], .names = r->symtab};

		w->snaps[i].states = st;
		w->snaps[i].held.p = held;
		rc = store_put_snapshot(r->store, &put, e);
		if (w->n_of[i]) /* nothing may be added to the address of no events at all */
			ev += w->n_of[i];
		if (w->snaps[i].n_states)
			st += w->snaps[i].n_states;
		if (w->snaps[i].held.n)
			held += w->snaps[i].held.n;
	}
	return rc ? rc : host_save(r, p->host, &p->memory, e);
}

int recorder_hand_over(struct recorder *r, struct err *e)
{
	struct err why = {0};
	size_t n;
	struct parcel *all = pack_all(r, &n);
	int rc = 0;

	for (size_t i = 0; i < n; i++) {
		if (!rc)
			rc = deliver(r, &all[i], &why);
		waiting_release(&all[i].waiting);
		host_memory_release(&all[i].memory);
	}
	free(all);
	if (rc)
		store_abort(r->store);
	else
		rc = store_commit(r->store, NULL, &why);
	if (rc < 0) {
		pthread_mutex_lock(&r->lock);
		new_generation(r);
		if (r->in_order && !r->failure.text[0])
			r->failure = why;
		pthread_mutex_unlock(&r->lock);
	}
	if (rc && e)
		*e = why;
	return rc;
}

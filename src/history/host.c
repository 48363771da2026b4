/* SPDX-License-Identifier: MIT */
/* A host's memory, loaded from the store: the store's numbers become the symbol table's. */
#include "host.h"
#include <gscrape/err.h>
#include <stdlib.h>

int host_read_row(struct recorder *r, struct rec_host *h, struct err *e)
{
	struct pool p = {0};
	struct host_row *rows;
	size_t n;
	int rc = store_hosts(r->store, &p, &rows, &n, e);

	h->seq = 0;
	h->last_time = NO_TIME;
	h->track.epoch = 0;
	for (size_t i = 0; rc == 0 && i < n; i++) {
		if (rows[i].host != h->host)
			continue;
		h->seq = rows[i].last_seq;
		h->last_time = rows[i].last;
		h->track.epoch = rows[i].epoch;
	}
	pool_release(&p);
	return rc;
}

struct loading {
	struct recorder *r;
	uint32_t *stacks; /* store's number to symtab's */
	size_t n;
};

static struct str text_of(struct recorder *r, uint32_t id)
{
	return store_string(r->store, id);
}

static uint32_t frame_of(struct recorder *r, const struct sym_frame *f)
{
	return f->func ? symtab_frame(r->symtab, text_of(r, f->func), text_of(r, f->file), f->line) : 0;
}

static uint32_t stack_of(struct loading *l, uint32_t id)
{
	struct store_stack st;
	struct sym_stack s;
	uint32_t *frames;

	if (id >= l->n) {
		size_t n = (size_t)id * 2 + 64;

		l->stacks = xrealloc(l->stacks, n, sizeof *l->stacks);
		memset(l->stacks + l->n, 0, (n - l->n) * sizeof *l->stacks);
		l->n = n;
	}
	if (l->stacks[id])
		return l->stacks[id];
	st = store_get_stack(l->r->store, id);
	frames = xcalloc(st.n + 1, sizeof *frames);
	for (uint32_t i = 0; i < st.n; i++)
		frames[i] = frame_of(l->r, &st.frames[i]);
	s = (struct sym_stack){.n = st.n, .flags = st.flags, .created = frame_of(l->r, &st.created), .frames = frames};
	l->stacks[id] = symtab_stack(l->r->symtab, &s);
	free(frames);
	return l->stacks[id];
}

static void restore(struct loading *l, struct rec_host *h, const struct living *g, const struct pulse *p)
{
	struct symtab *t = l->r->symtab;
	struct tracked was = {.id = g->id, .parent = g->parent, .wait_object = g->wait_object, .flags = g->flags, .minutes = -1};

	was.stack = stack_of(l, g->stack);
	was.state = symtab_string(t, text_of(l->r, g->state));
	was.labels = symtab_string(t, text_of(l->r, g->labels));
	if (p) {
		was.minutes = p->minutes;
		was.moved = p->moved;
		was.moved_proof = p->moved_proof;
	}
	track_restore(&h->track, seen_restore(h->seen, g->id, was.stack), &was);
}

/* Time of the last snapshot with text: what "minutes" are compared with. */
static int last_text_time(void *ctx, const struct snapshot *s)
{
	struct rec_host *h = ctx;

	if (s->status == SNAP_OK)
		h->track.last_time = s->time;
	else if (s->status == SNAP_FAILED)
		h->track.outage = true;
	return 0;
}

int host_load(struct recorder *r, struct rec_host *h, struct err *e)
{
	struct loading l = {.r = r};
	struct pool p = {0};
	struct living *alive = NULL;
	struct pulse *pulses = NULL;
	size_t n = 0, n_pulses = 0, k = 0;
	int rc = store_host(r->store, h->name, h->labels, &h->host, e);

	seen_clear(h->seen);
	track_clear(&h->track);
	if (!rc)
		rc = host_read_row(r, h, e);
	if (!rc && h->seq) {
		rc = store_alive(r->store, h->host, h->seq, &p, &alive, &n, e);
		if (!rc)
			rc = store_pulses(r->store, h->host, &p, &pulses, &n_pulses, e);
		if (!rc)
			rc = store_snapshots(r->store, h->host, h->seq > 64 ? h->seq - 64 : 1, h->seq, last_text_time, h, e);
		for (size_t i = 0; !rc && i < n; i++) {
			while (k < n_pulses && pulses[k].id < alive[i].id)
				k++;
			restore(&l, h, &alive[i], k < n_pulses && pulses[k].id == alive[i].id ? &pulses[k] : NULL);
		}
	}
	h->generation = r->generation;
	free(l.stacks);
	pool_release(&p);
	return rc;
}

/* SPDX-License-Identifier: MIT */
/* A host's memory, loaded from the store: the store's handles become the symbol table's numbers. */
#include "host.h"
#include <gscrape/err.h>
#include <stdlib.h>

int host_place(struct recorder *r, struct rec_host *h, struct err *e)
{
	struct host_place at;

	if (store_begin(r->store, e) < 0 || store_host(r->store, h->name, h->labels, &at, e) < 0)
		return -1;
	h->host = at.host;
	h->seq = at.last_seq;
	h->ordinal = at.ordinal;
	h->last_time = at.last;
	h->track.epoch = at.epoch;
	return 0;
}

/* Handles of the store, each once and in order, and what they are in the symbol table. */
struct names {
	uint32_t *handles, *numbers;
	size_t n, cap;
};

static int by_number(const void *pa, const void *pb)
{
	uint32_t a = *(const uint32_t *)pa, b = *(const uint32_t *)pb;

	return a < b ? -1 : a > b;
}

static void want(struct names *w, uint32_t handle)
{
	if (!handle || (w->n && w->handles[w->n - 1] == handle))
		return;
	GROW(w->handles, w->n, w->cap);
	w->handles[w->n++] = handle;
}

static void each_once(struct names *w)
{
	size_t n = 0;

	if (w->n)
		qsort(w->handles, w->n, sizeof *w->handles, by_number);
	for (size_t i = 0; i < w->n; i++)
		if (!n || w->handles[n - 1] != w->handles[i])
			w->handles[n++] = w->handles[i];
	w->n = n;
	w->numbers = xcalloc(n + 1, sizeof *w->numbers);
}

static uint32_t number_of(const struct names *w, uint32_t handle)
{
	const uint32_t *at = handle && w->n ? bsearch(&handle, w->handles, w->n, sizeof *w->handles, by_number) : NULL;

	return at ? w->numbers[at - w->handles] : 0;
}

static void names_release(struct names *w)
{
	free(w->handles);
	free(w->numbers);
}

struct loading {
	struct recorder *r;
	struct store_view *view;
	struct pool p;
	struct goroutine_state *alive;
	size_t n;
	struct names strings, stacks;
	bool grouped;       /* the newest snapshot with text is without identities */
	struct names signs; /* no names: snapshots in which somebody alive gave a sign of life, */
	int64_t *times;     /* and when they were */
};

static int load_strings(struct loading *l, struct str **text, struct err *e)
{
	each_once(&l->strings);
	*text = pool_alloc(&l->p, (l->strings.n + 1) * sizeof **text);
	if (store_strings(l->view, l->strings.handles, l->strings.n, &l->p, *text, e) < 0)
		return -1;
	for (size_t i = 0; i < l->strings.n; i++)
		l->strings.numbers[i] = symtab_string(l->r->symtab, (*text)[i]);
	return 0;
}

static void want_frame(struct loading *l, const struct sym_frame *f)
{
	want(&l->strings, f->func);
	want(&l->strings, f->file);
}

static uint32_t frame_of(struct loading *l, const struct sym_frame *f)
{
	struct symtab *t = l->r->symtab;

	return f->func ? symtab_frame(t, symtab_get_string(t, number_of(&l->strings, f->func)),
				      symtab_get_string(t, number_of(&l->strings, f->file)), f->line) :
			 0;
}

/* Every name that somebody alive has, in two questions. */
static int load_names(struct loading *l, struct err *e)
{
	struct store_stack *st;
	struct str *text;

	for (size_t i = 0; i < l->n; i++) {
		want(&l->stacks, l->alive[i].stack);
		want(&l->strings, l->alive[i].state);
		want(&l->strings, l->alive[i].labels);
	}
	each_once(&l->stacks);
	st = pool_alloc(&l->p, (l->stacks.n + 1) * sizeof *st);
	if (store_stacks(l->view, l->stacks.handles, l->stacks.n, &l->p, st, e) < 0)
		return -1;
	for (size_t i = 0; i < l->stacks.n; i++) {
		want_frame(l, &st[i].created);
		for (uint32_t k = 0; k < st[i].n; k++)
			want_frame(l, &st[i].frames[k]);
	}
	if (load_strings(l, &text, e) < 0)
		return -1;
	for (size_t i = 0; i < l->stacks.n; i++) {
		uint32_t *frames = xcalloc((size_t)st[i].n + 1, sizeof *frames);
		struct sym_stack s = {.n = st[i].n, .flags = st[i].flags, .created = frame_of(l, &st[i].created), .frames = frames};

		for (uint32_t k = 0; k < st[i].n; k++)
			frames[k] = frame_of(l, &st[i].frames[k]);
		l->stacks.numbers[i] = symtab_stack(l->r->symtab, &s);
		free(frames);
	}
	return 0;
}

/*
 * When the living last gave a sign of life is stored as a snapshot's number: its time is needed. One that is not kept counts
 * as the next that is. Few numbers are met, far apart: they are looked up in blocks, from the newest on.
 */
static int load_signs(struct loading *l, const struct rec_host *h, const struct liveness *live, size_t n_live, struct err *e)
{
	int64_t next = h->last_time;
	struct snapshot *s = NULL;
	struct pool p = {0};
	size_t n = 0;
	uint32_t from = UINT32_MAX;
	int rc = 0;

	for (size_t i = 0; i < l->n; i++)
		want(&l->signs, l->alive[i].run);
	for (size_t i = 0; i < n_live; i++)
		want(&l->signs, live[i].moved);
	each_once(&l->signs);
	l->times = pool_alloc(&l->p, (l->signs.n + 1) * sizeof *l->times);
	for (size_t i = l->signs.n; i-- > 0 && !rc;) {
		uint32_t seq = l->signs.handles[i];

		if (seq < from) {
			from = seq > 64 ? seq - 63 : 1;
			pool_release(&p);
			rc = store_snapshots(l->view, (struct seq_range){h->host, from, seq}, &p, &s, &n, e);
		}
		while (n && s[n - 1].seq >= seq)
			next = s[--n].time;
		l->times[i] = next;
	}
	pool_release(&p);
	return rc;
}

static int64_t time_at(const struct loading *l, uint32_t seq)
{
	const uint32_t *at = bsearch(&seq, l->signs.handles, l->signs.n, sizeof seq, by_number);

	return at ? l->times[at - l->signs.handles] : NO_TIME;
}

static void restore(struct loading *l, struct rec_host *h, const struct goroutine_state *g, const struct liveness *p)
{
	struct tracked was = {.id = g->id, .parent = g->parent, .wait_object = g->wait_object, .flags = g->flags, .minutes = -1};
	struct scan_item item;

	was.stack = number_of(&l->stacks, g->stack);
	was.state = number_of(&l->strings, g->state);
	was.labels = number_of(&l->strings, g->labels);
	if (p) {
		was.minutes = p->minutes;
		was.moved = p->moved;
		was.moved_proof = p->moved_proof;
	}
	was.still = time_at(l, was.moved > g->run ? was.moved : g->run);
	item = (struct scan_item){.id = was.id, .parent = was.parent, .wait_object = was.wait_object, .stack = was.stack, .state = was.state,
				  .labels = was.labels, .minutes = was.minutes, .flags = was.flags};
	if (l->grouped)
		track_restore_lot(&h->track, &(struct lot_kind){was.stack, was.state, was.labels, was.flags}, was.id);
	else
		track_restore(&h->track, previous_restore(h->previous, &item), &was);
}

void host_remember(const struct rec_host *h, struct host_memory *out)
{
	out->living = track_liveness(&h->track, &out->n);
	track_save(&h->track, &out->bytes);
	previous_save(h->previous, &out->bytes);
}

void host_memory_release(struct host_memory *m)
{
	free(m->living);
	buf_release(&m->bytes);
}

/* None was remembered: what is stored stays. */
int host_save(struct recorder *r, uint32_t host, const struct host_memory *m, struct err *e)
{
	if (!m->living)
		return 0;
	if (store_put_liveness(r->store, host, m->living, m->n, e) < 0)
		return -1;
	return store_put_memory(r->store, host, (struct str){m->bytes.p, m->bytes.n}, e);
}

/* What only the recorder knows; an old store has none of it. */
static int load_memory(struct loading *l, struct rec_host *h, struct err *e)
{
	const uint8_t *p, *end;
	struct str bytes;
	int rc = store_memory(l->view, h->host, &l->p, &bytes, e);

	if (rc != 1)
		return rc;
	p = (const uint8_t *)bytes.p;
	end = p + bytes.n;
	if (track_load(&h->track, &p, end) && previous_load(h->previous, (struct str){(const char *)p, (size_t)(end - p)}))
		return 0;
	return fail(e, "the recorder's memory of %s is damaged", h->name);
}

/* Time of the last complete snapshot, which "minutes" are compared with; whether scrapes failed since the last with text. */
static int load_times(struct loading *l, struct rec_host *h, struct err *e)
{
	bool text = false;

	for (uint32_t to = h->seq, from; to && h->track.last_time == NO_TIME; to = from - 1) {
		struct snapshot *s;
		struct pool p = {0};
		size_t n;
		int rc;

		from = to > 64 ? to - 63 : 1;
		rc = store_snapshots(l->view, (struct seq_range){h->host, from, to}, &p, &s, &n, e);
		if (!n) /* older ones are not kept */
			from = 1;
		while (!rc && n-- && h->track.last_time == NO_TIME) {
			if (s[n].status == SNAP_OK || s[n].status == SNAP_GROUPED)
				h->track.last_time = s[n].time;
			l->grouped |= !text && s[n].status == SNAP_GROUPED;
			h->track.outage |= !text && s[n].status == SNAP_FAILED;
			text |= snap_has_text(s[n].status);
		}
		pool_release(&p);
		if (rc < 0)
			return -1;
	}
	return 0;
}

static int load_living(struct loading *l, struct rec_host *h, struct err *e)
{
	struct liveness *live;
	size_t n_live, k = 0;

	if (store_alive(l->view, (struct snapshot_key){h->host, h->seq}, &l->p, &l->alive, &l->n, e) < 0 ||
	    store_liveness(l->view, h->host, &l->p, &live, &n_live, e) < 0 || load_names(l, e) < 0 ||
	    load_signs(l, h, live, n_live, e) < 0 || load_times(l, h, e) < 0)
		return -1;
	for (size_t i = 0; i < l->n; i++) {
		while (k < n_live && live[k].id < l->alive[i].id)
			k++;
		restore(l, h, &l->alive[i], k < n_live && live[k].id == l->alive[i].id ? &live[k] : NULL);
	}
	return load_memory(l, h, e);
}

int host_load(struct recorder *r, struct rec_host *h, struct err *e)
{
	struct loading l = {.r = r};
	int rc;

	previous_clear(h->previous);
	track_clear(&h->track);
	buf_reset(&h->held);
	rc = host_place(r, h, e);
	if (!rc && h->seq) {
		rc = store_view_open(r->store, &l.view, e);
		if (!rc)
			rc = load_living(&l, h, e);
		store_view_close(l.view);
	}
	if (!rc)
		h->generation = r->generation;
	names_release(&l.strings);
	names_release(&l.stacks);
	names_release(&l.signs);
	pool_release(&l.p);
	return rc;
}

/* SPDX-License-Identifier: MIT */
/*
 * How groups came and went over a window, in one walk through the history. The walk gives one goroutine's trail after
 * the other, chunk by chunk; the most that were alive at once asks for the order of time. So a chunk's trails leave
 * changes (from this snapshot on, one more or one less in this group), which are sorted by snapshot and swept when the
 * chunk is done.
 */
#include "room.h"
#include <stdlib.h>

struct when {
	int32_t column;   /* -1: before the window */
	uint32_t samples; /* with text, up to and with this one */
};

struct entry { /* a group being counted */
	struct activity a;
	size_t cap_states;
	uint32_t start, now; /* alive when the chunk begins; while it is swept */
};

struct change {
	uint32_t seq, group;
	int32_t by;
};

struct lived {
	uint32_t group;
	bool clipped;
	int64_t ms;
};

struct walk {
	struct query *q;
	struct pool *p;
	uint32_t host, from, to; /* by snapshot */
	enum group_by by;
	size_t cols;
	struct when *when;       /* by seq - from */
	struct entry *e;
	size_t n, cap;
	uint32_t *known;         /* group + 1, by stack, or by state when grouped so */
	size_t n_known;
	uint32_t *map;           /* hash table of keys: group + 1 */
	size_t cap_map;
	uint32_t epoch, first, last; /* of the chunk */
	struct change *changes;
	size_t n_changes, cap_changes;
	struct lived *lived;
	size_t n_lived, cap_lived;
	int32_t column;          /* filled up to here */
	bool begun;              /* a snapshot was swept */
};

/* --- which group --- */

static size_t slot_of(const struct walk *w, uint64_t key)
{
	size_t i = (size_t)(key * 0x9e3779b97f4a7c15u >> 20) & (w->cap_map - 1);

	while (w->map[i] && w->e[w->map[i] - 1].a.key != key)
		i = (i + 1) & (w->cap_map - 1);
	return i;
}

static void grow_map(struct walk *w)
{
	free(w->map);
	w->cap_map = w->cap_map ? 2 * w->cap_map : 256;
	w->map = xcalloc(w->cap_map, sizeof *w->map);
	for (size_t i = 0; i < w->n; i++)
		w->map[slot_of(w, w->e[i].a.key)] = (uint32_t)i + 1;
}

static uint32_t group_by_key(struct walk *w, uint64_t key)
{
	size_t i;

	if (2 * w->n >= w->cap_map)
		grow_map(w);
	i = slot_of(w, key);
	if (!w->map[i]) {
		GROW(w->e, w->n, w->cap);
		w->e[w->n] = (struct entry){.a.key = key};
		w->e[w->n].a.alive = pool_alloc(w->p, w->cols * sizeof *w->e[w->n].a.alive);
		w->map[i] = (uint32_t)++w->n;
	}
	return w->map[i] - 1;
}

static uint32_t group_of(struct walk *w, uint64_t id, uint32_t stack, uint32_t state)
{
	uint32_t k = w->by == BY_STATE ? state : stack;

	if (w->by == BY_NONE)
		return group_by_key(w, group_key(w->q, w->by, stack, state, id));
	if (k >= w->n_known) {
		size_t n = (size_t)k * 2 + 64;

		w->known = xrealloc(w->known, n, sizeof *w->known);
		memset(w->known + w->n_known, 0, (n - w->n_known) * sizeof *w->known);
		w->n_known = n;
	}
	if (!w->known[k])
		w->known[k] = group_by_key(w, group_key(w->q, w->by, stack, state, id)) + 1;
	return w->known[k] - 1;
}

/* --- sweeping a chunk --- */

/* Changes in the order of their snapshots; those of snapshot first + i begin at at[i]. */
static struct change *in_order(const struct walk *w, size_t n_seqs, size_t *at)
{
	struct change *sorted = xcalloc(w->n_changes + 1, sizeof *sorted);

	for (size_t i = 0; i < w->n_changes; i++)
		at[w->changes[i].seq - w->first + 1]++;
	for (size_t i = 1; i <= n_seqs; i++)
		at[i] += at[i - 1];
	for (size_t i = 0; i < w->n_changes; i++)
		sorted[at[w->changes[i].seq - w->first]++] = w->changes[i];
	for (size_t i = n_seqs; i > 0; i--) /* each has moved on to the next one's begin */
		at[i] = at[i - 1];
	at[0] = 0;
	return sorted;
}

static void fill(struct walk *w, int32_t upto)
{
	for (size_t g = 0; g < w->n && w->begun; g++)
		for (int32_t c = w->column + 1; c < upto; c++)
			w->e[g].a.alive[c] = w->e[g].now;
}

static void sweep_one(struct walk *w, uint32_t seq, const struct change *c, size_t n)
{
	int32_t column = seq < w->from ? -1 : w->when[seq - w->from].column;

	if (column > w->column)
		fill(w, column);
	for (size_t i = 0; i < n; i++)
		w->e[c[i].group].now += (uint32_t)c[i].by;
	if (column > w->column) {
		for (size_t g = 0; g < w->n; g++)
			w->e[g].a.alive[column] = w->e[g].now;
		w->column = column;
	}
	for (size_t i = 0; i < n && column >= 0; i++) {
		struct entry *e = &w->e[c[i].group];

		if (e->now > e->a.alive[column])
			e->a.alive[column] = e->now;
	}
	w->begun |= seq >= w->from;
}

static void sweep(struct walk *w)
{
	uint32_t last = w->last < w->to ? w->last : w->to;
	size_t n_seqs = (size_t)w->last - w->first + 2, *at;
	struct change *sorted;

	if (!w->epoch)
		return;
	at = xcalloc(n_seqs + 2, sizeof *at);
	sorted = in_order(w, n_seqs, at);
	for (size_t g = 0; g < w->n; g++) {
		w->e[g].now = w->e[g].start;
		w->e[g].start = 0;
	}
	for (uint32_t seq = w->first; seq <= last; seq++)
		sweep_one(w, seq, sorted + at[seq - w->first], at[seq - w->first + 1] - at[seq - w->first]);
	w->n_changes = 0;
	free(sorted);
	free(at);
}

/* --- one goroutine's part of a chunk --- */

static bool in_window(const struct walk *w, uint32_t seq)
{
	return seq > w->from ? seq <= w->to : seq == w->from && w->when[0].column >= 0;
}

static void change(struct walk *w, uint32_t seq, uint32_t group, int32_t by)
{
	GROW(w->changes, w->n_changes, w->cap_changes);
	w->changes[w->n_changes++] = (struct change){seq, group, by};
}

/* In that state from snapshot a up to and with z. */
static void spent(struct walk *w, uint32_t group, uint32_t state, uint32_t a, uint32_t z)
{
	struct entry *e = &w->e[group];
	uint32_t n, before;
	size_t i = 0;

	a = a < w->from ? w->from : a;
	z = z > w->to ? w->to : z;
	if (a > z)
		return;
	before = a > w->from ? w->when[a - 1 - w->from].samples : 0;
	n = w->when[z - w->from].samples - before;
	while (i < e->a.n_states && e->a.states[i].state != state)
		i++;
	if (i == e->a.n_states) {
		if (i == e->cap_states) {
			struct state_count *more = pool_alloc(w->p, (e->cap_states = 2 * i + 4) * sizeof *more);

			if (i)
				memcpy(more, e->a.states, i * sizeof *more);
			e->a.states = more;
		}
		e->a.states[e->a.n_states++] = (struct state_count){state, 0};
	}
	e->a.states[i].n += n;
}

/* It ends, or the window does: t is the last time it was seen. */
static void live(struct walk *w, uint32_t group, uint32_t born, int64_t t)
{
	GROW(w->lived, w->n_lived, w->cap_lived);
	w->lived[w->n_lived++] = (struct lived){group, born_before(w->q, w->host, w->epoch, born),
						t - time_or_first(w->q, w->host, born)};
}

struct stand { /* where a goroutine stands between two of its events */
	bool alive;
	uint32_t group, state, since, born;
};

static void leave(struct walk *w, const struct stand *s, uint32_t seq)
{
	change(w, seq, s->group, -1);
	w->e[s->group].a.left += in_window(w, seq);
}

static void take_event(struct walk *w, struct stand *s, const struct event *ev)
{
	uint32_t group;

	if (ev->kind == EV_WAIT)
		return;
	if (s->alive)
		spent(w, s->group, s->state, s->since, ev->seq - 1);
	if (ev->kind == EV_GONE) {
		leave(w, s, ev->seq);
		if (in_window(w, ev->seq))
			live(w, s->group, s->born, time_or_first(w->q, w->host, text_seq(w->q, w->host, ev->seq - 1)));
		s->alive = false;
		return;
	}
	group = group_of(w, ev->id, ev->stack, ev->state);
	if (!s->alive)
		s->born = ev->seq;
	if (!s->alive || group != s->group) {
		if (s->alive)
			leave(w, s, ev->seq);
		change(w, ev->seq, group, 1);
		w->e[group].a.came += in_window(w, ev->seq) && (s->alive || !born_before(w->q, w->host, w->epoch, ev->seq));
	}
	*s = (struct stand){true, group, ev->state, ev->seq, s->born};
}

static void on_trail(void *ctx, uint64_t id, const struct living *start, const struct event *ev, size_t n)
{
	struct walk *w = ctx;
	struct stand s = {0};

	if (start) {
		s = (struct stand){true, group_of(w, id, start->stack, start->state), start->state, w->first, start->born};
		w->e[s.group].start++;
	}
	for (size_t i = 0; i < n && ev[i].seq <= w->to; i++)
		take_event(w, &s, &ev[i]);
	if (!s.alive)
		return;
	spent(w, s.group, s.state, s.since, w->last);
	if (w->last < w->to)
		return;
	w->e[s.group].a.there++;
	live(w, s.group, s.born, time_or_first(w->q, w->host, text_seq(w->q, w->host, w->to)));
}

static void on_chunk(void *ctx, uint32_t epoch, uint32_t first_seq, uint32_t last_seq)
{
	struct walk *w = ctx;

	sweep(w);
	w->epoch = epoch;
	w->first = first_seq;
	w->last = last_seq;
}

/* --- the answer --- */

static void look_up_times(struct walk *w, int64_t from, int64_t to)
{
	uint32_t samples = 0;

	w->when = xcalloc((size_t)w->to - w->from + 1, sizeof *w->when);
	for (uint32_t seq = w->from; seq <= w->to; seq++) {
		const struct tick *t = tick(w->q, w->host, seq);
		int64_t at = t ? t->time : from;
		int32_t c = at < from ? -1 : (int32_t)((double)(at - from) / (double)(to - from) * (double)w->cols);

		samples += t && snap_has_text((enum snap_status)t->status);
		w->when[seq - w->from] = (struct when){c < (int32_t)w->cols ? c : (int32_t)w->cols - 1, samples};
	}
}

static int by_group(const void *pa, const void *pb)
{
	const struct lived *a = pa, *b = pb;

	if (a->group != b->group)
		return a->group < b->group ? -1 : 1;
	return a->ms < b->ms ? -1 : a->ms > b->ms;
}

static void take_lifetimes(struct walk *w)
{
	if (w->n_lived)
		qsort(w->lived, w->n_lived, sizeof *w->lived, by_group);
	for (size_t i = 0, k; i < w->n_lived; i = k) {
		struct activity *a = &w->e[w->lived[i].group].a;

		for (k = i; k < w->n_lived && w->lived[k].group == w->lived[i].group; k++)
			a->clipped |= w->lived[k].clipped;
		a->p50 = w->lived[i + (k - i) / 2].ms;
		a->p90 = w->lived[i + (k - i) * 9 / 10].ms;
		a->longest = w->lived[k - 1].ms;
	}
}

static int most_first(const void *pa, const void *pb)
{
	const struct state_count *a = pa, *b = pb;

	return a->n != b->n ? (a->n > b->n ? -1 : 1) : (a->state > b->state) - (a->state < b->state);
}

static int by_key(const void *pa, const void *pb)
{
	const struct activity *a = pa, *b = pb;

	return a->key < b->key ? -1 : a->key > b->key;
}

static struct activity *answer(struct walk *w)
{
	struct activity *out = pool_alloc(w->p, (w->n + 1) * sizeof *out);

	take_lifetimes(w);
	for (size_t g = 0; g < w->n; g++) {
		out[g] = w->e[g].a;
		for (size_t c = 0; c < w->cols; c++)
			if (out[g].alive[c] > out[g].peak)
				out[g].peak = out[g].alive[c];
		if (out[g].n_states)
			qsort(out[g].states, out[g].n_states, sizeof *out[g].states, most_first);
	}
	if (w->n)
		qsort(out, w->n, sizeof *out, by_key);
	return out;
}

const struct activity *activity_of(const struct activity *a, size_t n, uint64_t key)
{
	struct activity want = {.key = key};

	return n ? bsearch(&want, a, n, sizeof *a, by_key) : NULL;
}

int query_activity(struct query *q, uint32_t host, int64_t from, int64_t to, enum group_by by, size_t cols, struct pool *p,
		   struct activity **out, size_t *n, struct err *e)
{
	const struct host_row *r = host_row(q, host);
	struct walk w = {.q = q, .p = p, .host = host, .by = by, .cols = cols, .column = -1};
	struct store_walk fn = {on_chunk, on_trail, &w};
	int rc;

	*n = 0;
	*out = pool_alloc(p, sizeof **out);
	if (!r || r->last_seq < r->first_seq || to <= from || !cols)
		return 0;
	if (seq_at(q, host, from, &w.from, e) < 0 || seq_at(q, host, to, &w.to, e) < 0)
		return -1;
	w.from = w.from < r->first_seq ? r->first_seq : w.from;
	if (w.to < w.from)
		return 0;
	look_up_times(&w, from, to);
	rc = store_walk(q->store, host, w.from, w.to, &fn, e);
	sweep(&w);
	if (w.to < r->last_seq) /* up to the edge, since more lies beyond */
		fill(&w, (int32_t)cols);
	*out = answer(&w);
	*n = w.n;
	free(w.when);
	free(w.e);
	free(w.known);
	free(w.map);
	free(w.changes);
	free(w.lived);
	return rc;
}

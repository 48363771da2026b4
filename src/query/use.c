/* SPDX-License-Identifier: MIT */
/* How much functions were used: who ever had them on the stack, and how many at once. */
#include "sweep.h"
#include <stdlib.h>

#define FUNCS_MAX 64

int query_stacks_with(struct query *q, const uint32_t *func_ids, size_t n_funcs, enum scope scope, struct pool *p,
		      uint64_t **masks, size_t *n, struct err *e)
{
	uint32_t n_stacks, n_strings;
	uint8_t *bit; /* by function: its number + 1 */

	if (store_read_begin(q->store, e) < 0)
		return -1;
	n_stacks = store_n_stacks(q->store);
	n_strings = store_n_strings(q->store);
	bit = xcalloc(n_strings + 1, 1);
	for (size_t i = 0; i < n_funcs && i < FUNCS_MAX; i++)
		if (func_ids[i] && func_ids[i] <= n_strings)
			bit[func_ids[i]] = (uint8_t)(i + 1);
	*n = (size_t)n_stacks + 1;
	*masks = pool_alloc(p, *n * sizeof **masks);
	for (uint32_t id = 1; id <= n_stacks; id++) {
		struct store_stack st = store_get_stack(q->store, id);
		uint32_t frames = scope == IN_ANY_FRAME ? st.n : scope == IN_LEAF && st.n;

		for (uint32_t i = 0; i < frames; i++)
			if (st.frames[i].func <= n_strings && bit[st.frames[i].func])
				(*masks)[id] |= 1ull << (bit[st.frames[i].func] - 1);
		if (scope == IN_CREATOR && st.created.func <= n_strings && bit[st.created.func])
			(*masks)[id] |= 1ull << (bit[st.created.func] - 1);
	}
	free(bit);
	store_read_end(q->store);
	return 0;
}

/* Functions that a goroutine has had, of those that live over the end of a chunk. */
struct had {
	uint64_t id, mask;
};

struct use_walk {
	struct sweep s;
	const uint64_t *masks;
	size_t n_masks, n_funcs;
	struct use *use;
	uint32_t epoch;
	struct had *map; /* hash table of this process's goroutines; id 0: free */
	size_t n_map, cap_map;
};

static struct had *slot_of(struct use_walk *w, uint64_t id)
{
	size_t i = (size_t)(id * 0x9e3779b97f4a7c15u >> 20) & (w->cap_map - 1);

	while (w->map[i].id && w->map[i].id != id)
		i = (i + 1) & (w->cap_map - 1);
	return &w->map[i];
}

static void grow_map(struct use_walk *w)
{
	struct had *was = w->map;
	size_t n = w->cap_map;

	w->cap_map = n ? 2 * n : 1024;
	w->map = xcalloc(w->cap_map, sizeof *w->map);
	for (size_t i = 0; i < n; i++)
		if (was[i].id)
			*slot_of(w, was[i].id) = was[i];
	free(was);
}

static void forget(struct use_walk *w)
{
	if (w->cap_map)
		memset(w->map, 0, w->cap_map * sizeof *w->map);
	w->n_map = 0;
}

/* Those that it had for the first time. */
static void first_time(struct use_walk *w, uint64_t id, uint64_t mask)
{
	struct had *h;
	uint64_t fresh;

	if (2 * (w->n_map + 1) > w->cap_map)
		grow_map(w);
	h = slot_of(w, id);
	w->n_map += !h->id;
	fresh = mask & ~h->mask;
	*h = (struct had){id, h->mask | mask};
	for (; fresh; fresh &= fresh - 1)
		w->use[__builtin_ctzll(fresh)].ever++;
}

static uint64_t mask_of(const struct use_walk *w, uint32_t stack)
{
	return stack < w->n_masks ? w->masks[stack] : 0;
}

static void changes(struct use_walk *w, uint32_t seq, uint64_t was, uint64_t is)
{
	for (uint64_t d = was ^ is; d; d &= d - 1) {
		uint32_t k = (uint32_t)__builtin_ctzll(d);

		sweep_change(&w->s, seq, k, is >> k & 1 ? 1 : -1);
	}
}

static void on_chunk(void *ctx, uint32_t epoch, uint32_t first_seq, uint32_t last_seq)
{
	struct use_walk *w = ctx;

	sweep_chunk(&w->s, first_seq, last_seq);
	if (epoch != w->epoch)
		forget(w);
	w->epoch = epoch;
}

static void on_trail(void *ctx, uint64_t id, const struct living *start, const struct event *ev, size_t n)
{
	struct use_walk *w = ctx;
	uint64_t mask = start ? mask_of(w, start->stack) : 0, had = 0;
	uint32_t since = w->s.first, from = w->s.from + (w->s.when[0].column < 0); /* the one before the window is carried on, not counted */

	for (uint64_t d = mask; d; d &= d - 1)
		w->s.c[__builtin_ctzll(d)].start++;
	for (size_t i = 0; i < n && ev[i].seq <= w->s.to; i++) {
		uint64_t next = ev[i].kind == EV_GONE ? 0 : ev[i].kind == EV_WAIT ? mask : mask_of(w, ev[i].stack);

		if (next == mask)
			continue;
		if (ev[i].seq > from && ev[i].seq > since)
			had |= mask;
		changes(w, ev[i].seq, mask, next);
		mask = next;
		since = ev[i].seq;
	}
	if (w->s.last >= from && w->s.last >= since)
		had |= mask;
	if (had)
		first_time(w, id, had);
}

static int use_of_host(struct use_walk *w, struct query *q, uint32_t host, int64_t from, int64_t to, size_t cols, struct err *e)
{
	struct pool p = {0};
	struct store_walk fn = {on_chunk, on_trail, w};
	int rc = sweep_open(&w->s, q, host, from, to, cols, &p, e);

	if (rc == 1) {
		for (size_t i = 0; i < w->n_funcs; i++)
			sweep_counter(&w->s);
		forget(w);
		w->epoch = 0;
		rc = store_walk(q->store, host, w->s.from, w->s.to, &fn, e);
		sweep_close(&w->s);
		for (size_t i = 0; i < w->n_funcs; i++)
			for (size_t c = 0; c < cols; c++)
				w->use[i].alive[c] += w->s.c[i].alive[c];
	}
	sweep_release(&w->s);
	pool_release(&p);
	return rc < 0 ? -1 : 0;
}

int query_use(struct query *q, const uint32_t *func_ids, size_t n_funcs, enum scope scope, uint32_t host, int64_t from, int64_t to,
	      size_t cols, struct pool *p, struct use **out, struct err *e)
{
	struct use_walk w = {.n_funcs = n_funcs < FUNCS_MAX ? n_funcs : FUNCS_MAX};
	struct pool masks = {0};
	uint64_t *m;
	int rc = query_stacks_with(q, func_ids, n_funcs, scope, &masks, &m, &w.n_masks, e);

	*out = w.use = pool_alloc(p, (w.n_funcs + 1) * sizeof *w.use);
	for (size_t i = 0; i < w.n_funcs; i++)
		w.use[i].alive = pool_alloc(p, (cols + 1) * sizeof *w.use[i].alive);
	w.masks = m;
	for (size_t i = 0; i < q->n_hosts && !rc && n_funcs; i++)
		if (!host || q->rows[i].host == host)
			rc = use_of_host(&w, q, q->rows[i].host, from, to, cols, e);
	for (size_t i = 0; i < w.n_funcs; i++)
		for (size_t c = 0; c < cols; c++)
			if (w.use[i].alive[c] > w.use[i].peak)
				w.use[i].peak = w.use[i].alive[c];
	free(w.map);
	pool_release(&masks);
	return rc;
}

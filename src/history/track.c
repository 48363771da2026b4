/* SPDX-License-Identifier: MIT */
/*
 * A slot is the scanner's, and stays with a goroutine as long as the previous snapshot has it; what a slot holds here is what
 * the store has been told, so that events are exactly the differences. A slot whose goroutine is not alive may hold anything:
 * the scanner gives it to another. In a cut dump whoever is missing stays alive, here and in the scanner's memory alike.
 */
#include "track.h"
#include <gscrape/err.h>
#include <gscrape/system.h>
#include <stdlib.h>

void track_release(struct track *t)
{
	free(t->slots);
	free(t->events);
	free(t->states);
	lots_release(&t->lots);
	*t = (struct track){0};
}

#define EVENTS_KEPT 256

void track_taken(struct track *t)
{
	if (t->cap_events <= EVENTS_KEPT)
		return;
	free(t->events);
	t->events = NULL;
	t->n_events = t->cap_events = 0;
}

static void reserve(struct track *t, uint32_t slot)
{
	size_t was = t->cap;

	if (slot < t->cap)
		return;
	t->cap = (size_t)slot + slot / 16 + 64;
	t->slots = xrealloc(t->slots, t->cap, sizeof *t->slots);
	memset(t->slots + was, 0, (t->cap - was) * sizeof *t->slots);
}

void track_clear(struct track *t)
{
	if (t->cap)
		memset(t->slots, 0, t->cap * sizeof *t->slots);
	lots_release(&t->lots);
	t->max_id = 0;
	t->n_alive = 0;
	t->last_time = NO_TIME;
	t->bodies_known = false;
}

void track_restore(struct track *t, uint32_t slot, const struct tracked *g)
{
	reserve(t, slot);
	t->slots[slot] = *g;
	t->slots[slot].alive = true;
	t->n_alive++;
	if (g->id > t->max_id)
		t->max_id = g->id;
}

static struct event *emit(struct track *t, enum event_kind kind, uint64_t id, uint32_t seq)
{
	GROW(t->events, t->n_events, t->cap_events);
	t->events[t->n_events] = (struct event){.kind = kind, .id = id, .seq = seq, .minutes = -1};
	return &t->events[t->n_events++];
}

/* What is known at the end of a run goes with the event that ends it. */
static void ends_run(struct event *e, const struct tracked *g)
{
	e->minutes = g->minutes;
	e->moved = g->moved;
	e->moved_proof = g->moved_proof;
}

static void begins_run(struct event *e, const struct scan_item *it)
{
	e->stack = it->stack;
	e->state = it->state;
	e->labels = it->labels;
	e->flags = it->flags;
	e->parent = it->parent;
	e->wait_object = it->wait_object;
}

static void gone(struct track *t, struct tracked *g, uint32_t seq)
{
	struct event *e = emit(t, EV_GONE, g->id, seq);

	e->parent = g->parent;
	ends_run(e, g);
	g->alive = false;
	t->gone++;
}

static void remember(struct tracked *g, const struct scan_item *it, int64_t time)
{
	*g = (struct tracked){.still = time, .id = it->id, .parent = it->parent, .wait_object = it->wait_object, .stack = it->stack,
			      .state = it->state, .labels = it->labels, .minutes = it->minutes, .flags = it->flags, .alive = true};
}

static void born(struct track *t, struct tracked *g, const struct scan_item *it, uint32_t seq, int64_t time)
{
	begins_run(emit(t, EV_BORN, it->id, seq), it);
	remember(g, it, time);
	t->born++;
}

/*
 * "N minutes" counts from the first collection of garbage that finds it waiting, and there is one every two minutes at
 * least, or no goroutine has any minutes. So one that shows fewer than that leaves room for has moved meanwhile.
 */
#define COLLECTION 180000 /* ms: two minutes, and a minute for the collection itself */

static bool must_have_moved(const struct track *t, const struct symtab *sym, const struct tracked *g, const struct scan_item *it,
			    int64_t time)
{
	int64_t shown = it->minutes < 0 ? 0 : it->minutes;
	struct str state;

	if (!t->told || time - g->still <= (shown + 1) * 60000 + COLLECTION)
		return false;
	state = symtab_get_string(sym, it->state);
	return state.n < 3 || memcmp(state.p, "run", 3) != 0; /* who runs waits for nothing */
}

/* Same state and stack: what else tells that it lives? */
static void stays(struct track *t, const struct symtab *sym, struct tracked *g, const struct scan_item *it, uint32_t seq, int64_t time)
{
	bool ran = it->minutes < g->minutes || must_have_moved(t, sym, g, it, time);
	bool other = it->wait_object && it->wait_object != g->wait_object;
	bool proof = ran && !g->moved_proof; /* later ones add nothing that a reader of any time could not know from the first */

	if (other)
		g->wait_object = it->wait_object;
	if (other || proof)
		emit(t, EV_WAIT, it->id, seq)->wait_object = g->wait_object;
	if (ran || it->args_moved || other) {
		g->moved = seq;
		g->moved_proof = ran;
		g->still = time;
		t->memory_changed = true;
	}
	t->memory_changed |= g->minutes != it->minutes;
	g->minutes = it->minutes;
	t->unchanged++;
}

static void goes_on(struct track *t, const struct symtab *sym, struct tracked *g, const struct scan_item *it, uint32_t seq, int64_t time)
{
	const uint64_t parent = g->parent;
	struct event *e;

	if (g->stack == it->stack && g->state == it->state && g->labels == it->labels && g->flags == it->flags) {
		stays(t, sym, g, it, seq, time);
		return;
	}
	e = emit(t, EV_RUN, it->id, seq);
	begins_run(e, it);
	ends_run(e, g);
	remember(g, it, time);
	g->parent = parent; /* that of its birth, as the store has it */
	t->changed++;
}

void track_doubt(const struct track *t, struct symtab *sym, struct scan_result *r)
{
	struct scan_item *last = r->n ? &r->items[r->n - 1] : NULL;
	const struct tracked *was = last && last->slot < t->cap ? &t->slots[last->slot] : NULL;
	struct sym_stack s;

	if (!last)
		return;
	if (was && was->alive && !last->fresh) {
		last->stack = was->stack;
		last->state = was->state;
		last->labels = was->labels;
		last->flags = was->flags;
		last->parent = was->parent;
		last->wait_object = was->wait_object;
		last->args_moved = last->same_body = false;
		return;
	}
	s = symtab_get_stack(sym, last->stack);
	s.created = 0;
	last->stack = symtab_stack(sym, &s);
	last->parent = 0;
}

static void count_state(struct track *t, uint32_t state, size_t *hint)
{
	if (*hint < t->n_states && t->states[*hint].state == state) {
		t->states[*hint].n++;
		return;
	}
	for (*hint = 0; *hint < t->n_states; (*hint)++) {
		if (t->states[*hint].state == state) {
			t->states[*hint].n++;
			return;
		}
	}
	GROW(t->states, t->n_states, t->cap_states);
	t->states[t->n_states++] = (struct state_count){state, 1};
}

/* Ties by name: numbers of strings depend on what was met first. */
static int most_first(const void *pa, const void *pb, void *sym)
{
	const struct state_count *a = pa, *b = pb;
	struct str x, y;
	int c;

	if (a->n != b->n)
		return a->n > b->n ? -1 : 1;
	x = symtab_get_string(sym, a->state);
	y = symtab_get_string(sym, b->state);
	c = memcmp(x.p, y.p, x.n < y.n ? x.n : y.n);
	return c ? c : x.n < y.n ? -1 : x.n > y.n;
}

/* By id; the end of an old epoch's goroutine before the new one's birth. */
static int by_id(const void *pa, const void *pb)
{
	const struct event *a = pa, *b = pb;

	if (a->id != b->id)
		return a->id < b->id ? -1 : 1;
	return (b->kind == EV_GONE) - (a->kind == EV_GONE);
}

/* The n newest of a lot. */
static void lot_shrinks(struct track *t, struct lot *lot, uint64_t n, uint32_t seq)
{
	lot->count -= n;
	t->gone += (uint32_t)n;
	while (n) {
		struct lot_span *last = &lot->spans[lot->n - 1];

		for (; n && last->n; n--)
			emit(t, EV_GONE, last->first + --last->n, seq);
		lot->n -= !last->n;
	}
}

/* Another process, or identities of another kind: everybody of the old one is gone. */
static void end_epoch(struct track *t, uint32_t seq)
{
	for (size_t slot = 0; slot < t->cap; slot++)
		if (t->slots[slot].alive)
			gone(t, &t->slots[slot], seq);
	for (size_t i = 0; i < t->lots.n; i++)
		lot_shrinks(t, &t->lots.a[i], t->lots.a[i].count, seq);
	lots_release(&t->lots);
	t->epoch++;
	t->new_epoch = true;
	t->max_id = 0;
}

/* And everybody here is born. */
static void begin_epoch(struct track *t, const struct scan_result *r, uint32_t seq, int64_t time)
{
	end_epoch(t, seq);
	for (size_t i = 0; i < r->n; i++)
		born(t, &t->slots[r->items[i].slot], &r->items[i], seq, time);
}

static void compare(struct track *t, const struct symtab *sym, const struct scan_result *r, uint32_t seq, int64_t time)
{
	for (size_t i = 0; i < r->n_gone; i++)
		if (t->slots[r->gone[i]].alive)
			gone(t, &t->slots[r->gone[i]], seq);
	for (size_t i = 0; i < r->n; i++) {
		struct tracked *g = &t->slots[r->items[i].slot];

		if (r->items[i].fresh || !g->alive)
			born(t, g, &r->items[i], seq, time);
		else
			goes_on(t, sym, g, &r->items[i], seq, time);
	}
}

static void begin(struct track *t)
{
	t->n_events = t->n_states = 0;
	t->born = t->gone = t->changed = t->unchanged = 0;
	t->new_epoch = t->memory_changed = false;
	t->told = false;
}

static void put_in_order(struct track *t, const struct symtab *sym)
{
	size_t n = 1;

	while (n < t->n_events && by_id(&t->events[n - 1], &t->events[n]) <= 0)
		n++;
	if (n < t->n_events)
		qsort(t->events, t->n_events, sizeof *t->events, by_id);
	sort_with(t->states, t->n_states, sizeof *t->states, most_first, (void *)(uintptr_t)sym);
	t->n_alive = t->n_alive + t->born - t->gone;
	t->memory_changed |= t->n_events > 0;
}

void track_scan(struct track *t, const struct symtab *sym, const struct scan_result *r, uint32_t seq, int64_t time, bool complete)
{
	size_t hint = 0;

	begin(t);
	for (size_t i = 0; i < r->n; i++) {
		t->told |= r->items[i].minutes > 0;
		reserve(t, r->items[i].slot);
		__builtin_prefetch(&t->slots[r->items[i].slot]); /* they do not lie one behind the other, and are compared below */
		count_state(t, r->items[i].state, &hint);
	}
	if (t->lots.n || epoch_is_new(t, sym, r, time, complete))
		begin_epoch(t, r, seq, time);
	else
		compare(t, sym, r, seq, time);
	put_in_order(t, sym);
	if (r->max_id > t->max_id)
		t->max_id = r->max_id;
	t->memory_changed |= complete && !t->bodies_known;
	if (complete) {
		t->last_time = time;
		t->bodies_known = true;
	}
	t->last_cut = !complete;
	t->outage = false;
}

static void lot_grows(struct track *t, struct lot *lot, uint64_t n, uint32_t seq)
{
	t->born += (uint32_t)n;
	for (; n; n--) {
		struct event *e = emit(t, EV_BORN, ++t->max_id, seq);

		e->stack = lot->kind.stack;
		e->state = lot->kind.state;
		e->labels = lot->kind.labels;
		e->flags = lot->kind.flags;
		lot_add(lot, e->id);
	}
}

/* Those that are not in a profile any more, or fewer, and then those that are more. */
static void lots_compare(struct track *t, const struct lots *now, uint32_t seq)
{
	for (size_t i = 0; i < t->lots.n; i++) {
		struct lot *lot = &t->lots.a[i];
		const struct lot *is = lots_find(now, &lot->kind);
		uint64_t count = is ? is->count : 0;

		if (count < lot->count)
			lot_shrinks(t, lot, lot->count - count, seq);
		t->unchanged += (uint32_t)lot->count;
	}
	for (size_t i = 0; i < now->n; i++) {
		struct lot *lot = lots_at(&t->lots, &now->a[i].kind);

		if (now->a[i].count > lot->count)
			lot_grows(t, lot, now->a[i].count - lot->count, seq);
	}
}

/*
 * Without identities a restart shows in two ways: code is at another address, which is proof; or nothing answered for a
 * while, and more than half are gone.
 */
static bool lots_are_new(const struct track *t, const struct lots *now)
{
	if (t->epoch == 0 || t->n_alive > t->lots.total)
		return true;
	if (now->base && t->lots.base && now->base != t->lots.base)
		return true;
	return t->outage && now->total * 2 < t->lots.total;
}

void track_lots(struct track *t, const struct symtab *sym, const struct lots *now, uint32_t seq, int64_t time)
{
	size_t hint = 0;

	begin(t);
	for (size_t i = 0; i < now->n; i++) {
		count_state(t, now->a[i].kind.state, &hint);
		t->states[hint].n += (uint32_t)now->a[i].count - 1;
	}
	if (lots_are_new(t, now))
		end_epoch(t, seq);
	lots_compare(t, now, seq);
	put_in_order(t, sym);
	t->memory_changed |= now->base != t->lots.base;
	t->lots.base = now->base ? now->base : t->lots.base;
	t->lots.total = now->total;
	lots_tidy(&t->lots);
	t->last_time = time;
	t->bodies_known = false;
	t->outage = false;
}

void track_restore_lot(struct track *t, const struct lot_kind *kind, uint64_t id)
{
	lot_add(lots_at(&t->lots, kind), id);
	t->lots.total++;
	t->n_alive++;
	if (id > t->max_id)
		t->max_id = id;
}

/* The first number: are bodies known, and does a base follow? */
enum { KNOWN_BODIES = 1, KNOWN_BASE = 2 };

void track_save(const struct track *t, struct buf *out)
{
	buf_varint(out, (t->bodies_known ? KNOWN_BODIES : 0) | (t->lots.base ? KNOWN_BASE : 0));
	buf_varint(out, t->max_id);
	if (t->lots.base)
		buf_varint(out, t->lots.base);
}

bool track_load(struct track *t, const uint8_t **p, const uint8_t *end)
{
	uint64_t known = get_varint(p, end), max_id = get_varint(p, end);

	t->lots.base = *p && known & KNOWN_BASE ? get_varint(p, end) : 0;
	if (!*p || known > (KNOWN_BODIES | KNOWN_BASE))
		return false;
	t->bodies_known = known & KNOWN_BODIES;
	if (max_id > t->max_id)
		t->max_id = max_id;
	return true;
}

static int liveness_by_id(const void *pa, const void *pb)
{
	const struct liveness *a = pa, *b = pb;

	return a->id < b->id ? -1 : a->id > b->id;
}

struct liveness *track_liveness(const struct track *t, size_t *n)
{
	struct liveness *out = xcalloc(t->n_alive + 1, sizeof *out);

	*n = 0;
	for (size_t slot = 0; slot < t->cap && *n < t->n_alive; slot++) {
		const struct tracked *g = &t->slots[slot];

		if (g->alive && (g->moved || g->minutes >= 0))
			out[(*n)++] = (struct liveness){g->id, g->moved, g->moved_proof, g->minutes};
	}
	qsort(out, *n, sizeof *out, liveness_by_id);
	return out;
}

/* SPDX-License-Identifier: MIT */
/*
 * A fold that keeps all residencies of a process: leaks.c asks about all who share a place, together and more than once. A hash
 * finds the open residency of (goroutine, place); a second one per goroutine, at its creation site as a whole, says whether it
 * still lives.
 */
#include "interval.h"
#include "residency.h"
#include <gscrape/hash.h>
#include <stdlib.h>

struct gather {
	struct residencies s;
	const struct range *r;
	int64_t *times;       /* of the range's snapshots with text */
	uint32_t *epochs;     /* and their processes */
	bool *cut;
	size_t n_times, base; /* base: the process's first */
	uint32_t *latest_text; /* for each snapshot from the range's first with text on: index of the last with text at or before it */
	uint32_t latest;      /* the whole residency that was asked for last: intervals come one goroutine after the other */
	struct hash residencies;    /* by goroutine and group */
	struct hash groups;   /* by site and place */
	size_t cap, cap_groups;
	struct places {
		uint32_t site, place; /* groups; 0 not known yet */
	} *by_stack;
	size_t n_by_stack;
};

/* --- groups --- */

static uint64_t mix(uint64_t a, uint64_t b)
{
	a = (a ^ b) * 0x9e3779b97f4a7c15u;
	return a ^ a >> 29;
}

static uint64_t frame_hash(const struct frame *f)
{
	return mix((uint64_t)f->func_id << 32 | f->file_id, f->line);
}

static uint32_t group_of(struct gather *g, const struct frame *created, const struct frame *place)
{
	uint64_t h = mix(frame_hash(created), frame_hash(place));
	uint32_t at;

	HASH_FIND(&g->groups, h, at, frame_is(&g->s.groups[at].created, created) && frame_is(&g->s.groups[at].place, place));
	if (at != HASH_NONE)
		return at;
	GROW(g->s.groups, g->s.n_groups, g->cap_groups);
	g->s.groups[g->s.n_groups] = (struct residency_group){.created = *created, .place = *place};
	hash_put(&g->groups, h, (uint32_t)g->s.n_groups);
	return (uint32_t)g->s.n_groups++;
}

static struct places places_of(struct gather *g, uint32_t stack)
{
	static const struct frame everywhere;
	const struct frame *place;
	const struct stack *s;
	struct places *at;

	REACH(g->by_stack, g->n_by_stack, stack);
	at = &g->by_stack[stack];
	if (!at->site) {
		s = query_stack(g->s.q, stack);
		place = stack_user_frame(s);
		at->site = group_of(g, &s->created, &everywhere);
		at->place = place ? group_of(g, &s->created, place) : at->site;
	}
	return *at;
}

/* --- residencies --- */

/* Index of the residency of a goroutine in a group; made when it is new. */
static uint32_t residency_of(struct gather *g, uint64_t id, uint32_t group)
{
	uint64_t h = hash_u64(id + ((uint64_t)group << 40));
	uint32_t at;

	HASH_FIND(&g->residencies, h, at, g->s.a[at].id == id && g->s.a[at].group == group);
	if (at == HASH_NONE) {
		at = (uint32_t)g->s.n;
		GROW(g->s.a, g->s.n, g->cap);
		hash_put(&g->residencies, h, at);
		g->s.a[g->s.n++] = (struct residency){.id = id, .group = group};
	}
	return at;
}

static uint32_t life_of(struct gather *g, uint64_t id, uint32_t site)
{
	if (g->latest >= g->s.n || g->s.a[g->latest].id != id || g->s.a[g->latest].group != site)
		g->latest = residency_of(g, id, site);
	return g->latest;
}

/* Index of a snapshot within the process; what lies before the window counts as its beginning. */
static uint32_t index_of(const struct gather *g, uint32_t seq)
{
	uint32_t at = seq > g->r->text && seq <= g->r->to ? g->latest_text[seq - g->r->text] : 0;

	return at > g->base ? at - (uint32_t)g->base : 0;
}

enum sign {
	SIGN_OTHER,  /* it waits for another thing */
	SIGN_CAUGHT, /* a look saw it running */
	SIGN_PROOF,  /* nobody saw it move, but it cannot have rested */
};

/* It moved here. */
static void sign(struct residency *m, uint32_t at, enum sign s)
{
	if (s == SIGN_OTHER) {
		m->works++;
	} else if (!m->ticks++) {
		m->ticked = at;
		m->flags |= s == SIGN_CAUGHT ? RESIDENCY_CAUGHT : 0;
	}
}

/* Work and rest may be on one line, and in two states. States are few, so that two of them hardly share a bit. */
static void be_in(struct residency *m, uint32_t state, enum family f)
{
	uint64_t bit = 1ull << hash_u64(f == FAM_RUNNING ? 0 : state) % 64;

	m->flags = (uint16_t)(m->states & bit ? m->flags | RESIDENCY_AGAIN : m->flags & ~RESIDENCY_AGAIN);
	m->states |= bit;
}

/* It runs, and ran just before: whether a processor had it at the moment of a look, and at which line it was, is chance. */
static bool same_run(const struct gather *g, const struct residency *m, const struct interval *v)
{
	return m->flags & RESIDENCY_HERE && query_family(g->s.q, m->state, m->stack) == FAM_RUNNING &&
	       query_family(g->s.q, v->state, v->stack) == FAM_RUNNING;
}

static void arrive(struct gather *g, uint32_t residency, const struct interval *v, uint32_t at)
{
	struct residency *m = &g->s.a[residency];
	enum family f = query_family(g->s.q, v->state, v->stack);

	if (!m->visits) {
		m->first = at;
		if (!at)
			m->flags |= RESIDENCY_BEFORE;
	}
	if (!(m->flags & RESIDENCY_HERE)) {
		m->visits++;
		m->since = at;
	} else if (!same_run(g, m, v) && (m->state != v->state || m->stack != v->stack)) {
		if (m->flags & RESIDENCY_RESTED) /* the way from running into the wait is no use */
			sign(m, at, f == FAM_RUNNING || query_family(g->s.q, m->state, m->stack) == FAM_RUNNING ? SIGN_CAUGHT : SIGN_OTHER);
		m->spent += at - m->since;
		m->since = at;
	}
	if (!same_run(g, m, v))
		be_in(m, v->state, f);
	m->flags &= (uint16_t)~RESIDENCY_TICKED;
	m->flags |= (f != FAM_RUNNING ? RESIDENCY_RESTED : 0) | (f == FAM_IO ? RESIDENCY_IO : 0);
	m->flags |= RESIDENCY_HERE | RESIDENCY_ALIVE | (v->flags & DUMP_LEAKED ? RESIDENCY_LEAKED : 0);
	m->stack = v->stack;
	m->state = v->state;
	m->wait_object = v->wait_object;
}

static void leave(struct gather *g, uint32_t residency, uint32_t at, bool dies)
{
	struct residency *m = &g->s.a[residency];

	m->flags &= (uint16_t)~(RESIDENCY_HERE | (dies ? RESIDENCY_ALIVE : 0));
	m->last = at - 1;
	m->spent += at - m->since;
}

/* The goroutine moved at a snapshot. */
static void move(struct residency *life, uint32_t at)
{
	if (at - life->moved > life->longest)
		life->longest = at - life->moved;
	life->moved = at;
	life->moves++;
}

/* What the end of an interval tells of it. */
static void use(struct gather *g, struct residency *m, struct residency *life, const struct interval *v)
{
	if (v->ended == ENDED_THERE)
		m->minutes = v->minutes > 0 ? (uint32_t)v->minutes : 0;
	if (v->ended == ENDED_WAITING) {
		sign(m, index_of(g, v->end), v->next_object == v->wait_object ? SIGN_PROOF : SIGN_OTHER);
		m->flags |= v->next_object == v->wait_object ? RESIDENCY_TICKED : 0;
	} else if (v->moved_proof && !(m->flags & RESIDENCY_TICKED)) {
		sign(m, index_of(g, v->moved), SIGN_PROOF);
	}
	if (v->ended == ENDED_CHANGED && v->moved && index_of(g, v->moved) > life->moved)
		move(life, index_of(g, v->moved));
}

static void residencies_take(struct gather *g, const struct interval *v)
{
	struct places at = places_of(g, v->stack), next;
	uint32_t life = life_of(g, v->id, at.site), last = g->s.a[life].life;
	uint32_t here = last < g->s.n && g->s.a[last].id == v->id && g->s.a[last].group == at.place ? last : residency_of(g, v->id, at.place);
	uint32_t begin = index_of(g, v->since);

	g->s.a[here].life = life;
	g->s.a[life].life = here;
	g->s.a[life].parent = v->parent;
	if ((v->began == BEGAN_CHANGED || v->began == BEGAN_WAITING) && !same_run(g, &g->s.a[life], v))
		move(&g->s.a[life], begin);
	else if (!g->s.a[life].visits)
		g->s.a[life].moved = begin;
	if (v->began == BEGAN_WAITING && g->s.a[here].flags & RESIDENCY_HERE) {
		g->s.a[here].wait_object = v->wait_object;
		be_in(&g->s.a[here], v->state, query_family(g->s.q, v->state, v->stack));
	} else {
		arrive(g, life, v, begin);
		if (here != life)
			arrive(g, here, v, begin);
	}
	use(g, &g->s.a[here], &g->s.a[life], v);
	if (v->ended == ENDED_GONE) {
		leave(g, life, index_of(g, v->end), true);
		if (here != life)
			leave(g, here, index_of(g, v->end), true);
	} else if (v->ended == ENDED_CHANGED) {
		next = places_of(g, v->next_stack);
		if (next.place != at.place && here != life)
			leave(g, here, index_of(g, v->end), false);
		if (next.site != at.site) /* a stack whose root was cut off has lost its site */
			leave(g, life, index_of(g, v->end), true);
	}
}

/* --- epochs --- */

/* The end of the window: who stays. */
static void close_residency(struct gather *g, struct residency *m)
{
	const struct residency *life = g->s.groups[m->group].place.func ? &g->s.a[m->life] : m;

	m->born = life->first;
	m->parent = life->parent;
	m->moves = life->moves;
	m->moved = life->moved;
	m->longest = life->longest;
	m->flags |= life->flags & RESIDENCY_IO;
	if (!(life->flags & RESIDENCY_HERE))
		m->flags &= (uint16_t)~RESIDENCY_ALIVE;
	if (m->flags & RESIDENCY_HERE)
		m->last = (uint32_t)g->s.n_times - 1;
}

/* Together by group, in the order in which they came. */
static void sort_residencies(struct gather *g)
{
	struct residencies *s = &g->s;
	struct residency *sorted = xrealloc(NULL, s->n + 1, sizeof *sorted);
	uint32_t at = 0, *room = xcalloc(s->n_groups + 1, sizeof *room);

	for (size_t i = 0; i < s->n_groups; i++)
		s->groups[i].n = 0;
	for (size_t i = 0; i < s->n; i++)
		s->groups[s->a[i].group].n++;
	for (size_t i = 0; i < s->n_groups; i++) {
		s->groups[i].first = room[i] = at;
		at += s->groups[i].n;
	}
	for (size_t i = 0; i < s->n; i++)
		sorted[room[s->a[i].group]++] = s->a[i];
	free(room);
	free(s->a);
	s->a = sorted;
	g->cap = s->n + 1;
}

static void count_births(struct residencies *s)
{
	s->born = xcalloc(s->n_times + 1, sizeof *s->born);
	for (size_t i = 0; i < s->n; i++)
		if (!s->groups[s->a[i].group].place.func && !(s->a[i].flags & RESIDENCY_BEFORE))
			s->born[s->a[i].first]++;
}

static int end_epoch(struct gather *g, int (*fn)(void *ctx, const struct residencies *s), void *ctx)
{
	size_t end = g->base;
	int rc;

	while (end < g->n_times && g->epochs[end] == g->s.epoch)
		end++;
	if (end == g->base)
		return 0;
	g->s.times = g->times + g->base;
	g->s.cut = g->cut + g->base;
	g->s.n_times = end - g->base;
	g->s.newest = end == g->n_times;
	g->s.marked = false;
	for (size_t i = 0; i < g->s.n; i++) {
		close_residency(g, &g->s.a[i]);
		g->s.marked |= (g->s.a[i].flags & (RESIDENCY_LEAKED | RESIDENCY_ALIVE)) == (RESIDENCY_LEAKED | RESIDENCY_ALIVE);
	}
	sort_residencies(g);
	count_births(&g->s);
	rc = fn(ctx, &g->s);
	free(g->s.born);
	return rc;
}

static void begin_epoch(struct gather *g, uint32_t epoch)
{
	size_t base = g->base;

	g->s.epoch = epoch;
	g->s.n = 0;
	while (base < g->n_times && g->epochs[base] != epoch)
		base++;
	if (base < g->n_times) /* else retention has dropped all its snapshots meanwhile */
		g->base = base;
	hash_clear(&g->residencies);
}

static void number_snapshots(struct gather *g)
{
	g->times = xcalloc((size_t)(g->r->to - g->r->text) + 2, sizeof *g->times);
	g->epochs = xcalloc((size_t)(g->r->to - g->r->text) + 2, sizeof *g->epochs);
	g->cut = xcalloc((size_t)(g->r->to - g->r->text) + 2, sizeof *g->cut);
	g->latest_text = xcalloc((size_t)(g->r->to - g->r->text) + 2, sizeof *g->latest_text);
	for (uint32_t seq = g->r->text; seq <= g->r->to; seq++) {
		const struct snapshot_header *t = range_at(g->r, seq);

		if (snap_has_text((enum snap_status)t->status)) {
			g->epochs[g->n_times] = t->epoch;
			g->cut[g->n_times] = t->status != SNAP_OK && t->status != SNAP_GROUPED;
			g->times[g->n_times++] = t->time;
		}
		g->latest_text[seq - g->r->text] = g->n_times ? (uint32_t)g->n_times - 1 : 0;
	}
}

int residencies_each(struct query *q, const struct window *w, int (*fn)(void *ctx, const struct residencies *s), void *ctx, struct err *e)
{
	struct interval_question ask = {.w = *w, .waits = true, .live = true};
	struct gather g = {.s = {.q = q, .host = w->host, .n_groups = 1}};
	const struct interval *v;
	struct intervals *it;
	int rc = intervals_begin(q, &ask, &it, e);

	if (rc != 1)
		return rc;
	g.r = intervals_range(it);
	number_snapshots(&g);
	g.cap_groups = 64;
	g.s.groups = xcalloc(g.cap_groups, sizeof *g.s.groups);
	while ((rc = intervals_next(it, &v)) == 1) {
		if (v->epoch != g.s.epoch && g.s.epoch && (rc = end_epoch(&g, fn, ctx)) != 0)
			break;
		if (v->epoch != g.s.epoch)
			begin_epoch(&g, v->epoch);
		residencies_take(&g, v);
	}
	if (!rc && g.s.epoch)
		rc = end_epoch(&g, fn, ctx);
	intervals_end(it);
	free(g.times);
	free(g.epochs);
	free(g.cut);
	free(g.latest_text);
	free(g.by_stack);
	free(g.s.groups);
	free(g.s.a);
	hash_release(&g.groups);
	hash_release(&g.residencies);
	return rc;
}

/* SPDX-License-Identifier: MIT */
/*
 * One walk over the events, which keeps all stays of a process: leaks.c asks about all who share a place, together and more
 * than once, where window.c's spans pass by one at a time and sweep.c only counts. A hash finds the open stay of
 * (goroutine, place); a second stay per goroutine, at its creation site as a whole, says whether it still lives.
 */
#include "stays.h"
#include <stdlib.h>

struct entry {
	uint32_t tag;  /* of the hash: spares most looks at the stay */
	uint32_t stay; /* index + 1; 0 none */
};

struct gather {
	struct stays s;
	struct err *e;
	int (*fn)(void *ctx, const struct stays *s);
	void *ctx;
	int rc;
	uint32_t from_seq, to_seq;
	uint32_t *index;      /* by seq - from_seq: how many snapshots with text come before it */
	int64_t *times;       /* of all epochs */
	size_t n_times;
	uint32_t base;        /* index of the epoch's first snapshot */
	bool first_chunk;     /* of the epoch */
	uint32_t last_seq;    /* of the chunk: what comes later is the process's end, and nobody's leaving */
	struct entry *map;    /* (id, group) to a stay; open addressing */
	size_t cap_map, cap, cap_groups;
	uint32_t *group_map;  /* (created, place) to a group; open addressing */
	size_t cap_group_map;
	uint32_t *site_of, *place_of; /* by stack: its groups, 0 not known yet */
	uint32_t n_stacks;
};

/* --- groups --- */

static bool same_frame(const struct frame *a, const struct frame *b)
{
	return a->func_id == b->func_id && a->file_id == b->file_id && a->line == b->line;
}

static uint64_t mix(uint64_t a, uint64_t b)
{
	a = (a ^ b) * 0x9e3779b97f4a7c15u;
	return a ^ a >> 29;
}

static uint64_t frame_hash(const struct frame *f)
{
	return mix((uint64_t)f->func_id << 32 | f->file_id, f->line);
}

static size_t group_slot(const struct gather *g, const struct frame *created, const struct frame *place)
{
	size_t i = mix(frame_hash(created), frame_hash(place)) & (g->cap_group_map - 1);

	while (g->group_map[i] && !(same_frame(&g->s.groups[g->group_map[i]].created, created) &&
				    same_frame(&g->s.groups[g->group_map[i]].place, place)))
		i = (i + 1) & (g->cap_group_map - 1);
	return i;
}

static void group_map_grow(struct gather *g)
{
	free(g->group_map);
	g->cap_group_map *= 2;
	g->group_map = xcalloc(g->cap_group_map, sizeof *g->group_map);
	for (uint32_t k = 1; k < g->s.n_groups; k++)
		g->group_map[group_slot(g, &g->s.groups[k].created, &g->s.groups[k].place)] = k;
}

static uint32_t group_of(struct gather *g, const struct frame *created, const struct frame *place)
{
	size_t i = group_slot(g, created, place);

	if (g->group_map[i])
		return g->group_map[i];
	GROW(g->s.groups, g->s.n_groups, g->cap_groups);
	g->s.groups[g->s.n_groups] = (struct stay_group){.created = *created, .place = *place};
	g->group_map[i] = (uint32_t)g->s.n_groups++;
	if (g->s.n_groups * 2 > g->cap_group_map)
		group_map_grow(g);
	return (uint32_t)g->s.n_groups - 1;
}

static void know_stack(struct gather *g, uint32_t stack)
{
	static const struct frame everywhere;
	const struct stack *s;
	const struct frame *place;

	if (g->site_of[stack])
		return;
	s = query_stack(g->s.q, stack);
	place = stack_user_frame(s);
	g->site_of[stack] = group_of(g, &s->created, &everywhere);
	g->place_of[stack] = place ? group_of(g, &s->created, place) : g->site_of[stack];
}

/* --- stays --- */

static uint64_t stay_hash(uint64_t id, uint32_t group)
{
	uint64_t h = id * 0x9e3779b97f4a7c15u + group * 0xd6e8feb86659fd93u;

	return h ^ h >> 32;
}

static size_t slot_of(const struct gather *g, uint64_t id, uint32_t group)
{
	uint64_t h = stay_hash(id, group);
	uint32_t tag = (uint32_t)(h >> 32);
	size_t i = h & (g->cap_map - 1);

	while (g->map[i].stay && !(g->map[i].tag == tag && g->s.a[g->map[i].stay - 1].id == id &&
				   g->s.a[g->map[i].stay - 1].group == group))
		i = (i + 1) & (g->cap_map - 1);
	return i;
}

static void map_reset(struct gather *g, size_t cap)
{
	free(g->map);
	g->cap_map = cap;
	g->map = xcalloc(cap, sizeof *g->map);
	for (size_t k = 0; k < g->s.n; k++) {
		uint64_t h = stay_hash(g->s.a[k].id, g->s.a[k].group);
		size_t i = h & (cap - 1);

		while (g->map[i].stay)
			i = (i + 1) & (cap - 1);
		g->map[i] = (struct entry){(uint32_t)(h >> 32), (uint32_t)k + 1};
	}
}

/* Index of the stay of a goroutine in a group; made when it is new. */
static uint32_t stay_of(struct gather *g, uint64_t id, uint32_t group)
{
	size_t i = slot_of(g, id, group);

	if (g->map[i].stay)
		return g->map[i].stay - 1;
	GROW(g->s.a, g->s.n, g->cap);
	g->s.a[g->s.n++] = (struct stay){.id = id, .group = group};
	g->map[i] = (struct entry){(uint32_t)(stay_hash(id, group) >> 32), (uint32_t)g->s.n};
	if (g->s.n * 2 > g->cap_map)
		map_reset(g, g->cap_map * 4);
	return (uint32_t)g->s.n - 1;
}

/* Index of a snapshot within the epoch; what lies before the window counts as its beginning. */
static uint32_t index_of(const struct gather *g, uint32_t seq)
{
	uint32_t i = seq <= g->from_seq ? 0 : g->index[seq - g->from_seq];

	return i > g->base ? i - g->base : 0;
}

/* What a goroutine is doing, from an event or a keyframe. */
struct doing {
	uint32_t stack, state;
	uint64_t wait_object;
	uint8_t flags;
};

/* One goroutine on its way through a chunk. */
struct walker {
	struct gather *g;
	uint64_t id;
	bool there;
	uint32_t stack;      /* the one it is on */
	uint32_t life, here; /* indices of its stays at its site as a whole and at its place */
};

static void arrive(struct gather *g, uint32_t stay, const struct doing *d, uint32_t at)
{
	struct stay *m = &g->s.a[stay];
	enum family f = query_family(g->s.q, d->state, d->stack);

	if (!m->visits) {
		m->first = at;
		if (!at)
			m->flags |= STAY_BEFORE;
	}
	if (!(m->flags & STAY_HERE)) {
		m->visits++;
		m->since = at;
	} else if (m->state != d->state || m->stack != d->stack) {
		m->uses += (m->flags & STAY_RESTED) != 0; /* the way from running into the wait is no use */
		m->since = at;
	}
	m->flags |= (f != FAM_RUNNING ? STAY_RESTED : 0) | (f == FAM_IO ? STAY_IO : 0);
	m->flags |= STAY_HERE | STAY_ALIVE | (d->flags & DUMP_LEAKED ? STAY_LEAKED : 0);
	m->stack = d->stack;
	m->state = d->state;
	m->wait_object = d->wait_object;
}

static void leave(struct gather *g, uint32_t stay, uint32_t at, bool dies)
{
	struct stay *m = &g->s.a[stay];

	m->flags &= (uint8_t)~(STAY_HERE | (dies ? STAY_ALIVE : 0));
	if (at)
		m->last = at - 1;
	else
		m->visits = 0; /* that was before the window */
}

/* Find the stays of the stack it is on. */
static void find_stays(struct walker *w)
{
	struct gather *g = w->g;

	know_stack(g, w->stack);
	w->life = stay_of(g, w->id, g->site_of[w->stack]);
	w->here = g->place_of[w->stack] == g->site_of[w->stack] ? w->life : stay_of(g, w->id, g->place_of[w->stack]);
	g->s.a[w->here].life = w->life;
}

static void come(struct walker *w, const struct doing *d, uint32_t at)
{
	w->stack = d->stack;
	w->there = true;
	find_stays(w);
	arrive(w->g, w->life, d, at);
	if (w->here != w->life)
		arrive(w->g, w->here, d, at);
}

static void end_life(struct walker *w, uint32_t at)
{
	leave(w->g, w->life, at, true);
	if (w->here != w->life)
		leave(w->g, w->here, at, true);
	w->there = false;
}

/* To another stack, at another place as a rule. */
static void go_on(struct walker *w, const struct doing *d, uint32_t at)
{
	struct gather *g = w->g;
	uint32_t life = w->life, here = w->here;

	know_stack(g, d->stack);
	if (g->place_of[d->stack] != g->place_of[w->stack] && here != life)
		leave(g, here, at, false);
	if (g->site_of[d->stack] != g->site_of[w->stack])
		leave(g, life, at, true); /* a stack whose root was cut off has lost its site */
	come(w, d, at);
}

static void on_event(struct walker *w, const struct event *v, uint32_t stack)
{
	struct doing d = {stack, v->state, v->wait_object, v->flags};
	uint32_t at = index_of(w->g, v->seq);

	if (!w->there) {
		if (v->kind == EV_BORN || v->kind == EV_RUN)
			come(w, &d, at);
		return;
	}
	w->g->s.a[w->here].uses += v->kind == EV_WAIT || (v->moved_proof && v->moved);
	if (v->kind == EV_WAIT)
		w->g->s.a[w->here].wait_object = v->wait_object;
	else if (v->kind == EV_GONE)
		end_life(w, at);
	else
		go_on(w, &d, at);
}

/* A damaged store may name stacks that are not there. */
static uint32_t known(const struct gather *g, uint32_t stack)
{
	return stack < g->n_stacks ? stack : 0;
}

static void on_trail(void *ctx, uint64_t id, const struct living *start, const struct event *ev, size_t n)
{
	struct gather *g = ctx;
	struct walker w = {.g = g, .id = id};

	if (g->rc || (!n && !g->first_chunk))
		return;
	if (start && g->first_chunk) {
		come(&w, &(struct doing){known(g, start->stack), start->state, start->wait_object, start->flags}, index_of(g, start->run));
	} else if (start) {
		w.stack = known(g, start->stack);
		w.there = true;
		find_stays(&w);
	}
	for (size_t i = 0; i < n && ev[i].seq <= g->last_seq; i++)
		on_event(&w, &ev[i], known(g, ev[i].stack));
}

/* --- epochs --- */

/* The end of the window: who stays, and what is known of runs that go on. */
static void close_stay(struct gather *g, struct stay *m, const struct pulse *p, size_t n)
{
	const struct stay *life = &g->s.a[m->life];
	const struct pulse *mine;

	m->born = life->first;
	m->flags |= life->flags & STAY_IO;
	if (!(life->flags & STAY_HERE))
		m->flags &= (uint8_t)~STAY_ALIVE;
	if (!(m->flags & STAY_HERE))
		return;
	m->last = (uint32_t)g->s.n_times - 1;
	mine = pulse_of(p, n, m->id);
	if (mine && mine->moved_proof && mine->moved <= g->to_seq)
		m->uses++;
}

/* Those of before the window alone go. */
static void drop_ghosts(struct stays *s)
{
	size_t n = 0;

	for (size_t i = 0; i < s->n; i++)
		if (s->a[i].visits)
			s->a[n++] = s->a[i];
	s->n = n;
}

/* Together by group, in place: each is swapped into its group's next room until that group's own stands here. */
static void sort_stays(struct stays *s)
{
	uint32_t at = 0, *room = xcalloc(s->n_groups + 1, sizeof *room);

	for (size_t i = 0; i < s->n_groups; i++)
		s->groups[i].n = 0;
	for (size_t i = 0; i < s->n; i++)
		s->groups[s->a[i].group].n++;
	for (size_t i = 0; i < s->n_groups; i++) {
		s->groups[i].first = room[i] = at;
		at += s->groups[i].n;
	}
	for (uint32_t g = 0; g < s->n_groups; g++) {
		while (room[g] < s->groups[g].first + s->groups[g].n) {
			struct stay *here = &s->a[room[g]];

			if (here->group == g) {
				room[g]++;
			} else {
				struct stay other = *here, *to = &s->a[room[other.group]++];

				*here = *to;
				*to = other;
			}
		}
	}
	free(room);
}

static void count_births(struct stays *s)
{
	s->born = xcalloc(s->n_times + 1, sizeof *s->born);
	for (size_t i = 0; i < s->n; i++)
		if (!s->groups[s->a[i].group].place.func && !(s->a[i].flags & STAY_BEFORE))
			s->born[s->a[i].first]++;
}

/* The epoch's snapshots are those from base up to and without `end`. */
static void end_epoch(struct gather *g, uint32_t end, bool newest)
{
	struct pool p = {0};
	struct pulse *pulses = NULL;
	size_t n = 0;

	if (!g->s.epoch || g->rc || end <= g->base)
		return;
	if (newest && store_pulses(g->s.q->store, g->s.host, &p, &pulses, &n, g->e) < 0) {
		g->rc = -1;
		return;
	}
	g->s.times = g->times + g->base;
	g->s.n_times = end - g->base;
	g->s.newest = newest;
	for (size_t i = 0; i < g->s.n; i++)
		close_stay(g, &g->s.a[i], pulses, n);
	pool_release(&p);
	drop_ghosts(&g->s);
	sort_stays(&g->s);
	count_births(&g->s);
	g->rc = g->fn(g->ctx, &g->s);
	free(g->s.born);
}

static void on_chunk(void *ctx, uint32_t epoch, uint32_t first_seq, uint32_t last_seq)
{
	struct gather *g = ctx;
	uint32_t at = first_seq <= g->from_seq ? 0 : g->index[first_seq - g->from_seq];

	g->last_seq = last_seq < g->to_seq ? last_seq : g->to_seq;
	g->first_chunk = epoch != g->s.epoch;
	if (!g->first_chunk)
		return;
	end_epoch(g, at, false);
	g->s.epoch = epoch;
	g->s.n = 0;
	g->base = at;
	map_reset(g, 1024);
}

static void number_snapshots(struct gather *g)
{
	g->index = xcalloc((size_t)(g->to_seq - g->from_seq) + 2, sizeof *g->index);
	g->times = xcalloc((size_t)(g->to_seq - g->from_seq) + 2, sizeof *g->times);
	for (uint32_t seq = g->from_seq; seq <= g->to_seq; seq++) {
		const struct tick *t = tick(g->s.q, g->s.host, seq);

		g->index[seq - g->from_seq] = (uint32_t)g->n_times;
		if (t && snap_has_text((enum snap_status)t->status))
			g->times[g->n_times++] = t->time;
	}
}

/* The window in sequence numbers. False when it is empty. */
static int find_window(struct gather *g, int64_t from, int64_t to)
{
	const struct host_row *r = host_row(g->s.q, g->s.host);

	if (!r || r->last_seq < r->first_seq)
		return 0;
	g->from_seq = r->first_seq;
	g->to_seq = r->last_seq;
	if (to != NO_TIME && seq_at(g->s.q, g->s.host, to, &g->to_seq, g->e) < 0)
		return -1;
	if (from != NO_TIME && seq_at(g->s.q, g->s.host, from, &g->from_seq, g->e) < 0)
		return -1;
	if (g->from_seq < r->first_seq)
		g->from_seq = r->first_seq;
	else if (from != NO_TIME && query_seq_time(g->s.q, g->s.host, g->from_seq) < from)
		g->from_seq++;
	return g->from_seq <= g->to_seq;
}

int stays_each(struct query *q, uint32_t host, int64_t from, int64_t to, int (*fn)(void *ctx, const struct stays *s), void *ctx,
	       struct err *e)
{
	struct gather g = {.s = {.q = q, .host = host, .n_groups = 1}, .e = e, .fn = fn, .ctx = ctx};
	struct store_walk w = {on_chunk, on_trail, &g};
	int rc;

	if (store_read_begin(q->store, e) < 0) /* one view: no stack is newer than n_stacks */
		return -1;
	rc = find_window(&g, from, to);
	if (rc <= 0) {
		store_read_end(q->store);
		return rc;
	}
	number_snapshots(&g);
	g.n_stacks = store_n_stacks(q->store) + 1;
	g.site_of = xcalloc(g.n_stacks, sizeof *g.site_of);
	g.place_of = xcalloc(g.n_stacks, sizeof *g.place_of);
	g.cap_groups = 64;
	g.s.groups = xcalloc(g.cap_groups, sizeof *g.s.groups);
	g.cap_group_map = 256;
	g.group_map = xcalloc(g.cap_group_map, sizeof *g.group_map);
	rc = store_walk(q->store, host, g.from_seq, g.to_seq, &w, e);
	if (!rc)
		end_epoch(&g, (uint32_t)g.n_times, true);
	store_read_end(q->store);
	free(g.index);
	free(g.times);
	free(g.site_of);
	free(g.place_of);
	free(g.s.groups);
	free(g.group_map);
	free(g.s.a);
	free(g.map);
	return rc ? rc : g.rc;
}

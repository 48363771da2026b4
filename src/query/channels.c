/* SPDX-License-Identifier: MIT */
/*
 * Channels: a dump tells who sends and who receives, and not on which channel. So ends are told by place: those who send here, and
 * who may receive what they send, by what the two places have in common. Nobody waits at both ends of one channel at once, since the
 * one would have what the other gives: so those count who were at the other end before, too, and of two places of one channel that
 * waited at the same time the one is not the other's end.
 */
#include "range.h"
#include <gscrape/dump.h>
#include <gscrape/filter.h>
#include <gscrape/hash.h>
#include <gscrape/insight.h>
#include <inttypes.h>
#include <stdlib.h>

#define LEAST 4        /* points: that two are of one package, and were started by one, is chance */
#define SNAPSHOTS 2048 /* looked at, up to T */
#define KNOWN_IDS 4096 /* of an end: enough to see who started whom */

struct ids {
	uint64_t *a; /* sorted, each once, when all are there */
	size_t n, cap;
};

/* All who waited at a place in one way. */
struct end {
	struct channel_end told;       /* of those at T that pass */
	struct channel_end there;      /* of all at T, as another's other end */
	uint32_t state_id;
	uint64_t seen[SNAPSHOTS / 64]; /* at which snapshots somebody waited there */
	struct ids ids, parents;       /* parents: those that are known */
};

struct ends {
	struct query *q;
	struct pool *p;
	struct end **a;
	size_t n, cap;
	struct hash index;    /* by end_hash */
	uint32_t host, epoch;
	uint32_t first, last; /* snapshots, of one process */
};

/* --- what a goroutine does on a channel --- */

static const char *const way_names[] = {"sends", "receives", "selects"};

const char *channel_way_name(enum channel_way w)
{
	return way_names[w];
}

static bool way_of(const char *state, enum channel_way *way)
{
	static const struct {
		const char *state;
		enum channel_way way;
	} rows[] = {{"chan send", CHANNEL_SENDS}, {"chan receive", CHANNEL_RECEIVES}, {"select", CHANNEL_SELECTS}};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		if (strncmp(state, rows[i].state, strlen(rows[i].state)) != 0)
			continue;
		*way = rows[i].way;
		return strcmp(state, "select (no cases)") != 0;
	}
	return false;
}

static const struct frame *place_of(struct query *q, uint32_t stack)
{
	const struct stack *s = query_stack(q, stack);
	const struct frame *f = stack_user_frame(s);

	return f ? f : s->n ? &s->frames[0] : NULL;
}

static uint64_t end_hash(const struct frame *place, uint32_t state_id)
{
	return hash_u64(hash_u64((uint64_t)place->func_id << 32 | place->line) ^ ((uint64_t)place->file_id << 32 | state_id));
}

static bool is_end(const struct end *e, const struct frame *place, uint32_t state_id)
{
	return e->state_id == state_id && frame_is(&e->told.place, place);
}

/* The end at which somebody waits with this stack and state; NULL: at none. */
static struct end *end_of(struct ends *x, uint32_t stack, const char *state, uint32_t state_id)
{
	const struct frame *place;
	enum channel_way way;
	struct end *e;
	uint64_t h;
	uint32_t at;

	if (!way_of(state, &way) || !(place = place_of(x->q, stack)))
		return NULL;
	h = end_hash(place, state_id);
	HASH_FIND(&x->index, h, at, is_end(x->a[at], place, state_id));
	if (at != HASH_NONE)
		return x->a[at];
	GROW(x->a, x->n, x->cap);
	e = pool_alloc(x->p, sizeof *e);
	e->state_id = state_id;
	e->told = e->there = (struct channel_end){.host = x->host, .place = *place, .way = way, .state = state, .oldest = NO_TIME, .last = NO_TIME};
	hash_put(&x->index, h, (uint32_t)x->n);
	return x->a[x->n++] = e;
}

static void ends_release(struct ends *x)
{
	for (size_t i = 0; i < x->n; i++) {
		free(x->a[i]->ids.a);
		free(x->a[i]->parents.a);
	}
	free(x->a);
	hash_release(&x->index);
}

/* --- who was there --- */

static void add_id(struct ids *l, uint64_t id)
{
	if (!id || l->n == KNOWN_IDS || (l->n && l->a[l->n - 1] == id))
		return;
	GROW(l->a, l->n, l->cap);
	l->a[l->n++] = id;
}

static int by_number(const void *pa, const void *pb)
{
	uint64_t a = *(const uint64_t *)pa, b = *(const uint64_t *)pb;

	return a < b ? -1 : a > b;
}

static void sort_ids(struct ids *l)
{
	size_t kept = 0;

	if (l->n)
		qsort(l->a, l->n, sizeof *l->a, by_number);
	for (size_t i = 0; i < l->n; i++)
		if (!kept || l->a[kept - 1] != l->a[i])
			l->a[kept++] = l->a[i];
	l->n = kept;
}

static bool on_run(void *ctx, const struct window_run *t)
{
	struct ends *x = ctx;
	uint32_t from = t->run.from_seq > x->first ? t->run.from_seq : x->first, to = t->run.to_seq < x->last ? t->run.to_seq : x->last;
	struct end *e = t->epoch == x->epoch && from <= to ? end_of(x, t->run.stack, t->run.state, t->run.state_id) : NULL;

	if (!e)
		return true;
	for (uint32_t seq = from; seq <= to; seq++)
		e->seen[(seq - x->first) / 64] |= (uint64_t)1 << (seq - x->first) % 64;
	add_id(&e->ids, t->id);
	add_id(&e->parents, t->parent);
	e->there.last = e->there.last == NO_TIME || t->run.to > e->there.last ? t->run.to : e->there.last;
	return true;
}

/* The snapshots up to T that are of the process that was there then. 1, 0 none, -1. */
static int find_snapshots(struct ends *x, int64_t at, int64_t *from, struct err *e)
{
	const struct snapshot_header *t;
	struct range r;
	int rc = range_of(x->q, &(struct window){.host = x->host, .from = NO_TIME, .to = at}, &r, e);

	x->last = rc == 1 ? range_text(&r, r.to) : 0;
	if (rc < 0 || !x->last || !(t = range_at(&r, x->last)))
		return rc < 0 ? -1 : 0;
	x->epoch = t->epoch;
	for (x->first = x->last; x->first > r.first && x->last - x->first + 1 < SNAPSHOTS; x->first--)
		if (!(t = range_at(&r, x->first - 1)) || t->epoch != x->epoch)
			break;
	*from = range_time(&r, x->first);
	return 1;
}

static int find_ends(struct ends *x, int64_t at, struct err *e)
{
	int64_t from;
	int rc = find_snapshots(x, at, &from, e);

	if (rc == 1)
		rc = query_runs(x->q, &(struct window){.host = x->host, .from = from, .to = at}, on_run, x, e);
	for (size_t i = 0; i < x->n; i++) {
		sort_ids(&x->a[i]->ids);
		sort_ids(&x->a[i]->parents);
	}
	return rc < 0 ? -1 : 0;
}

static void count_in(struct channel_end *c, const struct alive *a)
{
	c->count++;
	if (a->waits != NO_TIME && (c->oldest == NO_TIME || a->waits < c->oldest)) {
		c->oldest = a->waits;
		c->oldest_id = a->id;
	}
}

/* --- what two ends have in common --- */

/* "main.fetch" of main.fetch.func1.2, main.fetch.gowrap1: closures are of the function that they stand in. */
static struct str outer(const char *func)
{
	struct str s = str_of(func);
	const char *in = strstr(func, ".func"), *wrap = strstr(func, ".gowrap");

	if (in && in[5] >= '0' && in[5] <= '9')
		s.n = (size_t)(in - func);
	if (wrap && (size_t)(wrap - func) < s.n)
		s.n = (size_t)(wrap - func);
	return s;
}

/* "main.(*pool)" of main.(*pool).get; empty for what is no method. */
static struct str type_of(const char *func)
{
	const char *end = strstr(func, ").");

	return end ? (struct str){func, (size_t)(end + 1 - func)} : (struct str){0};
}

static const uint64_t *common(const struct ids *a, const struct ids *b)
{
	for (size_t i = 0, k = 0; i < a->n && k < b->n;) {
		if (a->a[i] == b->a[k])
			return &a->a[i];
		if (a->a[i] < b->a[k])
			i++;
		else
			k++;
	}
	return NULL;
}

/* Points, and the best reason that they are for. */
struct reason {
	int points, best;
	const char *why;
};

static void add_reason(struct reason *r, int points, const char *why)
{
	r->points += points;
	if (points > r->best) {
		r->best = points;
		r->why = why;
	}
}

static struct reason compare(const struct end *a, const struct end *b, struct pool *p)
{
	struct str of = outer(a->told.place.func), type = type_of(a->told.place.func), package = func_package(str_of(a->told.place.func));
	const uint64_t *who;
	struct reason r = {0};

	if (str_eq(of, outer(b->told.place.func)))
		add_reason(&r, 4, pool_printf(p, "both in %.*s", (int)of.n, of.p));
	if (type.n && str_eq(type, type_of(b->told.place.func)))
		add_reason(&r, 3, pool_printf(p, "both of %.*s", (int)type.n, type.p));
	if ((who = common(&a->parents, &b->ids)) || (who = common(&b->parents, &a->ids)))
		add_reason(&r, 4, pool_printf(p, "%" PRIu64 " started the other", *who));
	else if ((who = common(&a->parents, &b->parents)))
		add_reason(&r, 2, pool_printf(p, "both started by %" PRIu64, *who));
	if (package.n && str_eq(package, func_package(str_of(b->told.place.func))))
		add_reason(&r, 1, pool_printf(p, "both in package %.*s", (int)package.n, package.p));
	return r;
}

static bool may_meet(const struct channel_end *a, const struct channel_end *b)
{
	return (a->way != b->way || a->way == CHANNEL_SELECTS) && !strstr(a->state, "nil chan") && !strstr(b->state, "nil chan");
}

/* Did one goroutine start all of both, or one of them the others? Then there is one channel, as far as can be told. */
static bool is_one_channel(const struct end *a, const struct end *b)
{
	const struct ids *x = &a->parents, *y = &b->parents;

	if (x->n == 1 && y->n == 1 && x->a[0] == y->a[0])
		return true;
	return (x->n == 1 && b->ids.n == 1 && b->ids.a[0] == x->a[0]) || (y->n == 1 && a->ids.n == 1 && a->ids.a[0] == y->a[0]);
}

static bool waited_at_once(const struct end *a, const struct end *b)
{
	for (size_t i = 0; i < SNAPSHOTS / 64; i++)
		if (a->seen[i] & b->seen[i])
			return true;
	return false;
}

static int most_likely(const void *pa, const void *pb)
{
	const struct channel_partner *a = pa, *b = pb;

	if (a->points != b->points)
		return a->points > b->points ? -1 : 1;
	if (a->end->count != b->end->count)
		return a->end->count > b->end->count ? -1 : 1;
	return a->end->last != b->end->last ? (a->end->last < b->end->last) - (a->end->last > b->end->last) : strcmp(a->end->place.func, b->end->place.func);
}

static void find_partners(const struct ends *x, struct end *e)
{
	struct channel_partner *found = pool_alloc(x->p, (x->n + 1) * sizeof *found);
	size_t n_found = 0;

	for (size_t i = 0; i < x->n; i++) {
		struct reason r;

		if (x->a[i] == e || !may_meet(&e->told, &x->a[i]->told) || (is_one_channel(e, x->a[i]) && waited_at_once(e, x->a[i])))
			continue;
		r = compare(e, x->a[i], x->p);
		if (r.points >= LEAST)
			found[n_found++] = (struct channel_partner){&x->a[i]->there, (uint32_t)r.points, r.why};
	}
	if (n_found)
		qsort(found, n_found, sizeof *found, most_likely);
	e->told.partners = found;
	e->told.n_partners = n_found < CHANNEL_PARTNERS ? n_found : CHANNEL_PARTNERS;
}

/* --- the question --- */

static int most_first(const void *pa, const void *pb)
{
	const struct channel_end *a = *(const struct channel_end *const *)pa, *b = *(const struct channel_end *const *)pb;

	if (a->count != b->count)
		return a->count > b->count ? -1 : 1;
	if (a->oldest != b->oldest)
		return a->oldest < b->oldest ? -1 : 1;
	return a->oldest_id < b->oldest_id ? -1 : a->oldest_id > b->oldest_id;
}

static int ask(struct ends *x, const struct channels_question *ask, struct err *e)
{
	struct alive *a;
	struct end *end;
	size_t n;

	if (find_ends(x, ask->at.t, e) < 0 || query_alive(x->q, &ask->at, x->p, &a, &n, e) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		if ((end = end_of(x, a[i].stack, a[i].state, a[i].state_id)))
			count_in(&end->there, &a[i]);
	if (filter_alive(ask->where, x->q, &ask->at, a, &n, e) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		if ((end = end_of(x, a[i].stack, a[i].state, a[i].state_id)))
			count_in(&end->told, &a[i]);
	return 0;
}

int query_channels(struct query *q, const struct channels_question *question, struct pool *p, const struct channel_end ***out, size_t *n, struct err *e)
{
	struct ends x = {.q = q, .p = p, .host = question->at.host};
	int rc = ask(&x, question, e);

	*n = 0;
	*out = rc == 0 ? pool_alloc(p, (x.n + 1) * sizeof **out) : NULL;
	for (size_t i = 0; i < x.n && rc == 0; i++) {
		if (!x.a[i]->told.count)
			continue;
		find_partners(&x, x.a[i]);
		(*out)[(*n)++] = &x.a[i]->told;
	}
	if (*n)
		qsort(*out, *n, sizeof **out, most_first);
	ends_release(&x);
	return rc;
}

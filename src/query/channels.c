/* SPDX-License-Identifier: MIT */
/*
 * Channels: a dump tells who sends and who receives, and not on which channel. So ends are told by place: those who send here, and
 * who may receive what they send, by what the two places have in common.
 */
#include "query_internal.h"
#include <gscrape/dump.h>
#include <gscrape/filter.h>
#include <gscrape/insight.h>
#include <inttypes.h>
#include <stdlib.h>

#define LEAST 4 /* points: that two are of one package, and were started by one, is chance */

struct end {
	struct channel_end told;
	uint64_t *ids, *parents; /* sorted; parents each once, without the unknown */
	size_t n, n_parents;
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

/* One who waits at an end. */
struct waiting_there {
	const struct alive *a;
	const struct frame *place;
	enum channel_way way;
};

static int compare_ends(const struct waiting_there *a, const struct waiting_there *b)
{
	if (a->place->func_id != b->place->func_id)
		return a->place->func_id < b->place->func_id ? -1 : 1;
	if (a->place->file_id != b->place->file_id)
		return a->place->file_id < b->place->file_id ? -1 : 1;
	if (a->place->line != b->place->line)
		return a->place->line < b->place->line ? -1 : 1;
	if (a->way != b->way)
		return a->way < b->way ? -1 : 1;
	return (a->a->state_id > b->a->state_id) - (a->a->state_id < b->a->state_id);
}

static int by_end(const void *pa, const void *pb)
{
	const struct waiting_there *a = pa, *b = pb;
	int d = compare_ends(a, b);

	return d ? d : (a->a->id > b->a->id) - (a->a->id < b->a->id);
}

static int by_number(const void *pa, const void *pb)
{
	uint64_t a = *(const uint64_t *)pa, b = *(const uint64_t *)pb;

	return a < b ? -1 : a > b;
}

static struct end make_end(uint32_t host, const struct waiting_there *w, size_t n, struct pool *p)
{
	struct end e = {.told = {.host = host, .place = *w->place, .way = w->way, .state = w->a->state, .count = (uint32_t)n, .oldest = NO_TIME},
			.ids = pool_alloc(p, n * sizeof *e.ids), .parents = pool_alloc(p, n * sizeof *e.parents), .n = n};
	size_t kept = 0;

	for (size_t i = 0; i < n; i++) {
		const struct alive *a = w[i].a;

		e.ids[i] = a->id;
		if (a->parent)
			e.parents[e.n_parents++] = a->parent;
		if (a->waits != NO_TIME && (e.told.oldest == NO_TIME || a->waits < e.told.oldest)) {
			e.told.oldest = a->waits;
			e.told.oldest_id = a->id;
		}
	}
	qsort(e.parents, e.n_parents, sizeof *e.parents, by_number);
	for (size_t i = 0; i < e.n_parents; i++)
		if (!kept || e.parents[kept - 1] != e.parents[i])
			e.parents[kept++] = e.parents[i];
	e.n_parents = kept;
	return e;
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

static const uint64_t *common(const uint64_t *a, size_t n_a, const uint64_t *b, size_t n_b)
{
	for (size_t i = 0, k = 0; i < n_a && k < n_b;) {
		if (a[i] == b[k])
			return &a[i];
		if (a[i] < b[k])
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
	if ((who = common(a->parents, a->n_parents, b->ids, b->n)) || (who = common(b->parents, b->n_parents, a->ids, a->n)))
		add_reason(&r, 4, pool_printf(p, "%" PRIu64 " started the other", *who));
	else if ((who = common(a->parents, a->n_parents, b->parents, b->n_parents)))
		add_reason(&r, 2, pool_printf(p, "both started by %" PRIu64, *who));
	if (package.n && str_eq(package, func_package(str_of(b->told.place.func))))
		add_reason(&r, 1, pool_printf(p, "both in package %.*s", (int)package.n, package.p));
	return r;
}

static bool may_meet(const struct channel_end *a, const struct channel_end *b)
{
	return (a->way != b->way || a->way == CHANNEL_SELECTS) && !strstr(a->state, "nil chan") && !strstr(b->state, "nil chan");
}

static int most_likely(const void *pa, const void *pb)
{
	const struct channel_partner *a = pa, *b = pb;

	if (a->points != b->points)
		return a->points > b->points ? -1 : 1;
	return a->end->count != b->end->count ? (a->end->count < b->end->count) - (a->end->count > b->end->count) :
						strcmp(a->end->place.func, b->end->place.func);
}

static void find_partners(struct end *all, size_t n, struct end *e, struct pool *p)
{
	struct channel_partner *found = pool_alloc(p, (n + 1) * sizeof *found);
	size_t n_found = 0;

	for (size_t i = 0; i < n; i++) {
		struct reason r;

		if (&all[i] == e || !may_meet(&e->told, &all[i].told))
			continue;
		r = compare(e, &all[i], p);
		if (r.points >= LEAST)
			found[n_found++] = (struct channel_partner){&all[i].told, (uint32_t)r.points, r.why};
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

static size_t sort_out(struct query *q, const struct alive *a, size_t n, struct waiting_there *out)
{
	size_t kept = 0;

	for (size_t i = 0; i < n; i++) {
		struct waiting_there w = {.a = &a[i]};

		if (way_of(a[i].state, &w.way) && (w.place = place_of(q, a[i].stack)))
			out[kept++] = w;
	}
	if (kept)
		qsort(out, kept, sizeof *out, by_end);
	return kept;
}

int query_channels(struct query *q, const struct channels_question *ask, struct pool *p, const struct channel_end ***out, size_t *n, struct err *e)
{
	struct waiting_there *w;
	struct alive *a;
	struct end *all;
	size_t n_a, n_w;

	*n = 0;
	*out = NULL;
	if (query_alive(q, &ask->at, p, &a, &n_a, e) < 0 || filter_alive(ask->where, q, &ask->at, a, &n_a, e) < 0)
		return -1;
	w = pool_alloc(p, (n_a + 1) * sizeof *w);
	n_w = sort_out(q, a, n_a, w);
	all = pool_alloc(p, (n_w + 1) * sizeof *all);
	for (size_t i = 0, j; i < n_w; i = j) {
		for (j = i; j < n_w && compare_ends(&w[i], &w[j]) == 0; j++)
			;
		all[(*n)++] = make_end(ask->at.host, w + i, j - i, p);
	}
	*out = pool_alloc(p, (*n + 1) * sizeof **out);
	for (size_t i = 0; i < *n; i++) {
		find_partners(all, *n, &all[i], p);
		(*out)[i] = &all[i].told;
	}
	if (*n)
		qsort(*out, *n, sizeof **out, most_first);
	return 0;
}

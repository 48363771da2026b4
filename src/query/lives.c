/* SPDX-License-Identifier: MIT */
/*
 * How goroutines come and go: births, ends, how long they live, and in which states they are meanwhile. With a filter there are two
 * walks: the first finds who passes at some time, so that the second counts their lives whole.
 */
#include "merged.h"
#include <gscrape/filter.h>
#include <gscrape/insight.h>
#include <math.h>
#include <gscrape/system.h>
#include <stdlib.h>

/* A life whose birth was seen. */
struct lifetime {
	size_t group;
	int64_t ms;
	bool ended; /* its end was seen, too */
};

struct counting {
	struct query *q;
	const struct range *r;
	enum group_by by;
	bool some;                 /* of these alone: */
	struct counter_map wanted; /* epoch << 40 ^ id */
	struct lives *a;
	size_t n, cap;
	struct counter_map index;  /* key: place in a, plus 1 */
	struct counter_map stacks; /* group << 32 | stack: samples */
	struct lifetime *times;
	size_t n_times, cap_times;
};

static uint64_t lives_key(uint32_t epoch, uint64_t id)
{
	return (uint64_t)epoch << 40 ^ id;
}

/* Whoever passes in one of its runs, as that is at its end. */
static int find_wanted(struct counting *c, const struct lives_question *ask, struct err *e)
{
	struct interval_question all = {.w = {.host = ask->host, .from = ask->from, .to = ask->to}, .live = true};
	const struct interval *v;
	struct intervals *it;
	int rc;

	c->some = ask->where != NULL;
	if (!c->some)
		return 0;
	if (filter_over_time(ask->where, e) < 0)
		return -1;
	rc = intervals_begin(c->q, &all, &it, e);
	while (rc == 1 && (rc = intervals_next(it, &v)) == 1) {
		struct window_run run = window_run_of(intervals_range(it), v);

		if (filter_accepts_run(ask->where, c->q, host_name_of(c->q, ask->host), &run))
			counter_map_at(&c->wanted, lives_key(v->epoch, v->id))->n = 1;
	}
	intervals_end(it);
	return rc < 0 ? -1 : filter_gave_up(ask->where, e);
}

static size_t group_of(struct counting *c, struct trait t)
{
	uint64_t key = group_key(c->q, c->by, &t);
	struct count *at = counter_map_at(&c->index, key);

	if (!at->n) {
		GROW(c->a, c->n, c->cap);
		c->a[c->n] = (struct lives){.host = c->r->host, .key = key, .p50 = NO_TIME, .p90 = NO_TIME, .p99 = NO_TIME,
					    .max = NO_TIME, .median = NO_TIME, .oldest = NO_TIME};
		at->n = ++c->n;
	}
	return (size_t)at->n - 1;
}

static void spent(struct counting *c, size_t g, const struct interval *v)
{
	c->a[g].samples += v->samples;
	c->a[g].families[query_family(c->q, v->state, v->stack)] += v->samples;
	counter_map_at(&c->stacks, (uint64_t)g << 32 | v->stack)->n += v->samples;
}

static void lived(struct counting *c, const struct merged *m)
{
	struct lives *l = &c->a[m->place - 1];
	bool ended = m->ended == ENDED_CHANGED || m->ended == ENDED_GONE;
	int64_t since = range_time(c->r, c->by == BY_CREATED ? m->born : m->since);

	l->births += m->came;
	l->before += !m->came;
	l->deaths += ended;
	l->killed += m->ended == ENDED_KILLED;
	if (m->ended == ENDED_THERE) {
		l->alive++;
		if (l->oldest == NO_TIME || since < l->oldest || (since == l->oldest && m->id < l->oldest_id)) {
			l->oldest = since;
			l->oldest_id = m->id;
		}
	}
	if (!m->came)
		return;
	GROW(c->times, c->n_times, c->cap_times);
	c->times[c->n_times++] = (struct lifetime){(size_t)m->place - 1, range_time(c->r, m->to) - range_time(c->r, m->from),
						   ended};
}

static int lives_count(struct counting *c, struct intervals *it)
{
	struct merging open = {0};
	const struct interval *v;
	struct merged m;
	int rc;

	while ((rc = intervals_next(it, &v)) == 1) {
		size_t g, next = 0;

		if (c->some && !count_of(&c->wanted, lives_key(v->epoch, v->id)))
			continue;
		g = group_of(c, interval_trait(v));
		if (v->samples)
			spent(c, g, v);
		if (v->ended == ENDED_CHANGED)
			next = group_of(c, interval_next_trait(v)) + 1;
		if (merge(&open, v, g + 1, next, &m))
			lived(c, &m);
	}
	merging_release(&open);
	return rc;
}

/* A life's length as a number that sorts: ends come before what is censored at the same time. */
static uint64_t length_of(const struct lifetime *t)
{
	return (uint64_t)t->ms << 1 | !t->ended;
}

static bool length_ended(uint64_t length)
{
	return !(length & 1);
}

static int64_t length_ms(uint64_t length)
{
	return (int64_t)(length >> 1);
}

/* The time at which the share of those still living falls to a half. */
static int64_t kaplan_meier(const uint64_t *t, size_t n)
{
	double living = 1;

	for (size_t i = 0; i < n; i++) {
		if (length_ended(t[i]))
			living *= 1 - 1.0 / (double)(n - i);
		if (living <= 0.5 + 1e-9)
			return length_ms(t[i]);
	}
	return NO_TIME;
}

static int64_t percentile(const int64_t *ms, size_t n, unsigned percent)
{
	return ms[(n * percent + 99) / 100 - 1];
}

static void measure(struct lives *l, uint64_t *t, size_t n)
{
	int64_t *ms = xcalloc(n, sizeof *ms);
	size_t k = 0;

	sort_numbers(t, n);
	for (size_t i = 0; i < n; i++)
		if (length_ended(t[i]))
			ms[k++] = length_ms(t[i]);
	l->ended = (uint32_t)k;
	l->censored = (uint32_t)(n - k);
	l->median = kaplan_meier(t, n);
	if (k) {
		l->p50 = percentile(ms, k, 50);
		l->p90 = percentile(ms, k, 90);
		l->p99 = percentile(ms, k, 99);
		l->max = ms[k - 1];
	}
	free(ms);
}

static void name_groups(struct counting *c, struct pool *p)
{
	uint64_t *most = xcalloc(c->n + 1, sizeof *most);
	double minutes = (double)(range_time(c->r, range_text(c->r, c->r->to)) - range_time(c->r, c->r->text)) / 60000;

	for (size_t i = 0; i < c->stacks.cap; i++) {
		const struct count *t = &c->stacks.a[i];
		size_t g = (size_t)(t->key >> 32);
		uint32_t stack = (uint32_t)t->key;

		if (!t->n || t->n < most[g] || (t->n == most[g] && query_stack_order(c->q, stack, c->a[g].stack) > 0))
			continue;
		most[g] = t->n;
		c->a[g].stack = stack;
	}
	free(most);
	for (size_t i = 0; i < c->n; i++) {
		struct lives *l = &c->a[i];
		const struct stack *s = query_stack(c->q, l->stack);
		struct group g = {.key = l->key, .stack = l->stack, .created = s->created};

		if (s->user)
			g.top = *s->user;
		l->created = g.created;
		l->top = g.top;
		l->name = group_name(c->q, p, &g, c->by);
		l->births_per_minute = minutes > 0 ? l->births / minutes : NAN;
		l->deaths_per_minute = minutes > 0 ? l->deaths / minutes : NAN;
	}
}

static int most_births(const void *pa, const void *pb, void *q)
{
	const struct lives *a = pa, *b = pb;
	int d;

	if (a->births != b->births)
		return a->births > b->births ? -1 : 1;
	if (a->alive != b->alive)
		return a->alive > b->alive ? -1 : 1;
	d = strcmp(a->name, b->name);
	return d ? d : query_stack_order(q, a->stack, b->stack);
}

/* Groups that have nobody in the window came up by who left them just before. What is asked of a group's count is asked of its living. */
static void drop_empty(struct counting *c, const struct filter *where)
{
	size_t n = 0;

	for (size_t i = 0; i < c->n; i++)
		if (c->a[i].samples && filter_accepts_count(where, c->a[i].alive))
			c->a[n++] = c->a[i];
	c->n = n;
}

/* Group by group: they are few, so that each life goes to its place at once. */
static void measure_all(struct counting *c)
{
	size_t *room = xcalloc(c->n + 1, sizeof *room), from = 0;
	uint64_t *lengths = xcalloc(c->n_times + 1, sizeof *lengths);

	for (size_t i = 0; i < c->n_times; i++)
		room[c->times[i].group + 1]++;
	for (size_t g = 0; g < c->n; g++)
		room[g + 1] += room[g];
	for (size_t i = 0; i < c->n_times; i++)
		lengths[room[c->times[i].group]++] = length_of(&c->times[i]);
	for (size_t g = 0; g < c->n; from = room[g++])
		if (room[g] > from)
			measure(&c->a[g], lengths + from, room[g] - from);
	free(lengths);
	free(room);
}

static void lives_answer(struct counting *c, const struct filter *where, struct pool *p, struct lives **out, size_t *n)
{
	measure_all(c);
	name_groups(c, p);
	drop_empty(c, where);
	*out = pool_alloc(p, (c->n + 1) * sizeof **out);
	if (c->n) {
		sort_with(c->a, c->n, sizeof *c->a, most_births, c->q);
		memcpy(*out, c->a, c->n * sizeof **out);
	}
	*n = c->n;
}

int query_lives(struct query *q, const struct lives_question *ask, struct pool *p, struct lives **out, size_t *n, struct err *e)
{
	struct interval_question all = {.w = {.host = ask->host, .from = ask->from, .to = ask->to}, .over = true};
	struct counting c = {.q = q, .by = ask->by};
	struct intervals *it;
	int rc = find_wanted(&c, ask, e);

	*n = 0;
	*out = pool_alloc(p, sizeof **out);
	if (rc == 0)
		rc = intervals_begin(q, &all, &it, e);
	if (rc != 1) {
		counter_map_release(&c.wanted);
		return rc;
	}
	c.r = intervals_range(it);
	rc = lives_count(&c, it);
	if (!rc)
		lives_answer(&c, ask->where, p, out, n);
	intervals_end(it);
	counter_map_release(&c.index);
	counter_map_release(&c.stacks);
	counter_map_release(&c.wanted);
	free(c.a);
	free(c.times);
	return rc;
}

/* SPDX-License-Identifier: MIT */
/*
 * model.h: a history as a list of whole snapshots in memory, and slow, obvious answers: nothing here knows of events, pieces
 * of time or keyframes. Includes cmocka by history.h.
 */
#ifndef TESTS_MODEL_H
#define TESTS_MODEL_H

#include "history.h"
#include <gscrape/insight.h>

/* What a goroutine does: two that do the same share a number. */
struct what {
	uint32_t stack, state_id;
	const char *state;
	enum family family;
	uint64_t key[BY_MAX]; /* of the groups that it is in */
	bool keyed[BY_MAX];
};

struct cell {
	uint64_t id, parent, wait_object;
	uint32_t what;
	const char *labels;
	unsigned flags;
	int64_t born;
};

struct whole {
	int64_t time;
	uint32_t seq, epoch;
	struct cell *c; /* by id */
	size_t n;
};

struct model {
	struct query *q;
	uint32_t host;
	struct pool pool;
	struct snapshot *all; /* failed and counted ones too */
	size_t n_all;
	struct whole *m;     /* those with text */
	int n;
	struct what *what;
	size_t n_what, cap_what;
};

static inline uint32_t model_what(struct model *m, const struct alive *a)
{
	for (size_t i = 0; i < m->n_what; i++)
		if (m->what[i].stack == a->stack && m->what[i].state_id == a->state_id)
			return (uint32_t)i;
	GROW(m->what, m->n_what, m->cap_what);
	m->what[m->n_what] = (struct what){.stack = a->stack, .state_id = a->state_id, .state = a->state, .family = a->family};
	return (uint32_t)m->n_what++;
}

/* Which groups there are, by one look at each snapshot: what a goroutine does decides, but for BY_NONE. */
static inline void model_keys(struct model *m, const struct whole *at)
{
	struct pool p = {0};

	for (int by = 0; by < BY_NONE; by++) {
		struct group *g;
		size_t n, members = 0;

		assert_int_equal(query_groups(m->q, &(struct group_question){{m->host, at->time}, (enum group_by)by, NULL}, &p,
			&g, &n, NULL), 0);
		for (size_t i = 0; i < n; i++) {
			for (uint32_t k = 0; k < g[i].count; k++) {
				size_t c = 0;
				struct what *w;

				while (at->c[c].id != g[i].ids[k])
					assert_true(++c < at->n);
				w = &m->what[at->c[c].what];
				assert_true(!w->keyed[by] || w->key[by] == g[i].key);
				w->keyed[by] = true;
				w->key[by] = g[i].key;
			}
			members += g[i].count;
		}
		assert_int_equal(members, at->n);
	}
	pool_release(&p);
}

/* Everything that is kept of a host. */
static inline void model_read(struct model *m, struct query *q, uint32_t host)
{
	*m = (struct model){.q = q, .host = host};
	assert_int_equal(query_snapshots(q, &(struct window){.host = host, .from = INT64_MIN + 1, .to = INT64_MAX},
		&m->pool, &m->all, &m->n_all,
		NULL), 0);
	m->m = pool_alloc(&m->pool, (m->n_all + 1) * sizeof *m->m);
	for (size_t i = 0; i < m->n_all; i++) {
		struct whole *at = &m->m[m->n];
		struct alive *a;

		if (!snap_has_text(m->all[i].status))
			continue;
		*at = (struct whole){.time = m->all[i].time, .seq = m->all[i].seq, .epoch = m->all[i].epoch};
		assert_int_equal(query_alive(q, &(struct moment){host, at->time}, &m->pool, &a, &at->n, NULL), 0);
		at->c = pool_alloc(&m->pool, (at->n + 1) * sizeof *at->c);
		for (size_t k = 0; k < at->n; k++)
			at->c[k] = (struct cell){a[k].id, a[k].parent, a[k].wait_object, model_what(m, &a[k]), a[k].labels, a[k].flags, a[k].born};
		m->n++;
		model_keys(m, at);
	}
}

static inline void model_release(struct model *m)
{
	free(m->what);
	pool_release(&m->pool);
	*m = (struct model){0};
}

/* --- looking around --- */

static inline const struct cell *model_cell(const struct model *m, int i, uint64_t id)
{
	size_t lo = 0, hi = i < 0 ? 0 : m->m[i].n;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (m->m[i].c[mid].id < id)
			lo = mid + 1;
		else
			hi = mid;
	}
	return i >= 0 && lo < m->m[i].n && m->m[i].c[lo].id == id ? &m->m[i].c[lo] : NULL;
}

/* The snapshot before or after, of the same process; -1 none. */
static inline int model_near(const struct model *m, int i, int step)
{
	int k = i + step;

	return k >= 0 && k < m->n && m->m[k].epoch == m->m[i].epoch ? k : -1;
}

static inline uint64_t model_key(const struct model *m, const struct cell *c, enum group_by by)
{
	return by == BY_NONE ? c->id : m->what[c->what].key[by];
}

static inline bool model_same_run(const struct cell *a, const struct cell *b)
{
	return a && b && a->what == b->what && a->flags == b->flags && strcmp(a->labels, b->labels) == 0;
}

/* First and last snapshot with text in from..to; false when there is none. */
static inline bool model_range(const struct model *m, int64_t from, int64_t to, int *a, int *z)
{
	*a = 0;
	*z = m->n - 1;
	while (*a < m->n && m->m[*a].time < from)
		++*a;
	while (*z >= 0 && m->m[*z].time > to)
		--*z;
	return *a <= *z;
}

/* --- answers --- */

/* The run that goroutine `id` is in at i, whole: its first and last snapshot. */
static inline void model_run(const struct model *m, int i, uint64_t id, int *first, int *last)
{
	const struct cell *c = model_cell(m, i, id);
	int k;

	*first = *last = i;
	while ((k = model_near(m, *first, -1)) >= 0 && model_same_run(model_cell(m, k, id), c))
		*first = k;
	while ((k = model_near(m, *last, 1)) >= 0 && model_same_run(model_cell(m, k, id), c))
		*last = k;
}

/* A stretch in a group without a break: what query_lives counts. */
static inline struct lives model_lives(const struct model *m, int a, int z, enum group_by by, uint64_t key)
{
	struct lives l = {.max = NO_TIME};

	for (int i = 0; i <= z; i++) {
		for (size_t k = 0; k < m->m[i].n; k++) {
			const struct cell *c = &m->m[i].c[k], *there;
			int before = model_near(m, i, -1), end = i, next;
			bool born, ended, killed;

			if (model_key(m, c, by) != key)
				continue;
			l.samples += i >= a;
			if (before >= 0 && (there = model_cell(m, before, c->id)) && model_key(m, there, by) == key)
				continue; /* looked at already */
			while ((next = model_near(m, end, 1)) >= 0 && next <= z && (there = model_cell(m, next, c->id)) &&
			       model_key(m, there, by) == key)
				end = next;
			if (end < a)
				continue;
			born = before >= 0 && i >= a;
			ended = next >= 0 && next <= z;
			killed = next < 0 && end < z;
			l.births += born;
			l.before += !born;
			l.deaths += ended;
			l.killed += killed;
			l.alive += !ended && !killed;
			l.ended += born && ended;
			l.censored += born && !ended;
			if (born && ended && m->m[end].time - m->m[i].time > l.max)
				l.max = m->m[end].time - m->m[i].time;
		}
	}
	return l;
}

#endif

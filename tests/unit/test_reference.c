/* SPDX-License-Identifier: MIT */
/*
 * Every question is answered a second time, from whole snapshots in memory (model.h): on the real series, and on random
 * histories with restarts, gaps, failed scrapes, counted and cut snapshots, over several chunks of the store, whole and
 * after their first part expired. Both must agree.
 */
#include "model.h"
#include "model_filter.h"
#include "query/merged.h"
#include "query/residency.h"
#include <gscrape/index.h>

static uint64_t seed;

static uint32_t dice(uint32_t n)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(seed >> 33) % n;
}

/* --- one goroutine --- */

static void check_life(const struct model *m, int i, uint64_t id)
{
	struct pool p = {0};
	struct life l;
	int first = i, k, at;
	const struct cell *c = model_cell(m, i, id);

	assert_int_equal(query_goroutine(m->q, &(struct life_question){m->host, m->m[i].epoch, id, NO_TIME}, &p, &l, NULL), 1);
	while ((k = model_near(m, first, -1)) >= 0 && model_cell(m, k, id))
		first = k;
	assert_int_equal(l.first, m->m[first].time);
	assert_int_equal(l.before, model_near(m, first, -1) < 0);
	assert_int_equal(l.parent, c->parent);
	at = first;
	for (size_t r = 0; r < l.n; r++) {
		int a, z;

		model_run(m, at, id, &a, &z);
		c = model_cell(m, z, id);
		assert_int_equal(l.runs[r].from, m->m[a].time);
		assert_int_equal(l.runs[r].to, m->m[z].time);
		assert_int_equal(l.runs[r].samples, z - a + 1);
		assert_int_equal(l.runs[r].stack, m->what[c->what].stack);
		assert_string_equal(l.runs[r].state, m->what[c->what].state);
		assert_string_equal(l.runs[r].labels, c->labels);
		assert_int_equal(l.runs[r].flags, c->flags);
		assert_int_equal(l.runs[r].wait_object, c->wait_object);
		at = z + 1;
	}
	assert_int_equal(l.last, m->m[at - 1].time);
	assert_true(at == m->n || m->m[at].epoch != m->m[i].epoch || !model_cell(m, at, id));
	assert_int_equal(l.ended, at < m->n);
	pool_release(&p);
}

/* Whom it created in its process, as everybody's parents say. */
static void check_children(const struct model *m, int i, uint64_t parent)
{
	struct goroutine_key who = {m->host, m->m[i].epoch, parent};
	struct pool p = {0};
	struct child *kids;
	size_t n;
	int first = i, last = i, all = 0;

	assert_int_equal(query_children(m->q, &who, &p, &kids, &n, NULL), 0);
	while (first > 0 && m->m[first - 1].epoch == who.epoch)
		first--;
	while (last + 1 < m->n && m->m[last + 1].epoch == who.epoch)
		last++;
	for (int k = first; k <= last; k++)
		for (size_t c = 0; c < m->m[k].n; c++)
			all += parent && m->m[k].c[c].parent == parent; /* 0: unknown, of whom nobody asks */
	for (size_t k = 0; k < n; k++) {
		int a = -1, z = -1;

		assert_true(k == 0 || kids[k].id > kids[k - 1].id);
		for (int j = first; j <= last; j++) {
			const struct cell *c = model_cell(m, j, kids[k].id);

			if (!c)
				continue;
			assert_int_equal(c->parent, parent);
			a = a < 0 ? j : a;
			z = j;
			all--;
		}
		if (a < 0) { /* it went just as what is kept begins */
			assert_true(kids[k].ended && kids[k].last <= m->all[0].time);
			continue;
		}
		assert_int_equal(kids[k].first, m->m[a].time);
		assert_int_equal(kids[k].last, m->m[z].time);
		assert_int_equal(kids[k].ended, z < m->n - 1);
	}
	assert_int_equal(all, 0); /* none is missing */
	pool_release(&p);
}

/* --- runs --- */

struct told_runs {
	const struct model *m;
	int a, z;
	size_t n;
	uint64_t samples;
};

/* Of the whole history, one goroutine's life says the same of a run. */
static void check_same_run(const struct model *m, const struct window_run *t)
{
	struct pool p = {0};
	struct life l;
	size_t i = 0;

	assert_int_equal(query_goroutine(m->q, &(struct life_question){m->host, t->epoch, t->id, NO_TIME}, &p, &l, NULL), 1);
	while (l.runs[i].from_seq != t->run.from_seq)
		assert_true(++i < l.n);
	assert_int_equal(l.runs[i].to, t->run.to);
	assert_int_equal(l.runs[i].samples, t->run.samples);
	assert_int_equal(l.runs[i].minutes, t->run.minutes);
	assert_int_equal(l.runs[i].moved, t->run.moved);
	assert_int_equal(l.runs[i].moved_proof, t->run.moved_proof);
	assert_int_equal(l.runs[i].wait_object, t->run.wait_object);
	pool_release(&p);
}

static bool take_told(void *ctx, const struct window_run *t)
{
	struct told_runs *r = ctx;
	const struct model *m = r->m;
	int i = 0, first, last;
	const struct cell *c;

	while (m->m[i].time != t->run.to)
		assert_true(++i < m->n);
	c = model_cell(m, i, t->id);
	assert_true(c && m->m[i].epoch == t->epoch && m->what[c->what].stack == t->run.stack && m->what[c->what].state_id == t->run.state_id);
	model_run(m, i, t->id, &first, &last);
	assert_int_equal(t->run.from, m->m[first].time);
	assert_int_equal(i, last < r->z ? last : r->z);
	assert_int_equal(t->run.samples, i - (first > r->a ? first : r->a) + 1);
	c = last < r->z && m->m[last + 1].epoch == t->epoch ? model_cell(m, last + 1, t->id) : NULL;
	assert_int_equal(t->until, c ? m->m[last + 1].time : NO_TIME);
	assert_int_equal(t->first, first <= r->a || model_near(m, first, -1) < 0 || !model_cell(m, first - 1, t->id));
	r->n++;
	r->samples += t->run.samples;
	if (r->a == 0 && r->z == m->n - 1)
		check_same_run(m, t);
	return true;
}

static void check_runs(const struct model *m, int a, int z, int64_t from, int64_t to)
{
	struct told_runs r = {.m = m, .a = a, .z = z};
	size_t n = 0;
	uint64_t samples = 0;

	for (int i = a; i <= z; i++) {
		for (size_t k = 0; k < m->m[i].n; k++) {
			int first, last;

			model_run(m, i, m->m[i].c[k].id, &first, &last);
			n += i == last || i == z;
			samples++;
		}
	}
	assert_int_equal(query_runs(m->q, &(struct window){.host = m->host, .from = from, .to = to}, take_told, &r, NULL), 0);
	assert_int_equal(r.n, n);
	assert_int_equal(r.samples, samples);
}

/* --- what moved --- */

static void check_diff(const struct model *m, int a, int z, enum group_by by)
{
	struct diff_question ask = {.host = m->host, .from = m->m[a].time, .to = m->m[z].time, .by = by};
	bool same = m->m[a].epoch == m->m[z].epoch;
	struct pool p = {0};
	struct moved *d;
	size_t n, was = 0, is = 0;
	int64_t net = 0;

	assert_int_equal(query_diff(m->q, &ask, &p, &d, &n, NULL), 0);
	for (size_t i = 0; i < n; i++) {
		uint64_t key = moved_group(&d[i])->key;
		uint32_t from = 0, to = 0, born = 0;

		for (size_t k = 0; k < m->m[a].n; k++)
			from += model_key(m, &m->m[a].c[k], by) == key;
		for (size_t k = 0; k < m->m[z].n; k++) {
			const struct cell *c = &m->m[z].c[k], *then = same ? model_cell(m, a, c->id) : NULL;

			if (model_key(m, c, by) != key)
				continue;
			to++;
			born += !then || model_key(m, then, by) != key;
		}
		assert_int_equal(d[i].from, from);
		assert_int_equal(d[i].to, to);
		assert_int_equal(d[i].born, born);
		assert_int_equal(d[i].gone, from - (to - born));
		net += d[i].net;
		was += from;
		is += to;
	}
	assert_int_equal(net, (int64_t)m->m[z].n - (int64_t)m->m[a].n); /* no group is missing */
	assert_true(was <= m->m[a].n && is <= m->m[z].n);
	pool_release(&p);
}

/* --- how groups come and go --- */

#define COLS 23

static size_t column(int64_t t, int64_t from, int64_t to)
{
	size_t c = (size_t)((t - from) * COLS / (to - from));

	return c < COLS ? c : COLS - 1;
}

static void check_states(const struct model *m, const struct activity *a, int from, int to, enum group_by by)
{
	for (size_t s = 0; s < a->n_states; s++) {
		uint32_t n = 0;

		for (int i = from; i <= to; i++)
			for (size_t k = 0; k < m->m[i].n; k++)
				n += model_key(m, &m->m[i].c[k], by) == a->key && m->what[m->m[i].c[k].what].state_id == a->states[s].state;
		assert_int_equal(a->states[s].n, n);
	}
}

static void check_activity(const struct model *m, int a, int z, int64_t from, int64_t to, enum group_by by)
{
	struct pool p = {0};
	struct activity *act;
	size_t n;
	uint64_t samples = 0, cells = 0;

	if (from == NO_TIME || to == NO_TIME || to <= from)
		return;
	assert_int_equal(query_activity(m->q, &(struct activity_question){{m->host, from, to, COLS}, by, 0, NULL}, &p, &act, &n,
		NULL), 0);
	for (size_t g = 0; g < n; g++) {
		struct lives l = model_lives(m, a, z, by, act[g].key);
		uint32_t most[COLS] = {0};
		bool seen[COLS] = {0};

		for (size_t s = 0, i = 0; s < m->n_all; s++) { /* over one without text, what was before it goes on */
			uint32_t there = 0;
			size_t c;

			while (i + 1 < (size_t)m->n && m->m[i + 1].time <= m->all[s].time)
				i++;
			if (m->all[s].time < from || m->all[s].time > to || m->m[i].time > m->all[s].time)
				continue;
			c = column(m->all[s].time, from, to);
			for (size_t k = 0; k < m->m[i].n; k++)
				there += model_key(m, &m->m[i].c[k], by) == act[g].key;
			most[c] = there > most[c] ? there : most[c];
			seen[c] = true;
		}
		for (size_t c = 0; c < COLS; c++)
			if (seen[c] && act[g].alive[c] != most[c])
				fail_msg("by %s, group %zu, column %zu: %u, not %u", group_by_name(by), g, c, act[g].alive[c], most[c]);
		check_states(m, &act[g], a, z, by);
		for (size_t s = 0; s < act[g].n_states; s++)
			samples += act[g].states[s].n;
		if (!l.samples)
			continue; /* left as the window begins: how many then, depends on what was before it */
		assert_int_equal(act[g].came, l.births);
		assert_int_equal(act[g].there, l.alive);
		assert_true(act[g].left >= l.deaths + l.killed);
	}
	for (int i = a; i <= z; i++)
		cells += m->m[i].n;
	assert_int_equal(samples, cells);
	pool_release(&p);
}

static void check_lives(const struct model *m, int a, int z, int64_t from, int64_t to, enum group_by by)
{
	struct lives_question ask = {m->host, from, to, by, NULL};
	struct pool p = {0};
	struct lives *l;
	size_t n;
	uint64_t samples = 0, cells = 0;

	assert_int_equal(query_lives(m->q, &ask, &p, &l, &n, NULL), 0);
	for (size_t i = 0; i < n; i++) {
		struct lives want = model_lives(m, a, z, by, l[i].key);

		assert_int_equal(l[i].before, want.before);
		assert_int_equal(l[i].births, want.births);
		assert_int_equal(l[i].deaths, want.deaths);
		assert_int_equal(l[i].killed, want.killed);
		assert_int_equal(l[i].alive, want.alive);
		assert_int_equal(l[i].ended, want.ended);
		assert_int_equal(l[i].censored, want.censored);
		assert_int_equal(l[i].max, want.max);
		assert_int_equal(l[i].samples, want.samples);
		samples += want.samples;
	}
	for (int i = a; i <= z; i++)
		cells += m->m[i].n;
	assert_int_equal(samples, cells); /* no group is missing */
	pool_release(&p);
}

/* --- queues --- */

static bool waits_for(const struct model *m, const struct cell *c, uint64_t object)
{
	return c && c->wait_object == object && m->what[c->what].family != FAM_RUNNING;
}

static uint32_t queue_length(const struct model *m, int i, uint64_t object)
{
	uint32_t n = 0;

	for (size_t k = 0; k < m->m[i].n; k++)
		n += waits_for(m, &m->m[i].c[k], object);
	return n;
}

/* For a read lock that has no address, in this line; NULL: in any. */
static bool waits_in_line(const struct model *m, const struct cell *c, const struct frame *line)
{
	const struct what *what = &m->what[c->what];
	const struct stack *s = query_stack(m->q, what->stack);
	bool reads = false;

	for (uint32_t i = 0; i < s->n && i < 4; i++)
		reads |= strncmp(s->frames[i].func, "sync.(*RWMutex).", 16) == 0;
	return !c->wait_object && what->family == FAM_LOCK && reads && s->user &&
	       (!line || (s->user->func_id == line->func_id && s->user->line == line->line && s->user->file_id == line->file_id));
}

static void check_waiters(const struct model *m, int a, int z, int64_t from)
{
	struct pool p = {0};
	struct waiters *w;
	uint32_t waiting = 0;
	size_t n;

	assert_int_equal(query_waiters(m->q, &(struct waiters_question){.w = {.host = m->host, .from = from, .to = m->m[z].time}}, &p, &w,
		&n, NULL), 0);
	for (size_t i = 0; i < n; i++) {
		uint32_t longest = 0, handed = 0, there = 0;
		int64_t oldest = INT64_MAX;

		waiting += w[i].count;
		for (size_t j = 0; j < m->m[z].n && !w[i].object; j++)
			there += waits_in_line(m, &m->m[z].c[j], &w[i].place);
		if (!w[i].object) {
			assert_int_equal(w[i].count, there);
			continue;
		}
		for (int k = a; k <= z; k++) {
			if (m->m[k].epoch != m->m[z].epoch)
				continue;
			longest = queue_length(m, k, w[i].object) > longest ? queue_length(m, k, w[i].object) : longest;
			for (size_t j = 0; k < z && j < m->m[k].n; j++)
				handed += waits_for(m, &m->m[k].c[j], w[i].object) &&
					  !waits_for(m, model_cell(m, k + 1, m->m[k].c[j].id), w[i].object);
		}
		for (size_t j = 0; j < m->m[z].n; j++) {
			int since = z, before;

			if (!waits_for(m, &m->m[z].c[j], w[i].object))
				continue;
			while (since > a && (before = model_near(m, since, -1)) >= 0 &&
			       waits_for(m, model_cell(m, before, m->m[z].c[j].id), w[i].object))
				since = before;
			oldest = m->m[since].time < oldest ? m->m[since].time : oldest;
		}
		assert_int_equal(w[i].count, queue_length(m, z, w[i].object));
		assert_int_equal(w[i].longest, longest);
		assert_int_equal(w[i].handed_over, handed);
		assert_true(w[i].oldest <= oldest); /* it may reach back before the window */
	}
	for (size_t j = 0; j < m->m[z].n; j++)
		waiting -= (m->m[z].c[j].wait_object && waits_for(m, &m->m[z].c[j], m->m[z].c[j].wait_object)) || waits_in_line(m, &m->m[z].c[j], NULL);
	assert_int_equal(waiting, 0);
	pool_release(&p);
}

/* --- functions --- */

static bool on_stack(const struct model *m, const struct cell *c, uint32_t func, enum scope scope)
{
	const struct stack *s = query_stack(m->q, m->what[c->what].stack);

	if (scope == IN_CREATOR)
		return s->created.func_id == func;
	for (uint32_t i = 0; i < (scope == IN_LEAF ? s->n > 0 : s->n); i++)
		if (s->frames[i].func_id == func)
			return true;
	return false;
}

static void check_hits(const struct model *m, int a, int z, int64_t from, int64_t to, uint32_t func, enum scope scope)
{
	struct pool p = {0};
	struct hit *h;
	size_t n;
	uint64_t samples = 0, all = 0;

	assert_int_equal(query_hits(m->q, &(struct functions_question){.func_ids = &func, .n_funcs = 1, .scope = scope, .w = {.host = m->host, .from = from,
		.to = to}}, &p, &h, &n, NULL), 0);
	for (size_t k = 0; k < n; k++) {
		int first = -1, last = -1;
		uint32_t count = 0;

		for (int i = a; i <= z; i++) {
			const struct cell *c = m->m[i].epoch == h[k].epoch ? model_cell(m, i, h[k].id) : NULL;

			if (!c || !on_stack(m, c, func, scope))
				continue;
			first = first < 0 ? i : first;
			last = i;
			count++;
		}
		assert_true(first >= 0);
		assert_int_equal(h[k].first, m->m[first].time);
		assert_int_equal(h[k].last, m->m[last].time);
		assert_int_equal(h[k].samples, count);
		assert_int_equal(h[k].at_newest, last == m->n - 1);
		samples += count;
	}
	for (int i = a; i <= z; i++)
		for (size_t k = 0; k < m->m[i].n; k++)
			all += on_stack(m, &m->m[i].c[k], func, scope);
	assert_int_equal(samples, all);
	if (from != NO_TIME && to != NO_TIME && to > from) {
		struct use *use;

		assert_int_equal(query_use(m->q, &(struct functions_question){.func_ids = &func, .n_funcs = 1, .scope = scope, .w = {m->host, from, to, COLS}},
			&p, &use, NULL), 0);
		assert_int_equal(use[0].ever, n);
		for (int i = a; i <= z; i++) {
			uint32_t now = 0;

			for (size_t k = 0; k < m->m[i].n; k++)
				now += on_stack(m, &m->m[i].c[k], func, scope);
			assert_true(use[0].alive[column(m->m[i].time, from, to)] >= now && use[0].peak >= now);
		}
	}
	if (scope == IN_ANY_FRAME) {
		struct callers c;
		uint64_t up = 0, down = 0, cells = 0;

		assert_int_equal(query_callers(m->q, &(struct callers_question){&func, 1, m->host, from, to}, &p, &c, NULL), 0);
		for (int i = a; i <= z; i++)
			cells += m->m[i].n;
		for (size_t i = 0; i < c.n_callers; i++)
			up += c.callers[i].samples;
		for (size_t i = 0; i < c.n_callees; i++)
			down += c.callees[i].samples;
		assert_int_equal(c.samples, all);
		assert_int_equal(c.all, cells);
		assert_true(up == all && down == all);
	}
	pool_release(&p);
}

/* --- where the time goes --- */

static void check_profile(const struct model *m, int a, int z, const struct profile_question *ask)
{
	struct pool p = {0};
	struct profile_line *l;
	size_t n;
	uint64_t samples = 0, all = 0;

	assert_int_equal(query_profile(m->q, ask, &p, &l, &n, NULL), 1);
	for (size_t i = 0; i < n; i++)
		samples += l[i].samples;
	for (int i = a; i <= z; i++) {
		for (size_t k = 0; k < m->m[i].n; k++) {
			const struct cell *c = &m->m[i].c[k];
			const struct what *w = &m->what[c->what];

			if (ask->id ? c->id != ask->id || m->m[i].epoch != ask->epoch : ask->by != BY_NONE && w->key[ask->by] != ask->key)
				continue;
			all++;
			for (size_t j = 0; j < n; j++)
				l[j].samples -= l[j].stack == w->stack && strcmp(l[j].state, w->state) == 0;
		}
	}
	assert_int_equal(samples, all);
	for (size_t j = 0; j < n; j++)
		assert_int_equal(l[j].samples, 0);
	pool_release(&p);
}

/* --- the manual's example of a new question: who waited longest for an object --- */

static uint32_t longest_wait(const struct model *m, const struct window *w, uint64_t object)
{
	struct interval_question ask = {.w = *w, .waits = true, .over = true};
	struct merging open = {0};
	const struct interval *v;
	struct intervals *it;
	struct merged one;
	uint32_t most = 0;
	int rc = intervals_begin(m->q, &ask, &it, NULL);

	while (rc == 1 && (rc = intervals_next(it, &v)) == 1) {
		if (!merge(&open, v, v->wait_object == object, v->next_object == object, &one))
			continue;
		if (range_samples(intervals_range(it), one.from, one.to) > most)
			most = range_samples(intervals_range(it), one.from, one.to);
	}
	assert_int_equal(rc, 0);
	merging_release(&open);
	intervals_end(it);
	return most;
}

static void check_longest_wait(const struct model *m, int a, int z, const struct window *w)
{
	uint64_t object = 0;
	uint32_t most = 0;

	for (int i = a; i <= z && !object; i++)
		for (size_t k = 0; k < m->m[i].n; k++)
			object = m->m[i].c[k].wait_object ? m->m[i].c[k].wait_object : object;
	for (int i = a; object && i <= z; i++) {
		for (size_t k = 0; k < m->m[i].n; k++) {
			uint32_t n = 0;

			for (int j = i; j <= z && m->m[j].epoch == m->m[i].epoch; j++, n++) {
				const struct cell *c = model_cell(m, j, m->m[i].c[k].id);

				if (!c || c->wait_object != object)
					break;
			}
			most = n > most ? n : most;
		}
	}
	if (object)
		assert_int_equal(longest_wait(m, w, object), most);
}

/* --- charts --- */

/* Did a whole dump before this one tell more, and not long ago? Then a cut one is no fall. */
static bool told_before(const struct model *m, size_t i)
{
	for (size_t k = i; k--;) {
		const struct snapshot *s = &m->all[k];

		if (s->status != SNAP_FAILED && !snap_is_cut(s->status))
			return m->all[i].time - s->time <= query_reach(m->q, m->host, s->seq);
	}
	return false;
}

static void check_chart(const struct model *m, int64_t from, int64_t to)
{
	struct bucket b[COLS];

	if (from == NO_TIME || to == NO_TIME || to <= from)
		return;
	assert_int_equal(query_chart(m->q, &(struct window){m->host, from, to, COLS}, b, NULL), 0);
	for (size_t c = 0; c < COLS; c++) {
		uint32_t n = 0, bad = 0, whole = 0, told = 0, min = UINT32_MAX, max = 0, last = 0;

		for (size_t i = 0; i < m->n_all; i++) {
			const struct snapshot *s = &m->all[i];
			bool in = s->time >= from && s->time <= to && column(s->time, from, to) == c;

			n += in;
			bad += in && s->status == SNAP_FAILED;
			whole += in && s->status != SNAP_FAILED && !snap_is_cut(s->status);
		}
		for (size_t i = 0; i < m->n_all; i++) {
			const struct snapshot *s = &m->all[i];

			if (s->time < from || s->time > to || column(s->time, from, to) != c || s->status == SNAP_FAILED)
				continue;
			if (snap_is_cut(s->status) && (whole || told_before(m, i)))
				continue;
			told++;
			min = s->goroutines < min ? s->goroutines : min;
			max = s->goroutines > max ? s->goroutines : max;
			last = s->goroutines;
		}
		assert_int_equal(b[c].n, n);
		assert_int_equal(b[c].bad, bad);
		assert_false(b[c].gap && b[c].has_value);
		assert_true(!told || (b[c].min == min && b[c].max == max && b[c].last == last));
		assert_true(n == 0 || b[c].gap || b[c].has_value);
	}
}

/* --- stays at a place --- */

struct staying {
	const struct model *m;
	int a, z;
};

static bool is_at(const struct model *m, const struct cell *c, const struct residency_group *g)
{
	const struct stack *s = c ? query_stack(m->q, m->what[c->what].stack) : NULL;

	if (!s || s->created.func_id != g->created.func_id || s->created.line != g->created.line)
		return false;
	return !g->place.func || (s->user && s->user->func_id == g->place.func_id && s->user->line == g->place.line);
}

static int check_process(void *ctx, const struct residencies *s)
{
	const struct staying *y = ctx;
	const struct model *m = y->m;
	int first = y->a, last;

	while (m->m[first].epoch != s->epoch)
		first++;
	for (last = first; last < y->z && m->m[last + 1].epoch == s->epoch;)
		last++;
	assert_int_equal(s->n_times, last - first + 1);
	assert_int_equal(s->newest, last == y->z);
	for (size_t g = 1; g < s->n_groups; g++) {
		for (uint32_t k = 0; k < s->groups[g].n; k++) {
			const struct residency *t = &s->a[s->groups[g].first + k];
			int begin = -1, end = -1;
			uint32_t visits = 0;
			bool was = false;

			for (int i = first; i <= last; i++) {
				bool is = is_at(m, model_cell(m, i, t->id), &s->groups[g]);

				visits += is && !was;
				begin = is && begin < 0 ? i : begin;
				end = is ? i : end;
				was = is;
			}
			assert_int_equal(t->first, begin - first);
			assert_int_equal(t->last, end - first);
			assert_int_equal(t->visits, visits);
			assert_int_equal((t->flags & RESIDENCY_HERE) != 0, end == last);
			assert_int_equal((t->flags & RESIDENCY_BEFORE) != 0, begin == first);
			assert_int_equal((t->flags & RESIDENCY_ALIVE) != 0, model_cell(m, last, t->id) != NULL);
		}
	}
	for (int i = first; i <= last; i++) { /* everybody is at a place, once */
		uint32_t n = 0;

		for (size_t g = 1; g < s->n_groups; g++)
			for (size_t k = 0; s->groups[g].place.func && s->groups[g].n && k < m->m[i].n; k++)
				n += is_at(m, &m->m[i].c[k], &s->groups[g]);
		assert_true(n <= m->m[i].n);
	}
	return 0;
}

/* --- all of them --- */

static void check_range(const struct model *m, int64_t from, int64_t to)
{
	struct staying y = {m, 0, 0};
	struct function *f;
	struct pool p = {0};
	size_t n;
	int who;

	if (!model_range(m, from == NO_TIME ? INT64_MIN : from, to == NO_TIME ? INT64_MAX : to, &y.a, &y.z))
		return;
	who = y.a + (int)dice((uint32_t)(y.z - y.a + 1));
	check_runs(m, y.a, y.z, from, to);
	check_chart(m, from, to);
	check_longest_wait(m, y.a, y.z, &(struct window){.host = m->host, .from = from, .to = to});
	for (int by = 0; by < BY_NONE; by++) {
		check_diff(m, y.a, y.z, (enum group_by)by);
		check_activity(m, y.a, y.z, from, to, (enum group_by)by);
		check_lives(m, y.a, y.z, from, to, (enum group_by)by);
		if (m->m[who].n)
			check_profile(m, y.a, y.z, &(struct profile_question){.host = m->host, .by = (enum group_by)by, .from = from, .to = to,
									      .key = model_key(m, &m->m[who].c[0], (enum group_by)by)});
	}
	check_profile(m, y.a, y.z, &(struct profile_question){.host = m->host, .by = BY_NONE, .from = from, .to = to});
	check_waiters(m, y.a, y.z, from);
	for (int k = 0; k < 4; k++)
		check_filter(m, y.a + (int)dice((uint32_t)(y.z - y.a + 1)), dice);
	assert_int_equal(residencies_each(m->q, &(struct window){.host = m->host, .from = from, .to = to}, check_process, &y,
		NULL), 0);
	assert_int_equal(query_find(m->q, &(struct find_question){"", false, IN_ANY_FRAME}, &p, &f, &n, NULL), 0);
	for (int k = 0; k < 3; k++)
		check_hits(m, y.a, y.z, from, to, f[dice((uint32_t)n)].func_id, (enum scope)k);
	for (int k = 0; k < 5 && m->m[who].n; k++) {
		uint64_t id = m->m[who].c[dice((uint32_t)m->m[who].n)].id;

		check_life(m, who, id);
		check_children(m, who, id);
		check_children(m, who, model_cell(m, who, id)->parent);
		check_profile(m, y.a, y.z, &(struct profile_question){.host = m->host, .id = id, .epoch = m->m[who].epoch, .from = from, .to = to});
	}
	pool_release(&p);
}

static void check_ranges(const struct model *m, int rounds)
{
	int64_t first = m->all[0].time, last = m->all[m->n_all - 1].time;

	check_range(m, NO_TIME, NO_TIME);
	check_range(m, first, last);
	check_range(m, first - 5000, last + 5000);
	for (int i = 0; i < rounds; i++) {
		uint32_t a = dice((uint32_t)m->n_all), z = a + dice((uint32_t)(m->n_all - a));
		int64_t off = dice(2) ? 0 : (int64_t)dice(900) - 450; /* on a snapshot, or between two */

		check_range(m, m->all[a].time + off, m->all[z].time + off + (a == z));
	}
}

/* What is asked of all hosts is what is said of each, together. */
static void check_all_hosts(struct query *q)
{
	struct function *f;
	struct pool p = {0};
	size_t n, n_hosts;
	const struct host *h = query_hosts(q, &n_hosts);

	assert_int_equal(query_functions(q, "net", &p, &f, &n, NULL), 0);
	assert_true(n > 10);
	for (size_t i = 0; i < n; i += 7) {
		struct functions_question ask = {.func_ids = &f[i].func_id, .n_funcs = 1, .scope = IN_ANY_FRAME, .w = {.from = NO_TIME, .to = NO_TIME}};
		struct callers_question who = {&f[i].func_id, 1, 0, NO_TIME, NO_TIME};
		struct callers all, one;
		uint64_t samples = 0;
		size_t n_all, n_one, hits = 0;
		struct hit *hit;

		assert_int_equal(query_hits(q, &ask, &p, &hit, &n_all, NULL), 0);
		assert_int_equal(query_callers(q, &who, &p, &all, NULL), 0);
		for (size_t k = 0; k < n_hosts; k++) {
			ask.w.host = who.host = h[k].id;
			assert_int_equal(query_hits(q, &ask, &p, &hit, &n_one, NULL), 0);
			assert_int_equal(query_callers(q, &who, &p, &one, NULL), 0);
			hits += n_one;
			samples += one.samples;
		}
		assert_int_equal(n_all, hits);
		assert_int_equal(all.samples, samples);
	}
	pool_release(&p);
}

static void real_series(void **state)
{
	struct index_options o = {.paths = (const char *[]){"tests/data/series"}, .n_paths = 1, .jobs = 1};
	struct index_totals t;
	struct query *q;
	struct err e;
	char db[300];
	const char *tmp = getenv("TMP");
	const struct host *h;
	size_t n;

	(void)state;
	seed = 7;
	snprintf(db, sizeof db, "%s/reference.db", tmp ? tmp : "/tmp");
	unlink(db);
	o.db = db;
	assert_int_equal(index_run(&o, &t, &e), 0);
	assert_int_equal(query_open(&q, db, &e), 0);
	h = query_hosts(q, &n);
	assert_true(n > 3);
	for (size_t i = 0; i < n; i++) {
		struct model m;

		model_read(&m, q, h[i].id);
		check_ranges(&m, 2);
		model_release(&m);
	}
	check_all_hosts(q);
	query_close(q);
	unlink(db);
}

/* --- random histories --- */

#define SHOTS 400
#define SLOTS 40

struct doing {
	uint64_t id;
	int kind;
	bool labelled, locked;
};

struct scrape {
	enum snap_status status;
	int process;
	int64_t second;
	struct doing g[SLOTS + 1]; /* who is there, also where a scrape failed or was cut */
	int n;
};

static const struct {
	const char *state, *frames;
	uint64_t object;
} kinds[] = {
	{"select", "main.a()\n\t/a.go:1 +0x1\n", 0},
	{"sleep", "time.Sleep(0x1)\n\t/t.go:1 +0x1\nmain.a()\n\t/a.go:2 +0x1\n", 0},
	{"chan receive", "main.b()\n\t/b.go:1 +0x1\n", 0},
	{"sync.Mutex.Lock", "sync.(*Mutex).lockSlow(0xc000000010)\n\t/s.go:1 +0x1\nmain.l()\n\t/l.go:1 +0x1\n", 0xc000000010},
	{"sync.Mutex.Lock", "sync.(*Mutex).lockSlow(0xc000000020)\n\t/s.go:1 +0x1\nmain.l()\n\t/l.go:1 +0x1\n", 0xc000000020},
	{"runnable", "sync.(*Mutex).lockSlow(0xc000000010)\n\t/s.go:1 +0x1\nmain.l()\n\t/l.go:1 +0x1\n", 0},
};
#define KINDS ((uint32_t)(sizeof kinds / sizeof *kinds))

static struct scrape shots[SHOTS];

static struct doing roll_one(uint64_t id)
{
	return (struct doing){id, (int)dice(KINDS), dice(8) == 0, dice(20) == 0};
}

/* The process goes on: some leave, some change, some come. A cut dump says nothing of who is missing in it. */
static void roll(struct scrape *s, const struct scrape *was, uint64_t *ids)
{
	bool same = was && was->process == s->process, cut = s->status == SNAP_TRUNCATED;

	s->n = 0;
	if (!same)
		s->g[s->n++] = (struct doing){.id = 2};
	for (int i = 0; same && i < was->n; i++) {
		bool listed = !cut || dice(3);

		if (was->g[i].id != 2 && !cut && dice(12) == 0)
			continue;
		s->g[s->n] = was->g[i];
		if (was->g[i].id != 2 && listed && dice(4) == 0)
			s->g[s->n] = roll_one(was->g[i].id);
		s->n++;
	}
	while (s->n < SLOTS && (s->n < 15 || dice(4)))
		s->g[s->n++] = roll_one(++*ids);
}

static bool unlike(const struct doing *a, const struct doing *b)
{
	return a->kind != b->kind || a->labelled != b->labelled || a->locked != b->locked;
}

/* In a cut dump those are missing that are as they were, each second of them. */
static void record(struct history *h, const struct scrape *s, const struct scrape *was)
{
	struct scraped scraped = {.time = T0 + s->second * 1000, .status = s->status, .counted = (uint32_t)s->n};
	struct buf b = {0};
	int k = 0;

	for (int i = 0; i < s->n && snap_has_text(s->status); i++) {
		const struct doing *g = &s->g[i];

		while (was && k < was->n && was->g[k].id < g->id)
			k++;
		if (g->id == 2)
			continue;
		if (s->status == SNAP_TRUNCATED && i % 2 && was && was->process == s->process && k < was->n && was->g[k].id == g->id &&
		    !unlike(g, &was->g[k]))
			continue;
		buf_addf(&b, "goroutine %d [%s%s]%s:\n%screated by main.start in goroutine 2\n\t/m.go:%d +0x2\n\n", (int)g->id, kinds[g->kind].state,
			 g->locked ? ", locked to thread" : "", g->labelled ? " {job: x}" : "", kinds[g->kind].frames, 10 + (int)(g->id % 3));
	}
	if (snap_has_text(s->status)) /* the last one, which is in doubt where a dump is cut; it tells the process */
		buf_addf(&b, "goroutine 2 [select]:\nmain.main()\n\t/m.go:9 +0x1\ncreated by main.process in goroutine 1\n\t/p.go:%d +0x1\n\n",
			 s->process + 1);
	scraped.text = (struct str){b.p, b.n};
	assert_int_equal(recorder_add(h->r, h->host, &scraped, &h->got, NULL), 0);
	assert_int_equal(h->got.status, s->status);
	buf_release(&b);
}

static void make_history(struct history *h)
{
	const struct scrape *was = NULL, *text = NULL;
	uint64_t ids = 2;
	int process = 0;
	int64_t second = 0;

	for (int i = 0; i < SHOTS; i++) {
		struct scrape *s = &shots[i];
		uint32_t d = dice(20);

		second += dice(30) ? 1 : 40; /* a gap */
		s->second = second;
		s->status = i < 2 || d > 3 ? SNAP_OK : d == 0 ? SNAP_FAILED : d == 1 ? SNAP_COUNTED : SNAP_TRUNCATED;
		if (i && dice(90) == 0 && snap_has_text(s->status)) {
			process++;
			ids = 2;
			s->status = SNAP_OK;
		}
		s->process = process;
		if (snap_has_text(s->status)) {
			roll(s, was, &ids);
		} else {
			memcpy(s->g, was->g, sizeof s->g);
			s->n = was->n;
		}
		record(h, s, text);
		assert_true(!snap_has_text(s->status) || h->got.new_epoch == (!text || text->process != process));
		was = s;
		if (snap_has_text(s->status))
			text = s;
		if (i % 50 == 49)
			assert_int_equal(recorder_commit(h->r, NULL), 0);
	}
}

/* Is what was read what was recorded? */
static void check_truth(const struct model *m)
{
	int at = 0;

	for (int i = 0; i < SHOTS; i++) {
		const struct scrape *s = &shots[i];

		if (!snap_has_text(s->status) || T0 + s->second * 1000 < m->all[0].time)
			continue;
		assert_int_equal(m->m[at].time, T0 + s->second * 1000);
		assert_int_equal(m->m[at].epoch, s->process + 1);
		assert_int_equal(m->m[at].n, s->n);
		for (int k = 0; k < s->n; k++) {
			const struct cell *c = &m->m[at].c[k];

			assert_int_equal(c->id, s->g[k].id);
			assert_int_equal(c->flags & DUMP_LOCKED, s->g[k].locked);
			if (c->id == 2)
				continue;
			assert_string_equal(m->what[c->what].state, kinds[s->g[k].kind].state);
			if (kinds[s->g[k].kind].object)
				assert_int_equal(c->wait_object, kinds[s->g[k].kind].object);
			assert_string_equal(c->labels, s->g[k].labelled ? "job: x" : "");
			assert_int_equal(c->parent, 2);
		}
		at++;
	}
	assert_int_equal(at, m->n);
}

static void random_history(uint64_t number, bool expire)
{
	struct history h;
	struct model m;

	seed = number;
	begin(&h);
	make_history(&h);
	if (expire)
		assert_int_equal(recorder_expire(h.r, T0 + shots[SHOTS / 3].second * 1000 - (int64_t)dice(2) * 500, 0, NULL), 0);
	ask(&h);
	model_read(&m, h.q, 1);
	check_truth(&m);
	check_ranges(&m, 25);
	model_release(&m);
	finish(&h);
}

static void random_histories(void **state)
{
	(void)state;
	for (uint64_t i = 1; i <= 3; i++)
		random_history(i * 1000003, false);
}

static void after_expiry(void **state)
{
	(void)state;
	for (uint64_t i = 1; i <= 3; i++)
		random_history(i * 999983, true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(real_series), cmocka_unit_test(random_histories), cmocka_unit_test(after_expiry)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

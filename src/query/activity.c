/* SPDX-License-Identifier: MIT */
/* How groups came and went over a window: who is in which, interval by interval, and peaks.h for the order of time. */
#include "match_walk.h"
#include "peaks.h"
#include <gscrape/hash.h>
#include <stdlib.h>

struct entry { /* a group being counted; its number is that of its counter */
	struct activity a;
	size_t cap_states;
};

struct lived {
	uint32_t group;
	bool clipped;
	int64_t ms;
};

struct counting {
	struct query *q;
	const struct activity_question *ask;
	struct pool *p;
	const struct range *r;
	struct peaks peaks;
	enum group_by by;
	struct entry *e;
	size_t n, cap;
	uint32_t *known;         /* group + 1, by stack, or by state when grouped so */
	size_t n_known;
	struct hash index;       /* of groups, by key */
	struct lived *lived;
	size_t n_lived, cap_lived;
};

/* --- which group --- */

static uint32_t group_by_key(struct counting *w, uint64_t key, uint32_t stack)
{
	uint32_t at;

	HASH_FIND(&w->index, hash_u64(key), at, w->e[at].a.key == key);
	if (at != HASH_NONE)
		return at;
	at = peaks_counter(&w->peaks);
	hash_put(&w->index, hash_u64(key), at);
	GROW(w->e, w->n, w->cap);
	w->e[w->n++] = (struct entry){.a.key = key, .a.stack = stack, .a.alive = w->peaks.c[at].alive, .a.last = w->peaks.c[at].last};
	return at;
}

static uint32_t group_of(struct counting *w, struct trait t)
{
	uint32_t k = w->by == BY_STATE ? t.state : w->by == BY_LABEL ? t.labels : t.stack;

	if (w->by == BY_NONE)
		return group_by_key(w, group_key(w->q, w->by, &t), t.stack);
	REACH(w->known, w->n_known, k);
	if (!w->known[k])
		w->known[k] = group_by_key(w, group_key(w->q, w->by, &t), t.stack) + 1;
	return w->known[k] - 1;
}

static bool too_many(const struct counting *w)
{
	return w->ask->most && w->n > w->ask->most;
}

/* --- one interval --- */

static void spent(struct counting *w, uint32_t group, uint32_t state, uint32_t n)
{
	struct entry *e = &w->e[group];
	size_t i = 0;

	if (!n)
		return;
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

/* It ends, or the window does. */
static void lived(struct counting *w, uint32_t group, const struct interval *v)
{
	GROW(w->lived, w->n_lived, w->cap_lived);
	w->lived[w->n_lived++] = (struct lived){group, !range_saw(w->r, v->epoch, v->born),
						range_time(w->r, v->to) - range_time(w->r, v->born)};
}

static void leave(struct counting *w, uint32_t group, uint32_t seq)
{
	peaks_change(&w->peaks, seq, group, -1);
	w->e[group].a.left++;
}

static void activity_take(struct counting *w, const struct interval *v)
{
	uint32_t group = group_of(w, interval_trait(v)), next;

	if (v->began == BEGAN_THERE || v->began == BEGAN_BORN) {
		peaks_change(&w->peaks, v->since, group, 1);
		w->e[group].a.came += v->began == BEGAN_BORN;
	}
	spent(w, group, v->state, v->samples);
	if (v->ended == ENDED_CHANGED) {
		next = group_of(w, interval_next_trait(v));
		if (next == group)
			return;
		leave(w, group, v->end);
		peaks_change(&w->peaks, v->end, next, 1);
		w->e[next].a.came++;
	} else if (v->ended == ENDED_GONE || v->ended == ENDED_KILLED) {
		leave(w, group, v->end);
		lived(w, group, v);
	} else if (v->ended == ENDED_THERE) {
		w->e[group].a.there++;
		lived(w, group, v);
	}
}

/* --- the answer --- */

static int by_group(const void *pa, const void *pb)
{
	const struct lived *a = pa, *b = pb;

	if (a->group != b->group)
		return a->group < b->group ? -1 : 1;
	return a->ms < b->ms ? -1 : a->ms > b->ms;
}

static void take_lifetimes(struct counting *w)
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

static int by_key(const void *pa, const void *pb)
{
	const struct activity *a = pa, *b = pb;

	return a->key < b->key ? -1 : a->key > b->key;
}

static struct activity *activity_answer(struct counting *w)
{
	struct activity *out = pool_alloc(w->p, (w->n + 1) * sizeof *out);

	take_lifetimes(w);
	for (size_t g = 0; g < w->n; g++) {
		out[g] = w->e[g].a;
		for (size_t c = 0; c < w->peaks.cols; c++)
			if (out[g].alive[c] > out[g].peak)
				out[g].peak = out[g].alive[c];
		states_sort(w->q, out[g].states, out[g].n_states);
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

const char *activity_name(struct query *q, struct pool *p, const struct activity *a, enum group_by by)
{
	const struct stack *s = query_stack(q, a->stack);
	const struct frame *top = stack_user_frame(s);
	struct group g = {.key = a->key, .stack = a->stack, .created = s->created};

	if (top)
		g.top = *top;
	return group_name(q, p, &g, by);
}

static int count_all(struct counting *w, struct err *e)
{
	struct interval_question all = {.w = w->ask->w, .parts = true};
	const struct interval *v;
	struct intervals *it;
	int rc = intervals_begin(w->q, &all, &it, e);

	if (rc <= 0)
		return rc;
	w->r = intervals_range(it);
	peaks_begin(&w->peaks, w->r, &w->ask->w, w->p);
	while ((rc = intervals_next(it, &v)) == 1 && !too_many(w)) {
		peaks_upto(&w->peaks, v->mark);
		activity_take(w, v);
	}
	rc = rc < 0 ? -1 : 0;
	peaks_end(&w->peaks);
	intervals_end(it);
	return rc;
}

/* --- of those who pass a filter --- */

static void passing_begin(void *ctx, const struct range *r)
{
	struct counting *w = ctx;

	w->r = r;
	peaks_begin(&w->peaks, r, &w->ask->w, w->p);
}

static void passing_stretch(void *ctx, const struct interval *v, uint32_t from, uint32_t to)
{
	struct counting *w = ctx;
	uint32_t group, end = to > v->to ? v->end : to, text;

	if (too_many(w))
		return;
	group = group_of(w, interval_trait(v));
	text = range_text(w->r, from);
	peaks_change(&w->peaks, from == v->from || !v->samples ? v->since : from, group, 1);
	if (end)
		peaks_change(&w->peaks, end, group, -1);
	if (v->samples)
		spent(w, group, v->state, range_samples(w->r, text, range_text(w->r, to - 1)) - (text != from));
}

/* The last column ends as the newest snapshot tells it. */
static int passing_end(void *ctx, struct err *e)
{
	struct counting *w = ctx;
	struct alive_list l;
	struct pool p = {0};
	int rc;

	peaks_end(&w->peaks);
	rc = matches_newest(w->q, w->r, w->ask->where, &p, &l, e);
	for (size_t g = 0; rc == 1 && g < w->n && w->peaks.column >= 0; g++)
		w->e[g].a.last[w->peaks.column] = 0;
	for (size_t i = 0; rc == 1 && i < l.n && w->peaks.column >= 0 && !too_many(w); i++) {
		uint32_t group = group_of(w, (struct trait){l.a[i].stack, l.a[i].state_id, l.a[i].labels_id, l.a[i].id});
		struct activity *a = &w->e[group].a;
		uint32_t n = ++a->last[w->peaks.column], *most = &a->alive[w->peaks.column];

		*most = n > *most ? n : *most;
	}
	pool_release(&p);
	return rc;
}

int query_activity(struct query *q, const struct activity_question *ask, struct pool *p, struct activity **out, size_t *n,
		   struct err *e)
{
	struct counting w = {.q = q, .ask = ask, .p = p, .by = ask->by};
	struct match_walk tell = {passing_begin, passing_stretch, passing_end, &w};
	int rc = 0;

	if (ask->w.to > ask->w.from && ask->w.cols)
		rc = ask->where ? matches_walk(q, &ask->w, ask->where, &tell, e) : count_all(&w, e);
	*out = activity_answer(&w);
	*n = w.n;
	peaks_release(&w.peaks);
	hash_release(&w.index);
	free(w.e);
	free(w.known);
	free(w.lived);
	return rc < 0 ? -1 : 0;
}

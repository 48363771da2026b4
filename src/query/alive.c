/* SPDX-License-Identifier: MIT */
/* Who is alive at a time, one by one or in groups. */
#include "interval.h"
#include <gscrape/filter.h>
#include <gscrape/system.h>
#include <stdlib.h>

static int liveness_by_id(const void *pa, const void *pb)
{
	const struct liveness *a = pa, *b = pb;

	return a->id < b->id ? -1 : a->id > b->id;
}

/* Of a process that is gone: a walk over the one step in which it went, from its last snapshot with text. */
static int words_of_killed(struct query *q, uint32_t host, uint32_t last, struct pool *p, struct last_words *w, struct err *e)
{
	struct interval_question ask = {.w = {.host = host, .from = w->time, .to = query_seq_time(q, host, last + 1)}};
	const struct interval *v;
	struct intervals *it;
	size_t cap = 0;
	struct liveness *a = NULL;
	int rc = intervals_begin(q, &ask, &it, e);

	while (rc == 1 && (rc = intervals_next(it, &v)) == 1) {
		if (v->ended != ENDED_KILLED || v->minutes <= 0)
			continue;
		GROW(a, w->n, cap);
		a[w->n++] = (struct liveness){.id = v->id, .minutes = v->minutes};
	}
	intervals_end(it);
	w->a = pool_alloc(p, (w->n + 1) * sizeof *w->a);
	if (w->n) {
		memcpy(w->a, a, w->n * sizeof *a);
		qsort(w->a, w->n, sizeof *w->a, liveness_by_id);
	}
	free(a);
	return rc;
}

int last_words(struct query *q, uint32_t host, uint32_t seq, struct pool *p, struct last_words *w, struct err *e)
{
	const struct host_row *r = host_row(q, host);
	const struct snapshot_header *of = snapshot_header(q, host, seq);
	uint32_t epoch = of ? of->epoch : 0, lo = seq, hi = r->last_seq;

	*w = (struct last_words){0};
	if (!of)
		return 0;
	while (lo < hi) { /* the last snapshot of its epoch */
		uint32_t mid = lo + (hi - lo + 1) / 2;
		const struct snapshot_header *t = snapshot_header(q, host, mid);

		if (t && t->epoch > epoch)
			hi = mid - 1;
		else
			lo = mid;
	}
	w->seq = text_seq(q, host, lo);
	w->time = query_seq_time(q, host, w->seq);
	w->newest = lo == r->last_seq;
	return w->newest ? store_liveness(q->view, host, p, &w->a, &w->n, e) : words_of_killed(q, host, lo, p, w, e);
}

static int64_t born_by(const struct last_words *w, const struct liveness *one, int64_t first)
{
	int64_t proven = one->minutes > 0 ? w->time - (int64_t)one->minutes * 60000 : INT64_MAX;

	return proven < first ? proven : first;
}

int64_t words_born(const struct last_words *w, uint64_t id, int64_t first)
{
	const struct liveness *one = w->n ? bsearch(&(struct liveness){.id = id}, w->a, w->n, sizeof *w->a, liveness_by_id) : NULL;

	return one ? born_by(w, one, first) : first;
}

/* Both are by id. */
static void take_words(struct query *q, uint32_t host, uint32_t seq, struct alive_list *l, const struct last_words *w)
{
	bool newest = w->newest && w->seq == seq;
	size_t k = 0;

	for (size_t i = 0; i < l->n; i++) {
		struct alive *a = &l->a[i];

		while (k < w->n && w->a[k].id < a->id)
			k++;
		if (k == w->n || w->a[k].id != a->id)
			continue;
		a->born = born_by(w, &w->a[k], a->born);
		if (newest)
			a->minutes = w->a[k].minutes;
		if (newest && w->a[k].moved)
			a->moved = query_seq_time(q, host, w->a[k].moved);
		if (newest && a->waits != NO_TIME && w->a[k].moved_proof && a->moved > a->waits)
			a->waits = a->moved;
		if (newest && a->waits != NO_TIME)
			a->waits = born_by(w, &w->a[k], a->waits);
	}
}

/* In the first dump of a process nothing but its minutes tells for how long anything has been so. */
static void doubt_ages(struct alive_list *l, int64_t time)
{
	for (size_t i = 0; i < l->n; i++) {
		if (l->a[i].born == time)
			l->a[i].bound = '?';
		l->a[i].waits_bound = l->a[i].waits == time ? '?' : 0;
	}
}

int alive_at(struct query *q, uint32_t host, uint32_t seq, struct pool *p, struct alive_list *out, struct err *e)
{
	struct goroutine_state *l;
	struct last_words words;
	uint32_t epoch = snapshot_header(q, host, seq)->epoch;
	bool grouped = snapshot_header(q, host, seq)->status == SNAP_GROUPED;

	if (store_alive(q->view, (struct snapshot_key){host, seq}, p, &l, &out->n, e) < 0)
		return -1;
	out->a = pool_alloc(p, (out->n + 1) * sizeof *out->a);
	for (size_t i = 0; i < out->n; i++)
		out->a[i] = (struct alive){.id = l[i].id, .parent = l[i].parent, .first = time_or_first(q, host, l[i].born), .born = time_or_first(q, host, l[i].born),
					   .since = time_or_first(q, host, l[i].run), .epoch = epoch, .grouped = grouped, .stack = l[i].stack,
					   .state = query_string(q, l[i].state), .state_id = l[i].state, .labels = labels_of(q, l[i].labels), .labels_id = l[i].labels,
					   .family = query_family(q, l[i].state, l[i].stack), .flags = l[i].flags,
					   .wait_object = l[i].wait_object, .minutes = -1, .moved = NO_TIME};
	for (size_t i = 0; i < out->n; i++)
		out->a[i].waits = out->a[i].family == FAM_RUNNING || grouped ? NO_TIME : out->a[i].since;
	if (last_words(q, host, seq, p, &words, e) < 0)
		return -1;
	take_words(q, host, seq, out, &words);
	for (size_t i = 0; i < out->n && grouped; i++)
		out->a[i].bound = query_age_bound(q, host, epoch, out->a[i].first);
	if (!grouped && is_first_of_epoch(q, host, seq))
		doubt_ages(out, snapshot_header(q, host, seq)->time);
	return 0;
}

int query_alive(struct query *q, const struct moment *at, struct pool *p, struct alive **out, size_t *n, struct err *e)
{
	struct alive_list l = {0};
	uint32_t seq;
	int rc;

	if (view_begin(q, e) < 0)
		return -1;
	rc = known_text_seq(q, at->host, at->t, &seq, e);
	if (!rc && seq)
		rc = alive_at(q, at->host, seq, p, &l, e);
	view_end(q);
	*out = l.a ? l.a : pool_alloc(p, sizeof **out);
	*n = l.n;
	return rc;
}

int query_on_stack(struct query *q, uint32_t host, int64_t t, uint32_t stack, uint32_t *n, struct err *e)
{
	struct pool p = {0};
	struct goroutine_state *l = NULL;
	size_t n_l = 0;
	uint32_t seq;
	int rc;

	*n = 0;
	if (view_begin(q, e) < 0)
		return -1;
	rc = known_text_seq(q, host, t, &seq, e);
	if (!rc && seq)
		rc = store_alive(q->view, (struct snapshot_key){host, seq}, &p, &l, &n_l, e);
	for (size_t i = 0; !rc && i < n_l; i++)
		*n += l[i].stack == stack;
	view_end(q);
	pool_release(&p);
	return rc;
}

/* --- groups --- */

static const char *const by_names[BY_MAX] = {"created-by", "top", "stack", "state", "none", "label"};

const char *group_by_name(enum group_by by)
{
	return by < BY_MAX ? by_names[by] : "?";
}

static uint64_t frame_key(const struct frame *f)
{
	uint32_t parts[3] = {f->func_id, f->file_id, f->line};

	return f->func ? hash64(parts, sizeof parts) : 0;
}

/* In place of a creation site that nothing tells: goroutines of one `go` statement run one function. */
static uint64_t root_key(const struct stack *s)
{
	const struct frame *root = s->flags & STACK_ROOTLESS ? NULL : stack_root(s);

	return root ? hash_u64(root->func_id) : 0;
}

uint64_t group_key(struct query *q, enum group_by by, const struct trait *t)
{
	const struct stack *s = query_stack(q, t->stack);
	const struct frame *top;

	switch (by) {
	case BY_CREATED:
		return s->created.func ? frame_key(&s->created) : root_key(s);
	case BY_TOP:
		top = stack_user_frame(s);
		return top ? top->func_id : 0;
	case BY_STACK:
		return t->stack;
	case BY_STATE:
		return t->state;
	case BY_LABEL:
		return label_key(q, t->labels);
	default:
		return t->id;
	}
}

struct member {
	uint64_t key;
	const struct alive *a;
};

/* Together by key, then by stack. */
static int by_key(const void *pa, const void *pb)
{
	const struct member *a = pa, *b = pb;

	if (a->key != b->key)
		return a->key < b->key ? -1 : 1;
	if (a->a->stack != b->a->stack)
		return a->a->stack < b->a->stack ? -1 : 1;
	return 0;
}

static int oldest_first(const void *pa, const void *pb)
{
	const struct member *a = pa, *b = pb;

	if (a->a->born != b->a->born)
		return a->a->born < b->a->born ? -1 : 1;
	return a->a->id < b->a->id ? -1 : a->a->id > b->a->id;
}

static const char *place_name(struct pool *p, const struct frame *f, const char *none)
{
	if (!f || !f->func)
		return none;
	return f->file ? pool_printf(p, "%s %s:%u", f->func, f->file, f->line) : f->func;
}

const char *group_name(struct query *q, struct pool *p, const struct group *g, enum group_by by)
{
	const struct frame *root;

	switch (by) {
	case BY_CREATED:
		root = g->created.func || !root_key(query_stack(q, g->stack)) ? NULL : stack_root(query_stack(q, g->stack));
		return root ? pool_printf(p, "%s (root)", root->func) : place_name(p, &g->created, "(no creation site)");
	case BY_TOP:
		return g->top.func ? g->top.func : "(no frames)";
	case BY_STACK:
		return place_name(p, query_stack(q, g->stack)->n ? &query_stack(q, g->stack)->frames[0] : NULL, "(no frames)");
	case BY_STATE:
		return query_string(q, (uint32_t)g->key);
	case BY_LABEL:
		return label_name(q, g->key);
	default:
		return pool_printf(p, "%llu", (unsigned long long)g->key);
	}
}

/* The members' most common stack; they stand together by stack. */
static void common_stack(struct group *g, const struct member *m, size_t n)
{
	uint64_t best_id = 0;
	size_t best = 0;

	for (size_t i = 0, k; i < n; i = k) {
		uint64_t id = m[i].a->id;

		for (k = i; k < n && m[k].a->stack == m[i].a->stack; k++)
			id = m[k].a->id < id ? m[k].a->id : id;
		g->stacks++;
		if (k - i > best || (k - i == best && id < best_id)) { /* of two, the one that has the lowest id */
			best = k - i;
			best_id = id;
			g->stack = m[i].a->stack;
		}
	}
}

int query_host_order(struct query *q, uint32_t a, uint32_t b)
{
	const char *x = host_name_of(q, a), *y = host_name_of(q, b);

	return a == b ? 0 : strcmp(x ? x : "", y ? y : "");
}

static int frame_order(const struct frame *a, const struct frame *b)
{
	int d = strcmp(a->func ? a->func : "", b->func ? b->func : "");

	if (!d)
		d = strcmp(a->file ? a->file : "", b->file ? b->file : "");
	return d ? d : (a->line > b->line) - (a->line < b->line);
}

int query_stack_order(struct query *q, uint32_t a, uint32_t b)
{
	const struct stack *x = query_stack(q, a), *y = query_stack(q, b);
	int d = 0;

	if (a == b)
		return 0;
	for (uint32_t i = 0; i < x->n && i < y->n && !d; i++)
		d = frame_order(&x->frames[i], &y->frames[i]);
	if (!d)
		d = (x->n > y->n) - (x->n < y->n);
	return d ? d : frame_order(&x->created, &y->created);
}

/* Ties by name: numbers of strings differ from one indexing to the next. */
static int groups_most_first(const void *pa, const void *pb, void *q)
{
	const struct state_count *a = pa, *b = pb;

	return a->n != b->n ? (a->n > b->n ? -1 : 1) : strcmp(query_string(q, a->state), query_string(q, b->state));
}

void states_sort(struct query *q, struct state_count *s, size_t n)
{
	sort_with(s, n, sizeof *s, groups_most_first, q);
}

static void count_states(struct query *q, struct pool *p, struct group *g, const struct member *m, size_t n)
{
	size_t cap = 8;

	g->states = pool_alloc(p, cap * sizeof *g->states);
	for (size_t i = 0; i < n; i++) {
		size_t k = 0;

		while (k < g->n_states && g->states[k].state != m[i].a->state_id)
			k++;
		if (k == cap) {
			struct state_count *more = pool_alloc(p, 2 * cap * sizeof *more);

			memcpy(more, g->states, cap * sizeof *more);
			g->states = more;
			cap *= 2;
		}
		if (k == g->n_states)
			g->states[g->n_states++].state = m[i].a->state_id;
		g->states[k].n++;
	}
	states_sort(q, g->states, g->n_states);
}

static void make_group(struct query *q, struct pool *p, struct group *g, struct member *m, size_t n, enum group_by by)
{
	const struct frame *top;

	*g = (struct group){.key = m[0].key, .count = (uint32_t)n};
	common_stack(g, m, n);
	count_states(q, p, g, m, n);
	qsort(m, n, sizeof *m, oldest_first);
	g->created = query_stack(q, g->stack)->created;
	top = stack_user_frame(query_stack(q, g->stack));
	if (top)
		g->top = *top;
	g->oldest = m[0].a->born;
	g->oldest_id = m[0].a->id;
	g->grouped = m[0].a->grouped;
	g->bound = m[0].a->bound;
	g->ids = pool_alloc(p, n * sizeof *g->ids);
	g->waiting = pool_alloc(p, n * sizeof *g->waiting);
	g->waits = NO_TIME;
	for (size_t i = 0; i < n; i++) {
		g->ids[i] = m[i].a->id;
		g->waiting[i] = m[i].a->waits_bound ? NO_TIME : m[i].a->waits;
		if (m[i].a->waits != NO_TIME && !m[i].a->waits_bound && (g->waits == NO_TIME || m[i].a->waits < g->waits))
			g->waits = m[i].a->waits;
	}
	g->name = group_name(q, p, g, by);
}

static const struct {
	const char *name;
	int64_t below;
} wait_spans[WAIT_SPANS] = {
	{"<1s", 1000}, {"<10s", 10000}, {"<1m", 60000}, {"<10m", 600000}, {"<1h", 3600000}, {"<1d", 86400000}, {">=1d", INT64_MAX},
};

const char *wait_span_name(int i)
{
	return wait_spans[i].name;
}

void group_wait_spans(const struct group *g, int64_t at, uint32_t out[WAIT_SPANS])
{
	memset(out, 0, WAIT_SPANS * sizeof *out);
	for (uint32_t i = 0; i < g->count; i++) {
		int k = 0;

		if (g->waiting[i] == NO_TIME)
			continue;
		while (k < WAIT_SPANS - 1 && at - g->waiting[i] >= wait_spans[k].below)
			k++;
		out[k]++;
	}
}

static int largest_first(const void *pa, const void *pb)
{
	const struct group *a = pa, *b = pb;

	if (a->count != b->count)
		return a->count > b->count ? -1 : 1;
	if (a->oldest != b->oldest)
		return a->oldest < b->oldest ? -1 : 1;
	return a->oldest_id < b->oldest_id ? -1 : a->oldest_id > b->oldest_id;
}

struct group *groups_of(struct query *q, const struct alive *a, size_t n_a, enum group_by by, struct pool *p, size_t *n)
{
	struct member *m = xcalloc(n_a + 1, sizeof *m);
	struct group *out;
	size_t cap = 0;

	for (size_t i = 0; i < n_a; i++)
		m[i] = (struct member){group_key(q, by, &(struct trait){a[i].stack, a[i].state_id, a[i].labels_id, a[i].id}), &a[i]};
	qsort(m, n_a, sizeof *m, by_key);
	for (size_t i = 0; i < n_a; i++)
		cap += i == 0 || m[i].key != m[i - 1].key;
	out = pool_alloc(p, (cap + 1) * sizeof *out);
	*n = 0;
	for (size_t i = 0, k; i < n_a; i = k) {
		for (k = i; k < n_a && m[k].key == m[i].key; k++)
			;
		make_group(q, p, &out[(*n)++], m + i, k - i, by);
	}
	free(m);
	return out;
}

void groups_where(const struct filter *f, struct group *g, size_t *n)
{
	size_t kept = 0;

	for (size_t i = 0; i < *n; i++)
		if (filter_accepts_count(f, g[i].count))
			g[kept++] = g[i];
	*n = kept;
}

void groups_sort(struct group *g, size_t n)
{
	qsort(g, n, sizeof *g, largest_first);
}

int query_groups(struct query *q, const struct group_question *ask, struct pool *p, struct group **out, size_t *n, struct err *e)
{
	struct alive *a;
	size_t n_a;

	*n = 0;
	*out = NULL;
	if (query_alive(q, &ask->at, p, &a, &n_a, e) < 0 || filter_alive(ask->where, q, &ask->at, a, &n_a, e) < 0)
		return -1;
	*out = groups_of(q, a, n_a, ask->by, p, n);
	groups_where(ask->where, *out, n);
	groups_sort(*out, *n);
	return 0;
}

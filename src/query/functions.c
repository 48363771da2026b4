/* SPDX-License-Identifier: MIT */
/* Functions: which there are, and who had one on the stack, when. */
#include "interval.h"
#include <gscrape/filter.h>
#include <gscrape/match.h>
#include <stdio.h>
#include <gscrape/system.h>
#include <stdlib.h>

static int functions_by_name(const void *pa, const void *pb)
{
	const struct function *a = pa, *b = pb;

	return strcmp(a->name, b->name);
}

const char *scope_name(enum scope s)
{
	static const char *const names[SCOPE_MAX] = {"any frame", "leaf only", "created-by"};

	return names[s];
}

struct taking {
	struct query *q;
	size_t cap;
};

/* Functions that stand on a stack, and those that are creation sites alone. */
static int take_function(void *ctx, const struct function_row *f)
{
	struct taking *t = ctx;
	struct query *q = t->q;

	if (q->n_functions == t->cap) {
		t->cap = t->cap ? 2 * t->cap : 256;
		q->functions = xrealloc(q->functions, t->cap, sizeof *q->functions);
		q->scoped = xrealloc(q->scoped, t->cap, sizeof *q->scoped);
	}
	q->functions[q->n_functions] = (struct function){f->func, query_string(q, f->func), 0};
	q->scoped[q->n_functions][IN_ANY_FRAME] = f->any;
	q->scoped[q->n_functions][IN_LEAF] = f->leaf;
	q->scoped[q->n_functions][IN_CREATOR] = f->creator;
	q->n_functions++;
	return 0;
}

/* By name, each with its counts beside it. */
static void sort_functions(struct query *q)
{
	struct function *f = q->functions;
	uint32_t(*scoped)[SCOPE_MAX] = xcalloc(q->n_functions + 1, sizeof *scoped);

	for (size_t i = 0; i < q->n_functions; i++)
		f[i].stacks = (uint32_t)i; /* where its counts are, while they are sorted */
	qsort(f, q->n_functions, sizeof *f, functions_by_name);
	for (size_t i = 0; i < q->n_functions; i++) {
		memcpy(scoped[i], q->scoped[f[i].stacks], sizeof *scoped);
		f[i].stacks = 0;
	}
	free(q->scoped);
	q->scoped = scoped;
}

/* Asked for again when there are other stacks. */
static int look_up_functions(struct query *q, struct err *e)
{
	struct taking t = {q, q->n_functions};
	int rc;

	if (view_begin(q, e) < 0)
		return -1;
	q->n_functions = 0;
	rc = store_functions(q->view, &q->functions_of, take_function, &t, e);
	view_end(q);
	if (rc == 0)
		q->n_functions = t.cap;
	else if (q->n_functions)
		sort_functions(q);
	if (rc < 0)
		q->functions_of = 0;
	return note_damage(q, rc, e) < 0 ? -1 : 0;
}

int query_functions(struct query *q, const char *pattern, struct pool *p, struct function **out, size_t *n, struct err *e)
{
	return query_find(q, &(struct find_question){pattern ? pattern : "", false, IN_ANY_FRAME}, p, out, n, e);
}

int query_find(struct query *q, const struct find_question *ask, struct pool *p, struct function **out, size_t *n, struct err *e)
{
	struct matcher m = {0};
	int rc = look_up_functions(q, e);

	*n = 0;
	*out = NULL;
	if (!rc)
		rc = matcher_set(&m, ask->pattern, ask->regex ? MATCH_REGEX : MATCH_WORDS, e);
	if (!rc)
		*out = pool_alloc(p, (q->n_functions + 1) * sizeof **out);
	for (size_t i = 0; !rc && i < q->n_functions; i++) {
		if (!q->scoped[i][ask->scope] || !matcher_matches(&m, q->functions[i].name))
			continue;
		(*out)[*n] = q->functions[i];
		(*out)[(*n)++].stacks = q->scoped[i][ask->scope];
	}
	matcher_release(&m);
	return rc;
}

/* --- how many have it now --- */

/* Goroutines by stack: at t, and of those now. */
struct stack_counts {
	struct counter_map at, now;
	bool any_now, any_unknown;
};

/* The stacks of those who are there, one for each goroutine. */
struct stacks_there {
	struct pool p;
	uint32_t *a;
	size_t n;
};

static int find_there(struct query *q, struct snapshot_key at, struct filter *where, struct stacks_there *out, struct err *e)
{
	struct alive_list l;

	if (alive_at(q, at.host, at.seq, &out->p, &l, e) < 0 || filter_alive_at(where, q, at, l.a, &l.n, e) < 0)
		return -1;
	out->a = pool_alloc(&out->p, (l.n + 1) * sizeof *out->a);
	for (size_t i = 0; i < l.n; i++)
		out->a[i] = l.a[i].stack;
	out->n = l.n;
	return 0;
}

static int count_stacks(struct query *q, uint32_t host, const struct counts_question *ask, struct stack_counts *on, struct err *e)
{
	struct stacks_there there = {0};
	struct known k;
	int rc = query_known(q, host, ask->at.t, &k, e);
	bool now;

	if (!rc && k.known)
		rc = find_there(q, (struct snapshot_key){host, k.text.seq}, ask->where, &there, e);
	now = !rc && k.known && k.now >= 0 && k.text.seq == host_row(q, host)->last_seq;
	on->any_now |= now;
	on->any_unknown |= !rc && !k.known;
	for (size_t i = 0; !rc && i < there.n; i++) {
		counter_map_at(&on->at, there.a[i])->n++;
		if (now)
			counter_map_at(&on->now, there.a[i])->n++;
	}
	pool_release(&there.p);
	return rc;
}

/* Of stacks those of the functions that they have, each function once. */
static void by_function(struct query *q, const struct counter_map *on, struct counter_map *out)
{
	struct counter_map seen_in = {0};

	for (size_t i = 0; i < on->cap; i++) {
		const struct stack *st = on->a[i].n ? query_stack(q, (uint32_t)on->a[i].key) : NULL;

		for (uint32_t k = 0; st && k < st->n; k++) {
			struct count *seen = counter_map_at(&seen_in, st->frames[k].func_id);

			if (seen->n == i + 1)
				continue;
			seen->n = i + 1;
			counter_map_at(out, st->frames[k].func_id)->n += on->a[i].n;
		}
	}
	counter_map_release(&seen_in);
}

int query_function_counts(struct query *q, const struct function *f, size_t n, const struct counts_question *ask,
			  struct function_count *out, struct err *e)
{
	struct counter_map by_at = {0}, by_now = {0};
	struct stack_counts on = {0};
	int rc = 0;

	if (view_begin(q, e) < 0)
		return -1;
	for (size_t i = 0; i < q->n_hosts && !rc; i++)
		if (!ask->at.host || q->rows[i].host == ask->at.host)
			rc = count_stacks(q, q->rows[i].host, ask, &on, e);
	by_function(q, &on.at, &by_at);
	by_function(q, &on.now, &by_now);
	view_end(q);
	for (size_t i = 0; i < n; i++) {
		int64_t there = (int64_t)count_of(&by_at, f[i].func_id);

		out[i] = (struct function_count){there || !on.any_unknown ? there : -1,
						 on.any_now ? (int64_t)count_of(&by_now, f[i].func_id) : -1};
	}
	counter_map_release(&by_at);
	counter_map_release(&by_now);
	counter_map_release(&on.at);
	counter_map_release(&on.now);
	return rc;
}

size_t functions_present(struct function *f, struct function_count *c, size_t n)
{
	size_t kept = 0;

	for (size_t i = 0; i < n; i++) {
		if (c[i].at <= 0)
			continue;
		f[kept] = f[i];
		c[kept++] = c[i];
	}
	return kept;
}

/* --- hits --- */

struct search {
	struct query *q;
	struct filter *where;
	const char *digits; /* of a goroutine's number; NULL: */
	uint32_t *func_in;  /* by stack: the function of the search that it has, 0 none */
	size_t n_stacks;
	struct hit *hits;
	size_t n, cap;
	struct hash index; /* of hits */
};

static struct hit *hit_of(struct search *s, uint32_t host, const struct interval *v)
{
	uint64_t h = hash_u64(v->id ^ (uint64_t)v->epoch << 48 ^ (uint64_t)host << 32);
	uint32_t at;

	HASH_FIND(&s->index, h, at, s->hits[at].id == v->id && s->hits[at].epoch == v->epoch && s->hits[at].host == host);
	if (at != HASH_NONE)
		return &s->hits[at];
	GROW(s->hits, s->n, s->cap);
	hash_put(&s->index, h, (uint32_t)s->n);
	s->hits[s->n] = (struct hit){.host = host, .epoch = v->epoch, .id = v->id, .func_id = s->digits ? 0 : s->func_in[v->stack],
				     .stack = v->stack, .first = NO_TIME};
	return &s->hits[s->n++];
}

bool source_line_read(struct source_line *out, struct str text)
{
	const char *colon = memrchr(text.p, ':', text.n);
	size_t digits = colon ? text.n - (size_t)(colon + 1 - text.p) : 0;
	uint32_t line = 0;

	if (!digits || digits > 9 || colon - text.p <= 3 || memcmp(colon - 3, ".go", 3) != 0)
		return false;
	for (size_t i = 1; i <= digits; i++) {
		if (colon[i] < '0' || colon[i] > '9')
			return false;
		line = line * 10 + (uint32_t)(colon[i] - '0');
	}
	*out = (struct source_line){{text.p, (size_t)(colon - text.p)}, line};
	return true;
}

/* All of the path, or what follows one of its slashes. */
static bool stands_in(const struct source_line *at, const char *file)
{
	size_t n = strlen(file), k = at->file.n;

	return k <= n && memcmp(file + n - k, at->file.p, k) == 0 && (k == n || file[n - k - 1] == '/');
}

struct marking {
	struct search *s;
	struct counter_map wanted; /* functions */
	enum scope scope;
	struct source_line at;
};

static uint32_t wanted(const struct marking *m, const struct sym_frame *f)
{
	if (!count_of(&m->wanted, f->func))
		return 0;
	if (m->at.file.n && (f->line != m->at.line || !stands_in(&m->at, query_string(m->s->q, f->file))))
		return 0;
	return f->func;
}

static int mark_stack(void *ctx, uint32_t id, const struct store_stack *st)
{
	struct marking *m = ctx;
	struct search *s = m->s;
	uint32_t n = m->scope == IN_ANY_FRAME ? st->n : m->scope == IN_LEAF && st->n;

	REACH(s->func_in, s->n_stacks, id);
	for (uint32_t i = 0; i < n && !s->func_in[id]; i++)
		s->func_in[id] = wanted(m, &st->frames[i]);
	if (m->scope == IN_CREATOR)
		s->func_in[id] = wanted(m, &st->created);
	return 0;
}

static int mark_stacks(struct search *s, const struct functions_question *ask, struct err *e)
{
	struct marking m = {.s = s, .scope = ask->scope, .at = ask->at};
	int rc;

	for (size_t i = 0; i < ask->n_funcs; i++)
		counter_map_at(&m.wanted, ask->func_ids[i])->n = 1;
	rc = store_stacks_with(s->q->view, &(struct functions_wanted){ask->func_ids, ask->n_funcs}, mark_stack, &m, e);
	counter_map_release(&m.wanted);
	return note_damage(s->q, rc, e);
}

static bool is_searched(const void *ctx, uint32_t stack)
{
	const struct search *s = ctx;

	return stack < s->n_stacks && s->func_in[stack];
}

static bool is_wanted(const struct search *s, const struct interval *v)
{
	char text[24];

	if (!s->digits)
		return is_searched(s, v->stack);
	snprintf(text, sizeof text, "%llu", (unsigned long long)v->id);
	return strstr(text, s->digits) != NULL;
}

static bool passes(const struct search *s, const struct range *r, const struct interval *v)
{
	struct window_run run;

	if (!s->where)
		return true;
	run = window_run_of(r, v);
	return filter_accepts_run(s->where, s->q, host_name_of(s->q, r->host), &run);
}

static int search_host(struct search *s, const struct interval_question *ask, struct err *e)
{
	const struct interval *v;
	const struct range *r;
	struct intervals *it;
	int rc = intervals_begin(s->q, ask, &it, e);

	if (rc != 1)
		return rc;
	r = intervals_range(it);
	while ((rc = intervals_next(it, &v)) == 1) {
		struct hit *h;

		if (!is_wanted(s, v) || !passes(s, r, v))
			continue;
		h = hit_of(s, ask->w.host, v);
		if (h->first == NO_TIME)
			h->first = range_time(r, v->from);
		h->last = range_time(r, v->to);
		h->samples += v->samples;
		h->at_newest = v->to == range_text(r, r->last);
	}
	intervals_end(it);
	return rc;
}

static int by_place(const void *pa, const void *pb, void *q)
{
	const struct hit *a = pa, *b = pb;

	if (a->host != b->host)
		return query_host_order(q, a->host, b->host);
	if (a->epoch != b->epoch)
		return a->epoch < b->epoch ? -1 : 1;
	return a->id < b->id ? -1 : a->id > b->id;
}

/* In the window's host, or all of them; what was found, sorted. */
static int search_hosts(struct search *s, const struct window *w, struct pool *p, struct hit **out, struct err *e)
{
	struct interval_question all = {.w = *w, .on_stack = s->digits ? NULL : is_searched, .ctx = s, .live = s->where};
	int rc = 0;

	for (size_t i = 0; i < s->q->n_hosts && !rc; i++) {
		all.w.host = s->q->rows[i].host;
		if (!w->host || w->host == all.w.host)
			rc = search_host(s, &all, e);
	}
	if (s->n)
		sort_with(s->hits, s->n, sizeof *s->hits, by_place, s->q);
	*out = pool_alloc(p, (s->n + 1) * sizeof **out);
	if (s->n)
		memcpy(*out, s->hits, s->n * sizeof **out);
	free(s->hits);
	hash_release(&s->index);
	free(s->func_in);
	return rc;
}

int query_hits(struct query *q, const struct functions_question *ask, struct pool *p, struct hit **out, size_t *n, struct err *e)
{
	struct search s = {.q = q, .where = ask->where};
	int rc;

	*n = 0;
	*out = NULL;
	if (view_begin(q, e) < 0)
		return -1;
	rc = mark_stacks(&s, ask, e);
	if (rc == 0)
		rc = search_hosts(&s, &ask->w, p, out, e);
	else
		free(s.func_in);
	*n = s.n;
	view_end(q);
	return rc;
}

int query_with_digits(struct query *q, const struct digits_question *ask, struct pool *p, struct hit **out, size_t *n, struct err *e)
{
	struct search s = {.q = q, .digits = ask->digits};
	int rc;

	*n = 0;
	if (view_begin(q, e) < 0)
		return -1;
	rc = search_hosts(&s, &ask->w, p, out, e);
	*n = s.n;
	view_end(q);
	return rc;
}

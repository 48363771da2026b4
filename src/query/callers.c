/* SPDX-License-Identifier: MIT */
/* Who calls a function and whom it calls, by how often one was seen at it: samples per stack first, then per path. */
#include "interval.h"
#include <gscrape/insight.h>
#include <stdlib.h>

struct asking {
	struct query *q;
	bool *wanted;      /* by string number: one of the functions */
	uint32_t highest; /* of them */
	bool *has;         /* by stack: one of them stands there; others are not looked into */
	size_t n_stacks;
	struct counter_map on;   /* stack with one of them: samples */
};

/* Where in a stack the functions stand: nearest to the leaf, and nearest to the root. False: nowhere. */
static bool callers_find(const struct asking *k, const struct stack *s, uint32_t *leaf, uint32_t *root)
{
	bool found = false;

	for (uint32_t i = 0; i < s->n; i++) {
		if (s->frames[i].func_id > k->highest || !k->wanted[s->frames[i].func_id])
			continue;
		if (!found)
			*leaf = i;
		*root = i;
		found = true;
	}
	return found;
}

/* Paths by a hash of the functions in them. */
struct paths {
	struct counter_map index;  /* hash: place in a, plus 1 */
	struct call_path *a;
	size_t n, cap;
};

static void add_path(struct paths *t, struct call_path path, uint64_t samples)
{
	struct count *at = counter_map_at(&t->index, hash64(path.funcs, sizeof path.funcs) ^ path.created);

	if (!at->n) {
		GROW(t->a, t->n, t->cap);
		t->a[t->n] = path;
		at->n = ++t->n;
	}
	t->a[at->n - 1].samples += samples;
}

/* From the function towards the root; behind the root stands who created the goroutine. */
static struct call_path callers_of(const struct stack *s, uint32_t at)
{
	struct call_path p = {0};

	for (uint32_t i = at + 1; i < s->n && p.n < CALL_DEPTH; i++)
		p.funcs[p.n++] = s->frames[i].func_id;
	if (p.n < CALL_DEPTH && s->created.func) {
		p.funcs[p.n++] = s->created.func_id;
		p.created = true;
	}
	return p;
}

static struct call_path callees_of(const struct stack *s, uint32_t at)
{
	struct call_path p = {0};

	for (uint32_t i = at; i-- > 0 && p.n < CALL_DEPTH;)
		p.funcs[p.n++] = s->frames[i].func_id;
	return p;
}

static int callers_most_first(const void *pa, const void *pb)
{
	const struct call_path *a = pa, *b = pb;

	return a->samples != b->samples ? (a->samples > b->samples ? -1 : 1) : strcmp(a->path, b->path);
}

static const char *path_text(struct query *q, struct pool *p, const struct call_path *c, const char *arrow)
{
	struct buf b = {0};
	char *text;

	for (uint32_t i = 0; i < c->n; i++)
		buf_addf(&b, "%s%s%s", i ? arrow : "", c->created && i + 1 == c->n ? "created by " : "",
			 query_string(q, c->funcs[i]));
	text = pool_strndup(p, b.n ? b.p : "", b.n);
	buf_release(&b);
	return text;
}

static struct call_path *finish(struct query *q, struct paths *t, uint64_t all, const char *arrow, struct pool *p, size_t *n)
{
	struct call_path *out = pool_alloc(p, (t->n + 1) * sizeof *out);

	*n = t->n;
	for (size_t i = 0; i < t->n; i++) {
		out[i] = t->a[i];
		out[i].path = path_text(q, p, &out[i], arrow);
		out[i].share = (double)out[i].samples / (double)all;
	}
	qsort(out, t->n, sizeof *out, callers_most_first);
	counter_map_release(&t->index);
	free(t->a);
	return out;
}

static void sum_up(const struct asking *k, struct pool *p, struct callers *out)
{
	struct paths up = {0}, down = {0};

	for (size_t i = 0; i < k->on.cap; i++) {
		const struct count *t = &k->on.a[i];
		const struct stack *s;
		uint32_t leaf = 0, root = 0;

		out->all += t->n;
		if (!t->n || t->key >= k->n_stacks || !k->has[t->key])
			continue;
		s = query_stack(k->q, (uint32_t)t->key);
		if (!callers_find(k, s, &leaf, &root))
			continue;
		out->samples += t->n;
		add_path(&up, callers_of(s, root), t->n);
		add_path(&down, callees_of(s, leaf), t->n);
	}
	out->callers = finish(k->q, &up, out->samples, " <- ", p, &out->n_callers);
	out->callees = finish(k->q, &down, out->samples, " -> ", p, &out->n_callees);
}

static int has_one(void *ctx, uint32_t stack, const struct store_stack *st)
{
	struct asking *k = ctx;

	(void)st;
	REACH(k->has, k->n_stacks, stack);
	k->has[stack] = true;
	return 0;
}

static int count_host(struct asking *k, const struct interval_question *ask, struct err *e)
{
	const struct interval *v;
	struct intervals *it;
	int rc = intervals_begin(k->q, ask, &it, e);

	while (rc == 1 && (rc = intervals_next(it, &v)) == 1)
		counter_map_at(&k->on, v->stack)->n += v->samples;
	intervals_end(it);
	return rc;
}

int query_callers(struct query *q, const struct callers_question *ask, struct pool *p, struct callers *out, struct err *e)
{
	struct asking k = {.q = q};
	int rc = 0;

	*out = (struct callers){0};
	if (view_begin(q, e) < 0)
		return -1;
	for (size_t i = 0; i < ask->n_funcs; i++)
		if (ask->func_ids[i] > k.highest)
			k.highest = ask->func_ids[i];
	k.wanted = xcalloc((size_t)k.highest + 1, sizeof *k.wanted);
	for (size_t i = 0; i < ask->n_funcs; i++)
		k.wanted[ask->func_ids[i]] = true;
	for (size_t i = 0; i < q->n_hosts && !rc; i++)
		if (!ask->host || q->rows[i].host == ask->host)
			rc = count_host(&k, &(struct interval_question){.w = {.host = q->rows[i].host, .from = ask->from,
				.to = ask->to}}, e);
	if (!rc)
		rc = store_stacks_with(q->view, &(struct functions_wanted){ask->func_ids, ask->n_funcs}, has_one, &k, e);
	view_end(q);
	sum_up(&k, p, out);
	counter_map_release(&k.on);
	free(k.has);
	free(k.wanted);
	return rc;
}

static void paths_json(struct jw *j, struct query *q, const char *key, const struct call_path *c, size_t n)
{
	jw_key(j, key);
	jw_arr(j);
	for (size_t i = 0; i < n; i++) {
		jw_obj(j);
		jw_key(j, "path");
		jw_arr(j);
		for (uint32_t k = 0; k + c[i].created < c[i].n; k++)
			jw_str(j, query_string(q, c[i].funcs[k]));
		jw_end(j);
		if (c[i].created)
			jw_kstr(j, "created_by", query_string(q, c[i].funcs[c[i].n - 1]));
		jw_kuint(j, "samples", c[i].samples);
		jw_kdouble(j, "share", c[i].share, 4);
		jw_end(j);
	}
	jw_end(j);
}

void callers_json(struct jw *j, struct query *q, const char *func, const struct callers *c)
{
	jw_obj(j);
	jw_kstr(j, "func", func);
	jw_kuint(j, "samples", c->samples);
	jw_kuint(j, "all", c->all);
	paths_json(j, q, "callers", c->callers, c->n_callers);
	paths_json(j, q, "callees", c->callees, c->n_callees);
	jw_end(j);
}

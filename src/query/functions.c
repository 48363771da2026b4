/* SPDX-License-Identifier: MIT */
/* Functions: which there are, and who had one on the stack, when. */
#include "interval.h"
#include <gscrape/hash.h>
#include <ctype.h>
#include <regex.h>
#include <stdlib.h>

static int by_name(const void *pa, const void *pb)
{
	const struct function *a = pa, *b = pb;

	return strcmp(a->name, b->name);
}

const char *scope_name(enum scope s)
{
	static const char *const names[SCOPE_MAX] = {"any frame", "leaf only", "created-by"};

	return names[s];
}

/* In how many stacks each function stands, and where. */
static void count_stack(struct store_stack st, uint32_t id, uint32_t n_strings, uint32_t (*count)[SCOPE_MAX], uint32_t *seen_in)
{
	for (uint32_t i = 0; i < st.n; i++) {
		uint32_t f = st.frames[i].func;

		if (f <= n_strings && seen_in[f] != id) {
			seen_in[f] = id;
			count[f][IN_ANY_FRAME]++;
		}
	}
	if (st.n && st.frames[0].func <= n_strings)
		count[st.frames[0].func][IN_LEAF]++;
	if (st.created.func && st.created.func <= n_strings)
		count[st.created.func][IN_CREATOR]++;
}

/* By name: functions that stand on a stack, and those that are creation sites alone. */
static void sort_functions(struct query *q, uint32_t (*count)[SCOPE_MAX], uint32_t n_strings)
{
	free(q->functions);
	q->functions = xcalloc(n_strings + 1, sizeof *q->functions);
	q->n_functions = 0;
	for (uint32_t f = 1; f <= n_strings; f++)
		if (count[f][IN_ANY_FRAME] || count[f][IN_CREATOR])
			q->functions[q->n_functions++] = (struct function){f, query_string(q, f), 0};
	qsort(q->functions, q->n_functions, sizeof *q->functions, by_name);
	free(q->scoped);
	q->scoped = xcalloc(q->n_functions + 1, sizeof *q->scoped);
	for (size_t i = 0; i < q->n_functions; i++)
		memcpy(q->scoped[i], count[q->functions[i].func_id], sizeof *q->scoped);
}

/* Worked out again when there are more stacks. */
static void count_functions(struct query *q)
{
	uint32_t n_stacks = store_n_stacks(q->store), n_strings = store_n_strings(q->store);
	uint32_t(*count)[SCOPE_MAX], *seen_in;

	if (q->functions && q->functions_of == n_stacks)
		return;
	count = xcalloc(n_strings + 1, sizeof *count);
	seen_in = xcalloc(n_strings + 1, sizeof *seen_in);
	for (uint32_t id = 1; id <= n_stacks; id++)
		count_stack(store_get_stack(q->store, id), id, n_strings, count, seen_in);
	sort_functions(q, count, n_strings);
	q->functions_of = n_stacks;
	free(count);
	free(seen_in);
}

static int look_up_functions(struct query *q, struct err *e)
{
	if (store_read_begin(q->store, e) < 0)
		return -1;
	count_functions(q);
	store_read_end(q->store);
	return 0;
}

int query_functions(struct query *q, const char *pattern, struct pool *p, struct function **out, size_t *n, struct err *e)
{
	return query_find(q, pattern ? pattern : "", false, IN_ANY_FRAME, p, out, n, e);
}

/* Upper case counts where the expression has any. */
static int compile(regex_t *re, const char *text, struct err *e)
{
	int flags = REG_EXTENDED | REG_NOSUB | REG_ICASE, rc;
	char why[200];

	for (const char *s = text; *s; s++)
		if (isupper((unsigned char)*s))
			flags &= ~REG_ICASE;
	rc = regcomp(re, text, flags);
	if (!rc)
		return 0;
	regerror(rc, re, why, sizeof why);
	return fail(e, "'%s' is no regular expression: %s", text, why);
}

int query_find(struct query *q, const char *pattern, bool regex, enum scope scope, struct pool *p, struct function **out,
	       size_t *n, struct err *e)
{
	struct pattern *words = NULL;
	regex_t re;

	*n = 0;
	*out = NULL;
	if (look_up_functions(q, e) < 0 || (regex && compile(&re, pattern, e) < 0))
		return -1;
	if (!regex)
		words = pattern_new(pattern);
	*out = pool_alloc(p, (q->n_functions + 1) * sizeof **out);
	for (size_t i = 0; i < q->n_functions; i++) {
		const char *name = q->functions[i].name;

		if (!q->scoped[i][scope] || !(regex ? regexec(&re, name, 0, NULL, 0) == 0 : pattern_match(words, name)))
			continue;
		(*out)[*n] = q->functions[i];
		(*out)[(*n)++].stacks = q->scoped[i][scope];
	}
	if (regex)
		regfree(&re);
	pattern_free(words);
	return 0;
}

/* --- how many have it now --- */

/* Goroutines by stack at t; none where nothing is known of it. */
static int count_stacks(struct query *q, uint32_t host, int64_t t, struct tally *on, struct err *e)
{
	struct pool p = {0};
	struct living *l;
	uint32_t seq;
	size_t n = 0;
	int rc = known_text_seq(q, host, t, &seq, e);

	if (!rc && seq)
		rc = store_alive(q->store, host, seq, &p, &l, &n, e);
	for (size_t i = 0; !rc && i < n; i++)
		++*tally_at(on, l[i].stack);
	pool_release(&p);
	return rc;
}

int query_function_counts(struct query *q, const struct function *f, size_t n, uint32_t host, int64_t t, struct pool *p,
			  uint32_t **out, struct err *e)
{
	struct tally on = {0};
	uint32_t n_strings, *by_func, *seen_in;
	int rc = 0;

	*out = pool_alloc(p, (n + 1) * sizeof **out);
	if (store_read_begin(q->store, e) < 0)
		return -1;
	for (size_t i = 0; i < q->n_hosts && !rc; i++)
		if (!host || q->rows[i].host == host)
			rc = count_stacks(q, q->rows[i].host, t, &on, e);
	n_strings = store_n_strings(q->store);
	by_func = xcalloc((size_t)n_strings + 1, sizeof *by_func);
	seen_in = xcalloc((size_t)n_strings + 1, sizeof *seen_in);
	for (size_t i = 0; i < on.cap; i++) {
		struct store_stack st = on.a[i].n ? store_get_stack(q->store, (uint32_t)on.a[i].key) : (struct store_stack){0};

		for (uint32_t k = 0; k < st.n; k++) {
			uint32_t func = st.frames[k].func;

			if (func <= n_strings && seen_in[func] != i + 1) {
				seen_in[func] = (uint32_t)i + 1;
				by_func[func] += (uint32_t)on.a[i].n;
			}
		}
	}
	store_read_end(q->store);
	for (size_t i = 0; i < n; i++)
		(*out)[i] = f[i].func_id <= n_strings ? by_func[f[i].func_id] : 0;
	free(by_func);
	free(seen_in);
	tally_release(&on);
	return rc;
}

/* --- hits --- */

struct search {
	struct query *q;
	uint32_t *func_in; /* by stack: the function of the search that it has, 0 none */
	uint32_t n_stacks;
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
	s->hits[s->n] = (struct hit){.host = host, .epoch = v->epoch, .id = v->id, .func_id = s->func_in[v->stack], .stack = v->stack,
				     .first = NO_TIME};
	return &s->hits[s->n++];
}

static void mark_stacks(struct search *s, const uint32_t *func_ids, size_t n_funcs, enum scope scope)
{
	uint32_t n_strings = store_n_strings(s->q->store);
	uint8_t *wanted = xcalloc(n_strings + 1, 1);

	for (size_t i = 0; i < n_funcs; i++)
		if (func_ids[i] <= n_strings)
			wanted[func_ids[i]] = 1;
	s->n_stacks = store_n_stacks(s->q->store);
	s->func_in = xcalloc(s->n_stacks + 1, sizeof *s->func_in);
	for (uint32_t id = 1; id <= s->n_stacks; id++) {
		struct store_stack st = store_get_stack(s->q->store, id);

		uint32_t n = scope == IN_ANY_FRAME ? st.n : scope == IN_LEAF && st.n;

		for (uint32_t i = 0; i < n && !s->func_in[id]; i++)
			if (st.frames[i].func <= n_strings && wanted[st.frames[i].func])
				s->func_in[id] = st.frames[i].func;
		if (scope == IN_CREATOR && st.created.func <= n_strings && wanted[st.created.func])
			s->func_in[id] = st.created.func;
	}
	free(wanted);
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

		if (v->stack > s->n_stacks || !s->func_in[v->stack])
			continue;
		h = hit_of(s, ask->host, v);
		if (h->first == NO_TIME)
			h->first = range_time(r, v->from);
		h->last = range_time(r, v->to);
		h->samples += v->samples;
		h->now = v->to == range_text(r, r->last);
	}
	intervals_end(it);
	return rc;
}

static int by_place(const void *pa, const void *pb)
{
	const struct hit *a = pa, *b = pb;

	if (a->host != b->host)
		return a->host < b->host ? -1 : 1;
	if (a->epoch != b->epoch)
		return a->epoch < b->epoch ? -1 : 1;
	return a->id < b->id ? -1 : a->id > b->id;
}

int query_hits(struct query *q, const uint32_t *func_ids, size_t n_funcs, uint32_t host, int64_t from, int64_t to,
	       struct pool *p, struct hit **out, size_t *n, struct err *e)
{
	return query_hits_in(q, func_ids, n_funcs, IN_ANY_FRAME, host, from, to, p, out, n, e);
}

int query_hits_in(struct query *q, const uint32_t *func_ids, size_t n_funcs, enum scope scope, uint32_t host, int64_t from,
		  int64_t to, struct pool *p, struct hit **out, size_t *n, struct err *e)
{
	struct search s = {.q = q};
	int rc = 0;

	*n = 0;
	if (store_read_begin(q->store, e) < 0)
		return -1;
	mark_stacks(&s, func_ids, n_funcs, scope);
	for (size_t i = 0; i < q->n_hosts && !rc; i++)
		if (!host || q->rows[i].host == host)
			rc = search_host(&s, &(struct interval_question){.host = q->rows[i].host, .from = from, .to = to}, e);
	store_read_end(q->store);
	if (s.n)
		qsort(s.hits, s.n, sizeof *s.hits, by_place);
	*out = pool_alloc(p, (s.n + 1) * sizeof **out);
	if (s.n)
		memcpy(*out, s.hits, s.n * sizeof **out);
	*n = s.n;
	free(s.hits);
	hash_release(&s.index);
	free(s.func_in);
	return rc;
}

/* SPDX-License-Identifier: MIT */
/* View 4: functions by name, as one types, how much each was used, and who had the chosen one on the stack. */
#include "copy.h"
#include "path.h"
#include "row_model.h"
#include "view_functions.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define AT_ONCE 64

const struct function *shown_function(const struct function_view *f)
{
	for (size_t i = 0; i < f->n; i++)
		if (f->functions[i].func_id == f->shown)
			return &f->functions[i];
	return NULL;
}

const struct hit_row *shown_hit(const struct function_view *f)
{
	for (size_t i = 0; i < f->hit_list.n; i++)
		if (f->rows[list_at(&f->hit_list, i)].hit == f->shown_hit)
			return &f->rows[list_at(&f->hit_list, i)];
	return NULL;
}

/* What the panes are of: the selected function, the selected goroutine; what they were of while the selection moves. */
static void follow_function(struct session *a)
{
	struct function_view *f = function_view_of(a);

	if (!a->moving || !shown_function(f))
		f->shown = f->list.n ? f->functions[list_chosen(&f->list)].func_id : 0;
}

static void follow_hit(struct session *a)
{
	struct function_view *f = function_view_of(a);

	if (!a->moving || !shown_hit(f))
		f->shown_hit = f->hit_list.n ? f->rows[list_chosen(&f->hit_list)].hit : NULL;
}

/* --- who is alive at T --- */

static int load_alive_at_t(struct session *a, struct err *e)
{
	struct function_view *f = function_view_of(a);
	struct memo_key k = {.host = a->func.this_host ? a->host : 0, .from = a->t, .version = session_version(a)};
	size_t n;
	const struct host *h = query_hosts(a->q, &n);
	struct known known;

	if (memo_holds(&f->at_memo, &k))
		return 0;
	f->at = pool_alloc(&f->at_memo.pool, (n + 1) * sizeof *f->at);
	f->n_at = f->alive = 0;
	f->at_unknown = false;
	for (size_t i = 0; i < n; i++) {
		struct at_host *at = &f->at[f->n_at];

		if (k.host && h[i].id != k.host)
			continue;
		if (query_known(a->q, h[i].id, a->t, &known, e) < 0) {
			memo_drop(&f->at_memo);
			return -1;
		}
		f->at_unknown |= !known.known;
		if (!known.known)
			continue;
		at->host = h[i].id;
		if (query_alive(a->q, &(struct moment){h[i].id, a->t}, &f->at_memo.pool, &at->alive, &at->n, e) < 0) {
			memo_drop(&f->at_memo);
			return -1;
		}
		f->alive += at->n;
		f->n_at++;
	}
	return 0;
}

int64_t functions_at_t(const struct function_view *f, size_t n)
{
	return n || !f->at_unknown ? (int64_t)n : -1;
}

static const struct alive *find_alive(const struct function_view *f, const struct hit *hit)
{
	for (size_t i = 0; i < f->n_at; i++) {
		const struct at_host *at = &f->at[i];
		size_t lo = 0, hi = at->n;

		if (at->host != hit->host)
			continue;
		while (lo < hi) {
			size_t mid = (lo + hi) / 2;

			if (at->alive[mid].id < hit->id)
				lo = mid + 1;
			else
				hi = mid;
		}
		if (lo < at->n && at->alive[lo].id == hit->id && at->alive[lo].epoch == hit->epoch)
			return &at->alive[lo];
	}
	return NULL;
}

static bool has_it(const struct function_view *f, uint32_t stack)
{
	return stack < f->n_masks && f->masks[stack];
}

/* --- the rows --- */

static const struct hit_row *row_of(const struct session *a, size_t i)
{
	return &function_view_of(a)->rows[i];
}

static size_t hit_texts(const struct session *a, size_t i, struct pool *p, struct list_text *out)
{
	const struct hit_row *r = row_of(a, i);
	char path[600];

	stack_path(path, sizeof path, query_stack(a->q, r->hit->stack), 0, 500);
	out[0] = (struct list_text){"state", r->at_t ? r->at_t->state : NULL};
	out[1] = (struct list_text){"id", pool_printf(p, "%" PRIu64, r->hit->id)};
	out[2] = (struct list_text){"host", host_name(a, r->hit->host)};
	out[3] = (struct list_text){"=alive", r->at_t ? "" : NULL};
	out[4] = (struct list_text){NULL, pool_strndup(p, path, strlen(path))};
	return 5;
}

static int64_t by_samples(const struct session *a, size_t x, size_t y)
{
	const struct hit *h = row_of(a, x)->hit, *k = row_of(a, y)->hit;
	int64_t d = (int64_t)k->samples - h->samples;

	d = d ? d : query_host_order(a->q, h->host, k->host);
	return d ? d : h->id < k->id ? -1 : h->id > k->id;
}

static int64_t by_id(const struct session *a, size_t x, size_t y)
{
	uint64_t i = row_of(a, x)->hit->id, k = row_of(a, y)->hit->id;

	return i < k ? -1 : i > k;
}

/* Those that have it at T first. */
static int64_t by_state_at_t(const struct session *a, size_t x, size_t y)
{
	const struct alive *i = row_of(a, x)->at_t, *k = row_of(a, y)->at_t;

	return i && k ? strcmp(i->state, k->state) : (int64_t)!i - !k;
}

static int64_t by_first(const struct session *a, size_t x, size_t y)
{
	return row_of(a, x)->hit->first - row_of(a, y)->hit->first;
}

static int64_t by_path(const struct session *a, size_t x, size_t y)
{
	return query_stack_order(a->q, row_of(a, x)->hit->stack, row_of(a, y)->hit->stack); /* the same together */
}

struct told_row_of { /* what only this view knows of a hit */
	const char *state;
	const struct stack *stack;
};

static struct column_value hit_way(const struct told_row *r)
{
	const struct told_row_of *x = r->thing;
	char path[600];

	stack_path(path, sizeof path, x->stack, 0, 400);
	return a_text(pool_strndup(r->p, path, strlen(path)));
}

GETTER(hit_state, struct told_row_of, a_text(x->state))

static const struct column of_row[] = {
	{"state_at_t", "AT T", COLUMN_TEXT, .get = hit_state},
	{"path", "PATH", COLUMN_TEXT, .get = hit_way},
};
static const struct columns row_columns = COLUMNS(of_row);

static void hit_tell(const struct session *a, struct row_model *s, size_t i)
{
	const struct hit_row *r = row_of(a, i);

	ROW_MODEL_ADD(s, hit_columns, struct told_hit, host_name(a, r->hit->host), r->hit, query_is_now(a->q, r->hit->host));
	ROW_MODEL_ALSO(s, row_columns, struct told_row_of, r->at_t ? r->at_t->state : NULL, query_stack(a->q, r->hit->stack));
}

static const struct list_sort hit_sorts[] = {
	{"samples", by_samples}, {"number", by_id}, {"state at T", by_state_at_t}, {"first seen", by_first}, {"path", by_path}, {NULL, NULL},
};
static bool hit_accepts(const struct session *a, size_t i)
{
	const struct hit_row *r = row_of(a, i);

	return r->at_t && filter_accepts(a->where, a->q, &(struct filter_subject){host_name(a, r->hit->host), a->t, r->at_t, r->hit->at_newest});
}

static const struct list_kind hit_kind = {
	.what = "goroutines", .columns = &hit_columns, .tell = hit_tell, .texts = hit_texts, .accepts = hit_accepts, .sorts = hit_sorts,
};

static int digits(uint64_t n)
{
	int d = 1;

	while (n /= 10)
		d++;
	return d;
}

static void make_rows(struct session *a)
{
	struct function_view *f = function_view_of(a);

	f->rows = pool_alloc(&f->pool, (f->n_hits + 1) * sizeof *f->rows);
	f->n_at_t = 0;
	f->id_w = ID_LEAST;
	for (size_t i = 0; i < f->n_hits; i++) {
		const struct alive *at = find_alive(f, &f->hits[i]);

		f->rows[i] = (struct hit_row){.hit = &f->hits[i], .at_t = at && (a->func.digits[0] || has_it(f, at->stack)) ? at : NULL};
		f->n_at_t += f->rows[i].at_t != NULL;
		f->id_w = digits(f->hits[i].id) > f->id_w ? digits(f->hits[i].id) : f->id_w;
	}
	list_fill(&f->hit_list, a, &hit_kind, f->n_hits);
}

/* --- when --- */

/* In each column, which part of it the goroutine had the function. */
static void take_run(const struct session *a, uint32_t *share, int w, int64_t from, int64_t to)
{
	double width = (double)(a->to - a->from) / w;

	for (int i = 0; i < w; i++) {
		double lo = (double)a->from + width * i, hi = lo + width;
		double l = (double)from > lo ? (double)from : lo, h = (double)to < hi ? (double)to : hi;

		if (h >= l)
			share[i] += 1 + (uint32_t)((h - l) * 99 / width); /* however short: it was there */
	}
}

static void look_up_when(struct session *a, struct hit_row *r, int w)
{
	struct function_view *f = function_view_of(a);
	uint32_t *share = pool_alloc(&f->pool, (size_t)(w + 1) * sizeof *share);
	struct pool p = {0};
	struct life l;

	r->share = share;
	if (query_goroutine(a->q, &(struct life_question){r->hit->host, r->hit->epoch, r->hit->id, NO_TIME}, &p, &l,
		NULL) == 1) {
		for (size_t i = 0; i < l.n; i++) {
			int64_t to = i + 1 < l.n ? l.runs[i + 1].from : l.runs[i].to;

			if (has_it(f, l.runs[i].stack))
				take_run(a, share, w, l.runs[i].from, to);
		}
	}
	for (int i = 0; i < w; i++)
		share[i] = share[i] > 100 ? 100 : share[i];
	pool_release(&p);
}

static void look_up_shown(struct session *a)
{
	struct function_view *f = function_view_of(a);
	struct function_places p = place_functions(a);
	struct list l = f->hit_list;

	f->when_w = p.when_w;
	list_show(&l, p.hits_h);
	for (size_t i = l.top; p.when_w && !a->func.digits[0] && i < l.n && i < l.top + (size_t)p.hits_h; i++)
		look_up_when(a, &f->rows[list_at(&l, i)], p.when_w);
}

/* The place in the source that is looked for, "server.go:88"; false: it is words that are. */
static bool place_wanted(const struct session *a, struct source_line *out)
{
	return !a->func.regex && source_line_read(out, str_of(a->func.pattern));
}

/* The line that goroutines are asked for; in any: none. */
static struct source_line line_wanted(const struct session *a)
{
	struct source_line at = {0};

	return place_wanted(a, &at) ? at : (struct source_line){0};
}

/* All of the window that had the function: its number is what[0] of a key, the scope what[1]. */
static int ask_hits(struct session *a, const struct memo_key *k, struct err *e)
{
	struct function_view *f = function_view_of(a);
	enum scope scope = (enum scope)k->what[1];

	f->n_hits = f->n_masks = 0;
	f->shown_hit = NULL;
	if (a->func.digits[0])
		return query_with_digits(a->q, &(struct digits_question){a->func.digits, {.host = k->host, .from = NO_TIME, .to = NO_TIME}},
					 &f->hit_memo.pool, &f->hits, &f->n_hits, e);
	if (!k->what[0])
		return 0;
	if (query_stacks_with(a->q, &(struct functions_question){.func_ids = k->what, .n_funcs = 1, .scope = scope},
		&f->hit_memo.pool, &f->masks, &f->n_masks, e) < 0)
		return -1;
	return query_hits(a->q, &(struct functions_question){.func_ids = k->what, .n_funcs = 1, .at = line_wanted(a), .scope = scope,
		.w = {.host = k->host, .from = k->from, .to = k->to}}, &f->hit_memo.pool, &f->hits, &f->n_hits, e);
}

static int load_calls(struct session *a, const struct memo_key *k, struct err *e)
{
	struct function_view *f = function_view_of(a);
	struct callers_question ask = {.func_ids = k->what, .n_funcs = 1, .host = k->host, .from = k->from, .to = k->to};

	if (!place_functions(a).callers_h || a->func.digits[0] || memo_holds(&f->call_memo, k))
		return 0;
	f->callers = (struct callers){0};
	return k->what[0] ? query_callers(a->q, &ask, &f->call_memo.pool, &f->callers, e) : 0;
}

static int load_hits(struct session *a, struct err *e)
{
	struct function_view *f = function_view_of(a);
	const struct memo_key *was = &f->hit_memo.key;
	struct memo_key k = {.host = a->func.this_host ? a->host : 0, .what = {0, a->func.scope}, .from = a->from, .to = a->to,
			     .version = session_version(a)};
	struct source_line at;

	follow_function(a);
	k.what[0] = f->shown;
	k.id = a->func.digits[0] ? strtoull(a->func.digits, NULL, 10) * 32 + strlen(a->func.digits) : 0;
	k.w = place_wanted(a, &at) ? (int)at.line : 0; /* the file is that of the function */
	f->pane = k.id ? 1 : f->pane;
	if (k.id != was->id || k.what[0] != was->what[0] || k.host != was->host || k.what[1] != was->what[1])
		list_begin(&f->hit_list);
	if (!memo_holds(&f->hit_memo, &k) && ask_hits(a, &k, e) < 0) {
		memo_drop(&f->hit_memo);
		return -1;
	}
	make_rows(a);
	follow_hit(a);
	look_up_shown(a);
	return load_calls(a, &k, e);
}

/* --- how much the functions on the screen are used: a walk through the history answers for 64 at once; what it said is kept --- */

const struct use *use_of_function(const struct function_view *f, uint32_t func_id)
{
	for (size_t i = 0; i < f->n_uses; i++)
		if (f->uses[i].func_id == func_id)
			return &f->uses[i].use;
	return NULL;
}

/* What was known is of another window, host or scope. */
static int uses_begin(struct session *a, struct err *e)
{
	struct function_view *f = function_view_of(a);
	int w = place_functions(a).act_w;
	struct memo_key k = {.host = a->func.this_host ? a->host : 0, .what = {a->func.scope}, .from = a->from, .to = a->to, .w = w,
			     .version = session_version(a)};

	f->act_w = w;
	if (memo_holds(&f->use_memo, &k))
		return 0;
	f->n_uses = 0;
	f->pieces = pool_alloc(&f->use_memo.pool, (size_t)(w + 1) * sizeof *f->pieces);
	for (int i = 0; i < w && !k.host; i++) /* hosts have their gaps at different times: only one host's are shown */
		f->pieces[i] = (struct bucket){.has_value = true};
	return w && k.host ? query_chart(a->q, &(struct window){k.host, a->from, a->to, (size_t)w}, f->pieces, e) : 0;
}

static int ask_uses(struct session *a, const uint32_t *ids, size_t n, struct err *e)
{
	struct function_view *f = function_view_of(a);
	struct use *use;

	if (!n)
		return 0;
	if (query_use(a->q, &(struct functions_question){.func_ids = ids, .n_funcs = n, .scope = a->func.scope, .w = {f->use_memo.key.host, a->from, a->to,
		(size_t)(f->act_w ? f->act_w : 1)}}, &f->use_memo.pool, &use, e) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		GROW(f->uses, f->n_uses, f->cap_uses);
		f->uses[f->n_uses++] = (struct function_use){ids[i], use[i]};
	}
	return 0;
}

/* The rows that the next draw shows. */
static void functions_shown(const struct session *a, size_t *from, size_t *to)
{
	struct list l = function_view_of(a)->list;
	int rows = place_functions(a).functions_h;

	list_show(&l, rows);
	*from = l.top;
	*to = l.top + (size_t)(rows > 0 ? rows : 1);
	if (*to > l.n)
		*to = l.n;
}

/* How many have each at T. */
static int count_at_t(struct session *a, size_t from, size_t to, struct err *e)
{
	struct function_view *f = function_view_of(a);
	uint32_t ids[AT_ONCE] = {0};

	for (size_t at = from; at < to; at += AT_ONCE) {
		size_t n = to - at < AT_ONCE ? to - at : AT_ONCE, n_masks;
		struct pool p = {0};
		uint64_t *masks;

		for (size_t i = 0; i < n; i++)
			ids[i] = f->functions[list_at(&f->list, at + i)].func_id;
		if (query_stacks_with(a->q, &(struct functions_question){.func_ids = ids, .n_funcs = n,
			.scope = a->func.scope}, &p, &masks, &n_masks, e) < 0)
			return -1;
		for (size_t h = 0; h < f->n_at; h++)
			for (size_t k = 0; k < f->at[h].n; k++)
				for (uint64_t m = f->at[h].alive[k].stack < n_masks ? masks[f->at[h].alive[k].stack] : 0; m; m &= m - 1)
					f->at_t[list_at(&f->list, at + (size_t)__builtin_ctzll(m))]++;
		pool_release(&p);
	}
	return 0;
}

static int load_uses(struct session *a, struct err *e)
{
	struct function_view *f = function_view_of(a);
	uint32_t ids[AT_ONCE] = {0};
	size_t from, to, n = 0;

	if (uses_begin(a, e) < 0)
		return -1;
	functions_shown(a, &from, &to);
	for (size_t i = from; i < to; i++) {
		uint32_t id = f->functions[list_at(&f->list, i)].func_id;

		if (use_of_function(f, id))
			continue;
		ids[n++] = id;
		if (n == AT_ONCE) {
			if (ask_uses(a, ids, n, e) < 0)
				return -1;
			n = 0;
		}
	}
	f->at_t = pool_alloc(&f->pool, (f->n + 1) * sizeof *f->at_t);
	return ask_uses(a, ids, n, e) < 0 ? -1 : count_at_t(a, from, to, e);
}

/* --- the view --- */

static void function_tell(const struct session *a, struct row_model *s, size_t i)
{
	const struct function_view *f = function_view_of(a);

	ROW_MODEL_ADD(s, function_columns, struct told_function, &f->functions[i], {functions_at_t(f, f->at_t[i]), -1});
}

static const struct function *function_of(const struct session *a, size_t i)
{
	return &function_view_of(a)->functions[i];
}

static int64_t by_at_t(const struct session *a, size_t x, size_t y)
{
	const struct function_tally *t = function_view_of(a)->tally;

	return (int64_t)t[function_of(a, y)->func_id].at_t - t[function_of(a, x)->func_id].at_t;
}

/* The program's own first; among themselves as many have them at T, so that the first ones are in use. */
static int64_t by_own_code(const struct session *a, size_t x, size_t y)
{
	const bool *standard = function_view_of(a)->standard;
	int64_t d = (int64_t)standard[x] - standard[y];

	return d ? d : by_at_t(a, x, y);
}

static int64_t by_change(const struct session *a, size_t x, size_t y)
{
	const struct function_tally *t = function_view_of(a)->tally;
	int64_t i = t[function_of(a, x)->func_id].change, k = t[function_of(a, y)->func_id].change;

	return (k < 0 ? -k : k) - (i < 0 ? -i : i);
}

static int64_t by_name(const struct session *a, size_t x, size_t y)
{
	return strcmp(function_of(a, x)->name, function_of(a, y)->name);
}

static const struct list_sort function_sorts[] = {
	{"own code first", by_own_code}, {"AT T", by_at_t}, {"change", by_change}, {"name", by_name}, {NULL, NULL},
};

bool functions_by_change(const struct session *a)
{
	return function_sorts[function_view_of(a)->list.sort].compare == by_change;
}

static const struct list_kind function_kind = {
	.what = "functions", .columns = &function_columns, .tell = function_tell, .sorts = function_sorts,
};

/* Of this host alone: which functions it had. */
static int load_of_host(struct session *a, struct err *e)
{
	struct function_view *f = function_view_of(a);
	struct memo_key k = {.host = a->host, .what = {a->func.scope}, .from = a->from, .to = a->to, .version = session_version(a)};

	if (!a->func.this_host || !a->host) {
		memo_drop(&f->of_memo);
		f->of_host = NULL;
		return 0;
	}
	if (memo_holds(&f->of_memo, &k))
		return 0;
	if (query_functions_of(a->q, &(struct functions_question){.scope = a->func.scope, .w = {.host = a->host, .from = a->from, .to = a->to}},
			       &f->of_memo.pool, &f->of_host, &f->n_of_host, e) < 0) {
		memo_drop(&f->of_memo);
		f->of_host = NULL;
		return -1;
	}
	return 0;
}

static bool of_this_host(const struct function_view *f, uint32_t func_id)
{
	return !f->of_host || (func_id < f->n_of_host && f->of_host[func_id]);
}

static size_t count_of_host(const struct function_view *f, const struct function *all, size_t n)
{
	size_t kept = 0;

	for (size_t i = 0; i < n; i++)
		kept += of_this_host(f, all[i].func_id);
	return kept;
}

/* The order in which the list was opened stays while T moves: rows that go up and down under the cursor cannot be read. Another pattern, scope
 * or host, or another sort, is ordered anew. */
static int load_order(struct session *a, uint32_t highest, struct err *e)
{
	struct function_view *f = function_view_of(a);
	uint64_t of = hash64(a->func.pattern, strlen(a->func.pattern)) + a->func.scope + (a->func.this_host ? 4u * a->host : 0);
	bool own = function_sorts[f->list.sort].compare == by_own_code;

	if (function_sorts[f->list.sort].compare == by_name || (own && f->tally_memo.filled && f->n_tally > highest && f->tally_of == of))
		return 0;
	f->tally_of = of;
	return tally_functions(a, highest, functions_by_change(a), e);
}

/* The list, as it is to be shown, and sorted. */
static int fill_functions(struct session *a, struct err *e)
{
	struct function_view *f = function_view_of(a);
	uint32_t highest = 0;
	size_t kept = 0;

	f->standard = pool_alloc(&f->pool, (f->n + 1) * sizeof *f->standard);
	for (size_t i = 0; i < f->n; i++) {
		bool standard = func_is_standard(f->functions[i].name);

		if ((f->own && standard) || !of_this_host(f, f->functions[i].func_id))
			continue;
		f->standard[kept] = standard;
		highest = f->functions[i].func_id > highest ? f->functions[i].func_id : highest;
		f->functions[kept++] = f->functions[i];
	}
	f->n = kept;
	if (load_order(a, highest, e) < 0)
		return -1;
	list_fill(&f->list, a, &function_kind, f->n);
	return 0;
}

static bool is_among(const struct function_view *f, uint32_t func_id)
{
	for (size_t i = 0; i < f->n_at_place; i++)
		if (f->at_place[i] == func_id)
			return true;
	return false;
}

/* Which of them somebody had on the stack in that line, in the window. */
static int ask_place(struct session *a, const struct source_line *at, const struct function *all, size_t n, struct err *e)
{
	struct function_view *f = function_view_of(a);
	struct functions_question ask = {.at = *at, .scope = a->func.scope, .w = {.host = a->func.this_host ? a->host : 0, .from = a->from, .to = a->to}};
	struct pool p = {0};
	uint32_t *ids = pool_alloc(&p, (n + 1) * sizeof *ids);
	struct hit *hits;
	size_t n_hits;
	int rc;

	for (size_t i = 0; i < n; i++)
		ids[i] = all[i].func_id;
	ask.func_ids = ids;
	ask.n_funcs = n;
	rc = query_hits(a->q, &ask, &p, &hits, &n_hits, e);
	f->at_place = pool_alloc(&f->place_memo.pool, (n + 1) * sizeof *f->at_place);
	f->n_at_place = 0;
	for (size_t i = 0; rc >= 0 && i < n_hits; i++)
		if (!is_among(f, hits[i].func_id))
			f->at_place[f->n_at_place++] = hits[i].func_id;
	pool_release(&p);
	return rc < 0 ? -1 : 0;
}

/* The functions that the line is in: one, or several where some are inlined. */
static int find_place(struct session *a, const struct source_line *at, struct err *e)
{
	struct function_view *f = function_view_of(a);
	struct memo_key k = {.host = a->func.this_host ? a->host : 0, .what = {a->func.scope}, .from = a->from, .to = a->to,
			     .id = hash64(a->func.pattern, strlen(a->func.pattern)), .version = session_version(a)};
	struct function *all;
	size_t n, kept = 0;

	if (query_find(a->q, &(struct find_question){"", false, a->func.scope}, &f->pool, &all, &n, e) < 0)
		return -1;
	if (!memo_holds(&f->place_memo, &k) && ask_place(a, at, all, n, e) < 0) {
		memo_drop(&f->place_memo);
		f->n_at_place = 0;
		return -1;
	}
	for (size_t i = 0; i < n; i++)
		if (is_among(f, all[i].func_id))
			all[kept++] = all[i];
	f->functions = all;
	f->n = kept;
	return 0;
}

static int find_functions(struct session *a, struct err *e)
{
	struct function_view *f = function_view_of(a);
	struct source_line at;
	struct err why = {0};

	if (place_wanted(a, &at))
		return find_place(a, &at, e);
	if (query_find(a->q, &(struct find_question){a->func.pattern, a->func.regex, a->func.scope}, &f->pool, &f->functions, &f->n, &why) < 0)
		snprintf(f->complaint, sizeof f->complaint, "%s", why.text);
	return 0;
}

static int functions_load(struct session *a, struct err *e)
{
	struct function_view *f = function_view_of(a);
	struct function *all;

	pool_release(&f->pool);
	f->complaint[0] = '\0';
	if (query_find(a->q, &(struct find_question){"", false, a->func.scope}, &f->pool, &all, &f->all, e) < 0 || load_of_host(a, e) < 0)
		return -1;
	f->all = count_of_host(f, all, f->all);
	if (find_functions(a, e) < 0)
		return -1;
	if (load_alive_at_t(a, e) < 0 || fill_functions(a, e) < 0 || load_uses(a, e) < 0)
		return -1;
	return load_hits(a, e);
}

static void add_count(struct buf *out, size_t n, const char *what)
{
	buf_addf(out, "%zu %s%s", n, what, n == 1 ? "" : "s");
}

static void functions_summary(const struct session *a, struct buf *out)
{
	const struct function_view *f = function_view_of(a);
	const struct function *fn = shown_function(f);

	if (a->func.digits[0]) {
		add_count(out, f->n_hits, "goroutine");
		buf_addf(out, " with %s in their number, on %s, %zu of them there at T", a->func.digits, a->func.this_host ? host_name(a, a->host) : "all hosts",
			 f->n_at_t);
		return;
	}
	add_count(out, f->n, "function");
	if (a->func.pattern[0])
		buf_addf(out, " %s '%s'", f->n == 1 ? "matches" : "match", a->func.pattern);
	if (!fn)
		return;
	buf_addf(out, "; %s: ", fn->name);
	add_count(out, f->n_at_t, "goroutine");
	buf_addf(out, " at T, %zu ever", f->n_hits);
}

static struct list *functions_list(const struct session *a)
{
	return function_view_of(a)->pane ? &function_view_of(a)->hit_list : &function_view_of(a)->list;
}

/* As what is known of its host at T has it: T may be behind the sample that is known there. */
static bool is_there(const struct session *a, uint32_t host, int64_t first, int64_t last)
{
	struct known k;
	struct err e;
	int64_t t = query_known(a->q, host, a->t, &k, &e) == 0 && k.known ? k.text.time : a->t;

	return t >= first && t <= last;
}

/* T goes only to one that is not there. */
static void open_hit(struct session *a, const struct hit *h)
{
	uint32_t host = h->host, epoch = h->epoch;
	int64_t first = h->first, last = h->last;
	char t[TIME_MAX];

	go_goroutine(a, h->id);
	a->host = host;
	a->epoch = epoch;
	if (is_there(a, host, first, last))
		return;
	set_time(a, a->t < first ? first : last);
	say(a, "T is %s, where it %s: it was not there at the T before", time_text(a, t, a->t, TIME_CLOCK), a->t == first ? "is first seen" : "is last seen");
}

static void functions_open(struct session *a)
{
	struct function_view *f = function_view_of(a);

	if (f->pane == 0)
		f->pane = f->hit_list.n > 0;
	else if (f->hit_list.n)
		open_hit(a, f->rows[list_chosen(&f->hit_list)].hit);
}

static void functions_enter(struct session *a)
{
	a->func.digits[0] = '\0';
	memo_drop(&function_view_of(a)->tally_memo);
}

static bool functions_act(struct session *a, enum action action)
{
	struct function_view *f = function_view_of(a);

	if (a->func.digits[0] && (action == ACT_OWN_CODE || action == ACT_CALLERS || action == ACT_NEXT_PANE || action == ACT_PREV_PANE)) {
		say(a, "these are goroutines by their number; f goes to functions and callers");
		return true;
	}
	switch (action) {
	case ACT_OPEN: functions_open(a); return true;
	case ACT_OLDER: return list_act(a, &f->list, ACT_UP); /* at the prompt */
	case ACT_NEWER: return list_act(a, &f->list, ACT_DOWN);
	case ACT_NEXT_PANE: case ACT_PREV_PANE: f->pane = !f->pane; return true;
	case ACT_HOSTS: a->func.this_host = !a->func.this_host; return true;
	case ACT_OWN_CODE:
		f->own = !f->own;
		say(a, f->own ? "runtime and standard library are hidden" : "all functions");
		return true;
	case ACT_CALLERS: f->calls = (f->calls + 1) % 3; return true;
	default: return false;
	}
}

static const char *functions_hints(const struct session *a)
{
	return a->func.digits[0] ? "Enter open  s sort  & filter  Ctrl-T hosts  # number  y yank  q back  ? help" : NULL;
}

/* Of the function or the goroutine; its line is where the function stands on the goroutine's stack. */
static void functions_copy(const struct session *a, int what, struct buf *b)
{
	const struct function_view *f = function_view_of(a);
	const struct hit_row *r = f->hit_list.n ? &f->rows[list_chosen(&f->hit_list)] : NULL;
	const struct stack *s;
	uint32_t stack;

	if (what == 'i' && f->pane == 0 && f->list.n)
		copy_name(b, f->functions[list_chosen(&f->list)].name);
	if (!r || (what == 'i' && f->pane == 0))
		return;
	stack = r->at_t ? r->at_t->stack : r->hit->stack;
	s = query_stack(a->q, stack);
	if (what == 'i')
		copy_id(b, r->hit->id);
	else if (what == 's')
		copy_stack(a, b, stack, r->hit->id, r->at_t ? r->at_t->state : NULL);
	else if (what == 'l' && s->created.func_id == r->hit->func_id)
		copy_frame(b, &s->created);
	for (uint32_t i = 0; what == 'l' && i < s->n && !b->n; i++)
		if (s->frames[i].func_id == r->hit->func_id)
			copy_frame(b, &s->frames[i]);
}

static void functions_release(void *state)
{
	struct function_view *f = state;

	pool_release(&f->pool);
	memo_drop(&f->place_memo);
	memo_drop(&f->of_memo);
	memo_drop(&f->hit_memo);
	memo_drop(&f->use_memo);
	memo_drop(&f->call_memo);
	memo_drop(&f->at_memo);
	memo_drop(&f->tally_memo);
	list_release(&f->list);
	list_release(&f->hit_list);
	free(f->uses);
}

/* Of a goroutine; a function is of all hosts. */
static uint32_t functions_host(const struct session *a)
{
	const struct function_view *f = function_view_of(a);

	return f->pane == 1 && f->hit_list.n ? f->rows[list_chosen(&f->hit_list)].hit->host : 0;
}

const struct view function_view_ops = {
	.name = "functions",
	.tab = "Func",
	.wide_tab = "Functions",
	.keys = AT_FUNCTIONS,
	.size = sizeof(struct function_view),
	.release = functions_release,
	.enter = functions_enter,
	.load = functions_load,
	.draw = draw_functions,
	.act = functions_act,
	.list = functions_list,
	.summary = functions_summary,
	.copy = functions_copy,
	.host_of_row = functions_host,
	.follows = true,
	.panes = true,
	.scrolls = true,
	.other_hints = functions_hints,
	.hints = "f find  Enter goroutines  s sort  r own  & filter  e calls  Tab pane  ? help",
	.wide_hints = "f find (words AND, !word NOT, ^ start, Tab scope, Ctrl-T hosts, Ctrl-R regex)  Enter goroutines  s sort  r own  & filter  e calls  Tab pane  ? help",
};

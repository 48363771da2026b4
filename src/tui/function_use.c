/* SPDX-License-Identifier: MIT */
/* How much the functions on the screen are used. A walk through the history answers for 64 at once; what it said is kept. */
#include "view_functions.h"
#include <stdlib.h>

#define AT_ONCE 64

const struct use *use_of_function(const struct function_view *f, uint32_t func_id)
{
	for (size_t i = 0; i < f->n_uses; i++)
		if (f->uses[i].func_id == func_id)
			return &f->uses[i].use;
	return NULL;
}

/* What was known is of another window, host or scope. */
static int begin_anew(struct session *a, struct err *e)
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

static int ask(struct session *a, const uint32_t *ids, size_t n, struct err *e)
{
	struct function_view *f = function_view_of(a);
	struct use *use;

	if (!n)
		return 0;
	if (query_use(a->q, &(struct functions_question){ids, n, a->func.scope, {f->use_memo.key.host, a->from, a->to,
		(size_t)(f->act_w ? f->act_w : 1)}}, &f->use_memo.pool, &use, e) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		GROW(f->uses, f->n_uses, f->cap_uses);
		f->uses[f->n_uses++] = (struct function_use){ids[i], use[i]};
	}
	return 0;
}

/* The rows that the next draw shows. */
static void shown(const struct session *a, size_t *from, size_t *to)
{
	struct list l = function_view_of(a)->list;
	int rows = place_functions(a).functions_h;

	list_show(&l, rows);
	*from = l.top;
	*to = l.top + (size_t)(rows > 0 ? rows : 1);
	if (*to > function_view_of(a)->n)
		*to = function_view_of(a)->n;
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
			ids[i] = f->functions[at + i].func_id;
		if (query_stacks_with(a->q, &(struct functions_question){.func_ids = ids, .n_funcs = n,
			.scope = a->func.scope}, &p, &masks, &n_masks, e) < 0)
			return -1;
		for (size_t h = 0; h < f->n_at; h++)
			for (size_t k = 0; k < f->at[h].n; k++)
				for (uint64_t m = f->at[h].alive[k].stack < n_masks ? masks[f->at[h].alive[k].stack] : 0; m; m &= m - 1)
					f->at_t[at + (size_t)__builtin_ctzll(m)]++;
		pool_release(&p);
	}
	return 0;
}

int load_uses(struct session *a, struct err *e)
{
	struct function_view *f = function_view_of(a);
	uint32_t ids[AT_ONCE] = {0};
	size_t from, to, n = 0;

	if (begin_anew(a, e) < 0)
		return -1;
	shown(a, &from, &to);
	for (size_t i = from; i < to; i++) {
		if (use_of_function(f, f->functions[i].func_id))
			continue;
		ids[n++] = f->functions[i].func_id;
		if (n == AT_ONCE) {
			if (ask(a, ids, n, e) < 0)
				return -1;
			n = 0;
		}
	}
	f->at_t = pool_alloc(&f->pool, (f->n + 1) * sizeof *f->at_t);
	return ask(a, ids, n, e) < 0 ? -1 : count_at_t(a, from, to, e);
}

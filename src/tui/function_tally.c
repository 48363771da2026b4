/* SPDX-License-Identifier: MIT */
/* How many goroutines have each function at T, and how many more or less than before: for the order of the list, which needs all of
 * them, not those on the screen alone. Goroutines are counted by stack first. */
#include "view_functions.h"
#include <stdlib.h>

struct by_stack {
	int64_t *n;       /* by stack */
	size_t cap;
};

static void count_alive(struct by_stack *s, const struct alive *alive, size_t n, int by)
{
	for (size_t i = 0; i < n; i++) {
		size_t stack = alive[i].stack;

		REACH(s->n, s->cap, stack);
		s->n[stack] += by;
	}
}

/* What T is compared with, of one host. */
static int count_before(struct session *a, const struct at_host *at, struct by_stack *change, struct err *e)
{
	struct known base;
	struct pool p = {0};
	struct alive *alive;
	size_t n;
	int rc = session_base(a, at->host, &base, e);

	if (rc < 0 || !base.known)
		return rc;
	rc = query_alive(a->q, &(struct moment){at->host, base.t}, &p, &alive, &n, e);
	if (rc == 0) {
		count_alive(change, at->alive, at->n, 1);
		count_alive(change, alive, n, -1);
	}
	pool_release(&p);
	return rc;
}

static void tell(struct function_view *f, const struct frame *frame, int64_t at_t, int64_t change)
{
	if (frame->func_id && frame->func_id < f->n_tally) {
		f->tally[frame->func_id].at_t += (uint32_t)at_t;
		f->tally[frame->func_id].change += change;
	}
}

static bool stood_before(const struct stack *s, uint32_t i)
{
	for (uint32_t k = 0; k < i; k++)
		if (s->frames[k].func_id == s->frames[i].func_id)
			return true;
	return false;
}

static void tell_stack(struct function_view *f, const struct stack *s, enum scope scope, int64_t at_t, int64_t change)
{
	if (scope == IN_CREATOR)
		tell(f, &s->created, at_t, change);
	for (uint32_t i = 0; scope != IN_CREATOR && i < (scope == IN_LEAF && s->n ? 1 : s->n); i++)
		if (!stood_before(s, i))
			tell(f, &s->frames[i], at_t, change);
}

static int64_t of_stack(const struct by_stack *s, size_t stack)
{
	return stack < s->cap ? s->n[stack] : 0;
}

int tally_functions(struct session *a, uint32_t highest, bool changes, struct err *e)
{
	struct function_view *f = function_view_of(a);
	struct memo_key k = {.host = a->func.this_host ? a->host : 0, .what = {a->func.scope, highest}, .w = changes, .from = a->t,
			     .to = a->use_pin && a->pin != NO_TIME ? a->pin : a->from - a->to, .version = session_version(a)};
	struct by_stack at_t = {0}, change = {0};
	int rc = 0;

	if (memo_holds(&f->tally_memo, &k))
		return 0;
	f->n_tally = (size_t)highest + 1;
	f->tally = pool_alloc(&f->tally_memo.pool, f->n_tally * sizeof *f->tally);
	for (size_t i = 0; i < f->n_at && !rc; i++) {
		count_alive(&at_t, f->at[i].alive, f->at[i].n, 1);
		rc = changes ? count_before(a, &f->at[i], &change, e) : 0;
	}
	for (size_t i = 0; !rc && i < (at_t.cap > change.cap ? at_t.cap : change.cap); i++)
		if (of_stack(&at_t, i) || of_stack(&change, i))
			tell_stack(f, query_stack(a->q, (uint32_t)i), a->func.scope, of_stack(&at_t, i), of_stack(&change, i));
	free(at_t.n);
	free(change.n);
	if (rc < 0)
		memo_drop(&f->tally_memo);
	return rc;
}

/* SPDX-License-Identifier: MIT */
/* View 4: functions by name, as one types, how much each was used, and who had the chosen one on the stack. */
#include "copy.h"
#include "view_functions.h"
#include <stdio.h>
#include <stdlib.h>

static int load(struct session *a, struct err *e)
{
	struct function_view *f = function_view_of(a);
	struct function *all;
	struct err why = {0};

	pool_release(&f->pool);
	f->complaint[0] = '\0';
	if (query_functions(a->q, "", &f->pool, &all, &f->all, e) < 0)
		return -1;
	if (query_find(a->q, &(struct find_question){a->func.pattern, a->func.regex, a->func.scope}, &f->pool,
		&f->functions, &f->n, &why) < 0)
		snprintf(f->complaint, sizeof f->complaint, "%s", why.text);
	list_clamp(&f->list, f->n);
	if (load_alive_at_t(a, e) < 0 || load_uses(a, e) < 0)
		return -1;
	return load_hits(a, e);
}

static struct list *list(const struct session *a)
{
	return function_view_of(a)->pane ? &function_view_of(a)->hit_list : &function_view_of(a)->list;
}

static void open_hit(struct session *a, const struct hit *h)
{
	uint32_t host = h->host, epoch = h->epoch;
	int64_t first = h->first, last = h->last;

	go_goroutine(a, h->id);
	a->host = host;
	a->epoch = epoch;
	if (a->t < first || a->t > last)
		set_time(a, a->t < first ? first : last);
}

static void open_row(struct session *a)
{
	struct function_view *f = function_view_of(a);

	if (f->pane == 0)
		f->pane = f->n_rows > 0;
	else if (f->hit_list.sel < f->n_rows)
		open_hit(a, f->rows[f->hit_list.sel].hit);
}

static bool act(struct session *a, enum action action)
{
	struct function_view *f = function_view_of(a);

	switch (action) {
	case ACT_OPEN: open_row(a); return true;
	case ACT_OLDER: return list_act(&f->list, ACT_UP); /* at the prompt */
	case ACT_NEWER: return list_act(&f->list, ACT_DOWN);
	case ACT_NEXT_PANE: case ACT_PREV_PANE: f->pane = !f->pane; return true;
	case ACT_CALLERS: f->calls = (f->calls + 1) % 3; return true;
	case ACT_SORT:
		f->sort = (enum hit_sort)((f->sort + 1) % HIT_SORTS);
		say(a, "goroutines sorted by %s", hit_sort_name(f->sort));
		return true;
	case ACT_REVERSE: f->reverse = !f->reverse; return true;
	default: return false;
	}
}

/* Of the function or the goroutine; its line is where the function stands on the goroutine's stack. */
static void copy(const struct session *a, int what, struct buf *b)
{
	const struct function_view *f = function_view_of(a);
	const struct hit_row *r = f->hit_list.sel < f->n_rows ? &f->rows[f->hit_list.sel] : NULL;
	const struct stack *s;
	uint32_t stack;

	if (what == 'i' && f->pane == 0 && f->list.sel < f->n)
		copy_name(b, f->functions[f->list.sel].name);
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

static void release(void *state)
{
	struct function_view *f = state;

	pool_release(&f->pool);
	memo_drop(&f->hit_memo);
	memo_drop(&f->use_memo);
	memo_drop(&f->call_memo);
	memo_drop(&f->at_memo);
	free(f->uses);
}

const struct view function_view_ops = {
	.name = "functions",
	.tab = "Func",
	.wide_tab = "Functions",
	.keys = AT_FUNCTIONS,
	.size = sizeof(struct function_view),
	.release = release,
	.load = load,
	.draw = draw_functions,
	.act = act,
	.list = list,
	.sheet = sheet_of_functions,
	.copy = copy,
	.follows = true,
	.hints = "f find  Enter goroutines  s sort  & filter  e calls  Tab pane  q back  ? help",
	.wide_hints = "f find (words AND, !word NOT, ^ start, $ end; Tab scope, Ctrl-T hosts, Ctrl-R regex)  Enter goroutines, then one  s sort  & filter  e calls  Tab pane  ? help",
};

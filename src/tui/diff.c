/* SPDX-License-Identifier: MIT */
/*
 * From the root up to the first frame of another function the two stacks are the same path; a frame there whose line
 * differs is changed. From the leaf down, equal frames are the same again, so that a frame put in between does not mark
 * everything above it. What is left in the middle is changed pairwise, then added or gone.
 */
#include "diff.h"

static const struct frame *from_root(const struct stack *s, uint32_t i)
{
	return &s->frames[s->n - 1 - i];
}

static bool same_func(const struct frame *a, const struct frame *b)
{
	return a->func_id == b->func_id;
}

static bool same_frame(const struct frame *a, const struct frame *b)
{
	return same_func(a, b) && a->file_id == b->file_id && a->line == b->line;
}

static void add(struct goroutine_view *v, const struct frame *f, char mark, bool created)
{
	v->frames[v->n_frames++] = (struct frame_line){f, mark, created};
	v->changed += mark == DIFF_CHANGED;
	v->added += mark == DIFF_ADDED;
	v->gone += mark == DIFF_GONE;
}

static const struct frame elided = {.func = ELIDED_FRAMES};

void stack_diff(struct goroutine_view *v, const struct stack *now, const struct stack *was, bool with_gone)
{
	uint32_t head = 0, tail = 0, a = now->n, b = was ? was->n : now->n, least = a < b ? a : b;

	v->frames = pool_alloc(&v->pool, (size_t)(a + b + 3) * sizeof *v->frames);
	v->n_frames = 0;
	v->changed = v->added = v->gone = 0;
	if (now->created.func)
		add(v, &now->created, DIFF_SAME, true);
	while (was && head < least && same_func(from_root(now, head), from_root(was, head)))
		head++;
	while (was && tail < least - head && same_frame(&now->frames[tail], &was->frames[tail]))
		tail++;
	for (uint32_t i = 0; i < a; i++) {
		const struct frame *f = from_root(now, i);
		char mark = DIFF_SAME;

		if (a - i == stack_elided_at(now))
			add(v, &elided, DIFF_SAME, false);
		if (was && i < head && !same_frame(f, from_root(was, i)))
			mark = DIFF_CHANGED;
		else if (was && i >= head && i < a - tail)
			mark = i < b - tail ? DIFF_CHANGED : DIFF_ADDED;
		add(v, f, mark, false);
	}
	for (uint32_t i = a - tail; was && i < b - tail; i++) {
		if (i < head)
			continue;
		if (with_gone)
			add(v, from_root(was, i), DIFF_GONE, false);
		else
			v->gone++;
	}
}

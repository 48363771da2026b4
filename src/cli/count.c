/* SPDX-License-Identifier: MIT */
/*
 * A group's key is the text it is printed as: equal text, equal group. The key of each goroutine is written into a
 * buffer, hashed, and looked up; only a new group's key is kept.
 */
#include "count.h"
#include <gscrape/grouped.h>
#include <gscrape/text.h>
#include <stdio.h>
#include <stdlib.h>

static void add_place(struct buf *b, const struct dump_frame *f)
{
	if (!f->file.n)
		return;
	buf_add(b, f->file.p, f->file.n);
	buf_addf(b, ":%u\n", f->line);
}

static void add_frame(struct buf *b, const struct dump_frame *f)
{
	if (f->kind == FRAME_ELIDED) {
		if (f->elided)
			buf_addf(b, "...%u frames elided...\n", f->elided);
		else
			buf_adds(b, "...additional frames elided...\n");
		return;
	}
	func_display(b, f->func);
	buf_putc(b, '\n');
	add_place(b, f);
}

static void add_stack(struct buf *b, const struct dump_goroutine *g)
{
	for (size_t i = 0; i < g->n_frames; i++)
		add_frame(b, &g->frames[i]);
	if (g->created_by.func.n) {
		buf_adds(b, "created by ");
		add_frame(b, &g->created_by);
	}
}

static void frame_json(struct jw *j, const struct dump_frame *f)
{
	struct buf name = {0};

	func_display(&name, f->func);
	jw_obj(j);
	jw_key(j, "func");
	jw_strn(j, name.p, name.n);
	if (f->file.n) {
		jw_key(j, "file");
		jw_strn(j, f->file.p, f->file.n);
		jw_kuint(j, "line", f->line);
	}
	jw_end(j);
	buf_release(&name);
}

/* The members of an object and the brace behind them. */
static char *stack_json(struct pool *p, const struct dump_goroutine *g)
{
	struct buf b = {0};
	struct jw j = {.out = &b};
	char *text;

	jw_obj(&j);
	jw_key(&j, "frames");
	jw_arr(&j);
	for (size_t i = 0; i < g->n_frames; i++)
		if (g->frames[i].kind != FRAME_ELIDED)
			frame_json(&j, &g->frames[i]);
	jw_end(&j);
	jw_kuint(&j, "elided", g->elided);
	if (g->created_by.func.n) {
		jw_key(&j, "created_by");
		frame_json(&j, &g->created_by);
	}
	jw_end(&j);
	text = pool_strndup(p, b.p + 1, b.n - 1);
	buf_release(&b);
	return text;
}

static struct count_group *group_of(struct count *c, struct str state, struct str stack, const struct dump_goroutine *g)
{
	uint64_t hash = hash64(stack.p, stack.n) ^ hash64(state.p, state.n);
	struct count_group *found;
	uint32_t at;

	HASH_FIND(&c->index, hash, at, str_eq(str_of(c->groups[at].stack), stack) && str_eq(str_of(c->groups[at].state), state));
	if (at != HASH_NONE)
		return &c->groups[at];
	GROW(c->groups, c->n, c->cap);
	hash_put(&c->index, hash, (uint32_t)c->n);
	found = &c->groups[c->n++];
	*found = (struct count_group){.state = pool_strndup(&c->pool, state.p, state.n),
				      .stack = pool_strndup(&c->pool, stack.p, stack.n), .json = stack_json(&c->pool, g)};
	return found;
}

static int by_count(const void *a, const void *b)
{
	const struct count_group *x = a, *y = b;
	int d;

	if (x->count != y->count)
		return x->count < y->count ? 1 : -1;
	d = strcmp(x->state, y->state);
	return d ? d : strcmp(x->stack, y->stack);
}

void count_text(struct count *c, struct str text)
{
	struct dump d = {.text = text};
	struct buf state = {0}, stack = {0};

	while (dump_next(&d)) {
		buf_reset(&state);
		buf_reset(&stack);
		buf_add(&state, d.g.head.state.p, d.g.head.state.n);
		buf_adds(&state, d.g.head.flags & DUMP_LEAKED ? " (leaked)" : "");
		buf_adds(&stack, "");
		add_stack(&stack, &d.g);
		group_of(c, (struct str){state.p, state.n}, (struct str){stack.p, stack.n}, &d.g)->count++;
		c->total++;
	}
	c->skipped = d.skipped_lines;
	if (c->n)
		qsort(c->groups, c->n, sizeof *c->groups, by_count);
	dump_release(&d);
	buf_release(&state);
	buf_release(&stack);
}

void count_groups(struct count *c, struct str text)
{
	struct grouped d = {.text = text};
	struct buf stack = {0};

	while (grouped_next(&d)) {
		struct dump_goroutine g = {.frames = d.g.frames, .n_frames = d.g.n};

		buf_reset(&stack);
		buf_adds(&stack, "");
		add_stack(&stack, &g);
		group_of(c, (struct str){"", 0}, (struct str){stack.p, stack.n}, &g)->count += d.g.count;
		c->total += d.g.count;
	}
	if (c->n)
		qsort(c->groups, c->n, sizeof *c->groups, by_count);
	grouped_release(&d);
	buf_release(&stack);
}

void count_release(struct count *c)
{
	free(c->groups);
	hash_release(&c->index);
	pool_release(&c->pool);
	*c = (struct count){0};
}

void count_write(const struct count *c, struct buf *out)
{
	buf_addf(out, "goroutine profile: total %zu\n", c->total);
	for (size_t i = 0; i < c->n; i++) {
		const struct count_group *g = &c->groups[i];

		buf_addf(out, "\n%zu", g->count);
		if (*g->state) {
			buf_adds(out, " [");
			buf_add_visible(out, g->state, strlen(g->state));
			buf_putc(out, ']');
		}
		buf_putc(out, '\n');
		for (const char *p = g->stack, *end; *p; p = end + 1) {
			end = strchr(p, '\n');
			buf_adds(out, "#\t");
			buf_add_visible(out, p, (size_t)(end - p));
			buf_putc(out, '\n');
		}
	}
}

void count_write_json(const struct count *c, const struct count_from *from, struct buf *out)
{
	for (size_t i = 0; i < c->n; i++) {
		struct jw j = {.out = out};

		jw_obj(&j);
		if (from->file)
			jw_kstr(&j, "file", from->file);
		if (from->inner)
			jw_kstr(&j, "inner", from->inner);
		if (from->origin)
			jw_kstr(&j, "origin", from->origin);
		if (from->moment)
			jw_kuint(&j, "moment", from->moment);
		jw_kuint(&j, "count", c->groups[i].count);
		if (*c->groups[i].state)
			jw_kstr(&j, "state", c->groups[i].state);
		buf_addf(out, ",%s\n", c->groups[i].json);
	}
}

/* SPDX-License-Identifier: MIT */
/*
 * Goroutines as Go prints them (debug=2), for tools that read dumps. Arguments are not kept: three dots stand for them. Or equal
 * ones together with their number, as --count writes them.
 */
#include "room.h"
#include <inttypes.h>
#include <gscrape/system.h>
#include <gscrape/text.h>
#include <stdio.h>
#include <stdlib.h>

struct writing {
	struct query *q;
	const struct sink *to;
};

static void add_call(struct buf *b, const char *before, const struct frame *f, const char *after)
{
	buf_adds(b, before);
	buf_adds(b, f->func);
	buf_adds(b, after);
	buf_addf(b, "\n\t%s:%u\n", f->file ? f->file : "?", f->line);
}

static void add_goroutine(struct buf *b, const struct alive *g, int64_t at, const struct stack *s)
{
	int64_t minutes = g->waits == NO_TIME ? 0 : (at - g->waits) / 60000;
	char parent[40];

	buf_addf(b, "goroutine %" PRIu64 " [%s%s", g->id, g->state, g->flags & DUMP_LEAKED ? " (leaked)" : "");
	if (minutes)
		buf_addf(b, ", %" PRId64 " minutes", minutes);
	buf_adds(b, g->flags & DUMP_LOCKED ? ", locked to thread]" : "]");
	if (g->labels[0])
		buf_addf(b, " {%s}", g->labels);
	buf_adds(b, ":\n");
	for (uint32_t i = 0; i < s->n; i++) {
		if (i == stack_elided_at(s))
			buf_adds(b, "...additional frames elided...\n");
		add_call(b, "", &s->frames[i], "(...)");
	}
	snprintf(parent, sizeof parent, " in goroutine %" PRIu64, g->parent);
	if (s->created.func)
		add_call(b, "created by ", &s->created, g->parent ? parent : "");
	buf_putc(b, '\n');
}

static bool write_host(void *ctx, const struct host *h, const struct snapshot *s, const struct alive *a, size_t n)
{
	struct writing *w = ctx;

	(void)h;
	for (size_t i = 0; i < n; i++) {
		add_goroutine(w->to->text, &a[i], s->time, query_stack(w->q, a[i].stack));
		if (!w->to->ready(w->to->ctx, (double)i / (double)n))
			return false;
	}
	return true;
}

/* --- equal ones together --- */

struct equal {
	const struct alive *g;
	size_t n;
};

static int by_stack(const void *pa, const void *pb)
{
	const struct alive *a = pa, *b = pb;

	if (a->stack != b->stack)
		return a->stack < b->stack ? -1 : 1;
	return a->state_id != b->state_id ? (a->state_id < b->state_id ? -1 : 1) : (a->id > b->id) - (a->id < b->id);
}

static int dump_most_first(const void *pa, const void *pb, void *q)
{
	const struct equal *a = pa, *b = pb;
	int d = strcmp(a->g->state, b->g->state);

	if (a->n != b->n)
		return a->n > b->n ? -1 : 1;
	return d ? d : query_stack_order(q, a->g->stack, b->g->stack);
}

static void add_line(struct buf *b, const char *before, const struct frame *f)
{
	buf_addf(b, "#\t%s", before);
	buf_add_visible(b, f->func, strlen(f->func));
	if (f->file) {
		buf_adds(b, "\n#\t");
		buf_add_visible(b, f->file, strlen(f->file));
		buf_addf(b, ":%u", f->line);
	}
	buf_putc(b, '\n');
}

static void add_equal(struct buf *b, struct query *q, const struct equal *x)
{
	const struct stack *s = query_stack(q, x->g->stack);

	buf_addf(b, "\n%zu [", x->n);
	buf_add_visible(b, x->g->state, strlen(x->g->state));
	buf_adds(b, "]\n");
	for (uint32_t i = 0; i < s->n; i++) {
		if (i == stack_elided_at(s))
			buf_adds(b, "#\t...additional frames elided...\n");
		add_line(b, "", &s->frames[i]);
	}
	if (s->created.func)
		add_line(b, "created by ", &s->created);
}

static bool write_grouped(void *ctx, const struct host *h, const struct snapshot *s, const struct alive *a, size_t n)
{
	struct writing *w = ctx;
	struct alive *all = xcalloc(n + 1, sizeof *all);
	struct equal *x = xcalloc(n + 1, sizeof *x);
	bool more = true;
	size_t m = 0;

	(void)h;
	(void)s;
	memcpy(all, a, n * sizeof *all);
	qsort(all, n, sizeof *all, by_stack);
	for (size_t i = 0; i < n; i++) {
		if (!i || all[i].stack != all[i - 1].stack || all[i].state_id != all[i - 1].state_id)
			x[m++].g = &all[i];
		x[m - 1].n++;
	}
	sort_with(x, m, sizeof *x, dump_most_first, w->q);
	buf_addf(w->to->text, "goroutine profile: total %zu\n", n);
	for (size_t i = 0; i < m && more; i++) {
		add_equal(w->to->text, w->q, &x[i]);
		more = w->to->ready(w->to->ctx, (double)i / (double)m);
	}
	free(all);
	free(x);
	return more;
}

int export_grouped(struct query *q, const struct export_ask *ask, const struct sink *to, struct err *e)
{
	if (ask->n_hosts > 1)
		return fail_as(e, ERR_USAGE, "a dump is of one process: name one of the %zu hosts with --host", ask->n_hosts);
	return each_alive(q, ask, write_grouped, &(struct writing){q, to}, e);
}

int export_dump(struct query *q, const struct export_ask *ask, const struct sink *to, struct err *e)
{
	if (ask->n_hosts > 1)
		return fail_as(e, ERR_USAGE, "a dump is of one process: name one of the %zu hosts with --host", ask->n_hosts);
	return each_alive(q, ask, write_host, &(struct writing){q, to}, e);
}

/* SPDX-License-Identifier: MIT */
/* Goroutines as Go prints them (debug=2), for tools that read dumps. Arguments are not kept: three dots stand for them. */
#include "room.h"
#include <inttypes.h>
#include <stdio.h>

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

int export_dump(struct query *q, const struct export_ask *ask, const struct sink *to, struct err *e)
{
	if (ask->n_hosts > 1)
		return fail_as(e, ERR_USAGE, "a dump is of one process: name one of the %zu hosts with --host", ask->n_hosts);
	return each_alive(q, ask, write_host, &(struct writing){q, to}, e);
}

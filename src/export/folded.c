/* SPDX-License-Identifier: MIT */
/* A line per stack, root first, with how many goroutines stood there; over a window, in how many snapshots each did. */
#include "room.h"
#include "counter_map.h"
#include <gscrape/text.h>
#include <inttypes.h>
#include <stdlib.h>

struct folding {
	struct query *q;
	const struct export_ask *ask;
	const struct sink *to;
	struct counter_map stacks; /* stack, state: n */
	size_t host;         /* which one is read */
};

static void folded_count(struct folding *f, uint32_t stack, const char *state, int64_t n)
{
	const uint64_t key[COUNTER_KEY] = {stack, f->ask->with_state ? COUNTER_PTR(state) : 0};

	counter_row(&f->stacks, key)->n += n;
}

static bool take_run(void *ctx, const struct window_run *t)
{
	struct folding *f = ctx;

	if (filter_accepts_run(f->ask->where, f->q, f->ask->hosts[f->host].name, t))
		folded_count(f, t->run.stack, t->run.state, t->run.samples);
	return f->to->ready(f->to->ctx, ((double)f->host + t->done) / (double)f->ask->n_hosts);
}

/* What separates frames, or a stack from its count, is none inside a name. */
static void add_name(struct buf *out, const char *s)
{
	size_t from = out->n;

	buf_add_visible(out, s, strlen(s));
	for (size_t i = from; i < out->n; i++)
		out->p[i] = out->p[i] == ';' ? ':' : out->p[i] == ' ' ? '_' : out->p[i];
}

static void add_stack(struct folding *f, const struct counter_row *row, struct buf *out)
{
	const struct stack *s = query_stack(f->q, (uint32_t)row->key[0]);
	const char *state = (const char *)(uintptr_t)row->key[1];
	uint32_t elided = stack_elided_at(s);

	if (!s->n)
		buf_adds(out, "(no_frames)");
	if (elided == s->n)
		buf_adds(out, s->n ? "(frames_elided);" : "(frames_elided)");
	for (uint32_t i = s->n; i-- > 0;) {
		add_name(out, s->frames[i].func);
		buf_adds(out, i ? ";" : "");
		if (i == elided && i)
			buf_adds(out, "(frames_elided);");
	}
	if (state) {
		buf_adds(out, ";[");
		add_name(out, state);
		buf_putc(out, ']');
	}
	buf_putc(out, '\0');
}

struct line {
	const char *text;
	int64_t n;
};

static int by_text(const void *pa, const void *pb)
{
	return strcmp(((const struct line *)pa)->text, ((const struct line *)pb)->text);
}

/* Stacks that differ in file and line alone are the same text: one line. In the order of the text. */
static void write_lines(struct folding *f)
{
	struct line *lines = xcalloc(f->stacks.n + 1, sizeof *lines);
	size_t *at = xcalloc(f->stacks.n + 1, sizeof *at), k;
	struct buf texts = {0};

	for (size_t i = 0; i < f->stacks.n; i++) {
		at[i] = texts.n;
		add_stack(f, &f->stacks.rows[i], &texts);
	}
	for (size_t i = 0; i < f->stacks.n; i++)
		lines[i] = (struct line){texts.p + at[i], f->stacks.rows[i].n};
	qsort(lines, f->stacks.n, sizeof *lines, by_text);
	for (size_t i = 0; i < f->stacks.n; i = k) {
		int64_t n = 0;

		for (k = i; k < f->stacks.n && by_text(&lines[k], &lines[i]) == 0; k++)
			n += lines[k].n;
		if (n)
			buf_addf(f->to->text, "%s %" PRId64 "\n", lines[i].text, n);
		if (!f->to->ready(f->to->ctx, 1))
			break;
	}
	free(lines);
	free(at);
	buf_release(&texts);
}

/* 1 counted, 0 nothing is known of the host then, -1. */
static int count_now(struct folding *f, struct err *e)
{
	const struct host *h = &f->ask->hosts[f->host];
	struct pool p = {0};
	struct known k;
	struct alive *g;
	size_t n = 0;
	int rc = query_known(f->q, h->id, f->ask->at, &k, e) < 0 ? -1 : k.known;

	if (rc == 1 && query_alive(f->q, &(struct moment){h->id, k.text.time}, &p, &g, &n, e) < 0)
		rc = -1;
	if (rc == 1 && filter_alive(f->ask->where, f->q, &(struct moment){h->id, k.text.time}, g, &n, e) < 0)
		rc = -1;
	for (size_t i = 0; rc == 1 && i < n; i++)
		folded_count(f, g[i].stack, g[i].state, 1);
	pool_release(&p);
	return rc;
}

int export_folded(struct query *q, const struct export_ask *ask, const struct sink *to, struct err *e)
{
	bool window = ask->from != NO_TIME || ask->to != NO_TIME;
	struct folding f = {.q = q, .ask = ask, .to = to};
	size_t counted = 0;
	int rc = window ? something_within(q, ask, e) : 0;

	for (; f.host < ask->n_hosts && rc >= 0; f.host++) {
		rc = window ? query_runs(q, &(struct window){.host = ask->hosts[f.host].id, .from = ask->from,
			.to = ask->to}, take_run, &f,
			e) : count_now(&f, e);
		counted += rc == 1;
	}
	if (rc >= 0 && !window && !counted)
		rc = nothing_at(q, ask, ask->at, e);
	if (rc >= 0)
		rc = filter_gave_up(ask->where, e);
	if (rc >= 0)
		write_lines(&f);
	counter_map_release(&f.stacks);
	return rc < 0 ? -1 : 0;
}

/* SPDX-License-Identifier: MIT */
/*
 * gscrape's five routes, as scripts know them: times are seconds, hosts are named as their archive folder is.
 *
 * Where gscrape was wrong we are right: a process's lives are not merged (the newest that has the id is told), what is
 * empty is [] and never null, and the one entry of `k` that depends on words we do not keep is uniform: every call is
 * written with (...), whatever its arguments were.
 */
#include "server.h"
#include <gscrape/archive.h>
#include <stdio.h>
#include <stdlib.h>

#define PIECE 128      /* snapshots at a time */
#define STACKS_KEPT 16

static void seconds(struct jw *j, const char *key, int64_t t)
{
	jw_kint(j, key, t == NO_TIME ? 0 : t / 1000);
}

static void host_name(struct jw *j, const char *host)
{
	char *folder = archive_folder(host);

	jw_str(j, folder);
	free(folder);
}

int answer_gscrape_hosts(struct request *r, struct err *e)
{
	size_t n;
	const struct host *hosts = query_hosts(r->q, &n);

	(void)e;
	jw_arr(&r->j);
	for (size_t i = 0; i < n; i++)
		host_name(&r->j, hosts[i].name);
	jw_end(&r->j);
	return 0;
}

/* --- /api/goroutine --- */

/* What the view of the store may forget between two pieces is in the request's pool: states, the creation site, stacks. */
struct text {
	char *p;
	size_t n, cap;
};

struct entries {
	struct life life;
	const char *created;
	size_t run;        /* the one after that whose span is open */
	struct span span;
	struct text rest;  /* of that run's entries, behind their time */
	struct {
		uint32_t stack;
		struct text json; /* as a JSON string */
	} shown[STACKS_KEPT]; /* by the stack's number */
};

static void text_set(struct text *t, struct pool *p, const struct buf *b)
{
	if (b->n > t->cap) {
		t->cap = 2 * b->n;
		t->p = pool_alloc(p, t->cap);
	}
	memcpy(t->p, b->p, b->n);
	t->n = b->n;
}

static const char *created_text(struct request *r, const struct frame *created)
{
	if (!created->func)
		return "";
	return pool_printf(&r->pool, "created by %s\n%s:%u\n", created->func, created->file ? created->file : "", created->line);
}

/* A stack as the dump had it, without arguments. */
static void stack_text(struct buf *b, const struct stack *s, const char *created)
{
	uint32_t elided = stack_elided_at(s);

	for (uint32_t i = 0; i < s->n; i++) {
		if (i == elided)
			buf_adds(b, ELIDED_FRAMES "\n");
		buf_adds(b, s->frames[i].func);
		buf_adds(b, "(...)\n");
		if (s->frames[i].file)
			buf_addf(b, "%s:%u\n", s->frames[i].file, s->frames[i].line);
	}
	if (elided == s->n)
		buf_adds(b, ELIDED_FRAMES "\n");
	buf_adds(b, created);
}

/* Most goroutines go round between a few stacks: each is written once, not for every run. */
static const struct text *stack_json(struct request *r, struct entries *x, uint32_t stack)
{
	struct text *t = &x->shown[stack % STACKS_KEPT].json;
	struct buf text = {0}, quoted = {0};
	struct jw j = {.out = &quoted};

	if (t->p && x->shown[stack % STACKS_KEPT].stack == stack)
		return t;
	stack_text(&text, query_stack(r->q, stack), x->created);
	jw_strn(&j, text.n ? text.p : "", text.n ? text.n - 1 : 0);
	text_set(t, &r->pool, &quoted);
	x->shown[stack % STACKS_KEPT].stack = stack;
	buf_release(&text);
	buf_release(&quoted);
	return t;
}

static void begin_run(struct request *r, struct entries *x)
{
	const struct run *run = &x->life.runs[x->run++];
	const struct text *stack = stack_json(r, x, run->stack);
	struct buf b = {0};
	struct jw j = {.out = &b};

	x->span = (struct span){r->q, x->life.host, run->from_seq, run->to_seq};
	jw_obj(&j);
	jw_kstr(&j, "s", run->state);
	jw_key(&j, "k");
	jw_raw(&j, stack->p, stack->n);
	if (x->life.parent)
		jw_kuint(&j, "c", x->life.parent);
	jw_end(&j);
	b.p[0] = ','; /* instead of the brace: the time goes first */
	text_set(&x->rest, &r->pool, &b);
	buf_release(&b);
}

static int more_entries(struct request *r, struct err *e)
{
	struct entries *x = r->more_ctx;
	struct snapshot snaps[PIECE];
	size_t n, enough = r->out.n + MORE_BYTES;

	(void)e;
	while (r->out.n < enough) {
		if (x->span.seq > x->span.last) {
			if (x->run == x->life.n) {
				jw_end(&r->j);
				jw_end(&r->j);
				return 0;
			}
			begin_run(r, x);
		}
		n = span_ticks(&x->span, snaps, PIECE);
		for (size_t i = 0; i < n; i++) {
			if (!snap_has_text(snaps[i].status))
				continue;
			jw_raw(&r->j, "{\"t\":", 5);
			r->j.after_key = true;
			jw_int(&r->j, snaps[i].time / 1000);
			buf_add(&r->out, x->rest.p, x->rest.n);
		}
	}
	return 1;
}

int answer_gscrape_goroutine(struct request *r, struct err *e)
{
	struct entries *x = pool_alloc(&r->pool, sizeof *x);
	const char *state = NULL, *kept = NULL;

	x->span.seq = 1;
	if (asked_goroutine(r, &x->life, e) < 0)
		return -1;
	x->created = created_text(r, &x->life.created);
	for (size_t i = 0; i < x->life.n; i++) {
		struct run *run = &x->life.runs[i];

		if (!kept || run->state != state)
			kept = pool_strndup(&r->pool, run->state, strlen(run->state));
		state = run->state;
		run->state = kept;
	}
	jw_obj(&r->j);
	jw_key(&r->j, "e");
	jw_arr(&r->j);
	r->more = more_entries;
	r->more_ctx = x;
	return 0;
}

/* --- /api/search --- */

static int text_order(const void *pa, const void *pb)
{
	char a[24], b[24];

	snprintf(a, sizeof a, "%llu", (unsigned long long)*(const uint64_t *)pa);
	snprintf(b, sizeof b, "%llu", (unsigned long long)*(const uint64_t *)pb);
	return strcmp(a, b);
}

static int found(struct request *r, uint32_t host, uint64_t id, struct err *e)
{
	struct pool p = {0};
	struct life l;
	uint32_t samples = 0;
	int rc = query_goroutine(r->q, &(struct life_question){host, 0, id, NO_TIME}, &p, &l, e);

	if (rc > 0) {
		char text[24];

		for (size_t i = 0; i < l.n; i++)
			samples += l.runs[i].samples;
		snprintf(text, sizeof text, "%llu", (unsigned long long)id);
		jw_obj(&r->j);
		jw_kstr(&r->j, "id", text);
		jw_kuint(&r->j, "count", samples);
		seconds(&r->j, "first", l.first);
		seconds(&r->j, "last", l.last);
		jw_end(&r->j);
	}
	pool_release(&p);
	return rc < 0 ? -1 : 0;
}

/* Only those that have the digits somewhere. */
static size_t with_digits(uint64_t *ids, size_t n, const char *digits)
{
	size_t kept = 0;

	for (size_t i = 0; i < n; i++) {
		char text[24];

		snprintf(text, sizeof text, "%llu", (unsigned long long)ids[i]);
		if (strstr(text, digits))
			ids[kept++] = ids[i];
	}
	return kept;
}

/* The first 100 in the order of text, as gscrape; but more can be asked for, and a header says when there are more. */
int answer_gscrape_search(struct request *r, struct err *e)
{
	const struct host *h = asked_host(r, e);
	size_t n, limit = param(r, "limit")->number;
	uint64_t *ids;

	if (!h || query_ids(r->q, &(struct ids_question){{h->id, NO_TIME}, "", SIZE_MAX}, &r->pool, &ids, &n, e) < 0)
		return -1;
	n = with_digits(ids, n, param(r, "id")->text);
	if (n)
		qsort(ids, n, sizeof *ids, text_order);
	if (n > limit) {
		r->note[0] = "X-Total-Count";
		r->note[1] = pool_printf(&r->pool, "%zu", n);
	}
	jw_arr(&r->j);
	for (size_t i = 0; i < n && i < limit; i++)
		if (found(r, h->id, ids[i], e) < 0)
			return -1;
	jw_end(&r->j);
	return 0;
}

/* --- /api/stats --- */

/* A host's two lists are of equal length, whatever is recorded or expires while they are sent. */
struct stats {
	struct host *hosts; /* as they were at the beginning */
	size_t n, host;
	bool begun, open;   /* a host; its first list */
	struct span span;
	uint32_t *counts;   /* the second one: this host's so far, and how many of them are sent */
	size_t n_counts, sent, cap;
};

static int begin_host(struct request *r, struct stats *x, struct err *e)
{
	const struct host *h = &x->hosts[x->host];
	size_t most;

	if (span_open(&x->span, r->q, h->id, h->first, h->last, e) < 0)
		return -1;
	most = x->span.last - x->span.seq + 1;
	if (most > x->cap) {
		x->cap = 2 * most;
		x->counts = pool_alloc(&r->pool, x->cap * sizeof *x->counts);
	}
	x->n_counts = x->sent = 0;
	x->begun = x->open = true;
	jw_obj(&r->j);
	jw_kstr(&r->j, "host", h->name);
	jw_key(&r->j, "timestamps");
	jw_arr(&r->j);
	return 1;
}

static int more_times(struct request *r, struct stats *x)
{
	struct snapshot snaps[PIECE];
	size_t n = span_ticks(&x->span, snaps, PIECE);

	for (size_t i = 0; i < n; i++) {
		if (snaps[i].status == SNAP_FAILED)
			continue;
		jw_int(&r->j, snaps[i].time / 1000);
		x->counts[x->n_counts++] = snaps[i].goroutines;
	}
	if (x->span.seq <= x->span.last)
		return 1;
	jw_end(&r->j);
	jw_key(&r->j, "counts");
	jw_arr(&r->j);
	x->open = false;
	return 1;
}

static int more_counts(struct request *r, struct stats *x)
{
	size_t to = x->n_counts - x->sent > PIECE ? x->sent + PIECE : x->n_counts;

	for (; x->sent < to; x->sent++)
		jw_uint(&r->j, x->counts[x->sent]);
	if (x->sent < x->n_counts)
		return 1;
	jw_end(&r->j);
	jw_end(&r->j);
	x->host++;
	x->begun = false;
	return 1;
}

static int more_stats(struct request *r, struct err *e)
{
	struct stats *x = r->more_ctx;

	if (x->open)
		return more_times(r, x);
	if (x->begun)
		return more_counts(r, x);
	if (x->host < x->n)
		return begin_host(r, x, e);
	jw_end(&r->j);
	return 0;
}

int answer_gscrape_stats(struct request *r, struct err *e)
{
	struct stats *x = pool_alloc(&r->pool, sizeof *x);
	const struct host *hosts = query_hosts(r->q, &x->n);

	(void)e;
	x->hosts = pool_alloc(&r->pool, (x->n + 1) * sizeof *x->hosts);
	for (size_t i = 0; i < x->n; i++) {
		char *folder = archive_folder(hosts[i].name);

		x->hosts[i] = hosts[i];
		x->hosts[i].name = pool_strndup(&r->pool, folder, strlen(folder));
		free(folder);
	}
	r->more_ctx = x;
	r->more = more_stats;
	jw_arr(&r->j);
	return 0;
}

/* --- /api/children --- */

/* The two outermost functions, as gscrape names a child: "bufio.(*Reader).Peek -> http.(*conn).serve". */
static void funcs(struct jw *j, const struct stack *s)
{
	struct buf b = {0};

	for (size_t i = s->n > 2 ? s->n - 2 : 0; i < s->n; i++)
		buf_addf(&b, "%s%s", b.n ? " -> " : "", short_func(s->frames[i].func));
	jw_key(j, "funcs");
	jw_strn(j, b.n ? b.p : "", b.n);
	buf_release(&b);
}

int answer_gscrape_children(struct request *r, struct err *e)
{
	struct child *c;
	size_t n;

	if (asked_children(r, &c, &n, e) < 0)
		return -1;
	jw_arr(&r->j);
	for (size_t i = 0; i < n; i++) {
		jw_obj(&r->j);
		jw_kuint(&r->j, "id", c[i].id);
		funcs(&r->j, query_stack(r->q, c[i].stack));
		seconds(&r->j, "first", c[i].first);
		seconds(&r->j, "last", c[i].last);
		jw_end(&r->j);
	}
	jw_end(&r->j);
	return 0;
}

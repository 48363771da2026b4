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

#define PIECE 512 /* snapshots at a time */

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

struct entries {
	struct life life;
	size_t run;
	struct span span;  /* of that run */
	uint32_t text_of;  /* the stack that `text` shows */
	char *text;
};

/* A stack as the dump had it, without arguments. */
static char *stack_text(struct request *r, const struct stack *s, const struct frame *created)
{
	struct buf b = {0};
	char *out;

	for (size_t i = 0; i < s->n; i++) {
		buf_addf(&b, "%s(...)\n", s->frames[i].func);
		if (s->frames[i].file)
			buf_addf(&b, "%s:%u\n", s->frames[i].file, s->frames[i].line);
	}
	if (created->func)
		buf_addf(&b, "created by %s\n%s:%u\n", created->func, created->file ? created->file : "", created->line);
	out = pool_strndup(&r->pool, b.n ? b.p : "", b.n ? b.n - 1 : 0);
	buf_release(&b);
	return out;
}

static void entry(struct request *r, struct entries *x, const struct run *run, const struct snapshot *snap)
{
	struct jw *j = &r->j;

	jw_obj(j);
	seconds(j, "t", snap->time);
	jw_kstr(j, "s", run->state);
	jw_kstr(j, "k", x->text);
	if (x->life.parent)
		jw_kuint(j, "c", x->life.parent);
	jw_end(j);
}

static int more_entries(struct request *r, struct err *e)
{
	struct entries *x = r->more_ctx;
	struct pool p = {0};
	struct snapshot *snaps;
	size_t n = 0;

	while (x->span.seq > x->span.last) {
		const struct run *run;

		if (x->run == x->life.n) {
			jw_end(&r->j);
			jw_end(&r->j);
			return 0;
		}
		run = &x->life.runs[x->run++];
		x->span = (struct span){x->life.host, run->from_seq, run->to_seq};
		if (!x->text || x->text_of != run->stack)
			x->text = stack_text(r, query_stack(r->q, run->stack), &x->life.created);
		x->text_of = run->stack;
	}
	if (span_next(&x->span, r->q, PIECE, &p, &snaps, &n, e) < 0) {
		pool_release(&p);
		return -1;
	}
	for (size_t i = 0; i < n; i++)
		if (snap_has_text(snaps[i].status))
			entry(r, x, &x->life.runs[x->run - 1], &snaps[i]);
	pool_release(&p);
	return 1;
}

int answer_gscrape_goroutine(struct request *r, struct err *e)
{
	struct entries *x = pool_alloc(&r->pool, sizeof *x);

	x->span.seq = 1;
	if (asked_goroutine(r, &x->life, e) < 0)
		return -1;
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
	int rc = query_goroutine(r->q, host, 0, NO_TIME, id, &p, &l, e);

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

	if (!h || query_ids(r->q, h->id, NO_TIME, "", SIZE_MAX, &r->pool, &ids, &n, e) < 0)
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

struct stats {
	size_t host;
	bool counts; /* the second of the two lists */
	bool open;   /* its span is */
	struct span span;
};

/* The next list, or the next host; 0 when all are done. */
static int next_list(struct request *r, struct stats *x, struct err *e)
{
	size_t n;
	const struct host *hosts = query_hosts(r->q, &n), *h;

	if (x->open) {
		jw_end(&r->j);
		if (x->counts) {
			jw_end(&r->j);
			x->host++;
		}
		x->counts = !x->counts;
	}
	if (x->host >= n) {
		jw_end(&r->j);
		return 0;
	}
	h = &hosts[x->host];
	if (!x->counts) {
		jw_obj(&r->j);
		jw_key(&r->j, "host");
		host_name(&r->j, h->name);
	}
	jw_key(&r->j, x->counts ? "counts" : "timestamps");
	jw_arr(&r->j);
	x->open = true;
	return span_open(&x->span, r->q, h->id, h->first, h->last, e) < 0 ? -1 : 1;
}

static int more_stats(struct request *r, struct err *e)
{
	struct stats *x = r->more_ctx;
	struct pool p = {0};
	struct snapshot *snaps;
	size_t n;
	int rc;

	if (!x->open || x->span.seq > x->span.last)
		return next_list(r, x, e);
	rc = span_next(&x->span, r->q, PIECE, &p, &snaps, &n, e);
	for (size_t i = 0; rc > 0 && i < n; i++) {
		if (snaps[i].status == SNAP_FAILED)
			continue;
		if (x->counts)
			jw_uint(&r->j, snaps[i].goroutines);
		else
			jw_int(&r->j, snaps[i].time / 1000);
	}
	pool_release(&p);
	return rc < 0 ? -1 : 1;
}

int answer_gscrape_stats(struct request *r, struct err *e)
{
	(void)e;
	r->more_ctx = pool_alloc(&r->pool, sizeof(struct stats));
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
	struct life l;
	struct child *c;
	size_t n;

	if (asked_goroutine(r, &l, e) < 0 || query_children(r->q, l.host, l.epoch, l.id, &r->pool, &c, &n, e) < 0)
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

/* SPDX-License-Identifier: MIT */
/* service.h: a service played as dumps, one a second, through the real recorder and store; and who is suspected. With cmocka. */
#ifndef TESTS_SERVICE_H
#define TESTS_SERVICE_H

#include <gscrape/insight.h>
#include <gscrape/recorder.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#define T0 1790000000000 /* ms */
#define MODULE "/go/pkg/mod/example.org/lib@v1.0.0"

/* Goroutines `site` started that are in `place`, from second `born` on until `ends` (0: for ever). */
struct worker {
	uint64_t id;
	const char *site, *place, *state, *arg;
	int born, ends;
	uint64_t parent; /* 0: the dump does not say */
	const char *from; /* the frame that called place, NULL none */
	bool fetched;     /* place and site are of a module that was fetched */
};

struct service {
	char db[256];
	struct worker *a;
	size_t n, cap;
	uint64_t next_id;
	struct query *q;
	struct pool p;
	struct suspect *s;
	size_t n_s;
	struct leak_notes notes;
};

static inline void begin(struct service *v)
{
	const char *tmp = getenv("TMP");
	static int n;

	*v = (struct service){.next_id = 10};
	snprintf(v->db, sizeof v->db, "%s/leaks%d.db", tmp ? tmp : "/tmp", n++);
	unlink(v->db);
}

static inline void start(struct service *v, int n, int born, int ends, const char *site, const char *place, const char *state)
{
	for (int i = 0; i < n; i++) {
		GROW(v->a, v->n, v->cap);
		v->a[v->n++] = (struct worker){v->next_id++, site, place, state, "0x1", born, ends, 1, NULL, false};
	}
}

static inline void dump_at(const struct service *v, int second, struct buf *out)
{
	buf_reset(out);
	buf_adds(out, "goroutine 1 [running]:\nmain.main()\n\t/m.go:9 +0x1\n\n");
	for (size_t i = 0; i < v->n; i++) {
		const struct worker *w = &v->a[i];

		if (w->born > second || (w->ends && second >= w->ends))
			continue;
		buf_addf(out, "goroutine %llu [%s]:\n%s(%s)\n\t%s/p.go:7 +0x1\n", (unsigned long long)w->id, w->state, w->place, w->arg,
			 w->fetched ? MODULE : "");
		if (w->from)
			buf_addf(out, "%s()\n\t/q.go:3 +0x1\n", w->from);
		buf_addf(out, "created by %s", w->site);
		if (w->parent)
			buf_addf(out, " in goroutine %llu", (unsigned long long)w->parent);
		buf_addf(out, "\n\t%s/s.go:5 +0x2\n\n", w->fetched ? MODULE : "");
	}
}

/* Snapshots into the store, from one to the next. */
struct recording {
	struct recorder *r;
	uint32_t host;
	struct buf text;
	struct err e;
};

static inline struct recording recording_begin(const struct service *v)
{
	struct recording c = {0};

	assert_int_equal(recorder_open(&c.r, v->db, &c.e), 0);
	assert_int_equal(recorder_host(c.r, "a:1", NULL, &c.host, &c.e), 0);
	return c;
}

static inline void recording_add(struct recording *c, struct scraped scraped)
{
	assert_int_equal(recorder_add(c->r, c->host, &scraped, NULL, &c->e), 0);
}

static inline void recording_end(struct recording *c)
{
	assert_int_equal(recorder_close(c->r, &c->e), 0);
	buf_release(&c->text);
}

/* Seconds from..to into the store, every `step`; with `cut`, every dump of the second half without its last third. */
static inline void record(struct service *v, int from, int to, int step, bool cut)
{
	struct recording c = recording_begin(v);

	for (int second = from; second <= to; second += step) {
		dump_at(v, second, &c.text);
		recording_add(&c, (struct scraped){.time = T0 + second * 1000LL, .status = SNAP_OK, .text = {c.text.p,
			cut && second > from + (to - from) / 2 ? c.text.n * 2 / 3 : c.text.n}});
	}
	recording_end(&c);
}

static inline void ask(struct service *v)
{
	struct leak_question q = {.from = NO_TIME, .to = NO_TIME};
	struct err e = {0};

	if (query_open(&v->q, v->db, &e) < 0 || query_leaks(v->q, &q, &v->p, &v->s, &v->n_s, &e) < 0)
		fail_msg("%s", e.text);
	v->notes = query_leak_notes(v->q, &q, &v->p);
}

static inline void finish(struct service *v)
{
	query_close(v->q);
	pool_release(&v->p);
	free(v->a);
	unlink(v->db);
}

static inline void show(const struct service *v)
{
	for (size_t i = 0; i < v->n_s && i < 3; i++) {
		const struct suspect *s = &v->s[i];

		print_message("%s %.3f %s -> %s\n", verdict_name(s->verdict), s->score, s->created.func, s->place.func);
		for (size_t k = 0; k < s->n_evidence; k++)
			print_message("  %+.2f %s\n", s->evidence[k].weight, s->evidence[k].text);
		for (size_t k = 0; k < s->n_against; k++)
			print_message("  %+.2f %s\n", s->against[k].weight, s->against[k].text);
	}
}

static inline void expect_top(const struct service *v, enum verdict verdict, enum suspect_kind kind, const char *site, const char *place)
{
	bool ok = v->n_s && v->s[0].verdict == verdict && v->s[0].kind == kind && v->s[0].created.func &&
		  strcmp(v->s[0].created.func, site) == 0 && strcmp(v->s[0].place.func, place) == 0;

	if (!ok)
		show(v);
	assert_true(ok);
	assert_true(v->s[0].n_against > 0);
}

static inline void expect_no_leak(const struct service *v)
{
	for (size_t i = 0; i < v->n_s; i++) {
		if (v->s[i].verdict == VERDICT_LEAK)
			show(v);
		assert_int_not_equal(v->s[i].verdict, VERDICT_LEAK);
	}
}

/* Requests that come and go all the time at the same places: there is always something healthy as well. */
static inline void traffic(struct service *v, int until)
{
	for (int s = 0; s < until; s++)
		start(v, 5, s, s + 2, "main.serve", "main.handle", "select");
	start(v, 8, 0, 0, "main.pool", "main.worker", "chan receive");
}

#endif

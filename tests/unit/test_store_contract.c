/* SPDX-License-Identifier: MIT */
/*
 * What an engine must do. Each one is given the same histories, real series and random ones, and everything that can be
 * asked of it is told in one text, with names in place of handles: the texts are equal, and equal to what was put.
 */
#include <gscrape/archive.h>
#include <gscrape/gzip.h>
#include <gscrape/recorder.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "clickhouse.h"

#define T0 1790000000000 /* ms */

/* An engine: where its stores are, whether one that is closed can be opened again (in a file, or elsewhere), whether it takes a second
 * writer, whose newest word counts, and which of the optional questions it answers. Of those that it does not, nothing is asked.
 * The last one has a server, which not every system has. */
static const struct engine {
	const char *name, *where;
	bool file, keeps, writers, expires, verifies, ends;
} engines[] = {
	{"lmdb", "%s/contract%d.db", .file = true, .keeps = true, .expires = true, .verifies = true, .ends = true},
	{"memory", "memory:%s/contract%d", .expires = true, .ends = true},
	{"clickhouse", "clickhouse://127.0.0.1:%s/contract%d", .keeps = true, .writers = true, .expires = true, .ends = true},
};
#define ENGINES_MAX (sizeof engines / sizeof *engines)
static size_t n_engines = ENGINES_MAX;
static char port[12];
#define ENGINES n_engines

static char *new_store(const struct engine *en)
{
	const char *tmp = getenv("TMP");
	static int n;

	/* NOLINTNEXTLINE: from the table above */
	return xasprintf(en->where, en->writers ? port : tmp ? tmp : "/tmp", n++ + (int)getpid() * 1000);
}

static void drop_store(const struct engine *en, char *where)
{
	char *lock = xasprintf("%s-lock", where), *names = xasprintf("%s-marks", where);

	if (en->file) {
		unlink(where);
		unlink(lock);
		unlink(names);
	}
	free(lock);
	free(names);
	free(where);
}

#define OK(call)                                                                                             \
	do {                                                                                                 \
		if ((call) < 0)                                                                              \
			fail_msg("%s: %s", #call, e.text);                                                   \
	} while (0)

/* --- everything that a store can tell --- */

/* One goroutine or snapshot in so many is asked for: a server takes its time for each. */
static unsigned every = 1;

struct teller {
	struct store_view *v;
	struct buf *out;
	struct pool p;
};

static const char *name_of(struct teller *t, uint32_t handle)
{
	struct str s;
	struct err e;

	OK(store_strings(t->v, &handle, 1, &t->p, &s, &e));
	return s.p;
}

static const char *stack_of(struct teller *t, uint32_t handle)
{
	struct store_stack st;
	struct buf b = {0};
	struct err e;
	const char *text;

	OK(store_stacks(t->v, &handle, 1, &t->p, &st, &e));
	for (uint32_t i = 0; i < st.n; i++)
		buf_addf(&b, "%s %s:%u;", name_of(t, st.frames[i].func), name_of(t, st.frames[i].file), st.frames[i].line);
	buf_addf(&b, "by %s %s:%u flags %u", name_of(t, st.created.func), name_of(t, st.created.file), st.created.line, st.flags);
	text = pool_strndup(&t->p, b.p, b.n);
	buf_release(&b);
	return text;
}

static void tell_state(struct teller *t, struct buf *out, const struct goroutine_state *g)
{
	buf_addf(out, "%llu parent %llu born %u run %u [%s] {%s} flags %u object %llx on %s", (unsigned long long)g->id,
		 (unsigned long long)g->parent, g->born, g->run, name_of(t, g->state), name_of(t, g->labels), g->flags,
		 (unsigned long long)g->wait_object, stack_of(t, g->stack));
}

static void tell_event(struct teller *t, struct buf *out, const struct event *ev)
{
	static const char *const kinds[] = {"born", "run", "wait", "gone"};

	buf_addf(out, "%llu at %u %s", (unsigned long long)ev->id, ev->seq, kinds[ev->kind]);
	if (ev->kind <= EV_RUN)
		buf_addf(out, " [%s] {%s} flags %u on %s", name_of(t, ev->state), name_of(t, ev->labels), ev->flags, stack_of(t, ev->stack));
	if (ev->kind == EV_BORN)
		buf_addf(out, " parent %llu", (unsigned long long)ev->parent);
	if (ev->kind != EV_GONE)
		buf_addf(out, " object %llx", (unsigned long long)ev->wait_object);
	if (ev->kind == EV_RUN || ev->kind == EV_GONE)
		buf_addf(out, " minutes %d moved %u %d", ev->minutes, ev->moved, ev->moved_proof);
}

static void apply(struct goroutine_state *g, const struct event *ev)
{
	if (ev->kind == EV_GONE) {
		*g = (struct goroutine_state){0};
		return;
	}
	if (ev->kind == EV_BORN)
		*g = (struct goroutine_state){.id = ev->id, .parent = ev->parent, .born = ev->seq};
	g->wait_object = ev->wait_object;
	if (ev->kind == EV_WAIT)
		return;
	g->run = ev->seq;
	g->stack = ev->stack;
	g->state = ev->state;
	g->labels = ev->labels;
	g->flags = ev->flags;
}

static int by_text(const void *pa, const void *pb)
{
	return strcmp(*(char *const *)pa, *(char *const *)pb);
}

struct lines {
	char **a;
	size_t n, cap;
};

static void add_line(struct teller *t, struct lines *l, struct buf *b)
{
	GROW(l->a, l->n, l->cap);
	l->a[l->n++] = pool_strndup(&t->p, b->p, b->n);
	buf_reset(b);
}

static void tell_sorted(struct teller *t, const char *what, struct lines *l)
{
	if (l->n)
		qsort(l->a, l->n, sizeof *l->a, by_text);
	for (size_t i = 0; i < l->n; i++)
		buf_addf(t->out, "%s%s\n", what, l->a[i]);
	free(l->a);
	*l = (struct lines){0};
}

/* Who is there at the end of a piece. */
struct there {
	struct goroutine_state *a;
	size_t n, cap, at;
};

static bool same_state(const struct goroutine_state *a, const struct goroutine_state *b)
{
	return a->id == b->id && a->parent == b->parent && a->born == b->born && a->run == b->run && a->stack == b->stack &&
	       a->state == b->state && a->labels == b->labels && a->flags == b->flags && a->wait_object == b->wait_object;
}

/* Whoever is there when a piece ends is there, as it was, when the next one of the process begins. */
static void follows(struct there *was, const struct walk_step *s)
{
	bool came = was->at < was->n && was->a[was->at].id <= s->id;

	if (!came)
		return;
	assert_int_equal(was->a[was->at].id, s->id);
	assert_non_null(s->start);
	assert_true(same_state(&was->a[was->at], s->start));
	was->at++;
}

/* The events of from..to, however they are cut into pieces, and who was there before them. */
static void tell_walk(struct teller *t, uint32_t host, uint32_t from, uint32_t to)
{
	struct lines starts = {0}, events = {0};
	struct there was = {0}, is = {0};
	struct walk_step s = {0}, last = {0};
	struct store_walk *w;
	struct buf b = {0};
	struct err e;
	int rc;

	OK(store_walk_begin(t->v, host, from, to, &w, &e));
	while ((rc = store_walk_next(w, &s, &e)) == 1) {
		struct goroutine_state g = s.start ? *s.start : (struct goroutine_state){0};

		if (s.piece != last.piece) {
			struct there spare = was;

			assert_true(s.piece > last.piece && s.first_seq > last.last_seq && s.last_seq + 1 >= s.first_seq && s.first_seq <= to);
			assert_int_equal(was.at, was.n);
			was = is;
			is = spare;
			is.n = was.at = 0;
			if (s.epoch != last.epoch)
				was.n = 0;
		} else {
			assert_true(s.id > last.id);
		}
		assert_true(s.start || s.n);
		follows(&was, &s);
		for (size_t i = 0; i < s.n; i++) {
			const struct event *ev = &s.events[i];

			assert_true(ev->id == s.id && ev->seq >= s.first_seq && ev->seq <= s.last_seq + 1);
			if (ev->seq >= from && (i == 0 || s.events[i - 1].seq < from) && s.first_seq <= from && g.id) {
				buf_addf(&b, "%u ", s.epoch);
				tell_state(t, &b, &g);
				add_line(t, &starts, &b);
			}
			apply(&g, ev);
			if (ev->seq >= from && ev->seq <= to) {
				buf_addf(&b, "%u ", s.epoch);
				tell_event(t, &b, ev);
				add_line(t, &events, &b);
			}
		}
		if ((!s.n || s.events[s.n - 1].seq < from) && s.first_seq <= from && g.id) {
			buf_addf(&b, "%u ", s.epoch);
			tell_state(t, &b, &g);
			add_line(t, &starts, &b);
		}
		if (g.id) {
			GROW(is.a, is.n, is.cap);
			is.a[is.n++] = g;
		}
		last = s;
	}
	if (rc < 0)
		fail_msg("%s", e.text);
	store_walk_end(w);
	free(was.a);
	free(is.a);
	buf_release(&b);
	buf_addf(t->out, "walk %u to %u\n", from, to);
	tell_sorted(t, "  there ", &starts);
	tell_sorted(t, "  ", &events);
}

static void tell_snapshots(struct teller *t, const struct host_row *r)
{
	struct chart_range all = {{r->host, r->first_seq, r->last_seq}, r->first, r->last, 3};
	struct summary *sum, whole = {.min = UINT32_MAX};
	struct snapshot *s;
	struct err e;
	size_t n;

	OK(store_snapshots(t->v, (struct seq_range){r->host, 0, UINT32_MAX}, &t->p, &s, &n, &e));
	assert_int_equal(n, host_row_snapshots(r));
	for (size_t i = 0; i < n; i++) {
		struct str bytes;
		uint32_t seq;
		int held;

		buf_addf(t->out, "snapshot %u %u at %lld epoch %u %s %u of %llu bytes took %u note '%s'", s[i].seq, s[i].ordinal, (long long)s[i].time,
			 s[i].epoch, snap_status_name(s[i].status), s[i].goroutines, (unsigned long long)s[i].bytes, s[i].took,
			 name_of(t, s[i].note));
		for (uint32_t k = 0; k < s[i].n_states; k++)
			buf_addf(t->out, " %u %s", s[i].states[k].n, name_of(t, s[i].states[k].state));
		OK(held = store_held(t->v, (struct snapshot_key){r->host, s[i].seq}, &t->p, &bytes, &e));
		buf_addf(t->out, held ? " held '%.*s'\n" : "\n", (int)bytes.n, bytes.p);
		if (s[i].seq % every)
			continue;
		assert_int_equal(store_seq_at(t->v, r->host, s[i].time, &seq, &e), 1);
		assert_int_equal(seq, s[i].seq);
		assert_int_equal(store_seq_at(t->v, r->host, s[i].time - 1, &seq, &e), i > 0);
		assert_int_equal(seq, i ? s[i - 1].seq : 0);
	}
	all.from -= n > 0; /* one has no columns yet */
	OK(store_chart(t->v, &all, &t->p, &sum, &n, &e));
	for (size_t i = 0; i < n; i++) {
		assert_true(i == 0 || (sum[i].from > sum[i - 1].to && sum[i].first_seq == sum[i - 1].first_seq + sum[i - 1].n));
		assert_int_equal(chart_column(&all, sum[i].from), chart_column(&all, sum[i].to));
		whole.n += sum[i].n;
		whole.bad += sum[i].bad;
		whole.epochs += sum[i].epochs;
		whole.last = sum[i].n > sum[i].bad ? sum[i].last : whole.last;
		whole.min = sum[i].n > sum[i].bad && sum[i].min < whole.min ? sum[i].min : whole.min;
		whole.max = sum[i].n > sum[i].bad && sum[i].max > whole.max ? sum[i].max : whole.max;
	}
	assert_int_equal(whole.n, host_row_snapshots(r));
	if (r->first_seq == 1)
		buf_addf(t->out, "chart bad %u epochs %u from %u to %u last %u\n", whole.bad, whole.epochs, whole.min, whole.max, whole.last);
}

static void tell_goroutine(struct teller *t, const struct host_row *r, uint64_t id)
{
	uint32_t *epochs;
	struct err e;
	size_t n;

	OK(store_epochs_of(t->v, &(struct goroutine_key){.host = r->host, .id = id}, &t->p, &epochs, &n, &e));
	for (size_t i = 0; i < n; i++) {
		struct goroutine_key who = {r->host, epochs[i], id};
		struct goroutine_history h;
		struct goroutine_child *c;
		size_t n_c;

		assert_true(i == 0 || epochs[i] < epochs[i - 1]);
		assert_int_equal(store_history(t->v, &who, &t->p, &h, &e), 1);
		buf_addf(t->out, "goroutine of %u: ", h.epoch);
		if (h.start.id)
			tell_state(t, t->out, &h.start);
		buf_adds(t->out, "\n");
		for (size_t k = 0; k < h.n; k++) {
			buf_adds(t->out, "  ");
			tell_event(t, t->out, &h.events[k]);
			buf_adds(t->out, "\n");
		}
		OK(store_children(t->v, &who, &t->p, &c, &n_c, &e));
		for (size_t k = 0; k < n_c; k++) {
			assert_true(c[k].stack && (k == 0 || c[k].id > c[k - 1].id));
			buf_addf(t->out, "  child %llu born %u gone %u\n", (unsigned long long)c[k].id, c[k].born, c[k].gone);
		}
	}
	assert_int_equal(store_history(t->v, &(struct goroutine_key){r->host, r->epoch + 1, id}, &t->p, &(struct goroutine_history){0}, &e), 0);
}

static int by_number(const void *pa, const void *pb)
{
	uint64_t a = *(const uint64_t *)pa, b = *(const uint64_t *)pb;

	return a < b ? -1 : a > b;
}

/* Every goroutine that a walk knows. */
static void tell_goroutines(struct teller *t, const struct host_row *r)
{
	struct walk_step s = {0};
	struct store_walk *w;
	uint64_t *ids = NULL;
	size_t n = 0, cap = 0;
	struct err e;

	OK(store_walk_begin(t->v, r->host, r->first_seq, r->last_seq, &w, &e));
	while (store_walk_next(w, &s, &e) == 1) {
		if (s.last_seq + 1 < r->first_seq || (s.n && s.events[s.n - 1].kind == EV_GONE && s.events[s.n - 1].seq < r->first_seq))
			continue;
		GROW(ids, n, cap);
		ids[n++] = s.id;
	}
	store_walk_end(w);
	if (n)
		qsort(ids, n, sizeof *ids, by_number);
	for (size_t i = 0; i < n; i++)
		if ((!i || ids[i] != ids[i - 1]) && ids[i] % every == 0)
			tell_goroutine(t, r, ids[i]);
	free(ids);
}

static void tell_alive(struct teller *t, const struct host_row *r, uint32_t seq)
{
	struct goroutine_state *a;
	struct err e;
	size_t n;

	OK(store_alive(t->v, (struct snapshot_key){r->host, seq}, &t->p, &a, &n, &e));
	buf_addf(t->out, "alive at %u: %zu\n", seq, n);
	for (size_t i = 0; i < n; i++) {
		assert_true(i == 0 || a[i].id > a[i - 1].id);
		buf_adds(t->out, "  ");
		tell_state(t, t->out, &a[i]);
		buf_adds(t->out, "\n");
	}
}

static void tell_host(struct teller *t, const struct host_row *r)
{
	uint32_t n = host_row_snapshots(r), step = n / 7 + 1;
	struct liveness *l;
	struct str memory;
	struct err e;
	size_t n_l;
	int rc;

	buf_addf(t->out, "host %s {%s} %u to %u failed %u text %u epoch %u peak %u from %lld to %lld events %llu bytes %llu\n", r->name, r->labels,
		 r->first_seq, r->last_seq, r->failed, r->with_text, r->epoch, r->peak, (long long)r->first, (long long)r->last,
		 (unsigned long long)r->events, (unsigned long long)r->bytes);
	tell_snapshots(t, r);
	for (uint32_t i = 0; i < n; i += step) {
		tell_alive(t, r, r->first_seq + i);
		tell_walk(t, r->host, r->first_seq + i, r->last_seq - (n - i) / 3);
	}
	if (n) {
		tell_alive(t, r, r->last_seq);
		tell_walk(t, r->host, r->last_seq, r->last_seq);
	}
	tell_goroutines(t, r);
	OK(store_liveness(t->v, r->host, &t->p, &l, &n_l, &e));
	for (size_t i = 0; i < n_l; i++)
		buf_addf(t->out, "known of %llu: moved %u %d minutes %d\n", (unsigned long long)l[i].id, l[i].moved, l[i].moved_proof, l[i].minutes);
	OK(rc = store_memory(t->v, r->host, &t->p, &memory, &e));
	buf_addf(t->out, "memory %d %zu %llx\n", rc, memory.n, (unsigned long long)hash64(memory.p, memory.n));
}

struct function_lines {
	struct teller *t;
	struct lines l;
	uint32_t *funcs;
	size_t n, cap;
	const char *with;
};

static int take_function(void *ctx, const struct function_row *f)
{
	struct function_lines *x = ctx;
	struct buf b = {0};

	buf_addf(&b, "%.*s any %u leaf %u creator %u", (int)f->name.n, f->name.p, f->any, f->leaf, f->creator);
	add_line(x->t, &x->l, &b);
	GROW(x->funcs, x->n, x->cap);
	x->funcs[x->n++] = f->func;
	buf_release(&b);
	return 0;
}

static int take_stack(void *ctx, uint32_t handle, const struct store_stack *stack)
{
	struct function_lines *x = ctx;
	struct buf b = {0};

	(void)stack;
	buf_addf(&b, "%s: %s", x->with ? x->with : "", stack_of(x->t, handle));
	add_line(x->t, &x->l, &b);
	buf_release(&b);
	return 0;
}

static int stop(void *ctx, uint32_t handle, const struct store_stack *stack)
{
	(void)handle;
	(void)stack;
	++*(int *)ctx;
	return 7;
}

static void tell_functions(struct teller *t)
{
	struct function_lines x = {.t = t};
	uint64_t as_of = 0;
	int told = 0;
	struct err e;

	assert_int_equal(store_functions(t->v, &as_of, take_function, &x, &e), 1);
	assert_int_equal(store_functions(t->v, &as_of, take_function, &x, &e), 0);
	tell_sorted(t, "function ", &x.l);
	if (!x.n)
		return;
	OK(store_stacks_with(t->v, &(struct functions_wanted){x.funcs, x.n}, take_stack, &x, &e));
	tell_sorted(t, "stack ", &x.l);
	assert_int_equal(store_stacks_with(t->v, &(struct functions_wanted){x.funcs, x.n}, stop, &told, &e), 7);
	assert_int_equal(told, 1);
	for (size_t i = 0; i < x.n; i++) { /* some, by name: the order is the engine's own */
		x.with = name_of(t, x.funcs[i]);
		if (hash64(x.with, strlen(x.with)) % 5 == 0)
			OK(store_stacks_with(t->v, &(struct functions_wanted){&x.funcs[i], 1}, take_stack, &x, &e));
	}
	tell_sorted(t, "stack with ", &x.l);
	free(x.funcs);
}

enum expected { EXPECT_NOTHING, EXPECT_ALL, EXPECT_NEWEST };

/* Hosts are asked as they come; what is said beforehand is the other way round for some, and one of them twice. */
static void expect(struct teller *t, const struct host_row *rows, size_t n, enum expected what)
{
	uint32_t *hosts = xcalloc(n + 2, sizeof *hosts);

	for (size_t i = 0; i < n; i++)
		hosts[i] = rows[i].host;
	if (n > 3) {
		hosts[1] = rows[2].host;
		hosts[2] = rows[1].host;
		hosts[n] = rows[0].host;
	}
	store_expect(t->v, &(struct store_expected){hosts, n + (n > 3), what == EXPECT_ALL, 3, NO_TIME, NO_TIME});
	free(hosts);
}

static void tell_with(struct store *s, struct buf *out, enum expected what)
{
	struct teller t = {.out = out};
	struct host_row *rows;
	struct err e;
	size_t n;

	OK(store_view_open(s, &t.v, &e));
	OK(store_hosts(t.v, &t.p, &rows, &n, &e));
	if (what)
		expect(&t, rows, n, what);
	for (size_t i = 0; i < n; i++) {
		assert_true(i == 0 || strcmp(rows[i].name, rows[i - 1].name) > 0);
		tell_host(&t, &rows[i]);
	}
	tell_functions(&t);
	store_view_close(t.v);
	pool_release(&t.p);
}

static void assert_same(const struct buf *a, const struct buf *b, const char *what);

/* Whatever was said to be asked, the answers are the same. */
static void tell_all(struct store *s, struct buf *out)
{
	struct buf told[3] = {0};

	for (int i = EXPECT_NOTHING; i <= EXPECT_NEWEST; i++) {
		tell_with(s, &told[i], (enum expected)i);
		assert_same(&told[0], &told[i], "what is expected");
	}
	buf_add(out, told[0].p, told[0].n);
	for (int i = 0; i < 3; i++)
		buf_release(&told[i]);
}

static void assert_same(const struct buf *a, const struct buf *b, const char *what)
{
	size_t i = 0, from;

	if (a->n == b->n && memcmp(a->p, b->p, a->n) == 0)
		return;
	while (i < a->n && i < b->n && a->p[i] == b->p[i])
		i++;
	from = i > 300 ? i - 300 : 0;
	fail_msg("%s: one says\n%.*s\nand the other\n%.*s", what, (int)(i - from + 200), a->p + from, (int)(i - from + 200), b->p + from);
}

/* --- real series, through the recorder --- */

/* Open, record all of an archive, and tell; with `breaks`, in as many goes as there are snapshots. */
static void record_series(const char *where, const char *dir, bool breaks)
{
	struct recorder *r = NULL;
	struct archive a;
	struct buf text = {0};
	struct err e;

	OK(archive_list(&a, dir, NULL, &e));
	for (size_t h = 0; h < a.n; h++) {
		for (size_t i = 0; i < a.hosts[h].n; i++) {
			struct scraped scraped = {.time = a.hosts[h].files[i].time, .status = SNAP_OK};
			uint32_t host;

			OK(file_read(a.hosts[h].files[i].path, &text, FILE_MAX, &e));
			if (i % 7 == 3)
				text.n /= 2; /* a transfer that broke off */
			scraped.status = i % 7 == 3 ? SNAP_PARTIAL : SNAP_OK;
			scraped.text = (struct str){text.p, text.n};
			if (!r)
				OK(recorder_open(&r, where, &e));
			OK(recorder_host(r, a.hosts[h].name, "job=test", &host, &e));
			OK(recorder_add(r, host, &scraped, NULL, &e));
			if (breaks) {
				OK(recorder_close(r, &e));
				r = NULL;
			}
		}
	}
	OK(recorder_close(r, &e));
	archive_release(&a);
	buf_release(&text);
}

static char *series_dir(void)
{
	const char *top = getenv("TOP");

	return xasprintf("%s/tests/data/series", top ? top : ".");
}

static void real_series(void **state)
{
	struct buf told[ENGINES_MAX] = {0}, some[2] = {0};
	char *dir = series_dir();

	(void)state;
	for (size_t i = 0; i < ENGINES; i++) {
		char *where = new_store(&engines[i]);
		struct store *anchor = NULL, *s;
		struct err e;

		if (!engines[i].keeps) {
			OK(store_open(&s, where, STORE_WRITE, &e)); /* a name is there as long as somebody has it open */
			OK(store_open(&anchor, where, STORE_READ, &e));
			store_close(s);
		}
		record_series(where, dir, false);
		OK(store_open(&s, where, STORE_READ, &e));
		if (!engines[i].writers)
			tell_all(s, &told[i]);
		if (i == 1)
			assert_same(&told[0], &told[1], engines[1].name);
		if (i != 1) {
			every = 29;
			tell_all(s, &some[i / 2]);
			every = 1;
		}
		store_close(s);
		store_close(anchor);
		drop_store(&engines[i], where);
	}
	if (ENGINES > 2)
		assert_same(&some[0], &some[1], engines[2].name);
	for (size_t i = 0; i < ENGINES; i++)
		buf_release(&told[i]);
	buf_release(&some[0]);
	buf_release(&some[1]);
	free(dir);
}

/* A recorder that starts again for each snapshot gives the very answers of one that runs on. */
static void many_goes(void **state)
{
	char *dir = series_dir();
	struct buf told[2] = {0};

	(void)state;
	for (int breaks = 0; breaks < 2; breaks++) {
		char *where = new_store(&engines[0]);
		struct store *s;
		struct err e;

		record_series(where, dir, breaks);
		OK(store_open(&s, where, STORE_READ, &e));
		tell_all(s, &told[breaks]);
		store_close(s);
		drop_store(&engines[0], where);
	}
	assert_same(&told[0], &told[1], "in many goes");
	buf_release(&told[0]);
	buf_release(&told[1]);
	free(dir);
}

/* --- random histories, put one by one --- */

#define ALIVE_MAX 300

struct random_host {
	char name[32];
	uint32_t handle, seq, ordinal, epoch;
	int64_t time;
	struct goroutine_state alive[ALIVE_MAX];
	size_t n;
	uint64_t next_id;
	uint32_t held; /* the last snapshot that told who holds what; 0 none */
};

struct history {
	uint32_t seed;
	struct symtab *t;
	uint32_t stacks[40], states[400], labels[3];
	struct random_host hosts[4];
};

static uint32_t dice(struct history *h, uint32_t n)
{
	h->seed = h->seed * 1664525u + 1013904223u;
	return (uint32_t)(((uint64_t)h->seed * n) >> 32);
}

static struct history *history_new(uint32_t seed)
{
	struct history *h = xcalloc(1, sizeof *h);
	char text[64];

	h->seed = seed;
	h->t = symtab_new();
	for (uint32_t i = 0; i < 40; i++) {
		uint32_t frames[5], n = 1 + i % 5;
		struct sym_stack s = {.n = n, .flags = i % 3, .frames = frames};

		for (uint32_t k = 0; k < n; k++) {
			snprintf(text, sizeof text, "main.f%u", (i * 7 + k) % 23);
			frames[k] = symtab_frame(h->t, str_of(text), STR("/m.go"), i);
		}
		s.created = i % 4 ? symtab_frame(h->t, STR("main.creator"), STR("/c.go"), i % 6) : 0;
		h->stacks[i] = symtab_stack(h->t, &s);
	}
	for (uint32_t i = 0; i < 400; i++) {
		snprintf(text, sizeof text, "state %u", i);
		h->states[i] = symtab_string(h->t, str_of(text));
	}
	h->labels[1] = symtab_string(h->t, STR("a: b"));
	h->labels[2] = symtab_string(h->t, STR("c: d"));
	for (uint32_t i = 0; i < 4; i++) {
		snprintf(h->hosts[i].name, sizeof h->hosts[i].name, "host%u:1", 9 - i);
		h->hosts[i].time = T0;
		h->hosts[i].next_id = 1;
	}
	return h;
}

static void history_free(struct history *h)
{
	symtab_free(h->t);
	free(h);
}

static int event_order(const void *pa, const void *pb)
{
	const struct event *a = pa, *b = pb;

	if (a->id != b->id)
		return a->id < b->id ? -1 : 1;
	return (b->kind == EV_GONE) - (a->kind == EV_GONE);
}

static void end_run(struct history *h, struct event *ev, const struct goroutine_state *g)
{
	ev->minutes = (int32_t)dice(h, 5) - 1;
	ev->moved = dice(h, 2) ? g->run + dice(h, ev->seq - g->run) : 0;
	ev->moved_proof = ev->moved && dice(h, 2);
}

static void begin_run(struct history *h, struct event *ev)
{
	ev->stack = h->stacks[dice(h, 40)];
	ev->state = h->states[dice(h, dice(h, 10) ? 6 : 400)];
	ev->labels = h->labels[dice(h, 3)];
	ev->flags = (uint8_t)(dice(h, 8) ? 0 : 1);
	ev->wait_object = dice(h, 4) ? 0 : 0xc000000000 + dice(h, 50) * 16;
}

/* The next snapshot of a host, with its events, in the symtab's numbers; *host is what it is afterwards. */
static size_t next_snapshot(struct history *h, struct random_host *host, struct snapshot *snap, struct event *ev, struct state_count *states)
{
	bool text = host->seq == 0 || dice(h, 12) > 0, epoch = text && (!host->epoch || dice(h, 25) == 0);
	size_t n = 0, k = 0;

	*snap = (struct snapshot){.seq = ++host->seq, .time = host->time += 1000 + (dice(h, 20) ? dice(h, 100) : 90000), .took = dice(h, 50)};
	snap->status = text ? (dice(h, 9) ? SNAP_OK : SNAP_TRUNCATED) : dice(h, 3) ? SNAP_FAILED : SNAP_COUNTED;
	snap->ordinal = host->ordinal += text;
	snap->note = text ? 0 : h->states[7];
	snap->bytes = text ? dice(h, 100000) : 0;
	snap->goroutines = snap->status == SNAP_COUNTED ? 7 : 0;
	for (size_t i = 0; text && i < host->n; i++) {
		struct goroutine_state *g = &host->alive[i];
		struct event one = {.id = g->id, .seq = host->seq, .minutes = -1};
		uint32_t what = dice(h, 30);

		if (epoch || what < 2) {
			one.kind = EV_GONE;
			one.parent = g->parent;
			end_run(h, &one, g);
			ev[n++] = one;
			continue;
		}
		if (what < 5) {
			one.kind = EV_RUN;
			end_run(h, &one, g);
			begin_run(h, &one);
			ev[n++] = one;
		} else if (what < 7) {
			one.kind = EV_WAIT;
			one.wait_object = 0xc000000000 + dice(h, 50) * 16;
			ev[n++] = one;
		}
		if (what < 7)
			apply(g, &one);
		host->alive[k++] = *g;
	}
	if (text)
		host->n = k;
	if (epoch) {
		host->epoch++;
		host->next_id = 1;
		host->n = 0;
	}
	for (uint32_t i = text ? dice(h, epoch ? 60 : 6) : 0; i && host->n < ALIVE_MAX; i--) {
		struct event one = {.kind = EV_BORN, .id = host->next_id += 1 + dice(h, 3), .seq = host->seq, .minutes = -1};

		one.parent = host->n ? host->alive[dice(h, (uint32_t)host->n)].id : 0;
		begin_run(h, &one);
		ev[n++] = one;
		host->alive[host->n] = (struct goroutine_state){0};
		apply(&host->alive[host->n++], &one);
	}
	qsort(ev, n, sizeof *ev, event_order);
	snap->epoch = host->epoch;
	if (text)
		snap->goroutines = (uint32_t)host->n;
	for (size_t i = 0; text && i < host->n; i++) {
		uint32_t at = 0;

		while (at < snap->n_states && states[at].state != host->alive[i].state)
			at++;
		if (at == snap->n_states)
			states[snap->n_states++] = (struct state_count){host->alive[i].state, 0};
		states[at].n++;
	}
	snap->states = states;
	return n;
}

/* Who holds what: nobody, somebody else, or as it was. */
static void hold(struct history *h, struct random_host *host, struct snapshot *snap, char *bytes, size_t size)
{
	uint32_t what = snap_has_text(snap->status) ? dice(h, 4) : 0;

	snap->held_ago = 0;
	snap->held = (struct str){0};
	if (!what) {
		host->held = 0;
	} else if (what == 1 || !host->held) {
		host->held = host->seq;
		snap->held_ago = 1;
		snap->held = (struct str){bytes, dice(h, (uint32_t)size)};
		for (size_t i = 0; i < snap->held.n; i++)
			bytes[i] = (char)('a' + (i + host->seq) % 26);
	} else {
		snap->held_ago = host->seq - host->held + 1;
	}
}

static void put_next(struct history *h, struct random_host *host, struct store *s)
{
	struct event *ev = xcalloc(2 * ALIVE_MAX, sizeof *ev);
	struct state_count states[ALIVE_MAX];
	struct snapshot snap;
	struct snapshot_put put = {.host = host->handle, .snapshot = &snap, .events = ev, .names = h->t};
	struct liveness l[ALIVE_MAX];
	char memory[3 * ALIVE_MAX], held[300];
	struct err e;
	size_t n = 0;

	put.n_events = next_snapshot(h, host, &snap, ev, states);
	hold(h, host, &snap, held, sizeof held);
	OK(store_put_snapshot(s, &put, &e));
	for (size_t i = 0; i < host->n; i++)
		if (dice(h, 2))
			l[n++] = (struct liveness){host->alive[i].id, dice(h, 2) ? host->seq : 0, false, (int32_t)dice(h, 100) - 1};
	OK(store_put_liveness(s, host->handle, l, n, &e));
	for (size_t i = 0; i < 3 * n; i++)
		memory[i] = (char)(i * host->seq);
	OK(store_put_memory(s, host->handle, (struct str){memory, 3 * n}, &e));
	free(ev);
}

static void register_all(struct history *h, struct store *s)
{
	struct host_place at;
	struct err e;

	OK(store_begin(s, &e));
	for (int i = 0; i < 4; i++) {
		OK(store_host(s, h->hosts[i].name, "a=b", &at, &e));
		h->hosts[i].handle = at.host;
		assert_int_equal(at.last_seq, h->hosts[i].seq);
		assert_int_equal(at.ordinal, h->hosts[i].ordinal);
		assert_int_equal(at.epoch, h->hosts[i].epoch);
		assert_true(at.last == (h->hosts[i].seq ? h->hosts[i].time : NO_TIME));
	}
}

/* What was dropped is given back, and that changes no answer. */
static void sweep(struct store *s)
{
	struct err e;
	int rc;

	do {
		OK(rc = store_sweep(s, true, &e));
		if (rc)
			usleep(20000); /* a server says by and by that it has done it */
	} while (rc);
}

/* With aborts, commits, expiry, and a store that is opened again. What is told at several moments, in one text. */
static void live_through(const struct engine *en, uint32_t seed, bool expiry, struct buf *out)
{
	struct history *h = history_new(seed), *before = xcalloc(1, sizeof *before);
	char *where = new_store(en);
	struct store *s;
	struct commit done;
	struct err e;

	OK(store_open(&s, where, STORE_WRITE, &e));
	register_all(h, s);
	OK(store_commit(s, NULL, &e));
	for (int round = 0; round < 40; round++) {
		uint32_t n = 1 + dice(h, 40), what;
		int64_t went;

		*before = *h;
		OK(store_begin(s, &e));
		for (uint32_t i = 0; i < n; i++)
			put_next(h, &h->hosts[dice(h, 3)], s); /* the fourth has no snapshot */
		what = dice(h, 8);
		if (what == 0) {
			uint32_t going_on = h->seed;

			store_abort(s);
			*h = *before;
			h->seed = going_on;
			continue;
		}
		if (what == 1 && expiry) {
			struct random_host *host = &h->hosts[dice(h, 3)];

			OK(went = store_expire(s, host->handle, host->time - 60000, &e));
			buf_addf(out, "%lld went\n", (long long)went);
		}
		OK(store_commit(s, &done, &e));
		assert_true(done.snapshots == n && done.hosts >= 1);
		if (what == 1 && expiry)
			sweep(s);
		if (what == 2 && en->keeps) {
			store_close(s);
			OK(store_open(&s, where, STORE_WRITE, &e));
			register_all(h, s);
			store_abort(s);
		}
		if (round % 10 == 9)
			tell_all(s, out);
	}
	tell_all(s, out);
	if (en->verifies && store_verify(s, NULL, NULL, &e) != 0)
		fail_msg("seed %u: %s is damaged", seed, where);
	store_close(s);
	drop_store(en, where);
	history_free(h);
	free(before);
}

static void same_histories(uint32_t seed, bool expiry, const struct engine *other)
{
	struct buf told[2] = {0};

	live_through(&engines[0], seed, expiry, &told[0]);
	live_through(other, seed, expiry, &told[1]);
	assert_same(&told[0], &told[1], other->name);
	buf_release(&told[0]);
	buf_release(&told[1]);
}

static void random_histories(void **state)
{
	(void)state;
	for (uint32_t seed = 1; seed <= 6; seed++)
		same_histories(seed * 7919, seed > 2, &engines[1]);
	every = 97;
	if (n_engines > 2)
		same_histories(12014, true, &engines[2]);
	every = 1;
}

/* --- what is refused, and what holds --- */

struct one {
	struct store *s;
	struct symtab *t;
	uint32_t stack, state;
	char *where;
	const struct engine *en;
};

static void one_open(struct one *o, const struct engine *en)
{
	struct err e;

	*o = (struct one){.en = en, .t = symtab_new(), .where = new_store(en)};
	o->stack = symtab_stack(o->t, &(struct sym_stack){.n = 1, .frames = &(uint32_t){symtab_frame(o->t, STR("main.f"), STR("/m.go"), 1)}});
	o->state = symtab_string(o->t, STR("select"));
	OK(store_open(&o->s, o->where, STORE_WRITE, &e));
}

static void one_close(struct one *o)
{
	store_close(o->s);
	symtab_free(o->t);
	drop_store(o->en, o->where);
}

static uint32_t handle_of(struct one *o, const char *name)
{
	struct host_place at;
	struct err e;

	OK(store_host(o->s, name, NULL, &at, &e));
	return at.host;
}

/* A snapshot in which goroutine 1 is born, or nothing happens. */
static int put_one(struct one *o, uint32_t host, uint32_t seq, uint32_t ordinal, int64_t time, struct err *e)
{
	struct event ev = {.kind = EV_BORN, .id = 1, .seq = seq, .minutes = -1, .stack = o->stack, .state = o->state};
	struct state_count one = {o->state, 1};
	struct snapshot snap = {.time = time, .seq = seq, .ordinal = ordinal, .epoch = 1, .goroutines = 1, .states = &one, .n_states = 1};

	return store_put_snapshot(o->s, &(struct snapshot_put){host, &snap, &ev, seq == 1, o->t}, e);
}

static void refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < ENGINES; i++) {
		struct host_place at;
		struct store *other;
		struct one o;
		struct err e;
		uint32_t host;

		one_open(&o, &engines[i]);
		if (!engines[i].writers)
			assert_int_equal(store_open(&other, o.where, STORE_WRITE, &e), -1);
		assert_int_equal(store_host(o.s, "a:1", NULL, &at, &e), -1); /* no batch */
		OK(store_begin(o.s, &e));
		OK(store_begin(o.s, &e)); /* goes on with it */
		host = handle_of(&o, "a:1");
		assert_int_equal(put_one(&o, host + 1, 1, 1, T0, &e), -1);
		assert_int_equal(put_one(&o, host, 2, 1, T0, &e), -1);
		assert_non_null(strstr(e.text, "does not follow"));
		assert_int_equal(put_one(&o, host, 1, 2, T0, &e), -1);
		OK(put_one(&o, host, 1, 1, T0, &e));
		assert_int_equal(put_one(&o, host, 1, 1, T0, &e), -1);
		assert_int_equal(put_one(&o, host, 2, 2, T0, &e), -1); /* at the same time */
		OK(put_one(&o, host, 2, 2, T0 + 1, &e));
		OK(store_commit(o.s, NULL, &e));
		one_close(&o);
	}
}

/* A view is what was committed when it was opened; an abort loses what was put, but no registration. */
static void views(void **state)
{
	(void)state;
	for (size_t i = 0; i < ENGINES; i++) {
		struct store_view *v, *w;
		struct host_row *rows;
		struct pool p = {0};
		uint64_t before, after;
		struct commit done;
		struct one o;
		struct err e;
		uint32_t host;
		size_t n;

		one_open(&o, &engines[i]);
		OK(store_begin(o.s, &e));
		host = handle_of(&o, "a:1");
		OK(put_one(&o, host, 1, 1, T0, &e));
		OK(store_version(o.s, &before, &e));
		OK(store_view_open(o.s, &v, &e));
		store_abort(o.s);
		OK(store_begin(o.s, &e));
		OK(put_one(&o, host, 1, 1, T0, &e)); /* the handle still holds */
		assert_int_equal(handle_of(&o, "a:1"), host);
		OK(store_commit(o.s, &done, &e));
		assert_true(done.hosts == 1 && done.snapshots == 1 && done.events == 1);
		OK(store_version(o.s, &after, &e));
		assert_true(after != before && after == done.version);
		OK(store_view_open(o.s, &w, &e));
		OK(store_hosts(v, &p, &rows, &n, &e));
		assert_int_equal(n, 0);
		OK(store_hosts(w, &p, &rows, &n, &e));
		assert_int_equal(n, 1);
		assert_int_equal(rows[0].last_seq, 1);
		store_view_close(v);
		store_view_close(w);
		pool_release(&p);
		one_close(&o);
	}
}

/* That a recording ended in order is a part of the batch. */
static void ends(void **state)
{
	(void)state;
	for (size_t i = 0; i < ENGINES; i++) {
		struct store_view *v;
		struct one o;
		struct err e;
		int64_t end;

		if (!engines[i].ends)
			continue;
		one_open(&o, &engines[i]);
		OK(store_begin(o.s, &e));
		OK(store_commit(o.s, NULL, &e));
		for (int round = 0; round < 3; round++) {
			OK(store_begin(o.s, &e));
			OK(store_put_end(o.s, T0 + round, &e));
			if (round == 2)
				store_abort(o.s);
			else
				OK(store_commit(o.s, NULL, &e));
			OK(store_view_open(o.s, &v, &e));
			OK(store_end(v, &end, &e));
			assert_int_equal(end, T0 + (round ? 1 : 0));
			store_view_close(v);
		}
		one_close(&o);
	}
}

/* Marks are no part of a batch, and are told by time; those of one time by host and text, whatever came first. */
static void marks(void **state)
{
	static const struct mark made[] = {{T0 + 5, "h:1", "second"}, {T0 + 5, "", "deploy 1.4"}, {T0, "h:1", "it's \\ \xc3\xa9 \"a\""}, {T0 + 5, "h:1", "first"}};
	static const size_t order[] = {2, 1, 3, 0};

	(void)state;
	for (size_t i = 0; i < ENGINES; i++) {
		struct store_view *v;
		struct pool p = {0};
		struct mark *got;
		struct one o;
		struct err e;
		size_t n;

		one_open(&o, &engines[i]);
		OK(store_begin(o.s, &e));
		OK(store_commit(o.s, NULL, &e));
		OK(store_begin(o.s, &e));
		for (size_t k = 0; k < 4; k++)
			OK(store_add_mark(o.s, &made[k], &e));
		store_abort(o.s);
		assert_int_equal(store_add_mark(o.s, &(struct mark){T0, "", "two\nlines"}, &e), -1);
		OK(store_view_open(o.s, &v, &e));
		OK(store_marks(v, &p, &got, &n, &e));
		assert_int_equal(n, 4);
		for (size_t k = 0; k < 4; k++) {
			assert_int_equal(got[k].time, made[order[k]].time);
			assert_string_equal(got[k].host, made[order[k]].host);
			assert_string_equal(got[k].text, made[order[k]].text);
		}
		store_view_close(v);
		pool_release(&p);
		one_close(&o);
	}
}

/* The number of a host that went is never given to another, not even by the next one who opens the file. */
static void host_numbers(void **state)
{
	(void)state;
	for (size_t i = 0; i < ENGINES; i++) {
		struct store *anchor = NULL;
		uint32_t last = 0;
		struct one o;
		struct err e;

		if (!engines[i].expires || engines[i].writers) /* numbers are each one's own there */
			continue;
		one_open(&o, &engines[i]);
		OK(store_begin(o.s, &e));
		OK(store_commit(o.s, NULL, &e));
		OK(store_open(&anchor, o.where, STORE_READ, &e));
		for (int round = 0; round < 4; round++) {
			uint32_t host;

			store_close(o.s);
			if (engines[i].keeps)
				store_close(anchor);
			OK(store_open(&o.s, o.where, STORE_WRITE, &e));
			if (engines[i].keeps)
				OK(store_open(&anchor, o.where, STORE_READ, &e));
			OK(store_begin(o.s, &e));
			if (last)
				OK(store_expire(o.s, last, INT64_MAX, &e));
			OK(store_commit(o.s, NULL, &e));
			OK(store_begin(o.s, &e));
			host = handle_of(&o, round % 2 ? "a:1" : "b:1");
			assert_true(host > last);
			OK(put_one(&o, host, 1, 1, T0, &e));
			OK(store_commit(o.s, NULL, &e));
			last = host;
		}
		store_close(anchor);
		one_close(&o);
	}
}

/* Nothing has a silent maximum: 600 states in a snapshot, an id that 300 processes had. */
static void no_maximum(void **state)
{
	(void)state;
	for (size_t i = 0; i < ENGINES; i++) {
		struct state_count counts[600];
		struct store_view *v;
		struct snapshot *s;
		struct pool p = {0};
		uint32_t host, *epochs;
		struct one o;
		struct err e;
		size_t n;

		one_open(&o, &engines[i]);
		for (uint32_t k = 0; k < 600; k++) {
			char name[20];

			snprintf(name, sizeof name, "state %u", k);
			counts[k] = (struct state_count){symtab_string(o.t, str_of(name)), 1};
		}
		OK(store_begin(o.s, &e));
		host = handle_of(&o, "a:1");
		for (uint32_t seq = 1; seq <= 300; seq++) {
			struct event ev[2] = {{.kind = EV_GONE, .id = 7, .seq = seq, .minutes = -1},
					      {.kind = EV_BORN, .id = 7, .seq = seq, .minutes = -1, .stack = o.stack, .state = o.state}};
			struct snapshot snap = {.time = T0 + seq, .seq = seq, .ordinal = seq, .epoch = seq, .goroutines = 600, .states = counts, .n_states = 600};
			bool first = seq == 1;

			OK(store_put_snapshot(o.s, &(struct snapshot_put){host, &snap, ev + first, 2 - first, o.t}, &e));
		}
		OK(store_commit(o.s, NULL, &e));
		OK(store_view_open(o.s, &v, &e));
		OK(store_snapshots(v, (struct seq_range){host, 300, 300}, &p, &s, &n, &e));
		assert_true(n == 1 && s[0].n_states == 600);
		OK(store_epochs_of(v, &(struct goroutine_key){.host = host, .id = 7}, &p, &epochs, &n, &e));
		assert_true(n == 300 && epochs[0] == 300 && epochs[299] == 1);
		store_view_close(v);
		pool_release(&p);
		one_close(&o);
	}
}

/* A number that the store never gave is damage where it comes from, and not the reader's fault. */
static void foreign_numbers(void **state)
{
	uint32_t handle = 99;

	(void)state;
	for (size_t i = 0; i < ENGINES; i++) {
		struct store_view *v;
		struct store_stack stack;
		struct pool p = {0};
		struct str s;
		struct one o;
		struct err e;

		one_open(&o, &engines[i]);
		OK(store_begin(o.s, &e));
		OK(put_one(&o, handle_of(&o, "a:1"), 1, 1, T0, &e));
		OK(store_commit(o.s, NULL, &e));
		OK(store_view_open(o.s, &v, &e));
		assert_int_equal(store_strings(v, &handle, 1, &p, &s, &e), -1);
		assert_int_equal(e.kind, ERR_DAMAGED);
		assert_int_equal(store_stacks(v, &handle, 1, &p, &stack, &e), -1);
		assert_int_equal(e.kind, ERR_DAMAGED);
		store_view_close(v);
		pool_release(&p);
		one_close(&o);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(real_series), cmocka_unit_test(many_goes),    cmocka_unit_test(random_histories), cmocka_unit_test(refused),
		cmocka_unit_test(views),       cmocka_unit_test(host_numbers), cmocka_unit_test(no_maximum),
		cmocka_unit_test(foreign_numbers), cmocka_unit_test(ends), cmocka_unit_test(marks),
	};

	snprintf(port, sizeof port, "%d", clickhouse_start());
	if (strcmp(port, "0") == 0) {
		n_engines--;
		print_message("# no clickhouse-server here: that engine is not tested\n");
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}

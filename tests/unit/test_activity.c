/* SPDX-License-Identifier: MIT */
/* How groups come and go, how much functions are used: held against who is alive at each snapshot of real dumps, and
 * counted by hand on small ones. */
#include <gscrape/filter.h>
#include <gscrape/index.h>
#include <gscrape/query.h>
#include <gscrape/recorder.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#define COLS 37

static struct query *q;
static char db[256];

static int make_store(void **state)
{
	struct index_options o = {.paths = (const char *[]){"tests/data/series"}, .n_paths = 1, .db = db, .jobs = 1};
	struct index_totals t;
	struct err e;
	const char *tmp = getenv("TMP");

	(void)state;
	snprintf(db, sizeof db, "%s/activity.db", tmp ? tmp : "/tmp");
	unlink(db);
	return index_run(&o, &t, &e) < 0 || query_open(&q, db, &e) < 0 ? -1 : 0;
}

static int drop_store(void **state)
{
	(void)state;
	query_close(q);
	return 0;
}

/* The most and the last of each group in each column, and its name, by asking at every snapshot. */
static void check_columns(const struct host *h, int64_t from, int64_t to, enum group_by by, const struct activity *a, size_t n)
{
	struct pool p = {0};
	struct snapshot *s;
	size_t n_s;
	uint32_t *most = xcalloc(n * COLS + 1, sizeof *most), *last = xcalloc(n * COLS + 1, sizeof *last);

	assert_int_equal(query_snapshots(q, &(struct window){.host = h->id, .from = from, .to = to}, &p, &s, &n_s, NULL), 0);
	for (size_t i = 0; i < n_s; i++) {
		size_t c = (size_t)((double)(s[i].time - from) / (double)(to - from) * COLS), n_g;
		struct group *g;

		c = c < COLS ? c : COLS - 1;
		assert_int_equal(query_groups(q, &(struct group_question){{h->id, s[i].time}, by, NULL}, &p, &g, &n_g, NULL), 0);
		for (size_t k = 0; k < n; k++)
			last[k * COLS + c] = 0;
		for (size_t k = 0; k < n_g; k++) {
			const struct activity *found = activity_of(a, n, g[k].key);

			assert_non_null(found);
			assert_string_equal(activity_name(q, &p, found, by), g[k].name);
			last[(size_t)(found - a) * COLS + c] = g[k].count;
			if (g[k].count > most[(size_t)(found - a) * COLS + c])
				most[(size_t)(found - a) * COLS + c] = g[k].count;
		}
	}
	for (size_t i = 0; i < n_s; i++) { /* columns that a snapshot falls in; the others are carried on */
		size_t c = (size_t)((double)(s[i].time - from) / (double)(to - from) * COLS);

		c = c < COLS ? c : COLS - 1;
		for (size_t k = 0; k < n; k++)
			if (a[k].alive[c] != most[k * COLS + c] || a[k].last[c] != last[k * COLS + c])
				fail_msg("%s by %s: group %zu column %zu: %u, %u, not %u, %u", h->name, group_by_name(by), k, c, a[k].alive[c],
					 a[k].last[c], most[k * COLS + c], last[k * COLS + c]);
	}
	free(most);
	free(last);
	pool_release(&p);
}

static void as_asked_one_by_one(void **state)
{
	size_t n_hosts;
	const struct host *h = query_hosts(q, &n_hosts);

	(void)state;
	assert_true(n_hosts > 3);
	for (size_t i = 0; i < n_hosts; i++) {
		int64_t span = h[i].last - h[i].first;
		int64_t windows[3][2] = {{h[i].first, h[i].last}, {h[i].first + span / 3, h[i].first + span / 2}, {h[i].first - span, h[i].last + span}};

		for (int by = 0; by < BY_MAX; by++) {
			for (int w = 0; w < 3; w++) {
				struct pool p = {0};
				struct activity *a;
				size_t n;

				assert_int_equal(query_activity(q, &(struct activity_question){{h[i].id, windows[w][0],
					windows[w][1], COLS}, (enum group_by)by, 0, NULL}, &p, &a, &n, NULL), 0);
				assert_true(n > 0);
				check_columns(&h[i], windows[w][0], windows[w][1], (enum group_by)by, a, n);
				pool_release(&p);
			}
		}
	}
}

/* Of more groups than are wanted it gives up, and says so. */
static void too_many_groups(void **state)
{
	const struct host *h = query_hosts(q, &(size_t){0});
	struct activity_question ask = {{h->id, h->first, h->last, COLS}, BY_STACK, 0, NULL};
	struct pool p = {0};
	struct activity *a;
	size_t all, n;

	(void)state;
	assert_int_equal(query_activity(q, &ask, &p, &a, &all, NULL), 0);
	ask.most = all - 1;
	assert_int_equal(query_activity(q, &ask, &p, &a, &n, NULL), 0);
	assert_true(n > ask.most);
	ask.most = all;
	assert_int_equal(query_activity(q, &ask, &p, &a, &n, NULL), 0);
	assert_int_equal(n, all);
	pool_release(&p);
}

/* Of those that pass a filter which all pass there are as many as of all, in each piece of a window and in each state. */
static void all_pass(void **state)
{
	const struct filter_source src = {.text = "id > 0"};
	size_t n_hosts, n, n_all;
	const struct host *h = query_hosts(q, &n_hosts);
	struct activity *a, *all;
	struct filter *f;
	struct pool p = {0};

	(void)state;
	assert_int_equal(filter_open(&f, &src, &(struct filter_fault){0}, NULL), 0);
	for (size_t i = 0; i < 2 * n_hosts * BY_MAX; i++) {
		const struct host *one = &h[i % n_hosts];
		int64_t half = i < n_hosts * BY_MAX ? 0 : (one->last - one->first) / 2;
		struct activity_question ask = {{one->id, one->first + half / 2, one->last - half, COLS}, (enum group_by)(i / n_hosts % BY_MAX), 0, NULL};

		assert_int_equal(query_activity(q, &ask, &p, &all, &n_all, NULL), 0);
		ask.where = f;
		assert_int_equal(query_activity(q, &ask, &p, &a, &n, NULL), 0);
		for (size_t k = 0; k < n_all; k++) {
			const struct activity *same = activity_of(a, n, all[k].key);

			if (!same) { /* nobody of it was in any snapshot of the window */
				assert_int_equal(all[k].n_states, 0);
				continue;
			}
			assert_memory_equal(same->alive, all[k].alive, COLS * sizeof *same->alive);
			assert_memory_equal(same->last, all[k].last, COLS * sizeof *same->last);
			assert_int_equal(same->n_states, all[k].n_states);
			for (size_t t = 0; t < same->n_states; t++)
				assert_int_equal(same->states[t].n, all[k].states[t].n);
		}
	}
	filter_close(f);
	pool_release(&p);
}

/* Who is there at the end, and who came and left: the books must balance. */
static void books_balance(void **state)
{
	size_t n_hosts;
	const struct host *h = query_hosts(q, &n_hosts);

	(void)state;
	for (size_t i = 0; i < n_hosts; i++) {
		struct pool p = {0};
		struct activity *a;
		struct group *g;
		size_t n, n_g, there = 0;

		assert_int_equal(query_activity(q, &(struct activity_question){{h[i].id, h[i].first, h[i].last, COLS},
			BY_CREATED, 0, NULL}, &p, &a, &n, NULL), 0);
		assert_int_equal(query_groups(q, &(struct group_question){{h[i].id, h[i].last}, BY_CREATED, NULL}, &p, &g, &n_g,
			NULL), 0);
		for (size_t k = 0; k < n_g; k++)
			assert_int_equal(activity_of(a, n, g[k].key)->there, g[k].count);
		for (size_t k = 0; k < n; k++) {
			there += a[k].there > 0;
			assert_true(a[k].peak >= a[k].there);
			assert_true(a[k].p50 <= a[k].p90 && a[k].p90 <= a[k].longest);
			assert_true(a[k].longest <= h[i].last - h[i].first);
			if (h[i].epochs == 1) /* came and is there, or left: none else */
				assert_true(a[k].came <= a[k].there + a[k].left);
		}
		assert_int_equal(there, n_g);
		pool_release(&p);
	}
}

static void take_most(uint32_t host, int64_t t, const uint64_t *masks, size_t n, uint32_t *most)
{
	struct pool p = {0};
	struct alive *a;
	size_t n_a;
	uint32_t now[64] = {0};

	assert_int_equal(query_alive(q, &(struct moment){host, t}, &p, &a, &n_a, NULL), 0);
	for (size_t i = 0; i < n; i++) {
		for (size_t k = 0; k < n_a; k++)
			now[i] += masks[a[k].stack] >> i & 1;
		most[i] = now[i] > most[i] ? now[i] : most[i];
	}
	pool_release(&p);
}

/* How much functions were used, against the goroutines that had them and who was alive at each snapshot. */
static void check_use(const uint32_t *ids, size_t n, enum scope scope, uint32_t host, int64_t from, int64_t to)
{
	struct pool p = {0};
	struct use *use;
	struct snapshot *s;
	uint64_t *masks;
	uint32_t most[64] = {0};
	size_t n_masks, n_s;

	assert_int_equal(query_use(q, &(struct functions_question){.func_ids = ids, .n_funcs = n, .scope = scope, .w = {host, from, to, COLS}}, &p, &use, NULL), 0);
	assert_int_equal(query_stacks_with(q, &(struct functions_question){.func_ids = ids, .n_funcs = n, .scope = scope},
		&p, &masks, &n_masks, NULL), 0);
	for (size_t i = 0; i < n; i++) {
		struct hit *hits;
		size_t n_hits;

		assert_int_equal(query_hits(q, &(struct functions_question){.func_ids = &ids[i], .n_funcs = 1, .scope = scope, .w = {.host = host, .from = from,
			.to = to}}, &p, &hits, &n_hits, NULL), 0);
		assert_int_equal(use[i].ever, n_hits);
	}
	assert_int_equal(query_snapshots(q, &(struct window){.host = host, .from = from, .to = to}, &p, &s, &n_s, NULL), 0);
	for (size_t k = 0; k < n_s; k++)
		take_most(host, s[k].time, masks, n, most);
	if (n_s && s[0].time > from + (to - from) / COLS) /* columns before it have what was there when the window begins */
		take_most(host, from, masks, n, most);
	for (size_t i = 0; i < n && n_s; i++)
		assert_int_equal(use[i].peak, most[i]);
	pool_release(&p);
}

/* A function stood on a stack of the host in the window exactly if somebody had it there. */
static void check_standing(const uint32_t *ids, size_t n, enum scope scope, uint32_t host, int64_t from, int64_t to)
{
	struct functions_question ask = {.func_ids = ids, .n_funcs = n, .scope = scope, .w = {host, from, to, COLS}};
	struct pool p = {0};
	struct use *use;
	bool *has;
	size_t n_has;

	assert_int_equal(query_use(q, &ask, &p, &use, NULL), 0);
	assert_int_equal(query_functions_of(q, &ask, &p, &has, &n_has, NULL), 0);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(ids[i] < n_has && has[ids[i]], use[i].ever > 0);
	pool_release(&p);
}

static void functions_in_use(void **state)
{
	size_t n_hosts;
	const struct host *h = query_hosts(q, &n_hosts);

	(void)state;
	for (int scope = 0; scope < SCOPE_MAX; scope++) {
		struct pool p = {0};
		struct function *f;
		uint32_t ids[64];
		size_t n;

		assert_int_equal(query_find(q, &(struct find_question){"", false, (enum scope)scope}, &p, &f, &n, NULL), 0);
		assert_true(n > 64);
		for (size_t i = 0; i < 64; i++)
			ids[i] = f[i * n / 64].func_id;
		for (size_t i = 0; i < n_hosts; i++) {
			int64_t third = (h[i].last - h[i].first) / 3;

			check_standing(ids, 64, (enum scope)scope, h[i].id, h[i].first, h[i].last);
			check_standing(ids, 64, (enum scope)scope, h[i].id, h[i].first + third, h[i].last - third);
			check_use(ids, 64, (enum scope)scope, h[i].id, h[i].first, h[i].last);
			check_use(ids, 64, (enum scope)scope, h[i].id, h[i].first + third, h[i].last - third);
		}
		pool_release(&p);
	}
}

static bool finds(const char *pattern, bool regex, enum scope scope, const char *name)
{
	struct pool p = {0};
	struct function *f;
	size_t n;
	bool found = false;

	assert_int_equal(query_find(q, &(struct find_question){pattern, regex, scope}, &p, &f, &n, NULL), 0);
	for (size_t i = 0; i < n; i++)
		found |= strcmp(f[i].name, name) == 0;
	pool_release(&p);
	return found;
}

static void functions_are_found(void **state)
{
	struct pool p = {0};
	struct function *f;
	struct err e;
	size_t n;

	(void)state;
	assert_true(finds("main.fetch", false, IN_CREATOR, "main.fetch"));
	assert_true(finds("main.fetch", false, IN_ANY_FRAME, "main.fetch.func1"));
	assert_false(finds("main.fetch", false, IN_CREATOR, "main.fetch.func1"));
	assert_true(finds("", false, IN_LEAF, "time.Sleep"));
	assert_false(finds("", false, IN_LEAF, "main.main"));
	assert_true(finds("^main\\.f.*1$", true, IN_ANY_FRAME, "main.fetch.func1"));
	assert_false(finds("^main\\.F", true, IN_ANY_FRAME, "main.fetch.func1")); /* upper case counts when there is any */
	assert_int_equal(query_find(q, &(struct find_question){"a[", true, IN_ANY_FRAME}, &p, &f, &n, &e), -1);
	assert_non_null(strstr(e.text, "'a['"));
	pool_release(&p);
}

#define T0 1790000000000 /* ms */
#define MAIN "goroutine 1 [IO wait]:\nmain.main()\n\t/m.go:9 +0x1\n\n"
#define WORK(id, state) "goroutine " #id " [" state "]:\nmain.work(0x1)\n\t/w.go:7 +0x1\ncreated by main.main in goroutine 1\n\t/m.go:5 +0x2\n\n"

static void by_hand(void **state)
{
	static const char *const dumps[] = {MAIN WORK(2, "select"), MAIN WORK(2, "select") WORK(3, "select") WORK(4, "chan send"),
					    MAIN WORK(2, "chan send") WORK(4, "chan send"), MAIN WORK(4, "chan send"), MAIN WORK(4, "chan send")};
	struct recorder *r;
	struct outcome got;
	struct query *mine;
	const struct activity *work = NULL;
	struct activity *a;
	struct pool p = {0};
	struct err e;
	char path[300];
	uint32_t host;
	size_t n;

	(void)state;
	snprintf(path, sizeof path, "%s.small", db);
	unlink(path);
	assert_int_equal(recorder_open(&r, path, &e), 0);
	assert_int_equal(recorder_host(r, "a:1", NULL, &host, &e), 0);
	for (int i = 0; i < 5; i++) {
		struct scraped s = {.time = T0 + i * 10000, .text = str_of(dumps[i])};

		assert_int_equal(recorder_add(r, host, &s, &got, &e), 0);
	}
	assert_int_equal(recorder_close(r, &e), 0);
	assert_int_equal(query_open(&mine, path, &e), 0);
	host = query_host(mine, "a:1", &e)->id;
	assert_int_equal(query_activity(mine, &(struct activity_question){{host, T0, T0 + 40000, 5}, BY_CREATED, 0, NULL}, &p, &a,
		&n, &e), 0);
	assert_int_equal(n, 2);
	for (size_t i = 0; i < n; i++)
		if (a[i].key)
			work = &a[i];
	assert_non_null(work);
	assert_int_equal(work->came, 2); /* 3 and 4; nobody saw 2 come */
	assert_int_equal(work->left, 2);
	assert_int_equal(work->there, 1);
	assert_int_equal(work->peak, 3);
	assert_int_equal(work->longest, 30000); /* 4, from 10 s to 40 s; 2 lived to 20 s, 3 at 10 s alone */
	assert_int_equal(work->p50, 20000);
	assert_true(work->clipped);
	assert_int_equal(work->n_states, 2);
	assert_string_equal(query_string(mine, work->states[0].state), "chan send");
	assert_int_equal(work->states[0].n, 5);
	assert_int_equal(work->states[1].n, 3);
	assert_int_equal(query_activity(mine, &(struct activity_question){{host, T0, T0 + 40000, 5}, BY_STATE, 0, NULL}, &p, &a, &n,
		&e), 0);
	assert_int_equal(n, 3);
	for (size_t i = 0; i < n; i++) {
		if (strcmp(query_string(mine, (uint32_t)a[i].key), "chan send") != 0)
			continue;
		assert_int_equal(a[i].came, 2); /* 4 by birth, 2 from select */
		assert_int_equal(a[i].left, 1);
	}
	query_close(mine);
	pool_release(&p);
	unlink(path);
}

static void nothing_there(void **state)
{
	size_t n_hosts, n;
	const struct host *h = query_hosts(q, &n_hosts);
	struct activity *a;
	struct pool p = {0};

	(void)state;
	assert_int_equal(query_activity(q, &(struct activity_question){{999, 0, 1, 5}, BY_CREATED, 0, NULL}, &p, &a, &n, NULL), 0);
	assert_int_equal(n, 0);
	assert_int_equal(query_activity(q, &(struct activity_question){{h->id, h->first, h->first, 5}, BY_CREATED, 0, NULL}, &p, &a,
		&n, NULL), 0);
	assert_int_equal(n, 0);
	assert_int_equal(query_activity(q, &(struct activity_question){{h->id, h->first - 9000, h->first - 1000, 5},
		BY_CREATED, 0, NULL}, &p, &a, &n, NULL), 0);
	assert_int_equal(n, 0);
	assert_null(activity_of(a, n, 5));
	pool_release(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(as_asked_one_by_one), cmocka_unit_test(too_many_groups), cmocka_unit_test(all_pass), cmocka_unit_test(books_balance), cmocka_unit_test(by_hand), cmocka_unit_test(nothing_there),
		cmocka_unit_test(functions_in_use), cmocka_unit_test(functions_are_found),
	};

	return cmocka_run_group_tests(tests, make_store, drop_store);
}

/* SPDX-License-Identifier: MIT */
/*
 * What moved, who waits, who lives how long, who calls whom, of small histories made here; test_reference.c asks about
 * a long one.
 */
#include "history.h"
#include <gscrape/insight.h>

#define MAIN "goroutine 1 [IO wait]:\nmain.main()\n\t/m.go:9 +0x1\n\n"
#define WORK(id, state, line) "goroutine " #id " [" state "]:\nmain.work(0x1)\n\t/w.go:" #line " +0x1\ncreated by main.main in goroutine 1\n\t/m.go:5 +0x2\n\n"
#define OTHER(id) "goroutine " #id " [select]:\nmain.other()\n\t/o.go:1 +0x1\ncreated by main.init in goroutine 1\n\t/m.go:6 +0x2\n\n"
#define LOCK(id, address) "goroutine " #id " [sync.Mutex.Lock]:\ninternal/sync.(*Mutex).lockSlow(" address ")\n\t/s.go:1 +0x1\nmain.work(0x1)\n\t/w.go:7 +0x1\ncreated by main.main in goroutine 1\n\t/m.go:5 +0x2\n\n"
#define WAITS(id, state, frames) "goroutine " #id " [" state "]:\n" frames "created by main.main in goroutine 1\n\t/m.go:5 +0x2\n\n"

/* --- what moved --- */

static struct moved *diff(struct history *h, int64_t from, int64_t to, enum group_by by, size_t *n)
{
	struct diff_question q = {.from = from, .to = to, .by = by};
	struct moved *m;

	assert_int_equal(query_diff(h->q, &q, &h->p, &m, n, NULL), 0);
	return m;
}

static void assert_moved(const struct moved *m, const char *name, uint32_t from, uint32_t to, uint32_t born, uint32_t gone)
{
	assert_string_equal(moved_group(m)->name, name);
	assert_int_equal(m->from, from);
	assert_int_equal(m->to, to);
	assert_int_equal(m->net, (int64_t)to - from);
	assert_int_equal(m->born, born);
	assert_int_equal(m->gone, gone);
}

static void what_moved(void **state)
{
	struct history h;
	struct moved *m;
	size_t n;

	(void)state;
	begin(&h);
	add(&h, 0, MAIN WORK(7, "select", 1) WORK(8, "select", 1) OTHER(9), SNAP_OK);
	add(&h, 5, MAIN WORK(7, "select", 1) WORK(12, "select", 1) WORK(11, "select", 1) OTHER(9), SNAP_OK);
	add(&h, 10, NULL, SNAP_FAILED);
	add(&h, 15, MAIN WORK(7, "sleep", 2) WORK(12, "select", 1) WORK(11, "select", 1) WORK(10, "select", 1) OTHER(20), SNAP_OK);
	ask(&h);
	m = diff(&h, T0, T0 + 16000, BY_CREATED, &n);
	assert_int_equal(n, 2);
	assert_moved(&m[0], "main.main /m.go:5", 2, 4, 3, 1);
	assert_true(m[0].ids[0] == 11 && m[0].ids[1] == 12 && m[0].ids[2] == 10); /* 10 was seen later */
	assert_moved(&m[1], "main.init /m.go:6", 1, 1, 1, 1); /* one for the other */
	m = diff(&h, T0, T0 + 16000, BY_STATE, &n);
	assert_int_equal(n, 2); /* 7 went from one to the other */
	assert_moved(&m[0], "select", 3, 4, 4, 3);
	assert_moved(&m[1], "sleep", 0, 1, 1, 0);
	diff(&h, T0 + 5000, T0 + 12000, BY_CREATED, &n);
	assert_int_equal(n, 0); /* the failed one says nothing */
	m = diff(&h, NO_TIME, NO_TIME, BY_CREATED, &n);
	assert_int_equal(n, 2);
	assert_int_equal(m[0].from_time, T0);
	assert_int_equal(m[0].to_time, T0 + 15000);
	diff(&h, NO_TIME, T0 - 1, BY_CREATED, &n);
	assert_int_equal(n, 0); /* not watched yet */
	m = diff(&h, T0 + 15000, T0, BY_CREATED, &n); /* backwards, as a pin behind the cursor has it */
	assert_moved(&m[0], "main.main /m.go:5", 4, 2, 1, 3);
	finish(&h);
}

static void moved_across_a_restart(void **state)
{
	struct history h;
	struct moved *m;
	size_t n;

	(void)state;
	begin(&h);
	add(&h, 0, MAIN WORK(7, "select", 1) WORK(8, "select", 1), SNAP_OK);
	add(&h, 5, MAIN OTHER(7) WORK(8, "select", 1), SNAP_OK);
	assert_true(h.got.new_epoch);
	ask(&h);
	m = diff(&h, NO_TIME, NO_TIME, BY_CREATED, &n);
	assert_int_equal(n, 3);
	assert_moved(&m[0], "main.main /m.go:5", 2, 1, 1, 2);
	assert_moved(&m[1], "main.init /m.go:6", 0, 1, 1, 0);
	assert_moved(&m[2], "main.main (root)", 1, 1, 1, 1);
	m = diff(&h, NO_TIME, NO_TIME, BY_NONE, &n); /* the same number is another goroutine */
	assert_int_equal(n, 3);
	assert_true(m[0].born == 1 && m[0].gone == 1);
	finish(&h);
}

/* --- who waits --- */

static void who_waits(void **state)
{
	struct history h;
	struct waiters *w;
	size_t n;

	(void)state;
	begin(&h);
	add(&h, 0, MAIN LOCK(7, "0xc000000010") LOCK(8, "0xc000000010") LOCK(9, "0xc000000010"), SNAP_OK);
	add(&h, 5, MAIN LOCK(7, "0xc000000010") LOCK(8, "0xc000000020") LOCK(9, "0xc000000010") LOCK(10, "0xc000000020"), SNAP_OK);
	add(&h, 10, NULL, SNAP_FAILED);
	add(&h, 15, MAIN LOCK(7, "0xc000000010") LOCK(8, "0xc000000020") WORK(9, "sleep", 8) LOCK(10, "0xc000000010") LOCK(11, "0xc000000010?"), SNAP_OK);
	ask(&h);
	assert_int_equal(query_waiters(h.q, &(struct waiters_question){.w = {.host = 1, .from = NO_TIME, .to = INT64_MAX}}, &h.p, &w, &n,
		NULL), 0);
	assert_int_equal(n, 2); /* what may be stale says nothing */
	assert_int_equal(w[0].object, 0xc000000010);
	assert_string_equal(w[0].what, "sync.Mutex");
	assert_string_equal(w[0].state, "sync.Mutex.Lock");
	assert_int_equal(w[0].count, 2);
	assert_int_equal(w[0].longest, 3);
	assert_int_equal(w[0].longest_at, T0);
	assert_int_equal(w[0].oldest, T0);
	assert_int_equal(w[0].oldest_id, 7);
	assert_int_equal(w[0].handed_over, 2); /* 8 went to the other, 9 got it */
	assert_int_equal(w[0].n_sites, 1);
	assert_int_equal(w[0].sites[0].count, 2);
	assert_int_equal(w[1].object, 0xc000000020);
	assert_int_equal(w[1].count, 1);
	assert_int_equal(w[1].longest, 2);
	assert_int_equal(w[1].oldest, T0 + 5000); /* 8 waits for longer, but for this since then */
	assert_int_equal(w[1].handed_over, 1);
	assert_null(w[0].over);
	assert_int_equal(query_waiters(h.q, &(struct waiters_question){.w = {1, T0, T0 + 15000, 4}}, &h.p, &w, &n, NULL), 0);
	assert_memory_equal(w[0].over, ((uint32_t[]){3, 2, 2, 2}), 16);
	assert_memory_equal(w[1].over, ((uint32_t[]){0, 2, 2, 1}), 16); /* a scrape that failed changes nothing */
	assert_int_equal(query_waiters(h.q, &(struct waiters_question){.w = {1, T0, T0 + 15000, 4}, .object = 0xc000000020}, &h.p, &w, &n, NULL), 0);
	assert_null(w[0].over); /* of the one that was asked for alone */
	assert_memory_equal(w[1].over, ((uint32_t[]){0, 2, 2, 1}), 16);
	assert_int_equal(query_waiters(h.q, &(struct waiters_question){.w = {.host = 1, .from = T0 + 6000, .to = INT64_MAX}}, &h.p, &w, &n,
		NULL), 0);
	assert_int_equal(w[0].longest, 2);
	assert_int_equal(w[0].handed_over, 0); /* what happened between the last one before and the first one in it is not in it */
	assert_int_equal(query_waiters(h.q, &(struct waiters_question){.w = {.host = 1, .from = NO_TIME, .to = T0 - 1}}, &h.p, &w, &n, NULL), 0);
	assert_int_equal(n, 0);
	finish(&h);
}

static void kinds_of_objects(void **state)
{
#define ARGS(word) "(0xc0000000" word ")\n\t/s.go:1 +0x1\n"
#define USER "main.work(0x1)\n\t/w.go:7 +0x1\n"
	static const char text[] = MAIN
		WAITS(7, "sync.Mutex.Lock", "sync.(*Mutex).lockSlow" ARGS("10") "sync.(*Mutex).Lock(...)\n\t/s.go:2\nsync.(*RWMutex).Lock" ARGS("10") USER)
		WAITS(8, "sync.RWMutex.RLock", "sync.runtime_SemacquireRWMutexR(0xc000000018?, 0x0, 0x0)\n\t/s.go:1 +0x1\nsync.(*RWMutex).RLock" ARGS("10") USER)
		WAITS(9, "sync.WaitGroup.Wait", "sync.runtime_SemacquireWaitGroup(0xc0000000e8?)\n\t/s.go:1 +0x1\nsync.(*WaitGroup).Wait" ARGS("20") USER)
		WAITS(10, "sync.Cond.Wait", "sync.runtime_notifyListWait(0xc000000030, 0x0)\n\t/s.go:1 +0x1\nsync.(*Cond).Wait(0xc000000028?)\n\t/s.go:3 +0x1\n" USER)
		WAITS(11, "sync.Mutex.Lock", "sync.(*Mutex).lockSlow" ARGS("40") "sync.(*Mutex).Lock(...)\n\t/s.go:2\nsync.(*Cond).Wait" ARGS("28") USER)
		WAITS(12, "IO wait", "internal/poll.runtime_pollWait(0x7f0000000050, 0x72)\n\t/s.go:1 +0x1\n" USER)
		WAITS(13, "runnable", "sync.(*Mutex).lockSlow" ARGS("40") USER); /* it has got it */
	static const struct {
		uint64_t object;
		uint32_t count;
		const char *what;
	} want[] = {
		{0xc000000010, 2, "sync.RWMutex"}, {0xc000000020, 1, "sync.WaitGroup"}, {0xc000000030, 1, "sync.Cond"},
		{0xc000000040, 1, "sync.Mutex"},   {0x7f0000000050, 1, "network descriptor"},
	};
	struct history h;
	struct waiters *w;
	size_t n;

	(void)state;
	begin(&h);
	add(&h, 0, text, SNAP_OK);
	ask(&h);
	assert_int_equal(query_waiters(h.q, &(struct waiters_question){.w = {.host = 1, .from = NO_TIME, .to = INT64_MAX}}, &h.p, &w, &n,
		NULL), 0);
	assert_int_equal(n, 5);
	for (size_t i = 0; i < 5; i++) {
		assert_int_equal(w[i].object, want[i].object);
		assert_int_equal(w[i].count, want[i].count);
		assert_string_equal(w[i].what, want[i].what);
	}
	finish(&h);
}

/* --- lives --- */

/* The classic example of Kaplan and Meier's estimate: 6-MP against leukaemia, 21 patients, weeks of remission (Freireich
 * 1963), of which 9 relapse and 12 are censored: the median is 23. */
static void median_of_the_censored(void **state)
{
	static const int relapse[] = {6, 6, 6, 7, 10, 13, 16, 22, 23}, censored[] = {6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35};
	struct history h;
	struct lives *l;
	size_t n;

	(void)state;
	begin(&h);
	add(&h, 0, MAIN, SNAP_OK);
	for (int week = 1; week <= 40; week++) { /* whoever is censored after n weeks is born n weeks before the end */
		struct buf b = {0};

		buf_adds(&b, MAIN);
		for (int i = 0; i < 9; i++)
			if (week >= 2 && week <= 2 + relapse[i])
				buf_addf(&b, WAITS(%d, "select", "main.work()\n\t/w.go:1 +0x1\n"), 100 + i);
		for (int i = 0; i < 12; i++)
			if (week >= 40 - censored[i])
				buf_addf(&b, WAITS(%d, "select", "main.work()\n\t/w.go:1 +0x1\n"), 200 + i);
		add(&h, week * 10, b.p, SNAP_OK);
		buf_release(&b);
	}
	ask(&h);
	assert_int_equal(query_lives(h.q, &(struct lives_question){1, NO_TIME, NO_TIME, BY_CREATED, NULL}, &h.p, &l, &n, NULL), 0);
	assert_int_equal(n, 2);
	assert_string_equal(l[0].name, "main.main /m.go:5");
	assert_int_equal(l[0].births, 21);
	assert_int_equal(l[0].ended, 9);
	assert_int_equal(l[0].censored, 12);
	assert_int_equal(l[0].median, 230000);
	assert_int_equal(l[0].p50, 100000);
	assert_int_equal(l[0].max, 230000);
	assert_int_equal(l[1].before, 1);
	assert_int_equal(l[1].median, NO_TIME);
	finish(&h);
}

/* --- where the time goes, who calls whom --- */

static void recursion(void **state)
{
#define FRAME(name) "main." name "()\n\t/r.go:1 +0x1\n"
	static const char text[] = MAIN WAITS(7, "select", FRAME("leaf") FRAME("walk") FRAME("visit") FRAME("walk") FRAME("root"))
		WAITS(8, "select", FRAME("walk") FRAME("root"));
	struct history h;
	struct function *f;
	struct callers c;
	struct function_count counts[1];
	size_t n;

	(void)state;
	begin(&h);
	for (int i = 0; i < 4; i++)
		add(&h, i, text, SNAP_OK);
	ask(&h);
	assert_int_equal(query_functions(h.q, "^main.walk$", &h.p, &f, &n, NULL), 0);
	assert_int_equal(n, 1);
	assert_int_equal(query_callers(h.q, &(struct callers_question){&f[0].func_id, 1, 0, NO_TIME, NO_TIME}, &h.p, &c, NULL), 0);
	assert_int_equal(c.samples, 8); /* twice on a stack is once */
	assert_int_equal(c.all, 12);
	assert_int_equal(c.n_callers, 1);
	assert_string_equal(c.callers[0].path, "main.root <- created by main.main");
	assert_int_equal(c.n_callees, 2);
	assert_string_equal(c.callees[0].path, ""); /* 8 is at it */
	assert_string_equal(c.callees[1].path, "main.leaf");
	assert_true(c.callees[1].share == 0.5);
	assert_int_equal(query_callers(h.q, &(struct callers_question){&f[0].func_id, 1, 0, T0 + 900, T0 + 2000}, &h.p, &c, NULL), 0);
	assert_int_equal(c.samples, 4);
	assert_int_equal(query_function_counts(h.q, f, 1, &(struct counts_question){{0, INT64_MAX}, NULL}, counts, NULL), 0);
	assert_int_equal(counts[0].at, 2);
	assert_int_equal(query_function_counts(h.q, f, 1, &(struct counts_question){{0, T0 - 1}, NULL}, counts, NULL), 0);
	assert_int_equal(counts[0].at, -1); /* before the first sample */
	finish(&h);
}

static uint64_t samples_of(struct history *h, struct profile_question q, size_t *n)
{
	struct profile_line *l;
	uint64_t sum = 0;

	assert_int_equal(query_profile(h->q, &q, &h->p, &l, n, NULL), 1);
	for (size_t i = 0; i < *n; i++) {
		sum += l[i].samples;
		assert_true(i == 0 || l[i].samples <= l[i - 1].samples);
	}
	return sum;
}

static void profiles(void **state)
{
	struct history h;
	struct group *g;
	size_t n;

	(void)state;
	begin(&h);
	add(&h, 0, MAIN WORK(7, "select", 1) WORK(8, "sleep", 2), SNAP_OK);
	add(&h, 5, MAIN WORK(7, "runnable", 1) WORK(8, "sleep", 2), SNAP_OK);
	add(&h, 10, NULL, SNAP_FAILED);
	add(&h, 15, MAIN WORK(7, "select", 1) WORK(8, "sleep", 2), SNAP_OK);
	ask(&h);
	assert_int_equal(samples_of(&h, (struct profile_question){.host = 1, .id = 7, .from = NO_TIME, .to = NO_TIME}, &n), 3);
	assert_int_equal(n, 2);
	assert_int_equal(samples_of(&h, (struct profile_question){.host = 1, .id = 7, .from = T0 + 5000, .to = NO_TIME}, &n), 2);
	assert_int_equal(samples_of(&h, (struct profile_question){.host = 1, .by = BY_NONE, .from = NO_TIME, .to = NO_TIME}, &n), 9);
	assert_int_equal(n, 4);
	assert_int_equal(query_groups(h.q, &(struct group_question){{1, T0}, BY_CREATED, NULL}, &h.p, &g, &n, NULL), 0);
	assert_int_equal(samples_of(&h, (struct profile_question){.host = 1, .by = BY_CREATED, .key = g[0].key, .from = NO_TIME, .to = NO_TIME}, &n), 6);
	assert_int_equal(query_profile(h.q, &(struct profile_question){.host = 1, .id = 99, .from = NO_TIME, .to = NO_TIME}, &h.p,
				       &(struct profile_line *){NULL}, &n, NULL), 0);
	finish(&h);
}

/* --- many, few, none --- */

static void many_sites(void **state)
{
	struct history h;
	struct buf b = {0};
	struct moved *m;
	struct lives *l;
	size_t n;

	(void)state;
	begin(&h);
	for (int i = 0; i < 100000; i++)
		buf_addf(&b, "goroutine %d [select]:\nmain.f%d()\n\t/f.go:%d +0x1\ncreated by main.g%d in goroutine 1\n\t/g%d.go:%d +0x2\n\n", i + 2,
			 i % 977, i, i, i % 5003, i);
	add(&h, 0, MAIN, SNAP_OK);
	add(&h, 5, b.p, SNAP_OK);
	ask(&h);
	m = diff(&h, NO_TIME, NO_TIME, BY_CREATED, &n);
	assert_int_equal(n, 100001); /* and goroutine 1 is gone */
	for (size_t i = 0; i < n; i++)
		assert_true(m[i].born + m[i].gone == 1);
	diff(&h, NO_TIME, NO_TIME, BY_TOP, &n);
	assert_int_equal(n, 978);
	assert_int_equal(query_lives(h.q, &(struct lives_question){1, NO_TIME, NO_TIME, BY_CREATED, NULL}, &h.p, &l, &n, NULL), 0);
	assert_int_equal(n, 100001);
	buf_release(&b);
	finish(&h);
}

static void nothing_to_say(void **state)
{
	struct history h;
	struct waiters *w;
	struct lives *l;
	struct callers c;
	uint32_t func = 7;
	size_t n;

	(void)state;
	begin(&h);
	for (int i = 0; i < 3; i++)
		add(&h, i, NULL, SNAP_FAILED);
	ask(&h);
	for (uint32_t host = 1; host <= 2; host++) { /* there is no second one */
		diff(&h, NO_TIME, NO_TIME, BY_CREATED, &n);
		assert_int_equal(n, 0);
		assert_int_equal(query_waiters(h.q, &(struct waiters_question){.w = {.host = host, .from = NO_TIME, .to = INT64_MAX}}, &h.p,
			&w, &n, NULL), 0);
		assert_int_equal(n, 0);
		assert_int_equal(query_lives(h.q, &(struct lives_question){host, NO_TIME, NO_TIME, BY_CREATED, NULL}, &h.p, &l, &n, NULL), 0);
		assert_int_equal(n, 0);
		assert_int_equal(samples_of(&h, (struct profile_question){.host = host, .by = BY_NONE, .from = NO_TIME, .to = NO_TIME}, &n), 0);
	}
	assert_int_equal(query_callers(h.q, &(struct callers_question){&func, 1, 0, NO_TIME, NO_TIME}, &h.p, &c, NULL), 0);
	assert_int_equal(c.samples, 0);
	finish(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_moved),	     cmocka_unit_test(moved_across_a_restart), cmocka_unit_test(who_waits),
		cmocka_unit_test(kinds_of_objects), cmocka_unit_test(median_of_the_censored), cmocka_unit_test(recursion),
		cmocka_unit_test(profiles),	     cmocka_unit_test(many_sites),	       cmocka_unit_test(nothing_to_say),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
/*
 * What moved, who waits, who lives how long, who calls whom, of small histories made here: each answer is also worked out
 * plainly from what was recorded. A long random history with outages and restarts, over many chunks of the store, is asked
 * about again and again.
 */
#include "history.h"
#include <gscrape/insight.h>
#include <math.h>

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
	assert_moved(&m[2], "(no creation site)", 1, 1, 1, 1);
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
	assert_int_equal(query_waiters(h.q, 1, NO_TIME, INT64_MAX, &h.p, &w, &n, NULL), 0);
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
	assert_int_equal(query_waiters(h.q, 1, T0 + 6000, INT64_MAX, &h.p, &w, &n, NULL), 0);
	assert_int_equal(w[0].longest, 2);
	assert_int_equal(w[0].handed_over, 0); /* what happened between the last one before and the first one in it is not in it */
	assert_int_equal(query_waiters(h.q, 1, NO_TIME, T0 - 1, &h.p, &w, &n, NULL), 0);
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
	assert_int_equal(query_waiters(h.q, 1, NO_TIME, INT64_MAX, &h.p, &w, &n, NULL), 0);
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
	assert_int_equal(query_lives(h.q, &(struct lives_question){1, NO_TIME, NO_TIME, BY_CREATED}, &h.p, &l, &n, NULL), 0);
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
	uint32_t *counts;
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
	assert_int_equal(query_function_counts(h.q, f, 1, 0, INT64_MAX, &h.p, &counts, NULL), 0);
	assert_int_equal(counts[0], 2);
	assert_int_equal(query_function_counts(h.q, f, 1, 0, T0 - 1, &h.p, &counts, NULL), 0);
	assert_int_equal(counts[0], 0);
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
	assert_int_equal(query_groups(h.q, 1, T0, BY_CREATED, &h.p, &g, &n, NULL), 0);
	assert_int_equal(samples_of(&h, (struct profile_question){.host = 1, .by = BY_CREATED, .key = g[0].key, .from = NO_TIME, .to = NO_TIME}, &n), 6);
	assert_int_equal(query_profile(h.q, &(struct profile_question){.host = 1, .id = 99, .from = NO_TIME, .to = NO_TIME}, &h.p,
				       &(struct profile_line *){NULL}, &n, NULL), 0);
	finish(&h);
}

/* --- a long random history --- */

#define SHOTS 600
#define SLOTS 60
#define RESTART 290 /* every so many */

struct cell {
	uint64_t id;
	int kind; /* row of kinds */
};

struct shot_model {
	bool failed;
	int process;
	struct cell c[SLOTS];
	int n;
};

static const struct {
	const char *state, *top, *frames;
	int object;
} kinds[] = {
	{"select", "main.a", "main.a()\n\t/a.go:1 +0x1\n", 0},
	{"sleep", "main.a", "time.Sleep(0x1)\n\t/t.go:1 +0x1\nmain.a()\n\t/a.go:2 +0x1\n", 0},
	{"chan receive", "main.b", "main.b()\n\t/b.go:1 +0x1\n", 0},
	{"sync.Mutex.Lock", "main.l", "sync.(*Mutex).lockSlow(0xc000000010)\n\t/s.go:1 +0x1\nmain.l()\n\t/l.go:1 +0x1\n", 1},
	{"sync.Mutex.Lock", "main.l", "sync.(*Mutex).lockSlow(0xc000000020)\n\t/s.go:1 +0x1\nmain.l()\n\t/l.go:1 +0x1\n", 2},
	{"runnable", "main.l", "sync.(*Mutex).lockSlow(0xc000000010)\n\t/s.go:1 +0x1\nmain.l()\n\t/l.go:1 +0x1\n", 0},
};
#define KINDS ((int)(sizeof kinds / sizeof *kinds))

static struct shot_model model[SHOTS];

static uint32_t dice(uint32_t n)
{
	static uint64_t seed = 42;

	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(seed >> 33) % n;
}

static void roll(struct shot_model *s, const struct shot_model *was, int process, uint64_t *ids)
{
	s->process = process;
	s->n = 0;
	for (int i = 0; was->process == process && i < was->n; i++) {
		if (dice(12) == 0)
			continue;
		s->c[s->n] = was->c[i];
		if (dice(3) == 0)
			s->c[s->n].kind = (int)dice((uint32_t)KINDS);
		s->n++;
	}
	while (s->n < SLOTS && (s->n < 20 || dice(4)))
		s->c[s->n++] = (struct cell){++*ids, (int)dice((uint32_t)KINDS)};
}

/* Goroutine 2 is created elsewhere in each process: that tells them apart. */
static void record(struct history *h, int i)
{
	struct shot_model *s = &model[i];
	struct buf b = {0};

	buf_addf(&b, "goroutine 2 [select]:\nmain.main()\n\t/m.go:9 +0x1\ncreated by main.process in goroutine 1\n\t/p.go:%d +0x1\n\n", s->process + 1);
	for (int k = 0; k < s->n; k++)
		buf_addf(&b, "goroutine %d [%s]:\n%screated by main.start in goroutine 1\n\t/m.go:%d +0x2\n\n", (int)s->c[k].id,
			 kinds[s->c[k].kind].state, kinds[s->c[k].kind].frames, 10 + (int)(s->c[k].id % 3));
	assert_int_equal(add(h, i, s->failed ? NULL : b.p, s->failed ? SNAP_FAILED : SNAP_OK), 0);
	assert_true(s->failed || h->got.new_epoch == (i == 0 || s->process != model[i - 1].process));
	buf_release(&b);
}

static void make_history(struct history *h)
{
	uint64_t ids = 2;
	int process = 0;

	for (int i = 0; i < SHOTS; i++) {
		static const struct shot_model nothing = {.process = -1};
		const struct shot_model *was = i ? &model[i - 1] : &nothing;

		model[i].failed = i && dice(15) == 0;
		if (model[i].failed) { /* as it was, so that the next one goes on from there */
			model[i] = *was;
			model[i].failed = true;
		} else {
			if (i / RESTART != process) {
				process = i / RESTART;
				ids = 2;
			}
			roll(&model[i], was, process, &ids);
		}
		record(h, i);
	}
}

static const char *name_of(const struct cell *c, enum group_by by)
{
	static const char *const sites[] = {"main.start /m.go:10", "main.start /m.go:11", "main.start /m.go:12"};

	return by == BY_CREATED ? sites[c->id % 3] : by == BY_STATE ? kinds[c->kind].state : kinds[c->kind].top;
}

static const struct cell *cell_of(int shot, uint64_t id)
{
	for (int i = 0; i < model[shot].n; i++)
		if (model[shot].c[i].id == id)
			return &model[shot].c[i];
	return NULL;
}

static bool is_in(int shot, uint64_t id, enum group_by by, const char *name)
{
	const struct cell *c = cell_of(shot, id);

	return c && strcmp(name_of(c, by), name) == 0;
}

/* The text snapshot before or after; -1 when it is of another process or there is none. */
static int neighbour(int shot, int step)
{
	int i = shot + step;

	while (i >= 0 && i < SHOTS && model[i].failed)
		i += step;
	return i < 0 || i >= SHOTS || model[i].process != model[shot].process ? -1 : i;
}

static bool is_last_process(int shot, int to)
{
	for (int i = shot; i <= to; i++)
		if (!model[i].failed && model[i].process != model[shot].process)
			return false;
	return true;
}

/* What query_lives must say of a group, by looking at each stay from its first snapshot on. */
static struct lives count_lives(int from, int to, enum group_by by, const char *name)
{
	struct lives l = {.max = NO_TIME};

	for (int i = 0; i <= to; i++) {
		for (int k = 0; !model[i].failed && k < model[i].n; k++) {
			uint64_t id = model[i].c[k].id;
			int before = neighbour(i, -1), end = i, next;
			bool born, ended;

			if (strcmp(name_of(&model[i].c[k], by), name) != 0)
				continue;
			l.samples += i >= from;
			if (before >= 0 && is_in(before, id, by, name))
				continue; /* looked at already */
			while ((next = neighbour(end, 1)) >= 0 && next <= to && is_in(next, id, by, name))
				end = next;
			if (end < from)
				continue;
			born = before >= 0 && i >= from;
			ended = next >= 0 && next <= to;
			l.births += born;
			l.before += !born;
			l.deaths += ended;
			l.alive += !ended && is_last_process(end, to);
			l.killed += !ended && !is_last_process(end, to);
			l.ended += born && ended;
			l.censored += born && !ended;
			if (born && ended && (end - i) * 1000 > l.max)
				l.max = (end - i) * 1000;
		}
	}
	return l;
}

static void check_lives(struct history *h, int from, int to, enum group_by by)
{
	struct lives_question q = {1, T0 + from * 1000, T0 + to * 1000, by};
	struct lives *l;
	size_t n;
	uint64_t samples = 0, all = 0;

	assert_int_equal(query_lives(h->q, &q, &h->p, &l, &n, NULL), 0);
	for (size_t i = 0; i < n; i++) {
		struct lives want;

		if (strstr(l[i].name, "main.process") || strcmp(l[i].name, "main.main") == 0)
			continue; /* goroutine 2 */
		want = count_lives(from, to, by, l[i].name);
		if (by == BY_STATE && strcmp(l[i].name, "select") == 0)
			continue; /* goroutine 2, too */
		assert_int_equal(l[i].before, want.before);
		assert_int_equal(l[i].births, want.births);
		assert_int_equal(l[i].deaths, want.deaths);
		assert_int_equal(l[i].killed, want.killed);
		assert_int_equal(l[i].alive, want.alive);
		assert_int_equal(l[i].ended, want.ended);
		assert_int_equal(l[i].censored, want.censored);
		assert_int_equal(l[i].max, want.max);
		assert_int_equal(l[i].samples, want.samples);
		samples += want.samples;
	}
	for (int i = from; i <= to; i++)
		for (int k = 0; !model[i].failed && k < model[i].n; k++)
			all += by != BY_STATE || strcmp(kinds[model[i].c[k].kind].state, "select") != 0;
	assert_int_equal(samples, all); /* no group is missing */
}

static uint32_t queue_length(int shot, int object)
{
	uint32_t n = 0;

	for (int i = 0; i < model[shot].n; i++)
		n += kinds[model[shot].c[i].kind].object == object;
	return n;
}

static void check_waiters(struct history *h, int from, int to)
{
	struct waiters *w;
	size_t n;
	uint32_t waiting = 0;

	while (model[to].failed)
		to--;
	if (to < from)
		return;
	assert_int_equal(query_waiters(h->q, 1, T0 + from * 1000, T0 + to * 1000, &h->p, &w, &n, NULL), 0);
	for (size_t i = 0; i < n; i++) {
		int object = (int)(w[i].object >> 4 & 0xf), next;
		uint32_t longest = 0, handed = 0;

		for (int k = from; k <= to; k++) {
			if (model[k].failed || model[k].process != model[to].process)
				continue;
			longest = queue_length(k, object) > longest ? queue_length(k, object) : longest;
			next = neighbour(k, 1);
			for (int j = 0; next >= 0 && next <= to && j < model[k].n; j++) {
				const struct cell *then = cell_of(next, model[k].c[j].id);

				handed += kinds[model[k].c[j].kind].object == object && (!then || kinds[then->kind].object != object);
			}
		}
		assert_int_equal(w[i].count, queue_length(to, object));
		assert_int_equal(w[i].longest, longest);
		assert_int_equal(w[i].handed_over, handed);
		waiting += w[i].count;
	}
	assert_int_equal(waiting, queue_length(to, 1) + queue_length(to, 2));
}

static void check_callers(struct history *h, int from, int to)
{
	struct function *f;
	struct callers c;
	uint64_t want = 0;
	size_t n;

	assert_int_equal(query_functions(h->q, "^sync.(*Mutex).lockSlow$", &h->p, &f, &n, NULL), 0);
	assert_int_equal(query_callers(h->q, &(struct callers_question){&f[0].func_id, 1, 0, T0 + from * 1000, T0 + to * 1000}, &h->p, &c, NULL), 0);
	for (int i = from; i <= to; i++)
		for (int k = 0; !model[i].failed && k < model[i].n; k++)
			want += kinds[model[i].c[k].kind].frames[0] == 's';
	assert_int_equal(c.samples, want);
}

static void count_chunk(void *ctx, uint32_t epoch, uint32_t first_seq, uint32_t last_seq)
{
	(void)epoch;
	assert_true(first_seq <= last_seq);
	++*(uint32_t *)ctx;
}

static void random_history(void **state)
{
	struct history h;
	uint32_t chunks = 0, epochs;

	(void)state;
	begin(&h);
	make_history(&h);
	ask(&h);
	assert_int_equal(store_walk(query_store(h.q), 1, 1, SHOTS, &(struct store_walk){.chunk = count_chunk, .ctx = &chunks}, NULL), 0);
	epochs = query_hosts(h.q, &(size_t){0})[0].epochs;
	assert_true(epochs == 3 && chunks > 4); /* a process has more than one */
	for (int round = 0; round < 60; round++) {
		int from = round ? (int)dice(SHOTS) : 0, to = round ? from + (int)dice((uint32_t)(SHOTS - from)) : SHOTS - 1;
		static const enum group_by by[] = {BY_CREATED, BY_STATE, BY_TOP};

		check_lives(&h, from, to, by[round % 3]);
		check_waiters(&h, from, to);
		check_callers(&h, from, to);
		pool_release(&h.p);
	}
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
	assert_int_equal(query_lives(h.q, &(struct lives_question){1, NO_TIME, NO_TIME, BY_CREATED}, &h.p, &l, &n, NULL), 0);
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
	size_t n;

	(void)state;
	begin(&h);
	for (int i = 0; i < 3; i++)
		add(&h, i, NULL, SNAP_FAILED);
	ask(&h);
	for (uint32_t host = 1; host <= 2; host++) { /* there is no second one */
		diff(&h, NO_TIME, NO_TIME, BY_CREATED, &n);
		assert_int_equal(n, 0);
		assert_int_equal(query_waiters(h.q, host, NO_TIME, INT64_MAX, &h.p, &w, &n, NULL), 0);
		assert_int_equal(n, 0);
		assert_int_equal(query_lives(h.q, &(struct lives_question){host, NO_TIME, NO_TIME, BY_CREATED}, &h.p, &l, &n, NULL), 0);
		assert_int_equal(n, 0);
		assert_int_equal(samples_of(&h, (struct profile_question){.host = host, .by = BY_NONE, .from = NO_TIME, .to = NO_TIME}, &n), 0);
	}
	assert_int_equal(query_callers(h.q, &(struct callers_question){&(uint32_t){7}, 1, 0, NO_TIME, NO_TIME}, &h.p, &c, NULL), 0);
	assert_int_equal(c.samples, 0);
	finish(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_moved),	     cmocka_unit_test(moved_across_a_restart), cmocka_unit_test(who_waits),
		cmocka_unit_test(kinds_of_objects), cmocka_unit_test(median_of_the_censored), cmocka_unit_test(recursion),
		cmocka_unit_test(profiles),	     cmocka_unit_test(random_history),	       cmocka_unit_test(many_sites),
		cmocka_unit_test(nothing_to_say),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

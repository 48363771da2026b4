/* SPDX-License-Identifier: MIT */
/*
 * The leak model on histories made here: each test plays a service as dumps, one a second, through the real recorder and
 * store, and asks who is suspected. What real Go programs look like is tested in tests/leaks.
 */
#include "service.h"

static void a_leak(void **state)
{
	struct service v;

	(void)state;
	begin(&v);
	traffic(&v, 60);
	for (int s = 1; s < 60; s += 2)
		start(&v, 1, s, 0, "main.ask", "main.ask.func1", "chan send");
	record(&v, 0, 60, 1, false);
	ask(&v);
	expect_top(&v, VERDICT_LEAK, SUSPECT_GROWTH, "main.ask", "main.ask.func1");
	assert_int_equal(v.s[0].count, 30);
	assert_int_equal(v.s[0].growth, 30);
	assert_int_equal(v.s[0].first_count, 0);
	assert_int_equal(v.s[0].left, 0);
	assert_true(v.s[0].since == T0 + 1000);
	assert_true(v.s[0].per_hour > 1799 && v.s[0].per_hour < 1801);
	assert_true(v.s[0].ids[0] == v.s[0].oldest_id);
	for (size_t i = 1; i < v.n_s; i++)
		assert_int_not_equal(v.s[i].verdict, VERDICT_LEAK);
	finish(&v);
}

/* The interval does not matter, nor what the dump leaves out. */
static void the_same_seen_seldom(void **state)
{
	struct service v;

	(void)state;
	begin(&v);
	traffic(&v, 600);
	for (int s = 1; s < 600; s += 20)
		start(&v, 1, s, 0, "main.ask", "main.ask.func1", "chan receive");
	record(&v, 0, 600, 30, false);
	ask(&v);
	expect_top(&v, VERDICT_LEAK, SUSPECT_GROWTH, "main.ask", "main.ask.func1");
	finish(&v);
}

static void what_fills_up(void **state)
{
	struct service v;

	(void)state;
	begin(&v);
	traffic(&v, 60);
	for (int s = 1; s < 25; s++) /* and is full */
		start(&v, 2, s, 0, "main.grow", "main.member", "chan receive");
	record(&v, 0, 60, 1, false);
	ask(&v);
	expect_no_leak(&v);
	finish(&v);
}

static void one_step(void **state)
{
	struct service v;

	(void)state;
	begin(&v);
	traffic(&v, 60);
	start(&v, 90, 31, 0, "main.enable", "main.follow", "chan receive");
	record(&v, 0, 60, 1, false);
	ask(&v);
	expect_no_leak(&v);
	finish(&v);
}

/* What is switched on for some more users, five times, comes at once each time. */
static void some_steps(void **state)
{
	static const int at[] = {500, 2000, 3500, 5000, 6500};
	struct service v;

	(void)state;
	begin(&v);
	traffic(&v, 7200);
	for (size_t i = 0; i < sizeof at / sizeof *at; i++)
		start(&v, 12 + 5 * (int)i, at[i], 0, "main.enable", "main.follow", "chan receive");
	record(&v, 0, 7200, 30, false);
	ask(&v);
	expect_no_leak(&v);
	finish(&v);
}

/* Long lives in balance: as many go as come. */
static void a_balance(void **state)
{
	struct service v;

	(void)state;
	begin(&v);
	traffic(&v, 60);
	for (int s = -20; s < 60; s++)
		start(&v, 2, s, s + 20, "main.accept", "main.session", "select");
	record(&v, 0, 60, 1, false);
	ask(&v);
	expect_no_leak(&v);
	finish(&v);
}

/* The load swings; at the end it is up. */
static void a_swing(void **state)
{
	struct service v;

	(void)state;
	begin(&v);
	traffic(&v, 90);
	for (int s = 0; s < 90; s++) {
		int up = s % 40 < 20 ? s % 40 : 40 - s % 40;

		start(&v, up / 2, s, s + 4, "main.serve", "main.slow", "select");
	}
	record(&v, 0, 90, 1, false);
	ask(&v);
	expect_no_leak(&v);
	finish(&v);
}

/* Who is missing in a cut dump is not gone, and who comes back later did not come then. */
static void a_fall_that_is_none(void **state)
{
	struct service v;

	(void)state;
	begin(&v);
	start(&v, 60, 0, 0, "main.pool", "main.worker", "chan receive");
	record(&v, 0, 40, 1, true);
	ask(&v);
	expect_no_leak(&v);
	assert_int_equal(v.notes.n, 1);
	assert_non_null(strstr(v.notes.text[0], "were cut short"));
	finish(&v);
}

/* A process that leaks is restarted, and leaks again: the present one is too young to tell alone. */
static void restarted(void **state)
{
	struct service v;

	(void)state;
	begin(&v);
	traffic(&v, 60);
	for (int s = 1; s < 60; s++)
		start(&v, 1, s, 60, "main.ask", "main.ask.func1", "chan send");
	record(&v, 0, 59, 1, false);
	v.n = 0;
	v.next_id = 310; /* the pool's ids at other sites: another process */
	start(&v, 12, 60, 0, "main.other", "main.elsewhere", "select");
	for (int s = 61; s < 66; s++)
		start(&v, 1, s, 0, "main.ask", "main.ask.func1", "chan send");
	record(&v, 60, 65, 1, false);
	ask(&v);
	expect_top(&v, VERDICT_LEAK, SUSPECT_GROWTH, "main.ask", "main.ask.func1");
	assert_int_equal(v.s[0].epoch, 2);
	assert_int_equal(v.s[0].count, 5);
	finish(&v);
}

/* Six come in each life; the present one has two, too few to be judged by themselves, and is judged by all before it. */
static void many_lives(void **state)
{
	struct service v;

	(void)state;
	begin(&v);
	for (int life = 0; life < 8; life++) {
		int from = 200 * life, until = life < 7 ? from + 200 : from + 60;

		v.n = 0;
		v.next_id = 10;
		start(&v, 12, from, until, life % 2 ? "main.odd" : "main.even", "main.elsewhere", "select"); /* the same ids elsewhere */
		for (int s = from + 20; s < until; s += 33)
			start(&v, 1, s, 0, "main.ask", "main.ask.func1", "chan receive");
		record(&v, from, until - 1, 5, false);
	}
	ask(&v);
	expect_top(&v, VERDICT_LEAK, SUSPECT_GROWTH, "main.ask", "main.ask.func1");
	assert_int_equal(v.s[0].epoch, 8);
	assert_int_equal(v.s[0].count, 2);
	finish(&v);
}

/* The new process does not do it any more. */
static void mended(void **state)
{
	struct service v;

	(void)state;
	begin(&v);
	for (int s = 1; s < 40; s++)
		start(&v, 1, s, 40, "main.ask", "main.ask.func1", "chan send");
	record(&v, 0, 39, 1, false);
	v.n = 0;
	v.next_id = 10;
	start(&v, 12, 40, 0, "main.other", "main.elsewhere", "select");
	record(&v, 40, 90, 1, false);
	ask(&v);
	expect_no_leak(&v);
	for (size_t i = 0; i < v.n_s; i++)
		assert_true(v.s[i].count > 0);
	finish(&v);
}

/* The new process has more of them than the old one had, but they do not come: who is there is of the new one. */
static void another_process(void **state)
{
	struct service v;
	const struct suspect *s = NULL;

	(void)state;
	begin(&v);
	for (int i = 1; i < 13; i++)
		start(&v, 1, 3 * i, 40, "main.ask", "main.ask.func1", "chan send");
	record(&v, 0, 39, 1, false);
	v.n = 0;
	v.next_id = 10;
	start(&v, 12, 40, 0, "main.other", "main.elsewhere", "select");
	start(&v, 30, 40, 0, "main.ask", "main.ask.func1", "chan send");
	record(&v, 40, 60, 1, false);
	ask(&v);
	for (size_t i = 0; i < v.n_s; i++)
		if (strcmp(v.s[i].created.func, "main.ask") == 0)
			s = &v.s[i];
	assert_non_null(s);
	assert_int_equal(s->count, 30);
	assert_int_equal(s->epoch, 2);
	for (uint64_t i = 0; i < 30; i++)
		assert_int_equal(s->ids[i], 22 + i);
	finish(&v);
}

static void a_dead_lock(void **state)
{
	struct service v;

	(void)state;
	begin(&v);
	traffic(&v, 300);
	start(&v, 1, 20, 0, "main.both", "main.transfer", "sync.Mutex.Lock");
	start(&v, 1, 20, 0, "main.both", "main.transfer", "sync.Mutex.Lock");
	record(&v, 0, 300, 5, false);
	ask(&v);
	expect_top(&v, VERDICT_LEAK, SUSPECT_STUCK, "main.both", "main.transfer");
	finish(&v);
}

static void waits_for(struct service *v, int born, const char *site, const char *place, const char *lock)
{
	start(v, 1, born, 0, site, "internal/sync.(*Mutex).lockSlow", "sync.Mutex.Lock");
	v->a[v->n - 1].arg = lock;
	v->a[v->n - 1].from = place;
}

/* Two of different statements that wait for two locks since the same moment are one; two that began apart are two. */
static void two_locks(void **state)
{
	struct service v;

	(void)state;
	for (int together = 0; together <= 1; together++) {
		size_t seen = 0;

		begin(&v);
		traffic(&v, 600);
		waits_for(&v, 20, "main.newLedger", "main.(*ledger).move", "0xc000100000");
		waits_for(&v, together ? 22 : 70, "main.newAudit", "main.(*audit).check", "0xc000200000");
		record(&v, 0, 600, 5, false);
		ask(&v);
		for (size_t i = 0; i < v.n_s; i++)
			seen += v.s[i].verdict != VERDICT_NONE;
		assert_int_equal(seen, together ? 1 : 2);
		assert_int_equal(v.s[0].verdict, together ? VERDICT_LEAK : VERDICT_WATCH);
		assert_int_equal(v.s[0].n_relatives, together);
		finish(&v);
	}
}

static void marked_by_go(void **state)
{
	struct service v;

	(void)state;
	begin(&v);
	start(&v, 3, 0, 0, "main.once", "main.hang", "chan receive (leaked)");
	start(&v, 40, 0, 0, "main.pool", "main.worker", "chan receive");
	record(&v, 0, 4, 1, false);
	ask(&v);
	expect_top(&v, VERDICT_LEAK, SUSPECT_STUCK, "main.once", "main.hang");
	finish(&v);
}

/* Go's detector was asked, and says nothing of those that grow. */
static void not_marked(void **state)
{
	double score[2];

	(void)state;
	for (int asked = 0; asked <= 1; asked++) {
		struct service v;

		begin(&v);
		traffic(&v, 60);
		start(&v, 1, 0, 0, "main.once", "main.hang", asked ? "chan receive (leaked)" : "chan receive");
		for (int s = 1; s < 60; s += 2)
			start(&v, 1, s, 0, "main.ask", "main.ask.func1", "chan send");
		record(&v, 0, 60, 1, false);
		ask(&v);
		score[asked] = 0;
		for (size_t i = 0; i < v.n_s; i++)
			if (strcmp(v.s[i].created.func, "main.ask") == 0)
				score[asked] = v.s[i].score;
		finish(&v);
	}
	assert_true(score[0] > .9);
	assert_true(score[1] < score[0]);
}

static void too_little_to_tell(void **state)
{
	struct service v;

	(void)state;
	for (int snapshots = 1; snapshots <= 2; snapshots++) {
		begin(&v);
		start(&v, 500, 1, 0, "main.ask", "main.ask.func1", "chan send");
		record(&v, 0, snapshots - 1, 1, false);
		ask(&v);
		assert_int_equal(v.n_s, snapshots - 1);
		assert_true(!v.n_s || v.s[0].verdict == VERDICT_WATCH);
		assert_int_equal(v.notes.n, 1);
		assert_non_null(strstr(v.notes.text[0], "fewer than three"));
		finish(&v);
	}
}

static void all_failed(void **state)
{
	struct service v;
	struct recording c;

	(void)state;
	begin(&v);
	c = recording_begin(&v);
	for (int s = 0; s < 20; s++)
		recording_add(&c, (struct scraped){.time = T0 + s * 1000LL, .status = SNAP_FAILED, .note = "refused"});
	recording_end(&c);
	ask(&v);
	assert_int_equal(v.n_s, 0);
	assert_non_null(strstr(v.notes.text[0], "0 snapshots, all failed"));
	assert_int_equal(v.notes.looked_at, 0);
	finish(&v);
}

/* A window: what was before it and comes after it does not count. */
static void a_window(void **state)
{
	struct leak_question q = {.from = T0 + 30000, .to = T0 + 60000};
	struct service v;
	struct err e = {0};

	(void)state;
	begin(&v);
	traffic(&v, 120);
	for (int s = 61; s < 120; s++)
		start(&v, 1, s, 0, "main.ask", "main.ask.func1", "chan send");
	record(&v, 0, 120, 1, false);
	ask(&v);
	expect_top(&v, VERDICT_LEAK, SUSPECT_GROWTH, "main.ask", "main.ask.func1");
	assert_int_equal(query_leaks(v.q, &q, &v.p, &v.s, &v.n_s, &e), 0);
	expect_no_leak(&v);
	q.from = T0 + 60000;
	q.to = T0 + 90000;
	assert_int_equal(query_leaks(v.q, &q, &v.p, &v.s, &v.n_s, &e), 0);
	expect_top(&v, VERDICT_LEAK, SUSPECT_GROWTH, "main.ask", "main.ask.func1");
	assert_int_equal(v.s[0].count, 30);
	q.from = T0 + 100000;
	q.to = T0 + 110000;
	assert_int_equal(query_leaks(v.q, &q, &v.p, &v.s, &v.n_s, &e), 0);
	expect_top(&v, VERDICT_LEAK, SUSPECT_GROWTH, "main.ask", "main.ask.func1");
	assert_int_equal(v.s[0].first_count, 40); /* and nobody of those that were gone by then */
	assert_int_equal(v.s[0].growth, 10);
	finish(&v);
}

static void how_it_went(void **state)
{
	struct service v;
	struct flow f[6];
	struct err e = {0};
	int64_t at;

	(void)state;
	begin(&v);
	traffic(&v, 60);
	for (int s = 1; s < 60; s++)
		start(&v, 1, s, 0, "main.ask", "main.ask.func1", "chan send");
	record(&v, 0, 60, 1, false);
	ask(&v);
	assert_int_equal(query_suspect_flow(v.q, v.s, &(struct window){0, T0, T0 + 60000, 6}, f, &e), 0);
	for (int i = 0; i < 6; i++) {
		assert_true(f[i].known);
		assert_int_equal(f[i].alive, i == 5 ? 59 : 10 * i + 9);
		assert_int_equal(f[i].came, i == 0 ? 9 : 10);
		assert_int_equal(f[i].left, 0);
	}
	assert_int_equal(query_suspects_at(v.q, v.s, 1, T0 + 20500, &at, &e), 0);
	assert_int_equal(at, 20);
	assert_int_equal(query_suspects_at(v.q, v.s, 1, T0 - 1, &at, &e), 0);
	assert_int_equal(at, -1);
	finish(&v);
}

/* One snapshot tells of many that wait for long, and no more than a watch. */
static void one_snapshot(void **state)
{
	struct service v;

	(void)state;
	begin(&v);
	start(&v, 500, 0, 0, "main.ask", "main.ask.func1", "chan send, 45 minutes");
	start(&v, 500, 0, 0, "main.idle", "main.conn", "IO wait, 45 minutes");
	record(&v, 0, 0, 1, false);
	ask(&v);
	expect_top(&v, VERDICT_WATCH, SUSPECT_STUCK, "main.ask", "main.ask.func1");
	assert_int_equal(v.s[0].count, 500);
	assert_true(v.s[0].since_before && v.s[0].since == T0);
	assert_int_equal(v.notes.n, 1);
	finish(&v);
	begin(&v); /* the minutes do not say so; nor of a pool that waits for work */
	start(&v, 997, 0, 0, "main.ask", "main.ask.func1", "chan send");
	start(&v, 200, 0, 0, "main.pool", "main.worker", "chan receive");
	start(&v, 30, 0, 0, "main.few", "main.few.func1", "chan send");
	record(&v, 0, 0, 1, false);
	ask(&v);
	expect_top(&v, VERDICT_WATCH, SUSPECT_STUCK, "main.ask", "main.ask.func1");
	assert_int_equal(v.n_s, 2);
	assert_int_equal(v.s[1].verdict, VERDICT_NONE);
	finish(&v);
}

/* A worker that moved all the time and then never again, alone, while requests go on; and one that only waits for work. */
static void came_to_rest(void **state)
{
	struct service v;

	(void)state;
	begin(&v);
	traffic(&v, 200);
	v.next_id = 5;
	for (int s = 0; s < 60; s += 2) {
		v.next_id = 5;
		start(&v, 1, s, s + 1, "main.newScheduler", "main.(*scheduler).next", "select");
		v.next_id = 5;
		start(&v, 1, s + 1, s + 2, "main.newScheduler", "main.(*scheduler).place", "runnable");
	}
	v.next_id = 5;
	start(&v, 1, 60, 0, "main.newScheduler", "main.(*scheduler).publish", "chan send");
	for (int s = 0; s < 60; s += 2) {
		v.next_id = 6;
		start(&v, 1, s, s + 1, "main.newWorker", "main.(*worker).take", "chan receive");
		v.next_id = 6;
		start(&v, 1, s + 1, s + 2, "main.newWorker", "main.(*worker).run", "runnable");
	}
	v.next_id = 6;
	start(&v, 1, 60, 0, "main.newWorker", "main.(*worker).take", "chan receive");
	record(&v, 0, 199, 1, false);
	ask(&v);
	expect_top(&v, VERDICT_LEAK, SUSPECT_REST, "main.newScheduler", "main.(*scheduler).publish");
	assert_int_equal(v.s[0].count, 1);
	for (size_t i = 1; i < v.n_s; i++)
		assert_int_not_equal(v.s[i].verdict, VERDICT_LEAK);
	finish(&v);
}

/* What one goroutine does from one second to the next, by turns. */
static void by_turns(struct service *v, uint64_t id, int until, const char *site, const char *const (*turns)[2], int n)
{
	for (int s = 0; s < until; s++) {
		v->next_id = id;
		start(v, 1, s, s + 1, site, turns[s % n][0], turns[s % n][1]);
	}
	v->next_id = id;
}

/* Work and rest are on one line of code: one rests as it always rested, another is where it was, but waits for another thing. */
static void one_line(void **state)
{
	static const char *const turns[][2] = {{"main.(*reader).loop", "chan receive"}, {"main.(*reader).loop", "IO wait"}};
	struct service v;

	(void)state;
	for (int stuck = 0; stuck <= 1; stuck++) {
		begin(&v);
		traffic(&v, 400);
		by_turns(&v, 5, 60, "main.newReader", turns, 2);
		start(&v, 1, 60, 0, "main.newReader", "main.(*reader).loop", stuck ? "chan send" : "chan receive");
		record(&v, 0, 399, 1, false);
		ask(&v);
		if (stuck)
			expect_top(&v, VERDICT_LEAK, SUSPECT_REST, "main.newReader", "main.(*reader).loop");
		else
			expect_no_leak(&v);
		finish(&v);
	}
}

/* It worked, and then it can run at each look: whether it has a processor just then, or at which line it is, is no progress. */
static void live_lock(void **state)
{
	static const char *const turns[][2] = {{"main.(*election).wait", "select"}, {"main.(*election).campaign", "IO wait"}};
	static const char *const stuck[][2] = {{"main.(*election).retry", "runnable"}, {"main.(*election).retry", "running"}};
	struct service v;

	(void)state;
	begin(&v);
	traffic(&v, 400);
	by_turns(&v, 5, 60, "main.newElection", turns, 2);
	for (int s = 60; s < 400; s++) {
		start(&v, 1, s, s + 1, "main.newElection", stuck[s * 7 % 5 > 2][0], stuck[s * 7 % 5 > 2][1]);
		v.next_id = 5;
	}
	record(&v, 0, 399, 1, false);
	ask(&v);
	expect_top(&v, VERDICT_LEAK, SUSPECT_REST, "main.newElection", "main.(*election).retry");
	finish(&v);
}

/* Two that could run at each look, at one line, from the beginning; and one that writes the dumps. */
static void busy(void **state)
{
	struct service v;
	size_t seen = 0;

	(void)state;
	begin(&v);
	traffic(&v, 1800);
	start(&v, 2, 0, 0, "main.newSpin", "main.(*spin).wait", "runnable");
	start(&v, 1, 0, 0, "main.newDebug", "runtime/pprof.writeGoroutineStacks", "running");
	v.a[v.n - 1].from = "main.(*debug).ServeHTTP";
	record(&v, 0, 1800, 30, false);
	ask(&v);
	for (size_t i = 0; i < v.n_s; i++)
		if (v.s[i].verdict != VERDICT_NONE) {
			assert_int_equal(v.s[i].verdict, VERDICT_WATCH);
			assert_int_equal(v.s[i].kind, SUSPECT_STUCK);
			assert_string_equal(v.s[i].place.func, "main.(*spin).wait");
			assert_int_equal(v.s[i].count, 2);
			seen++;
		}
	assert_int_equal(seen, 1);
	finish(&v);
}

/* Jobs that take some seconds as a rule, and minutes at times; who left after as long had rested all the time, too. */
static void long_jobs(void **state)
{
	static const uint32_t seeds[] = {12, 35, 73, 99};

	(void)state;
	for (size_t i = 0; i < sizeof seeds / sizeof *seeds; i++) {
		struct service v;
		uint32_t r = seeds[i] * 7919;

		begin(&v);
		traffic(&v, 1200);
		for (int s = 1; s < 1200; s += 6) {
			r = r * 1664525 + 1013904223;
			start(&v, 1, s, s + 6000 / (1 + (int)(r >> 8) % 1000), "main.start", "main.await", "chan receive");
		}
		record(&v, 0, 1200, 4, false);
		ask(&v);
		expect_no_leak(&v);
		finish(&v);
	}
}

/* Each has a ticker that nobody stopped: one is seen just as it ticks, another is not. */
static void caught_in_the_act(void **state)
{
	struct service v;

	(void)state;
	begin(&v);
	traffic(&v, 240);
	for (int s = 1; s < 230; s += 4) {
		int at = s + 2 + s * 37 % (237 - s);
		uint64_t id = v.next_id;

		start(&v, 1, s, at, "main.ask", "main.refresh", "select");
		v.next_id = id;
		start(&v, 1, at, at + 1, "main.ask", "main.refresh", "runnable");
		v.next_id = id;
		start(&v, 1, at + 1, 0, "main.ask", "main.refresh", "select");
	}
	record(&v, 0, 240, 1, false);
	ask(&v);
	expect_top(&v, VERDICT_LEAK, SUSPECT_GROWTH, "main.ask", "main.refresh");
	for (size_t i = 0; i < v.s[0].n_against; i++)
		assert_string_not_equal(v.s[0].against[i].name, v.s[0].against[i].weight < -.1 ? "used" : "");
	finish(&v);
}

/* A client whose hands are shaken for `takes` seconds by one that the acceptor 5 started; then others read and write. */
static void greet(struct service *v, int s, int takes, int ends)
{
	uint64_t hands = v->next_id;

	start(v, 1, s, s + takes, "main.(*broker).loop", "main.(*broker).welcome", "select");
	v->a[v->n - 1].parent = 5;
	start(v, 1, s + takes - 1, ends, "main.(*broker).welcome", "main.(*client).read", "IO wait");
	v->a[v->n - 1].parent = hands;
	start(v, 1, s + takes - 1, ends, "main.(*broker).welcome", "main.(*client).write", "chan receive");
	v->a[v->n - 1].parent = hands;
}

/* Clients that come, say nothing and stay, while others look in for a moment: whoever set them up has ended. */
static void silent_clients(void **state)
{
	struct service v;
	bool seen = false;

	(void)state;
	begin(&v);
	v.next_id = 5;
	start(&v, 1, 0, 0, "main.(*broker).start", "net.(*TCPListener).Accept", "IO wait");
	v.a[0].from = "main.(*broker).loop";
	v.next_id = 10;
	for (int s = 10; s < 2000; s += 40) {
		greet(&v, s, 1 + s % 7, 0);
		greet(&v, s + 9, 1, s + 12);
	}
	record(&v, 0, 2000, 2, false);
	ask(&v);
	expect_no_leak(&v);
	for (size_t i = 0; i < v.n_s; i++)
		seen |= v.s[i].verdict == VERDICT_WATCH && strcmp(v.s[i].created.func, "main.(*broker).welcome") == 0;
	assert_true(seen);
	finish(&v);
}

/* Two suspects that are born of the same parents in the same snapshots are one; two that are not are two. */
static void one_cause(void **state)
{
	struct service v;

	(void)state;
	for (int together = 0; together <= 1; together++) {
		size_t leaks = 0;

		begin(&v);
		traffic(&v, 120);
		for (int s = 3; s < 118; s += 5) {
			start(&v, 1, s, 0, "main.ask", "main.ask.func1", "chan send");
			start(&v, 1, together ? s : s + 2, 0, "main.tell", "main.tell.func1", "chan send");
		}
		record(&v, 0, 120, 1, false);
		ask(&v);
		for (size_t i = 0; i < v.n_s; i++)
			leaks += v.s[i].verdict == VERDICT_LEAK;
		assert_int_equal(leaks, together ? 1 : 2);
		assert_int_equal(v.s[0].n_relatives, together);
		if (together)
			assert_int_equal(v.s[0].relatives[0].count, 23);
		finish(&v);
	}
}

/* Two at each of many places, of one package, waiting for the same. */
static void many_places(void **state)
{
	static char sites[12][24], places[12][24];
	struct service v;

	(void)state;
	begin(&v);
	traffic(&v, 120);
	for (int i = 0; i < 12; i++) {
		snprintf(sites[i], sizeof sites[i], "main.site%d", i);
		snprintf(places[i], sizeof places[i], "main.place%d", i);
		start(&v, 1, 5 + 9 * i, 0, sites[i], places[i], "chan send");
		start(&v, 1, 5 + (9 * i + 50) % 108, 0, sites[i], places[i], "chan send");
	}
	record(&v, 0, 120, 1, false);
	ask(&v);
	assert_true(v.n_s > 0);
	assert_int_equal(v.s[0].verdict, VERDICT_LEAK);
	assert_int_equal(v.s[0].n_relatives, 11);
	for (size_t i = 1; i < v.n_s; i++)
		assert_int_not_equal(v.s[i].verdict, VERDICT_LEAK);
	finish(&v);
}

/* The same in a window: they began to gather before it, and before the recording where they stood in its first snapshot. */
static void since_when(void **state)
{
	struct service v;
	struct leak_question q = {.from = T0 + 60000, .to = NO_TIME};
	struct err e = {0};

	(void)state;
	for (int before = 0; before <= 1; before++) {
		begin(&v);
		traffic(&v, 120);
		start(&v, before ? 5 : 0, 0, 0, "main.ask", "main.ask.func1", "chan send");
		for (int s = 20; s < 120; s += 2)
			start(&v, 1, s, 0, "main.ask", "main.ask.func1", "chan send");
		record(&v, 0, 120, 1, false);
		ask(&v);
		expect_top(&v, VERDICT_LEAK, SUSPECT_GROWTH, "main.ask", "main.ask.func1");
		assert_int_equal(v.s[0].since_before, before);
		assert_true(v.s[0].since == T0 + (before ? 0 : 20000));
		assert_int_equal(query_leaks(v.q, &q, &v.p, &v.s, &v.n_s, &e), 0);
		expect_top(&v, VERDICT_LEAK, SUSPECT_GROWTH, "main.ask", "main.ask.func1");
		assert_int_equal(v.s[0].since_before, before);
		assert_true(v.s[0].since == T0 + (before ? 0 : 20000));
		finish(&v);
	}
}

/* Nor does it move of those who do not grow: stuck since before the window, or before the recording. */
static void stuck_since(void **state)
{
	struct service v;
	struct leak_question q = {.from = T0 + 300000, .to = NO_TIME};
	struct err e = {0};

	(void)state;
	for (int since = 0; since <= 20; since += 20) {
		begin(&v);
		traffic(&v, 900);
		start(&v, 2, since, 0, "main.once", "main.hang", "chan receive (nil chan)");
		record(&v, 0, 900, 5, false);
		for (int windowed = 0; windowed <= 1; windowed++) {
			if (windowed)
				assert_int_equal(query_leaks(v.q, &q, &v.p, &v.s, &v.n_s, &e), 0);
			else
				ask(&v);
			assert_true(v.n_s > 0);
			assert_string_equal(v.s[0].created.func, "main.once");
			assert_int_equal(v.s[0].since_before, !since);
			assert_true(v.s[0].since == T0 + since * 1000);
		}
		finish(&v);
	}
}

/* What is said of a time is what was said then, when nothing later was known: verdicts, scores, and what is argued. */
static void then_and_now(void **state)
{
	struct leak_question q = {.from = NO_TIME, .to = T0 + 3000000};
	struct service v;
	struct suspect *s;
	struct err e = {0};
	struct pool p = {0};
	size_t n;

	(void)state;
	begin(&v);
	start(&v, 3, 0, 0, "main.pool", "main.worker", "chan receive, 60 minutes"); /* that minutes are told */
	for (int i = 1; i < 100; i++) /* a timer each: nobody waits for long, and nobody is seen elsewhere */
		start(&v, 1, 59 * i, 0, "main.ask", "main.ask.func1", "select");
	record(&v, 0, 3000, 60, false);
	ask(&v);
	s = v.s;
	n = v.n_s;
	query_close(v.q);
	record(&v, 3060, 6000, 60, false);
	if (query_open(&v.q, v.db, &e) < 0 || query_leaks(v.q, &q, &p, &v.s, &v.n_s, &e) < 0)
		fail_msg("%s", e.text);
	assert_int_equal(v.n_s, n);
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(v.s[i].verdict, s[i].verdict);
		assert_true(v.s[i].score == s[i].score);
		assert_int_equal(v.s[i].n_evidence, s[i].n_evidence);
		for (size_t k = 0; k < s[i].n_evidence; k++)
			assert_string_equal(v.s[i].evidence[k].text, s[i].evidence[k].text);
	}
	assert_true(n > 0);
	pool_release(&p);
	finish(&v);
}

/* It leaked from the 20th second to the 120th; its 50 are still there, while others go on to pass. */
static void ended(void **state)
{
	struct service v;

	(void)state;
	begin(&v);
	traffic(&v, 300);
	for (int s = 20; s < 120; s += 2)
		start(&v, 1, s, 0, "main.ask", "main.ask.func1", "chan send");
	for (int s = 1; s < 298; s++)
		start(&v, 1, s, s + 2, "main.ask", "main.ask.func1", "chan send");
	record(&v, 0, 300, 1, false);
	ask(&v);
	expect_top(&v, VERDICT_LEAK, SUSPECT_GROWTH, "main.ask", "main.ask.func1");
	assert_int_equal(v.s[0].count, 50);
	assert_true(v.s[0].since == T0 + 20000);
	assert_true(v.s[0].until == T0 + 118000);
	for (size_t i = 0; i < v.s[0].n_against; i++)
		if (strcmp(v.s[0].against[i].name, "growth") == 0)
			assert_string_equal(v.s[0].against[i].text, "50 came to stay within 1m39s, in 50 snapshots; the last 3m2s ago");
	finish(&v);
}

/* Few were born while the worker worked, so that what the process does since is not known, and not said to be less. */
static void load_not_known(void **state)
{
	struct service v;

	(void)state;
	begin(&v);
	start(&v, 3, 0, 0, "main.pool", "main.worker", "chan receive");
	for (int s = 0; s < 60; s += 2) {
		v.next_id = 5;
		start(&v, 1, s, s + 1, "main.newScheduler", "main.(*scheduler).next", "select");
		v.next_id = 5;
		start(&v, 1, s + 1, s + 2, "main.newScheduler", "main.(*scheduler).place", "runnable");
	}
	v.next_id = 5;
	start(&v, 1, 60, 0, "main.newScheduler", "main.(*scheduler).publish", "chan send");
	record(&v, 0, 199, 1, false);
	ask(&v);
	assert_true(v.n_s > 0 && v.s[0].kind == SUSPECT_REST);
	for (size_t k = 0; k < v.s[0].n_evidence; k++)
		assert_null(strstr(v.s[0].evidence[k].text, "less than it did"));
	finish(&v);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_leak),	 cmocka_unit_test(the_same_seen_seldom), cmocka_unit_test(what_fills_up),
		cmocka_unit_test(one_step), cmocka_unit_test(some_steps),	 cmocka_unit_test(a_balance),		 cmocka_unit_test(a_swing),
		cmocka_unit_test(a_fall_that_is_none), cmocka_unit_test(restarted), cmocka_unit_test(many_lives),	 cmocka_unit_test(mended),
		cmocka_unit_test(another_process), cmocka_unit_test(a_dead_lock), cmocka_unit_test(two_locks),	 cmocka_unit_test(marked_by_go),	 cmocka_unit_test(not_marked),	 cmocka_unit_test(too_little_to_tell),
		cmocka_unit_test(all_failed),	 cmocka_unit_test(a_window),		 cmocka_unit_test(how_it_went),
		cmocka_unit_test(then_and_now),	 cmocka_unit_test(live_lock),	 cmocka_unit_test(busy),	 cmocka_unit_test(long_jobs),
		cmocka_unit_test(caught_in_the_act),	 cmocka_unit_test(one_line),	 cmocka_unit_test(silent_clients),
		cmocka_unit_test(one_snapshot),	 cmocka_unit_test(came_to_rest),	 cmocka_unit_test(one_cause),
		cmocka_unit_test(ended), cmocka_unit_test(load_not_known), cmocka_unit_test(many_places),	 cmocka_unit_test(since_when), cmocka_unit_test(stuck_since),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

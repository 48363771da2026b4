/* SPDX-License-Identifier: MIT */
/* What is known of a host at a time, at the moments at which faces went wrong. */
#include "history.h"
#include <gscrape/insight.h>
#include <math.h>

#define MAIN "goroutine 1 [IO wait]:\nmain.main()\n\t/m.go:9 +0x1\n\n"
#define WORK(id) "goroutine " #id " [select]:\nmain.work(0x1)\n\t/w.go:1 +0x1\ncreated by main.main in goroutine 1\n\t/m.go:5 +0x2\n\n"

static uint32_t the_host(struct history *h)
{
	size_t n;
	const struct host *hosts = query_hosts(h->q, &n);

	assert_int_equal(n, 1);
	return hosts->id;
}

static struct known at(struct history *h, int64_t ms)
{
	struct known k;

	assert_int_equal(query_known(h->q, the_host(h), T0 + ms, &k, NULL), 0);
	return k;
}

static void assert_says(const struct known *k, const char *want)
{
	struct buf b = {0};

	buf_adds(&b, "");
	known_sentence(&b, k, NULL);
	assert_string_equal(b.p, want);
	buf_release(&b);
}

static void failed(struct history *h, int second, const char *why)
{
	struct scraped scraped = {.time = T0 + second * 1000LL, .status = SNAP_FAILED, .note = why};

	assert_int_equal(recorder_add(h->r, h->host, &scraped, &h->got, NULL), 0);
}

static void counted(struct history *h, int second, uint32_t n)
{
	struct scraped scraped = {.time = T0 + second * 1000LL, .status = SNAP_COUNTED, .counted = n};

	assert_int_equal(recorder_add(h->r, h->host, &scraped, &h->got, NULL), 0);
}

/* T0 is 2026-09-21 14:13:20. */
static void an_outage(void **state)
{
	struct history h;
	struct known k;

	(void)state;
	begin(&h);
	add(&h, 0, MAIN, SNAP_OK);
	add(&h, 2, MAIN WORK(7), SNAP_OK);
	failed(&h, 4, "a hiccup");
	add(&h, 6, MAIN WORK(7) WORK(8), SNAP_OK);
	failed(&h, 8, "refused");
	failed(&h, 10, "refused");
	failed(&h, 20, "still refused");
	add(&h, 40, MAIN, SNAP_OK);
	ask(&h);
	k = at(&h, -1);
	assert_true(k.how == UNKNOWN_BEFORE && !k.known && k.goroutines == -1 && k.age == NO_TIME && k.first == T0);
	assert_says(&k, "no sample at T; first 14:13:20");
	k = at(&h, 1999); /* not the next one's */
	assert_true(k.known && k.goroutines == 1 && k.age == 1999);
	k = at(&h, 5900); /* one that failed between two good ones */
	assert_true(k.known && k.goroutines == 2 && k.text.time == T0 + 2000 && k.down_since == T0 + 4000);
	k = at(&h, 11000); /* 2.5 times 2 s */
	assert_true(k.known && k.goroutines == 3);
	k = at(&h, 11001);
	assert_true(k.how == UNKNOWN_DOWN && k.goroutines == -1 && k.failures == 2 && k.number.time == T0 + 6000 && k.number.goroutines == 3);
	assert_says(&k, "down since 14:13:28: refused");
	k = at(&h, 39999); /* tried less and less often */
	assert_true(k.how == UNKNOWN_DOWN && k.failures == 3);
	assert_says(&k, "down since 14:13:28: still refused");
	k = at(&h, 40000);
	assert_true(k.known && k.goroutines == 1 && k.down_since == NO_TIME && k.age == 0);
	k = at(&h, 600000 + 40000);
	assert_true(k.how == UNKNOWN_SILENT && !k.scraped && k.now == -1);
	assert_says(&k, "no sample at T; last 14:14:00, 10m ago");
	k = at(&h, 2 * 86400000LL);
	assert_says(&k, "no sample at T; last 2026-09-21 14:14:00, 1d23h ago");
	assert_int_equal(query_known(h.q, the_host(&h), NO_TIME, &k, NULL), 0); /* the newest moment */
	assert_true(k.known && k.t == T0 + 40000 && k.now == -1);
	finish(&h);
}

static void nothing_good(void **state)
{
	struct history h;
	struct known k;

	(void)state;
	begin(&h);
	assert_int_equal(recorder_close(h.r, NULL), 0);
	assert_int_equal(query_open(&h.q, h.db, NULL), 0);
	k = at(&h, 0);
	assert_true(k.how == UNKNOWN_NEVER && query_newest(h.q, the_host(&h)) == NO_TIME);
	assert_says(&k, "not scraped yet");
	finish(&h);
	begin(&h);
	failed(&h, 0, "HTTP 404");
	failed(&h, 2, "HTTP 404");
	ask(&h);
	k = at(&h, 2500);
	assert_true(k.how == UNKNOWN_DOWN && !k.number.seq && k.age == NO_TIME && k.down_since == T0 && k.failures == 2);
	assert_says(&k, "down since 14:13:20: HTTP 404");
	k = at(&h, 3600000);
	assert_says(&k, "no sample at T; it failed from 14:13:20 on: HTTP 404");
	finish(&h);
}

static void counted_only(void **state)
{
	struct history h;
	struct known k;

	(void)state;
	begin(&h);
	counted(&h, 0, 100001);
	ask(&h);
	k = at(&h, 60000);
	assert_true(k.how == KNOWN_COUNT && !k.known && k.goroutines == 100001 && !k.text.seq);
	assert_says(&k, "counted only at 14:13:20: who they are was not asked");
	finish(&h);
	begin(&h);
	add(&h, 0, MAIN, SNAP_OK);
	add(&h, 2, MAIN, SNAP_OK);
	counted(&h, 4, 50);
	counted(&h, 6, 60);
	counted(&h, 8, 70);
	ask(&h);
	k = at(&h, 6500); /* who they were reaches as far as the number would */
	assert_true(k.known && k.goroutines == 60 && k.text.time == T0 + 2000 && k.number.time == T0 + 6000);
	k = at(&h, 8000);
	assert_true(k.how == KNOWN_COUNT && k.goroutines == 70);
	finish(&h);
}

static void few_and_other_intervals(void **state)
{
	struct history h;

	(void)state;
	begin(&h);
	add(&h, 0, MAIN, SNAP_OK);
	ask(&h);
	assert_int_equal(query_interval(h.q, the_host(&h)), 0);
	assert_true(at(&h, 75000).known); /* as if every 30 s */
	assert_false(at(&h, 75001).known);
	finish(&h);
	begin(&h);
	add(&h, 0, MAIN, SNAP_OK);
	add(&h, 2, MAIN, SNAP_OK);
	ask(&h);
	assert_int_equal(query_interval(h.q, the_host(&h)), 2000);
	assert_true(at(&h, 7000).known);
	assert_false(at(&h, 7001).known);
	finish(&h);
	begin(&h);
	add(&h, 0, MAIN, SNAP_OK);
	add(&h, 2, MAIN, SNAP_OK);
	add(&h, 600, MAIN, SNAP_OK); /* a pause, no new interval */
	ask(&h);
	assert_false(at(&h, 8000).known);
	assert_false(at(&h, 606000).known);
	finish(&h);
	begin(&h);
	for (int i = 0; i <= 20; i++)
		add(&h, i, MAIN, SNAP_OK);
	for (int i = 1; i <= 20; i++)
		add(&h, 20 + 60 * i, MAIN, SNAP_OK);
	ask(&h);
	assert_true(at(&h, 12500).known);
	assert_true(at(&h, 20000 + 60000 * 3 + 59000).known);
	assert_false(at(&h, 20000 + 59000).known); /* nobody can have known yet */
	assert_int_equal(query_interval(h.q, the_host(&h)), 60000);
	finish(&h);
	begin(&h);
	add(&h, 0, MAIN, SNAP_OK);
	add(&h, 2, MAIN, SNAP_OK);
	for (int i = 1; i <= 20; i++)
		failed(&h, 2 + 16 * i, "refused"); /* one that is down is asked less often: no interval of its own */
	ask(&h);
	assert_int_equal(query_interval(h.q, the_host(&h)), 2000);
	finish(&h);
}

static void a_clock_set_back(void **state)
{
	struct history h;
	struct known k;

	(void)state;
	begin(&h);
	for (int i = 0; i < 10; i++) {
		struct scraped scraped = {.time = T0 + (i < 4 ? i * 2000 : i * 2000 - 3600000), .status = SNAP_OK, .text = str_of(MAIN), .mono = 1000 + i};

		assert_int_equal(recorder_add(h.r, h.host, &scraped, &h.got, NULL), 0);
	}
	ask(&h);
	assert_int_equal(query_interval(h.q, the_host(&h)), 2000);
	k = at(&h, 6006);
	assert_true(k.known && k.number.time == T0 + 6006);
	k = at(&h, 6007);
	assert_true(k.known && k.number.time == T0 + 6006 && k.age == 1);
	finish(&h);
}

static void scrape(struct history *h, int second, const char *text)
{
	struct scraped scraped = {.time = T0 + second * 1000LL, .status = SNAP_OK, .text = str_of(text), .took = 5};
	struct err e;

	assert_int_equal(recorder_add(h->r, h->host, &scraped, &h->got, &e), 0);
}

/* By the wall clock: what was scraped just now is "now"; what failed just now, or some time ago, is not. */
static void scraped_now(void **state)
{
	int base = (int)((now_ms() - T0) / 1000);
	struct scraped set_back = {.status = SNAP_OK, .text = str_of(MAIN), .took = 1};
	struct history h;
	struct known k;

	(void)state;
	begin(&h);
	for (int i = 5; i >= 0; i--)
		scrape(&h, base - 20 * i, MAIN);
	ask(&h);
	k = at(&h, 0);
	assert_true(k.how == UNKNOWN_BEFORE && k.scraped && k.now == 1 && query_is_now(h.q, the_host(&h)));
	finish(&h);
	begin(&h);
	for (int i = 5; i > 0; i--)
		scrape(&h, base - 20 * i, MAIN);
	failed(&h, base, "refused");
	ask(&h);
	k = at(&h, base * 1000LL);
	assert_true(k.known && k.scraped && k.now == -1 && !query_is_now(h.q, the_host(&h)));
	finish(&h);
	begin(&h); /* a dump that was written just now: nobody scrapes that host */
	add(&h, base, MAIN, SNAP_OK);
	ask(&h);
	k = at(&h, base * 1000LL);
	assert_true(k.known && !k.scraped && k.now == -1 && !query_is_now(h.q, the_host(&h)));
	finish(&h);
	begin(&h); /* a recording that ended in order, however short ago */
	for (int i = 5; i >= 0; i--)
		scrape(&h, base - 20 * i, MAIN);
	assert_int_equal(recorder_end(h.r, NULL), 0);
	ask(&h);
	assert_true(!at(&h, 0).scraped && !query_is_now(h.q, the_host(&h)));
	finish(&h);
	begin(&h); /* and one by a clock that is ahead of ours */
	for (int i = 5; i >= 0; i--)
		scrape(&h, base + 3600 - 20 * i, MAIN);
	ask(&h);
	assert_false(at(&h, 0).scraped);
	finish(&h);
	begin(&h); /* but for a clock that was set back, and takes small steps until it has caught up */
	for (int i = 5; i >= 0; i--)
		scrape(&h, base + 3600 - 20 * i, MAIN);
	set_back.time = T0 + (base + 3600) * 1000LL + 1;
	assert_int_equal(recorder_add(h.r, h.host, &set_back, &h.got, NULL), 0);
	ask(&h);
	assert_true(at(&h, 0).scraped && at(&h, 0).now == 1);
	finish(&h);
}

#define STUCK(id, minutes) "goroutine " #id " [sync.Mutex.Lock, " minutes " minutes]:\nsync.runtime_SemacquireMutex(0xc000012340)\n\t/s.go:1\n" \
		       "sync.(*Mutex).Lock(0xc000012340)\n\t/m.go:2\nmain.f()\n\t/m.go:3\ncreated by main.main in goroutine 1\n\t/m.go:4\n\n"

/* When the first child of goroutine 1 was born, by each who tells. */
static void assert_born(struct history *h, int64_t t, uint64_t id, int64_t born)
{
	struct pool p = {0};
	struct alive *a;
	struct child *c;
	struct err e;
	size_t n;

	assert_int_equal(query_alive(h->q, &(struct moment){the_host(h), t}, &p, &a, &n, &e), 0);
	assert_true(n > 1 && a[1].id == id);
	assert_int_equal(a[1].born, born);
	assert_int_equal(query_children(h->q, &(struct goroutine_key){the_host(h), a[1].epoch, 1}, &p, &c, &n, &e), 0);
	assert_true(n >= 1 && c->id == id);
	assert_int_equal(c->born, born);
	pool_release(&p);
}

/* Who waits for longer than he is recorded is as old as the minutes prove, at every T, and also when his process is gone. */
static void older_than_seen(void **state)
{
	struct waiters *w;
	struct history h;
	struct err e;
	size_t n;

	(void)state;
	begin(&h);
	for (int i = 0; i < 3; i++)
		add(&h, i * 10, MAIN STUCK(7, "45") WORK(500) WORK(501) WORK(502), SNAP_OK);
	add(&h, 30, "", SNAP_FAILED);
	for (int i = 4; i < 7; i++)
		add(&h, i * 10, MAIN STUCK(8, "3") STUCK(500, "1"), SNAP_OK);
	ask(&h);
	for (int i = 0; i < 3; i++)
		assert_born(&h, T0 + i * 10000, 7, T0 + 20000 - 45 * 60000);
	for (int i = 4; i < 7; i++)
		assert_born(&h, T0 + i * 10000, 8, T0 + 60000 - 3 * 60000);
	assert_int_equal(query_waiters(h.q, &(struct waiters_question){.w = {.host = the_host(&h), .from = NO_TIME, .to = NO_TIME}}, &h.p, &w, &n, &e), 0);
	assert_true(n == 1 && w->oldest_id == 8);
	assert_int_equal(w->oldest, T0 + 60000 - 3 * 60000);
	finish(&h);
}

static double slope(struct history *h, int64_t from, int64_t to)
{
	double per_hour;

	assert_int_equal(query_slope(h->q, &(struct window){.host = the_host(h), .from = T0 + from, .to = T0 + to}, &per_hour, NULL), 0);
	return per_hour;
}

/* Of all samples, wherever they stand: 1, 2, 3 at 0, 10 and 40 s, and what failed is none. */
static void how_fast(void **state)
{
	struct history h;

	(void)state;
	begin(&h);
	counted(&h, 0, 1);
	counted(&h, 10, 2);
	failed(&h, 20, "refused");
	counted(&h, 40, 3);
	for (int i = 0; i < 20000; i++)
		counted(&h, 3600 + i, (uint32_t)(100 + i));
	ask(&h);
	assert_true(isnan(slope(&h, -1000, -1)) && isnan(slope(&h, 0, 9999)) && isnan(slope(&h, 20000, 20000)));
	assert_float_equal(slope(&h, 0, 10000), 360, 1e-6);
	assert_float_equal(slope(&h, 0, 3000000), 3600. * (3 * 140 - 50 * 6) / (3 * 1700 - 50 * 50), 1e-6);
	assert_float_equal(slope(&h, 3600000, 3600000 + 16000 * 1000), 3600, 1e-6);
	assert_float_equal(slope(&h, 3600000, 3600000 + 20000 * 1000), 3600, 1e-3); /* by pieces */
	finish(&h);
}

/* A target that answers each third time: good ones are 15 s apart, whatever comes between; and one that never answered has none. */
static void each_third(void **state)
{
	struct history h;

	(void)state;
	begin(&h);
	failed(&h, 0, "refused");
	failed(&h, 5, "refused");
	ask(&h);
	assert_int_equal(query_interval(h.q, the_host(&h)), 0);
	finish(&h);
	begin(&h);
	for (int i = 2; i < 30; i++)
		if (i % 3)
			failed(&h, i * 5, "refused");
		else
			add(&h, i * 5, MAIN, SNAP_OK);
	ask(&h);
	assert_int_equal(query_interval(h.q, the_host(&h)), 15000);
	assert_true(at(&h, 44000).known && at(&h, 59000).known && at(&h, 145000).known);
	finish(&h);
}

static struct bucket piece(struct history *h, int from, int to)
{
	struct bucket b;

	assert_int_equal(query_chart(h->q, &(struct window){the_host(h), T0 + from * 1000LL, T0 + to * 1000LL, 1}, &b, NULL), 0);
	return b;
}

/* A cut dump is no fall; where there is nothing else, there were at least so many. */
static void cut_dumps(void **state)
{
	struct history h;
	struct bucket b;

	(void)state;
	begin(&h);
	add(&h, 0, MAIN, SNAP_PARTIAL);
	add(&h, 10, MAIN WORK(7) WORK(8), SNAP_OK);
	add(&h, 20, MAIN, SNAP_TRUNCATED);
	add(&h, 30, MAIN WORK(7) WORK(8) WORK(9), SNAP_OK);
	ask(&h);
	b = piece(&h, 0, 9);
	assert_true(b.has_value && b.cut && b.max == 1);
	b = piece(&h, 0, 30);
	assert_true(!b.cut && b.min == 3 && b.max == 4);
	b = piece(&h, 15, 25);
	assert_true(b.has_value && !b.cut && b.min == 3 && b.last == 3);
	assert_float_equal(slope(&h, 0, 30000), 180, 1e-6);
	finish(&h);
	begin(&h); /* a new process begins a new line */
	add(&h, 0, MAIN WORK(700) WORK(701) WORK(702), SNAP_OK);
	add(&h, 10, MAIN WORK(700) WORK(701) WORK(702) WORK(703), SNAP_OK);
	add(&h, 20, "goroutine 1 [select]:\nmain.main()\n\t/other.go:9 +0x1\n\ngoroutine 700 [select]:\nmain.x()\n\t/x.go:1\ncreated by main.y\n\t/y.go:3 +0x1\n\n", SNAP_OK);
	assert_true(h.got.new_epoch);
	add(&h, 30, "goroutine 1 [select]:\nmain.main()\n\t/other.go:9 +0x1\n\ngoroutine 700 [select]:\nmain.x()\n\t/x.go:1\ncreated by main.y\n\t/y.go:3 +0x1\n\n", SNAP_OK);
	ask(&h);
	assert_float_equal(slope(&h, 0, 30000), 0, 1e-6);
	finish(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_outage),
		cmocka_unit_test(nothing_good),
		cmocka_unit_test(counted_only),
		cmocka_unit_test(few_and_other_intervals),
		cmocka_unit_test(a_clock_set_back),
		cmocka_unit_test(each_third),
		cmocka_unit_test(cut_dumps),
		cmocka_unit_test(scraped_now),
		cmocka_unit_test(older_than_seen),
		cmocka_unit_test(how_fast),
	};

	return cmocka_run_group_tests_name("known", tests, NULL, NULL);
}

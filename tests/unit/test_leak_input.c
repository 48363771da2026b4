/* SPDX-License-Identifier: MIT */
/* Leak suspects of bad input, and of much: what a scrape may bring, and who started those whom a library did. */
#include "service.h"

static void leaking(struct service *v, int until)
{
	traffic(v, until);
	for (int s = 3; s < until; s += 2)
		start(v, 1, s, 0, "main.ask", "main.ask.func1", "chan send");
}

static void expect_the_leak(struct service *v)
{
	ask(v);
	expect_top(v, VERDICT_LEAK, SUSPECT_GROWTH, "main.ask", "main.ask.func1");
	for (size_t i = 1; i < v->n_s; i++)
		assert_int_not_equal(v->s[i].verdict, VERDICT_LEAK);
}

/* From the middle on each dump lacks its end: nobody restarts, and as who is missing there may have ended, it is a watch at most. */
static void cut_dumps(void **state)
{
	struct service v;
	bool found = false;

	(void)state;
	begin(&v);
	leaking(&v, 120);
	record(&v, 0, 120, 1, true);
	ask(&v);
	expect_no_leak(&v);
	for (size_t i = 0; i < v.n_s; i++) {
		found |= strcmp(v.s[i].place.func, "main.ask.func1") == 0;
		assert_int_equal(v.s[i].epoch, 1);
	}
	assert_true(found);
	assert_true(v.notes.n > 0 && strstr(v.notes.text[0], "cut short"));
	finish(&v);
}

/* Two of three scrapes only count. */
static void counted(void **state)
{
	struct recording c;
	struct service v;

	(void)state;
	begin(&v);
	leaking(&v, 180);
	c = recording_begin(&v);
	for (int s = 0; s <= 180; s++) {
		dump_at(&v, s, &c.text);
		if (s % 3)
			recording_add(&c, (struct scraped){.time = T0 + s * 1000LL, .status = SNAP_COUNTED, .counted = 40});
		else
			recording_add(&c, (struct scraped){.time = T0 + s * 1000LL, .status = SNAP_OK, .text = {c.text.p, c.text.n}});
	}
	recording_end(&c);
	expect_the_leak(&v);
	finish(&v);
}

/* Before Go 1.21 no dump told who started whom. */
static void no_parents(void **state)
{
	struct service v;

	(void)state;
	begin(&v);
	leaking(&v, 120);
	for (size_t i = 0; i < v.n; i++)
		v.a[i].parent = 0;
	record(&v, 0, 120, 1, false);
	expect_the_leak(&v);
	assert_null(v.s[0].whose.func);
	finish(&v);
}

/* The clock goes back by an hour, and forth by a day. */
static void clock_steps(void **state)
{
	struct recording c;
	struct service v;

	(void)state;
	for (int step = 0; step < 2; step++) {
		begin(&v);
		leaking(&v, 120);
		c = recording_begin(&v);
		for (int s = 0; s <= 120; s++) {
			dump_at(&v, s, &c.text);
			recording_add(&c, (struct scraped){.time = T0 + s * 1000LL + (s < 60 ? 0 : step ? 86400000 : -3600000), .mono = 1 + s * 1000LL,
							   .status = SNAP_OK, .text = {c.text.p, c.text.n}});
		}
		recording_end(&c);
		expect_the_leak(&v);
		assert_int_equal(v.s[0].epoch, 1);
		finish(&v);
	}
}

static void many_snapshots(void **state)
{
	struct service v;

	(void)state;
	begin(&v);
	start(&v, 8, 0, 0, "main.pool", "main.worker", "chan receive");
	for (int s = 40; s < 5000; s += 50)
		start(&v, 1, s, 0, "main.ask", "main.ask.func1", "chan send");
	record(&v, 0, 4999, 1, false);
	expect_the_leak(&v);
	assert_int_equal(v.s[0].count, 100);
	finish(&v);
}

static void many_goroutines(void **state)
{
	struct service v;

	(void)state;
	begin(&v);
	for (int s = 0; s < 10; s++)
		start(&v, 5000, s, 0, "main.ask", "main.ask.func1", "chan send");
	record(&v, 0, 9, 1, false);
	ask(&v);
	expect_top(&v, VERDICT_LEAK, SUSPECT_GROWTH, "main.ask", "main.ask.func1");
	assert_int_equal(v.s[0].count, 50000);
	finish(&v);
}

/* Very many creation sites, one of which leaks. */
static void many_sites(void **state)
{
	enum { SITES = 100000 };
	struct service v;
	char (*names)[24] = calloc(SITES, sizeof *names);

	(void)state;
	assert_non_null(names);
	begin(&v);
	for (int i = 0; i < SITES; i++) {
		snprintf(names[i], sizeof names[i], "main.site%d", i);
		start(&v, 1, 0, 0, names[i], "main.wait", "select");
	}
	for (int s = 1; s < 10; s++)
		start(&v, 2, s, 0, "main.ask", "main.ask.func1", "chan send");
	record(&v, 0, 9, 1, false);
	ask(&v);
	assert_true(v.n_s == 1);
	assert_string_equal(v.s[0].created.func, "main.ask");
	finish(&v);
	free(names);
}

/* A library's `go` statement: the program's own function up the chain is named, though those who ran it have ended. */
static void whose(void **state)
{
	struct service v;

	(void)state;
	for (int gone = 0; gone <= 1; gone++) {
		begin(&v);
		start(&v, 8, 0, 0, "main.pool", "main.worker", "chan receive");
		for (int s = 3; s < 118; s += 3) {
			start(&v, 1, s, gone ? s + 2 : 0, "net/http.(*Server).Serve", "example.org/lib.call", "IO wait");
			v.a[v.n - 1].from = "main.(*shop).order";
			v.a[v.n - 1].fetched = true;
			start(&v, 1, s + 1, gone ? s + 3 : 0, "example.org/lib.call", "example.org/lib.dial", "IO wait");
			v.a[v.n - 1].fetched = true;
			v.a[v.n - 1].parent = v.next_id - 2;
			start(&v, 1, s + 1, 0, "example.org/lib.dial", "example.org/lib.loop", "chan send");
			v.a[v.n - 1].fetched = true;
			v.a[v.n - 1].parent = v.next_id - 2;
		}
		record(&v, 0, 120, 1, false);
		ask(&v);
		assert_true(v.n_s > 0);
		assert_string_equal(v.s[0].place.func, "example.org/lib.loop");
		assert_non_null(v.s[0].whose.func);
		assert_string_equal(v.s[0].whose.func, "main.(*shop).order");
		finish(&v);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cut_dumps),	  cmocka_unit_test(counted),	     cmocka_unit_test(no_parents), cmocka_unit_test(clock_steps),
		cmocka_unit_test(many_snapshots), cmocka_unit_test(many_goroutines), cmocka_unit_test(many_sites), cmocka_unit_test(whose),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

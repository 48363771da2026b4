/* SPDX-License-Identifier: MIT */
/* What the terminal keeps between runs: it comes back, the command line goes before it, damage costs nothing. */
#include <gscrape/index.h>
#include <stdio.h>
#include <stdlib.h>
#include <tui/app.h>
#include <unistd.h>

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

static char db[256], home[256];

static int make_store(void **state)
{
	struct index_options o = {.paths = (const char *[]){"tests/data/series"}, .n_paths = 1, .db = db, .jobs = 1};
	struct index_totals t;
	struct err e;
	const char *tmp = getenv("TMP");

	(void)state;
	snprintf(db, sizeof db, "%s/state.db", tmp ? tmp : "/tmp");
	snprintf(home, sizeof home, "%s/state-home", tmp ? tmp : "/tmp");
	unlink(db);
	setenv("XDG_STATE_HOME", home, 1);
	return index_run(&o, &t, &e);
}

static struct tui_options nothing_asked(void)
{
	return (struct tui_options){.db = db, .at = NO_TIME, .base = NO_TIME};
}

static void begin(struct app *a, const struct tui_options *o)
{
	struct err e;

	assert_int_equal(app_open(a, o, &e), 0);
	a->s.w = 80;
	a->s.h = 24;
	assert_int_equal(app_load(a, &e), 0);
}

static void comes_back(void **state)
{
	struct tui_options o = nothing_asked();
	struct app a, b;
	struct buf t1 = {0}, t2 = {0};
	struct err e;

	(void)state;
	begin(&a, &o);
	a.s.host = query_host(a.s.q, "127.0.0.1:6060", &e)->id;
	a.s.view = VIEW_GOROUTINE;
	a.s.id = 1;
	set_time(&a.s, 1795451100000);
	app_do(&a, ACT_ZOOM_IN);
	app_do(&a, ACT_PIN);
	snprintf(a.s.filter, sizeof a.s.filter, "main fetch");
	app_key(&a, 'm');
	app_key(&a, 'q');
	assert_int_equal(state_save(&a.s, &e), 0);
	state_text(&a.s, &t1);
	app_close(&a);

	begin(&b, &o);
	assert_int_equal(b.s.view, VIEW_OVERVIEW);
	state_load(&b.s);
	assert_int_equal(b.s.view, VIEW_GOROUTINE);
	assert_int_equal(b.s.id, 1);
	assert_int_equal(b.s.t, 1795451100000);
	assert_int_equal(b.s.pin, 1795451100000);
	assert_string_equal(b.s.filter, "main fetch");
	assert_true(b.s.marked['q' - 'a']);
	assert_false(b.s.marked['r' - 'a']);
	state_text(&b.s, &t2);
	assert_string_equal(t1.p, t2.p); /* the window too */
	app_close(&b);
	buf_release(&t1);
	buf_release(&t2);
}

/* At the newest snapshot stays at the newest one, whichever that is then. */
static void newest_stays_newest(void **state)
{
	struct tui_options o = nothing_asked();
	struct app a;
	struct buf b = {0};
	struct err e;

	(void)state;
	begin(&a, &o);
	a.s.host = query_host(a.s.q, "127.0.0.1:6060", &e)->id;
	set_time(&a.s, chosen_host(&a.s)->last);
	state_text(&a.s, &b);
	set_time(&a.s, chosen_host(&a.s)->first);
	state_apply(&a.s, b.p);
	assert_int_equal(a.s.t, chosen_host(&a.s)->last);
	app_close(&a);
	buf_release(&b);
}

static void command_line_first(void **state)
{
	struct tui_options o = nothing_asked();
	struct app a;

	(void)state;
	o.view = "leaks";
	begin(&a, &o);
	state_apply(&a.s, "gscrape-tui state 1\nplace goroutine 0 1 1795451100000 127.0.0.1:6060\nfilter x\n"
			"mark c host 0 0 1795451100000 127.0.0.1:6060\n");
	assert_int_equal(a.s.view, VIEW_LEAKS);
	assert_string_equal(a.s.filter, "");
	assert_true(a.s.marked[2]); /* marks take nothing away */
	app_close(&a);
}

static void damage_costs_nothing(void **state)
{
	static const char *const texts[] = {
		"", "another file\nplace host 0 0 1 127.0.0.1:6060\n", "gscrape-tui state 1\nplace\nwindow\npin\nmark\nmark ~ x\nfilter",
		"gscrape-tui state 1\nplace host 0 0 5 nobody:1\n", "gscrape-tui state 1\nplace nowhere 0 0 5 127.0.0.1:6060\n",
		"gscrape-tui state 1\nwindow 9 3\nwindow -9223372036854775808 9223372036854775807\npin -4 1\n",
		"gscrape-tui state 1\nplace host 0 0 99999999999999999999999999 127.0.0.1:6060\n",
	};
	struct tui_options o = nothing_asked();

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		struct canvas c = {0};
		struct app a;
		struct err e;
		int64_t from, to;

		begin(&a, &o);
		from = a.s.from;
		to = a.s.to;
		state_apply(&a.s, texts[i]);
		assert_int_equal(a.s.from, from);
		assert_int_equal(a.s.to, to);
		assert_true(a.s.t >= from && a.s.t <= to);
		assert_true(a.s.pin == NO_TIME);
		assert_int_equal(app_load(&a, &e), 0);
		canvas_resize(&c, 80, 24);
		app_draw(&a, &c);
		canvas_release(&c);
		app_close(&a);
	}
}

static void one_key_one_action(void **state)
{
	static const struct binding twice[] = {{"V", "group-by", 3}, {"B", "pin", 4}, {"V", "mark", 7}};
	struct tui_options o = nothing_asked();
	struct app a;
	struct err e;

	(void)state;
	o.bindings = twice;
	o.config_file = "config";
	o.n_bindings = 2;
	assert_int_equal(app_open(&a, &o, &e), 0);
	app_close(&a);
	o.n_bindings = 3;
	assert_int_equal(app_open(&a, &o, &e), -1);
	assert_string_equal(e.text, "config:7: V is bound in line 3 already");
	app_close(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(comes_back),		cmocka_unit_test(newest_stays_newest), cmocka_unit_test(command_line_first),
		cmocka_unit_test(damage_costs_nothing), cmocka_unit_test(one_key_one_action),
	};

	return cmocka_run_group_tests(tests, make_store, NULL);
}

/* SPDX-License-Identifier: MIT */
/* Grouped profiles recorded: identities that are made up, and what is told of them. */
#include "history.h"
#include <gscrape/insight.h>

#define TOTAL(n) "goroutine profile: total " #n "\n"
#define WORK(n) #n " @ 0x10 0x20\n#\t0x10\tsync.runtime_Semacquire+0x1\t/go/sema.go:71\n#\t0x20\tmain.work+0x1\t/src/a.go:9\n\n"
#define SERVE(n) #n " @ 0x30\n# labels: {\"k\":\"v\"}\n#\t0x30\tmain.serve+0x1\t/src/a.go:20\n\n"
#define SELF(pc) "1 @ 0x40\n#\t" pc "\truntime/pprof.writeRuntimeProfile+0x10\t/go/pprof.go:1\n#\t0x50\tmain.main\t/src/a.go:30\n\n"
#define DUMP "goroutine 1 [select]:\nmain.main()\n\t/src/a.go:30 +0x1\n\ngoroutine 7 [sleep]:\nmain.work()\n\t/src/a.go:9 +0x1\ncreated by main.main in goroutine 1\n\t/src/a.go:31 +0x1\n"

static struct group *groups(struct history *h, int second, enum group_by by, size_t *n)
{
	struct group *g;

	assert_int_equal(query_groups(h->q, &(struct group_question){.at = {1, T0 + second * 1000}, .by = by}, &h->p, &g, n, NULL), 0);
	return g;
}

/* Kinds of goroutines that are gone give their place back once they are many; those that stay are what they were. */
static void kinds_come_and_go(void **state)
{
	struct history h;
	struct buf b = {0};

	(void)state;
	begin(&h);
	for (int second = 0; second < 3; second++) {
		buf_reset(&b);
		buf_addf(&b, "goroutine profile: total %d\n" WORK(2), second == 1 ? 2 : 202);
		for (int i = 0; i < 200 && second != 1; i++)
			buf_addf(&b, "1 @ 0x%x\n#\t0x%x\tmain.kind%d+0x1\t/src/k.go:%d\n\n", 0x1000 + i, 0x1000 + i, i, i);
		buf_putc(&b, '\0');
		add(&h, second, b.p, SNAP_GROUPED);
		assert_int_equal(h.got.born, second == 1 ? 0 : second ? 200 : 202);
		assert_int_equal(h.got.gone, second == 1 ? 200 : 0);
	}
	buf_release(&b);
	finish(&h);
}

/* Fewer than before: the newest went; who is there is at most as old as told. */
static void newest_go(void **state)
{
	struct life_question ask_of = {.host = 1, .id = 1, .at = NO_TIME};
	struct history h;
	struct life l;
	struct group *g;
	size_t n;

	(void)state;
	begin(&h);
	add(&h, 0, TOTAL(4) WORK(2) SERVE(1) SELF("0x110"), SNAP_GROUPED);
	assert_int_equal(h.got.born, 4);
	assert_int_equal(h.got.status, SNAP_GROUPED);
	add(&h, 10, TOTAL(7) WORK(5) SERVE(1) SELF("0x110"), SNAP_GROUPED);
	assert_int_equal(h.got.born, 3);
	add(&h, 20, TOTAL(5) WORK(3) SERVE(1) SELF("0x110"), SNAP_GROUPED);
	assert_int_equal(h.got.gone, 2);
	assert_int_equal(h.got.unchanged, 5);
	assert_false(h.got.new_epoch);
	ask(&h);
	assert_true(query_is_grouped(h.q, 1, 0) && query_is_grouped(h.q, 1, 1) && !query_is_grouped(h.q, 1, 2));
	g = groups(&h, 20, BY_TOP, &n);
	assert_int_equal(n, 3);
	assert_int_equal(g->count, 3);
	assert_int_equal(g->oldest, T0);
	assert_true(g->grouped && g->bound == '?'); /* it was there when nobody had looked yet */
	assert_int_equal(query_age_bound(h.q, 1, 1, T0 + 10000), '<');
	assert_int_equal(query_age_bound(h.q, 1, 2, T0), 0);
	assert_string_equal(query_string(h.q, g->states[0].state), "semacquire");
	g = groups(&h, 20, BY_CREATED, &n);
	assert_int_equal(n, 3); /* by who runs them, in place of who started them */
	assert_string_equal(g->name, "main.work (root)");
	for (ask_of.id = 1; ask_of.id <= 7; ask_of.id++) {
		assert_int_equal(query_goroutine(h.q, &ask_of, &h.p, &l, NULL), 1);
		assert_int_equal(l.ended, ask_of.id >= 6);
		assert_int_equal(l.first, ask_of.id <= 4 ? T0 : T0 + 10000);
		assert_int_equal(l.n, 1);
	}
	finish(&h);
}

/* A host may change between both and back: identities begin anew, charts go on. */
static void changes_between(void **state)
{
	struct history h;
	struct bucket b[4];

	(void)state;
	begin(&h);
	add(&h, 0, DUMP, SNAP_OK);
	add(&h, 10, TOTAL(4) WORK(3) SELF("0x110"), SNAP_GROUPED);
	assert_true(h.got.new_epoch);
	assert_int_equal(h.got.gone, 2);
	add(&h, 20, DUMP, SNAP_OK);
	assert_true(h.got.new_epoch);
	assert_int_equal(h.got.gone, 4);
	assert_int_equal(h.got.born, 2);
	add(&h, 30, DUMP, SNAP_OK);
	assert_int_equal(h.got.unchanged, 2);
	ask(&h);
	assert_true(!query_is_grouped(h.q, 1, 1) && query_is_grouped(h.q, 1, 2) && !query_is_grouped(h.q, 1, 3));
	assert_int_equal(query_chart(h.q, &(struct window){1, T0, T0 + 40000, 4}, b, NULL), 0);
	for (int i = 0; i < 4; i++)
		assert_true(b[i].last == (i == 1 ? 4 : 2) && !b[i].epoch);
	finish(&h);
}

static const struct suspect *suspected(struct history *h, size_t *n)
{
	struct suspect *s;

	ask(h);
	assert_int_equal(query_leaks(h->q, &(struct leak_question){.from = NO_TIME, .to = NO_TIME}, &h->p, &s, n, NULL), 0);
	if (*n)
		assert_string_equal(s->created.func, "main.ask"); /* whoever started them is known of whole dumps alone */
	query_close(h->q);
	h->q = NULL;
	open_recorder(h);
	return s;
}

/* A leak seen in whole dumps is none the less there when a profile comes, and when whole dumps come again. */
static void a_leak_goes_on(void **state)
{
	struct history h;
	struct buf b = {0};
	const struct suspect *s;
	size_t n;

	(void)state;
	begin(&h);
	for (int i = 0; i < 40; i++) {
		if (i % 2)
			buf_addf(&b, "goroutine %d [chan send]:\nmain.stuck(0xc000012345)\n\t/src/a.go:9 +0x1\ncreated by main.ask in goroutine 1\n\t/src/a.go:5 +0x1\n\n", 100 + i);
		add(&h, 10 * i, b.p ? b.p : "goroutine 1 [select]:\nmain.main()\n\t/src/a.go:30 +0x1\n", SNAP_OK);
	}
	s = suspected(&h, &n);
	assert_true(n == 1 && s->verdict == VERDICT_LEAK && s->count == 20);
	add(&h, 400, TOTAL(21) "20 @ 0x20\n#\t0x20\tmain.stuck+0x1\t/src/a.go:9\n\n" SELF("0x110"), SNAP_GROUPED);
	s = suspected(&h, &n);
	assert_true(n == 1 && s->verdict == VERDICT_LEAK && s->count == 20);
	add(&h, 410, b.p, SNAP_OK);
	s = suspected(&h, &n);
	assert_true(n == 1 && s->verdict == VERDICT_LEAK && s->count == 20);
	add(&h, 420, TOTAL(4) "3 @ 0x20\n#\t0x20\tmain.stuck+0x1\t/src/a.go:9\n\n" SELF("0x110"), SNAP_GROUPED); /* most are gone */
	s = suspected(&h, &n);
	assert_true(!n || s->verdict != VERDICT_LEAK);
	buf_release(&b);
	assert_int_equal(recorder_close(h.r, NULL), 0);
	finish(&h);
}

/* Code at another address is another process; fewer than half after an outage are, too. */
static void restarts(void **state)
{
	struct history h;

	(void)state;
	begin(&h);
	add(&h, 0, TOTAL(9) WORK(8) SELF("0x110"), SNAP_GROUPED);
	add(&h, 10, TOTAL(3) WORK(2) SELF("0x110"), SNAP_GROUPED);
	assert_false(h.got.new_epoch);
	add(&h, 20, TOTAL(3) WORK(2) SELF("0x990"), SNAP_GROUPED);
	assert_true(h.got.new_epoch);
	add(&h, 30, TOTAL(9) WORK(8) SELF("0x990"), SNAP_GROUPED);
	add(&h, 40, NULL, SNAP_FAILED);
	add(&h, 50, TOTAL(8) WORK(7) SELF("0x990"), SNAP_GROUPED);
	assert_false(h.got.new_epoch);
	add(&h, 60, NULL, SNAP_FAILED);
	add(&h, 70, TOTAL(3) WORK(2) SELF("0x990"), SNAP_GROUPED);
	assert_true(h.got.new_epoch);
	ask(&h);
	finish(&h);
}

/* What is not whole tells a number, and nobody is taken for gone. */
static void cut(void **state)
{
	struct history h;

	(void)state;
	begin(&h);
	add(&h, 0, TOTAL(5) WORK(4) SELF("0x110"), SNAP_GROUPED);
	add(&h, 10, TOTAL(5) WORK(4), SNAP_GROUPED);
	assert_int_equal(h.got.status, SNAP_COUNTED);
	assert_int_equal(h.got.goroutines, 5);
	add(&h, 20, "goroutine profile: total 5\n4 @ 0x1\n#\t0x1\tmain.wo", SNAP_GROUPED);
	assert_int_equal(h.got.status, SNAP_COUNTED);
	add(&h, 30, "<html>", SNAP_GROUPED);
	assert_int_equal(h.got.status, SNAP_FAILED);
	add(&h, 40, DUMP, SNAP_GROUPED); /* who asked for one gets the other: it is not what was asked for */
	assert_int_equal(h.got.status, SNAP_FAILED);
	add(&h, 50, TOTAL(5) WORK(4) SELF("0x110"), SNAP_GROUPED);
	assert_int_equal(h.got.born + h.got.gone, 0);
	ask(&h);
	finish(&h);
}

/* A recorder that starts again leads to the history of one that runs on. */
static void same_after_a_start(void **state)
{
	static const char *const texts[] = {TOTAL(4) WORK(2) SERVE(1) SELF("0x110"), TOTAL(9) WORK(7) SERVE(1) SELF("0x110"),
					    TOTAL(6) WORK(3) SERVE(2) SELF("0x110"), DUMP, DUMP, TOTAL(7) WORK(5) SERVE(1) SELF("0x110"),
					    TOTAL(4) WORK(3) SELF("0x110"), TOTAL(4) WORK(3) SELF("0x990")};
	struct buf told[2] = {0};

	(void)state;
	for (int again = 0; again < 2; again++) {
		struct history h;

		begin(&h);
		for (int i = 0; i < (int)(sizeof texts / sizeof *texts); i++) {
			add(&h, 10 * i, texts[i], texts[i][10] == 'p' ? SNAP_GROUPED : SNAP_OK);
			buf_addf(&told[again], "%u %u %u %u %d; ", h.got.born, h.got.gone, h.got.changed, h.got.unchanged, h.got.new_epoch);
			if (again) {
				assert_int_equal(recorder_close(h.r, NULL), 0);
				open_recorder(&h);
			}
		}
		ask(&h);
		for (int i = 0; i < (int)(sizeof texts / sizeof *texts); i++) {
			struct alive *a;
			size_t n;

			assert_int_equal(query_alive(h.q, &(struct moment){1, T0 + i * 10000}, &h.p, &a, &n, NULL), 0);
			for (size_t k = 0; k < n; k++)
				buf_addf(&told[again], "%d: %llu %lld %s; ", i, (unsigned long long)a[k].id, (long long)a[k].first, a[k].state);
		}
		finish(&h);
	}
	buf_putc(&told[0], '\0');
	buf_putc(&told[1], '\0');
	assert_string_equal(told[0].p, told[1].p);
	buf_release(&told[0]);
	buf_release(&told[1]);
}

/* A group that grows and grows is a suspect by its growth; whatever rests on identities is no argument. */
static void growth_is_told(void **state)
{
	struct leak_question all = {.from = NO_TIME, .to = NO_TIME};
	struct suspect *s;
	struct history h;
	size_t n;

	(void)state;
	begin(&h);
	for (int i = 0; i < 120; i++) {
		char *text = xasprintf("goroutine profile: total %d\n%d @ 0x10\n#\t0x10\tmain.work+0x1\t/src/a.go:9\n\n" SERVE(20) SELF("0x110"), 21 + 3 * i + 5, 3 * i + 5);

		add(&h, 60 * i, text, SNAP_GROUPED);
		free(text);
	}
	ask(&h);
	assert_int_equal(query_leaks(h.q, &all, &h.p, &s, &n, NULL), 0);
	assert_true(n >= 1);
	assert_string_equal(s->place.func, "main.work");
	assert_true(s->verdict != VERDICT_NONE);
	for (size_t i = 0; i < s->n_evidence; i++)
		assert_true(strcmp(s->evidence[i].name, "never ends") && strcmp(s->evidence[i].name, "used"));
	finish(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(newest_go), cmocka_unit_test(kinds_come_and_go), cmocka_unit_test(changes_between), cmocka_unit_test(a_leak_goes_on), cmocka_unit_test(restarts), cmocka_unit_test(cut),
		cmocka_unit_test(same_after_a_start), cmocka_unit_test(growth_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
/* Screens of hosts with the long names of pods: what is cut is the name, in its middle, and no number, filter or count. */
#include <gscrape/gzip.h>
#include <gscrape/index.h>
#include <gscrape/tui.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#define POD   "checkout-service-canary-7c9d8f6b5d-%05d.prod.svc"
#define PODS  24
#define GONE  23 /* the pod that went before the others came */

static char db[300];

static void copy_file(const char *folder, const char *file)
{
	char from[500], to[700];
	struct buf b = {0};
	struct err e;

	snprintf(from, sizeof from, "tests/data/series/127.0.0.1_16060/2026-11-23T16-%s.goroutines.txt.gz", file);
	snprintf(to, sizeof to, "%s/2026-11-23T16-%s.goroutines.txt.gz", folder, file);
	assert_true(file_read(from, &b, FILE_MAX, &e) >= 0);
	assert_int_equal(file_write(to, b.p, b.n, &e), 0);
	buf_release(&b);
}

/* One host of the series as many pods. */
static int make_store(void **state)
{
	static const char *const files[] = {"43-03", "43-13", "43-23", "43-33"}, *const early[] = {"40-13", "40-23", "40-33", "40-43"};
	const char *tmp = getenv("TMP");
	char dir[200], pod[300];
	struct index_options o = {.paths = (const char *[]){dir}, .n_paths = 1, .db = db, .jobs = 1};
	struct index_totals t;
	struct err e;

	(void)state;
	snprintf(dir, sizeof dir, "%s/pods", tmp ? tmp : "/tmp");
	snprintf(db, sizeof db, "%s/pods.db", tmp ? tmp : "/tmp");
	unlink(db);
	mkdir(dir, 0700);
	for (int i = 0; i < PODS; i++) {
		int n = snprintf(pod, sizeof pod, "%s/" POD "_6060", dir, i);

		assert_true(n > 0 && n < (int)sizeof pod);
		mkdir(pod, 0700);
		for (size_t k = 0; k < sizeof files / sizeof *files; k++)
			copy_file(pod, i == GONE ? early[k] : files[k]);
	}
	return index_run(&o, &t, &e);
}

/* A screen of a pod, and what must be in it. */
struct seen {
	const char *view, *size;
	int pod;
	const char *keys, *want;
};

static void expect_screen(const struct seen *s)
{
	char host[100];
	struct tui_options o = {.db = db, .view = s->view, .host = host, .size = s->size, .glyphs = "ascii", .keys = s->keys,
				.at = NO_TIME, .base = NO_TIME, .no_state = true};
	struct buf out = {0};
	struct err e = {0};

	snprintf(host, sizeof host, POD ":6060", s->pod);
	o.id = strcmp(s->view, "goroutine") == 0 ? 1 : 0;
	if (tui_dump(&o, false, &out, &e) < 0)
		fail_msg("%s: %s", s->view, e.text);
	buf_putc(&out, '\0');
	if (!strstr(out.p, s->want))
		fail_msg("%s at %s after '%s': no '%s' in\n%s", s->view, s->size, s->keys, s->want, out.p);
	buf_release(&out);
}

static void expect_all(const struct seen *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		expect_screen(&s[i]);
}

/* Which filter is on, and how many rows it left, is on the screen in every view. */
static void a_filter_is_seen(void **state)
{
	static const struct seen seen[] = {
		{"host", "80x24", 7, "&select<Enter>", "  & select  2 of "},
		{"host", "120x40", 7, "&select<Enter>", "  & select  2 of "},
		{"host", "80x24", 7, "&select background sleep chan<Enter>", "~ sleep chan  0 of 28 "},
		{"locks", "80x24", 7, "&sync<Enter>", "  & sync  "},
		{"locks", "80x24", 7, "<Enter>", "& wait_object == 0x"},
		{"leaks", "80x24", 7, "&select<Enter>", " leak suspects  & select  0 of 73 "},
		{"overview", "80x24", 7, "s&0002<Enter>", " all hosts (5) by at T  & 0002  5 of 24 "},
		{"overview", "80x24", 7, "s&000<Enter>", " hosts, row 8 by at T  & 000  24 of 24 "},
		{"overview", "120x30", 7, "s&000<Enter>", " all hosts (row 8 of 24) by at T  & 000  24 of 24 "},
		{"goroutine", "80x24", 7, "", "-00007~.svc:6060 > g1 main.main "},
	};

	(void)state;
	expect_all(seen, sizeof seen / sizeof *seen);
}

/* The chart's title keeps its number; with another pod's dots over it, whose they are. */
static void a_title_keeps_its_number(void **state)
{
	static const struct seen seen[] = {
		{"overview", "80x24", 7, "", "7~6060   T 16:43:33 = 408 (-5 in 30s)\n"},
		{"overview", "80x24", 7, "Cj", " = 408 - o checkout-~6b5d-00007\n"},
		{"overview", "80x24", GONE, "Ck", ": no sample at T; first 16:43:03 - o checkout-"},
		{"overview", "80x24", GONE - 1, "Cj", ": no sample at T -"},
	};

	(void)state;
	expect_all(seen, sizeof seen / sizeof *seen);
}

/* Frames that do not fit are counted in the rule above them, however long the state is. */
static void frames_below_are_told(void **state)
{
	static const struct seen seen[] = {
		{"goroutine", "80x24", 7, "", "-- 16:43:33 IO wait for 30s --------------- 11 frames ~0 +0 -0 vs prev, 3 below\n"},
		{"goroutine", "60x20", 7, "", "-- 11 frames ~0 +0 -0, 5 below\n"},
		{"goroutine", "48x20", 7, "", "-- 16:43:33 IO wait for 30s - ~0 +0 -0, 5 below\n"},
		{"goroutine", "40x16", 7, "", " --- 3 below\n"},
	};

	(void)state;
	expect_all(seen, sizeof seen / sizeof *seen);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_filter_is_seen), cmocka_unit_test(a_title_keeps_its_number),
		cmocka_unit_test(frames_below_are_told),
	};

	return cmocka_run_group_tests(tests, make_store, NULL);
}

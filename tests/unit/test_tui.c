/* SPDX-License-Identifier: MIT */
/*
 * The terminal without a terminal: a golden screen of every view, with the styles as a second plane; what must hold at any
 * size in any glyphs; any keys at any time.
 *
 * GOLDEN=write makes the golden screens anew; look at them before you commit them.
 */
#include <gscrape/gzip.h>
#include <gscrape/index.h>
#include <gscrape/tui.h>
#include <tui/glyphs.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

static char db[256];

static int make_store(void **state)
{
	struct index_options o = {.paths = (const char *[]){"tests/data/series"}, .n_paths = 1, .db = db, .jobs = 1};
	struct index_totals t;
	struct err e;
	const char *tmp = getenv("TMP");

	(void)state;
	snprintf(db, sizeof db, "%s/tui.db", tmp ? tmp : "/tmp");
	unlink(db);
	return index_run(&o, &t, &e);
}

static struct tui_options options(const char *view, const char *size, const char *glyphs)
{
	return (struct tui_options){.db = db, .view = view, .host = "127.0.0.1:6060", .size = size, .glyphs = glyphs,
				    .at = 1795451100000 /* 16:25:00 */, .base = NO_TIME, .no_state = true};
}

struct screen {
	const char *name, *view, *host, *keys;
	uint64_t id;
	int64_t at;
};

static const struct screen screens[] = {
	{"overview", "overview", NULL, "", 0, 0},
	{"overview-gap", "overview", "127.0.0.1:2379", "zz", 0, 1795450790000},
	{"host", "host", NULL, "je", 0, 0},
	{"host-state", "host", "127.0.0.1:12019", "vvv", 0, 1795452061000},
	{"host-open", "host", "127.0.0.1:2019", "EsS", 0, 1795450520000},
	{"goroutine", "goroutine", NULL, "", 1, 0},
	{"goroutine-family", "goroutine", "127.0.0.1:16060", "<Tab>jn", 50, 1795452139000},
	{"goroutine-changed", "goroutine", "127.0.0.1:16060", "z[", 50, 1795452141000},
	{"goroutine-gone", "goroutine", "127.0.0.1:2019", "", 1, 1795450490000},
	{"functions", "functions", NULL, "fmain.fe<Enter><Enter>", 0, 0},
	{"functions-created", "functions", "127.0.0.1:2019", "fhttp.\x14<Tab><Tab><Enter>j<Enter>&state:io alive<Enter>ss", 0, 1795450520000},
	{"leaks", "leaks", NULL, "", 0, 0},
	{"locks", "locks", NULL, "", 0, 0},
	{"help", "goroutine", NULL, "?", 1, 0},
};
static bool same_as_golden(const char *name, const struct buf *got)
{
	char path[300];
	struct buf want = {0};
	struct err e;
	bool same;

	snprintf(path, sizeof path, "tests/tui/golden/%s.txt", name);
	if (getenv("GOLDEN")) {
		assert_int_equal(file_write(path, got->p, got->n, &e), 0);
		return true;
	}
	if (file_read(path, &want, FILE_MAX, &e) < 0) {
		print_error("%s\n", e.text);
		return false;
	}
	same = want.n == got->n && memcmp(want.p, got->p, want.n) == 0;
	if (!same)
		print_error("%s differs:\n%.*s\n", path, (int)got->n, got->p);
	buf_release(&want);
	return same;
}

static void dump_screen(const struct screen *sc, const char *size, const char *glyphs, bool styles, struct buf *out)
{
	struct tui_options o = options(sc->view, size, glyphs);
	struct err e = {0};

	o.keys = sc->keys;
	o.id = sc->id;
	o.host = sc->host ? sc->host : o.host;
	o.at = sc->at ? sc->at : o.at;
	if (tui_dump(&o, styles, out, &e) < 0)
		fail_msg("%s: %s", sc->name, e.text);
}

static void golden_screens(void **state)
{
	size_t bad = 0;

	(void)state;
	for (size_t i = 0; i <= sizeof screens / sizeof *screens; i++) {
		const struct screen *sc = &screens[i ? i - 1 : 0];
		struct buf out = {0};
		char name[100];

		dump_screen(sc, "80x24", i ? "blocks" : "ascii", true, &out); /* the first one in both */
		snprintf(name, sizeof name, "%s%s", sc->name, i ? "" : "-ascii");
		bad += !same_as_golden(name, &out);
		buf_release(&out);
	}
	assert_int_equal(bad, 0);
}

/* Where a word of the column names ends; 0: it is not in the line. */
static size_t end_of(const char *line, size_t n, const char *word)
{
	const char *at = memmem(line, n, word, strlen(word));

	return at ? (size_t)(at - line) + strlen(word) : 0;
}

/* Below the name of a column of numbers each row ends at the same place, as far as there are rows. The rows seen. */
static size_t check_column(const char *screen, const char *name, const char *what)
{
	size_t end = 0, rows = 0;

	for (const char *l = screen; *l; l += strcspn(l, "\n"), l += *l == '\n') {
		size_t n = strcspn(l, "\n");

		if (!end) {
			end = end_of(l, n, name);
			continue;
		}
		if (!l[n + 1] || n < end || l[1] == '-' || strncmp(l + 1, "time cursor", 11) == 0)
			break;
		if (l[end - 1] == ' ') /* no value, or a line of a group's member */
			continue;
		if (!strchr("0123456789-", l[end - 1]) || (l[end] && !strchr(" !\n", l[end])))
			fail_msg("%s: %s is not in its column in '%.*s'", what, name, (int)n, l);
		rows++;
	}
	return rows;
}

static void columns_are_aligned(void **state)
{
	static const struct { const char *view, *column; } columns[] = {
		{"overview", "LAST"}, {"overview", "AT T"}, {"host", "COUNT"}, {"functions", "EVER"}, {"functions", "AT T"},
	};
	static const char *const sizes[] = {"80x24", "160x48", "300x60", "72x20"};

	(void)state;
	for (size_t i = 0; i < sizeof columns / sizeof *columns; i++) {
		for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
			struct screen sc = {.name = columns[i].view, .view = columns[i].view, .keys = ""};
			struct buf out = {0};

			dump_screen(&sc, sizes[s], "ascii", false, &out);
			buf_putc(&out, '\0');
			assert_true(check_column(out.p, columns[i].column, sizes[s]) > 0);
			buf_release(&out);
		}
	}
}

/* A number that is cut at its head is another number. In titles of panes "~1" is a count of changes. */
static void no_number_is_cut(void **state)
{
	static const char *const sizes[] = {"40x10", "60x16", "80x24", "120x40", "160x48", "300x60"};
	static const char *const tiers[] = {"ascii", "blocks"};

	(void)state;
	for (size_t i = 0; i < sizeof screens / sizeof *screens; i++) {
		for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
			struct buf out = {0};

			dump_screen(&screens[i], sizes[s], tiers[s % 2], false, &out);
			buf_putc(&out, '\0');
			for (const char *l = out.p; *l; l += strcspn(l, "\n"), l += *l == '\n') {
				size_t n = strcspn(l, "\n");
				const char *cut = memchr(l, '~', n);
				size_t digits = cut ? strspn(cut + 1, "0123456789,") : 0;

				if (digits && cut > l && cut[-1] == ' ' && strncmp(cut + 1 + digits, " +", 2) != 0 &&
				    strncmp(cut + 1 + digits, " changed", 8) != 0)
					fail_msg("%s at %s: '%.*s'", screens[i].name, sizes[s], (int)n, l);
			}
			buf_release(&out);
		}
	}
}

/* Every line is as wide as the screen at most, and there are as many as asked for. */
static void sizes_hold(void **state)
{
	static const int ws[] = {1, 2, 5, 39, 40, 41, 59, 80, 119, 120, 200}, hs[] = {1, 2, 9, 10, 11, 15, 16, 20, 24, 47, 60};

	(void)state;
	for (size_t i = 0; i < sizeof ws / sizeof *ws; i++) {
		for (size_t k = 0; k < sizeof hs / sizeof *hs; k++) {
			for (size_t v = 0; v < sizeof screens / sizeof *screens; v++) {
				char size[32] = "";
				struct tui_options o = options(screens[v].view, size, "ascii");
				struct buf out = {0};
				struct err e;
				int lines = 0;
				size_t at = 0;

				snprintf(size, sizeof size, "%dx%d", ws[i], hs[k]);
				o.id = screens[v].id;
				assert_int_equal(tui_dump(&o, false, &out, &e), 0);
				for (size_t p = 0; p < out.n; p++) {
					if (out.p[p] != '\n')
						continue;
					assert_true((int)(p - at) <= ws[i]);
					at = p + 1;
					lines++;
				}
				assert_int_equal(lines, hs[k]);
				buf_release(&out);
			}
		}
	}
}

/* Keys by the thousand, the same each run. What they lead to must draw; nothing else is asked. */
static void any_keys(void **state)
{
	static const char *const odd[] = {"<Enter>", "<Esc>", "<Tab>", "<Left>", "<Right>", "<Up>", "<Down>", "<PgDn>", "<PgUp>", "<Home>",
					  "<End>", "<Backspace>", "<Space>", "t50%<Enter>", "t-10m<Enter>", "#1<Enter>", "#999999<Enter>",
					  "&main<Enter>", "/http<Enter>", "fconn<Enter>", ":zoom-in<Enter>", "ma", "'a", "yi", "ys", "yu", "1",
					  "2", "3", "4", "5", "?", "x", "d", "f\022con+<Enter>", "f\022[<Enter>",
					  "fserve<Tab><Enter>", "f\024<Esc>", "&state:io !id:1<Enter>", "&alive<Enter>", "&<Enter>", "<Tab>n", "<Tab>N"};
	static const char plain[] = "hljkgGzZ|[]{}(),.0$<>usSveEwOHLpcJKrAnNT~RFa ";
	uint32_t seed = 7;

	(void)state;
	for (int round = 0; round < 60; round++) {
		struct buf keys = {0}, out = {0};
		struct err e = {0};
		char size[32] = "";
		struct tui_options o = options("overview", size, "blocks");

		snprintf(size, sizeof size, "%ux%u", 1 + (seed >> 8) % 170, 1 + (seed >> 16) % 60);
		for (int i = 0; i < 60; i++) {
			seed = seed * 1664525u + 1013904223u;
			if ((seed >> 10) % 3 == 0)
				buf_adds(&keys, odd[(seed >> 12) % (sizeof odd / sizeof *odd)]);
			else if (plain[(seed >> 12) % (sizeof plain - 1)] == '<')
				buf_adds(&keys, "<lt>");
			else
				buf_putc(&keys, plain[(seed >> 12) % (sizeof plain - 1)]);
		}
		o.keys = keys.p;
		if (tui_dump(&o, false, &out, &e) < 0)
			fail_msg("%s: %s", keys.p, e.text);
		assert_true(out.n > 0);
		buf_release(&keys);
		buf_release(&out);
	}
}

/* The row that is marked with '>' after the keys. */
static void expect_row(const char *view, const char *size, const char *keys, const char *want)
{
	struct tui_options o = options(view, size, "ascii");
	struct buf out = {0};
	struct err e;
	const char *row;

	o.id = 1;
	o.keys = keys;
	assert_int_equal(tui_dump(&o, false, &out, &e), 0);
	buf_putc(&out, '\0');
	row = strstr(out.p, "\n>");
	if (!row)
		row = strstr(out.p, "\n >");
	if (!row || !memmem(row, strcspn(row + 1, "\n") + 1, want, strlen(want)))
		fail_msg("%s after %s: no '%s' in\n%s", view, keys, want, out.p);
	buf_release(&out);
}

static void rows_are_found(void **state)
{
	(void)state;
	expect_row("goroutine", "80x24", "/accept<Enter>", ").Accept");
	expect_row("goroutine", "80x24", "/accept<Enter>n", ").accept");
	expect_row("goroutine", "80x24", "/accept<Enter>nN", ").Accept");
	expect_row("host", "80x24", "/newpool<Enter>", "main.new");
	expect_row("leaks", "80x24", "/main.fetch<Enter>", "fetch.func1");
	expect_row("functions", "80x24", "<PgDn>", "main.deep"); /* a page is what is on the screen */
}

/* O: the pane that has the keys takes the screen, and gives it back. */
static void a_pane_takes_the_screen(void **state)
{
	static const char *const views[] = {"overview", "host", "goroutine", "functions"};

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		struct tui_options o = options(views[i], "80x24", "ascii");
		struct buf plain = {0}, once = {0}, twice = {0};
		struct err e;

		o.id = 1;
		assert_int_equal(tui_dump(&o, true, &plain, &e), 0);
		o.keys = "O";
		assert_int_equal(tui_dump(&o, true, &once, &e), 0);
		o.keys = "OO";
		assert_int_equal(tui_dump(&o, true, &twice, &e), 0);
		assert_true(plain.n != once.n || memcmp(plain.p, once.p, plain.n) != 0);
		assert_true(plain.n == twice.n && memcmp(plain.p, twice.p, plain.n) == 0);
		buf_release(&plain);
		buf_release(&once);
		buf_release(&twice);
	}
	expect_row("goroutine", "60x16", "<Tab>O", "g8"); /* too small for the children otherwise */
}

/* Where nothing is known of a host no view has a number of it, and each says why. */
static void what_is_not_known_is_said(void **state)
{
	static const struct { const char *view, *at, *want, *never; } rows[] = {
		/* its process was down from 16:18:32 to 16:20 */
		{"overview", "16:19:50", "T 16:19:50: no sample at T; last 16:18:31, 1m19s ago", "= 264"},
		{"host", "16:19:50", "no sample at T; last 16:18:31, 1m19s ago", "groups  "},
		{"goroutine", "16:19:50", "16:19:50 no sample at T; last 16:18:31, 1m19s ago", "gone"},
		{"functions", "16:19:50", "- at T", "0 at T"},
		{"leaks", "16:19:50", "leak suspects, all hosts (7), as of 16:43:33", "as of 16:19"},
		/* of the day before, as the window ends at 16:43 */
		{"overview", "23:50", "T is 2026-11-22 23:50:00", "T is 2026-11-23"},
		{"overview", "16:19:50", "T 16:19:50", "T is"},
		/* both ends are the first one */
		{"overview", "16:17:45", "nothing to compare with: the one snapshot of 16:17:38 is both ends", "(+"},
		{"host", "16:17:45", "    -", "+0"},
		/* before the first sample, after the last */
		{"overview", "16:10:00", "no sample at T; first 16:17:38", "(+"},
		{"host", "16:10:00", "no sample at T; first 16:17:38", "in 0 groups"},
		{"goroutine", "16:10:00", "no sample at T; first 16:17:38", "not born"},
		{"host", "16:43:00", "no sample at T; last", " in 1"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct tui_options o = options(rows[i].view, "100x30", "ascii");
		struct buf out = {0};
		struct err e = {0};
		char keys[64];

		o.host = "127.0.0.1:2379";
		o.id = 1;
		snprintf(keys, sizeof keys, "%st%s<Enter>", strcmp(rows[i].view, "functions") == 0 ? "f\x14<Enter>" : "", rows[i].at);
		o.keys = keys;
		assert_int_equal(tui_dump(&o, false, &out, &e), 0);
		buf_putc(&out, '\0');
		if (!strstr(out.p, rows[i].want) || strstr(out.p, rows[i].never))
			fail_msg("%s at %s: no '%s', or '%s' in\n%s", rows[i].view, rows[i].at, rows[i].want, rows[i].never, out.p);
		buf_release(&out);
	}
}

/* What the columns have no room for stands below them. */
static void names_are_whole_somewhere(void **state)
{
	static const struct { const char *view, *size, *keys, *want; } rows[] = {
		{"locks", "80x24", "", "\n     7|######################################\n"},
		{"locks", "120x40", "", "-- waiters over time, most at once: 7 --"},
		{"host", "80x24", "jjj", "created by net/http.(*Server).Serve  server.go:3464 "},
		{"host", "80x24", "jjj", "in net/http.(*conn).serve  server.go:"},
		{"host", "80x24", "jjj", " http.(*S~rve:3464 conn.serve\n"}, /* the line of a go statement is never cut */
		{"host", "80x24", "w", "\n      created by main.fetch  main.go:49  in main.fetch.func1  main.go:50\n"},
		{"host", "80x24", "LLjjj", " r).Serve:3464 net/http.(*co~\n"}, /* scrolled they are whole */
		{"leaks", "80x24", "L", " main.main.func7\n"}, /* what fits is not moved */
		{"leaks", "80x24", "LLLLLLLLL", "n).writeLoop\n"}, /* nor anything beyond its end */
		{"functions", "80x24", "LL", " main.fetch.func1\n"},
		{"leaks", "80x24", "", "leak 127.0.0.1:16060: go in main.(*shop).quote main.go:57, since 16:40:23"},
		{"leaks", "48x20", "", "-- 127.0~:16060: go in main.~.quote main.go:57 "},
		{"leaks", "80x24", "w", "\n      127.0.0.1:16060: go in main.(*shop).quote  main.go:57\n"},
		{"functions", "80x24", "fnosuch<Enter>", "server.go:88)\n"},
		{"functions", "80x24", "fnosuch<Enter>", "goroutines: no function is selected"},
		{"overview", "80x24", "", "http.(*connRe~ndRead.gowrap2 by http.(*connR~tBackgroundRead runnable"},
		{"leaks", "120x30", "", " main.func7  127.0.0.1:6060\n"},
		{"leaks", "80x24", "", "only their use tells\n                    them apart\n"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct screen sc = {.name = rows[i].view, .view = rows[i].view, .keys = rows[i].keys};
		struct buf out = {0};

		dump_screen(&sc, rows[i].size, "ascii", false, &out);
		buf_putc(&out, '\0');
		if (!strstr(out.p, rows[i].want))
			fail_msg("%s after '%s': no '%s' in\n%s", rows[i].view, rows[i].keys, rows[i].want, out.p);
		buf_release(&out);
	}
}

/* Whose goroutines leak is seen at once: on top, and the first one selected, until another order is chosen or a host is asked for. */
static void suspects_are_on_top(void **state)
{
	static const struct { const char *host, *keys, *want; } rows[] = {
		{NULL, "", "\n>127.0.0.1:6060 "}, {NULL, "", "!\n 127.0.0.1:16060 "}, {NULL, "", "!\n 127.0.0.1:2019 "},
		{NULL, "ssss", "\n>127.0.0.1:2019 "}, {NULL, "s", " by at T "}, {"127.0.0.1:2379", "", "\n>127.0.0.1:2379 "},
		{NULL, "&2019<Enter>&<Enter>", "\n>127.0.0.1:2019 "}, {NULL, "&!6060<Enter>", "\n>127.0.0.1:2019 "},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct tui_options o = options("overview", "80x24", "ascii");
		struct buf out = {0};
		struct err e;

		o.host = rows[i].host;
		o.keys = rows[i].keys;
		assert_int_equal(tui_dump(&o, false, &out, &e), 0);
		buf_putc(&out, '\0');
		if (!strstr(out.p, rows[i].want))
			fail_msg("after '%s': no '%s' in\n%s", rows[i].keys, rows[i].want, out.p);
		buf_release(&out);
	}
}

/* Prompts complete with nothing typed, and say what could be typed where there is no list of it; help has no key that does nothing. */
static void prompts_tell(void **state)
{
	static const struct { const char *view, *keys, *want, *never; } rows[] = {
		{"overview", ":<Tab>", " stats map report export\n", "SIGNS"},
		{"overview", ":set source <Tab>", ":set source                                             FROM=TO, or - for none\n", "source -"},
		{"overview", ":set source -leaky=/x<Enter>", "a lone - takes it away", "is -leaky"},
		{"overview", ":set source a=/x<Enter>:set source <Tab>", ":set source a=/x", "FROM"},
		{"overview", ":mark <Tab>", " a b c d e f g ", "nothing"},
		{"overview", ":mark a<Enter>:mark <Tab>", "   b c d e f g ", "a b c"},
		{"overview", ":goto-mark <Tab>", "no mark begins so: m and a letter set one", "nothing"},
		{"overview", "#<Tab>", " 1 ", "nothing begins"},
		{"host", "t16:40<Enter>#<Tab>", "nobody is known at T: digits look everywhere", "nothing begins"},
		{"overview", "?", "117x12s samples, each 12s", "scroll text"},
		{"overview", "?", "? no sample", "scroll text"},
		{"locks", "?", "open who", "two lines a row"},
		{"locks", "?", "open who", "next pane"},
		{"functions", "?", "next pane", "two lines a row"},
		{"goroutine", "?", "stack changed once", "SIGNS"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct screen sc = {.name = rows[i].view, .view = rows[i].view, .keys = rows[i].keys, .id = 1};
		struct buf out = {0};

		dump_screen(&sc, rows[i].keys[0] == '?' ? "80x60" : "80x24", "ascii", false, &out);
		buf_putc(&out, '\0');
		if (!strstr(out.p, rows[i].want) || strstr(out.p, rows[i].never))
			fail_msg("%s after '%s': no '%s', or '%s' in\n%s", rows[i].view, rows[i].keys, rows[i].want, rows[i].never, out.p);
		buf_release(&out);
	}
}

/* From view 4's list to a goroutine that is there by what is known at T: T stays, behind the host's last sample as it was. */
static void t_stays(void **state)
{
	struct screen sc = {.name = "functions", .view = "functions", .host = "127.0.0.1:16060", .keys = "fmain.main<Enter><Enter>&host:16060<Enter><Enter>", .at = 1795452216000};
	struct buf out = {0};

	(void)state;
	dump_screen(&sc, "80x24", "ascii", false, &out);
	buf_putc(&out, '\0');
	if (!strstr(out.p, " > g1 main.main") || !strstr(out.p, "-- 16:43:36 IO wait"))
		fail_msg("T went in\n%s", out.p);
	buf_release(&out);
}

/* Of many children those that are there come first. */
static void who_is_there_comes_first(void **state)
{
	struct screen sc = {.name = "goroutine", .view = "goroutine", .host = "127.0.0.1:6060", .keys = "", .id = 377, .at = 1795451528000 /* 16:32:08 */};
	struct buf out = {0};
	const char *children;

	(void)state;
	dump_screen(&sc, "80x40", "ascii", false, &out);
	buf_putc(&out, '\0');
	children = strstr(out.p, "\n-- children ");
	if (!children || strncmp(strchr(children + 1, '\n') + 1, " *g", 3) != 0)
		fail_msg("no child that is there in\n%s", out.p);
	buf_release(&out);
}

/* Where rows are of several hosts each is named, at any width; and what they are sorted by. */
static void hosts_are_named(void **state)
{
	static const struct { const char *view, *size, *keys, *want; } rows[] = {
		{"leaks", "40x20", "", " 127.~:6060 "}, {"leaks", "60x20", "", " 127.0.0.1:16060 "}, {"leaks", "80x24", "", " 127.0.0.1:29090 select "},
		{"leaks", "100x24", "", " 127.0.0.1:29090 "}, {"leaks", "120x30", "", " 127.0.~:29090\n"},
		{"leaks", "80x24", "", "BLOCKED IN       by score\n"}, {"leaks", "80x24", "s", "by AT T\n"},
		{"functions", "40x20", "fconn.serve<Enter>", " 127.0.~1:16060"}, {"functions", "80x24", "fconn.serve<Enter>", " 127.0.0.1:6060 "},
		{"functions", "100x24", "fconn.serve<Enter>", " 127.0.0.1:6060 "},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct screen sc = {.name = rows[i].view, .view = rows[i].view, .keys = rows[i].keys};
		struct buf out = {0};

		dump_screen(&sc, rows[i].size, "ascii", false, &out);
		buf_putc(&out, '\0');
		if (!strstr(out.p, rows[i].want))
			fail_msg("%s %s after '%s': no '%s' in\n%s", rows[i].view, rows[i].size, rows[i].keys, rows[i].want, out.p);
		buf_release(&out);
	}
}

/* Of one goroutine nothing stands between 1 and 0. */
static void few_have_few_numbers(void **state)
{
	struct screen sc = {.view = "overview", .keys = "/1:6060<Enter>&id == 1<Enter>"};
	struct buf out = {0};
	size_t zeros = 0;

	(void)state;
	dump_screen(&sc, "80x24", "ascii", false, &out);
	buf_putc(&out, '\0');
	for (const char *p = out.p; (p = strstr(p, "\n     0|")) != NULL; p++)
		zeros++;
	assert_int_equal(zeros, 1);
	assert_non_null(strstr(out.p, "\n     1|"));
	buf_release(&out);
}

/* A window between two samples says so, and its times are told apart. */
static void a_short_window(void **state)
{
	static const struct { const char *view, *keys, *want, *never; } rows[] = {
		{"overview", "/1:6060<Enter>t16:32:30<Enter>zzzzzzzzzzzz", " no sample in this window (Z: a longer one, |: all)\n", " 0x"},
		{"overview", "/1:6060<Enter>t16:32:30<Enter>zzzzzzzzzzzz", " no sample  T 16:32:30\n", "16:32..16:32"},
		{"overview", "/1:6060<Enter>t16:32:30<Enter>zzzzzzzzzzzzz", "       16:32:2", "nothing else"},
		{"host", "t16:32:30<Enter>zzzzzzzzzzzz", " no sample in this window", "nothing else"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct screen sc = {.name = rows[i].view, .view = rows[i].view, .keys = rows[i].keys};
		struct buf out = {0};

		dump_screen(&sc, "80x24", "ascii", false, &out);
		buf_putc(&out, '\0');
		if (!strstr(out.p, rows[i].want) || strstr(out.p, rows[i].never))
			fail_msg("%s after '%s': no '%s', or '%s' in\n%s", rows[i].view, rows[i].keys, rows[i].want, rows[i].never, out.p);
		buf_release(&out);
	}
}

/* Panes take the rows that lists leave. */
static void a_large_screen_is_used(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof screens / sizeof *screens; i++) {
		struct buf out = {0};
		int empty = 0;

		if (strcmp(screens[i].name, "host") != 0 && strcmp(screens[i].name, "leaks") != 0 && strcmp(screens[i].name, "locks") != 0)
			continue;
		dump_screen(&screens[i], "160x48", "ascii", false, &out);
		for (size_t k = 1; k < out.n; k++)
			empty += out.p[k] == '\n' && out.p[k - 1] == '\n';
		if (empty > 6)
			fail_msg("%s: %d empty rows in\n%.*s", screens[i].name, empty, (int)out.n, out.p);
		buf_release(&out);
	}
}

/* A cell tells seven heights apart at least, whichever characters are chosen. */
static void no_glyphs_are_coarse(void **state)
{
	(void)state;
	for (int i = 0; i < GLYPHS_MAX; i++)
		assert_true(glyph_table[i].levels >= 7);
}

static void wrong_requests(void **state)
{
	struct tui_options o = options("nonsense", "80x24", "ascii");
	struct buf out = {0};
	struct err e;

	(void)state;
	assert_int_equal(tui_dump(&o, false, &out, &e), -2);
	assert_non_null(strstr(e.text, "overview"));
	o = options("overview", "80", "ascii");
	assert_int_equal(tui_dump(&o, false, &out, &e), -2);
	o = options("overview", "80x24", "ascii");
	o.host = "127.0.0.1:606";
	assert_int_equal(tui_dump(&o, false, &out, &e), -1);
	assert_non_null(strstr(e.text, "127.0.0.1:6060"));
	o.db = "/nonexistent/x.db";
	assert_int_equal(tui_dump(&o, false, &out, &e), -1);
	buf_release(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(golden_screens), cmocka_unit_test(columns_are_aligned), cmocka_unit_test(no_number_is_cut),
		cmocka_unit_test(sizes_hold),	   cmocka_unit_test(any_keys),
		cmocka_unit_test(rows_are_found), cmocka_unit_test(a_pane_takes_the_screen),
		cmocka_unit_test(what_is_not_known_is_said), cmocka_unit_test(wrong_requests), cmocka_unit_test(no_glyphs_are_coarse), cmocka_unit_test(names_are_whole_somewhere), cmocka_unit_test(hosts_are_named), cmocka_unit_test(a_short_window), cmocka_unit_test(few_have_few_numbers), cmocka_unit_test(a_large_screen_is_used),
		cmocka_unit_test(suspects_are_on_top), cmocka_unit_test(prompts_tell),
		cmocka_unit_test(t_stays), cmocka_unit_test(who_is_there_comes_first),
	};

	return cmocka_run_group_tests(tests, make_store, NULL);
}

/* SPDX-License-Identifier: MIT */
/* Every form a dump has taken: one row per form, text and the JSON it must give. The rows follow the Go runtime's history. */
#include <gscrape/dump.h>
#include <gscrape/unwrap.h>

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#define F "\nmain.f()\n\t/a.go:1 +0x1\n"
#define FJ "\"frames\":[{\"func\":\"main.f\",\"file\":\"/a.go\",\"line\":1,\"args\":\"\"}],\"elided\":0}"
#define H(id, state, rest) "{\"id\":" #id ",\"state\":\"" state "\"" rest ","
#define NO ",\"locked\":false,\"leaked\":false"

static const struct {
	const char *text, *json;
} forms[] = {
	/* headers */
	{"goroutine 1 [running]:" F, H(1, "running", NO) FJ},
	{"goroutine 5 [chan receive, 6883 minutes]:" F, H(5, "chan receive", ",\"minutes\":6883" NO) FJ},
	{"goroutine 5 [chan receive, 1 minutes]:" F, H(5, "chan receive", ",\"minutes\":1" NO) FJ},
	{"goroutine 2 [running, locked to thread]:" F, H(2, "running", ",\"locked\":true,\"leaked\":false") FJ},
	{"goroutine 2 [select, 12 minutes, locked to thread]:" F, H(2, "select", ",\"minutes\":12,\"locked\":true,\"leaked\":false") FJ},
	{"goroutine 3 [select (scan)]:" F, H(3, "select", NO) FJ},
	{"goroutine 3 [IO wait (scan), 3 minutes]:" F, H(3, "IO wait", ",\"minutes\":3" NO) FJ},
	{"goroutine 3 [select (no cases)]:" F, H(3, "select (no cases)", NO) FJ},
	{"goroutine 3 [chan receive (nil chan), 2 minutes]:" F, H(3, "chan receive (nil chan)", ",\"minutes\":2" NO) FJ},
	{"goroutine 3 [GC worker (idle), 3 minutes]:" F, H(3, "GC worker (idle)", ",\"minutes\":3" NO) FJ},
	{"goroutine 0 [idle]:" F, H(0, "idle", NO) FJ},
	{"goroutine 1 gp=0xc000002380 m=0 mp=0x5f5100 [running]:" F, H(1, "running", NO) FJ},
	{"goroutine 1 gp=0xc000002380 m=nil [chan send]:" F, H(1, "chan send", NO) FJ},
	{"goroutine 9 [running, synctest group 18]:" F, H(9, "running", NO ",\"bubble\":18") FJ},
	{"goroutine 9 [sleep (synctest)]:" F, H(9, "sleep (synctest)", NO) FJ},
	{"goroutine 9 [select (durable), synctest bubble 1]:" F, H(9, "select", NO ",\"durable\":true,\"bubble\":1") FJ},
	{"goroutine 9 [chan receive (leaked)]:" F, H(9, "chan receive", ",\"locked\":false,\"leaked\":true") FJ},
	{"goroutine 9 [chan receive (leaked) (scan)]:" F, H(9, "chan receive", ",\"locked\":false,\"leaked\":true") FJ},
	{"goroutine 9 [running labels:{\"foobar\": \"baz\"}]:" F, H(9, "running", NO ",\"labels\":{\"foobar\":\"baz\"}") FJ},
	{"goroutine 9 [running] {pattern: \"GET /panic\"}:" F, H(9, "running", NO ",\"labels\":{\"pattern\":\"GET /panic\"}") FJ},
	{"goroutine 9 [select, 2 minutes] {a: \"x]y}, z: \\\"q\\\"\", k: , b: c}:" F,
	 H(9, "select", ",\"minutes\":2" NO ",\"labels\":{\"a\":\"x]y}, z: \\\"q\\\"\",\"k\":\"\",\"b\":\"c\"}") FJ},
	{"goroutine 9 [select] {\"uni\": \"sch\\u00f6n \\U0001f600\\x41\\xff\\u12\\\\u00f6\"}:" F,
	 H(9, "select", NO ",\"labels\":{\"uni\":\"sch\xc3\xb6n \xf0\x9f\x98\x80" "A\\\\xff\\\\u12\\\\u00f6\"}") FJ},
	{"goroutine 9 [select] {\"k\": \"a\\u00\"}:" F, H(9, "select", NO ",\"labels\":{\"k\":\"a\\\\u00\"}") FJ},
	{"goroutine 9 [select] {n: 42}:" F, H(9, "select", NO ",\"labels\":{\"n\":\"42\"}") FJ},
	{"goroutine 9 [???]:" F, H(9, "???", NO) FJ},
	/* around the text */
	{"    goroutine 1 [running]:\n    main.f()\n    \t/a.go:1 +0x1\n", H(1, "running", NO) FJ},
	{"goroutine 1 [running]:\r\nmain.f()\r\n\t/a.go:1 +0x1\r\n", H(1, "running", NO) FJ},
	{"goroutine 1 [running]:\nmain.f()\n        /a.go:1 +0x1\n", H(1, "running", NO) FJ},
	{"panic: a\nmore of it\n\ngoroutine 1 [running]:" F "\nrax    0x0\nexit status 2\n", H(1, "running", NO) FJ},
	{"SIGQUIT: quit\nPC=0x1 m=0 sigcode=0\n\ngoroutine 1 [running]:" F "\n-----\n", H(1, "running", NO) FJ},
	{"goroutine 7 [running]:\n\tgoroutine running on other thread; stack unavailable\n",
	 H(7, "running", NO) "\"frames\":[{\"func\":\"goroutine running on other thread; stack unavailable\"}],\"elided\":0}"},
	{"goroutine 7 [runnable]:\n", H(7, "runnable", NO) "\"frames\":[],\"elided\":0}"},
};

/* One frame: its two lines, and function, arguments, file and line. */
static const struct {
	const char *text, *func, *args, *file;
	uint32_t line;
} frames[] = {
	{"main.f(0x1, 0xc000, ...)\n\t/a.go:12 +0x1a", "main.f", "0x1, 0xc000, ...", "/a.go", 12},
	{"main.f(0x1, {0xc000012345, 0x3}, _, {{...}, 0x5?}, ...)\n\t/a.go:12 +0x1a", "main.f", "0x1, {0xc000012345, 0x3}, _, {{...}, 0x5?}, ...", "/a.go", 12},
	{"main.f(...)\n\t/a.go:12", "main.f", "...", "/a.go", 12},
	{"net/http.(*conn).serve(0x1)\n\t/a.go:12 +0x1a", "net/http.(*conn).serve", "0x1", "/a.go", 12},
	{"main.(*T[...]).M(0x1)\n\t/a.go:12 +0x1a", "main.(*T[...]).M", "0x1", "/a.go", 12},
	{"main.F[...](0x1)\n\t/a.go:12 +0x1a", "main.F[...]", "0x1", "/a.go", 12},
	{"main.main.func1.2()\n\t/a.go:12 +0x1a", "main.main.func1.2", "", "/a.go", 12},
	{"main.glob..func1()\n\t/a.go:12 +0x1a", "main.glob..func1", "", "/a.go", 12},
	{"main.(*T).M-fm()\n\t/a.go:12 +0x1a", "main.(*T).M-fm", "", "/a.go", 12},
	{"main.f.func2-range1(0x1)\n\t/a.go:12 +0x1a", "main.f.func2-range1", "0x1", "/a.go", 12},
	{"main.func1\xc2\xb7""dwrap\xc2\xb7""1()\n\t/a.go:12 +0x1a", "main.func1\xc2\xb7""dwrap\xc2\xb7""1", "", "/a.go", 12},
	{"gopkg.in/yaml%2ev3.(*parser).parse(0x1)\n\t/a.go:12 +0x1a", "gopkg.in/yaml%2ev3.(*parser).parse", "0x1", "/a.go", 12},
	{"github.com/0xERR0R/blocky/server.f(0x1)\n\t/a.go:12 +0x1a", "github.com/0xERR0R/blocky/server.f", "0x1", "/a.go", 12},
	{"panic({0x46d160, 0x494b80})\n\t/a.go:12 +0x1a", "panic", "{0x46d160, 0x494b80}", "/a.go", 12},
	{"main.f()\n\tC:/Users/x/p.go:693 +0x9f", "main.f", "", "C:/Users/x/p.go", 693},
	{"main.f()\n\t_cgo_gotypes.go:56 +0x9f", "main.f", "", "_cgo_gotypes.go", 56},
	{"main.f()\n\t<autogenerated>:1 +0x9f", "main.f", "", "<autogenerated>", 1},
	{"main.f()\n\t??:0 +0x9f", "main.f", "", "??", 0},
	{"runtime.goexit({})\n\t/r/asm_amd64.s:1695 +0x1", "runtime.goexit", "{}", "/r/asm_amd64.s", 1695},
	{"main.f()\n\ta/b@v1.2.3/x.go:9 +0x1", "main.f", "", "a/b@v1.2.3/x.go", 9},
	{"main.f()\n\t/with blank/a.go:9 +0x1", "main.f", "", "/with blank/a.go", 9},
	{"main.f()\n\t/a.go:9 +0x1 fp=0xc00 sp=0xc01 pc=0x4", "main.f", "", "/a.go", 9},
	{"main.f()\n\t/a.go:9 ", "main.f", "", "/a.go", 9},
	{"non-Go function at pc=0x7f0001", "non-Go function at pc=0x7f0001", NULL, "", 0},
	{"non-Go function\n\t/c/x.c:4 pc=0x7f0001", "non-Go function", NULL, "/c/x.c", 4},
	{"something odd without parentheses", "something odd without parentheses", NULL, "", 0},
};

static void every_header(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
		struct dump d = {.text = str_of(forms[i].text)};
		struct buf b = {0};
		struct jw j = {.out = &b};

		assert_true(dump_next(&d));
		dump_json(&j, &d.g);
		buf_putc(&b, '\0');
		assert_string_equal(b.p, forms[i].json);
		assert_false(dump_next(&d));
		buf_release(&b);
		dump_release(&d);
	}
}

static void same(struct str got, const char *want)
{
	if (!str_eq(got, str_of(want)))
		fail_msg("'%.*s' is not '%s'", (int)got.n, got.p, want);
}

static void every_frame(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof frames / sizeof *frames; i++) {
		struct buf b = {0};
		struct dump d = {0};

		buf_addf(&b, "goroutine 1 [running]:\n%s\n\n", frames[i].text);
		d.text = (struct str){b.p, b.n};
		assert_true(dump_next(&d));
		assert_int_equal(d.g.n_frames, 1);
		same(d.g.frames[0].func, frames[i].func);
		assert_int_equal(d.g.frames[0].args.p == NULL, frames[i].args == NULL);
		if (frames[i].args)
			same(d.g.frames[0].args, frames[i].args);
		same(d.g.frames[0].file, frames[i].file);
		assert_int_equal(d.g.frames[0].line, frames[i].line);
		dump_release(&d);
		buf_release(&b);
	}
}

static void creation_and_ancestors(void **state)
{
	struct dump d = {.text = STR("goroutine 9 [select]:\nmain.f()\n\t/a.go:1 +0x1\ncreated by main.(*T).run in goroutine 4\n\t/b.go:2 +0x1\n"
				     "[originating from goroutine 4]:\nmain.(*T).run(...)\n\t/b.go:2 +0x1\ncreated by main.main\n\t/c.go:3 +0x1\n"
				     "goroutine 10 [select]:\nmain.g()\n\t/a.go:1 +0x1\ncreated by main.old\n\t/b.go:2 +0x1\n")};

	(void)state;
	assert_true(dump_next(&d));
	same(d.g.created_by.func, "main.(*T).run");
	assert_int_equal(d.g.parent, 4);
	assert_int_equal(d.g.n_frames, 1);
	assert_int_equal(d.g.n_ancestors, 1);
	assert_int_equal(d.g.ancestors[0].goroutine, 4);
	assert_int_equal(d.g.ancestors[0].n, 2); /* its frame and its own creation site */
	assert_true(dump_next(&d)); /* no blank line between */
	same(d.g.created_by.func, "main.old");
	assert_int_equal(d.g.parent, 0);
	dump_release(&d);
}

static void elided(void **state)
{
	struct dump d = {.text = STR("goroutine 9 [select]:\nmain.f()\n\t/a.go:1 +0x1\n...61 frames elided...\nmain.g()\n\t/a.go:2 +0x1\n\n"
				     "goroutine 10 [select]:\nmain.f()\n\t/a.go:1 +0x1\n...additional frames elided...\ncreated by main.m\n\t/a.go:3\n")};

	(void)state;
	assert_true(dump_next(&d));
	assert_int_equal(d.g.elided, 61);
	assert_int_equal(d.g.n_frames, 3);
	assert_int_equal(d.g.frames[1].kind, FRAME_ELIDED);
	assert_true(dump_next(&d));
	assert_int_equal(d.g.elided, 1);
	same(d.g.created_by.func, "main.m");
	dump_release(&d);
}

static void rootless(void **state)
{
	struct buf b = {0};
	struct dump d = {0};

	(void)state;
	buf_adds(&b, "goroutine 9 [select]:\n");
	for (int i = 0; i < 97; i++)
		buf_adds(&b, "main.deep(...)\n\t/a.go:1 +0x1\n");
	buf_adds(&b, "created by main.main\n\t/a.go:3 +0x1\n\n");
	d.text = (struct str){b.p, b.n};
	assert_true(dump_next(&d));
	assert_true(d.g.rootless);
	dump_release(&d);
	buf_release(&b);
}

static void skipped_is_counted(void **state)
{
	struct dump d = {.text = STR("2026/11/23 a line of a log\n\ngoroutine 9 [select]:\nmain.f()\n\t/a.go:1 +0x1\n\nanother one\n")};

	(void)state;
	assert_true(dump_next(&d));
	assert_false(dump_next(&d));
	assert_int_equal(d.skipped_lines, 2);
	assert_false(d.cut);
	dump_release(&d);
}

/* Where a block ends: the text behind the one frame main.f, and how many frames and skipped lines that makes. */
static const struct {
	const char *behind;
	size_t frames, skipped;
} ends[] = {
	{"created by main.g\n\t/a.go:2 +0x1\n2026/11/23 the next request\nmain.h()\n\t/a.go:3 +0x1\n", 1, 3},
	{"created by main.g in goroutine 4\n\t/a.go:2 +0x1\nGET /x (200)\n\n", 1, 1},
	{"2026/11/23 a line in between\nmain.h()\n\t/a.go:3 +0x1\n", 3, 0},
	{"2026/11/23 the program runs on (or not)\n2026/11/23 and on\n", 1, 2},
	{"exit status 2\n", 1, 0},
	{"1\n2\n3\n4\n5\n6\n7\n8\n9\nmain.h()\n\t/a.go:3 +0x1\n", 1, 11},
	{"main.(*struct { net.Conn }).Read(0x1)\n\t<autogenerated>:1 +0x1\n", 2, 0},
	{"main.cut(0x1)\n", 2, 0},
	{"goroutine 12 started\n", 1, 1},
	{"goroutine 12 [worker] started\n", 1, 1},
};

static void where_a_block_ends(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
		struct buf b = {0};
		struct dump d = {0};

		buf_addf(&b, "goroutine 1 [running]:\nmain.f(0x1)\n\t/a.go:1 +0x1\n%s", ends[i].behind);
		d.text = (struct str){b.p, b.n};
		assert_true(dump_next(&d));
		if (d.g.n_frames != ends[i].frames)
			fail_msg("%zu frames with '%s'", d.g.n_frames, ends[i].behind);
		assert_false(dump_next(&d));
		if (d.skipped_lines != ends[i].skipped)
			fail_msg("%zu lines skipped of '%s'", d.skipped_lines, ends[i].behind);
		dump_release(&d);
		buf_release(&b);
	}
}

/* A server's log behind the panic of one request. */
static void a_log_is_no_stack(void **state)
{
	struct buf b = {0};
	struct dump d = {0};

	(void)state;
	buf_adds(&b, "http: panic serving [::1]:50622: boom\ngoroutine 18 [running]:\nmain.f(0x1)\n\t/a.go:1 +0x1\n");
	for (int i = 0; i < 200000; i++)
		buf_addf(&b, "2026/11/23 10:00:00 GET /orders/%d (200)\n", i);
	d.text = (struct str){b.p, b.n};
	assert_true(dump_next(&d));
	assert_int_equal(d.g.n_frames, 1);
	assert_false(dump_next(&d));
	assert_int_equal(d.skipped_lines, 200001);
	dump_release(&d);
	buf_release(&b);
}

static void no_header(void **state)
{
	static const char *const lines[] = {
		"goroutine 12 started", "goroutine 12 is working on job [7]", "goroutine 1595446618 lock 0xc00048e7d0", "goroutine [running]:",
		"goroutine 1[running]:", "goroutine x [running]:", "goroutine 3 [chan rec", "goroutine 99999999999999999999999 [running]:",
		"Goroutine 7 (running) created at:", "goroutine 12 [worker] started",
	};
	struct dump_header h;

	(void)state;
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
		if (dump_header(str_of(lines[i]), &h))
			fail_msg("a header? '%s'", lines[i]);
	assert_true(dump_header(STR("goroutine  1  [running]"), &h)); /* as a page or a chat leaves it */
	assert_int_equal(h.id, 1);
	assert_true(dump_header(STR("goroutine 1 [running] something new:"), &h));
}

static void sniffing(void **state)
{
	static const struct {
		const char *text;
		enum dump_kind kind;
	} texts[] = {
		{"goroutine 1 [running]:\n", DUMP_GOROUTINES},  {"\n\n  goroutine 1 [x]:\n", DUMP_GOROUTINES},
		{"panic: x\n\ngoroutine 1 [running]:\n", DUMP_GOROUTINES}, {"goroutine profile: total 14\n", DUMP_DEBUG1},
		{"\x1f\x8b\x08", DUMP_GZIP}, {"<!DOCTYPE html>", DUMP_HTML}, {"<HTML>", DUMP_HTML}, {"{\"a\":1}", DUMP_JSON},
		{"", DUMP_EMPTY}, {" \n", DUMP_EMPTY}, {"WARNING: DATA RACE\nRead at 0x1 by goroutine 7:\n", DUMP_RACE}, {"hello", DUMP_UNKNOWN},
		{"goroutine 12 started\ngoroutine 13 started\n", DUMP_UNKNOWN},
		{"\xef\xbb\xbfgoroutine 1 [x]:\n", DUMP_GOROUTINES}, {"goroutine 7 [worker]: done\n", DUMP_UNKNOWN},
	};

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		assert_int_equal(dump_sniff(texts[i].text, strlen(texts[i].text)), texts[i].kind);
	assert_int_equal(dump_sniff_answer(STR("\xef\xbb\xbf\ngoroutine 1 [x]:\n").p, 22), DUMP_GOROUTINES);
	assert_int_equal(dump_sniff_answer(STR("panic: x\n\ngoroutine 1 [x]:\n").p, 28), DUMP_LOG);
	assert_int_equal(dump_sniff(NULL, 0), DUMP_EMPTY);
	assert_int_equal(dump_debug1_total("goroutine profile: total 14\n", 28), 14);
	assert_int_equal(dump_debug1_total("goroutine 1 [x]:", 16), -1);
}

/* A log that says what it is only behind so much else that a pipe brings it later. */
static void in_pieces(void **state)
{
	static const size_t pieces[] = {1, 4096, 100000};
	struct buf log = {0};

	(void)state;
	for (int i = 0; i < 200; i++)
		buf_adds(&log, "2026-11-23T10:00:00Z GET /index.php 200\n");
	buf_adds(&log, "WARNING: DATA RACE\nRead at 0x1 by goroutine 7:\n");
	for (size_t k = 0; k < sizeof pieces / sizeof *pieces; k++) {
		struct unwrap *u = unwrap_new(NULL);
		struct unwrapped out;

		for (size_t i = 0; i < log.n; i += pieces[k])
			unwrap_feed(u, log.p + i, log.n - i < pieces[k] ? log.n - i : pieces[k]);
		unwrap_end(u, &out);
		assert_int_equal(out.kind, DUMP_RACE);
		unwrapped_release(&out);
	}
	buf_release(&log);
}

static void families(void **state)
{
	static const struct {
		const char *state, *top;
		char letter;
	} rows[] = {
		{"chan receive", NULL, 'C'}, {"chan send (nil chan)", NULL, 'C'}, {"select (no cases)", NULL, 'S'}, {"IO wait", NULL, 'I'},
		{"sync.Mutex.Lock", NULL, 'L'}, {"sync.WaitGroup.Wait", NULL, 'W'}, {"sync.Cond.Wait", NULL, 'W'}, {"sleep", NULL, 'Z'},
		{"syscall", NULL, 'Y'}, {"running", NULL, 'R'}, {"runnable", NULL, 'R'}, {"GC worker (idle)", NULL, 'G'},
		{"semacquire", "sync.runtime_SemacquireMutex", 'L'}, {"semacquire", "sync.(*WaitGroup).Wait", 'W'},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct str top = str_of(rows[i].top);

		assert_int_equal(family_letter(dump_family(str_of(rows[i].state), &top, rows[i].top != NULL)), rows[i].letter);
	}
}

static void names(void **state)
{
	struct buf b = {0};

	(void)state;
	same(func_package(STR("net/http.(*conn).serve")), "net/http");
	same(func_package(STR("gopkg.in/yaml%2ev3.(*parser).parse")), "gopkg.in/yaml%2ev3");
	func_display(&b, STR("gopkg.in/yaml%2ev3.(*parser).parse"));
	assert_string_equal(b.p, "gopkg.in/yaml.v3.(*parser).parse");
	buf_reset(&b);
	func_short(&b, STR("internal/sync.(*Mutex).Lock"));
	assert_string_equal(b.p, "internal/sync.(*Mutex).Lock");
	buf_reset(&b);
	func_short(&b, STR("internal/poll.(*FD).Read"));
	assert_string_equal(b.p, "poll.(*FD).Read");
	buf_reset(&b);
	func_short(&b, STR("github.com/jackc/pgx/v5.(*Conn).Query"));
	assert_string_equal(b.p, "pgx/v5.(*Conn).Query");
	buf_release(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_header), cmocka_unit_test(every_frame), cmocka_unit_test(creation_and_ancestors),
		cmocka_unit_test(elided),	cmocka_unit_test(rootless),    cmocka_unit_test(skipped_is_counted),
		cmocka_unit_test(where_a_block_ends), cmocka_unit_test(a_log_is_no_stack), cmocka_unit_test(no_header),
		cmocka_unit_test(sniffing),	cmocka_unit_test(families),    cmocka_unit_test(names),
		cmocka_unit_test(in_pieces),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
/* The scanner against the whole parser, on real dumps, on every cut of one, and on damaged ones; and what it remembers. */
#include "../fuzz/fuzz_dump.c"
#include <dirent.h>
#include <gscrape/gzip.h>

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

static void try_bytes(const char *p, size_t n)
{
	LLVMFuzzerTestOneInput((const uint8_t *)p, n); /* aborts when they differ */
}

static size_t each_file(const char *dir, void (*fn)(const char *p, size_t n))
{
	DIR *d = opendir(dir);
	struct buf b = {0};
	size_t n = 0;

	for (struct dirent *f; d && (f = readdir(d));) {
		char path[600];

		if (f->d_name[0] == '.' || (!strstr(f->d_name, ".txt") && !strstr(f->d_name, ".gz")))
			continue;
		snprintf(path, sizeof path, "%s/%s", dir, f->d_name);
		assert_true(file_read(path, &b, FILE_MAX, NULL) >= 0);
		fn(b.p, b.n);
		n++;
	}
	if (d)
		closedir(d);
	buf_release(&b);
	return n;
}

static void real_dumps(void **state)
{
	(void)state;
	assert_true(each_file("tests/data/single", try_bytes) > 5);
}

static uint32_t random_next(uint32_t *s)
{
	*s = *s * 1664525u + 1013904223u;
	return *s >> 8;
}

/* Bytes turned, lines doubled or dropped, the end cut: the same damage each run. */
static void damage(const char *p, size_t n)
{
	static const char odd[] = "\n\r\t (){}[]:,.\"\\0123456789abcgoroutine created by \0\x80";
	uint32_t seed = (uint32_t)n;

	if (n > 20000)
		n = 20000;
	for (int round = 0; round < 60 && n; round++) {
		struct buf b = {0};
		size_t at = random_next(&seed) % n, len = random_next(&seed) % 200;

		buf_add(&b, p, n);
		for (int k = 0; k < 1 + round % 8; k++)
			b.p[random_next(&seed) % n] = odd[random_next(&seed) % sizeof odd];
		if (round % 3 == 1 && at + len < n)
			memmove(b.p + at, b.p + at + len, n - at - len);
		if (round % 3 == 1 && at + len < n)
			b.n -= len;
		if (round % 5 == 2)
			b.n = at;
		try_bytes(b.p, b.n);
		buf_release(&b);
	}
}

static void damaged_dumps(void **state)
{
	(void)state;
	assert_true(each_file("tests/data/single", damage) > 5);
}

static const char two[] = "goroutine 1 [running]:\nmain.main()\n\t/a.go:3 +0x1\n\n"
			  "goroutine 7 [select (no cases), 2 minutes, locked to thread]:\nmain.f(0x1, {0xc000, ...})\n\t/b c.go:30 +0x22\n"
			  "created by main.main in goroutine 1\n\t/a.go:9 +0x44\n";

/* Headers that only some Go versions and options write, and a log behind a creation site. */
static const char odd[] = "goroutine 5 gp=0xc000002380 m=nil [chan send (leaked)]:\nmain.main()\n\t/a.go:3 +0x1 fp=0x1 sp=0x2 pc=0x3\n"
			  "goroutine 6 [select (no cases) (scan)] {path: \"GET /x]}\", k: }:\nmain.main()\n\t/a.go:3 +0x1\n\n"
			  "goroutine 7 [select (durable), 2 minutes, synctest bubble 4]:\nmain.f(0x1)\n\t/a.go:9\ncreated by main.g\n\t/g.go:4 +0x1\n"
			  "2026/11/23 GET / (200)\ngoroutine 8 started\ngoroutine 8 [running labels:{\"a\": \"b\"}]:\nmain.f(0x1)\n\t/a.go:9\n"
			  "a line\nmain.g()\n\t/a.go:10 +0x1\n[originating from goroutine 1]:\nmain.main()\n\t/a.go:1 +0x1\n";

static void every_cut(void **state)
{
	(void)state;
	for (size_t n = 0; n < sizeof two; n++)
		try_bytes(two, n);
	for (size_t n = 0; n < sizeof odd; n++)
		try_bytes(odd, n);
}

/* Labels longer than what is kept of a header, or than a header whose length is kept: recognised, and a changed one is seen. */
/* A byte order mark is one where the text begins, and nowhere else. */
static void marks(void **state)
{
	static const char *const texts[] = {
		"\xef\xbb\xbfgoroutine 1 [running]:\nmain.a()\n\t/a.go:1 +0x1\n",
		"goroutine 1 [runnino]:\nmain.a()\n\t/a\x01go:8\n\xef\xbb\xbfgoroutine 2 [running]:\nmain.b()\n\t/b.go:1\n",
		"\xef\xbb\xbf\xef\xbb\xbfgoroutine 1 [running]:\nmain.a()\n\t/a.go:1 +0x1\n\ngoroutine 2 [running]:\nmain.a()\n\t/a.go:1\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		try_bytes(texts[i], strlen(texts[i]));
}

static void long_header(int digits)
{
	static const char form[] = "goroutine 3 [select, %d minutes] {request: \"%0*d\"}:\nmain.f()\n\t/a.go:1 +0x1\n\n";
	struct symtab *t = symtab_new();
	struct scanner *sc = scanner_new(t);
	struct previous *m = previous_new();
	struct scan_result r;
	uint32_t labels = 0;

	for (int i = 0; i < 4; i++) {
		struct buf b = {0};

		buf_addf(&b, form, 3, digits, i / 2);
		scan_text(sc, m, (struct str){b.p, b.n}, false, &r);
		assert_int_equal(r.n, 1);
		assert_int_equal(r.items[0].same_body, i > 0);
		assert_int_equal(r.items[0].minutes, 3);
		assert_int_equal(symtab_get_string(t, r.items[0].labels).n, digits + 11);
		assert_int_equal(r.items[0].labels == labels, i % 2);
		labels = r.items[0].labels;
		buf_release(&b);
	}
	previous_free(m);
	scanner_free(sc);
	symtab_free(t);
}

static void long_headers(void **state)
{
	(void)state;
	long_header(120);
	long_header(2000);
}

/* A body whose length is not kept is followed each time, and never said to be the same. */
static void long_bodies(void **state)
{
	struct symtab *t = symtab_new();
	struct scanner *sc = scanner_new(t);
	struct previous *m = previous_new();
	struct buf b = {0};

	(void)state;
	for (size_t frames = 100000; frames <= 200000; frames += 100000) { /* 2.6 and 5.2 MB */
		buf_reset(&b);
		buf_addf(&b, "goroutine 3 [select]:\n");
		for (size_t i = 0; i < frames; i++)
			buf_addf(&b, "main.f(0x1)\n\t/a.go:1 +0x1\n");
		for (int i = 0; i < 2; i++) {
			struct scan_result r;

			scan_text(sc, m, (struct str){b.p, b.n}, false, &r);
			assert_int_equal(r.n, 1);
			assert_int_equal(symtab_get_stack(t, r.items[0].stack).n, frames);
			assert_int_equal(r.items[0].same_body, i == 1 && frames == 100000);
		}
	}
	buf_release(&b);
	previous_free(m);
	scanner_free(sc);
	symtab_free(t);
}

struct fixture {
	struct symtab *t;
	struct scanner *sc;
	struct previous *m;
	struct scan_result r;
};

static void begin(struct fixture *f)
{
	f->t = symtab_new();
	f->sc = scanner_new(f->t);
	f->m = previous_new();
}

static void finish(struct fixture *f)
{
	previous_free(f->m);
	scanner_free(f->sc);
	symtab_free(f->t);
}

static void look(struct fixture *f, const char *text, bool keep)
{
	scan_text(f->sc, f->m, str_of(text), keep, &f->r);
}

#define G1 "goroutine 1 [select]:\nmain.a(0x1)\n\t/a.go:3 +0x1\n\n"
#define G1_ARGS "goroutine 1 [select]:\nmain.a(0x2)\n\t/a.go:3 +0x1\n\n"
#define G1_MINUTE "goroutine 1 [select, 1 minutes]:\nmain.a(0x1)\n\t/a.go:3 +0x1\n\n"
#define G1_LINE "goroutine 1 [select]:\nmain.a(0x1)\n\t/a.go:4 +0x1\n\n"
#define G2 "goroutine 2 [sync.Mutex.Lock]:\nsync.(*Mutex).lockSlow(0xc000010028)\n\t/m.go:3 +0x1\nmain.b()\n\t/b.go:1\n" \
	   "created by main.a in goroutine 1\n\t/a.go:9 +0x4\n\n"

static void remembers(void **state)
{
	struct fixture f;
	uint32_t slot;

	(void)state;
	begin(&f);
	look(&f, G1 G2, false);
	assert_int_equal(f.r.n, 2);
	assert_true(f.r.items[0].fresh && f.r.items[1].fresh);
	assert_int_equal(f.r.items[1].parent, 1);
	assert_int_equal(f.r.items[1].wait_object, 0xc000010028);
	slot = f.r.items[0].slot;
	look(&f, G1 G2, false);
	assert_true(f.r.items[0].same_body && f.r.items[1].same_body && !f.r.items[0].fresh);
	assert_int_equal(f.r.items[0].slot, slot);
	assert_int_equal(f.r.items[1].wait_object, 0xc000010028);
	look(&f, G1_ARGS G2, false);
	assert_true(f.r.items[0].args_moved && !f.r.items[0].same_body);
	look(&f, G1_MINUTE G2, false);
	look(&f, G1 G2, false); /* the minute is gone, the body is the same */
	assert_true(f.r.items[0].same_body && f.r.items[0].minutes == -1);
	look(&f, G1_LINE G2, false);
	assert_false(f.r.items[0].same_body);
	assert_false(f.r.items[0].args_moved); /* another stack, not other arguments */
	finish(&f);
}

static void gone_and_kept(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f);
	look(&f, G1 G2, false);
	look(&f, G2, true); /* a cut dump: 1 is only missing */
	assert_int_equal(f.r.n_gone, 0);
	look(&f, G1 G2, false);
	assert_false(f.r.items[0].fresh);
	look(&f, G2, false);
	assert_int_equal(f.r.n_gone, 1);
	assert_int_equal(f.r.gone_ids[0], 1);
	look(&f, G1 G2 G1, false); /* twice the same number: the first counts */
	assert_int_equal(f.r.n, 2);
	assert_int_equal(f.r.duplicate_ids, 1);
	assert_true(f.r.items[0].fresh);
	finish(&f);
}

static void doubtful_addresses(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f);
	look(&f, "goroutine 3 [sync.Mutex.Lock]:\nsync.(*Mutex).lockSlow(0xc000010028?)\n\t/m.go:3 +0x1\n\n"
		 "goroutine 4 [IO wait]:\ninternal/poll.runtime_pollWait(0x7f01, 0x72)\n\t/p.go:3 +0x1\n\n"
		 "goroutine 5 [select]:\nmain.f(0xc0005)\n\t/p.go:3 +0x1\n", false);
	assert_int_equal(f.r.items[0].wait_object, 0);
	assert_int_equal(f.r.items[1].wait_object, 0x7f01);
	assert_int_equal(f.r.items[2].wait_object, 0);
	finish(&f);
}

/* Thousands come and go: slots are used again, and nothing is mixed up. */
static void many_come_and_go(void **state)
{
	struct fixture f;
	struct buf b = {0};

	(void)state;
	begin(&f);
	for (int round = 0; round < 20; round++) {
		buf_reset(&b);
		for (int i = 0; i < 500; i++)
			buf_addf(&b, "goroutine %d [select]:\nmain.f%d()\n\t/a.go:%d +0x1\n\n", round * 250 + i + 1, i % 7, i % 7 + 1);
		look(&f, b.p, false);
		assert_int_equal(f.r.n, 500);
		assert_int_equal(f.r.n_gone, round ? 250 : 0);
		assert_int_equal(f.r.items[499].fresh, 1);
		assert_int_equal(f.r.items[0].fresh, round == 0);
	}
	assert_true(previous_slots(f.m) <= 1000);
	buf_release(&b);
	finish(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(real_dumps),	     cmocka_unit_test(damaged_dumps),	 cmocka_unit_test(every_cut),
		cmocka_unit_test(marks), cmocka_unit_test(long_headers), cmocka_unit_test(long_bodies),
		cmocka_unit_test(remembers),	     cmocka_unit_test(gone_and_kept),	 cmocka_unit_test(doubtful_addresses),
		cmocka_unit_test(many_come_and_go),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
